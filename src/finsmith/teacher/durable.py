"""Brings stored replies to the disk in the background, many with one flush, so that no call waits for it.

A reply outlives the process the moment it is stored, and a power cut a moment later. Not covered: the storing; that is
the store's.
"""

import asyncio
from contextlib import suppress

from finsmith.core.errors import OutputError

from .store import ResponseStore

# As much as a power cut may take along. Each flush costs about half a millisecond of processor time.
_GATHER_SECONDS = 0.05


class Durable:
    """For the calls of one event loop."""

    def __init__(self, store: ResponseStore) -> None:
        self._store, self._turn = store, asyncio.Lock()
        self._waiting = False
        self._flushing: asyncio.Task[None] | None = None
        self._failure: OutputError | None = None

    def soon(self) -> None:
        """Has what is stored flushed soon.

        Raises:
            OutputError: an earlier flush failed; what it should have brought to the disk may not be there.
        """
        if self._failure:
            raise self._failure
        self._waiting = True
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush_soon())

    async def now(self) -> None:
        """Returns when everything stored before is on the disk.

        Raises:
            OutputError: it could not be brought there, now or earlier.
        """
        async with self._turn:
            if self._waiting:
                self._waiting = False
                try:
                    await asyncio.to_thread(self._store.sync)
                except (
                    OutputError
                ) as error:  # for good: after a failed flush the system may call the next one a success
                    self._failure = error
        if self._failure:
            raise self._failure

    async def _flush_soon(self) -> None:
        while self._waiting:
            await asyncio.sleep(_GATHER_SECONDS)
            with suppress(OutputError):  # the next `soon` or `now` raises it
                await self.now()
