"""One batch at the endpoint: created once, found again where the answer was lost, followed to its end, its files read.

Not covered: which requests are in it, and what becomes of its results; that is `batch`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Never, TypeVar

from tqdm import tqdm

from finsmith.core.errors import TeacherRefused, TeacherReplyMalformed, TeacherUnavailable

from .batch_api import BatchApi, BatchState
from .batch_files import Result, input_lines, results_in
from .batch_journal import BatchJournal, SentBatch
from .batch_pace import Batching

T = TypeVar("T")
Send = Callable[[], Awaitable[str]]
# A batch ends within a day of its creation; after this it cannot be under way any more.
_DEAD_AFTER_SECONDS = 25 * 3600
# How often a list is looked through for a batch: it may lag behind.
_LOOKS = 2


class BatchProgress:
    """A line: how many batches are under way, and how many of their requests are done."""

    def __init__(self) -> None:
        self._counts: dict[int, tuple[int, int]] = {}
        self._running: set[int] = set()
        self._bar: tqdm[Never] | None = None

    def show(self, batch: SentBatch, state: BatchState) -> None:
        """The batch is there now; it counts until the last of those that run beside it has ended."""
        self._counts[batch.id] = (state.done, state.total or len(batch.requests))
        (self._running.discard if state.ended else self._running.add)(batch.id)
        if not self._running:
            return self.close()
        done, total = (sum(numbers) for numbers in zip(*self._counts.values(), strict=True))
        under_way = f"batches under way: {len(self._running)}"
        if self._bar is None:
            self._bar = tqdm(desc=under_way, total=total, unit="request", leave=False)
        self._bar.n, self._bar.total = done, total
        self._bar.set_description(under_way)

    def close(self) -> None:
        """Ends the line."""
        if self._bar is not None:
            self._bar.close()
        self._bar = None
        self._counts.clear()


class BatchRun:
    """Brings batches of one endpoint to their ends."""

    def __init__(self, api: BatchApi, batching: Batching, attempts: int) -> None:
        self._api, self._batching, self._attempts = api, batching, attempts
        self._sending = asyncio.Lock()
        self.progress = BatchProgress()

    async def results(self, batch: SentBatch, journal: BatchJournal) -> tuple[BatchState | None, list[Result]]:
        """The batch at its end and what its files say; no state where it was never created, or is lost.

        Raises:
            TeacherRefused: the endpoint refuses the call, or does not know a batch that must be there.
            TeacherUnavailable, TeacherReplyMalformed: it cannot answer, for longer than patience lasts.
        """
        if not batch.batch_id:
            batch_id = await (self._found(batch) if batch.taken_up else self._created(batch))
            if not batch_id:
                return None, []
            journal.created(batch, batch_id)
        state = await self._end(batch)
        found: list[Result] = []
        for file_id in state.file_ids if state else ():
            found += await self._patiently(partial(self._read, batch, file_id))
        return state, found

    async def _created(self, batch: SentBatch) -> str:
        """The id of the new batch; one whose answer was lost is looked for before another is created."""
        async with self._sending:  # one file at a time in memory and on the line
            content = input_lines(batch.requests.values(), self._api.body)
            file_id = await self._sent(partial(self._api.upload, batch.name, content))
            batch.may_exist = True
            return await self._sent(partial(self._api.create, file_id, batch.name), partial(self._found, batch))

    async def _sent(self, send: Send, find: Send | None = None) -> str:
        """The id of what was sent, in several attempts; after a failed one it may be there all the same."""
        for left, pause in zip(reversed(range(self._attempts)), self._batching.pauses(), strict=False):
            try:
                return await send()
            except (TeacherUnavailable, TeacherReplyMalformed) as error:
                await asyncio.sleep(_pause(error, pause))
                if find and (found := await find()):
                    return found
                if not left:
                    raise
        raise AssertionError("no attempts")

    async def _found(self, batch: SentBatch) -> str:
        for look in range(_LOOKS):
            await asyncio.sleep(self._batching.poll_seconds if look else 0)
            if found := await self._patiently(lambda: self._api.find(batch.name, batch.at)):
                return found
        return ""

    async def _end(self, batch: SentBatch) -> BatchState | None:
        for pause in self._batching.pauses():
            state = await self._patiently(lambda: self._api.retrieve(batch.batch_id))
            if state is None:
                _refuse_if_young(batch, f"the batch {batch.batch_id}")
                return None
            self.progress.show(batch, state)
            if state.ended:
                return state
            await asyncio.sleep(pause)
        raise AssertionError("pauses have no end")

    async def _read(self, batch: SentBatch, file_id: str) -> list[Result]:
        content = await self._api.content(file_id)
        if content is None:
            _refuse_if_young(batch, f"the file {file_id} of the batch {batch.batch_id}")
        return list(results_in(content or b""))

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """The call's answer; tried again while the endpoint cannot give one and patience lasts."""
        failing_since: float | None = None
        for pause in self._batching.pauses():
            try:
                return await call()
            except (TeacherUnavailable, TeacherReplyMalformed) as error:
                now = time.monotonic()
                failing_since = failing_since or now
                if now - failing_since >= self._batching.patience_seconds:
                    raise
                await asyncio.sleep(_pause(error, pause))
        raise AssertionError("pauses have no end")


def _pause(error: Exception, pause: float) -> float:
    """No less than the server asked for."""
    return max(getattr(error, "retry_after_seconds", None) or 0.0, pause)


def _refuse_if_young(batch: SentBatch, what: str) -> None:
    """What is gone may still be paid for and running under another key; a day later it is not."""
    if (left := batch.at + _DEAD_AFTER_SECONDS - time.time()) > 0:
        raise TeacherRefused(
            f"the endpoint does not know {what}, which was sent {(_DEAD_AFTER_SECONDS - left) / 3600:.1f} hours ago. "
            "Run with the key it was sent with (`generate.teacher.api_key_env`), or "
            f"{left / 3600:.1f} hours later: it is then taken as lost, and its requests are sent anew."
        )
