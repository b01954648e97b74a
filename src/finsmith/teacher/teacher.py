"""The teacher as a stage uses it: asks through the store, starts the embedded server only when a call is due, keeps
the accounts.

Not covered: what to ask; that is the recipes'.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from finsmith.core.records import LedgerEntry, Reply, Request
from finsmith.core.state import state_dir
from finsmith.core.teacher_params import TeacherParams

from .client import ask
from .local_server import local_teacher
from .store import ResponseStore

Calls = Sequence[tuple[Request, Reply]]


class Teacher:
    """One teacher with its store; made by open_teacher."""

    def __init__(self, params: TeacherParams, store: ResponseStore) -> None:
        self._params, self._store = params, store
        self._new_calls = 0

    def ask(self, requests: Sequence[Request]) -> list[Reply]:
        """The replies in the order of the requests; only what is not stored is sent.

        Raises:
            TeacherError: see client.ask. BudgetExceeded: the budget is reached. ModelError: the embedded model fails.
        """
        due = any(self._store.get(request.key) is None for request in requests)
        with self._endpoint() if due else nullcontext("") as base_url:
            answered = ask(requests, self._params, self._store, base_url)
        self._new_calls += answered.new_calls
        return answered.replies

    def ledger(self, calls: Calls) -> list[LedgerEntry]:
        """One entry per distinct call, sorted by request key."""
        entries = {
            reply.key: LedgerEntry(
                request_key=reply.key,
                recipe=request.recipe,
                model=reply.model,
                finish_reason=reply.finish_reason,
                prompt_tokens=reply.prompt_tokens,
                completion_tokens=reply.completion_tokens,
                cost_usd=reply.cost_usd,
                reference_cost_usd=reply.reference_cost_usd,
            )
            for request, reply in calls
        }
        return [entries[key] for key in sorted(entries)]

    def accounts(self, calls: Calls) -> dict[str, Any]:
        """The metrics of the calls; new is what no finished run has counted before, total what the data rests on."""
        entries = self.ledger(calls)
        new = self._store.unclaimed(entry.request_key for entry in entries)
        return {
            "calls_new": len(new),
            "calls_sent_now": self._new_calls,
            "calls_total": len(entries),
            "prompt_tokens": sum(e.prompt_tokens for e in entries),
            "completion_tokens": sum(e.completion_tokens for e in entries),
            "usd_new": sum(e.cost_usd for e in entries if e.request_key in new),
            "usd_total": sum(e.cost_usd for e in entries),
            "usd_at_reference_price": sum(e.reference_cost_usd for e in entries),
            "reference_model": self._params.reference_model,
        }

    def claim(self, calls: Calls) -> None:
        """Marks the calls as counted; the last act of a stage that has written everything."""
        self._store.claim({reply.key for _, reply in calls})

    @contextmanager
    def _endpoint(self) -> Iterator[str]:
        if self._params.provider != "local":
            yield self._params.base_url
            return
        params = self._params
        with local_teacher(params.model, params.context_tokens, params.concurrency, os.cpu_count() or 1) as url:
            yield url


@contextmanager
def open_teacher(params: TeacherParams) -> Iterator[Teacher]:
    """A teacher whose response store is the repository's."""
    with ResponseStore(state_dir("responses") / "responses.sqlite") as store:
        yield Teacher(params, store)
