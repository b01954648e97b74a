"""A question asks, stands alone, hides its answer, and is answered by the sentence it was made from."""

import pytest

from finsmith.core.errors import TeacherReplyMalformed
from finsmith.generation.focus import Focus
from finsmith.generation.questions import check_question, polished

from .made import TEXT, passage

EVIDENCE = "다만 담보 평가가 필요한 경우에는 한 차례에 한하여 5영업일을 더할 수 있다."
FREE = Focus("number", EVIDENCE)
BY_RULE = Focus(
    "number", EVIDENCE, "", "5영업일", "담보 평가가 필요한 경우에는 한 차례에 한하여 몇 영업일을 더할 수 있는가?"
)
PASSAGE = passage(TEXT, headings=("제21조 심사 기한",))
GOOD = "담보 평가가 필요할 때 며칠을 더할 수 있는가?"


@pytest.mark.parametrize(
    "question",
    [
        GOOD,
        "한도를 넘는 대출은 누가 승인합니까?",
        "제21조에 따라 얼마나 더할 수 있나요?",  # a number of the heading
        "한도를 넘는 7영업일 뒤에는 무엇을 하는가?",
    ],
)
def test_a_good_question_passes(question):
    """Korean and English interrogatives ask; numbers of passage and headings may be used."""
    check_question(question, "5영업일", FREE, PASSAGE)


@pytest.mark.parametrize(
    ("question", "answer", "reason"),
    [
        ("며칠을 더할 수 있는지 고르시오.", "5영업일", "it asks nothing"),
        ("심사 기한을 더할 수 있는가?", "5영업일", "it asks nothing"),
        ("며칠을 더할 수 있다?", "5영업일", "it asks nothing"),
        ("사실을 왜곡하는가?", "5영업일", "it asks nothing"),
        ("지문에서 더할 수 있는 날은 며칠인가?", "5영업일", "leans on something unseen: '지문'"),
        ("위 표에서 더할 수 있는 날은 며칠인가?", "5영업일", "leans on something unseen: '위 표'"),
        ("5 영업일을 더하면 며칠인가?", "5영업일", "holds its own answer"),
        (GOOD, "10영업일", "'10영업일' does not stand in the sentence"),
        (GOOD, "5영업일 또는 10영업일", "does not stand in the sentence"),
        ("담보 평가가 필요할 때 며칠을 더할 수 있는?", "5영업일", "it asks nothing"),  # cut off
        ("How many days can be added?", "5영업일", "not in the language of the sentence"),
        ("30일 안에 며칠을 더할 수 있는가?", "5영업일", "numbers that are not in the passage: 30"),
    ],
)
def test_a_bad_question_is_malformed_with_its_reason(question, answer, reason):
    """Orders, statements, questions without interrogative, what leans on the unseen, tells its answer, or invents."""
    with pytest.raises(TeacherReplyMalformed) as caught:
        check_question(question, answer, FREE, PASSAGE)
    assert reason in str(caught.value)


def test_words_of_the_sentence_itself_are_nothing_unseen():
    """지문 is a fingerprint where the sentence is about one, and 상위 글로벌 holds 위 글."""
    focus = Focus("fact", "은행은 지문과 홍채로 상위 글로벌 고객을 확인하여야 한다.")
    check_question("상위 글로벌 고객의 지문은 누가 확인하는가?", "은행", focus, passage(focus.evidence))


def test_the_teachers_polish_is_taken_where_it_is_good():
    """A good wording replaces the rule's."""
    better = "담보를 평가해야 하면 몇 영업일을 더할 수 있는가?"
    assert polished(better, "5영업일", BY_RULE, PASSAGE) == better


@pytest.mark.parametrize(
    "question", ["5영업일을 더할 수 있는가?", "담보 평가가 필요한가?", "99일 가운데 며칠을 더할 수 있는가?"]
)
def test_a_bad_polish_leaves_the_question_by_rule(question):
    """Where the teacher's wording is no good the rule's own question stands, and nothing is asked again."""
    assert polished(question, "5영업일", BY_RULE, PASSAGE) == BY_RULE.question


def test_a_polish_that_loses_a_condition_in_numbers_is_not_taken():
    """The rule's question names 7영업일; a wording without it asks for something else."""
    evidence = "7영업일이 지나면 3만원을 물린다."
    focus = Focus("number", evidence, "", "3만원", "7영업일이 지나면 얼마를 물리는가?")
    assert polished("기한이 지나면 얼마를 내는가?", "3만원", focus, passage(evidence)) == focus.question
    kept = "7영업일이 지나면 얼마를 내야 하는가?"
    assert polished(kept, "3만원", focus, passage(evidence)) == kept


def test_without_a_rule_a_bad_question_is_malformed():
    """There is nothing to fall back on."""
    with pytest.raises(TeacherReplyMalformed, match="asks nothing"):
        polished("담보 평가가 필요한가?", "5영업일", FREE, PASSAGE)
