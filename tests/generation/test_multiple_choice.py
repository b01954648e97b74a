"""What a multiple-choice reply becomes: a solving and a writing example, or a reason."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from finsmith.core.errors import TeacherReplyMalformed
from finsmith.core.records import Provenance
from finsmith.generation import multiple_choice
from finsmith.generation.prompting import prompt_sha256

from .made import ITEM, TEXT, generate_params, item_text, passage, reply_to

PARAMS = generate_params()
PASSAGE = passage()
(REQUEST,) = multiple_choice.build(PASSAGE, PARAMS)


def parse(text, finish_reason="stop", params=PARAMS):
    return multiple_choice.parse(reply_to(REQUEST, text, finish_reason), REQUEST, PASSAGE, params)


def test_a_good_reply_gives_a_solving_and_a_writing_example():
    """Both rest on the passage; the one asks the question, the other answers with it."""
    solve, write = parse(item_text())
    assert (solve.recipe, write.recipe) == ("multiple_choice.solve", "multiple_choice.write")
    assert solve.input == write.input == TEXT
    intro, question, *choices = (line for line in solve.instruction.split("\n") if line)
    assert intro == "다음 글을 읽고 물음에 알맞은 답을 고르세요."
    assert question == ITEM["question"]
    assert [choice[:3] for choice in choices] == ["A. ", "B. ", "C. ", "D. "]
    assert {choice[3:] for choice in choices} == {ITEM["answer"], *ITEM["distractors"]}
    right = next(choice for choice in choices if choice.endswith(" 5영업일"))
    assert solve.output == f"정답: {right}\n해설: {ITEM['explanation']}"
    assert write.instruction == "다음 글로 4지선다 문제를 하나 만들고 정답과 해설을 쓰세요."
    assert write.output == "\n".join([question, "", *choices, "", solve.output])


def test_both_examples_know_where_they_come_from():
    """Source passage, prompt hash, the model as the endpoint named it, and the request's key are kept."""
    expected = Provenance(
        sources=(PASSAGE.id,),
        prompt_sha256=prompt_sha256("multiple_choice"),
        model="teacher-large-2024-07-18",
        request_key=REQUEST.key,
    )
    assert [example.provenance for example in parse(item_text())] == [expected, expected]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("문제를 만들 수 없습니다.", "reply: Invalid JSON"),
        ("", "reply: Invalid JSON"),
        ("[]", "reply: Input should be an object"),
        (item_text()[:-40], "reply: Invalid JSON"),
        (item_text(answer=None), "answer: Field required"),
        (item_text(comment="참고"), "comment: Extra inputs"),
        (item_text(distractors=["3영업일", "7영업일"]), "distractors: List should have at least 3"),
        (
            item_text(distractors=["3영업일", "7영업일", "9영업일", "11영업일"]),
            "distractors: List should have at most 3",
        ),
        (item_text(distractors=["3영업일", "7영업일", 9]), "distractors.2: Input should be a valid string"),
        (item_text(answer="가" * 41), "answer: String should have at most 40"),
        (item_text(distractors=["3영업일", "3영업일", "7영업일"]), "four choices are not distinct"),
        (item_text(distractors=["5 영업일.", "3영업일", "7영업일"]), "four choices are not distinct"),
        (item_text(distractors=[" ", "3영업일", "7영업일"]), "one is empty"),
        (item_text(question="심사 기한은 며칠을 더할 수 있는지 고르시오."), "no question mark"),
        (item_text(question="담보 평가가 필요하면 5 영업일을 더할 수 있는가?"), "holds its own answer"),
    ],
    ids=[
        *("prose", "empty", "list", "cut_off", "no_answer", "extra", "two_distractors", "four_distractors"),
        *("number", "long_answer", "same", "same_but_for_spacing", "blank", "no_question_mark", "answer_in_question"),
    ],
)
def test_a_bad_reply_is_malformed_with_its_reason(text, reason):
    """A reply that is no item, or no fair question, is refused, and the message says what is wrong and where."""
    with pytest.raises(TeacherReplyMalformed) as caught:
        parse(text)
    assert reason in str(caught.value)


def test_a_reply_cut_off_at_its_length_is_malformed():
    """Half an item at the token limit is refused."""
    with pytest.raises(TeacherReplyMalformed):
        parse(item_text()[:60], finish_reason="length")


@pytest.mark.parametrize(
    ("answer", "distractors"),
    [
        ("3.5%", ["35%", "0.35%", "5.3%"]),
        ("AA+", ["AA", "AA-", "A+"]),
        ("+0.25%p", ["-0.25%p", "0.25%", "+0.50%p"]),
    ],
)
def test_choices_that_differ_by_a_point_or_a_sign_are_distinct(answer, distractors):
    """Decimal points, signs and ratings make a difference."""
    assert len(parse(item_text(answer=answer, distractors=distractors))) == 2


def test_the_same_reply_gives_the_same_examples():
    """Parsing twice gives equal examples, ids included; another seed may move the answer, and over seeds it does."""
    assert parse(item_text()) == parse(item_text())
    placed = {parse(item_text(), params=generate_params(seed=seed))[0].output[:5] for seed in range(40)}
    assert placed == {"정답: A", "정답: B", "정답: C", "정답: D"}


def test_the_answer_does_not_stay_where_the_teacher_put_it():
    """The teacher names its answer first; over 400 passages the letters are even by chi-square (p > 0.01)."""
    letters = Counter()
    for number in range(400):
        source = passage(f"{TEXT} {number}")
        (request,) = multiple_choice.build(source, PARAMS)
        solve, _ = multiple_choice.parse(reply_to(request, item_text()), request, source, PARAMS)
        letters[solve.output[4]] += 1
    assert set(letters) == set("ABCD")
    assert chisquare(list(letters.values())).pvalue > 0.01


@settings(max_examples=50)
@given(st.text(max_size=80))
def test_any_text_is_examples_or_a_reason(text):
    """No reply, however odd, raises anything but TeacherReplyMalformed."""
    with pytest.raises(TeacherReplyMalformed):
        parse(text)
