"""Answers each request once: from the store, by a call that is under way, or by a new one in its teacher's slots.

Not covered: the call itself; that is `calls`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from finsmith.core.errors import FinsmithError, TeacherRefused
from finsmith.core.records import REFUSED, Reply, Request

from .batch import BatchCaller
from .calls import Caller
from .converse import Slots
from .progress import Progress
from .store import ResponseStore

# So many first requests refused and none taken: the fault is in what all have in common.
_ALL_REFUSED = 5


class Line:
    """One teacher of a stage: its slots, its caller once it is open, and whether it takes what it is asked."""

    def __init__(self, concurrency: int, open_caller: Callable[[], Awaitable[Caller | BatchCaller]]) -> None:
        self.slots, self._open_caller = Slots(concurrency), open_caller
        self._caller: asyncio.Future[Caller | BatchCaller] | None = None
        self._taken, self._refused = False, 0

    async def call(self, request: Request) -> Reply:
        """The reply to a new request.

        Raises:
            FinsmithError: see calls.Caller. TeacherRefused: the first requests were all refused.
        """
        if self._caller is None:
            self._caller = asyncio.ensure_future(self._open_caller())
        caller = await self._caller
        reply = await caller.call(request)
        if reply.finish_reason == REFUSED:
            self._refused += 1
            if not self._taken and self._refused >= _ALL_REFUSED:
                raise TeacherRefused(f"the first {self._refused} requests were all refused: {reply.text}")
        else:
            self.takes()
        return reply

    def takes(self) -> None:
        """Notes that this teacher did take a request, now or before."""
        self._taken = True


class Switchboard:
    """For one asking; `answered` holds what was asked and the replies by request key, `sent` counts new calls."""

    def __init__(
        self,
        lines: Mapping[str, Line],
        store: ResponseStore,
        progress: Progress,
        on_failure: Callable[[FinsmithError], None] | None = None,
    ) -> None:
        self._lines, self._store, self._progress, self._on_failure = lines, store, progress, on_failure
        self._under_way: dict[str, asyncio.Future[Reply]] = {}
        self._failure: FinsmithError | None = None
        self.answered: dict[str, tuple[Request, Reply]] = {}
        self.sent = 0

    async def ask(self, request: Request, number: int) -> Reply:
        """The reply to a request of dialogue `number`.

        Raises:
            FinsmithError: the first that any call raised; after it nothing new is sent.
        """
        key = request.key
        if key in self.answered:
            self._progress.shared()
            return self.answered[key][1]
        if key in self._under_way:
            self._progress.shared()
            return await self._under_way[key]
        line = self._line(request.teacher)
        if stored := self._store.get(key):
            line.takes()
            self._progress.stored()
            self.answered[key] = request, stored
            return stored
        self._progress.waits()
        self._under_way[key] = asyncio.ensure_future(self._call(line, request, number))
        try:
            reply = await self._under_way[key]
        finally:
            del self._under_way[key]
        self.answered[key] = request, reply
        return reply

    async def _call(self, line: Line, request: Request, number: int) -> Reply:
        await line.slots.take(number)
        reply = None
        try:
            if not self._failure:
                reply = await line.call(request)
        except FinsmithError as error:
            self._failure = self._failure or error  # before the slot is free, so that nothing new starts
            if self._on_failure:
                self._on_failure(error)
        finally:
            line.slots.give_back()
        if reply is None:
            assert self._failure is not None
            raise self._failure
        self.sent += 1
        self._progress.done()
        return reply

    def _line(self, name: str) -> Line:
        if name not in self._lines:
            raise TeacherRefused(
                f"there is no teacher {name!r}, only {', '.join(self._lines)}: see `generate.teachers`."
            )
        return self._lines[name]
