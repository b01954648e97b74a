"""The calls and objects of OpenAI's Files and Batch API as its reference has them, and what it refuses over HTTP.

Not covered: how they change; that is the endpoint's.
"""

import email
import email.policy
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .batch_file import Line
from .endpoint import COMPLETIONS, prompt_tokens

_THIRTY_DAYS_SECONDS = 30 * 86400
_TIMES = ("in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled")


class RefusedCall(Exception):
    """An HTTP error: its status and what its body says."""

    def __init__(self, status: int, message: str, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.fields = status, {"type": "invalid_request_error", "param": param, "code": code}


@dataclass(frozen=True)
class Call:
    """A call as it came in; `id` is the one in its path."""

    method: str
    path: str
    query: dict[str, str]
    content_type: str
    body: bytes
    id: str = ""

    def json(self) -> dict[str, Any]:
        """The body as JSON."""
        return json.loads(self.body)

    def form(self) -> dict[str, tuple[str, bytes]]:
        """The file name and the content of each field of a multipart/form-data body."""
        head = f"Content-Type: {self.content_type}\r\n\r\n".encode()
        message = email.message_from_bytes(head + self.body, policy=email.policy.HTTP)
        parts = {part.get_param("name", header="content-disposition"): part for part in message.iter_parts()}
        return {name: (part.get_filename(""), part.get_payload(decode=True)) for name, part in parts.items()}


@dataclass
class StoredFile:
    """A file: `shown` is what the API says of it."""

    shown: dict[str, Any]
    content: bytes

    @property
    def lines(self) -> list[Line]:
        """The lines of a JSONL file."""
        return [json.loads(line) for line in self.content.splitlines()]


@dataclass
class Job:
    """A batch: `shown` is what the API says of it; `good` and `bad` become its two files."""

    shown: dict[str, Any]
    requests: list[Line]
    errors: list[Line]
    polls: int = 0
    expires: bool = False
    good: list[Line] = field(default_factory=list)
    bad: list[Line] = field(default_factory=list)
    executed: list[str] = field(default_factory=list)

    @property
    def status(self) -> str:
        """Where it is."""
        return self.shown["status"]

    @property
    def model(self) -> str:
        """The one model of all its requests."""
        return self.requests[0]["body"]["model"]

    @property
    def prompt_tokens(self) -> int:
        """What it counts towards the limit of enqueued tokens."""
        return sum(prompt_tokens(request["body"]) for request in self.requests)

    def move_to(self, status: str) -> None:
        """It is there from now on."""
        self.shown |= {"status": status, f"{status}_at": int(time.time())}
        self.polls = 0


def refuse_wrong(wanted: dict[str, Any]) -> None:
    """Refuses what the real API refuses before there is a batch; what is wrong with the file fails the batch later."""
    for name, value in (("endpoint", COMPLETIONS), ("completion_window", "24h")):
        if wanted.get(name) != value:
            refused = f"Invalid value: {wanted.get(name)!r}. Supported values are: '{value}'."
            raise RefusedCall(400, refused, name, "invalid_value")
    metadata = wanted.get("metadata") or {}
    if len(metadata) > 16:
        raise RefusedCall(
            400, "'metadata' has too many properties: at most 16.", "metadata", "object_above_max_properties"
        )
    for key, value in metadata.items():
        if not isinstance(value, str):
            raise RefusedCall(400, f"Invalid type for 'metadata.{key}'.", f"metadata.{key}", "invalid_type")
        if len(key) > 64 or len(value) > 512:
            raise RefusedCall(400, f"'metadata.{key}' is too long.", f"metadata.{key}", "string_above_max_length")


def new_file(file_id: str, name: str, size_bytes: int, purpose: str) -> dict[str, Any]:
    """A File; those of a batch go after 30 days."""
    now = int(time.time())
    shown = {"id": file_id, "object": "file", "bytes": size_bytes, "filename": name, "purpose": purpose}
    return shown | {
        "created_at": now,
        "expires_at": now + _THIRTY_DAYS_SECONDS,
        "status": "processed",
        "status_details": None,
    }


def new_batch(batch_id: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """A Batch that has just been created."""
    now = int(time.time())
    shown = {"id": batch_id, "object": "batch", "status": "validating", "metadata": wanted.get("metadata")}
    shown |= {name: wanted[name] for name in ("input_file_id", "endpoint", "completion_window")}
    shown |= dict.fromkeys(("errors", "output_file_id", "error_file_id", "model", *(f"{name}_at" for name in _TIMES)))
    shown |= {"created_at": now, "expires_at": now + 86400, "usage": with_usage(None, 0, 0)}
    return shown | {"request_counts": {"total": 0, "completed": 0, "failed": 0}}


def with_usage(usage: dict[str, Any] | None, prompt: int, completion: int) -> dict[str, Any]:
    """A Batch's usage with one more answer."""
    before = usage or {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    return {
        "input_tokens": before["input_tokens"] + prompt,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": before["output_tokens"] + completion,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": before["total_tokens"] + prompt + completion,
    }


def page(items: Sequence[dict[str, Any]], query: Mapping[str, str], limit: int, most: int) -> dict[str, Any]:
    """A page of a list, as long as the query says or `limit`."""
    limit = int(query.get("limit", limit))
    if not 1 <= limit <= most:
        raise RefusedCall(400, f"Invalid 'limit': {limit} is not from 1 to {most}.", "limit")
    ids = [item["id"] for item in items]
    if "after" in query and query["after"] not in ids:
        raise RefusedCall(400, f"Invalid 'after': {query['after']}", "after")
    start = ids.index(query["after"]) + 1 if "after" in query else 0
    data = list(items[start : start + limit])
    ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]} if data else {"first_id": None, "last_id": None}
    return {"object": "list", "data": data, "has_more": start + limit < len(items)} | ends
