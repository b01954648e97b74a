"""One MLflow run per training, kept on disk first and sent when a server takes it. The only home of mlflow.

Every run is a folder under `.finsmith/runs/`: `run.json` (name, params, tags, metrics), `curve.jsonl`, and the
artifacts until they are sent. It is sent live while a server answers; a server that is down costs a warning, never a
training, and `finsmith send-runs` sends what waits. Sending is repeatable: MLflow keeps one of equal points. Not
covered: model registry.
"""

import json
import math
import os
import re
import shutil
import socket
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from finsmith.core.errors import OutputError, TrackingError
from finsmith.core.io import read_json, write_json
from finsmith.core.state import repository_root, state_dir

EXPERIMENT = "finsmith"
_BATCH = {"metrics": 500, "params": 100, "tags": 100}  # the REST interface takes 1000, 100 and 100


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
        run = cls(state_dir("runs") / uuid.uuid4().hex)
        record = {"name": name, "params": _flat(params), "tags": _named(tags), "metrics": {}, "mlflow_id": ""}
        run._save(record | {"started_ms": _now_ms(), "ended_ms": 0, "ended": False, "sent": False})
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
    def tags(self) -> Mapping[str, str]:
        """The run's tags so far."""
        tags: dict[str, str] = self._load()["tags"]
        return tags

    @property
    def is_open(self) -> bool:
        """Whether the run has not ended: its training is under way, or was killed."""
        return not self._load()["ended"]

    @property
    def waits(self) -> bool:
        """Whether the run has ended and MLflow does not have all of it."""
        record = self._load()
        return bool(record["ended"] and not record["sent"])

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Adds a point to the run's curves; a resumed training that passes a step again adds nothing."""
        new = {name: value for name, value in values.items() if (step, name) not in self._logged}
        if not new:
            return
        point = {"step": step, "at_ms": _now_ms(), "values": new}
        with (self._folder / "curve.jsonl").open("a", encoding="utf-8") as curve:
            curve.write(json.dumps(point) + "\n")  # unlike orjson it keeps a NaN, which a diverged loss is
        self._logged.update((step, name) for name in new)
        mlflow_id = self._load()["mlflow_id"]
        if self._live and mlflow_id:
            try:
                with _mlflow() as client:
                    _log(client, mlflow_id, metrics=_metrics([point]))
            except TrackingError as error:
                self._went_quiet(error)

    def finish(
        self, metrics: Mapping[str, float], tags: Mapping[str, str], artifacts: Sequence[tuple[str, Path]]
    ) -> bool:
        """Adds final metrics, tags and artifacts (target folder, path) and sends the run; False where it must wait.

        Artifacts are copied, since the next training overwrites them before a server may be back. A metric that is
        no number is left out.

        Raises:
            OutputError: an artifact cannot be copied.
        """
        try:
            for target, path in artifacts:
                kept = self._folder / "artifacts" / target / ("" if path.is_dir() else path.name)
                kept.parent.mkdir(parents=True, exist_ok=True)
                if path.is_dir():
                    shutil.copytree(path, kept, dirs_exist_ok=True)
                else:
                    shutil.copy2(path, kept)
        except OSError as error:
            raise OutputError(f"{self._folder}: the run's artifacts cannot be kept ({error})") from error
        record = self._load()
        record["metrics"] |= _named(
            {name: float(value) for name, value in metrics.items() if value is not None and math.isfinite(value)}
        )
        record["tags"] |= _named(tags)
        self._save(record | {"ended_ms": _now_ms(), "ended": True, "sent": False})
        return self._try_sending()

    def send(self) -> None:
        """Sends all of the run; what MLflow has of it already does no harm.

        Raises:
            TrackingError: the server did not take it; the run stays on disk.
        """
        with _mlflow() as client:
            record = self._load()
            if not _is_there(client, record["mlflow_id"]):
                record["mlflow_id"] = _create(client, record)
                self._save(record)
            mlflow_id, kept = record["mlflow_id"], self._folder / "artifacts"
            final = [{"step": 0, "at_ms": record["ended_ms"], "values": record["metrics"]}]
            _log(client, mlflow_id, record["params"], record["tags"], _metrics([*self._points(), *final]))
            if kept.exists():
                client.log_artifacts(mlflow_id, str(kept))
            if record["ended"]:
                client.set_terminated(mlflow_id, end_time=record["ended_ms"])
                self._save(record | {"sent": True})
                shutil.rmtree(kept, ignore_errors=True)

    def _points(self) -> list[dict[str, Any]]:
        """The curve so far; a last line torn by a power cut is cut off."""
        curve = self._folder / "curve.jsonl"
        content = curve.read_bytes() if curve.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            curve.write_bytes(whole)
        return [json.loads(line) for line in whole.splitlines()]

    @cached_property
    def _logged(self) -> set[tuple[int, str]]:
        return {(point["step"], name) for point in self._points() for name in point["values"]}

    def _try_sending(self) -> bool:
        try:
            self.send()
        except TrackingError as error:
            self._went_quiet(error)
            return False
        return True

    def _went_quiet(self, error: TrackingError) -> None:
        self._live = False
        print(f"MLflow: {error}\nThe run is kept; `finsmith send-runs` sends it later.", file=sys.stderr, flush=True)

    def _load(self) -> dict[str, Any]:
        record: dict[str, Any] = read_json(self._folder / "run.json")
        return record

    def _save(self, record: Mapping[str, Any]) -> None:
        write_json(self._folder / "run.json", record)


def runs() -> list[Run]:
    """The runs on this machine, in the order of their ids."""
    return [Run(file.parent) for file in sorted(state_dir("runs").glob("*/run.json"))]


def send_waiting_runs() -> int:
    """Sends every finished run that waits; gives how many there were.

    Raises:
        TrackingError: some were not taken and stay; the others were sent.
    """
    waiting, errors = [run for run in runs() if run.waits], []
    for run in waiting:
        try:
            run.send()
        except TrackingError as error:
            errors.append(error)
    if errors:
        raise TrackingError(f"{len(errors)} of {len(waiting)} waiting runs were not taken: {errors[0]}")
    return len(waiting)


@contextmanager
def _mlflow() -> Iterator[Any]:
    """An MLflow client.

    Raises:
        TrackingError: nobody listens at the tracking URI, or MLflow fails inside the block.
    """
    uri = tracking_uri()
    _reachable(uri)  # before the import, which takes seconds
    # a server that hangs must be known in seconds, not after minutes of retries
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield mlflow.MlflowClient(tracking_uri=uri)
    except (mlflow.exceptions.MlflowException, SQLAlchemyError, OSError, ImportError) as error:  # no database driver
        raise TrackingError(_masked(f"{uri}: the run was not taken ({error})", uri)) from error


def _is_there(client: Any, mlflow_id: str) -> bool:
    """Whether the run is in MLflow, which may be another one than when it was started."""
    from mlflow.exceptions import MlflowException

    if not mlflow_id:
        return False
    try:
        return bool(client.get_run(mlflow_id).info.lifecycle_stage == "active")
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return False
        raise


def _create(client: Any, record: Mapping[str, Any]) -> str:
    experiment = client.get_experiment_by_name(EXPERIMENT)
    if experiment is not None:
        experiment_id = experiment.experiment_id
    else:  # a server has its own place for artifacts, a database file has none
        local = (repository_root() / "mlartifacts").as_uri() if tracking_uri().startswith("sqlite:") else None
        experiment_id = client.create_experiment(EXPERIMENT, artifact_location=local)
    return str(client.create_run(experiment_id, record["started_ms"], run_name=record["name"]).info.run_id)


def _metrics(points: Sequence[Mapping[str, Any]]) -> list[Any]:
    from mlflow.entities import Metric

    return [Metric(name, value, p["at_ms"], p["step"]) for p in points for name, value in p["values"].items()]


def _log(
    client: Any,
    mlflow_id: str,
    params: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    metrics: Sequence[Any] = (),
) -> None:
    from mlflow.entities import Param, RunTag

    kinds = {
        "params": [Param(*item) for item in (params or {}).items()],
        "tags": [RunTag(*item) for item in (tags or {}).items()],
        "metrics": metrics,
    }
    for kind, entries in kinds.items():
        for at in range(0, len(entries), _BATCH[kind]):
            client.log_batch(mlflow_id, **{kind: entries[at : at + _BATCH[kind]]})


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
        raise TrackingError(_masked(f"{uri}: the tracking server does not answer ({error})", uri)) from error


def _masked(message: str, uri: str) -> str:
    """The message without the user and password of the URI."""
    credentials = urlparse(uri).netloc.rpartition("@")[0]
    return message.replace(f"{credentials}@", "") if credentials else message


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values under names that MLflow takes."""
    return {re.sub(r"[^/\w.\- :]", "_", name)[:250]: value for name, value in values.items()}


def _flat(params: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in params.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat |= _named({f"{prefix}{name}": str(value)[:500]})
    return flat


def _now_ms() -> int:
    return int(time.time() * 1000)
