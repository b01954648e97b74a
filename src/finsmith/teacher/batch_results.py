"""What a batch that ended gives: replies, stored as they are read, errors by request, and what it cost.

Not covered: who waits for them; that is `batch`.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from finsmith.core.errors import TeacherError, TeacherReplyMalformed, TeacherUnavailable
from finsmith.core.records import Reply
from finsmith.core.teacher_params import Price

from .batch_api import BatchApi
from .batch_files import Result
from .batch_journal import BatchJournal, SentBatch
from .prices import worst_case_usd

# So many replies are written to the disk at once: each by itself would take hours.
_STORED_AT_ONCE = 500


@dataclass
class Collected:
    """Replies and errors by request key; `calls` were executed or may have been, `lost_usd` was paid for no reply."""

    replies: dict[str, Reply] = field(default_factory=dict)
    errors: dict[str, TeacherError] = field(default_factory=dict)
    calls: int = 0
    cost_usd: float = 0.0
    lost_usd: float = 0.0


class Collector:
    """Collects the batches of one model at one endpoint; doing it again after a crash gives the same."""

    def __init__(self, api: BatchApi, price: Price, journal: BatchJournal) -> None:
        self._api, self._price, self._journal = api, price, journal

    async def collect(self, batch: SentBatch, results: Sequence[Result], executed: bool) -> Collected:
        """What the results hold, stored, and the batch's note dropped with the last of it.

        A request without a result may have been paid for where the batch was `executed`.

        Raises:
            OutputError: a reply cannot be stored.
        """
        got, left = Collected(), list(results)
        while len(left) > _STORED_AT_ONCE:
            self._take_all(got, batch, left[:_STORED_AT_ONCE], last=False)
            left = left[_STORED_AT_ONCE:]
            await asyncio.sleep(0)  # calls of other teachers are under way
        self._take_all(got, batch, left, last=True)
        for key in batch.requests.keys() - got.replies.keys() - got.errors.keys():
            missing = TeacherUnavailable("the batch ended without a word on a request", billed=executed)
            self._note(got, batch, key, missing, executed)
        return got

    def _take_all(self, got: Collected, batch: SentBatch, results: Sequence[Result], last: bool) -> None:
        with self._journal.transaction():
            for result in results:
                self._take(got, batch, result)
            if last:
                self._journal.forget(batch)

    def _take(self, got: Collected, batch: SentBatch, result: Result) -> None:
        request = batch.requests.get(result.key)
        if request is None or request.key in got.replies or request.key in got.errors:
            return
        try:
            reply = self._api.reply(request, result)
        except TeacherError as error:
            return self._note(got, batch, result.key, error, result.status is not None)
        got.replies[request.key] = self._journal.store.put(request, reply, time.time() - batch.at)
        got.calls += 1
        got.cost_usd += reply.cost_usd

    def _note(self, got: Collected, batch: SentBatch, key: str, error: TeacherError, executed: bool) -> None:
        got.errors[key] = error
        got.calls += executed
        if isinstance(error, TeacherReplyMalformed) or getattr(error, "billed", False):
            got.lost_usd += worst_case_usd(batch.requests[key], self._price)
