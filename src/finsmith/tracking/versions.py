"""What tells versions apart: the git commit, and what dvc.lock says of stages and data.

Not covered: writing; DVC does that.
"""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from finsmith.core.ids import file_sha256, sha256_of

_LOCK = Path("dvc.lock")


def git_commit() -> str:
    """The current commit, or "" outside git or without it."""
    return _git("rev-parse", "HEAD").strip() if shutil.which("git") else ""


def is_dirty(lock: Path = _LOCK) -> bool:
    """Whether tracked files differ from the commit; dvc.lock and what stages write do not count, a run writes them."""
    if not git_commit():
        return False
    written = {entry["path"] for stage in dvc_stages(lock).values() for entry in stage.get("outs", [])}
    changed = [Path(name) for name in _git("diff", "--name-only", "--relative", "-z", "HEAD").split("\0") if name]
    return any(path != lock and not {str(path), *map(str, path.parents)} & written for path in changed)


def dvc_stages(lock: Path = _LOCK) -> Mapping[str, Any]:
    """What dvc.lock says of each stage; empty before the first stage ended."""
    return (yaml.safe_load(lock.read_text("utf-8")) or {}).get("stages", {}) if lock.exists() else {}


def dvc_hashes(lock: Path = _LOCK) -> Mapping[str, str]:
    """The md5 of every output and input in dvc.lock, by path; code is left out, since the commit tells it."""
    found: dict[str, str] = {}
    for stage in dvc_stages(lock).values():
        for entry in (*stage.get("deps", []), *stage.get("outs", [])):
            if "md5" in entry and not entry["path"].startswith(("src/", "stages/")):
                found[entry["path"]] = entry["md5"]
    return found


def lock_sha256(lock: Path = _LOCK) -> str:
    """The sha256 of the file dvc.lock, or "" where there is none."""
    return file_sha256(lock) if lock.exists() else ""


def version_of(stages: Mapping[str, Any]) -> str:
    """A hash of what dvc.lock says of some stages: the same for the same inputs, parameters and outputs."""
    return sha256_of(stages)


def _git(*command: str) -> str:
    done = subprocess.run(["git", *command], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""
