"""Parameters, requests and teachers of the tests; as a script, a process that asks and prints the replies' texts.

python asking.py STORE BASE_URL OPTIONS TEXT...      OPTIONS is JSON: what differs in teacher and caps
"""

import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from finsmith.core.dialogue import Dialogue
from finsmith.core.records import Reply, Request
from finsmith.core.teacher_params import BudgetParams, Price, PriceParams, TeacherParams
from finsmith.teacher.store import ResponseStore
from finsmith.teacher.teacher import Teachers

KEY_VARIABLE = "FINSMITH_TEST_API_KEY"
SYSTEM = "한국어로 답합니다."
PRICES = {"teacher-large": Price(input=2.0, output=10.0), "teacher-reference": Price(input=1.0, output=4.0)}
# The 26 bytes of SYSTEM and the 6 of "하나", 16 beside each, at 2 USD per million tokens; 50 tokens of reply at 10 USD.
WORST_USD = (26 + 16 + 6 + 16) * 2.0 / 1e6 + 50 * 10.0 / 1e6


def teacher_params(**changes: Any) -> TeacherParams:
    """Parameters for a test's endpoint."""
    values: dict[str, Any] = {
        "provider": "openai",
        "model": "teacher-large",
        "base_url": "",
        "api_key_env": KEY_VARIABLE,
        "temperature": 0.3,
        "seed": 1,
        "json_schema": True,
        "batch": False,
        "concurrency": 1,
        "requests_per_minute": 0,
        "tokens_per_minute": 0,
        "timeout_seconds": 30,
        "max_attempts": 2,
        "context_tokens": 2048,
    }
    return TeacherParams(**values | changes)


def price_params(**changes: Any) -> PriceParams:
    """Prices of the two models above."""
    values: dict[str, Any] = {
        "usd_per_million_tokens": PRICES,
        "batch_share": 0.5,
        "reference_model": "teacher-reference",
    }
    return PriceParams(**values | changes)


def caps(**changes: Any) -> BudgetParams:
    """Caps that are far away."""
    values: dict[str, Any] = {"stage_usd": 100.0, "stage_calls": 10_000, "run_usd": 100.0, "run_calls": 10_000}
    return BudgetParams(**values | changes)


def request_for(text: str, **changes: Any) -> Request:
    """A request that says `text`."""
    values: dict[str, Any] = {
        "recipe": "summary",
        "sources": ("0123456789abcdef",),
        "prompt_sha256": "a" * 64,
        "model": "teacher-large",
        "messages": (("system", SYSTEM), ("user", text)),
        "temperature": 0.3,
        "max_tokens": 50,
        "seed": 1,
    }
    return Request(**values | changes)


def teachers_at(
    base_url: str,
    store: ResponseStore,
    budget: BudgetParams | None = None,
    prices: PriceParams | None = None,
    stage: str = "generate",
    **changes: Any,
) -> Teachers:
    """One teacher, `default`, at that address; `changes` are its parameters'."""
    params = teacher_params(base_url=base_url, **changes)
    return Teachers({"default": params}, prices or price_params(), budget or caps(), store, stage)


def talk(*requests: Request) -> Dialogue[Sequence[Reply]]:
    """A dialogue of one round."""
    return (yield requests)


def ask(teachers: Teachers, requests: Sequence[Request]) -> list[Reply]:
    """The replies to requests of which each is a dialogue."""
    return [reply for (reply,) in teachers.converse([talk(request) for request in requests])]


def ask_texts(teachers: Teachers, *texts: str) -> list[Reply]:
    """The replies to requests that say so."""
    return ask(teachers, [request_for(text) for text in texts])


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell in the background has it ignored
    path, base_url, options, *texts = sys.argv[1:]
    changes = json.loads(options)
    budget = caps(**changes.pop("caps", {}))
    with ResponseStore(Path(path)) as store, teachers_at(base_url, store, budget, **changes) as teachers:
        replies = ask_texts(teachers, *texts)
    print(json.dumps([reply.text for reply in replies]))
