"""What the page asks for: the next row with all that helps to judge it, a decision taken, rows found, how far one is.

A reviewer sees the rows that are theirs, and nothing of what others said; the adjudicator sees conflicts with each
side, without names. Not covered: who asks (access), how (app).
"""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from finsmith.core.errors import ReviewError, SourceError
from finsmith.core.records import Passage, Record

from ..apply import decision_on
from ..course import by_person, read_decisions
from ..decisions import Decision, Edit, Key, Kind, Verdict, now
from ..journal import Journal
from ..params import ReviewParams
from ..queue import Item, Queue, open_queue
from ..queue_file import ANYBODY, Sources
from .cards import Card, Cards
from .library import Library
from .search import search_file

_HELD_SECONDS = 600.0  # a row shown to one of several who share all rows is shown to no other so long
_PACE_OF = 50  # decisions that the pace is of
_LOOK_SECONDS = 1.0  # after which the pipeline's files are looked at anew
_MOST_FOUND = 50
_PICTURED = 32  # passages whose pictures are kept


class Picture(NamedTuple):
    """A page of a passage as PNG with the passage marked; the passage begins at `top`, 0 to 1 of the page's height."""

    page: int
    png: bytes
    top: float


Pictures = Callable[[Passage], Iterable[Picture]]


class Said(Record):
    """What the page sends of a decision; `reviewer` and `at` are the server's to tell."""

    kind: Kind
    row_id: Annotated[str, Field(min_length=1, max_length=100)]
    verdict: Verdict
    seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
    seen: str = ""
    reason: Annotated[str, Field(max_length=4000)] = ""
    edit: Edit | None = None
    answers: tuple[bool, bool, bool] | None = None
    undoes: str = ""


class Desk:
    """The queue, what stands behind its rows, and the journal, for several people at once."""

    def __init__(
        self,
        queue: Path,
        sources: Callable[[], Sources],
        library: Library,
        decisions: Path,
        params: ReviewParams,
        pictures: Pictures,
    ) -> None:
        self._path, self._sources, self._library, self._params = queue, sources, library, params
        self._decisions, self._journal = decisions, Journal(decisions)
        self._cards = Cards(library, self._journal, params.adjudicator)
        self._turn, self._drawing = threading.RLock(), threading.Lock()
        self._queue: Queue | None = None
        self._looked = float("-inf")
        self._held: dict[Key, tuple[str, float]] = {}
        self._seconds: dict[str, deque[tuple[float, bool]]] = defaultdict(lambda: deque(maxlen=_PACE_OF))
        self._drawn = lru_cache(_PICTURED)(lambda passage: tuple(pictures(passage)))

    def __enter__(self) -> "Desk":
        """The desk with its queue built."""
        with self._turn:
            self._current()
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the queue."""
        with self._turn:
            if self._queue:
                self._queue.close()
                self._queue = None

    def next(self, reviewer: str, after: int = 0, kind: Kind | None = None) -> Card | None:
        """The reviewer's first open row behind rank `after`, else the first at all; None when all is done."""
        with self._turn:
            return self._of_queue(lambda queue: self._next(queue, reviewer, after, kind))

    def card(self, reviewer: str, key: Key) -> Card | None:
        """All about a row, None where it is not the reviewer's."""
        with self._turn:
            return self._of_queue(lambda queue: self._card_of(queue, reviewer, key))

    def decide(self, reviewer: str, said: Said) -> Decision:
        """Takes a decision, durably before it returns. The same sent twice, as after a lost answer, is taken once.

        Raises:
            DecisionOutdated: the row was decided elsewhere since it was shown.
            ReviewError: it is no sound decision, or not on a row of theirs.
            OutputError: it could not be written.
        """
        key: Key = (said.kind, said.row_id)
        with self._turn:
            queue = self._current()
            if not (item := self._theirs(queue, reviewer, key)):
                raise ReviewError(f"{said.kind} {said.row_id}: it is not among your rows.")
            content = said.model_dump() | {"edit": said.edit, "reviewer": reviewer, "at": now()}
            decision = decision_on(queue.read(item), content)
            before = self._journal.latest(reviewer, key)
            if before and _content(before) == _content(decision):
                return before
            self._journal.append(decision)
            self._note(decision)
            queue.take(key, self._journal.said(key))
            self._held.pop(key, None)
            return decision

    def search(self, reviewer: str, words: str) -> list[dict[str, Any]]:
        """The first of the reviewer's rows whose id begins with the words, or that hold them."""
        words = words.strip()
        with self._turn:
            self._current()
            sources = self._sources()
        return list(islice(self._found(reviewer, words, sources), _MOST_FOUND)) if words else []

    def progress(self, reviewer: str) -> dict[str, Any]:
        """Rows open, skipped and decided, those of each of the `kinds` too, and rows an hour of the latest decisions.

        `doubtful` and `others` are how many such training rows were decided, and how many of them were wrong.
        """
        with self._turn:
            queue = self._current()
            kinds, found = queue.progress(reviewer), queue.found(reviewer)
            late = self._seconds[reviewer]
        spent, decided = sum(seconds for seconds, _ in late), sum(counts for _, counts in late)
        pace = 3600 * decided / spent if decided and spent else None
        parts = {name: of._asdict() for name, of in found.items()}
        told = {kind: asdict(of) for kind, of in kinds.items()}
        return told.pop("") | {"kinds": told, "rows_per_hour": pace} | parts

    def about(self, reviewer: str) -> dict[str, Any]:
        """What the page shows of the reviewer."""
        return {"reviewer": reviewer, "adjudicator": bool(reviewer) and reviewer == self._params.adjudicator}

    def picture(self, passage: str, page: int) -> Picture | None:
        """A page of a passage, None where there is none.

        Raises:
            SourceError: the document is not there or has changed.
        """
        found = self._library.passage(passage)
        with self._drawing:
            drawn = self._drawn(found) if found else ()
        return next((one for one in drawn if one.page == page), None)

    def _current(self) -> Queue:
        """The queue of the files as they are now.

        Raises:
            SourceError: the rows are not there, as while the pipeline runs.
        """
        if self._queue and time.monotonic() - self._looked < _LOOK_SECONDS:
            return self._queue
        sources = self._sources()
        if not sources.rows.exists():
            raise SourceError(
                f"{sources.rows}: not there now. The pipeline runs, or was stopped: wait, or run `dvc repro`."
            )
        if not self._queue or not self._queue.is_of(sources):
            if self._queue:
                self._queue.close()
            decided = read_decisions(self._decisions).decisions
            self._queue = open_queue(self._path, sources, self._params, by_person(decided))
            self._seconds.clear()
            for one in decided:
                self._note(one)
        self._looked = time.monotonic()
        return self._queue

    def _of_queue(self, ask: Callable[[Queue], Card | None]) -> Card | None:
        """What the queue answers, built anew where the pipeline has run since it was last looked at."""
        try:
            return ask(self._current())
        except ReviewError:
            self._looked = float("-inf")
        try:
            return ask(self._current())
        except ReviewError as error:
            raise SourceError(str(error)) from error

    def _next(self, queue: Queue, reviewer: str, after: int, kind: Kind | None) -> Card | None:
        """Passes over rows that another process took a decision on, and over those that others look at now."""
        met: dict[Key, Item] = {}
        while (item := queue.next(reviewer, after, kind)) and item.key not in met:
            if self._is_done(reviewer, item.key):
                queue.take(item.key, self._journal.said(item.key))
                continue
            if self._is_free(reviewer, item.key):
                self._held[item.key] = (reviewer, time.monotonic())
                return self._cards.card(queue, reviewer, item)
            met[item.key], after = item, item.rank
        return self._cards.card(queue, reviewer, next(iter(met.values()))) if met else None

    def _is_done(self, reviewer: str, key: Key) -> bool:
        said = self._journal.said(key)
        those = said.values() if self._is_shared(reviewer) else [said[reviewer]] if reviewer in said else []
        return any(one.decides for one in those)

    def _is_free(self, reviewer: str, key: Key) -> bool:
        holder, since = self._held.get(key, ("", 0.0))
        return not self._is_shared(reviewer) or holder in ("", reviewer) or time.monotonic() - since > _HELD_SECONDS

    def _is_shared(self, reviewer: str) -> bool:
        """Whether the reviewer takes from rows that are anybody's."""
        return not self._params.reviewers and reviewer != self._params.adjudicator

    def _theirs(self, queue: Queue, reviewer: str, key: Key) -> Item | None:
        names = queue.reviewers(key)
        return queue.item(key) if reviewer in names or (ANYBODY in names and self._is_shared(reviewer)) else None

    def _card_of(self, queue: Queue, reviewer: str, key: Key) -> Card | None:
        item = self._theirs(queue, reviewer, key)
        return self._cards.card(queue, reviewer, item) if item else None

    def _note(self, decision: Decision) -> None:
        if decision.seconds:
            self._seconds[decision.reviewer].append((decision.seconds, decision.verdict in ("accept", "reject")))

    def _found(self, reviewer: str, words: str, sources: Sources) -> Iterator[dict[str, Any]]:
        samples = [sources.train] if sources.sample else []
        files: list[tuple[Kind, Path]] = [("row", sources.rows), *(("question", one) for one in sources.candidates)]
        for kind, path in [*files, *(("sample", one) for one in samples)]:
            for line in search_file(path, words):
                with self._turn:
                    queue = self._current()
                    item = self._theirs(queue, reviewer, (kind, line["id"]))
                    own = item and self._journal.stands(reviewer, item.key)
                if item:
                    text = line["stem"] if kind == "question" else f"{line['instruction']}\n{line['output']}"
                    yield {"kind": kind, "id": item.id, "recipe": item.recipe, "text": text, "own": own and own.says}


def _content(decision: Decision) -> dict[str, Any]:
    """All but when it was taken and how long it took."""
    return decision.model_dump(exclude={"id", "at", "seconds"})
