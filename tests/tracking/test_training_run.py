"""One run a training: opened once however often the training is killed, completed by the report."""

import subprocess
import sys

import pytest

from finsmith.tracking.runs import send_waiting_runs
from finsmith.tracking.training_run import finish_training_run, start_training_run

from .test_runs import artifacts, curve, found
from .test_versions import LOCK

KILLED = """
import os, signal
from finsmith.tracking.training_run import start_training_run
run = start_training_run("fingerprint-a")
for step in (1, 2, 3):
    run.log(step, {"loss": 10.0 / step})
print(run.id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
SUMMARY = {
    "evaluation": {
        "headline": "choice_text",
        "mcnemar_p": 0.25,
        "base": {"accuracy": 0.25},
        "adapter": {"accuracy": 0.5},
        "general": {"base": {"accuracy": 0.45}, "adapter": {"accuracy": 0.4}},
        "forgetting": {"points": 5.0},
        "by_evaluator": {
            "choice_text": {"base": {"accuracy": 0.25}, "adapter": {"accuracy": 0.5}},
            "letter": {"base": {"accuracy": 0.2}, "adapter": {"accuracy": 0.3}},
        },
    },
    "costs": {"teacher_usd": 1.5, "gpu_hours": 0, "device": "cpu"},
    "training": {"tokens_per_second": 100.5, "final_loss": 2.0},
    "mixture": {"rows": 560},
    "funnel": {"kept": 280},
}
METRICS = {
    "accuracy_before": 0.25,
    "accuracy_after": 0.5,
    "mcnemar_p": 0.25,
    "general_accuracy_before": 0.45,
    "general_accuracy_after": 0.4,
    "forgetting_points": 5.0,
    "tokens_per_second": 100.5,
    "final_loss": 2.0,
    "training_rows": 560.0,
    "rows_kept": 280.0,
    "teacher_usd": 1.5,
    "gpu_hours": 0.0,
    "choice_text_before": 0.25,
    "choice_text_after": 0.5,
    "letter_before": 0.2,
    "letter_after": 0.3,
}


@pytest.fixture
def outputs(tmp_path):
    """A report and an adapter folder."""
    adapter, report = tmp_path / "adapter", tmp_path / "report.html"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text("{}")
    report.write_text("<p>보고서</p>")
    return [report], adapter


def test_a_killed_trainings_run_is_continued(repository, outputs):
    """After a kill -9 the same run goes on: one run in MLflow, and a step that is passed again stands there once."""
    killed = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, text=True, check=False)
    assert killed.returncode == -9, killed.stderr
    again = start_training_run("fingerprint-a")
    assert again.id == killed.stdout.strip()
    for step in (2, 3, 4):
        again.log(step, {"loss": 10.0 / step})
    assert finish_training_run(again.id, SUMMARY, *outputs)
    (run,) = found()
    assert curve(run, "loss") == [(1, 10.0), (2, 5.0), (3, 10 / 3), (4, 2.5)]


def test_another_training_and_a_finished_one_get_runs_of_their_own(outputs):
    """Only an open run of the same fingerprint is continued."""
    first = start_training_run("fingerprint-a")
    assert start_training_run("fingerprint-a").id == first.id
    assert start_training_run("fingerprint-b").id != first.id
    finish_training_run(first.id, SUMMARY, *outputs)
    assert start_training_run("fingerprint-a").id != first.id


def test_a_run_folder_without_a_record_is_passed_over(repository):
    """A kill between the making of a run's folder and of its record stops no later training."""
    (repository / ".finsmith/runs/0000").mkdir(parents=True)
    assert start_training_run("fingerprint-a").id != "0000"
    assert send_waiting_runs() == 0


def test_what_a_finished_run_tells(repository, outputs, monkeypatch):
    """It has params.yaml flat, every figure by name, the data's hashes, the experiment's name and the files."""
    (repository / "dvc.lock").write_text(LOCK)
    monkeypatch.setenv("DVC_EXP_NAME", "lofty-goat")
    assert finish_training_run(start_training_run("fingerprint-a").id, SUMMARY, *outputs)
    (run,) = found()
    assert run.info.run_name == "lofty-goat"
    assert run.data.params == {"train.epochs": "2", "train.lora.r": "4"}
    assert run.data.metrics == METRICS
    own = {name: value for name, value in run.data.tags.items() if not name.startswith("mlflow.")}
    assert own == {
        "fingerprint": "fingerprint-a",
        "git_commit": "",
        "dvc_exp_name": "lofty-goat",
        "headline": "choice_text",
        "dvc.data/filtered/kept.jsonl": "f031d9b321548299a6a08c4ad91d159e",
        "dvc.data/mixed": "76c47596a7ca4232d57afe2c3afd85e6.dir",
        "dvc.models/adapter": "d47f12f09bd50c9282b66eb613324dab.dir",
    }
    assert artifacts(run, "reports") == {"reports/report.html": "<p>보고서</p>".encode()}
    assert artifacts(run, "adapter") == {"adapter/adapter_config.json": b"{}"}


def test_a_training_of_another_machine_gets_a_run_here(outputs):
    """A report on a pulled training is in MLflow too, under a fingerprint that names the other run."""
    assert finish_training_run("0123abcd", SUMMARY, *outputs)
    (run,) = found()
    assert run.data.tags["fingerprint"] == "pulled-0123abcd"
    assert run.data.metrics == METRICS
