"""What rules say of answers from clues, with every count worked out by hand."""

import pytest
from rouge_score.rouge_scorer import RougeScorer
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from finsmith.core.answer_records import RagQuestion
from finsmith.evaluation.rag_answers import rag_answer, rag_answers, rag_metrics, share
from finsmith.korean.morphemes import morphemes

CLUES = (
    "온빛은행의 가계대출은 규제가 강화되어 1,500억원 감소했다.",
    "심사 결과는 접수일부터 7영업일 안에 영업점장이 알린다.",
    "담보는 서울에서 12개월마다 다시 평가한다.",
)
ASKED = RagQuestion(
    question="심사 결과는 접수일부터 며칠 안에 알리나요?",
    clues=CLUES,
    reference="심사 결과는 7영업일 안에 알립니다.",
    clue=2,
    key="7영업일",
    source="규정.pdf",
)
OTHER = ASKED.model_copy(update={"id": "", "question": "누가 알리나요?", "key": ""})
OTHER = RagQuestion.model_validate(OTHER.model_dump() | {"id": ""})
NONE = RagQuestion(
    question="금리는 얼마인가요?", clues=CLUES, reference="단서에 답이 없습니다.", clue=0, key="", source=""
)


def judged(answer, question=ASKED):
    return rag_answer(question, "adapter", answer, 0.5)


def test_a_right_answer_has_no_fault():
    """Its clue is the right one, it says the key, and all that it says stands in the clues."""
    one = judged("심사 결과는 접수일부터 7영업일 안에 알립니다. [단서 2]")
    assert (one.cited, one.right, one.refuses, one.says_nothing) == ((2,), True, False, False)
    assert one.is_claim and one.is_grounded


@pytest.mark.parametrize(
    ("answer", "faults"),
    [
        ("9영업일 안에 알립니다. [단서 2]", (("9영업일",), "", ())),
        ("부산에서 7영업일 안에 알립니다.", ((), "", ("부산",))),
        (
            "가계대출은 1,500억원 증가했습니다. [단서 1]",
            ((), "가계대출은 1,500억원 증가했습니다. / " + CLUES[0], ()),
        ),
    ],
)
def test_what_the_clues_do_not_say_is_named(answer, faults):
    """A figure, a name, or a direction of its own; the number of a clue is no figure."""
    one = judged(answer)
    assert (one.foreign_figures, one.against_direction, one.foreign_names) == faults
    assert not one.is_grounded


@pytest.mark.parametrize("clue", CLUES)
def test_all_three_clues_are_known(clue):
    """What any of them says is grounded, whichever holds the answer."""
    assert judged(clue).is_grounded
    other = RagQuestion.model_validate(ASKED.model_dump() | {"id": "", "clues": ("가",) * 3})
    assert not judged(clue, other).is_grounded


def test_what_the_question_says_is_known():
    """A figure and a name of the question may be in the answer."""
    question = RagQuestion.model_validate(ASKED.model_dump() | {"id": "", "question": "부산에서 30억원을 빌리면?"})
    assert judged("부산에서 30억원을 빌리면 7영업일 안에 알립니다.", question).is_grounded


@pytest.mark.parametrize("answer", ["제시된 단서에서는 9% 금리의 답을 찾을 수 없습니다.", "", " [단서 2] "])
def test_who_claims_nothing_is_neither_grounded_nor_not(answer):
    """A refusal and an empty answer are counted elsewhere; a refusal's figures are no fault of its grounds."""
    one = judged(answer)
    assert (one.is_claim, one.is_grounded) == (False, True)
    assert one.refuses == bool(answer.strip(" []단서2"))
    assert one.says_nothing != one.refuses


def test_likeness_is_rouge_l_over_morphemes_without_marks():
    """As rouge_score computes it with the same tokens; a question without an answer has none, and no key either."""

    class Tokens:
        def tokenize(self, text):
            return list(morphemes([text])[0])

    answer = "접수일부터 7영업일 안에 결과를 알립니다."
    expected = RougeScorer(["rougeL"], tokenizer=Tokens()).score(ASKED.reference, answer)["rougeL"].fmeasure
    assert judged(f"{answer} [단서 2]").rouge_l == pytest.approx(expected, abs=5.1e-5)
    assert (judged("3%입니다.", NONE).rouge_l, judged("3%입니다.", NONE).right) == (None, None)
    assert judged("영업점장입니다.", OTHER).right is None


@pytest.mark.parametrize(
    ("key", "answer", "right"),
    [
        ("7영업일", "7 영업일 안입니다.", True),
        ("7영업일", "7일 안입니다.", False),
        ("3년", "13년간 보관합니다.", False),
        ("3년", "4분의 3 이상이 찬성합니다.", False),
        ("2.0%p", "2%p 오른다고 봅니다.", True),
        ("10%", "110%입니다.", False),
        ("1,365원", "평균 1365원입니다.", True),
        ("OB7", "OB7 등급으로 봅니다.", True),
        ("OB7", "7등급으로 봅니다.", False),
        ("0.46", "10.46입니다.", False),
        ("0.46", "0.52에서 0.46으로", True),
        ("보고책임자", "보고 책임자의 승인을 받습니다.", True),
        ("보고책임자", "책임자의 승인을 받습니다.", False),
        ("7영업일", "[단서 7] 영업일 안입니다.", False),
    ],
)
def test_a_key_is_said_by_its_words_or_by_its_figures_with_their_units(key, answer, right):
    """Written otherwise it counts; a part of a longer figure, a bare number, and a clue's number do not."""
    question = RagQuestion.model_validate(ASKED.model_dump() | {"id": "", "key": key})
    assert judged(answer, question).right is right


def test_shares_have_n_and_wilson_interval():
    """Two of five; none of none is no share."""
    low, high = proportion_confint(2, 5, method="wilson")
    told = share([True, False, True, False, False])
    assert (told["n"], told["share"]) == (5, 0.4)
    assert (told["low"], told["high"]) == pytest.approx((low, high), abs=5.1e-5)
    assert share([]) is None


ANSWERS = {
    "base": ["9영업일입니다. [단서 1]", "", "3%입니다."],
    "adapter": ["7영업일입니다. [단서 2]", "단서에 답이 없습니다.", "주어진 단서로는 답할 수 없습니다."],
}


def test_every_count_by_hand():
    """Three questions, two of them with an answer: base claims twice and is never grounded, adapter claims once."""
    questions = [ASKED, OTHER, NONE]
    rows = rag_answers(questions, {model: {"rag": texts} for model, texts in ANSWERS.items()}, 0.5)
    assert [(one.model, one.question_id) for one in rows] == [(m, q.id) for m in ANSWERS for q in questions]
    metrics = rag_metrics(questions, rows)
    assert (metrics["n"], metrics["answerable"]) == (3, 2)
    counts = {
        model: {k: (v["share"], v["n"]) for k, v in metrics[model].items() if k != "rouge_l"} for model in ANSWERS
    }
    assert counts["base"] == {
        "grounded": (0.0, 2),
        "figures": (0.0, 2),
        "directions": (1.0, 2),
        "names": (1.0, 2),
        "right_clue": (0.0, 2),
        "says_answer": (0.0, 1),
        "right_refusals": (0.0, 1),
        "wrong_refusals": (0.0, 2),
    }
    assert counts["adapter"] == {
        "grounded": (1.0, 1),
        "figures": (1.0, 1),
        "directions": (1.0, 1),
        "names": (1.0, 1),
        "right_clue": (0.5, 2),
        "says_answer": (1.0, 1),
        "right_refusals": (1.0, 1),
        "wrong_refusals": (0.5, 2),
    }


def test_the_mean_likeness_has_its_t_interval():
    """Over the answerable questions, cut to 0 and 1; of one question there is none."""
    rows = rag_answers([ASKED, OTHER], {"base": {"rag": ["7영업일 안에 알립니다.", "모름"]}}, 0.5)
    values = [one.rouge_l for one in rows]
    low, high = DescrStatsW(values).tconfint_mean()
    told = rag_metrics([ASKED, OTHER], rows)["base"]["rouge_l"]
    assert told["n"] == 2 and told["mean"] == pytest.approx(sum(values) / 2, abs=5.1e-5)
    assert (told["low"], told["high"]) == pytest.approx((max(0, low), min(1, high)), abs=5.1e-5)
    assert rag_metrics([ASKED], rows[:1])["base"]["rouge_l"] is None


def test_several_clues_named_are_not_the_right_one():
    """Who names all clues names none."""
    rows = [judged("7영업일입니다. [단서 1] [단서 2]")]
    assert rag_metrics([ASKED], rows)["adapter"]["right_clue"]["share"] == 0.0


def test_a_model_that_was_not_asked_has_no_figures():
    """A teacher that answered open questions alone is not in the table."""
    rows = rag_answers([ASKED], {"base": {"rag": ["가"]}, "teacher": {"open": ["나"]}}, 0.5)
    assert rag_metrics([ASKED], rows).keys() == {"n", "answerable", "base"}
