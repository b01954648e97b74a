"""The teachers as a stage uses them: dialogues in, results out, through the store, within the budget, with accounts.

An embedded server or a connection is opened only when a call is due. Not covered: what to ask; that is the recipes'.
"""

import asyncio
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from typing import Any, Self, TypeVar

from finsmith.core.dialogue import Dialogue, Rates
from finsmith.core.records import REFUSED, LedgerEntry, Reply, Request
from finsmith.core.teacher_params import BudgetParams, PriceParams, TeacherParams

from .batch import BatchCaller
from .batch_callers import BatchCallers
from .batch_pace import Batching
from .budget import Budget
from .calls import Caller
from .converse import converse
from .durable import Durable
from .endpoint import Endpoint
from .history import observed
from .local_server import local_teacher
from .prices import cost_usd, price_of, teacher_price
from .progress import Progress
from .rate_limits import RateLimits
from .store import ResponseStore, repository_store
from .switchboard import Line, Switchboard

T = TypeVar("T")
# With batches all dialogues are open at once, up to a batch's most requests: what is asked together is sent together.
_OPEN_WITH_BATCHES = 50_000
_BATCHING = Batching()


class Teachers:
    """Several teachers by name with one store and one budget; a context manager that closes what was opened.

    `expected_calls` may be set for the progress line.
    """

    def __init__(
        self,
        teachers: Mapping[str, TeacherParams],
        prices: PriceParams,
        caps: BudgetParams,
        store: ResponseStore,
        stage: str,
        batching: Batching = _BATCHING,
    ) -> None:
        self._teachers, self._prices, self._store = teachers, prices, store
        self._reference = price_of(prices.reference_model, prices.usd_per_million_tokens)
        self.budget = Budget(caps, store, stage)
        batches = any(teacher.batch for teacher in teachers.values())
        self._open_at_once = _OPEN_WITH_BATCHES if batches else 2 * sum(t.concurrency for t in teachers.values())
        # What goes into batches waits for no slot: it is sent together.
        slots = {name: sys.maxsize if params.batch else params.concurrency for name, params in teachers.items()}
        self._lines = {name: Line(slots[name], partial(self._open, params)) for name, params in teachers.items()}
        self._runner, self._opened, self._durable = asyncio.Runner(), AsyncExitStack(), Durable(store)
        self._batches = BatchCallers(self.budget, store, batching, self._opened)
        self._calls: dict[str, tuple[Request, Reply]] = {}
        self._sent = 0
        self.expected_calls = 0

    def __enter__(self) -> Self:
        """The teachers themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes servers and connections."""
        with self._runner as runner:
            runner.run(self._opened.aclose())

    def converse(self, dialogues: Iterable[Dialogue[T]]) -> list[T]:
        """The results of the dialogues, in their order; only what is not stored is sent.

        However it ends, every reply that arrived is then on the disk.

        Raises:
            TeacherError: see calls.Caller. BudgetExceeded: a cap is reached. ModelError: an embedded model fails.
        """
        progress = Progress(self.expected_calls - len(self._calls), self.budget)
        switchboard = Switchboard(self._lines, self._store, progress, self._batches.stop)
        try:
            return self._runner.run(self._converse(dialogues, switchboard))
        finally:
            progress.close()
            self._calls |= switchboard.answered
            self._sent += switchboard.sent

    async def _converse(self, dialogues: Iterable[Dialogue[T]], switchboard: Switchboard) -> list[T]:
        try:
            return await converse(dialogues, switchboard.ask, self._open_at_once)
        finally:
            await self._durable.now()

    async def _open(self, params: TeacherParams) -> Caller | BatchCaller:
        """The caller of a teacher, its server or connection open until the end."""
        price = teacher_price(params, self._prices)
        if params.batch:
            return self._batches.open(params, price, self._reference)
        base_url = params.base_url
        if params.provider == "local":
            server = local_teacher(params.model, params.context_tokens, params.concurrency, os.cpu_count() or 1)
            base_url = await asyncio.to_thread(self._opened.enter_context, server)
        limits = RateLimits(params.requests_per_minute, params.tokens_per_minute)
        endpoint = Endpoint(params, base_url, price, self._reference, limits)
        await self._opened.enter_async_context(endpoint)
        return Caller(endpoint, limits, price, self.budget, self._store, self._durable, params.max_attempts)

    def rates(self) -> dict[str, Rates]:
        """What is known of each teacher before it is asked.

        Raises:
            TeacherRefused: the model of one has no price.
        """
        return {
            name: Rates(
                partial(cost_usd, teacher_price(teacher, self._prices)),
                teacher.concurrency,
                observed(self._store, teacher.model),
            )
            for name, teacher in self._teachers.items()
        }

    def ledger(self) -> list[LedgerEntry]:
        """One entry per call that was answered, sorted by request key."""
        return [
            LedgerEntry(
                request_key=key,
                recipe=request.recipe,
                model=reply.model,
                finish_reason=reply.finish_reason,
                prompt_tokens=reply.prompt_tokens,
                completion_tokens=reply.completion_tokens,
                cost_usd=reply.cost_usd,
                reference_cost_usd=reply.reference_cost_usd,
            )
            for key, (request, reply) in sorted(self._calls.items())
            if reply.finish_reason != REFUSED
        ]

    def accounts(self) -> dict[str, Any]:
        """The metrics of the calls; new is what no finished run has counted before, total what the data rests on.

        `usd_lost` was sent and may have been billed, but gave no reply.
        """
        entries = self.ledger()
        new = self._store.unclaimed(entry.request_key for entry in entries)
        recipes: dict[str, list[LedgerEntry]] = defaultdict(list)
        for entry in entries:
            recipes[entry.recipe.split(".")[0]].append(entry)
        return {
            "calls_new": len(new),
            "calls_sent_now": self._sent,
            "calls_total": len(entries),
            "prompt_tokens": sum(e.prompt_tokens for e in entries),
            "completion_tokens": sum(e.completion_tokens for e in entries),
            "usd_new": sum(e.cost_usd for e in entries if e.request_key in new),
            "usd_lost": self.budget.lost_usd,
            "usd_total": sum(e.cost_usd for e in entries),
            "usd_at_reference_price": sum(e.reference_cost_usd for e in entries),
            "usd_saved_at_reference_price": sum(e.reference_cost_usd for e in entries if e.request_key not in new),
            "reference_model": self._prices.reference_model,
            "by_recipe": {
                name: {
                    "calls": len(calls),
                    "prompt_tokens": sum(e.prompt_tokens for e in calls),
                    "completion_tokens": sum(e.completion_tokens for e in calls),
                    "usd": sum(e.cost_usd for e in calls),
                    "usd_at_reference_price": sum(e.reference_cost_usd for e in calls),
                }
                for name, calls in sorted(recipes.items())
            },
        }

    def finish(self) -> None:
        """Marks the calls as counted and begins the stage's sums anew; the last act, when all outputs are written."""
        self._store.claim(self._calls)
        self.budget.close_stage()


@contextmanager
def open_teachers(
    teachers: Mapping[str, TeacherParams], prices: PriceParams, caps: BudgetParams, stage: str
) -> Iterator[Teachers]:
    """Teachers whose response store is the repository's."""
    with repository_store() as store, Teachers(teachers, prices, caps, store, stage) as opened:
        yield opened
