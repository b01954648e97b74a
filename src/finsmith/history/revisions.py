"""Commits and experiments with what they left: the outputs their dvc.lock names, and where DVC's cache keeps them.

Git is asked by its command line, three times however long the history is. Not covered: fetching from a remote; that is
`dvc fetch --all-commits`.
"""

import hashlib
import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from finsmith.core.errors import ExperimentError
from finsmith.core.io import read_json

# of its parent commit and its name; of the other refs below refs/exps DVC makes none a result
EXPERIMENT = re.compile(r"refs/exps/([0-9a-f]{2}/[0-9a-f]{38})/(.+)")
_CODE = ("src/", "stages/")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Output:
    """A file or folder that a stage made; `md5` ends in ".dir" for a folder."""

    path: str
    md5: str
    stage: str


@dataclass(frozen=True)
class Revision:
    """The working tree (`rev` is ""), a commit, or an experiment, and its dvc.lock as text.

    `name` is that of an experiment, or what somebody asked for; "" for other commits.
    """

    rev: str
    name: str
    lock: str

    @property
    def label(self) -> str:
        """As a person names it."""
        return self.name or self.rev[:10] or "working tree"

    @cached_property
    def stages(self) -> Mapping[str, Any]:
        """What dvc.lock says of each stage: its command, `deps`, `params` and `outs`.

        Raises:
            ExperimentError: it is no YAML.
        """
        try:
            return (yaml.load(self.lock, _LOADER) or {}).get("stages", {})  # type: ignore[no-any-return]
        except yaml.YAMLError as error:
            raise ExperimentError(f"{self.label}: its dvc.lock cannot be read ({error})") from error

    @cached_property
    def outputs(self) -> Mapping[str, Output]:
        """What its stages made, by path; those without a hash are left out."""
        return {
            out["path"]: Output(out["path"], out["md5"], stage)
            for stage, of in self.stages.items()
            for out in of.get("outs", ())
            if "md5" in out
        }

    def inputs(self, stage: str) -> Mapping[str, str]:
        """The data that a stage read, by path, with its md5; code is left out."""
        deps = self.stages.get(stage, {}).get("deps", ())
        return {dep["path"]: dep["md5"] for dep in deps if "md5" in dep and not dep["path"].startswith(_CODE)}


def working_tree(root: Path = Path()) -> Revision:
    """What stands here; its dvc.lock is empty before the first stage has ended."""
    lock = root / "dvc.lock"
    return Revision("", "", lock.read_text("utf-8") if lock.exists() else "")


def revisions(root: Path = Path()) -> list[Revision]:
    """The working tree, then every experiment and every commit that changed dvc.lock, the newest first.

    Raises:
        ExperimentError: git cannot tell.
    """
    here = working_tree(root)
    refs = (line.partition(" ") for line in git(root, REFS).splitlines())
    names = {commit: match[2] for commit, _, ref in refs if (match := EXPERIMENT.fullmatch(ref))}
    commits = git(root, ("log", "--all", "--exclude=refs/exps/*", "--format=%H", "--", "dvc.lock")).split()
    order = [*names, *(commit for commit in commits if commit not in names)]
    locks = contents(root, [f"{commit}:dvc.lock" for commit in order])
    found = [Revision(rev, names.get(rev, ""), lock) for rev, lock in zip(order, locks, strict=True)]
    return [one for one in (here, *found) if one.lock]


REFS = ("for-each-ref", "--sort=-committerdate", "--format=%(objectname) %(refname)", "refs/exps")


def cache_folder(root: Path = Path()) -> Path:
    """Where DVC's cache is, as its configuration says."""
    from dvc.config import Config

    config = Config(str(root / ".dvc"), validate=False)
    return Path(config.get("cache", {}).get("dir") or root / ".dvc" / "cache")


def cached(md5: str, cache: Path) -> Path:
    """Where the cache keeps, or would keep, what has this md5."""
    return cache / "files" / "md5" / md5[:2] / md5[2:]


def content_md5(path: Path) -> str:
    """The hash that DVC gives a file or a folder as it stands there; a folder's is that of its listing.

    What .dvcignore names (compiled Python, files half written) is no part of a folder.
    """
    if not path.is_dir():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "md5").hexdigest()
    files = {file.relative_to(path): file for file in path.rglob("*") if file.is_file()}
    listed = sorted((at.as_posix(), file) for at, file in files.items() if not _is_ignored(at))
    listing = [{"md5": content_md5(file), "relpath": name} for name, file in listed]
    return hashlib.md5(json.dumps(listing, sort_keys=True).encode(), usedforsecurity=False).hexdigest() + ".dir"


def _is_ignored(path: Path) -> bool:
    return "__pycache__" in path.parts or path.suffix in (".pyc", ".part")


def is_whole(cached_file: Path) -> bool:
    """Whether a file of the cache has the content that its name says."""
    return content_md5(cached_file) == cached_file.parent.name + cached_file.name


def cached_file(revision: Revision, path: str, cache: Path) -> Path | None:
    """The cached file that stood at `path` in the revision, also inside a folder that a stage made; None if none is."""
    if output := revision.outputs.get(path):
        found = cached(output.md5, cache)
        return found if found.exists() else None
    for output in revision.outputs.values():
        listing = cached(output.md5, cache)
        if path.startswith(f"{output.path}/") and output.md5.endswith(".dir") and listing.exists():
            inside = path.removeprefix(f"{output.path}/")
            files = {file["relpath"]: file["md5"] for file in read_json(listing)}
            file = cached(files[inside], cache) if inside in files else None
            return file if file and file.exists() else None
    return None


def contents(root: Path, names: Sequence[str]) -> list[str]:
    """What git has under each name (`commit:path`), "" where there is none."""
    if not names:
        return []
    said = _run(root, ("cat-file", "--batch"), "\n".join(names).encode() + b"\n")
    contents, at = [], 0
    for _ in names:
        end = said.index(b"\n", at)
        header, at = said[at:end].split(), end + 1
        if header[-1] == b"missing":
            contents.append("")
            continue
        size = int(header[-1])
        contents.append(said[at : at + size].decode("utf-8"))
        at += size + 1
    return contents


def git(root: Path, arguments: Sequence[str]) -> str:
    """What git says.

    Raises:
        ExperimentError: it says no.
    """
    return _run(root, arguments).decode("utf-8")


def _run(root: Path, arguments: Sequence[str], said: bytes = b"") -> bytes:
    try:
        done = subprocess.run(("git", *arguments), cwd=root, input=said, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise ExperimentError("`git` is not on the path: install it.") from error
    if done.returncode:
        raise ExperimentError(f"the history cannot be read: {done.stderr.decode('utf-8', 'replace').strip()}")
    return done.stdout
