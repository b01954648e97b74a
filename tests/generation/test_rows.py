"""Rows are drawn evenly from the tasks that are named, by seed and by themselves."""

from collections import Counter

from finsmith.generation.rows import draw_rows

from .made import material, row

DEFINITIONS = [row(f"뜻 {n}", "답", recipe="glossary_qa.definition") for n in range(9)]
ENGLISH = [row(f"영어 {n}", "답", recipe="glossary_qa.english") for n in range(2)]
TASKS = [row(f"과제 {n}", "답", recipe="self_instruct.task") for n in range(9)]
ROWS = [*DEFINITIONS, *ENGLISH, *TASKS]


def drawn(of, count, rows=ROWS, purpose="evolve", seed=11):
    return draw_rows(material(rows=rows, seed=seed), purpose, of, count)


def test_rows_are_taken_by_family_or_by_task_and_no_others():
    """A family's name takes all its tasks, a task's name only that one."""
    assert Counter(r.recipe for r in drawn(["glossary_qa"], 99)) == {
        "glossary_qa.definition": 9,
        "glossary_qa.english": 2,
    }
    assert {r.recipe for r in drawn(["glossary_qa.english"], 99)} == {"glossary_qa.english"}
    assert drawn(["glossary"], 99) == []
    assert drawn([], 99) == []


def test_tasks_are_taken_in_turn():
    """Of nine, two and nine rows, eight drawn are three, two and three."""
    assert Counter(r.recipe for r in drawn(["glossary_qa", "self_instruct"], 8)) == {
        "glossary_qa.definition": 3,
        "glossary_qa.english": 2,
        "self_instruct.task": 3,
    }


def test_the_draw_is_the_seeds_and_the_purposes():
    """Seed and purpose change the draw, the order of the rows does not."""
    one = drawn(["self_instruct"], 4)
    assert drawn(["self_instruct"], 4, rows=ROWS[::-1]) == one
    assert len({tuple(r.id for r in drawn(["self_instruct"], 4, seed=seed)) for seed in range(9)}) > 1
    assert drawn(["self_instruct"], 4, purpose="improve") != one


def test_a_new_row_takes_the_place_of_one_at_most():
    """With one row more, all but one of those drawn before are drawn again."""
    before = drawn(["self_instruct"], 4)
    for n in range(5):
        after = drawn(["self_instruct"], 4, rows=[*ROWS, row(f"새 과제 {n}", "답")])
        assert len({r.id for r in before} & {r.id for r in after}) >= 3
