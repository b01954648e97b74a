"""What people should look at, most doubtful first: an SQLite file with a line for each row, question and sampled row.

It holds ids, places and who decides, no texts: a row is read where it stands, so 100,000 of them take little memory. It
is derived: it may be deleted and is built anew from the pipeline's outputs. Not covered: taking decisions (journal).
"""

import csv
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from finsmith.core.errors import RecordError, ReviewError
from finsmith.core.ids import content_id
from finsmith.core.io import atomic_path

from .assignment import needed, reviewers_of
from .decisions import Decision, Key, Kind
from .params import ReviewParams
from .standing import standing_of

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
_OPEN, _SKIPPED, _DECIDED = range(3)  # a skipped item comes again behind the open ones
_ITEM = "SELECT rank, kind, id, recipe, doubt, path, at FROM items JOIN files USING (file)"
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


@dataclass(frozen=True)
class Item:
    """Something to look at: its place in the order, what it is, how much doubt there is, and where it stands."""

    rank: int
    kind: Kind
    id: str
    recipe: str
    doubt: float
    path: Path
    at: int

    @property
    def key(self) -> Key:
        """What is decided on."""
        return self.kind, self.id


@dataclass(frozen=True)
class Progress:
    """How many items of a reviewer are open, skipped and decided."""

    open: int
    skipped: int
    decided: int


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
            (name, rank, _OPEN) for rank, identity in ranked for name in reviewers_of(identity, params) or (ANYBODY,)
        )
        db.executemany("INSERT INTO assigned VALUES (?, ?, ?)", turns)
        db.execute(_INDEX_TURNS)
        db.execute("COMMIT")


class Queue:
    """A queue opened to be worked off by several threads; a context manager that closes it.

    Raises:
        ReviewError: there is none at the path, or it is broken.
    """

    def __init__(self, path: Path, params: ReviewParams) -> None:
        if not path.exists():
            raise ReviewError(f"{path}: no queue of rows to review. Build it first.")
        self._params, self._turn = params, threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._db.execute("PRAGMA synchronous = OFF")  # derived: after a power cut it is built anew
        except sqlite3.DatabaseError as error:
            self.close()
            raise ReviewError(f"{path}: no queue of rows to review ({error}). Build it anew.") from error

    def __enter__(self) -> "Queue":
        """The queue itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the file."""
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def is_of(self, sources: Sources) -> bool:
        """Whether it was built from these sources as they are now, by the same parameters."""
        try:
            [(made_of,)] = self._select("SELECT fingerprint FROM made_of")
        except (sqlite3.DatabaseError, ValueError):
            return False
        return bool(made_of == sources.fingerprint(self._params))

    def replay(self, said: Mapping[Key, Mapping[str, Decision]]) -> None:
        """Starts from what everybody has said so far."""
        with self._turn:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("UPDATE assigned SET state = ?", (_OPEN,))
            for key, of in said.items():
                self._take(key, of)
            self._db.execute("COMMIT")

    def take(self, key: Key, said: Mapping[str, Decision]) -> None:
        """Goes on from what everybody now says of one row: who is done with it, and whether it is in conflict."""
        with self._turn:
            self._db.execute("BEGIN IMMEDIATE")
            self._take(key, said)
            self._db.execute("COMMIT")

    def next(self, reviewer: str, after: int = 0, kind: Kind | None = None) -> Item | None:
        """The reviewer's first open item behind rank `after`, else one they skipped; None when all is done."""
        of = "AND kind = :kind " if kind else ""
        query = (
            f"{_ITEM} JOIN assigned USING (rank) WHERE reviewer = :reviewer AND state = :state AND rank > :after {of}"
            "ORDER BY assigned.rank LIMIT 1"
        )
        for state, behind in ((_OPEN, after), (_SKIPPED, after), (_OPEN, 0), (_SKIPPED, 0)):
            given = {"reviewer": self._owner(reviewer), "state": state, "after": behind, "kind": kind}
            if found := self._select(query, given):
                return _item(found[0])
        return None

    def item(self, key: Key) -> Item | None:
        """The item of a row or question, None where it is not in the queue."""
        found = self._select(f"{_ITEM} WHERE kind = ? AND id = ?", key)
        return _item(found[0]) if found else None

    def progress(self, reviewer: str) -> Progress:
        """How far a reviewer is."""
        query = "SELECT state, count(*) FROM assigned WHERE reviewer = ? GROUP BY state"
        counts = dict(self._select(query, (self._owner(reviewer),)))
        return Progress(*(counts.get(state, 0) for state in (_OPEN, _SKIPPED, _DECIDED)))

    def reviewers(self, key: Key) -> list[str]:
        """Whose item it is; "" is anybody's."""
        query = "SELECT reviewer FROM assigned JOIN items USING (rank) WHERE kind = ? AND id = ? ORDER BY reviewer"
        return [name for (name,) in self._select(query, key)]

    def read(self, item: Item) -> Line:
        """What stands on the item's line.

        Raises:
            ReviewError: its file is gone or has changed since the queue was built.
        """
        return _read(item.path, item.at, "id", item.id)

    def marks(self, item: Item) -> list[Line]:
        """What filters and judges said of it, line by line as they wrote it.

        Raises:
            ReviewError: a file is gone or has changed since the queue was built.
        """
        query = "SELECT path, at FROM marks JOIN files USING (file) WHERE id = ? ORDER BY file, at"
        return [_read(Path(path), at, "example_id", item.id) for path, at in self._select(query, (item.id,))]

    def _owner(self, reviewer: str) -> str:
        """Under whose name a reviewer's items are."""
        return reviewer if self._params.reviewers or reviewer == self._params.adjudicator else ANYBODY

    def _take(self, key: Key, said: Mapping[str, Decision]) -> None:
        rank = self._db.execute("SELECT rank FROM items WHERE kind = ? AND id = ?", key).fetchone()
        if not rank:
            return
        states = {name: _DECIDED if one.decides else _SKIPPED for name, one in said.items()}
        anybody = max(states.values(), default=_OPEN)
        query = "UPDATE assigned SET state = ? WHERE reviewer = ? AND rank = ?"
        for name in self._db.execute("SELECT reviewer FROM assigned WHERE rank = ?", rank).fetchall():
            state = anybody if name[0] == ANYBODY else states.get(name[0], _OPEN)
            self._db.execute(query, (state, *name, *rank))
        if (judge := self._params.adjudicator) and key[0] != "sample":
            self._db.execute("DELETE FROM assigned WHERE reviewer = ? AND rank = ?", (judge, *rank))
            others = {name: one for name, one in said.items() if name != judge}
            if standing_of(others, needed(key[1], self._params), judge).state == "conflict":
                self._db.execute("INSERT INTO assigned VALUES (?, ?, ?)", (judge, *rank, states.get(judge, _OPEN)))

    def _select(self, query: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[Any]:
        with self._turn:
            return self._db.execute(query, values).fetchall()


def _item(row: tuple[Any, ...]) -> Item:
    rank, kind, identity, recipe, doubt, path, at = row
    return Item(rank, kind, identity, recipe, doubt, Path(path), at)


def _marks(db: sqlite3.Connection, sources: Sources, params: ReviewParams) -> Iterator[tuple[Any, ...]]:
    """Marks of filters and judgements with the doubt that each adds, and whether it brings a row into the queue."""
    for file, at, line in _lines(db, sources.flagged, "example_id", "filter"):
        yield line["example_id"], file, at, params.flags.get(line["filter"], 0.0), line["filter"] in params.flags
    for file, at, line in _lines(db, sources.judgements, "example_id", "kind", "right", "votes"):
        weight = params.judged.get(line["kind"], 0.0)
        yield line["example_id"], file, at, weight * (1 - line["right"] / line["votes"]), False


def _rows(db: sqlite3.Connection, sources: Sources, params: ReviewParams) -> Iterator[tuple[Any, ...]]:
    """The rows of listed recipes, and those that a mark brings."""
    wanted = set(params.recipes)
    for file, at, line in _lines(db, sources.rows, "id", "recipe"):
        recipe = line["recipe"]
        if wanted & {recipe, recipe.partition(".")[0]} or _brought(db, line["id"]):
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


def _read(path: Path, at: int, name: str, identity: str) -> Line:
    try:
        with path.open("rb") as file:
            file.seek(at)
            line: Line = orjson.loads(file.readline())
            if line[name] == identity:
                return line
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
        pass
    raise ReviewError(f"{path}: {identity} does not stand where it stood. The pipeline has run: build the queue anew.")


def open_queue(path: Path, sources: Sources, params: ReviewParams, said: Mapping[Key, Mapping[str, Decision]]) -> Queue:
    """The queue of these sources, built where there is none of them yet, with what everybody has said so far."""
    with suppress(ReviewError):
        queue = Queue(path, params)
        if queue.is_of(sources):
            queue.replay(said)
            return queue
        queue.close()
    build_queue(path, sources, params)
    queue = Queue(path, params)
    queue.replay(said)
    return queue
