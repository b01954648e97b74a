"""Data sets as MLflow knows them: a path, its DVC hash as digest, its rows. Not covered: the data, which stays here."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from finsmith.history.revisions import working_tree

from .versions import dvc_hashes

UNKNOWN = "not in dvc.lock"
_STAGES = ("ingest", "testset", "generate", "filter", "mix", "train", "evaluate")
_NO_DATA = ("models/", "reports/", "data/gates/")


def data_sets(paths: Iterable[Path], context: str) -> list[dict[str, str]]:
    """One entry for each path; `context` is the stage that reads it."""
    hashes = dvc_hashes()
    return [_entry(path, hashes.get(path.as_posix(), UNKNOWN), context) for path in paths]


def pipeline_data_sets() -> list[dict[str, str]]:
    """What the stages up to the evaluation have read, by dvc.lock, each path under the first stage that read it."""
    lock, found = working_tree(), dict[str, dict[str, str]]()
    for stage in _STAGES:
        for name, md5 in lock.inputs(stage).items():
            if not name.startswith(_NO_DATA) and Path(name).exists():
                found.setdefault(name, _entry(Path(name), md5, stage))
    return list(found.values())


def _entry(path: Path, md5: str, context: str) -> dict[str, str]:
    profile = _profile(path)
    return {
        "name": path.as_posix(),
        "digest": md5,
        "source": json.dumps({"uri": path.as_posix()}),
        "profile": json.dumps(profile, ensure_ascii=False),
        "context": context,
        "rows": str(profile.get("rows", "")),
    }


def _profile(path: Path) -> Mapping[str, Any]:
    """The number of files, and the rows of each that has one row a line."""
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    rows = {file.name: _lines(file) for file in files if file.suffix == ".jsonl"}
    return {"files": len(files)} | ({"rows": sum(rows.values()), "rows_by_file": rows} if rows else {})


def _lines(file: Path) -> int:
    with file.open("rb") as content:
        return sum(block.count(b"\n") for block in iter(lambda: content.read(1 << 20), b""))
