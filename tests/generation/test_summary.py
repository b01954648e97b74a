"""Summaries of a passage in several lengths, and of a section: what is asked for, taken and refused."""

import pytest

from finsmith.core.records import Example, Provenance
from finsmith.generation import summary

from .made import TEXT, Teacher, in_turn, material, passage, user_text

ONE = "심사 결과는 접수일부터 7영업일 안에 알린다."
TWO = "담보를 평가하면 5영업일을 더할 수 있다."
THREE = "기한은 한 차례만 늘린다."
LONG = f"{TEXT} " * 3


def talk(*replies, text=LONG, **settings):
    """What came of one passage, and what was asked."""
    source = passage(text)
    made = material([source], summary=settings)
    teacher = Teacher(in_turn(*replies))
    return teacher.drive(summary.talk(source, made)), teacher.asked


def test_a_good_reply_gives_one_example():
    """The sentence is the output, the passage the input; passage, prompt, model and call are kept."""
    made, (asked,) = talk({"sentences": [ONE]}, lengths=("one_sentence",))
    (example,) = made.examples
    assert example == Example(
        recipe="summary.one_sentence",
        instruction=example.instruction,
        input=LONG,
        output=ONE,
        provenance=Provenance(
            sources=(passage(LONG).id,),
            prompt_sha256=asked.prompt_sha256,
            model="teacher-large-2024-07-18",
            request_key=asked.key,
        ),
    )
    assert "한 문장" in example.instruction
    assert (made.asked, made.parsed, made.rejected) == (1, 1, [])


@pytest.mark.parametrize(
    ("length", "sentences", "output"),
    [
        ("one_sentence", [ONE], ONE),
        ("short", [ONE, TWO], f"{ONE} {TWO}"),
        ("short", [ONE, TWO, THREE], f"{ONE} {TWO} {THREE}"),
        ("bullets", [ONE, TWO, THREE], f"- {ONE}\n- {TWO}\n- {THREE}"),
    ],
)
def test_each_length_is_written_its_own_way(length, sentences, output):
    """Sentences stand in a row, points one a line."""
    made, _ = talk({"sentences": sentences}, lengths=(length,))
    assert [(e.recipe, e.output) for e in made.examples] == [(f"summary.{length}", output)]


@pytest.mark.parametrize(
    ("length", "reply", "reason"),
    [
        ("one_sentence", "심사 결과를 알린다.", "reply: Invalid JSON"),
        ("one_sentence", {"sentences": [ONE, TWO]}, "sentences: List should have at most 1"),
        ("short", {"sentences": [ONE]}, "sentences: List should have at least 2"),
        ("bullets", {"sentences": [ONE, TWO]}, "sentences: List should have at least 3"),
        ("short", {"sentences": [ONE, ONE]}, "a sentence stands twice"),
        ("one_sentence", {"sentences": ["심사 결과는 접수일부터 15영업일 안에 알린다."]}, "not in the passage: 15"),
        ("one_sentence", {"sentences": ["심사 결과를 기한 안에 알려야 하는가?"]}, "sentences.0: String should match"),
    ],
    ids=["prose", "two", "one", "two_points", "twice", "foreign_number", "no_statement"],
)
def test_a_bad_summary_is_asked_for_again_with_its_reason(length, reply, reason):
    """Too many sentences or too few, the same twice, numbers of its own: the second request names the fault."""
    good = {"sentences": [ONE, TWO, THREE][: {"one_sentence": 1, "short": 2, "bullets": 3}[length]]}
    made, asked = talk(reply, good, lengths=(length,))
    assert reason in user_text(asked[1])
    assert [(reject.mended, reason in reject.reason) for reject in made.rejected] == [(True, True)]
    assert len(made.examples) == 1


def test_a_summary_is_shorter_than_its_passage():
    """As long as the passage is too long; one character less is not."""
    text = f"{ONE} {TWO}"
    as_long = {"sentences": [ONE, TWO]}
    made, asked = talk(as_long, as_long, text=text, lengths=("short",))
    assert f"{len(text)} characters, more than {len(text) - 1}" in user_text(asked[1])
    assert made.examples == []
    made, _ = talk(as_long, text=f"{text} ", lengths=("short",))
    assert len(made.examples) == 1


@pytest.mark.parametrize(
    "text", ["| 부서 | 담당자 |\n| --- | --- |\n| 여신부 | 부장 |\n| 심사부 | 팀장 |", ONE, "제1장 총칙"]
)
def test_a_passage_that_says_too_little_is_not_summarised(text):
    """A table alone, one statement, or a heading: nothing is asked, and the most counts none."""
    made, asked = talk(text=text)
    assert (made.asked, asked) == (0, [])
    assert summary.most(material([passage(text)])) == 0


def test_lengths_are_drawn_for_each_passage():
    """`per_passage` different lengths of each; over passages all of them come first about as often."""
    sentences = {"one_sentence": [ONE], "short": [ONE, TWO], "bullets": [ONE, TWO, THREE]}

    def lengths(number, count):
        source = passage(f"{LONG} {number}")
        made = material([source], summary={"per_passage": count})
        hows = {"한 문장으로": "one_sentence", "두세 문장으로": "short", "짧은 문장 셋으로": "bullets"}
        teacher = Teacher(lambda r: {"sentences": sentences[next(n for how, n in hows.items() if how in user_text(r))]})
        return [e.recipe.partition(".")[2] for e in teacher.drive(summary.talk(source, made)).examples]

    firsts = [length for number in range(60) for length in lengths(number, 1)]
    assert {length: firsts.count(length) > 8 for length in sentences} == dict.fromkeys(sentences, True)
    assert sorted(lengths(0, 3)) == sorted(lengths(0, 9)) == sorted(sentences)


def section_of(tokens, section_tokens, *replies):
    """What came of the first of three passages of a section, and of the second; and all that was asked."""
    parts = [passage(f"{LONG} 제{n}항.", tokens=tokens, headings=("제2장", f"제{n}절")) for n in (1, 2, 3)]
    made = material(parts, summary={"lengths": ("one_sentence",), "section_tokens": section_tokens})
    teacher = Teacher(in_turn(*replies))
    first = teacher.drive(summary.talk(parts[0], made))
    return parts, first, teacher.drive(summary.talk(parts[1], made)), teacher.asked


def test_a_whole_section_is_summarised_with_its_first_passage():
    """The section's text is its passages' in order, all of them are its sources, and the others do not ask again."""
    one, whole = {"sentences": [ONE]}, {"sentences": [ONE, TWO, THREE]}
    parts, first, second, asked = section_of(100, 300, one, whole, one)
    assert [e.recipe for e in first.examples] == ["summary.one_sentence", "summary.section"]
    section = first.examples[1]
    assert section.input == "\n".join(p.text for p in parts)
    assert section.provenance.sources == asked[1].sources == tuple(p.id for p in parts)
    assert "200자" in section.instruction
    assert "[제2장]" in user_text(asked[1])
    assert "[제2장 > 제1절]" in user_text(asked[0])
    assert [e.recipe for e in second.examples] == ["summary.one_sentence"]


def test_a_section_over_the_token_limit_is_left_out():
    """Three passages of 100 tokens do not fit in 299; 0 turns sections off."""
    for limit in (299, 0):
        _, first, _, _ = section_of(100, limit, {"sentences": [ONE]}, {"sentences": [ONE]})
        assert [e.recipe for e in first.examples] == ["summary.one_sentence"]


def test_a_section_summary_keeps_its_length_in_characters():
    """Over `section_chars` it is asked for again."""
    long = {"sentences": ["가" * 69 + ".", "나" * 69 + ".", "다" * 69 + "."]}  # 212 characters
    good = {"sentences": [ONE, TWO, THREE]}
    _, first, _, asked = section_of(100, 300, {"sentences": [ONE]}, long, good, {"sentences": [ONE]})
    assert "212 characters, more than 200" in user_text(asked[2])
    assert first.examples[1].output == f"{ONE} {TWO} {THREE}"


def test_the_most_counts_lengths_of_all_passages_and_sections_that_fit():
    """Two of three lengths for each of four passages, and one section of two that fits: nine."""
    parts = [passage(f"{LONG} {n}", tokens=100 * n, headings=(heading,)) for n, heading in enumerate("가가나나", 1)]
    assert summary.most(material(parts, summary={"per_passage": 2, "section_tokens": 300})) == 9
    assert summary.most(material(parts, summary={"per_passage": 5})) == 12
