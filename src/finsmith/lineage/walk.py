"""Questions to the index: which record is meant, what it comes from, what descends from it, where it stands.

Not covered: making the index; what stands on the lines.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson

from finsmith.core.errors import LineageError

from .index import BELOW, ORIGINS, TRAINING_SET
from .kinds import Line

NAMED = ("document", "term", "prompt", "reviewer", "glossary", "general file")  # kinds that are meant by their names
_LEAST_PREFIX = 6
_AMONG = "record IN (SELECT value FROM json_each(?1))"


@dataclass(frozen=True)
class Found:
    """A record in the index; `number` is its own there."""

    number: int
    id: str
    kind: str
    label: str


@dataclass(frozen=True)
class Place:
    """A line that holds a record; `at` is the line's first byte in the file."""

    path: str
    line: int
    at: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


class Index:
    """An index opened for reading; a context manager that closes it.

    Raises:
        LineageError: there is none at the path, or it was made by another version.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise LineageError(f"{path}: not found. It is written by the pipeline: run `dvc repro lineage`.")
        self._path = path
        self._db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            self._db.execute("SELECT 1 FROM records, reached LIMIT 1")
        except sqlite3.DatabaseError as error:
            raise LineageError(
                f"{path}: no lineage index of this version ({error}). Run `dvc repro lineage`."
            ) from error

    def __enter__(self) -> "Index":
        """The index itself."""
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Closes the file."""
        self._db.close()

    def meant(self, wanted: str) -> list[Found]:
        """The record of this id, or the records of this name, or the one whose id begins so (six characters at least).

        Raises:
            LineageError: several ids begin so.
        """
        for where in ("id = ?", f"kind IN {NAMED} AND label = ?"):
            if found := self._records(f"WHERE {where} ORDER BY id", wanted):
                return found
        if len(wanted) < _LEAST_PREFIX:
            return []
        found = self._records("WHERE id >= ?1 AND id < ?1 || char(0x10FFFF) ORDER BY id LIMIT 20", wanted)
        if len(found) > 1:
            raise LineageError(f"{wanted!r} may be one of several; ask for an id:\n{_listed(found)}")
        return found

    def one(self, wanted: str) -> Found:
        """The record that is meant.

        Raises:
            LineageError: none or several fit.
        """
        found = self.meant(wanted)
        if len(found) > 1:
            raise LineageError(f"{wanted!r} is the name of several; ask for an id:\n{_listed(found)}")
        if not found:
            raise LineageError(
                f"{wanted!r}: no record has this id, and no document, term, prompt or reviewer this name. Ids stand in "
                "the files under data/ and in the report; `finsmith rejects` lists rejected rows."
            )
        return found[0]

    def parents(self, of: Found) -> list[tuple[str, Found]]:
        """What the record comes from, each with its role."""
        query = (
            "SELECT role, record, id, kind, label FROM links JOIN records ON record = parent WHERE child = ? "
            "ORDER BY role, id"
        )
        return [(role, Found(*rest)) for role, *rest in self._db.execute(query, (of.number,))]

    def children(self, of: Found, kind: str) -> list[tuple[str, Found]]:
        """The records of a kind that come from it directly, each with its role."""
        query = (
            "SELECT role, record, id, kind, label FROM links JOIN records ON record = child "
            "WHERE parent = ? AND kind = ? ORDER BY id"
        )
        return [(role, Found(*rest)) for role, *rest in self._db.execute(query, (of.number, kind))]

    def places(self, of: Found) -> list[Place]:
        """Where the record stands, in the order of the pipeline."""
        query = "SELECT path, line, at FROM places JOIN files USING (file) WHERE record = ? ORDER BY file, line"
        return [Place(*row) for row in self._db.execute(query, (of.number,))]

    def recipes(self) -> dict[str, int]:
        """The rows of the training set by recipe."""
        return dict(self._db.execute("SELECT recipe, rows FROM recipes"))

    def origins(self, recipe: str) -> list[tuple[Found, int]]:
        """What the training set's rows of a recipe come from, and how many of them descend from it."""
        query = (
            "SELECT reached.records, record, id, records.kind, records.label FROM reached "
            "JOIN records ON record = origin JOIN files USING (file) WHERE path = ? AND reached.label = ? "
            "ORDER BY records.kind, reached.records DESC, id"
        )
        return [(Found(*rest), rows) for rows, *rest in self._db.execute(query, (TRAINING_SET, recipe))]

    def descend(self, roots: Sequence[Found]) -> list[tuple[str, str, str, int]]:
        """All that descends from the roots, they left out: file, kind and label, and how many records of these.

        Where a row of the training set descends, so do the training, the adapter and what it said.
        """
        numbers = orjson.dumps([root.number for root in roots]).decode()
        if len(roots) == 1 and roots[0].kind in ORIGINS:
            query = (
                "SELECT path, kind, label, records FROM reached JOIN files USING (file) WHERE origin = ? "
                "ORDER BY file, kind, label"
            )
            return self._db.execute(query, (roots[0].number,)).fetchall()
        query = (
            f"{BELOW.format(seed=_AMONG, train=TRAINING_SET)} "
            "SELECT path, kind, label, count(DISTINCT record) FROM below "
            "CROSS JOIN places USING (record) CROSS JOIN records USING (record) JOIN files USING (file) "
            "WHERE record NOT IN (SELECT value FROM json_each(?1)) "
            "GROUP BY file, kind, label ORDER BY file, kind, label"
        )
        return self._db.execute(query, (numbers,)).fetchall()

    def rows(self, path: str = TRAINING_SET) -> int:
        """The lines of a file, 0 where the index does not know it."""
        found = self._db.execute("SELECT rows FROM files WHERE path = ?", (path,)).fetchone()
        return int(found[0]) if found else 0

    def labels_of_answers(self, path: str) -> list[tuple[str, int]]:
        """Labels of the predictions on the questions of a file, and how many have each."""
        query = (
            "SELECT said.label, count(*) FROM lines CROSS JOIN links ON parent = lines.record "
            "CROSS JOIN records AS said ON said.record = child WHERE path = ? AND said.kind = 'prediction' "
            "GROUP BY said.label ORDER BY said.label"
        )
        return self._db.execute(query, (path,)).fetchall()

    def read(self, place: Place, root: Path = Path()) -> Line:
        """What stands on a line.

        Raises:
            LineageError: the file is gone or no longer the one that was indexed.
        """
        path = root / place.path
        size = self._db.execute("SELECT bytes FROM files WHERE path = ?", (place.path,)).fetchone()[0]
        try:
            with path.open("rb") as file:
                if path.stat().st_size != size:
                    raise LineageError(f"{path}: not the file that was indexed. Run `dvc repro lineage`.")
                file.seek(place.at)
                line: Line = orjson.loads(file.readline())
        except OSError as error:
            raise LineageError(f"{path}: cannot be read ({error.strerror}). Run `dvc checkout`.") from error
        return line

    def select(self, query: str, *values: str | int) -> list[Any]:
        """The rows of a query, for checks; the tables are described in `index`."""
        return self._db.execute(query, values).fetchall()

    def _records(self, where: str, value: str) -> list[Found]:
        query = f"SELECT record, id, kind, label FROM records {where}"
        return [Found(*row) for row in self._db.execute(query, (value,))]


def _listed(found: Sequence[Found]) -> str:
    return "\n".join(f"  {one.id} {one.kind} {one.label}" for one in found)
