"""The requests that somebody waits for: which are in no batch yet, and what becomes of those that come home.

Not covered: sending them; that is `batch`.
"""

import asyncio
from collections import Counter

from finsmith.core.errors import TeacherError, TeacherRefused, TeacherRequestRefused
from finsmith.core.records import Reply, Request

from .batch_journal import SentBatch
from .batch_results import Collected
from .calls import refused_reply


class Questions:
    """Open questions by request key; `fresh` are those in no batch that is under way, as far as is known."""

    def __init__(self, max_attempts: int) -> None:
        self._max_attempts = max_attempts
        self._futures: dict[str, asyncio.Future[Reply]] = {}
        self._attempts: Counter[str] = Counter()
        self.fresh: dict[str, Request] = {}
        self.arrived, self.arrivals = asyncio.Event(), 0

    async def ask(self, request: Request) -> Reply:
        """The reply, when it is there.

        Raises:
            FinsmithError: the one given to `fail`.
        """
        future = self._futures.setdefault(request.key, asyncio.get_running_loop().create_future())
        self.fresh[request.key] = request
        self.arrivals += 1
        self.arrived.set()
        return await asyncio.shield(future)  # whoever else asks the same goes on waiting

    def wait_for(self, batch: SentBatch) -> bool:
        """Whether anybody waits for something of the batch."""
        return not self._futures.keys().isdisjoint(batch.requests)

    def send(self, batch: SentBatch) -> None:
        """They are in this batch now."""
        for key in batch.requests.keys() & self.fresh.keys():
            del self.fresh[key]

    def answer(self, key: str, reply: Reply) -> None:
        """Gives the reply to whoever waits for it."""
        self.fresh.pop(key, None)
        if future := self._futures.pop(key, None):
            future.set_result(reply)

    def put_back(self, batch: SentBatch) -> None:
        """Nothing of the batch was executed: who waits for it waits for another."""
        self.fresh |= {key: request for key, request in batch.requests.items() if key in self._futures}

    def hand_out(self, batch: SentBatch, got: Collected) -> bool:
        """Gives what the batch brought to those who wait; whether something failed that the next batch may bring.

        Raises:
            TeacherRefused: the endpoint refused one for good.
            TeacherUnavailable, TeacherReplyMalformed: one failed for the last time.
        """
        for key, reply in got.replies.items():
            self.answer(key, reply)
        failed = [key for key in batch.requests if key in got.errors and key in self._futures]  # in the batch's order
        for key in failed:
            error = got.errors[key]
            if isinstance(error, TeacherRequestRefused):
                self.answer(key, refused_reply(batch.requests[key], str(error)))
            else:
                self._try_again(batch, key, error)
        return not self.fresh.keys().isdisjoint(failed)

    def fail(self, error: BaseException) -> None:
        """Lets nobody wait any longer."""
        for future in self._futures.values():
            if not future.done():
                future.set_exception(error)
        self._futures.clear()

    def _try_again(self, batch: SentBatch, key: str, error: TeacherError) -> None:
        """Puts the request among the fresh; what an earlier run met with counts for nothing."""
        self._attempts[key] += not batch.taken_up
        if not batch.taken_up and (isinstance(error, TeacherRefused) or self._attempts[key] >= self._max_attempts):
            raise error
        self.fresh[key] = batch.requests[key]
