"""One MLflow run per training, kept on disk first and sent when a server takes it. The only home of mlflow.

Every run is a folder under `.finsmith/runs/`: `run.json` (name, params, tags, metrics) and `curve.jsonl`. It is sent
live while a server answers; a server that is down costs a warning, never a training, and `finsmith send-runs` sends
what waits. Not covered: model registry.
"""

import os
import socket
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import orjson

from finsmith.core.errors import TrackingError
from finsmith.core.io import read_json, write_json
from finsmith.core.state import repository_root, state_dir

EXPERIMENT = "finsmith"


def tracking_uri() -> str:
    """`MLFLOW_TRACKING_URI` where set, else SQLite in the repository, also from DVC's temporary workspaces."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{repository_root() / 'mlflow.db'}"


class Run:
    """A run on disk that is passed on to MLflow as far as MLflow answers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._live = True

    @classmethod
    def start(cls, name: str, params: Mapping[str, Any], tags: Mapping[str, str]) -> "Run":
        """A new run; its id is in `id`."""
        identity = uuid.uuid4().hex
        run = cls(state_dir("runs") / identity)
        run._folder.mkdir()
        record = {
            "name": name,
            "params": _flat(params),
            "tags": dict(tags),
            "metrics": {},
            "artifacts": [],
            "mlflow_id": "",
        }
        run._save(record | {"started_ms": int(time.time() * 1000), "ended": False, "sent": False})
        run._try_sending()
        return run

    @classmethod
    def open(cls, identity: str) -> "Run":
        """A run started earlier on this machine.

        Raises:
            TrackingError: there is none of that id here.
        """
        folder = state_dir("runs") / identity
        if not (folder / "run.json").exists():
            raise TrackingError(f"run {identity} is not on this machine (`{folder}`); the training came from elsewhere")
        return cls(folder)

    @property
    def id(self) -> str:
        """The run's id on disk."""
        return self._folder.name

    @property
    def sent(self) -> bool:
        """Whether MLflow has everything of the run."""
        return bool(self._load()["sent"])

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Adds a point to the run's curves."""
        point = {"step": step, "at_ms": int(time.time() * 1000), "values": dict(values)}
        with (self._folder / "curve.jsonl").open("ab") as curve:
            curve.write(orjson.dumps(point) + b"\n")
        if self._live:
            self._guarded(lambda client, mlflow_id: _log_points(client, mlflow_id, [point]))

    def finish(
        self, metrics: Mapping[str, float], tags: Mapping[str, str], artifacts: Sequence[tuple[str, Path]]
    ) -> bool:
        """Adds final metrics, tags and artifacts (target folder, path) and sends the run; False where it must wait."""
        record = self._load()
        record["metrics"] |= dict(metrics)
        record["tags"] |= dict(tags)
        record["artifacts"] = [[target, str(path.resolve())] for target, path in artifacts]
        self._save(record | {"ended": True, "sent": False})
        return self._try_sending()

    def send(self) -> None:
        """Sends all of the run that MLflow does not have.

        Raises:
            TrackingError: the server did not take it; the run stays on disk.
        """
        uri = tracking_uri()
        _reachable(uri)
        from mlflow.exceptions import MlflowException

        try:
            self._send(_client(uri))
        except (MlflowException, OSError) as error:
            raise TrackingError(f"{_shown(uri)}: the run {self.id} was not taken ({error})") from error

    def _send(self, client: Any) -> None:
        record = self._load()
        if not record["mlflow_id"]:
            record["mlflow_id"] = _create(client, record)
            self._save(record)
            curve = self._folder / "curve.jsonl"
            if curve.exists():
                _log_points(
                    client, record["mlflow_id"], [orjson.loads(line) for line in curve.read_bytes().splitlines()]
                )
        mlflow_id = record["mlflow_id"]
        for name, value in record["metrics"].items():
            client.log_metric(mlflow_id, name, value)
        for name, value in record["tags"].items():
            client.set_tag(mlflow_id, name, value)
        for target, path in record["artifacts"]:
            if Path(path).is_dir():
                client.log_artifacts(mlflow_id, path, target)
            elif Path(path).exists():
                client.log_artifact(mlflow_id, path, target or None)
        if record["ended"]:
            client.set_terminated(mlflow_id)
            self._save(record | {"sent": True})

    def _try_sending(self) -> bool:
        try:
            self.send()
        except TrackingError as error:
            self._went_quiet(error)
            return False
        return True

    def _guarded(self, act: Any) -> None:
        from mlflow.exceptions import MlflowException

        record = self._load()
        if not record["mlflow_id"]:
            return
        try:
            act(_client(tracking_uri()), record["mlflow_id"])
        except (MlflowException, OSError) as error:
            # the whole curve is on disk: a fresh run will be made of it when it is sent
            self._save(record | {"mlflow_id": "", "tags": record["tags"] | {"replaces_run": record["mlflow_id"]}})
            self._went_quiet(TrackingError(str(error)))

    def _went_quiet(self, error: TrackingError) -> None:
        self._live = False
        print(f"MLflow: {error}\nThe run is kept; `finsmith send-runs` sends it later.", file=sys.stderr, flush=True)

    def _load(self) -> dict[str, Any]:
        record: dict[str, Any] = read_json(self._folder / "run.json")
        return record

    def _save(self, record: Mapping[str, Any]) -> None:
        write_json(self._folder / "run.json", record)


def send_waiting_runs() -> int:
    """Sends every finished run that waits; gives how many there were.

    Raises:
        TrackingError: the server does not take them; they all stay.
    """
    waiting = [
        run for folder in sorted(state_dir("runs").iterdir()) if not (run := Run(folder)).sent and run._load()["ended"]
    ]
    for run in waiting:
        run.send()
    return len(waiting)


def _client(uri: str) -> Any:
    import mlflow

    # a server that is down must be known in seconds, not after minutes of retries
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    mlflow.set_tracking_uri(uri)
    return mlflow.MlflowClient(tracking_uri=uri)


def _create(client: Any, record: Mapping[str, Any]) -> str:
    experiment = client.get_experiment_by_name(EXPERIMENT)
    if experiment is not None:
        experiment_id = experiment.experiment_id
    elif "MLFLOW_TRACKING_URI" in os.environ:
        experiment_id = client.create_experiment(EXPERIMENT)
    else:
        artifacts = (repository_root() / "mlartifacts").as_uri()
        experiment_id = client.create_experiment(EXPERIMENT, artifact_location=artifacts)
    run = client.create_run(
        experiment_id, start_time=record["started_ms"], run_name=record["name"], tags=record["tags"]
    )
    for name, value in record["params"].items():
        client.log_param(run.info.run_id, name, value)
    return str(run.info.run_id)


def _log_points(client: Any, mlflow_id: str, points: list[dict[str, Any]]) -> None:
    from mlflow.entities import Metric

    metrics = [Metric(name, value, p["at_ms"], p["step"]) for p in points for name, value in p["values"].items()]
    for at in range(0, len(metrics), 500):
        client.log_batch(mlflow_id, metrics=metrics[at : at + 500])


def _reachable(uri: str) -> None:
    """Asks a server's port first, since the client would try for long.

    Raises:
        TrackingError: nobody listens there.
    """
    parts = urlparse(uri)
    if parts.scheme not in ("http", "https"):
        return
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=5).close()
    except OSError as error:
        raise TrackingError(f"{_shown(uri)}: the tracking server does not answer ({error})") from error


def _shown(uri: str) -> str:
    parts = urlparse(uri)
    return uri.replace(f"{parts.username}:{parts.password}@", "") if parts.password else uri


def _flat(params: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in params.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = str(value)[:500]
    return flat
