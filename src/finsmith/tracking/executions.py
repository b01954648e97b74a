"""One MLflow run for each execution of the pipeline, with a child for each stage that costs money or hours.

An execution lasts, in one workspace, from the first of generate, train and evaluate that runs to the end of `report`.
It stands on the disk as an open run; a stage that starts goes on with it, and with its own child where that was killed
or failed. Where commit or parameters have changed meanwhile, the open one is ended as killed and another begins. A
stage that DVC took from its cache has no child: the tag `<stage>.run` names the run that made what is used.

Not covered: how a run is kept and sent; that is in runs.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from finsmith.core.errors import OutputError
from finsmith.core.ids import sha256_of
from finsmith.core.records import StoredCall
from finsmith.core.state import repository_root
from finsmith.history.revisions import working_tree

from .adapter_model import write_adapter_model
from .datasets import data_sets, pipeline_data_sets
from .figures import pipeline_figures
from .runs import Run, runs
from .versions import dvc_hashes, git_commit, is_dirty, lock_sha256, version_of

STAGES = ("generate", "train", "evaluate")
_PIPELINE = "pipeline"
_PARAMS = Path("params.yaml")


@contextmanager
def stage_run(stage: str, fingerprint: str, inputs: Sequence[Path], used: str = "") -> Iterator[Run]:
    """The child run of a stage; where the block fails, the run does, with the error as a tag.

    `fingerprint` decides which child is gone on with; `used` is the stage whose model this one uses.
    """
    run = start_stage(stage, fingerprint, inputs, used)
    try:
        yield run
    except BaseException as error:
        run.end("FAILED", f"{type(error).__name__}: {error}")
        raise


def start_stage(stage: str, fingerprint: str, inputs: Sequence[Path], used: str = "") -> Run:
    """The stage's child in this workspace's execution: the one with this fingerprint that is there, else a new one.

    A child of an earlier execution that was killed with the same fingerprint moves here: a training goes on from its
    checkpoint, and its curve with it.
    """
    parent, found = _execution(), None
    for run in runs():
        record = run.record
        if record["stage"] != stage or record["about"].get("place") != _place():
            continue
        same = record["about"]["fingerprint"] == fingerprint
        if same and (run.is_open or record["parent"] == parent.id):
            found = run
        elif run.is_open:
            run.end("KILLED")
    if found:
        found.reopen(parent.id, _versions())
        return found
    model_of = (_run_of(used, parent) or "") if used else ""
    about = {"place": _place(), "fingerprint": fingerprint}
    tags = _versions() | {"fingerprint": fingerprint}
    params = {stage: _params().get(stage, {})}
    return Run.start(stage, stage, params, tags, data_sets(inputs, stage), parent.id, about, model_of)


def finish_training(run: Run, record: Mapping[str, Any], adapter: Path, base: Path) -> None:
    """Completes the run of a training with its record and the adapter as a model.

    The training is done and paid: a model that cannot be written, as on a full disk, costs the model and a warning.
    """
    tags = {name: str(record[name]) for name in ("device", "dtype", "quantization")}
    try:
        run.finish(record, tags, write_model=partial(write_adapter_model, adapter=adapter, base=base))
    except OutputError as error:
        print(f"MLflow: {error}\nThe adapter itself is in `{adapter}`.", file=sys.stderr, flush=True)
        run.finish(record, tags | {"error": str(error)})


def finish_execution(
    summary: Mapping[str, Any], artifacts: Sequence[tuple[str, Path]], trained: str, calls: Sequence[StoredCall] = ()
) -> bool:
    """Completes this workspace's execution; False where it waits for MLflow.

    `trained` is the id of the run that trained, as the training's output has it: it may be another machine's. `calls`
    become traces of the run that generated.
    """
    run = _execution(again=True)
    for child in _children(run):
        if child.is_open:
            child.end("KILLED")
    here = {stage: made for stage in STAGES if (made := _run_of(stage, run))}
    made_by = {"train": trained} | here
    tags = _versions() | {f"dvc.{path}": md5 for path, md5 in dvc_hashes().items()}
    tags |= {"headline": summary["evaluation"]["headline"]}
    tested = summary.get("testset", {})
    tags |= {f"testset.{name}": str(tested[name]) for name in ("version", "digest") if name in tested}
    tags |= {f"{stage}.run": identity for stage, identity in made_by.items()}
    kept = [*artifacts, *(("versions", path) for path in (_PARAMS, Path("dvc.lock")) if path.exists())]
    run.change(about={"version": _version()}, model_of=here.get("train", ""))
    if calls:
        (Run.open(made_by["generate"]) if "generate" in made_by else run).trace(calls)
    return run.finish(pipeline_figures(summary), tags, kept, data_sets=pipeline_data_sets())


def _execution(again: bool = False) -> Run:
    """This workspace's open execution, or a new one; with `again` also one finished on the very same versions."""
    identity, found = sha256_of([git_commit(), _params()]), None
    for run in runs():
        record = run.record
        about = record["about"]
        if record["stage"] != _PIPELINE or about["place"] != _place():
            continue
        if run.is_open and about["identity"] != identity:
            run.end("KILLED", "superseded: the commit or the parameters have changed")
        elif run.is_open or (again and about["identity"] == identity and about.get("version") == _version()):
            found = run
    if found:
        _note_versions(found)
        if not found.is_open:
            found.reopen()
        return found
    name = os.environ.get("DVC_EXP_NAME") or f"pipeline-{identity[:8]}"
    params = _params()
    note = str((params.get("train") or {}).get("note") or "")
    tags = _versions() | ({"note": note, "mlflow.note.content": note} if note else {})
    return Run.start(name, _PIPELINE, params, tags, about={"place": _place(), "identity": identity})


def _run_of(stage: str, execution: Run) -> str | None:
    """The run that made the stage's outputs as they are: a child of this execution, else one with the same dvc.lock."""
    for child in _children(execution):
        if child.record["stage"] == stage and child.record["status"] == "FINISHED":
            return child.id
    version = _stage_version(stage)
    same = [run for run in runs() if version and run.record["about"].get("version") == version]
    return max(same, key=lambda run: int(run.record["started_ms"])).id if same else None


def _note_versions(execution: Run) -> None:
    """Notes of each child that has finished what dvc.lock says of its stage, which it says only afterwards."""
    for child in _children(execution):
        stage = child.record["stage"]
        if child.record["status"] == "FINISHED" and (version := _stage_version(stage)):
            child.change(about={"version": version})


def _children(execution: Run) -> list[Run]:
    return [run for run in runs() if run.record["parent"] == execution.id]


def _stage_version(stage: str) -> str:
    stages = working_tree().stages
    return version_of({stage: stages[stage]}) if stage in stages else ""


def _version() -> str:
    """All that dvc.lock says but of `report`, which is written after the run is finished."""
    return version_of({name: stage for name, stage in working_tree().stages.items() if name != "report"})


def _place() -> str:
    """The workspace; of an experiment that DVC runs elsewhere its name, which outlives the temporary folder."""
    here, name = Path.cwd().resolve(), os.environ.get("DVC_EXP_NAME", "")
    root = repository_root()
    return f"{root} {name}" if name and here != root else str(here)


def _params() -> dict[str, Any]:
    return yaml.safe_load(_PARAMS.read_text("utf-8")) or {}


def _versions() -> dict[str, str]:
    commit = git_commit()
    return {
        "git_commit": commit,
        "git_dirty": str(is_dirty()).lower(),
        "dvc_lock_sha256": lock_sha256(),
        "dvc_exp_name": os.environ.get("DVC_EXP_NAME", ""),
    } | ({"mlflow.source.git.commit": commit} if commit else {})
