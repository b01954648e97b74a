"""Runs on disk first, passed on to MLflow as far as MLflow answers.

Every run is a folder under `.finsmith/runs/`: `run.json` (names, parameters, tags, metrics, data sets), `curve.jsonl`,
and artifacts, model and calls until MLflow has them. What is written is free of secrets, on the disk too. A server that
is down costs a warning, never a stage, and `finsmith track sync` sends what waits. Not covered: which runs there are
(`executions`), and how one is sent (`sending`).
"""

import fcntl
import json
import math
import shutil
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from finsmith.core.errors import OutputError, TrackingError
from finsmith.core.io import read_json, write_json, write_text
from finsmith.core.records import StoredCall
from finsmith.core.state import state_dir

from .scrub import HIDDEN, copy_scrubbed, is_secret, scrubbed
from .sending import Parts, connected, is_there, log_points, send

Status = Literal["RUNNING", "FAILED", "FINISHED", "KILLED"]
Record = dict[str, Any]
_NEW: Record = {
    "parent": "",  # another run's id, as `model_of` is
    "model_of": "",
    "stage": "",
    "about": {},
    "params": {},
    "tags": {},
    "metrics": {},
    "metrics_ms": {},
    "data_sets": [],
    "mlflow_id": "",
    "experiment_id": "",
    "sent_to": "",  # the tracking URI at which it has these ids
    "model_id": "",
    "status": "RUNNING",
    "ended_ms": 0,
    "curve_bytes": 0,  # of the curve, how much MLflow has
    "sent": False,
}


class Run:
    """A run on disk; what it is told is sent at once while MLflow answers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._live = True

    @classmethod
    def start(
        cls,
        name: str,
        stage: str = "",
        params: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        data_sets: Sequence[Mapping[str, str]] = (),
        parent: str = "",
        about: Mapping[str, str] | None = None,
        model_of: str = "",
    ) -> "Run":
        """A new run; `parent` and `model_of` (whose model it uses) are ids, `about` stays on this machine."""
        run = cls(state_dir("runs") / uuid.uuid4().hex)
        own = {"stage": stage} if stage else {}
        record = _NEW | {
            "name": scrubbed(name),
            "stage": stage,
            "params": _flat(params or {}),
            "tags": _clean_tags({"finsmith.run": run.id} | own | dict(tags or {})),
            "data_sets": list(data_sets),
            "parent": parent,
            "model_of": model_of,
            "about": dict(about or {}),
            "started_ms": _now_ms(),
        }
        write_json(run._folder / "run.json", record)
        run.try_sending()
        return run

    @classmethod
    def open(cls, identity: str) -> "Run":
        """A run started earlier on this machine.

        Raises:
            TrackingError: there is none of that id here.
        """
        folder = state_dir("runs") / identity
        if not (folder / "run.json").exists():
            raise TrackingError(f"run {identity} is not on this machine (`{folder}`)")
        return cls(folder)

    @property
    def id(self) -> str:
        """The run's id on disk; in MLflow its tag `finsmith.run`."""
        return self._folder.name

    @property
    def record(self) -> Record:
        """What stands in run.json."""
        found: Record = read_json(self._folder / "run.json")
        if "ended" in found:  # of a run that an earlier version began
            found["status"] = "FINISHED" if found.pop("ended") else "RUNNING"
        return _NEW | found

    @property
    def is_open(self) -> bool:
        """Whether the run may go on: its stage is under way, was killed, or failed."""
        return self.record["status"] in ("RUNNING", "FAILED")

    @property
    def waits(self) -> bool:
        """Whether MLflow does not have all of it."""
        record, curve = self.record, self._folder / "curve.jsonl"
        return not record["sent"] or record["curve_bytes"] != (curve.stat().st_size if curve.exists() else 0)

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Adds a point to the run's curves; a resumed training that passes a step again adds nothing."""
        new = {name: value for name, value in values.items() if (step, name) not in self._logged}
        if not new:
            return
        point = {"step": step, "at_ms": _now_ms(), "values": new}
        line = json.dumps(point).encode() + b"\n"  # unlike orjson it keeps a NaN, which a diverged loss is
        with (self._folder / "curve.jsonl").open("ab") as curve:
            curve.write(line)
        self._logged.update((step, name) for name in new)
        mlflow_id = self.record["mlflow_id"]
        if not (self._live and mlflow_id):
            return
        try:
            with connected() as client:
                log_points(client, mlflow_id, [point])
            with self._changing() as record:
                record["curve_bytes"] += len(line)
        except TrackingError as error:
            self._went_quiet(error)

    def finish(
        self,
        figures: Mapping[str, Any],
        tags: Mapping[str, str] | None = None,
        artifacts: Iterable[tuple[str, Path]] = (),
        write_model: Callable[[Path], None] | None = None,
        data_sets: Sequence[Mapping[str, str]] = (),
    ) -> bool:
        """Adds what the run came to and sends it; False where it must wait.

        Of nested figures the numbers are kept, under names joined by "/"; what is no number is left out. Artifacts
        (target folder, path) are copied, since the next run overwrites them before a server may be back. `write_model`
        writes an MLflow model into a folder.

        Raises:
            OutputError: an artifact cannot be copied.
        """
        with self._changing() as record:
            try:
                for target, path in artifacts:
                    _copy(path, self._folder / "artifacts" / target / ("" if path.is_dir() else path.name))
                if write_model:
                    _write_aside(self._folder / "model", write_model)
            except OSError as error:
                raise OutputError(f"{self._folder}: the run's artifacts cannot be kept ({error})") from error
            new = {name: value for name, value in _numbers(figures) if record["metrics"].get(name) != value}
            record["metrics"] |= new
            record["metrics_ms"] |= dict.fromkeys(new, _now_ms())
            record["tags"] |= _clean_tags(tags or {})
            record["data_sets"] += [one for one in data_sets if one not in record["data_sets"]]
            record |= {"status": "FINISHED", "ended_ms": _now_ms(), "sent": False}
        return self.try_sending()

    def trace(self, calls: Iterable[StoredCall]) -> None:
        """Adds a teacher's calls, with their texts, as traces."""
        lines = [scrubbed(call.model_dump_json()) for call in calls]
        with self._changing() as record:
            write_text(self._folder / "calls.jsonl", "".join(f"{line}\n" for line in lines))
            record["sent"] = False
        self.try_sending()

    def end(self, status: Status, error: str = "") -> None:
        """Notes that the run failed, or was killed and will not go on; a failed one may."""
        self.change(status=status, ended_ms=_now_ms(), tags={"error": error[:5000]} if error else {})
        self.try_sending()

    def reopen(self, parent: str = "", tags: Mapping[str, str] | None = None) -> None:
        """Goes on with a run that was killed, failed, or is made again; under another parent where one is given."""
        record = self.record
        mended = {"error": ""} if record["tags"].get("error") else {}
        self.change({**(tags or {}), **mended}, status="RUNNING", ended_ms=0, parent=parent or record["parent"])
        self.try_sending()

    def change(
        self, tags: Mapping[str, str] | None = None, about: Mapping[str, str] | None = None, **fields: Any
    ) -> None:
        """Sets fields of the record, and adds tags and what this machine must know; sends nothing."""
        with self._changing() as record:
            record["tags"] |= _clean_tags(tags or {})
            record["about"] |= about or {}
            record |= fields | {"sent": record["sent"] and not (tags or fields)}

    def send(self) -> str:
        """Sends all that MLflow has not; gives its id there.

        Raises:
            TrackingError: the server did not take it; the run stays on disk.
        """
        with self._locked():
            record, curve = self.record, self._curve()
            parent, model_of = (Run.open(record[name]) if record[name] else None for name in ("parent", "model_of"))
            with connected() as client:
                if parent and not is_there(client, parent.record["mlflow_id"]):
                    parent.send()
                parts = Parts(
                    self._folder,
                    _points(curve),
                    parent.record["mlflow_id"] if parent else "",
                    model_of.record["model_id"] if model_of else "",
                )
                send(client, record, parts, lambda: write_json(self._folder / "run.json", record))
            write_json(self._folder / "run.json", record | {"sent": True, "curve_bytes": len(curve)})
            parts.drop()
        return str(record["mlflow_id"])

    def try_sending(self) -> bool:
        """Sends the run; False, with a warning, where it must wait."""
        try:
            self.send()
        except TrackingError as error:
            self._went_quiet(error)
            return False
        return True

    def _curve(self) -> bytes:
        """The curve so far; a last line torn by a power cut is cut off."""
        curve = self._folder / "curve.jsonl"
        content = curve.read_bytes() if curve.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            curve.write_bytes(whole)
        return whole

    @cached_property
    def _logged(self) -> set[tuple[int, str]]:
        return {(point["step"], name) for point in _points(self._curve()) for name in point["values"]}

    def _went_quiet(self, error: TrackingError) -> None:
        self._live = False
        print(f"MLflow: {error}\nThe run is kept; `finsmith track sync` sends it later.", file=sys.stderr, flush=True)

    @contextmanager
    def _changing(self) -> Iterator[Record]:
        with self._locked():
            record = self.record
            yield record
            write_json(self._folder / "run.json", record)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time: a stage and `finsmith track sync` may meet."""
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def runs() -> list[Run]:
    """The runs on this machine, in the order of their ids."""
    return [Run(file.parent) for file in sorted(state_dir("runs").glob("*/run.json"))]


def send_waiting_runs() -> int:
    """Sends every run that waits; gives how many there were.

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


def _points(curve: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in curve.splitlines()]


def _copy(source: Path, target: Path) -> None:
    """Copies a file, or all files of a folder, without secrets."""
    for file in [file for file in source.rglob("*") if file.is_file()] if source.is_dir() else [source]:
        copy_scrubbed(file, target / file.relative_to(source) if source.is_dir() else target)


def _write_aside(folder: Path, write: Callable[[Path], None]) -> None:
    """Has a folder written that appears whole."""
    aside = folder.with_suffix(".part")
    shutil.rmtree(aside, ignore_errors=True)
    write(aside)
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)


def _numbers(figures: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    """The finite numbers among nested figures, with their names."""
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, f"{prefix}{name}/")
        elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            yield f"{prefix}{name}", float(value)


def _flat(params: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Parameters under names joined by dots, secrets hidden; an empty group is `{}`."""
    flat: dict[str, str] = {}
    for name, value in params.items():
        if isinstance(value, Mapping) and value:
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = HIDDEN if is_secret(str(name)) and value else scrubbed(str(value))
    return flat


def _clean_tags(tags: Mapping[str, str]) -> dict[str, str]:
    return {name: HIDDEN if is_secret(name) else scrubbed(value) for name, value in tags.items()}


def _now_ms() -> int:
    return int(time.time() * 1000)
