"""What an adapter has forgotten, worked out by hand, and the stage that asks."""

from pathlib import Path

import pytest
import yaml
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from finsmith.core.io import read_json, read_jsonl, write_jsonl
from finsmith.core.records import LedgerEntry, Question
from finsmith.evaluation.evaluate import Prediction
from finsmith.evaluation.forgetting import forgetting
from stages import evaluate as stage

from .tables import COIN, RATE, TablePredictor

ROOT = Path(__file__).parents[2]


def asked(number, kind):
    return Question(
        stem=f"물음 {number}?",
        choices=("가", "나", "다", "라"),
        answer=0,
        explanation="",
        source="",
        evidence="",
        kind=kind,
    )


KINDS = ["science"] * 4 + ["history"] * 6
QUESTIONS = [asked(n, kind) for n, kind in enumerate(KINDS)]
BEFORE = [True] * 8 + [False] * 2
AFTER = [True] + [False] * 8 + [True]  # seven lost, the last one gained


def test_forgetting_by_hand():
    """8 of 10 become 2 of 10: 60 points, one gained and seven lost; 4 science become 1, 4 history of 6 become 1."""
    found = forgetting(QUESTIONS, BEFORE, AFTER)
    assert found["forgetting"] == {"points": 60.0, "gained": 1, "lost": 7, "mcnemar_p": pytest.approx(2 * 9 / 2**8)}
    assert found["forgetting"]["mcnemar_p"] == pytest.approx(mcnemar([[1, 7], [1, 1]], exact=True).pvalue)
    general = found["general"]
    for model, right in (("base", 8), ("adapter", 2)):
        low, high = proportion_confint(right, 10, method="wilson")
        assert general[model] == {
            "accuracy": right / 10,
            "low": pytest.approx(low, abs=5.1e-5),
            "high": pytest.approx(high, abs=5.1e-5),
        }
    assert general["n"] == 10
    assert general["by_kind"] == {
        "history": {"n": 6, "base": 4, "adapter": 1},
        "science": {"n": 4, "base": 4, "adapter": 1},
    }


def test_an_adapter_that_learned_has_forgotten_less_than_nothing():
    """More right answers after than before are points below 0; nothing changed is 0 with p = 1."""
    assert forgetting(QUESTIONS, AFTER, BEFORE)["forgetting"]["points"] == -60.0
    assert forgetting(QUESTIONS, BEFORE, BEFORE)["forgetting"] == {
        "points": 0.0,
        "gained": 0,
        "lost": 0,
        "mcnemar_p": 1.0,
    }


class Switched(TablePredictor):
    """Names the right choice without the adapter and the last one with it; knows no letters of general questions."""

    def __init__(self, *_):
        super().__init__()
        self.with_adapter = True

    def use_adapter(self, on):
        """Switches the adapter."""
        self.with_adapter = on

    def log_likelihoods(self, prompts, continuations):
        """0 for the one that is named, far below for the others."""
        named = {q.choices[3] if self.with_adapter else q.choices[q.answer] for q in (RATE, COIN)}
        return [[0.0 if text in named else -1000.0 for text in texts] for texts in continuations]

    def next_token_log_probs(self, prompts, candidates):
        """The letter A; only the domain's question may be asked for letters."""
        assert all("기준금리" in prompt for prompt in prompts)
        return [[0.0, -1.0, -2.0, -3.0] for _ in prompts]


def test_the_stage_scores_general_questions_by_the_headline_alone(tmp_path, monkeypatch):
    """Domain questions by both evaluators, general ones by one; all predictions are kept, figures stand apart."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")  # nobody listens there; the run waits
    params = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    params["evaluate"] |= {"evaluators": ["choice_text", "letter"], "headline": "choice_text", "dtype": "float32"}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    write_jsonl(tmp_path / "test/examples.jsonl", [])
    write_jsonl(tmp_path / "test/questions.jsonl", [RATE])
    write_jsonl(tmp_path / "test/general.jsonl", [COIN])
    monkeypatch.setattr(stage, "LikelihoodPredictor", Switched)
    out = [
        tmp_path / name
        for name in ("base", "adapter", "predictions.jsonl", "calls", "metrics.json", "letters.json", "groups.json")
    ]
    stage.main(tmp_path / "test", *out)
    made = [(p.question_id, p.evaluator, p.model, p.right) for p in read_jsonl(out[2], Prediction)]
    assert sorted(made) == sorted(
        [(RATE.id, "choice_text", "base", True), (RATE.id, "choice_text", "adapter", False)]
        + [(RATE.id, "letter", model, True) for model in ("base", "adapter")]
        + [(COIN.id, "choice_text", "base", True), (COIN.id, "choice_text", "adapter", False)]
    )
    assert list(read_jsonl(out[3] / "ledger.jsonl", LedgerEntry)) == []
    metrics = read_json(out[4])
    assert metrics["n"] == 1 and metrics["letter"]["base"]["accuracy"] == 1.0
    assert metrics["forgetting"] == {"points": 100.0, "gained": 0, "lost": 1, "mcnemar_p": 1.0}
    assert (metrics["general"]["base"]["accuracy"], metrics["general"]["adapter"]["accuracy"]) == (1.0, 0.0)
