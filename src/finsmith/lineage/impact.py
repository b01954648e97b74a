"""What descends from a document, term, prompt, reviewer or any record: rows, sets, adapters and runs, in every version.

Each version's index is read where it is: the working tree's in place, the others' in DVC's cache. Not covered: fetching
indexes from a remote; removing what was found (withdraw).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from finsmith.core.errors import LineageError
from finsmith.core.io import read_json
from finsmith.history.revisions import Revision, cached_file

from .index import TRAINING_SET
from .project import INDEX, RUN
from .walk import Found, Index


@dataclass(frozen=True)
class Descent:
    """What of one version descends from the roots.

    `records` are counts by file and kind. Where rows of the training set are among them, `adapter` is the md5 of the
    adapter that was trained on it, `run` the id of that training, and `trained_rows` how many rows of how many.
    """

    version: str
    rev: str
    roots: tuple[Found, ...]
    records: Mapping[str, Mapping[str, int]]
    trained_rows: int
    training_rows: int
    adapter: str
    run: str


@dataclass(frozen=True)
class Impact:
    """All versions that hold something of it, the newest first, and those whose index is nowhere on this machine."""

    descents: tuple[Descent, ...]
    clean: tuple[str, ...]
    unread: tuple[str, ...]


def impact(wanted: str, versions: Sequence[Revision], cache: Path, root: Path = Path()) -> Impact:
    """What descends from the wanted record in the versions; one that equals an earlier one is read once.

    Raises:
        LineageError: no version knows it.
    """
    descents: list[Descent] = []
    clean: list[str] = []
    unread: list[str] = []
    read: dict[str, Descent | None] = {}
    for version in versions:
        if not (output := version.outputs.get(str(INDEX))):
            continue  # made before there was an index
        path = cached_file(version, str(INDEX), cache) if version.rev else root / INDEX
        if output.md5 not in read:
            if not path or not path.exists():
                unread.append(version.label)
                continue
            read[output.md5] = _descent(wanted, path)
        if found := read[output.md5]:
            descents.append(_of_version(found, version, cache, root))
        else:
            clean.append(version.label)
    if not descents:
        raise LineageError(
            f"{wanted!r}: none of {len(clean)} versions knows a document, term, prompt, reviewer or record of this name"
            + (f"; {len(unread)} more could not be read: `dvc fetch --all-commits`." if unread else ".")
        )
    return Impact(tuple(descents), tuple(clean), tuple(unread))


def _descent(wanted: str, path: Path) -> Descent | None:
    """What one index says; its version is filled in later."""
    with Index(path) as index:
        if not (roots := index.meant(wanted)):
            return None
        found = index.descend(roots)
        trained = sum(count for file, *_, count in found if file == TRAINING_SET)
        counts: dict[str, dict[str, int]] = {}
        for file, kind, label, count in found:
            of = counts.setdefault(file, {})
            name = f"{kind} {label}" if kind in ("example", "prediction", "answer") else kind
            of[name] = of.get(name, 0) + count
        return Descent("", "", tuple(roots), counts, trained, index.rows(), "", "")


def _of_version(found: Descent, version: Revision, cache: Path, root: Path) -> Descent:
    """The descent with the version's names, and its adapter and run where they descend too."""
    named = replace(found, version=version.label, rev=version.rev)
    if not found.trained_rows:
        return named
    path = cached_file(version, str(RUN), cache) if version.rev else root / RUN
    adapter = version.outputs.get("models/adapter")
    return replace(
        named, adapter=adapter.md5 if adapter else "", run=read_json(path)["run_id"] if path and path.exists() else ""
    )
