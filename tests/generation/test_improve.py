"""Rows answered anew: the new row names the old one, and an output that is no other is refused."""

import pytest

from finsmith.core.records import Example, Provenance
from finsmith.generation import improve

from .made import Teacher, generate_params, in_turn, material, row, user_text

ROW = row("예금과 적금의 차이를 설명하세요.", "예금은 한 번에, 적금은 나누어 넣습니다.", "고객은 대학생이다.")
GIVEN = "고객은 올해 입학한 대학생이며 매달 30만 원씩 두 해 동안 모으려 한다."
ASKED = "이 고객에게 맞는 상품을 고르고 그렇게 고른 까닭을 두 문장으로 설명하세요."
BETTER = "예금은 목돈을 한 번에 맡기고, 적금은 다달이 나누어 넣습니다."


def talk(*replies, of=ROW, **changes):
    teacher = Teacher(in_turn(*replies))
    made = teacher.drive(improve.talk(of, generate_params(**changes)))
    assert len(teacher.asked) == len(replies)
    return made, teacher.asked


def test_the_new_row_has_the_old_ones_question_and_names_it_as_its_parent():
    """Instruction, input and sources stay, the output is the reply to a prompt that shows the old one."""
    made, (asked,) = talk(BETTER)
    assert made.examples == [
        Example(
            recipe="improve.self_instruct",
            instruction=ROW.instruction,
            input=ROW.input,
            output=BETTER,
            provenance=Provenance(
                sources=("seed_001",),
                parents=(ROW.id,),
                prompt_sha256=asked.prompt_sha256,
                model="teacher-large-2024-07-18",
                request_key=asked.key,
            ),
        )
    ]
    assert all(part in user_text(asked) for part in (ROW.instruction, ROW.input, ROW.output))


def test_the_same_output_is_refused():
    """Said again but for spaces and marks, it is asked for once more; a second time it is no row."""
    same = "예금은 한번에 적금은 나누어 넣습니다"
    made, asked = talk(same, BETTER)
    assert "the output is the same as before" in user_text(asked[1])
    assert [e.output for e in made.examples] == [BETTER]
    made, _ = talk(same, same)
    assert (made.examples, [r.mended for r in made.rejected]) == ([], [False, False])


def test_an_output_in_another_language_is_refused():
    """English for Korean params is asked for once more."""
    made, asked = talk("A deposit is made once, savings month by month.", BETTER)
    assert "the text is not in the language 'ko'" in user_text(asked[1])
    assert [e.output for e in made.examples] == [BETTER]


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("죄송합니다. 도움을 드릴 수 없습니다.", "a refusal"),
        (ASKED.replace(" ", "  "), "repeats the instruction"),
        (GIVEN, "repeats the input"),
    ],
)
def test_an_output_that_answers_nothing_is_refused(output, reason):
    """A refusal, the instruction or the input said again."""
    made, asked = talk(output, BETTER, of=ROW.model_copy(update={"instruction": ASKED, "input": GIVEN}))
    assert reason in user_text(asked[1])
    assert [e.output for e in made.examples] == [BETTER]


def test_an_output_that_speaks_of_the_earlier_answer_is_refused():
    """Words of the prompt are no answer."""
    made, _ = talk("이미 쓴 답은 정확하고 완결된 답입니다.", BETTER)
    assert [e.output for e in made.examples] == [BETTER]
    assert "leaked into the answer: '이미 쓴 답'" in made.rejected[0].reason


def test_the_stronger_teacher_is_asked():
    """The section names the teacher, and the request goes to its model."""
    changes = {"teachers": {"strong": {"model": "teacher-giant"}}, "improve": {"teacher": "strong"}}
    _, (asked,) = talk(BETTER, **changes)
    assert (asked.teacher, asked.model) == ("strong", "teacher-giant")


def test_rows_of_the_named_recipes_are_taken():
    """Two of five, none of another recipe."""
    rows = [row(f"과제 {n}", "답") for n in range(5)] + [row("뜻?", "답", recipe="glossary_qa.definition")]
    made = material(rows=rows, improve={"max_rows": 2})
    assert len(list(improve.talks(made))) == 2
    assert improve.most(made) == 2
    assert list(improve.talks(material(rows=rows, improve={"of": ("summary",)}))) == []
