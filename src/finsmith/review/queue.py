"""What people should look at, most doubtful first; whose turn it is, and what filters and judges said of it.

A row is read where it stands. The queue is derived: it may be deleted and is built anew from the pipeline's outputs.
Not covered: building it (queue_file), taking decisions (journal).
"""

import sqlite3
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from finsmith.core.errors import ReviewError

from .assignment import needed
from .decisions import Decision, Key, Kind
from .params import ReviewParams
from .queue_file import ANYBODY, OPEN, RIGHT, SKIPPED, WRONG, Line, Sources, build_queue
from .standing import standing_of

_ITEM = "SELECT rank, kind, id, recipe, doubt, path, at FROM items JOIN files USING (file)"


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


class Found(NamedTuple):
    """How many training rows were decided, and how many of them were rejected or edited."""

    decided: int
    wrong: int


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
            self._db.execute("UPDATE assigned SET state = ?", (OPEN,))
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
        for state, behind in ((OPEN, after), (SKIPPED, after), (OPEN, 0), (SKIPPED, 0)):
            given = {"reviewer": self._owner(reviewer), "state": state, "after": behind, "kind": kind}
            if found := self._select(query, given):
                return _item(found[0])
        return None

    def item(self, key: Key) -> Item | None:
        """The item of a row or question, None where it is not in the queue."""
        found = self._select(f"{_ITEM} WHERE kind = ? AND id = ?", key)
        return _item(found[0]) if found else None

    def items(self, reviewer: str = "", decided: bool = False) -> list[Item]:
        """All items in their order that wait for a reviewer, or for any but the adjudicator; `decided` ones too."""
        query = (
            f"{_ITEM} WHERE rank IN (SELECT rank FROM assigned WHERE state < :done "
            "AND CASE WHEN :owner IS NULL THEN reviewer IS NOT :judge ELSE reviewer = :owner END) ORDER BY rank"
        )
        owner, judge = self._owner(reviewer) if reviewer else None, self._params.adjudicator or None
        done = WRONG + 1 if decided else RIGHT
        return list(map(_item, self._select(query, {"done": done, "owner": owner, "judge": judge})))

    def progress(self, reviewer: str) -> dict[str, Progress]:
        """How far a reviewer is, by kind; "" is all kinds together."""
        query = (
            "SELECT kind, state, count(*) FROM assigned JOIN items USING (rank) WHERE reviewer = ? GROUP BY kind, state"
        )
        counts: dict[str, Counter[int]] = {"": Counter()}
        for kind, state, count in self._select(query, (self._owner(reviewer),)):
            counts.setdefault(kind, Counter())[state] = count
            counts[""][state] += count
        return {kind: Progress(of[OPEN], of[SKIPPED], of[RIGHT] + of[WRONG]) for kind, of in counts.items()}

    def found(self, reviewer: str) -> dict[str, Found]:
        """What a reviewer found on doubtful rows, and on the others."""
        query = (
            "SELECT doubt > 0, count(*), sum(state = :wrong) FROM assigned JOIN items USING (rank) "
            "WHERE reviewer = :owner AND state IN (:right, :wrong) AND kind = 'row' GROUP BY 1"
        )
        given = {"owner": self._owner(reviewer), "right": RIGHT, "wrong": WRONG}
        parts = {doubtful: Found(decided, wrong) for doubtful, decided, wrong in self._select(query, given)}
        return {"doubtful": parts.get(1, Found(0, 0)), "others": parts.get(0, Found(0, 0))}

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
        states = {name: _state(one) for name, one in said.items()}
        anybody = max(states.values(), default=OPEN)
        query = "UPDATE assigned SET state = ? WHERE reviewer = ? AND rank = ?"
        for name in self._db.execute("SELECT reviewer FROM assigned WHERE rank = ?", rank).fetchall():
            state = anybody if name[0] == ANYBODY else states.get(name[0], OPEN)
            self._db.execute(query, (state, *name, *rank))
        if (judge := self._params.adjudicator) and key[0] != "sample":
            self._db.execute("DELETE FROM assigned WHERE reviewer = ? AND rank = ?", (judge, *rank))
            others = {name: one for name, one in said.items() if name != judge}
            if standing_of(others, needed(key[1], self._params), judge).state == "conflict":
                self._db.execute("INSERT INTO assigned VALUES (?, ?, ?)", (judge, *rank, states.get(judge, OPEN)))

    def _select(self, query: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[Any]:
        with self._turn:
            return self._db.execute(query, values).fetchall()


def _state(decision: Decision) -> int:
    if not decision.decides:
        return SKIPPED
    return RIGHT if decision.says == "accept" else WRONG


def _item(row: tuple[Any, ...]) -> Item:
    rank, kind, identity, recipe, doubt, path, at = row
    return Item(rank, kind, identity, recipe, doubt, Path(path), at)


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
