"""DVC's list as finsmith reads it, and why an experiment failed. Running them is tested in test_trials."""

import subprocess
import sys
from contextlib import contextmanager

import pytest

from finsmith.history.experiments import Experiment, _experiment


def listed(state, pid=None, **data):
    """An entry as `dvc exp show --json` of DVC 3.67 writes it."""
    local = {"root": "/r/.dvc/tmp/exps/tmpx", "log": "/r/x.out", "pid": pid, "returncode": None, "task_id": "f86"}
    executor = {"state": state, "name": "dvc-task", "local": local} if state else None
    return {"revs": [{"rev": "f86", "name": "n", "data": data or None}], "executor": executor, "name": "n"}


def test_params_and_metrics_are_read_by_stage():
    """The metrics file's name is the stage; files that could not be read are not there."""
    metrics = {"reports/metrics/mix.json": {"data": {"rows": 3}}, "reports/summary.json": {"error": {"type": "x"}}}
    found = _experiment(listed("success", params={"params.yaml": {"data": {"mix": 1}}}, metrics=metrics))
    assert (found.state, found.rev, found.params, found.metrics["mix"]) == ("success", "f86", {"mix": 1}, {"rows": 3})
    assert set(found.metrics) == {"mix"}


def test_one_without_an_executor_has_ended_well():
    """A finished experiment that another machine pushed has no executor here."""
    assert _experiment(listed("")).state == "success"


@contextmanager
def process(*arguments):
    """A process that sleeps, with these words on its command line."""
    code = "import time; print('up', flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE) as started:
        started.stdout.readline()
        try:
            yield started.pid
        finally:
            started.kill()


def test_a_running_one_without_its_process_is_lost():
    """Before it has begun, when its process has ended, and where another program has its number."""
    with process() as other:
        assert _experiment(listed("running", other)).state == "lost"
    assert _experiment(listed("running", other)).state == "lost"
    assert _experiment(listed("running")).state == "lost"


def test_a_running_one_with_its_process_runs():
    """DVC's own process names its task on its command line; one that waits has none."""
    with process("exp", "exec-run") as running:
        assert _experiment(listed("running", running)).state == "running"
        assert _experiment(listed("queued", running)).state == "queued"


DVC_ERROR = "ERROR: failed to reproduce 'train': failed to run: python -m stages.train, exited with 1"


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (
            f"Running stage 'train':\n\nfinsmith: the disk is full.\nFree some.\n{DVC_ERROR}\n",
            "the disk is full. Free some.",
        ),
        (f"Traceback (most recent call last):\n  File x\nMemoryError: 3 GB\n{DVC_ERROR}\n", "MemoryError: 3 GB"),
        (f"50%|#  |\r100%|###|\rfinsmith: 문항이 없다\r\n{DVC_ERROR}\n{DVC_ERROR}\n", "문항이 없다"),
        (f"{DVC_ERROR}\n", "see LOG"),
        ("Running stage 'train':\n 20%|##   | 4/20", "it was ended from outside; its log is LOG"),
        ("ERROR: unexpected error - no space left\n", "ERROR: unexpected error - no space left"),
    ],
)
def test_the_reason_is_what_stands_before_dvcs_own_sentence(tmp_path, log, reason):
    """Finsmith's sentence where there is one, else the last line, such as an exception's; killed, neither."""
    path = tmp_path / "x.out"
    path.write_text(log, "utf-8")
    failed = Experiment("n", "failed", "r", {}, {}, None, path, None)
    assert failed.reason == reason.replace("LOG", str(path))


def test_without_a_log_the_place_of_dvcs_is_told(tmp_path):
    """One that failed before it began has no log of its own."""
    for log in (None, tmp_path / "absent"):
        assert ".dvc/tmp/exps/celery" in Experiment("n", "failed", "r", {}, {}, None, log, None).reason
