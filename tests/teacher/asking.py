"""Parameters and requests of the teacher's tests; as a script, a process that asks and prints the replies' texts.

python asking.py STORE BASE_URL CONCURRENCY TEXT...
"""

import json
import sys
from pathlib import Path
from typing import Any

from finsmith.core.records import Request
from finsmith.core.teacher_params import Price, TeacherParams
from finsmith.teacher.store import ResponseStore
from finsmith.teacher.teacher import Teacher

KEY_VARIABLE = "FINSMITH_TEST_API_KEY"


def teacher_params(**changes: Any) -> TeacherParams:
    """Parameters for a test's endpoint."""
    values: dict[str, Any] = {
        "provider": "openai",
        "model": "teacher-large",
        "base_url": "",
        "api_key_env": KEY_VARIABLE,
        "temperature": 0.3,
        "seed": 1,
        "concurrency": 1,
        "timeout_seconds": 30,
        "max_attempts": 2,
        "budget_usd": 100.0,
        "context_tokens": 2048,
        "reference_model": "teacher-reference",
        "prices_usd_per_million_tokens": {
            "teacher-large": Price(input=2.0, output=10.0),
            "teacher-reference": Price(input=1.0, output=4.0),
        },
    }
    return TeacherParams(**values | changes)


def request_for(text: str, **changes: Any) -> Request:
    """A request that says `text`."""
    values: dict[str, Any] = {
        "recipe": "summary",
        "sources": ("0123456789abcdef",),
        "prompt_sha256": "a" * 64,
        "model": "teacher-large",
        "messages": (("system", "한국어로 답합니다."), ("user", text)),
        "temperature": 0.3,
        "max_tokens": 50,
        "seed": 1,
    }
    return Request(**values | changes)


if __name__ == "__main__":
    path, base_url, concurrency, *texts = sys.argv[1:]
    with ResponseStore(Path(path)) as store:
        teacher = Teacher(teacher_params(base_url=base_url, concurrency=int(concurrency)), store)
        replies = teacher.ask([request_for(text) for text in texts])
    print(json.dumps([reply.text for reply in replies]))
