"""How a run gets into MLflow, so that sending it again adds nothing.

A run is found again by its tag `finsmith.run`, a model by its run, a trace by an id that follows from run and request;
of equal points and inputs MLflow keeps one. Not covered: model registry.
"""

import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from finsmith.core.errors import TrackingError
from finsmith.core.state import repository_root

from .scrub import scrubbed
from .traces import send_calls

EXPERIMENT = "finsmith"
_KIND = {"mlflow.experimentKind": "custom_model_development"}  # the page opens at runs and models, not at chats
_BATCH = {"metrics": 500, "params": 100, "tags": 100}  # the REST interface takes 1000, 100 and 100
_MAX_PARAM_CHARS, _MAX_TAG_CHARS = 6000, 5000  # MLflow's own limits are 6000 and 8000; databases may hold 5000 of a tag


@dataclass(frozen=True)
class Parts:
    """What a run has besides its record: folder, curve, and the ids in MLflow of its parent and the model it used."""

    folder: Path
    points: Sequence[Mapping[str, Any]]
    parent_id: str
    used_model_id: str

    def drop(self) -> None:
        """Removes the files that MLflow has now."""
        for name in ("artifacts", "model"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        (self.folder / "calls.jsonl").unlink(missing_ok=True)


def tracking_uri() -> str:
    """`MLFLOW_TRACKING_URI` where set, else SQLite in the repository, also from DVC's temporary workspaces."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{repository_root() / 'mlflow.db'}"


@contextmanager
def connected(uri: str = "", failed: str = "the run was not taken") -> Iterator[Any]:
    """An MLflow client of the tracking URI, or of another one.

    Raises:
        TrackingError: nobody listens there, or MLflow fails inside the block; `failed` says what did not happen then.
    """
    uri = uri or tracking_uri()
    _reachable(uri)  # before the import, which takes seconds
    # a server that hangs must be known in seconds, not after minutes of retries
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield mlflow.MlflowClient(tracking_uri=uri)
    except (
        mlflow.exceptions.MlflowException,
        SQLAlchemyError,
        OSError,
        ImportError,  # no database driver
        NotImplementedError,  # an older server that takes no traces
        *_errors_of_stores(),
    ) as error:
        raise TrackingError(scrubbed(f"{uri}: {failed} ({error})")) from error


def _errors_of_stores() -> tuple[type[Exception], ...]:
    """What the client of an S3 store raises, where artifacts go there without the server between."""
    try:
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        return ()
    return (Boto3Error, BotoCoreError, ClientError)


def send(client: Any, record: dict[str, Any], parts: Parts, save: Callable[[], None]) -> None:
    """Sends all of a run; `save` is called when the record has got an id in MLflow, before anything else is sent."""
    experiment_id = _experiment(client)
    record |= {"experiment_id": experiment_id, "sent_to": scrubbed(client.tracking_uri)}
    if not is_there(client, record["mlflow_id"]):
        record["mlflow_id"], record["model_id"] = _find_or_create(client, experiment_id, record, parts.folder.name), ""
        save()
    mlflow_id = record["mlflow_id"]
    tags = record["tags"] | ({"mlflow.parentRunId": parts.parent_id} if parts.parent_id else {})
    _log(client, mlflow_id, record["params"], tags, _points([*parts.points, *_final(record)]))
    _log_data_sets(client, mlflow_id, record["data_sets"])
    if (parts.folder / "artifacts").exists():
        client.log_artifacts(mlflow_id, str(parts.folder / "artifacts"))
    if (parts.folder / "model").exists():
        record["model_id"] = _send_model(client, experiment_id, mlflow_id, parts.folder / "model")
        save()
    if parts.used_model_id:
        _log_used_model(client, mlflow_id, parts.used_model_id)
    if (parts.folder / "calls.jsonl").exists():
        send_calls(client, experiment_id, mlflow_id, parts.folder / "calls.jsonl")
    _set_status(client, record)


def log_points(client: Any, mlflow_id: str, points: Sequence[Mapping[str, Any]]) -> None:
    """Sends points of curves."""
    _log(client, mlflow_id, metrics=_points(points))


def _experiment(client: Any) -> str:
    from mlflow.exceptions import MlflowException

    if experiment := client.get_experiment_by_name(EXPERIMENT):
        return str(experiment.experiment_id)
    # a server has its own place for artifacts, a database file has none
    local = (repository_root() / "mlartifacts").as_uri() if tracking_uri().startswith("sqlite:") else None
    try:
        return str(client.create_experiment(EXPERIMENT, artifact_location=local, tags=_KIND))
    except MlflowException:  # another process was quicker
        if experiment := client.get_experiment_by_name(EXPERIMENT):
            return str(experiment.experiment_id)
        raise


def is_there(client: Any, mlflow_id: str) -> bool:
    """Whether the run is in MLflow, which may be another one than when it was started."""
    found = _found(lambda: client.get_run(mlflow_id)) if mlflow_id else None
    return bool(found and found.info.lifecycle_stage == "active")


def _found(get: Callable[[], Any]) -> Any | None:
    """What MLflow gives, or None where it does not have it."""
    from mlflow.exceptions import MlflowException

    try:
        return get()
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise


def _find_or_create(client: Any, experiment_id: str, record: Mapping[str, Any], identity: str) -> str:
    """The MLflow run of this run: one that was made when a kill came before its id was noted, or a new one."""
    found = client.search_runs([experiment_id], f"tags.`finsmith.run` = '{identity}'", max_results=1)
    if found:
        return str(found[0].info.run_id)
    tag = {"finsmith.run": identity}
    created = client.create_run(experiment_id, record["started_ms"], tags=tag, run_name=record["name"])
    return str(created.info.run_id)


def _final(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The final metrics as points, each of the time it was first told."""
    at = record["metrics_ms"]
    return [
        {"step": 0, "at_ms": at.get(name, record["ended_ms"]), "values": {name: value}}
        for name, value in record["metrics"].items()
    ]


def _log_data_sets(client: Any, mlflow_id: str, data_sets: Sequence[Mapping[str, str]]) -> None:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    inputs = [
        DatasetInput(
            Dataset(one["name"][:500], one["digest"], "local", one["source"], profile=one["profile"]),
            [InputTag("mlflow.data.context", one["context"]), InputTag("rows", one["rows"])],
        )
        for one in data_sets
    ]
    if inputs:
        client.log_inputs(mlflow_id, datasets=inputs)


def _send_model(client: Any, experiment_id: str, mlflow_id: str, folder: Path) -> str:
    """The id of the logged model; one that a kill left half sent is completed."""
    from mlflow.entities import LoggedModelOutput

    found = client.search_logged_models([experiment_id], filter_string=f"source_run_id = '{mlflow_id}'")
    model = found[0] if found else client.create_logged_model(experiment_id, "adapter", mlflow_id, model_type="lora")
    client.log_model_artifacts(model.model_id, str(folder))
    client.finalize_logged_model(model.model_id, "READY")
    outputs = client.get_run(mlflow_id).outputs
    if model.model_id not in [one.model_id for one in (outputs.model_outputs if outputs else [])]:
        client.log_outputs(mlflow_id, [LoggedModelOutput(model.model_id, 0)])
    return str(model.model_id)


def _log_used_model(client: Any, mlflow_id: str, model_id: str) -> None:
    """Names the model that a run used; one that is in another MLflow is not named."""
    from mlflow.entities import LoggedModelInput

    inputs = client.get_run(mlflow_id).inputs
    used = [one.model_id for one in (inputs.model_inputs if inputs else [])]
    if model_id not in used and _found(lambda: client.get_logged_model(model_id)):
        client.log_inputs(mlflow_id, models=[LoggedModelInput(model_id)])


def _set_status(client: Any, record: Mapping[str, Any]) -> None:
    if record["status"] == "RUNNING":
        client.update_run(record["mlflow_id"], status="RUNNING")
    else:
        client.set_terminated(record["mlflow_id"], record["status"], end_time=record["ended_ms"])


def _points(points: Sequence[Mapping[str, Any]]) -> list[Any]:
    from mlflow.entities import Metric

    return [Metric(_name(name), value, p["at_ms"], p["step"]) for p in points for name, value in p["values"].items()]


def _log(
    client: Any,
    mlflow_id: str,
    params: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    metrics: Sequence[Any] = (),
) -> None:
    from mlflow.entities import Param, RunTag

    kinds = {
        "params": [Param(_name(name), value[:_MAX_PARAM_CHARS]) for name, value in (params or {}).items()],
        "tags": [RunTag(_name(name), value[:_MAX_TAG_CHARS]) for name, value in (tags or {}).items()],
        "metrics": metrics,
    }
    for kind, entries in kinds.items():
        for at in range(0, len(entries), _BATCH[kind]):
            client.log_batch(mlflow_id, **{kind: entries[at : at + _BATCH[kind]]})


def _name(name: str) -> str:
    """A name that MLflow takes."""
    return re.sub(r"[^/\w.\- :]", "_", name)[:250]


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
        raise TrackingError(scrubbed(f"{uri}: the tracking server does not answer ({error})")) from error
