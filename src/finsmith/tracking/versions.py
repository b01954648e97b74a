"""What tells versions apart: the git commit, the hashes of data in dvc.lock. Not covered: writing; DVC does that."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from finsmith.core.ids import file_sha256, sha256_of
from finsmith.history.revisions import working_tree

_LOCK = Path("dvc.lock")


def git_commit() -> str:
    """The current commit, or "" outside git or without it."""
    return _git("rev-parse", "HEAD").strip() if shutil.which("git") else ""


def is_dirty() -> bool:
    """Whether tracked files differ from the commit; dvc.lock and what stages write do not count, a run writes them."""
    if not git_commit():
        return False
    written = working_tree().outputs.keys()
    changed = [Path(name) for name in _git("diff", "--name-only", "--relative", "-z", "HEAD").split("\0") if name]
    return any(path != _LOCK and not {str(path), *map(str, path.parents)} & written for path in changed)


def dvc_hashes() -> Mapping[str, str]:
    """The md5 of every output and input in dvc.lock, by path; code is left out, since the commit tells it."""
    lock, found = working_tree(), dict[str, str]()
    for stage in lock.stages:
        found |= lock.inputs(stage)
    return found | {path: output.md5 for path, output in lock.outputs.items()}


def lock_sha256() -> str:
    """The sha256 of the file dvc.lock, or "" where there is none."""
    return file_sha256(_LOCK) if _LOCK.exists() else ""


def version_of(stages: Mapping[str, Any]) -> str:
    """A hash of what dvc.lock says of some stages: the same for the same inputs, parameters and outputs."""
    return sha256_of(stages)


def _git(*command: str) -> str:
    done = subprocess.run(["git", *command], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""
