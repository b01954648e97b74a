"""The index: one SQLite file that tells of every record where it stands and what it comes from.

It holds ids, places and links, no texts: a line is read where it stands. Two builds of the same files are the same
bytes. Not covered: what the lines mean (kinds), walking the links (walk).
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from sys import intern
from typing import Any

import orjson
from tqdm import tqdm

from finsmith.core.errors import RecordError
from finsmith.core.io import atomic_path

from .kinds import LINES, Entry, Line, Link

_SCHEMA = """
PRAGMA page_size = 8192;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE files (file INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, rows INTEGER NOT NULL, bytes INTEGER NOT NULL);
CREATE TABLE records (record INTEGER PRIMARY KEY, id TEXT NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL);
CREATE TABLE places (
    record INTEGER NOT NULL, file INTEGER NOT NULL, line INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (record, file, line)
) WITHOUT ROWID;
CREATE TABLE links (
    child INTEGER NOT NULL, parent INTEGER NOT NULL, role TEXT NOT NULL, PRIMARY KEY (child, parent, role)
) WITHOUT ROWID;
CREATE VIEW lines AS
    SELECT record, id, kind, label, path, line, at FROM places JOIN files USING (file) JOIN records USING (record);
CREATE TABLE reached (
    origin INTEGER NOT NULL, file INTEGER NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL, records INTEGER NOT NULL,
    PRIMARY KEY (origin, file, kind, label)
) WITHOUT ROWID;
"""
_INDEXES = """
CREATE UNIQUE INDEX record_of ON records (id);
CREATE INDEX children ON links (parent, child);
CREATE INDEX of_kind ON records (kind, label);
CREATE INDEX standing ON places (file, record);
ANALYZE;
"""
ORIGINS = ("document", "glossary", "general file", "seed task", "prompt", "reviewer", "training set")
BELOW = """
WITH RECURSIVE below (origin, record) AS (
    SELECT record, record FROM records WHERE {seed}
    UNION SELECT origin, child FROM below JOIN links ON parent = below.record
    UNION SELECT origin, (SELECT record FROM records WHERE id = '{train}')
    FROM below JOIN places USING (record) WHERE file = (SELECT file FROM files WHERE path = '{train}')
)
"""  # a row of the training set is in all that was made of the set
_REACHED = """
INSERT INTO reached {below} SELECT origin, file, kind, label, count(*)
FROM below CROSS JOIN places USING (record) CROSS JOIN records USING (record) WHERE record != origin
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
_RECIPES = """
CREATE TABLE recipes AS SELECT label AS recipe, count(*) AS rows FROM lines
WHERE path = ? GROUP BY label ORDER BY label
"""
_BATCH = 50_000
TRAINING_SET = "data/mixed/train.jsonl"


def build_index(index: Path, files: Sequence[tuple[str, Path]], others: Iterable[Entry] = ()) -> dict[str, int]:
    """Writes the index of the files, each with its key in LINES; `others` have no line. Gives counts by kind.

    Raises:
        RecordError: a line is not what its file should hold; names file and line.
    """
    with atomic_path(index) as aside, closing(sqlite3.connect(aside, isolation_level=None)) as db:
        db.executescript(_SCHEMA)
        builder = _Builder(db)
        size = sum(path.stat().st_size for _, path in files)
        with tqdm(total=size, desc="indexing", unit="B", unit_scale=True) as bar:
            for key, path in files:
                builder.add_file(path, LINES[key], bar.update)
        for entry in others:
            builder.add(entry)
        builder.finish()
        db.executescript(_INDEXES)
        db.execute(_RECIPES, (TRAINING_SET,))
        db.execute(_REACHED.format(below=BELOW.format(seed=f"kind IN {ORIGINS}", train=TRAINING_SET)))
        return dict(db.execute("SELECT kind, count(*) FROM records GROUP BY kind ORDER BY kind").fetchall())


def files_in(folders: Mapping[str, Path]) -> list[tuple[str, Path]]:
    """The files there are of each key of LINES, whose first part names a folder of `folders`, or a file by itself."""
    found: list[tuple[str, Path]] = []
    for key in LINES:
        first, _, rest = key.partition("/")
        if first in folders:
            paths = sorted(folders[first].glob(rest)) if rest else [folders[first]]
            found += [(key, path) for path in paths if path.exists()]
    return found


def trained_entries(run: Mapping[str, Any]) -> Iterator[Entry]:
    """The training set, the run and the adapter, from the run's record."""
    yield Entry(TRAINING_SET, "training set", f"{run['rows']} rows")
    yield Entry(run["run_id"], "run", run["device"], (Link(TRAINING_SET, "trained on"),))
    yield Entry("base", "model", "base")
    yield Entry("adapter", "model", run["fingerprint"], (Link(run["run_id"], "from"), Link("base", "on")))


class _Builder:
    """Takes entries one by one; what the database need not know before the end is kept in memory: ids and labels."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._numbers: dict[str, int] = {}
        self._kinds: list[str] = []
        self._labels: list[str] = []
        self._about: list[tuple[int, str]] = []
        self._places: list[tuple[int, int, int, int]] = []
        self._links: list[tuple[int, int, str]] = []
        self._files = 0

    def add_file(
        self, path: Path, entries_of: Callable[[Line], Iterable[Entry]], told: Callable[[int], object]
    ) -> None:
        """Adds every line of a file."""
        self._files += 1
        at = shown = number = 0
        with path.open("rb") as lines:
            for number, content in enumerate(lines, 1):
                try:
                    entries = list(entries_of(orjson.loads(content)))
                except (orjson.JSONDecodeError, KeyError, TypeError, IndexError) as error:
                    raise RecordError(f"{path}:{number}: it has no place in the lineage ({error!r})") from error
                for entry in entries:
                    record = self.add(entry)
                    if entry.stands:
                        self._places.append((record, self._files, number, at))
                at += len(content)
                if len(self._places) > _BATCH:
                    told(at - shown)
                    shown = at
                    self._write()
        told(at - shown)
        self._db.execute("INSERT INTO files VALUES (?, ?, ?, ?)", (self._files, path.as_posix(), number, at))

    def add(self, entry: Entry) -> int:
        """The record's number."""
        record = self._number(entry.id)
        if entry.kind and not self._kinds[record]:
            self._kinds[record], self._labels[record] = intern(entry.kind), entry.label
        if entry.about:
            self._about.append((record, entry.about))
        self._links += [(record, self._number(link.parent), link.role) for link in entry.links]
        return record

    def finish(self) -> None:
        """Writes what is left."""
        self._write()
        records = zip(range(len(self._kinds)), self._numbers, self._kinds, self._labels, strict=True)
        self._db.executemany("INSERT INTO records VALUES (?, ?, ?, ?)", records)
        named = {
            label: record
            for record, (kind, label) in enumerate(zip(self._kinds, self._labels, strict=True))
            if kind in ("document", "term")
        }
        self._links = [(record, named[name], "about") for record, name in self._about if name in named]
        self._write()

    def _number(self, identity: str) -> int:
        number = self._numbers.get(identity)
        if number is None:
            number = self._numbers[identity] = len(self._kinds)
            self._kinds.append("")
            self._labels.append("")
        return number

    def _write(self) -> None:
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR IGNORE INTO places VALUES (?, ?, ?, ?)", self._places)
        self._db.executemany("INSERT OR IGNORE INTO links VALUES (?, ?, ?)", self._links)
        self._db.execute("COMMIT")
        self._places.clear()
        self._links.clear()
