"""OpenAI's Files and Batch API at one endpoint: its calls, with the errors mapped as the endpoint maps them.

Not covered: when to call and what to do with a failure. No total time bounds an upload or a download, only each wait
for bytes: a file may have 200 MB.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import openai
from openai.types import Batch

from finsmith.core.errors import TeacherRefused, TeacherReplyMalformed, TeacherRequestRefused, TeacherUnavailable
from finsmith.core.records import Reply, Request

from .batch_files import Result
from .endpoint import Endpoint

_ENDED = ("completed", "failed", "expired", "cancelled")
# A list is read back to what was created this long before the batch in question: clocks differ.
_CLOCK_MARGIN_SECONDS = 86_400
_PAGE = 100  # the most a page of batches can have


@dataclass(frozen=True)
class BatchState:
    """Where a batch is; `errors` are (code, message with its line) and are there when it failed as a whole."""

    status: str
    done: int
    total: int
    file_ids: tuple[str, ...]
    errors: tuple[tuple[str, str], ...]

    @property
    def ended(self) -> bool:
        """Whether it will not change any more."""
        return self.status in _ENDED


class BatchApi:
    """The calls; each raises TeacherRefused, TeacherUnavailable or TeacherReplyMalformed (see core/errors.py)."""

    def __init__(self, endpoint: Endpoint, timeout_seconds: float) -> None:
        self._endpoint, self._client, self._timeout_seconds = endpoint, endpoint.client, timeout_seconds
        self.body = endpoint.body

    async def upload(self, name: str, content: bytes) -> str:
        """The id of the new file."""
        with self._mapped():
            file = await self._client.files.create(file=(f"finsmith-{name}.jsonl", content), purpose="batch")
            return file.id

    async def create(self, file_id: str, name: str) -> str:
        """The id of the new batch. Where the answer gets lost the batch may be there all the same: see `find`."""
        with self._mapped():
            async with asyncio.timeout(self._timeout_seconds):
                batch = await self._client.batches.create(
                    input_file_id=file_id,
                    endpoint="/v1/chat/completions",
                    completion_window="24h",
                    metadata={"finsmith": name},
                )
            return batch.id

    async def find(self, name: str, since: float) -> str:
        """The id of the newest batch that was created under that name, or ""."""
        with self._mapped():
            async with asyncio.timeout(self._timeout_seconds):
                async for batch in self._client.batches.list(limit=_PAGE):  # the newest first
                    if (batch.metadata or {}).get("finsmith") == name:
                        return batch.id
                    if (batch.created_at or since) < since - _CLOCK_MARGIN_SECONDS:
                        return ""
            return ""

    async def retrieve(self, batch_id: str) -> BatchState | None:
        """Where the batch is, or None where there is no such batch."""
        with self._mapped():
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    return _state(await self._client.batches.retrieve(batch_id))
            except openai.NotFoundError:
                return None

    async def content(self, file_id: str) -> bytes | None:
        """What is in the file, or None where there is no such file."""
        with self._mapped():
            try:
                return (await self._client.files.content(file_id)).content
            except openai.NotFoundError:
                return None

    def reply(self, request: Request, result: Result) -> Reply:
        """The priced reply to a request that is in its result.

        Raises:
            TeacherError: what went wrong, as with a call by itself; TeacherUnavailable where it was not executed.
        """
        if result.status is None:
            raise TeacherUnavailable(f"the batch ended without executing a request: {result.body}")
        if result.status != 200:
            raise self._endpoint.mapped(_status_error(result.status, result.body))
        if not isinstance(result.body, dict):
            raise TeacherReplyMalformed(f"a reply in the batch is no JSON object: {str(result.body)[:100]!r}")
        return self._endpoint.reply(request, result.body)

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        """Maps errors; what is refused here is the batch, not one of its requests."""
        try:
            yield
        except TimeoutError as error:
            late = f"no answer within {self._timeout_seconds:g} seconds; raise `generate.teacher.timeout_seconds`"
            raise TeacherUnavailable(late) from error
        except openai.OpenAIError as error:
            mapped = self._endpoint.mapped(error)
            if isinstance(mapped, TeacherRequestRefused):
                raise TeacherRefused(f"{mapped}. Without `generate.teacher.batch` it may work.") from error
            raise mapped from error
        except (AttributeError, TypeError, ValueError) as error:  # openai checks no field's type, nor that it is JSON
            raise TeacherReplyMalformed(f"the answer to a call about a batch cannot be read ({error})") from error


def _status_error(status: int, body: Any) -> openai.APIStatusError:
    """The error openai raises where the same answer comes by itself."""
    answer: Any = SimpleNamespace(status_code=status, headers={}, request=None)
    error = body.get("error", body) if isinstance(body, dict) else body
    said = error.get("message") if isinstance(error, dict) else error
    return openai.APIStatusError(str(said), response=answer, body=error)


def _state(batch: Batch) -> BatchState:
    counts = batch.request_counts
    errors = batch.errors.data if batch.errors and batch.errors.data else []
    return BatchState(
        status=str(batch.status),
        done=int(counts.completed + counts.failed) if counts else 0,
        total=int(counts.total) if counts else 0,
        # Either file may be missing, by null or by "".
        file_ids=tuple(str(file_id) for file_id in (batch.output_file_id, batch.error_file_id) if file_id),
        errors=tuple(
            (e.code or "", f"{f'line {e.line}: ' if e.line else ''}{e.message or ''} ({e.code})") for e in errors
        ),
    )
