"""Builds the queue of what people should look at: an SQLite file with a line for each row, question and sampled row.

It holds ids, places and who decides, no texts, and rows stream through: 100,000 of them take little memory. Not
covered: working it off (queue).
"""

import csv
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from finsmith.core.errors import RecordError
from finsmith.core.ids import content_id
from finsmith.core.io import atomic_path

from .assignment import reviewers_of
from .doubt import flag_doubt, is_listed, judged_doubt
from .params import ReviewParams

Line = Mapping[str, Any]
_VERSION = 1
_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE made_of (fingerprint TEXT NOT NULL);
CREATE TABLE files (file INTEGER PRIMARY KEY, path TEXT NOT NULL);
CREATE TABLE marks (id TEXT NOT NULL, file INTEGER NOT NULL, at INTEGER NOT NULL, doubt REAL NOT NULL, brings INTEGER);
CREATE TABLE found (
    kind TEXT NOT NULL, id TEXT NOT NULL, recipe TEXT NOT NULL, file INTEGER NOT NULL, at INTEGER NOT NULL,
    turn TEXT NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE items (
    rank INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, recipe TEXT NOT NULL, doubt REAL NOT NULL,
    file INTEGER NOT NULL, at INTEGER NOT NULL
);
CREATE TABLE assigned (
    reviewer TEXT NOT NULL, rank INTEGER NOT NULL, state INTEGER NOT NULL, PRIMARY KEY (reviewer, rank)
) WITHOUT ROWID;
"""
_INDEX_MARKS = "CREATE INDEX marked ON marks (id, brings)"
# A sample is judged in the order in which it was drawn, or those judged so far would be no sample.
_RANK = """
INSERT INTO items SELECT row_number() OVER (
    ORDER BY kind = 'sample', CASE WHEN kind = 'sample' THEN 0 ELSE -doubt END, turn, id
), kind, id, recipe, doubt, file, at
FROM (SELECT *, coalesce((SELECT sum(doubt) FROM marks WHERE marks.id = found.id), 0.0) AS doubt FROM found);
DROP TABLE found;
CREATE UNIQUE INDEX item_of ON items (kind, id);
"""
_INDEX_TURNS = "CREATE INDEX turns ON assigned (reviewer, state, rank)"
OPEN, SKIPPED, RIGHT, WRONG = range(4)  # a skipped item comes again behind the open ones; wrong: rejected or edited
ANYBODY = ""  # to whom items belong where no reviewers are named


@dataclass(frozen=True)
class Sources:
    """Where the queue's rows are: kept rows, marks and judgements on them, the training set, candidates for the test.

    `sample` are ids of rows of the training set, in the order in which they were drawn for the audit.
    """

    rows: Path
    flagged: Path
    judgements: Path
    train: Path
    sample: Sequence[str] = ()
    candidates: Sequence[Path] = ()

    def fingerprint(self, params: ReviewParams) -> str:
        """What decides the queue: the files by size and time of change, the sample, the parameters."""
        paths = [self.rows, self.flagged, self.judgements, self.train, *self.candidates]
        states = [(path.as_posix(), path.stat()) for path in paths if path.exists()]
        files = [[name, state.st_size, state.st_mtime_ns] for name, state in states]
        return content_id([_VERSION, files, list(self.sample), params.model_dump(mode="json")])


def sample_ids(table: Path) -> list[str]:
    """The ids of the audit's sample (data/quality/sample.csv) in the order of the draw; none without a file."""
    if not table.exists():
        return []
    with table.open(encoding="utf-8-sig", newline="") as lines:
        return [cells["id"].removeprefix("#") for cells in csv.DictReader(lines)]


def build_queue(path: Path, sources: Sources, params: ReviewParams) -> None:
    """Writes the queue, with nothing decided yet.

    Raises:
        RecordError: a line of a source has no id; names file and line.
    """
    with atomic_path(path) as aside, closing(sqlite3.connect(aside, isolation_level=None)) as db:
        db.executescript(_SCHEMA)
        db.execute("INSERT INTO made_of VALUES (?)", (sources.fingerprint(params),))
        db.execute("BEGIN")
        db.executemany("INSERT INTO marks VALUES (?, ?, ?, ?, ?)", _marks(db, sources, params))
        db.execute(_INDEX_MARKS)
        for found in (_rows(db, sources, params), _sample(db, sources), _candidates(db, sources, params)):
            db.executemany("INSERT OR IGNORE INTO found VALUES (?, ?, ?, ?, ?, ?)", found)
        db.execute("COMMIT")
        db.executescript(_RANK)
        db.execute("BEGIN")
        ranked = db.execute("SELECT rank, id FROM items ORDER BY rank")
        turns = (
            (name, rank, OPEN) for rank, identity in ranked for name in reviewers_of(identity, params) or (ANYBODY,)
        )
        db.executemany("INSERT INTO assigned VALUES (?, ?, ?)", turns)
        db.execute(_INDEX_TURNS)
        db.execute("COMMIT")


def _marks(db: sqlite3.Connection, sources: Sources, params: ReviewParams) -> Iterator[tuple[Any, ...]]:
    """Marks of filters and judgements with the doubt that each adds, and whether it brings a row into the queue."""
    for file, at, line in _lines(db, sources.flagged, "example_id", "filter"):
        yield line["example_id"], file, at, flag_doubt(line["filter"], params), line["filter"] in params.flags
    for file, at, line in _lines(db, sources.judgements, "example_id", "kind", "right", "votes"):
        doubt = judged_doubt(line["kind"], line["right"], line["votes"], params)
        yield line["example_id"], file, at, doubt, False


def _rows(db: sqlite3.Connection, sources: Sources, params: ReviewParams) -> Iterator[tuple[Any, ...]]:
    """The rows of listed recipes, and those that a mark brings."""
    for file, at, line in _lines(db, sources.rows, "id", "recipe"):
        recipe = line["recipe"]
        if is_listed(recipe, params) or _brought(db, line["id"]):
            yield "row", line["id"], recipe, file, at, content_id([params.seed, line["id"]])


def _brought(db: sqlite3.Connection, identity: str) -> bool:
    return db.execute("SELECT 1 FROM marks WHERE id = ? AND brings", (identity,)).fetchone() is not None


def _sample(db: sqlite3.Connection, sources: Sources) -> Iterator[tuple[Any, ...]]:
    turns = {identity: f"{turn:08}" for turn, identity in enumerate(sources.sample)}
    for file, at, line in _lines(db, sources.train, "id", "recipe") if turns else ():
        if turn := turns.get(line["id"]):
            yield "sample", line["id"], line["recipe"], file, at, turn


def _candidates(db: sqlite3.Connection, sources: Sources, params: ReviewParams) -> Iterator[tuple[Any, ...]]:
    for path in sources.candidates:
        for file, at, line in _lines(db, path, "id"):
            turn = content_id([params.seed, line["id"]])
            yield "question", line["id"], line.get("recipe", ""), file, at, turn


def _lines(db: sqlite3.Connection, path: Path, *names: str) -> Iterator[tuple[int, int, Line]]:
    """The lines of a file, none where it is absent: the file's number, each line's first byte, and what it says."""
    if not path.exists():
        return
    file = db.execute("INSERT INTO files (path) VALUES (?)", (str(path),)).lastrowid
    at = 0
    with path.open("rb") as lines:
        for number, content in enumerate(lines, 1):
            try:
                line = orjson.loads(content)
                _ = [line[name] for name in names]
            except (orjson.JSONDecodeError, KeyError, TypeError) as error:
                raise RecordError(f"{path}:{number}: no record with {', '.join(names)} ({error!r})") from error
            yield file or 0, at, line
            at += len(content)
