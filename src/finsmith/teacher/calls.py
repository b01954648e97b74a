"""One call, from its turn to the stored reply: paid from the budget, within the limits, tried again only where that can
help. Not covered: which call comes when, and what is known already; that is `converse` and `switchboard`.
"""

import time

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential, wait_random

from finsmith.core.errors import TeacherError, TeacherReplyMalformed, TeacherRequestRefused, TeacherUnavailable
from finsmith.core.records import REFUSED, Reply, Request
from finsmith.core.teacher_params import Price

from .budget import Budget
from .durable import Durable
from .endpoint import Endpoint
from .prices import prompt_bytes, worst_case_usd
from .rate_limits import RateLimits
from .store import ResponseStore

_BACKOFF = wait_exponential(multiplier=0.5, max=30.0) + wait_random(0.0, 1.0)


class Caller:
    """Sends the calls of one teacher; each reply is stored before it is returned, and on its way to the disk."""

    def __init__(
        self,
        endpoint: Endpoint,
        limits: RateLimits,
        price: Price,
        budget: Budget,
        store: ResponseStore,
        durable: Durable,
        attempts: int,
    ) -> None:
        self._endpoint, self._limits, self._price, self._budget = endpoint, limits, price, budget
        self._store, self._durable, self._attempts = store, durable, attempts

    async def call(self, request: Request) -> Reply:
        """The stored reply to a new request; one the endpoint will not take is a reply that says so, and not stored.

        Raises:
            TeacherRefused: the endpoint refuses for good.
            TeacherUnavailable, TeacherReplyMalformed: so through every attempt.
            BudgetExceeded: the call could cost more than is left. OutputError: the store cannot be written.
        """
        retrying = AsyncRetrying(
            retry=retry_if_exception_type((TeacherUnavailable, TeacherReplyMalformed)),
            stop=stop_after_attempt(self._attempts),
            wait=_BACKOFF,
            reraise=True,
        )
        try:
            reply: Reply = await retrying(self._attempt, request)
        except TeacherRequestRefused as error:
            return refused_reply(request, str(error))
        return reply

    async def _attempt(self, request: Request) -> Reply:
        """One attempt; what may have been billed without a usable reply counts in full."""
        await self._limits.admit(prompt_bytes(request) // 2 + request.max_tokens)
        worst = worst_case_usd(request, self._price)
        sent_id = self._budget.reserve(worst)
        started = time.monotonic()
        try:
            reply = await self._endpoint.send(request)
        except TeacherError as error:
            if isinstance(error, TeacherUnavailable) and error.retry_after_seconds:
                self._limits.hold(error.retry_after_seconds)
            self._budget.settle(sent_id, worst, worst if _may_be_billed(error) else 0.0, good=False)
            raise
        # Stored before it is settled: a crash in between counts the worst case, and loses nothing.
        stored = self._store.put(request, reply, time.monotonic() - started, synced=False)
        self._durable.soon()
        self._budget.settle(sent_id, worst, reply.cost_usd)
        return stored


def refused_reply(request: Request, reason: str) -> Reply:
    """The reply that stands for a request the endpoint would not take."""
    return Reply(
        key=request.key,
        model=request.model,
        text=reason,
        finish_reason=REFUSED,
        prompt_tokens=0,
        completion_tokens=0,
        cost_usd=0.0,
        reference_cost_usd=0.0,
    )


def _may_be_billed(error: TeacherError) -> bool:
    return error.billed if isinstance(error, TeacherUnavailable) else isinstance(error, TeacherReplyMalformed)
