"""The stage `evaluate` on a tiny base with an adapter, and an endpoint on this machine as hosted model."""

import pytest
import torch
import yaml
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from finsmith.core.io import read_json, read_jsonl, write_jsonl
from finsmith.core.records import LedgerEntry
from finsmith.evaluation.predictions import Prediction
from stages import evaluate

from ..teacher.endpoint import API_KEY, Answer, Endpoint
from ..training.conftest import base  # noqa: F401 - a fixture
from .tables import COIN, LOAN, RATE
from .test_hosted import ROOT


@pytest.fixture(scope="module")
def adapter(base, tmp_path_factory):  # noqa: F811 - the fixture above
    folder = tmp_path_factory.mktemp("adapter")
    torch.manual_seed(1)
    lora = LoraConfig(r=2, target_modules="all-linear", init_lora_weights=False)
    get_peft_model(AutoModelForCausalLM.from_pretrained(base), lora).save_pretrained(folder)
    return folder


@pytest.fixture
def run(tmp_path, monkeypatch, base, adapter):  # noqa: F811
    """Runs the stage with these changes of its section, and gives what it wrote."""

    def run(endpoint=None, **changes):
        params = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
        params["evaluate"] |= {"evaluators": ["choice_text"], "dtype": "float32", "max_answer_tokens": 4} | changes
        params["generate"]["prices"]["usd_per_million_tokens"]["m"] = {"input": 1000, "output": 0}
        if endpoint:
            hosted = {"provider": "openai", "model": "m", "base_url": endpoint.base_url, "api_key_env": "EVALUATE_KEY"}
            params["evaluate"]["hosted"] = {"big": hosted}
        (tmp_path / "params.yaml").write_text(yaml.safe_dump(params), "utf-8")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("EVALUATE_KEY", API_KEY)
        monkeypatch.setenv("FINSMITH_STATE", str(tmp_path / "state"))
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")  # nobody listens there; the run waits
        write_jsonl(tmp_path / "testset/questions.jsonl", [RATE, COIN])
        write_jsonl(tmp_path / "testset/general.jsonl", [LOAN])
        write_jsonl(tmp_path / "testset/examples.jsonl", [LOAN])
        names = ("predictions.jsonl", "calls", "evaluate.json", "letters.json", "breakdown.json")
        evaluate.main(tmp_path / "testset", base, adapter, *(tmp_path / name for name in names))
        predictions = [p for p in read_jsonl(tmp_path / names[0], Prediction) if p.question_id != LOAN.id]
        return predictions, *(read_json(tmp_path / name) for name in names[2:])

    return run


def test_texts_and_written_answers_of_a_real_model(run, tmp_path):
    """In all orders, with a worked example: four predictions a question, one by choice text; nothing is opened.

    By letter the tiny base cannot be asked: its tokenizer begins all four with a space of their own.
    """
    everything = {"evaluators": ["choice_text", "generation"], "permutations": True, "few_shot": 1}
    predictions, metrics, letters, breakdown = run(**everything)
    count = {name: sum(p.evaluator == name for p in predictions) for name in everything["evaluators"]}
    assert count == {"choice_text": 4, "generation": 16}
    assert "hosted" not in metrics and "accounts" not in metrics
    assert metrics["generation"]["base"].keys() >= {"accuracy", "consistency", "unparsable"}
    assert len(letters) == 2 * 2 * 4
    assert {row["by"] for row in breakdown} == {"recipe", "source", "kind", "letter"}
    assert not (tmp_path / "state/responses").exists()


def test_a_hosted_model_sits_the_same_test(run, tmp_path):
    """It says B: COIN is right, RATE wrong. Calls are priced (1 USD for 1,000 prompt tokens), stored and claimed,
    and stand in the ledger.
    """
    with Endpoint([Answer(text="정답: B")]) as endpoint:
        predictions, metrics, _, _ = run(endpoint)
        asked = [(p.question_id, p.predicted, p.right) for p in predictions if p.model == "big"]
        tokens = sum(prompt for prompt, _ in endpoint.usage_sent)
        assert asked == sorted([(RATE.id, 1, False), (COIN.id, 1, True)])
        assert metrics["hosted"]["big"]["accuracy"] == 0.5
        assert metrics["hosted"]["big"]["usd_per_1000_questions"] == pytest.approx(tokens / 1000 / 2 * 1000, abs=1e-4)
        assert metrics["accounts"]["usd_new"] == pytest.approx(tokens / 1000)
        ledger = {one.request_key: one.cost_usd for one in read_jsonl(tmp_path / "calls/ledger.jsonl", LedgerEntry)}
        assert ledger.keys() == {p.request_key for p in predictions if p.model == "big"}
        assert sum(ledger.values()) == metrics["accounts"]["usd_total"]
        again = run(endpoint)[1]
        assert len(endpoint.received) == 2
        assert (again["accounts"]["usd_new"], again["accounts"]["calls_total"]) == (0, 2)
        assert again["hosted"] == metrics["hosted"]
