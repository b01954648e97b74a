"""Calls in batches, at half the price and within a day: what is asked is gathered and sent together.

A batch is paid from the budget as a whole before it is sent. Whatever stops a run, the batch goes on at the endpoint;
the next run that asks the same model there collects it first, whether or not it asks the same. Not covered: batches of
a model that is asked no more, and endpoints whose batches keep no metadata.
"""

import asyncio
import sys
from collections.abc import Coroutine
from itertools import islice
from typing import Any

from tqdm import tqdm

from finsmith.core.errors import FinsmithError, TeacherError, TeacherRefused, TeacherUnavailable
from finsmith.core.records import Reply, Request
from finsmith.core.teacher_params import Price

from .batch_api import BatchApi, BatchState
from .batch_files import Result, input_files
from .batch_journal import BatchJournal, SentBatch
from .batch_pace import Batching, Room
from .batch_questions import Questions
from .batch_results import Collector
from .batch_run import BatchRun
from .budget import Budget
from .prices import worst_case_usd


class BatchCaller:
    """Sends the calls of one model at one endpoint; an async context manager that ends the waiting, not the batches."""

    def __init__(
        self,
        where: str,
        api: BatchApi,
        price: Price,
        budget: Budget,
        journal: BatchJournal,
        attempts: int,
        batching: Batching,
    ) -> None:
        self._where, self._body, self._price = where, api.body, price
        self._budget, self._journal = budget, journal
        self._batching, self._room, self._questions = batching, Room(batching), Questions(attempts)
        self._run, self._collector = BatchRun(api, batching, attempts), Collector(api, price, journal)
        self._open: dict[int, SentBatch] = {}
        self._tasks: dict[asyncio.Task[None], SentBatch | None] = {}  # one sends, the others follow a batch each
        self._failure: BaseException | None = None
        self._holds = False

    async def __aenter__(self) -> "BatchCaller":
        """The caller itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stops looking after batches, and says which go on."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._run.progress.close()
        if going := [batch for batch in self._open.values() if batch.batch_id]:
            requests = sum(len(batch.requests) for batch in going)
            tqdm.write(
                f"finsmith: {len(going)} batches with {requests:,} requests go on at the endpoint and are paid for. "
                "Run again to collect them.",
                file=sys.stderr,
            )
        if self._holds:
            self._journal.release()

    async def call(self, request: Request) -> Reply:
        """The stored reply to a request; one the endpoint will not take is a reply that says so, and not stored.

        Raises:
            TeacherRefused: the endpoint refuses for good.
            TeacherUnavailable, TeacherReplyMalformed: so through every attempt, or for longer than patience lasts.
            BudgetExceeded: what is to be sent could cost more than is left.
        """
        if self._failure:
            raise self._failure
        if not self._tasks:
            self._begin(self._send(), None)
        return await self._questions.ask(request)

    def stop(self, error: BaseException) -> None:
        """Lets nobody wait any longer, and sends nothing new."""
        if self._failure:
            return
        self._failure = error
        for task in self._tasks:
            task.cancel()
        self._questions.fail(error)

    def _begin(self, work: Coroutine[Any, Any, None], batch: SentBatch | None) -> None:
        task = asyncio.create_task(work)
        self._tasks[task] = batch
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Whatever goes wrong in the background, those who wait are told."""
        del self._tasks[task]
        if not task.cancelled() and (error := task.exception()):
            self.stop(error)

    async def _send(self) -> None:
        await self._journal.hold(self._batching.poll_seconds)
        self._holds = True
        for batch in self._journal.open_batches(self._where):
            self._follow(batch)
        while True:
            await self._gathered()
            await self._room.wait()
            for batch in self._noted(self._unsent()):
                self._follow(batch)

    async def _gathered(self) -> None:
        """Returns when something waits to be sent, nothing more comes, and no batch is under way that anyone needs."""
        seen = 0
        while True:
            needed = [task for task, batch in self._tasks.items() if batch and self._questions.wait_for(batch)]
            if needed:
                await asyncio.wait(needed, return_when=asyncio.FIRST_COMPLETED)
                seen = 0
            elif not self._questions.fresh:
                self._questions.arrived.clear()
                await self._questions.arrived.wait()
            elif seen == self._questions.arrivals:
                return
            else:
                seen = self._questions.arrivals
                await asyncio.sleep(self._batching.quiet_seconds)

    def _unsent(self) -> list[Request]:
        """What is asked, neither stored by now (by a batch of an earlier run, or another process) nor under way."""
        for key in list(self._questions.fresh):
            if reply := self._journal.store.get(key):
                self._questions.answer(key, reply)
        under_way = set().union(*(batch.requests for batch in self._open.values()))
        return [request for key, request in self._questions.fresh.items() if key not in under_way]

    def _noted(self, requests: list[Request]) -> list[SentBatch]:
        """The batches to send now, each paid from the budget and noted; all of them or, with an error, none."""
        files = input_files(requests, self._body, self._room.size, self._batching.max_file_bytes)
        paid: list[tuple[dict[str, Request], int]] = []
        try:
            for file in islice(files, 1 if self._room.one_file else None):
                worst_usd = sum(worst_case_usd(request, self._price) for request in file.values())
                paid.append((file, self._budget.reserve(worst_usd, calls=len(file))))
        except FinsmithError:
            for _, sent_id in paid:
                self._budget.settle_batch(sent_id, 0, 0.0)
            raise
        return [self._journal.note(self._where, file, sent_id) for file, sent_id in paid]

    def _follow(self, batch: SentBatch) -> None:
        self._open[batch.id] = batch
        self._questions.send(batch)
        self._begin(self._bring_home(batch), batch)

    async def _bring_home(self, batch: SentBatch) -> None:
        state, results = await self._results(batch)
        if not batch.batch_id or (state and state.status == "failed"):
            self._drop(batch)
            self._questions.put_back(batch)
            return self._judge(batch, state)
        got = await self._collector.collect(batch, results, executed=not state or state.total > 0)
        # Settled when it is forgotten: a crash in between counts the worst case, and nothing twice.
        self._budget.settle_batch(batch.sent_id, got.calls, got.cost_usd, got.lost_usd)
        del self._open[batch.id]
        self._room.taken()
        if self._questions.hand_out(batch, got) and state and state.status == "cancelled" and not batch.taken_up:
            raise TeacherUnavailable(
                f"{self._where}: the batch {batch.batch_id} was cancelled there. What it had answered is kept; run "
                "again to send the rest."
            )

    async def _results(self, batch: SentBatch) -> tuple[BatchState | None, list[Result]]:
        """The batch's results; an error with a batch that nobody needs stops nobody, and is met again later."""
        while True:
            try:
                return await self._run.results(batch, self._journal)
            except TeacherError:
                if not batch.may_exist:
                    self._drop(batch)
                    raise
                if self._questions.wait_for(batch):
                    raise
                await asyncio.sleep(self._batching.longest_poll_seconds)

    def _drop(self, batch: SentBatch) -> None:
        """Forgets a batch of which nothing was executed, at no cost."""
        with self._journal.transaction():
            self._journal.forget(batch)
        self._budget.settle_batch(batch.sent_id, 0, 0.0)
        del self._open[batch.id]

    def _judge(self, batch: SentBatch, state: BatchState | None) -> None:
        """What becomes of a batch that was not executed: where the queue was full it is sent again, else it is over."""
        if state and any(code == "token_limit_exceeded" for code, _ in state.errors):
            self._room.full(len(batch.requests))
        elif state and not batch.taken_up:
            told = "; ".join(message for _, message in state.errors[:3]) or "it does not say why"
            raise TeacherRefused(f"{self._where}: the batch {batch.batch_id} was refused: {told}")
