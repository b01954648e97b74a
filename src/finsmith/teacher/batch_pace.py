"""When batches are sent and asked for, and how large they are. Not covered: what they cost."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

from finsmith.core.errors import TeacherUnavailable


@dataclass(frozen=True)
class Batching:
    """When batches are sent and asked for, and how large they are.

    A batch is sent when nothing new has come for `quiet_seconds`. Pauses between polls grow from the first to the
    longest. Errors in a row are borne for `patience_seconds`, a full queue of the endpoint for
    `queue_patience_seconds`. The limits of a file are OpenAI's (guide on the Batch API).
    """

    quiet_seconds: float = 2.0
    poll_seconds: float = 5.0
    longest_poll_seconds: float = 60.0
    patience_seconds: float = 3600.0
    queue_patience_seconds: float = 86_400.0
    max_requests: int = 50_000
    max_file_bytes: int = 200_000_000

    def pauses(self) -> Iterator[float]:
        """The seconds between polls, without an end."""
        pause = self.poll_seconds
        while True:
            yield pause
            pause = min(1.5 * pause, self.longest_poll_seconds)


class Room:
    """How much is sent at once: everything, or, since the endpoint's queue was full, one file of a size it took."""

    def __init__(self, batching: Batching) -> None:
        self._batching, self._pauses = batching, batching.pauses()
        self._too_large, self._full_since = 0, 0.0
        self.size, self.one_file = batching.max_requests, False

    def full(self, requests: int) -> None:
        """A batch of so many requests found no room."""
        self._full_since = self._full_since or time.monotonic()
        self._too_large, self.one_file = max(self._too_large, requests), True

    def taken(self) -> None:
        """A batch found room."""
        self._too_large, self._full_since, self._pauses = 0, 0.0, self._batching.pauses()
        self.size = min(2 * self.size, self._batching.max_requests)

    async def wait(self) -> None:
        """Returns when it is worth another try.

        Raises:
            TeacherUnavailable: there was none for too long.
        """
        if not self._too_large:
            return
        if time.monotonic() - self._full_since > self._batching.queue_patience_seconds:
            raise TeacherUnavailable("the endpoint's queue of batches stayed full. Run again when others have ended.")
        self.size, self._too_large = max(1, min(self.size, self._too_large) // 2), 0
        await asyncio.sleep(next(self._pauses))
