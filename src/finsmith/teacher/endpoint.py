"""One OpenAI-compatible endpoint: a request out, a priced reply back. With `batch_api` the only home of openai.

Its errors are mapped here, once. Not covered: when to send, what it may cost, what to do with a failure.
"""

import asyncio
import os
from typing import Any

import openai
import orjson
from openai import HttpxBinaryResponseContent
from pydantic import ValidationError

from finsmith.core.errors import (
    TeacherError,
    TeacherRefused,
    TeacherReplyMalformed,
    TeacherRequestRefused,
    TeacherUnavailable,
)
from finsmith.core.records import Reply, Request
from finsmith.core.teacher_params import Price, TeacherParams

from .prices import cost_usd
from .rate_limits import RateLimits, retry_after

_CONNECT_SECONDS = 10.0
# Errors of the HTTP library below openai after which no request has gone out.
_NOT_SENT = {"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol"}
_TIMED_OUT = (408, 504)  # a gateway that gave up on a server, which may have gone on


class Endpoint:
    """Sends requests of one teacher; an async context manager that closes its connections."""

    def __init__(
        self, params: TeacherParams, base_url: str, price: Price, reference: Price, limits: RateLimits
    ) -> None:
        self._params, self._price, self._reference, self._limits = params, price, reference, limits
        self._where = base_url or "the OpenAI endpoint"
        self.client = openai.AsyncOpenAI(
            base_url=base_url or None,
            api_key="local" if params.provider == "local" else _api_key(params.api_key_env),
            timeout=openai.Timeout(params.timeout_seconds, connect=min(params.timeout_seconds, _CONNECT_SECONDS)),
            # A proxy from the environment would not find a server inside this process.
            http_client=openai.DefaultAsyncHttpxClient(trust_env=params.provider != "local"),
            max_retries=0,  # retries are ours: bounded, paid from the budget, and only where they can help
        )

    async def __aenter__(self) -> "Endpoint":
        """The endpoint itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Closes the connections."""
        await self.client.close()

    async def send(self, request: Request) -> Reply:
        """The reply to one request.

        Raises:
            TeacherRefused, TeacherRequestRefused, TeacherUnavailable, TeacherReplyMalformed: see core/errors.py.
        """
        try:
            async with asyncio.timeout(self._params.timeout_seconds):  # openai's own limits only each wait for bytes
                # The bytes, not openai's model of them: to build that takes longer than all we do.
                answer = await self.client.post(
                    "/chat/completions", cast_to=HttpxBinaryResponseContent, body=self.body(request)
                )
        except TimeoutError as error:
            raise self._late() from error
        except openai.OpenAIError as error:
            if isinstance(error, openai.APIStatusError):
                self._limits.observe(error.response.headers)
            raise self.mapped(error) from error
        self._limits.observe(answer.response.headers)
        try:
            return self.reply(request, orjson.loads(answer.content))
        except orjson.JSONDecodeError as error:
            raise TeacherReplyMalformed(f"{self._where}: the reply is not JSON ({error})") from error

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON body of a request, without what is left to the endpoint."""
        body: dict[str, Any] = {
            "model": request.model,
            "messages": [{"role": role, "content": text} for role, text in request.messages],
            "temperature": request.temperature,
            "max_tokens": request.max_tokens,
            "seed": request.seed,
            "top_p": request.top_p,
            "presence_penalty": request.presence_penalty,
        }
        if request.response_schema is not None:
            schema = {"name": request.recipe.replace(".", "_"), "schema": request.response_schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return {key: value for key, value in body.items() if value is not None}

    def reply(self, request: Request, completion: Any) -> Reply:
        """The priced reply a completion's JSON holds; one without text (a content filter's) has an empty one.

        Raises:
            TeacherReplyMalformed: it is no chat completion with usage.
        """
        try:
            choice, usage = completion["choices"][0], completion["usage"]
            tokens = (usage["prompt_tokens"], usage["completion_tokens"])
            return Reply(
                key=request.key,
                model=completion.get("model") or request.model,
                text=choice["message"].get("content") or "",
                finish_reason=choice.get("finish_reason") or "",
                prompt_tokens=tokens[0],
                completion_tokens=tokens[1],
                cost_usd=cost_usd(self._price, *tokens),
                reference_cost_usd=cost_usd(self._reference, *tokens),
            )
        except (AttributeError, KeyError, IndexError, TypeError, ValidationError) as error:
            raise TeacherReplyMalformed(
                f"{self._where}: the reply is no chat completion with usage ({error})"
            ) from error

    def mapped(self, error: openai.OpenAIError) -> TeacherError:
        """The finsmith error for an openai one; only what another attempt can mend is TeacherUnavailable."""
        cause = error.__cause__ or error
        billed = type(cause).__name__ not in _NOT_SENT
        if isinstance(error, openai.APITimeoutError):
            return self._late(billed)
        if isinstance(error, openai.APIConnectionError):
            if type(cause).__name__ == "RemoteProtocolError":
                return TeacherReplyMalformed(f"{self._where}: the answer broke off or is no HTTP ({cause})")
            return TeacherUnavailable(
                f"{self._where}: no connection ({cause}). Is the server running? Check `generate.teacher.base_url`.",
                billed=billed,
            )
        if isinstance(error, openai.APIStatusError):
            return self._of_status(error)
        return TeacherReplyMalformed(f"{self._where}: the reply cannot be read ({error})")

    def _late(self, billed: bool = True) -> TeacherUnavailable:
        return TeacherUnavailable(
            f"{self._where}: no answer within {self._params.timeout_seconds:g} seconds. Raise "
            "`generate.teacher.timeout_seconds` or try later.",
            billed=billed,
        )

    def _of_status(self, error: openai.APIStatusError) -> TeacherError:
        status, said = error.status_code, str(error.message)[:300]
        if "insufficient_quota" in (error.code, error.type):
            return TeacherRefused(f"{self._where}: status {status}: {said}. The account has no money left.")
        if status in (408, 409, 425, 429) or status >= 500:
            return TeacherUnavailable(
                f"{self._where}: status {status}: {said}. What is answered is kept; run again later.",
                retry_after_seconds=retry_after(error.response.headers),
                billed=status in _TIMED_OUT,
            )
        if status in (401, 403):
            return TeacherRefused(
                f"{self._where}: status {status}: the key was refused. Check `generate.teacher.api_key_env`."
            )
        if status in (400, 413, 422):
            return TeacherRequestRefused(f"{self._where}: status {status}: {said}")
        return TeacherRefused(f"{self._where}: status {status}: {said}")


def _api_key(variable: str) -> str:
    key = os.environ.get(variable, "").strip()
    if key.isascii() and key.isprintable() and key:
        return key
    raise TeacherRefused(
        f"the environment variable {variable} (`generate.teacher.api_key_env`) {'is no key' if key else 'is not set'}."
    )
