"""An evaluation of two models and hosted ones, with every number worked out by hand."""

import pytest
from statsmodels.stats.proportion import proportion_confint

from finsmith.core.errors import ParamsError, SourceError
from finsmith.evaluation.evaluate import Sitting, evaluation, predict
from finsmith.evaluation.evaluators import Setting

from .tables import COIN, RATE, TablePredictor, prediction, section

PARAMS = section()
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


def sittings(params=PARAMS, questions=(RATE, COIN)):
    """What both models answer."""
    return [predict(questions, one, name, Setting(), params) for one, name in ((BASE, "base"), (ADAPTER, "adapter"))]


def test_a_prediction_is_the_best_scored_choice():
    """Every question under every evaluator, in order, with its four scores and the index of the highest."""
    predictions = predict([RATE, COIN], BASE, "base", Setting(), PARAMS).predictions
    assert [(p.evaluator, p.question_id, p.model, p.predicted, p.answer, p.right) for p in predictions] == [
        ("choice_text", RATE.id, "base", 1, 0, False),
        ("choice_text", COIN.id, "base", 1, 1, True),
        ("letter", RATE.id, "base", 0, 0, True),
        ("letter", COIN.id, "base", 0, 1, False),
    ]
    assert predictions[0].scores == (-2.0, -1.0, -2.0, -2.0)
    assert predictions[3].scores == (-0.1, -3.0, -4.0, -5.0)


def test_the_evaluation_tells_accuracy_interval_letters_and_pairs():
    """By choice text 1 of 2 becomes 2 of 2 (one gained), by letter 1 of 2 becomes 0 of 2 (one lost)."""
    metrics = evaluation([RATE, COIN], *sittings(), [], PARAMS).metrics
    told = {"n": 2, "baseline": 0.25, "dtype": "float32", "headline": "choice_text", "permutations": False}
    assert told.items() <= metrics.items() and metrics["few_shot"] == 0
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
    assert [metrics[n]["detectable_difference"] for n in PARAMS.evaluators] == [None, None]


def test_times_stand_apart():
    """Device hours are under a key of their own, by model and evaluator; nothing else differs between two runs."""
    first, second = (evaluation([RATE, COIN], *sittings(), [], PARAMS) for _ in range(2))
    hours = first.metrics.pop("device_hours")
    second.metrics.pop("device_hours")
    assert first == second
    timed = {model: set(of) for model, of in hours.items()}
    assert timed == {"base": {"choice_text", "letter"}, "adapter": {"choice_text", "letter"}}


def test_predictions_are_sorted():
    """By evaluator, model, question and shift, in whatever order the questions came."""
    forth, back = (evaluation([RATE, COIN], *sittings(questions=of), [], PARAMS) for of in ([RATE, COIN], [COIN, RATE]))
    assert forth.predictions == back.predictions
    places = [(p.evaluator, p.model, p.question_id) for p in forth.predictions]
    assert places == sorted(places) and len(places) == 8


def test_permutations_cost_no_pass_where_choices_are_not_seen():
    """By choice text a question is asked once, by letter in its four orders; the mean over these is the accuracy."""
    turned = {
        f"<질문>{COIN.stem}\n\n"
        + "\n".join(
            f"{name}. {choice}" for name, choice in zip("ABCD", COIN.choices[n:] + COIN.choices[:n], strict=True)
        )
        + "<답>정답:": (-1.0, -2.0, -3.0, -4.0)  # always A
        for n in range(4)
    }
    texts = {(COIN_PROMPT, choice): -1.0 * len(choice) for choice in COIN.choices}
    params = section(permutations=True)
    sitting = predict([COIN], TablePredictor(texts, turned), "base", Setting(), params)
    assert [(p.evaluator, p.shift) for p in sitting.predictions] == [
        ("choice_text", 0),
        *(("letter", shift) for shift in range(4)),
    ]
    metrics = evaluation([COIN], sitting, sitting, [], params).metrics
    assert metrics["letter"]["base"]["accuracy"] == 0.25
    assert metrics["letter"]["base"]["consistency"] == 0.0
    assert "consistency" not in metrics["choice_text"]["base"]


def test_hosted_models_stand_beside():
    """Each with its score and price; their letters and groups are in the plots, their answers among the predictions."""
    answers = [prediction(q.id, 1, q.answer, evaluator="generation", model="gpt", scores=()) for q in (RATE, COIN)]
    result = evaluation([RATE, COIN], *sittings(), [Sitting("gpt", answers, usd_per_1000_questions=0.25)], PARAMS)
    gpt = result.metrics["hosted"]["gpt"]
    assert (gpt["accuracy"], gpt["unparsable"], gpt["usd_per_1000_questions"]) == (0.5, 0.0, 0.25)
    assert {"model": "gpt (generation)", "choice": "B", "times": 2} in result.letters
    assert [p for p in result.predictions if p.model == "gpt"] == sorted(answers, key=lambda p: p.question_id)
    assert any(row["model"] == "gpt" for row in result.breakdown)


def test_letters_hold_every_count_for_the_plot():
    """One plot row per evaluator, model and choice, zeros included."""
    rows = evaluation([RATE, COIN], *sittings(), [], PARAMS).letters
    assert len(rows) == 2 * 2 * 4
    assert {"model": "base (choice_text)", "choice": "B", "times": 2} in rows
    assert {"model": "adapter (letter)", "choice": "C", "times": 0} in rows
    assert sum(row["times"] for row in rows) == 2 * 2 * 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"evaluators": ("letter", "leter")},
            r"`evaluate.evaluators`: unknown leter; there are: choice_text, letter, generation",
        ),
        ({"headline": "letter"}, r"`evaluate.headline`: 'letter' is not among `evaluate.evaluators`"),
    ],
)
def test_a_wrong_evaluator_is_named(changes, says):
    """An evaluator that does not exist, or a headline that does not run, is told before anything is scored."""
    params = section(**{"evaluators": ("choice_text",)} | changes)
    with pytest.raises(ParamsError, match=says):
        predict([RATE], TablePredictor(), "base", Setting(), params)


def test_an_empty_test_set_is_an_error():
    """Nothing can be said of no questions."""
    with pytest.raises(SourceError, match="no question"):
        predict([], TablePredictor(), "base", Setting(), PARAMS)


def test_the_first_examples_are_shown():
    """As many as asked for, in order; more than there are is an error that names both numbers."""
    assert section(few_shot=1, max_answer_tokens=9).setting([COIN, RATE]) == Setting((COIN,), 9)
    assert section().setting([COIN]).examples == ()
    with pytest.raises(ParamsError, match=r"`evaluate.few_shot`: 3 worked examples, but there are 2"):
        section(few_shot=3).setting([COIN, RATE])
