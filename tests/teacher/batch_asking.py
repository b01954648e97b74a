"""Parameters, requests and dialogues of the tests of batches; as a script, a process that asks and dies.

python batch_asking.py STORE BASE_URL before|after CLASS.METHOD NUMBER TEXT...
"""

import functools
import inspect
import os
import signal
import sys
from pathlib import Path
from typing import Any

from finsmith.core.records import Request
from finsmith.core.teacher_params import BudgetParams, Price, PriceParams, TeacherParams
from finsmith.teacher.batch_api import BatchApi
from finsmith.teacher.batch_journal import BatchJournal
from finsmith.teacher.batch_pace import Batching
from finsmith.teacher.budget import Budget
from finsmith.teacher.store import ResponseStore
from finsmith.teacher.teacher import Teachers

KEY_VARIABLE = "FINSMITH_TEST_API_KEY"
FAST = Batching(quiet_seconds=0.01, poll_seconds=0.001, longest_poll_seconds=0.004, patience_seconds=60.0)
PRICES = PriceParams(
    usd_per_million_tokens={
        "teacher-large": Price(input=2.0, output=10.0),
        "teacher-small": Price(input=1.0, output=4.0),
    },
    batch_share=0.5,
    reference_model="teacher-small",
)
CAPS = BudgetParams(stage_usd=1.0, stage_calls=100, run_usd=1.0, run_calls=100)
_MAY_DIE = {cls.__name__: cls for cls in (BatchApi, BatchJournal, Budget, ResponseStore)}


def teacher_params(base_url: str, **changes: Any) -> TeacherParams:
    """Parameters of a teacher that is asked in batches."""
    values: dict[str, Any] = {
        "provider": "openai",
        "model": "teacher-large",
        "base_url": base_url,
        "api_key_env": KEY_VARIABLE,
        "temperature": 0.3,
        "seed": 1,
        "json_schema": True,
        "batch": True,
        "concurrency": 1,
        "requests_per_minute": 0,
        "tokens_per_minute": 0,
        "timeout_seconds": 30,
        "max_attempts": 3,
        "context_tokens": 2048,
    }
    return TeacherParams(**values | changes)


def request_for(text: str, **changes: Any) -> Request:
    """A request that says `text`, after a system message of 10 characters."""
    values: dict[str, Any] = {
        "recipe": "summary.short",
        "sources": ("0123456789abcdef",),
        "prompt_sha256": "a" * 64,
        "model": "teacher-large",
        "messages": (("system", "한국어로 답합니다."), ("user", text)),
        "temperature": 0.3,
        "max_tokens": 50,
        "seed": 1,
    }
    return Request(**values | changes)


def talk(*rounds, **changes):
    """A dialogue that asks each round's texts together and returns all replies' texts."""
    said = []
    for texts in rounds:
        replies = yield [request_for(text, **changes) for text in texts]
        said += [reply.text for reply in replies]
    return said


def die(moment: str, where: str, number: int) -> None:
    """From now on the `number`-th call of CLASS.METHOD kills this process, before or after its work."""
    owner, name = where.split(".")
    method, calls = getattr(_MAY_DIE[owner], name), iter(range(1, 1_000_000))

    def at(when: str, call: int) -> None:
        if (when, call) == (moment, number):
            os.kill(os.getpid(), signal.SIGKILL)

    @functools.wraps(method)
    def plain(*args: Any, **kwargs: Any) -> Any:
        call = next(calls)
        at("before", call)
        result = method(*args, **kwargs)
        at("after", call)
        return result

    @functools.wraps(method)
    async def awaited(*args: Any, **kwargs: Any) -> Any:
        call = next(calls)
        at("before", call)
        result = await method(*args, **kwargs)
        at("after", call)
        return result

    setattr(_MAY_DIE[owner], name, awaited if inspect.iscoroutinefunction(method) else plain)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell in the background has it ignored
    path, base_url, moment, where, number, *texts = sys.argv[1:]
    die(moment, where, int(number))
    default = teacher_params(base_url)
    with (
        ResponseStore(Path(path)) as store,
        Teachers({"default": default}, PRICES, CAPS, store, "generate", FAST) as teachers,
    ):
        teachers.converse([talk([text]) for text in texts])
