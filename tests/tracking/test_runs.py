"""Runs on disk and in MLflow: a SQLite file, a real server, and a server that is down, dies or hangs."""

import math
import os
import re
import shutil
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import mlflow
import pytest

from finsmith.core.errors import TrackingError
from finsmith.tracking.pages import run_page
from finsmith.tracking.runs import Run, send_waiting_runs
from finsmith.tracking.sending import EXPERIMENT, tracking_uri

from .conftest import Line, Server, free_port


def client(uri: str | None = None) -> mlflow.MlflowClient:
    return mlflow.MlflowClient(tracking_uri=uri or tracking_uri())


def found(uri: str | None = None) -> list[Any]:
    """The runs that MLflow has, as MLflow tells them."""
    experiment = client(uri).get_experiment_by_name(EXPERIMENT)
    return list(client(uri).search_runs([experiment.experiment_id])) if experiment else []


def named(name: str, uri: str | None = None) -> Any:
    """The one run of that name in MLflow."""
    (run,) = [run for run in found(uri) if run.info.run_name == name]
    return run


def curve(run: Any, metric: str, uri: str | None = None) -> list[tuple[int, float]]:
    return [(point.step, point.value) for point in client(uri).get_metric_history(run.info.run_id, metric)]


def artifacts(run: Any, folder: str, uri: str | None = None) -> dict[str, bytes]:
    """Contents of the run's files in a folder, downloaded."""
    files = client(uri).list_artifacts(run.info.run_id, folder)
    return {
        file.path: Path(
            mlflow.artifacts.download_artifacts(
                f"runs:/{run.info.run_id}/{file.path}", tracking_uri=uri or tracking_uri()
            )
        ).read_bytes()
        for file in files
    }


def test_where_a_run_is_seen(server, line, monkeypatch):
    """Under its ids in the local store, on the server it was sent to without the password, and nowhere before."""
    run = Run.start("local")
    here = named("local").info
    assert (
        run_page(run.id)
        == f"make mlflow, then http://127.0.0.1:5000/#/experiments/{here.experiment_id}/runs/{here.run_id}"
    )
    monkeypatch.setenv("MLFLOW_TRACKING_URI", line.uri.replace("//", "//kim:secret-word@"))
    run = Run.start("remote")
    there = named("remote", server.uri).info
    assert run_page(run.id) == f"{line.uri}/#/experiments/{there.experiment_id}/runs/{there.run_id}"
    line.cut()
    assert run_page(Run.start("waits").id) == run_page("of another machine") == ""


@pytest.fixture
def outputs(tmp_path: Path) -> list[tuple[str, Path]]:
    """A report and an adapter folder, as the report stage hands them over."""
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text('{"r": 4}')
    (adapter / "adapter_model.safetensors").write_bytes(bytes(range(256)))
    report = tmp_path / "summary.json"
    report.write_text('{"정확도": 0.5}')
    return [("reports", report), ("adapter", adapter)]


OUTPUTS = {
    "reports": {"reports/summary.json": '{"정확도": 0.5}'.encode()},
    "adapter": {
        "adapter/adapter_config.json": b'{"r": 4}',
        "adapter/adapter_model.safetensors": bytes(range(256)),
    },
}
PARAMS = {"train": {"epochs": 2, "lora": {"r": 4, "target_modules": ["q_proj", "v_proj"]}}}


def begin(name: str) -> Run:
    return Run.start(name, params=PARAMS, tags={"fingerprint": "abc"})


def train(run: Run, steps: range = range(1, 6)) -> None:
    """Logs a curve whose loss at step s is 10 / s."""
    for step in steps:
        run.log(step, {"loss": 10 / step, "learning_rate": 0.001})


def assert_whole(run: Any, uri: str | None = None) -> None:
    """Params, tags, five points a curve, metrics and artifacts are in MLflow, each once."""
    assert run.info.status == "FINISHED"
    assert run.data.params == {
        "train.epochs": "2",
        "train.lora.r": "4",
        "train.lora.target_modules": "['q_proj', 'v_proj']",
    }
    assert run.data.tags["fingerprint"] == "abc" and run.data.tags["dvc.data/mixed"] == "123.dir"
    assert curve(run, "loss", uri) == [(1, 10.0), (2, 5.0), (3, 10 / 3), (4, 2.5), (5, 2.0)]
    assert curve(run, "learning_rate", uri) == [(step, 0.001) for step in range(1, 6)]
    assert curve(run, "accuracy_after", uri) == [(0, 0.5)]
    assert {folder: artifacts(run, folder, uri) for folder in OUTPUTS} == OUTPUTS


def finish(run: Run, outputs: list[tuple[str, Path]]) -> bool:
    return run.finish({"accuracy_after": 0.5}, {"dvc.data/mixed": "123.dir"}, outputs)


def test_a_run_in_a_sqlite_file(tmp_path, database, monkeypatch, outputs):
    """`MLFLOW_TRACKING_URI` with a SQLite file gets the whole run: params, tags, curve, metrics, artifacts."""
    shutil.copy(database, tmp_path / "other.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/other.db")
    run = begin("whole")
    train(run)
    assert finish(run, outputs)
    assert_whole(named("whole"))
    assert not run.waits and send_waiting_runs() == 0


def test_the_default_database_is_the_repositorys_also_in_a_temporary_workspace(repository, monkeypatch, outputs):
    """A run started inside `.dvc/tmp/exps/standalone/x` lands in the repository's mlflow.db and mlartifacts."""
    workspace = repository / ".dvc/tmp/exps/standalone/x"
    workspace.mkdir(parents=True)
    (workspace / "dvc.yaml").write_text("stages: {}\n")
    monkeypatch.chdir(workspace)
    run = begin("temporary")
    train(run)
    assert finish(run, outputs)
    monkeypatch.chdir(repository)
    assert_whole(named("temporary", f"sqlite:///{repository}/mlflow.db"), f"sqlite:///{repository}/mlflow.db")
    assert (repository / ".finsmith/runs" / run.id / "run.json").exists()
    assert len(list(repository.glob("mlartifacts/*/artifacts/adapter/*"))) == 2
    assert not list(workspace.glob("ml*"))


def test_sending_leaves_the_environment_alone(monkeypatch):
    """Sending sets no `MLFLOW_TRACKING_URI`, which would change where artifacts of later runs go."""
    Run.start("quiet")
    assert "MLFLOW_TRACKING_URI" not in os.environ


def test_finishing_again_doubles_nothing(outputs):
    """A report made twice gives one run with one curve."""
    run = begin("twice")
    train(run)
    assert finish(run, outputs) and finish(run, [])
    (only,) = found()
    assert Counter(step for step, _ in curve(only, "loss")) == Counter(range(1, 6))
    assert artifacts(only, "adapter") == OUTPUTS["adapter"]


def test_a_run_that_is_not_in_this_mlflow_is_made_there(tmp_path, database, monkeypatch, outputs):
    """A run started against one database and finished against another is whole in the second."""
    run = begin("moved")
    train(run, range(1, 4))
    shutil.copy(database, tmp_path / "other.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/other.db")
    train(run, range(4, 6))
    assert finish(run, outputs)
    assert_whole(named("moved"))


def test_a_loss_that_is_no_number_is_on_the_curve_and_in_no_metric(outputs):
    """A diverged training's NaN is sent as NaN, later too; a final metric that is null or NaN is left out."""
    run = Run.start("diverged")
    run.log(1, {"loss": math.nan})
    assert run.finish({"final_loss": math.nan, "mcnemar_p": None, "rows": 16, "device": "cpu", "by": {"letter": 1}})
    ((step, value),) = curve(named("diverged"), "loss")
    assert step == 1 and math.isnan(value)
    assert set(named("diverged").data.metrics) == {"loss", "rows", "by/letter"}


def test_names_that_mlflow_refuses_are_mended():
    """A path or model with parentheses or an at sign in a param, tag or metric name costs no run; Korean stays."""
    run = Run.start("names", params={"prices": {"model@v1": 0.1}}, tags={"dvc.data/보고서(2024)": "1.dir"})
    assert run.finish({"정확도+": 0.5})
    sent = named("names").data
    assert sent.params == {"prices.model_v1": "0.1"}
    assert sent.tags["dvc.data/보고서_2024_"] == "1.dir"
    assert sent.metrics == {"정확도_": 0.5}


def test_more_than_a_batch_of_params_and_points(monkeypatch):
    """250 params and 1,200 points sent at once arrive, though MLflow takes 100 and 1,000 at a time."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    run = Run.start("many", params={f"p{n}": n for n in range(250)})
    for step in range(1200):
        run.log(step, {"loss": float(step)})
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert run.finish({})
    assert named("many").data.params == {f"p{n}": str(n) for n in range(250)}
    assert [step for step, _ in curve(named("many"), "loss")] == list(range(1200))


def test_a_line_torn_by_a_power_cut_costs_one_point(repository):
    """A curve whose last line is half written is sent up to there, and goes on behind it."""
    run = Run.start("torn")
    run.log(1, {"loss": 1.0})
    with (repository / ".finsmith/runs" / run.id / "curve.jsonl").open("a") as file:
        file.write('{"step": 2, "at_ms": 17')
    again = Run.open(run.id)
    again.log(3, {"loss": 3.0})
    assert again.finish({})
    assert curve(named("torn"), "loss") == [(1, 1.0), (3, 3.0)]


def test_a_run_that_is_not_here():
    """Opening a run of another machine is an error that names it."""
    with pytest.raises(TrackingError, match="run 0123 is not on this machine"):
        Run.open("0123")


def test_a_database_that_is_none_costs_no_training(tmp_path, monkeypatch, capsys):
    """A broken database file gives a message and a run that waits, no exception."""
    (tmp_path / "broken.db").write_text("한국은행 " * 1000)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/broken.db")
    run = Run.start("broken")
    run.log(1, {"loss": 1.0})
    assert run.finish({}) is False
    assert "file is not a database" in capsys.readouterr().err
    assert run.waits


def test_a_password_in_the_address_is_not_shown(monkeypatch, capsys):
    """The message about a server that is down has its address without user and password."""
    port = free_port()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://kim:geheim@127.0.0.1:{port}")
    Run.start("secret")
    shown = capsys.readouterr().err
    assert f"http://127.0.0.1:{port}: the tracking server does not answer" in shown
    assert "kim" not in shown and "geheim" not in shown


def test_one_run_that_is_not_taken_holds_no_other_back(repository, monkeypatch, outputs):
    """Where one waiting run's artifacts have no place, the others are sent and the error counts it."""
    Run.start("first").finish({})
    stuck = Run.start("stuck")
    (repository / "mlartifacts").mkdir(exist_ok=True)
    (repository / "mlartifacts" / named("stuck").info.run_id).write_text("a file where a folder should be")
    assert finish(stuck, outputs) is False
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    for number in range(3):
        assert Run.start(f"later {number}").finish({}) is False
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    with pytest.raises(TrackingError, match="1 of 4 waiting runs were not taken"):
        send_waiting_runs()
    assert {run.info.run_name for run in found() if run.info.status == "FINISHED"} == {
        "first",
        "later 0",
        "later 1",
        "later 2",
    }
    assert stuck.waits


def test_a_run_on_a_server_is_live(server: Server, monkeypatch, outputs):
    """With a server a point can be seen while the training runs, and at the end the run is whole there."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.uri)
    run = begin("live")
    train(run, range(1, 3))
    assert named("live").info.status == "RUNNING"
    assert curve(named("live"), "loss") == [(1, 10.0), (2, 5.0)]
    train(run, range(3, 6))
    assert finish(run, outputs)
    assert_whole(named("live"))


def test_a_server_that_is_down_takes_the_run_later(server: Server, repository, monkeypatch, capsys, outputs):
    """Without a server nothing is raised and the run is kept; sent later it is whole, with the files as they were."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    run = begin("down")
    train(run)
    assert finish(run, outputs) is False
    assert "the tracking server does not answer" in (said := capsys.readouterr().err)
    assert "`finsmith track sync` sends it later" in said
    assert (repository / ".finsmith/runs" / run.id / "curve.jsonl").read_text().count("\n") == 5
    outputs[0][1].write_text("the next training's report")
    shutil.rmtree(outputs[1][1])
    with pytest.raises(TrackingError, match="1 of 1 waiting runs"):
        send_waiting_runs()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.uri)
    assert send_waiting_runs() == 1
    assert_whole(named("down"))
    assert send_waiting_runs() == 0
    assert not (repository / ".finsmith/runs" / run.id / "artifacts").exists()


def test_a_run_sent_later_has_the_times_of_its_training(server: Server, monkeypatch, outputs):
    """Start, end and points of a run that waited bear the time they happened, not the time of sending."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    run = Run.start("times")
    run.log(1, {"loss": 1.0})
    run.finish({})
    ended = time.time() * 1000
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.uri)
    send_waiting_runs()
    (point,) = client().get_metric_history(named("times").info.run_id, "loss")
    info = named("times").info
    assert info.start_time <= point.timestamp <= info.end_time <= ended


def test_a_server_that_dies_in_the_middle(server: Server, line: Line, monkeypatch, capsys, outputs):
    """A server lost between two points stops nothing; when it is back, its one run of that name becomes whole."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", line.uri)
    run = begin("lost")
    train(run, range(1, 3))
    line.cut()
    train(run, range(3, 6))
    assert capsys.readouterr().err.count("MLflow: ") == 1
    assert finish(run, outputs) is False
    assert curve(named("lost", server.uri), "loss", server.uri) == [(1, 10.0), (2, 5.0)]
    line.mend()
    assert send_waiting_runs() == 1
    assert_whole(named("lost"))


def test_a_server_that_hangs(server: Server, monkeypatch, capsys, outputs):
    """A server that takes the connection and never answers costs two time-outs, then the run goes on without it."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.uri)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    run = begin("hangs")
    os.killpg(server.process.pid, signal.SIGSTOP)
    try:
        train(run)
    finally:
        os.killpg(server.process.pid, signal.SIGCONT)
    assert re.search(r"MLflow: .*the run was not taken", capsys.readouterr().err)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    assert finish(run, outputs)
    assert_whole(named("hangs"))
