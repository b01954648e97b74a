"""The batch callers of one asking: one for each model at each endpoint, which answers for what was sent there before.

Not covered: how they send; that is `batch`.
"""

from contextlib import AsyncExitStack

from finsmith.core.errors import TeacherRefused
from finsmith.core.teacher_params import Price, TeacherParams

from .batch import BatchCaller
from .batch_api import BatchApi
from .batch_journal import BatchJournal
from .batch_pace import Batching
from .budget import Budget
from .endpoint import Endpoint
from .rate_limits import RateLimits
from .store import ResponseStore


class BatchCallers:
    """Opens each caller once, also for teachers that differ in their decoding only; the stack closes them."""

    def __init__(self, budget: Budget, store: ResponseStore, batching: Batching, stack: AsyncExitStack) -> None:
        self._budget, self._batching, self._stack = budget, batching, stack
        self._journal = BatchJournal(store)
        self._callers: dict[str, BatchCaller] = {}

    def open(self, params: TeacherParams, price: Price, reference: Price) -> BatchCaller:
        """The caller of a teacher.

        Raises:
            TeacherRefused: the teacher is the embedded one, or its key is not set.
        """
        if params.provider == "local":
            raise TeacherRefused(
                f"`generate.teacher.batch` is true, but the embedded teacher {params.model} takes no batches. Set it "
                "to false, or `provider` to openai."
            )
        where = f"{params.base_url or 'openai'} {params.model}"
        if where not in self._callers:
            endpoint = Endpoint(params, params.base_url, price, reference, RateLimits(0, 0))
            api = BatchApi(endpoint, params.timeout_seconds)
            caller = BatchCaller(where, api, price, self._budget, self._journal, params.max_attempts, self._batching)
            self._stack.push_async_exit(endpoint)
            self._stack.push_async_exit(caller)
            self._callers[where] = caller
        return self._callers[where]

    def stop(self, error: BaseException) -> None:
        """Lets nobody wait for a batch any longer: it may take a day."""
        for caller in self._callers.values():
            caller.stop(error)
