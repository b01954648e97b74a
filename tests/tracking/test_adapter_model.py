"""The adapter in MLflow: loaded from there it answers, on its base and on no other."""

import re
import shutil
from pathlib import Path

import mlflow
import pandas
import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from finsmith.core.errors import ModelError
from finsmith.tracking.executions import finish_execution, finish_training, start_stage
from finsmith.tracking.runs import Run, send_waiting_runs
from finsmith.tracking.sending import tracking_uri
from finsmith.training.predictor import LikelihoodPredictor

from ..training.conftest import tiny_base
from .conftest import free_port
from .test_executions import SUMMARY
from .test_runs import client, found

QUESTION = "국채의 뜻을 설명하시오."
RECORD = {"rows": 16, "final_loss": 0.5, "device": "cpu", "dtype": "float32", "quantization": "none"}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a tiny base in models/base and in models/adapter an adapter by chance, which says other things."""
    folder = tmp_path_factory.mktemp("trained")
    tiny_base(folder / "models/base")
    torch.manual_seed(1)
    # with an output layer of its own, or a tiny model repeats its last token whatever an adapter does
    base = AutoModelForCausalLM.from_pretrained(folder / "models/base", tie_word_embeddings=False)
    base.save_pretrained(folder / "models/base")
    config = LoraConfig(r=4, lora_alpha=64, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(folder / "models/base"), config)
    model.save_pretrained(folder / "models/adapter")
    told = folder / "models/adapter/adapter_config.json"
    told.write_text(told.read_text().replace(str(folder / "models/base"), "models/base"))
    return folder


@pytest.fixture
def models(trained, repository):
    """The repository with these models; MLflow is asked there."""
    shutil.copytree(trained / "models", repository / "models")
    mlflow.set_tracking_uri(tracking_uri())
    yield
    mlflow.set_tracking_uri(None)


def answers() -> dict[str, str]:
    """What base and adapter say to the question, twelve tokens each."""
    predictor = LikelihoodPredictor(Path("models/base"), Path("models/adapter"), "float32")
    said = {}
    for name in ("base", "adapter"):
        predictor.use_adapter(name == "adapter")
        (said[name],) = predictor.generate([predictor.prompt(QUESTION)], 12)
    return said


def logged() -> Run:
    """The child run of a training whose adapter is in MLflow."""
    run = start_stage("train", "a", [])
    finish_training(run, RECORD, Path("models/adapter"), Path("models/base"))
    return run


def test_the_logged_adapter_answers_as_the_adapter_does(models):
    """Loaded by its run or by its id it gives the adapter's answer, not the base's, to tables and records."""
    run = logged()
    (mlflow_run,) = [one for one in found() if one.data.tags["stage"] == "train"]
    assert mlflow_run.data.tags["device"] == "cpu" and mlflow_run.data.metrics["rows"] == 16
    said, shorter = answers(), {"max_tokens": 12}
    assert said["adapter"] != said["base"]
    model = mlflow.pyfunc.load_model(f"runs:/{mlflow_run.info.run_id}/adapter", model_config=shorter)
    assert model.predict(pandas.DataFrame({"question": [QUESTION] * 2})) == [said["adapter"]] * 2
    by_id = mlflow.pyfunc.load_model(f"models:/{run.record['model_id']}", model_config=shorter)
    assert by_id.predict([{"question": QUESTION}]) == [said["adapter"]]


def test_the_logged_adapter_brings_its_code_and_loads_in_transformers(models):
    """The code in it imports no other part of finsmith; its data folder is an adapter; the base is not in it."""
    local = Path(mlflow.artifacts.download_artifacts(f"models:/{logged().record['model_id']}"))
    code = local / "code/finsmith"
    imported = {
        name for file in code.rglob("*.py") for name in re.findall(r"\bfinsmith\.(\w+)", file.read_text("utf-8"))
    }
    assert (code / "training/answering.py").exists() and imported <= {"core", "training"}
    (adapter,) = (local / "data").iterdir()
    assert AutoModelForCausalLM.from_pretrained(adapter).active_adapters() == ["default"]
    assert sum(file.stat().st_size for file in local.rglob("*")) < 2_000_000


def test_another_base_is_refused(models, repository):
    """A base whose weights differ, or which is not there, is told before anything is answered."""
    run = logged()
    local = mlflow.artifacts.download_artifacts(f"models:/{run.record['model_id']}")
    with pytest.raises(ModelError, match=r"nowhere/config.json: not found\. Name the folder"):
        mlflow.pyfunc.load_model(local, model_config={"base": "nowhere"})
    weights = repository / "models/base/model.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ModelError, match="not the file that the adapter was trained on"):
        mlflow.pyfunc.load_model(local)


def test_the_evaluation_names_the_model_it_used(models):
    """The child of `evaluate` and the parent have the adapter as input, the child of `train` as output: one model."""
    train = logged()
    evaluate = start_stage("evaluate", "b", [], "train")
    assert evaluate.finish({"accuracy": 0.5}) and finish_execution(SUMMARY, [], train.id)
    by_stage = {run.data.tags["stage"]: client().get_run(run.info.run_id) for run in found()}
    (used,), (made,) = by_stage["evaluate"].inputs.model_inputs, by_stage["train"].outputs.model_outputs
    (of_parent,) = by_stage["pipeline"].inputs.model_inputs
    assert used.model_id == made.model_id == of_parent.model_id == train.record["model_id"]


def test_a_model_that_waited_is_sent_once(models, server, monkeypatch):
    """Without a server the model waits on the disk; sent twice there is one, ready to be loaded."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    run = logged()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.uri)
    shutil.rmtree("models/adapter")
    assert send_waiting_runs() == 2
    model_id = run.record["model_id"]
    run.change(model_id="", sent=False)
    assert send_waiting_runs() == 1
    mlflow_run = client().get_run(run.record["mlflow_id"])
    assert [one.model_id for one in mlflow_run.outputs.model_outputs] == [model_id]
    assert client().get_logged_model(model_id).status == "READY"
    assert {file.path for file in client().list_logged_model_artifacts(model_id)} >= {"MLmodel", "data", "code"}


def test_a_model_that_cannot_be_written_costs_no_training(models, capsys):
    """The record of the training is in MLflow all the same, with the reason."""
    run = start_stage("train", "a", [])
    finish_training(run, RECORD, Path("models/none"), Path("models/base"))
    assert "The adapter itself is in `models/none`" in capsys.readouterr().err
    (sent,) = [one for one in found() if one.data.tags["stage"] == "train"]
    assert sent.data.metrics["rows"] == 16 and "cannot be written" in sent.data.tags["error"]
