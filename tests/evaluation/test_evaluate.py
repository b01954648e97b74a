"""Predictions of two models and their comparison, with every number worked out by hand."""

import pytest
from statsmodels.stats.proportion import proportion_confint

from finsmith.core.errors import ParamsError, SourceError
from finsmith.evaluation.evaluate import EvaluateParams, Prediction, compare, letter_rows, predict

from .tables import COIN, RATE, TablePredictor

PARAMS = EvaluateParams(evaluators=("choice_text", "letter"), headline="choice_text", dtype="float32")
RATE_PROMPT, COIN_PROMPT = "<질문>기준금리를 정하는 곳은?<답>", "<질문>동전을 만드는 곳은?<답>"
RATE_LETTERS = "<질문>기준금리를 정하는 곳은?\n\nA. 금융통화위원회\nB. 국세청\nC. 예금보험공사\nD. 법원<답>정답:"
COIN_LETTERS = "<질문>동전을 만드는 곳은?\n\nA. 우체국\nB. 한국조폐공사\nC. 관세청\nD. 한국거래소<답>정답:"

# per character RATE is -2, -1, -2, -2 (B, wrong) and COIN -3, -2, -4, -3 (B, right)
BASE = TablePredictor(
    {(RATE_PROMPT, c): total for c, total in zip(RATE.choices, (-14.0, -3.0, -12.0, -4.0), strict=True)}
    | {(COIN_PROMPT, c): total for c, total in zip(COIN.choices, (-9.0, -12.0, -12.0, -15.0), strict=True)},
    {RATE_LETTERS: (-1.5, -1.6, -1.7, -1.8), COIN_LETTERS: (-0.1, -3.0, -4.0, -5.0)},  # A right, A wrong
)
# RATE is -1, -3, -2, -2 (A, right) and COIN -3, -2, -4, -3 (B, right)
ADAPTER = TablePredictor(
    {(RATE_PROMPT, c): total for c, total in zip(RATE.choices, (-7.0, -9.0, -12.0, -4.0), strict=True)}
    | {(COIN_PROMPT, c): total for c, total in zip(COIN.choices, (-9.0, -12.0, -12.0, -15.0), strict=True)},
    {RATE_LETTERS: (-2.0, -1.0, -3.0, -1.5), COIN_LETTERS: (-2.0, -3.0, -4.0, -0.5)},  # B wrong, D wrong
)


def test_a_prediction_is_the_best_scored_choice():
    """Every question under every evaluator, in order, with its four scores and the index of the highest."""
    predictions = predict([RATE, COIN], BASE, "base", PARAMS)
    assert [(p.evaluator, p.question_id, p.model, p.predicted, p.answer, p.right) for p in predictions] == [
        ("choice_text", RATE.id, "base", 1, 0, False),
        ("choice_text", COIN.id, "base", 1, 1, True),
        ("letter", RATE.id, "base", 0, 0, True),
        ("letter", COIN.id, "base", 0, 1, False),
    ]
    assert predictions[0].scores == (-2.0, -1.0, -2.0, -2.0)
    assert predictions[3].scores == (-0.1, -3.0, -4.0, -5.0)


def test_equal_scores_name_the_first_choice():
    """A tie is broken by place, the same way every time."""
    flat = TablePredictor({(COIN_PROMPT, c): -1.0 * len(c) for c in COIN.choices})
    (prediction,) = predict([COIN], flat, "base", PARAMS.model_copy(update={"evaluators": ("choice_text",)}))
    assert prediction.predicted == 0


def test_compare_tells_accuracy_interval_letters_and_pairs():
    """By choice text 1 of 2 becomes 2 of 2 (one gained), by letter 1 of 2 becomes 0 of 2 (one lost)."""
    before, after = (predict([RATE, COIN], p, m, PARAMS) for p, m in ((BASE, "base"), (ADAPTER, "adapter")))
    result = compare(before, after, [RATE, COIN], PARAMS)
    assert result.predictions == [*before, *after]
    metrics = result.metrics
    assert {k: metrics[k] for k in ("n", "dtype", "headline")} == {
        "n": 2,
        "dtype": "float32",
        "headline": "choice_text",
    }
    half, full, none = (proportion_confint(k, 2, method="wilson") for k in (1, 2, 0))
    expected = {
        ("choice_text", "base"): (0.5, half, {"A": 0, "B": 2, "C": 0, "D": 0}),
        ("choice_text", "adapter"): (1.0, full, {"A": 1, "B": 1, "C": 0, "D": 0}),
        ("letter", "base"): (0.5, half, {"A": 2, "B": 0, "C": 0, "D": 0}),
        ("letter", "adapter"): (0.0, none, {"A": 0, "B": 1, "C": 0, "D": 1}),
    }
    for (name, model), (accuracy, (low, high), answers) in expected.items():
        score = metrics[name][model]
        assert (score["accuracy"], score["answers"]) == (accuracy, answers)
        assert (score["low"], score["high"]) == pytest.approx((low, high), abs=5.1e-5)
    assert [(metrics[n]["gained"], metrics[n]["lost"]) for n in PARAMS.evaluators] == [(1, 0), (0, 1)]
    assert [metrics[n]["mcnemar_p"] for n in PARAMS.evaluators] == [1.0, 1.0]  # one differing pair tells nothing
    assert metrics["baseline"] == 0.25


def paired(model, answers):
    return [
        Prediction(question_id=f"q{n}", evaluator="letter", model=model, scores=(0, 0, 0, 0), predicted=p, answer=a)
        for n, (p, a) in enumerate(answers)
    ]


def test_compare_pairs_by_question():
    """Eight gained and one lost of ten: p = 2 * (1 + 9) / 2^9, although accuracies alone rise by 0.7."""
    before = paired("base", [(1, 0)] * 8 + [(0, 0)] * 2)
    after = paired("adapter", [(0, 0)] * 8 + [(2, 0), (0, 0)])
    params = EvaluateParams(evaluators=("letter",), headline="letter", dtype="float32")
    metrics = compare(before, after, [RATE] * 10, params).metrics
    assert (metrics["letter"]["gained"], metrics["letter"]["lost"]) == (8, 1)
    assert metrics["letter"]["mcnemar_p"] == pytest.approx(2 * (1 + 9) / 2**9, abs=1e-12)
    assert (metrics["letter"]["base"]["accuracy"], metrics["letter"]["adapter"]["accuracy"]) == (0.2, 0.9)


def test_letter_rows_hold_every_count_for_the_plot():
    """One plot row per evaluator, model and choice, zeros included."""
    before, after = (predict([RATE, COIN], p, m, PARAMS) for p, m in ((BASE, "base"), (ADAPTER, "adapter")))
    rows = letter_rows(compare(before, after, [RATE, COIN], PARAMS).metrics, PARAMS.evaluators)
    assert len(rows) == 2 * 2 * 4
    assert {"model": "base (choice_text)", "choice": "B", "times": 2} in rows
    assert {"model": "adapter (letter)", "choice": "C", "times": 0} in rows
    assert sum(row["times"] for row in rows) == 2 * 2 * 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"evaluators": ("letter", "leter")}, r"`evaluate.evaluators`: unknown leter; there are: choice_text, letter"),
        ({"headline": "letter"}, r"`evaluate.headline`: 'letter' is not among `evaluate.evaluators`"),
    ],
)
def test_a_wrong_evaluator_is_named(changes, says):
    """An evaluator that does not exist, or a headline that does not run, is told before anything is scored."""
    params = PARAMS.model_copy(update={"evaluators": ("choice_text",)} | changes)
    with pytest.raises(ParamsError, match=says):
        predict([RATE], TablePredictor(), "base", params)


def test_an_empty_test_set_is_an_error():
    """Nothing can be said of no questions."""
    with pytest.raises(SourceError, match="no question"):
        predict([], TablePredictor(), "base", PARAMS)
