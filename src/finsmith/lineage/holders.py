"""Whatever holds text that may be of a withdrawn document: outputs, caches, stores, artifacts; finding and erasing it.

A holder gives its texts one by one under the name of a place and erases places. Not covered: what lies on other
machines (remotes, servers, clones) and in git's history.
"""

import html
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson
from tqdm import tqdm

from finsmith.core.errors import OutputError
from finsmith.core.state import state_dir
from finsmith.history.revisions import cache_folder

from .withdrawals import Withdrawal, holds_text_of

_PROBE = 4096  # bytes
_SQLITE = b"SQLite format 3\0"
_PDF = b"%PDF-"


@dataclass(frozen=True)
class Holder:
    """A place of texts. `texts` gives pairs of place and text, `erase` removes the places it is given."""

    name: str
    texts: Callable[[], Iterator[tuple[str, str]]]
    erase: Callable[[Collection[str]], None]


def places_of(withdrawals: Sequence[Withdrawal], holder: Holder) -> dict[str, str]:
    """Where a holder has text of a withdrawn document: the document by place."""
    found: dict[str, str] = {}
    for place, text in _shown(holder):
        if place not in found and (document := holds_text_of(text, withdrawals)):
            found[place] = document
    return found


def places_to_erase(withdrawal: Withdrawal, asked: Collection[str], holder: Holder) -> set[str]:
    """Where a holder has text of a withdrawn document, or a call that was asked about it, whatever that says."""
    found: set[str] = set()
    for place, text in _shown(holder):
        if place not in found and (place in asked or holds_text_of(text, [withdrawal])):
            found.add(place)
    return found


def _shown(holder: Holder) -> Iterator[tuple[str, str]]:
    yield from tqdm(holder.texts(), desc=holder.name, unit="text", leave=False)


def folder_holder(name: str, *folders: Path, without: Collection[Path] = ()) -> Holder:
    """All files below folders; a place is a path. Pictures, weights and other bytes that are no text are left out."""

    def texts() -> Iterator[tuple[str, str]]:
        for path in (path for folder in folders for path in sorted(folder.rglob("*"))):
            if path.is_file() and path not in without:
                yield from ((str(path), text) for text in _texts_in(path))

    def erase(places: Collection[str]) -> None:
        for place in places:
            Path(place).unlink(missing_ok=True)

    return Holder(name, texts, erase)


def file_holder(name: str, path: Path) -> Holder:
    """One file that others write to, as MLflow its database: it can be looked at, and is never erased."""

    def texts() -> Iterator[tuple[str, str]]:
        if path.exists():
            yield from ((str(path), text) for text in _texts_in(path))

    def erase(places: Collection[str]) -> None:
        raise OutputError(f"{', '.join(places)}: another program's file; erase there by its own means.")

    return Holder(name, texts, erase)


def _texts_in(path: Path) -> Iterator[str]:
    """The texts of a file: every string of JSON or JSON Lines, each cell of an SQLite file, else the whole as text."""
    with path.open("rb") as file:
        probe = file.read(_PROBE)
    if probe.startswith(_SQLITE):
        yield from _texts_of_database(path)
    elif probe.startswith(_PDF) or b"\0" in probe:
        return
    else:
        with path.open("rb") as lines:
            if probe.lstrip().startswith((b"{", b"[")):
                yield from _texts_of_json(path.read_bytes(), lines)
            else:
                yield html.unescape(path.read_bytes().decode("utf-8", "replace"))


def _texts_of_json(content: bytes, lines: Iterator[bytes]) -> Iterator[str]:
    try:
        yield from _strings(orjson.loads(content))
    except orjson.JSONDecodeError:
        for line in lines:
            try:
                yield from _strings(orjson.loads(line))
            except orjson.JSONDecodeError:
                yield line.decode("utf-8", "replace")


def _strings(value: Any) -> Iterator[str]:
    """Every string in a value, and in those that are JSON themselves."""
    if isinstance(value, str):
        yield value
        if value.startswith(("{", "[")):
            with suppress(orjson.JSONDecodeError):
                yield from _strings(orjson.loads(value))
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


def _texts_of_database(path: Path) -> Iterator[str]:
    """Every text in every table; JSON in it is taken apart."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in db.execute(f'SELECT * FROM "{table}"'):
                for value in row:
                    if isinstance(value, str):
                        yield from _texts_of_json(value.encode(), iter([value.encode()]))


class Calls(Protocol):
    """What keeps calls of the teacher: their texts as JSON, each under its request key."""

    def texts(self) -> Iterator[tuple[str, str]]:
        """Every text with its key."""

    def erase(self, keys: Collection[str]) -> None:
        """Erases calls for good, also what is left of those erased before."""


def calls_holder(name: str, calls: Calls) -> Holder:
    """The calls of a store; a place is a request key."""

    def texts() -> Iterator[tuple[str, str]]:
        for key, text in calls.texts():
            yield from ((key, one) for one in _strings(text))

    return Holder(name, texts, calls.erase)


def stores(replies: Calls, root: Path = Path()) -> list[Holder]:
    """What keeps text beside the outputs: caches, what was read, MLflow's files, pages, exports, teacher's replies."""
    state = state_dir("")
    return [
        folder_holder("DVC's cache", cache_folder(root) / "files"),
        folder_holder("DVC's workspaces", root / ".dvc/tmp/exps"),
        folder_holder("documents read", state / "documents"),
        folder_holder("runs", state / "runs"),
        folder_holder("MLflow's artifacts", root / "mlartifacts", root / "mlruns"),
        folder_holder("pages of records", root / "reports/lineage"),
        folder_holder("rows for other tools", root / "reports/review"),
        calls_holder("teacher's replies", replies),
    ]


def outputs(root: Path = Path(), later: Collection[Path] = ()) -> list[Holder]:
    """What stands in the working tree, but for outputs that a later stage makes anew."""
    return [
        folder_holder("data", root / "data", without=later),
        folder_holder("reports", root / "reports", without=later),
        file_holder("MLflow's database", root / "mlflow.db"),
    ]
