"""Written answers of two models, and what a judge's verdicts come to, by hand."""

from itertools import product
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.stats import binom

from finsmith.core.answer_records import Comparison, OpenQuestion
from finsmith.evaluation.open_answers import AnswersParams, comparison_metrics, open_answers, open_metrics, written
from finsmith.evaluation.statistics import sign_test_p

QUESTIONS = [OpenQuestion(question=text, reference="", kind="") for text in ("왜?", "어떻게?")]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"max_tokens": {"rag": 80}}, "no length for open"),
        ({"max_tokens": {"rag": 80, "open": 0}}, "greater than or equal to 1"),
        ({"max_tokens": {"rag": 80, "open": 160, "closed": 1}}, "'rag' or 'open'"),
        ({"teacher_answers": ["closed"]}, "'rag' or 'open'"),
    ],
)
def test_both_sets_have_a_length_and_there_is_no_third(change, says):
    """A length that is missing or 0, and a set that does not exist, are told."""
    values = yaml.safe_load((Path(__file__).parents[2] / "params.yaml").read_text("utf-8"))["answers"]
    AnswersParams.model_validate(values)
    with pytest.raises(ValidationError, match=says):
        AnswersParams.model_validate(values | change)


class Scribe:
    """Says what it was asked, with the adapter or without, and how long it may be."""

    def __init__(self):
        self.adapter = None

    def use_adapter(self, on):
        self.adapter = on

    def prompt(self, instruction, input_text=""):
        return f"<{instruction}|{input_text}>"

    def generate(self, prompts, max_tokens):
        return [f" {self.adapter} {prompt} {max_tokens}\n" for prompt in prompts]


def test_both_models_are_asked_every_question():
    """Base without the adapter, then adapter with it, each set up to its own length; the answer is stripped."""
    asked = {"rag": [("가", "단서")], "open": [("나", ""), ("다", "")]}
    assert written(asked, Scribe(), {"rag": 80, "open": 160}) == {
        "base": {"rag": ["False <가|단서> 80"], "open": ["False <나|> 160", "False <다|> 160"]},
        "adapter": {"rag": ["True <가|단서> 80"], "open": ["True <나|> 160", "True <다|> 160"]},
    }


def test_open_answers_are_counted_by_model():
    """Lengths, empty answers and such that go in circles; a model that did not answer is left out."""
    round_about = "금리가 오르면 값이 떨어집니다. " * 3
    texts = {"base": {"open": ["", round_about]}, "adapter": {"open": ["가나", "가나다라"]}, "teacher": {"rag": ["가"]}}
    rows = open_answers(QUESTIONS, texts)
    assert [(one.model, one.question_id, bool(one.loops)) for one in rows] == [
        ("base", QUESTIONS[0].id, False),
        ("base", QUESTIONS[1].id, True),
        ("adapter", QUESTIONS[0].id, False),
        ("adapter", QUESTIONS[1].id, False),
    ]
    metrics = open_metrics(rows)
    assert {model: of["mean_chars"] for model, of in metrics.items()} == {
        "base": len(round_about) / 2,
        "adapter": 3.0,
    }
    shares = {model: (of["empty"]["share"], of["loops"]["share"]) for model, of in metrics.items()}
    assert shares == {"base": (0.5, 0.5), "adapter": (0.0, 0.0)}


# --- the judge ---

OUTCOMES = {
    ("adapter", "adapter"): "win",
    ("base", "base"): "loss",
    ("same", "same"): "tie",
    ("base", "adapter"): "tie",  # the first place, twice
    ("adapter", "base"): "tie",  # the second
    ("base", "same"): "tie",
    ("same", "base"): "tie",
    ("adapter", "same"): "tie",
    ("same", "adapter"): "tie",
}


def verdicts(base_first, adapter_first, keys=("k1", "k2")):
    return Comparison(
        question_id="q", base_first=base_first, adapter_first=adapter_first, request_keys=keys, model="judge"
    )


@pytest.mark.parametrize("said", product(("base", "adapter", "same"), repeat=2))
def test_a_win_counts_only_where_both_orders_agree(said):
    """All nine pairs of verdicts; the order decided the two in which a place was named twice."""
    one = verdicts(*said)
    assert one.outcome == OUTCOMES[said]
    assert one.order_decided == (said in (("base", "adapter"), ("adapter", "base")))


def test_the_counts_of_a_judge_by_hand():
    """Nine pairs and one that nobody was shown: 1 win, 1 loss, 8 ties; 12 verdicts prefer one, 6 of them the first."""
    said = [verdicts(*one) for one in OUTCOMES] + [verdicts("same", "same", keys=())]
    told = comparison_metrics(said, 12)
    assert {key: told[key] for key in ("n", "unjudged", "wins", "ties", "losses", "sign_p")} == {
        "n": 10,
        "unjudged": 2,
        "wins": 1,
        "ties": 8,
        "losses": 1,
        "sign_p": 1.0,
    }
    assert (told["order_decided"]["n"], told["order_decided"]["share"]) == (9, 0.2222)
    assert (told["first_named"]["n"], told["first_named"]["share"]) == (12, 0.5)


def test_a_judge_that_likes_the_first_place_is_told():
    """Always the first: no win, every pair decided by the order, every verdict for the first."""
    told = comparison_metrics([verdicts("base", "adapter")] * 4, 4)
    assert (told["wins"], told["ties"], told["losses"]) == (0, 4, 0)
    assert (told["order_decided"]["share"], told["first_named"]["share"]) == (1.0, 1.0)
    told = comparison_metrics([verdicts("adapter", "base")] * 4, 4)
    assert (told["order_decided"]["share"], told["first_named"]["share"]) == (1.0, 0.0)


def test_without_a_judge_there_is_nothing_to_tell():
    """No comparison is None, not ties."""
    assert comparison_metrics([], 12) is None


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_sign_test_is_twice_the_smaller_tail(wins, losses):
    """As scipy's distribution gives it at one half, at most 1; 6 to 0 is 2 of 64."""
    n = wins + losses
    expected = min(1.0, 2 * binom.cdf(min(wins, losses), n, 0.5)) if n else 1.0
    assert sign_test_p(wins, losses) == pytest.approx(expected, abs=1e-12)
    assert sign_test_p(6, 0) == pytest.approx(2 / 64, abs=1e-12)
