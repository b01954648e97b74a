"""Asks any OpenAI-compatible endpoint, each question once in its life. The only home of openai.

A reply comes from the response store where it is there; else the call is paid from the budget, sent, and stored before
anything else is done with it. Not covered: what a reply means; that is the recipe's.
"""

import asyncio
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import openai
from pydantic import ValidationError
from tqdm import tqdm

from finsmith.core.errors import (
    FinsmithError,
    TeacherError,
    TeacherRefused,
    TeacherReplyMalformed,
    TeacherUnavailable,
)
from finsmith.core.records import Reply, Request
from finsmith.core.teacher_params import Price, TeacherParams

from .prices import Budget, cost_usd, price_of, worst_case_usd
from .store import ResponseStore

_FREE = Price(input=0, output=0)


@dataclass(frozen=True)
class Answered:
    """Replies in the order of the requests, and how many of them were called for now."""

    replies: list[Reply]
    new_calls: int


def ask(
    requests: Sequence[Request],
    params: TeacherParams,
    store: ResponseStore,
    base_url: str,
) -> Answered:
    """The teacher's replies to all requests.

    Raises:
        TeacherRefused: the endpoint refuses for good, or the model has no price.
        TeacherUnavailable: it stayed unavailable through every attempt.
        TeacherReplyMalformed: what came back is no chat completion, through every attempt.
        BudgetExceeded: the next call could cost more than is left. In each case what is answered is stored.
    """
    unique = {request.key: request for request in requests}
    stored = {key: reply for key in unique if (reply := store.get(key))}
    todo = [request for key, request in unique.items() if key not in stored]
    fresh = asyncio.run(_Caller(params, store, base_url).call_all(todo)) if todo else []
    # Where another process was first, its reply is the stored one, and both go on with that.
    stored |= {reply.key: store.get(reply.key) or reply for reply in fresh}
    return Answered([stored[request.key] for request in requests], len(fresh))


class _Caller:
    def __init__(self, params: TeacherParams, store: ResponseStore, base_url: str) -> None:
        local = params.provider == "local"
        prices = params.prices_usd_per_million_tokens
        self._params, self._store, self._base_url = params, store, base_url
        self._price = _FREE if local else price_of(params.model, prices)
        self._reference = price_of(params.reference_model, prices)
        self._budget = Budget(params.budget_usd)
        self._stopped = False
        self._api_key = "local" if local else _api_key(params.api_key_env)

    async def call_all(self, requests: Sequence[Request]) -> list[Reply]:
        slots = asyncio.Semaphore(self._params.concurrency)
        bar = tqdm(total=len(requests), desc=f"asking {self._params.model}", unit="call")
        async with openai.AsyncOpenAI(
            base_url=self._base_url or None,
            api_key=self._api_key,
            timeout=self._params.timeout_seconds,
            max_retries=0,  # retries are ours: bounded, and only where they can help
        ) as client:

            async def one(request: Request) -> Reply:
                async with slots:
                    if self._stopped:
                        raise asyncio.CancelledError
                    try:
                        reply = await self._with_retries(client, request)
                    except FinsmithError:
                        self._stopped = True  # before the slot is free, so that nothing new starts
                        raise
                bar.set_postfix_str(f"{self._budget.spent_usd:.4f} USD", refresh=False)
                bar.update()
                return reply

            tasks = [asyncio.create_task(one(request)) for request in requests]
            try:
                return await asyncio.gather(*tasks)
            except FinsmithError:
                # What is under way is paid for: let it arrive and be stored.
                await asyncio.gather(*tasks, return_exceptions=True)
                raise
            finally:
                bar.close()

    async def _with_retries(self, client: openai.AsyncOpenAI, request: Request) -> Reply:
        for attempt in range(1, self._params.max_attempts + 1):
            try:
                return await self._paid(client, request)
            except (TeacherUnavailable, TeacherReplyMalformed):
                if attempt == self._params.max_attempts:
                    raise
                await asyncio.sleep(min(30.0, 0.5 * 2**attempt) * random.uniform(0.5, 1.0))
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _paid(self, client: openai.AsyncOpenAI, request: Request) -> Reply:
        """One attempt; what may have been billed without a usable reply counts in full."""
        worst = worst_case_usd(request, self._price)
        self._budget.reserve(worst)
        spent = 0.0
        try:
            started = time.monotonic()
            reply = await self._once(client, request)
            spent = reply.cost_usd
            self._store.put(request, reply, time.monotonic() - started)
        except (TeacherReplyMalformed, TeacherUnavailable) as error:
            unbilled = isinstance(error, TeacherUnavailable) and not isinstance(error.__cause__, openai.APITimeoutError)
            spent = 0.0 if unbilled else worst
            raise
        finally:
            self._budget.settle(worst, spent)
        return reply

    async def _once(self, client: openai.AsyncOpenAI, request: Request) -> Reply:
        try:
            completion = await client.chat.completions.create(**_body(request))
        except openai.OpenAIError as error:
            raise _mapped(error, self._base_url) from error
        except ValueError as error:  # a body that is no JSON
            raise TeacherReplyMalformed(f"{self._base_url}: the reply is not JSON ({error})") from error
        return self._reply(request, completion)

    def _reply(self, request: Request, completion: Any) -> Reply:
        try:
            choice, usage = completion.choices[0], completion.usage
            text, tokens = choice.message.content, (usage.prompt_tokens, usage.completion_tokens)
        except (AttributeError, IndexError, TypeError) as error:
            raise TeacherReplyMalformed(f"{self._base_url}: the reply is no chat completion with usage") from error
        if text is None:
            raise TeacherReplyMalformed(f"{self._base_url}: the reply has no text (finish: {choice.finish_reason})")
        try:
            return Reply(
                key=request.key,
                model=completion.model or request.model,
                text=text,
                finish_reason=choice.finish_reason or "",
                prompt_tokens=tokens[0],
                completion_tokens=tokens[1],
                cost_usd=cost_usd(self._price, *tokens),
                reference_cost_usd=cost_usd(self._reference, *tokens),
            )
        except (TypeError, ValidationError) as error:  # a field of another type; openai does not check them
            raise TeacherReplyMalformed(f"{self._base_url}: the reply is no chat completion ({error})") from error


def _body(request: Request) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": role, "content": text} for role, text in request.messages],
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
        "seed": request.seed,
    }
    if request.response_schema is not None:
        schema = {"name": request.recipe.replace(".", "_"), "schema": request.response_schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def _mapped(error: openai.OpenAIError, base_url: str) -> TeacherError:
    """The finsmith error for an openai one; only what another attempt can mend is TeacherUnavailable."""
    where = base_url or "the OpenAI endpoint"
    if isinstance(error, openai.APITimeoutError):
        return TeacherUnavailable(f"{where}: no answer in time. Raise `generate.teacher.timeout_seconds` or try later.")
    if isinstance(error, openai.APIConnectionError):
        cause = error.__cause__ or error
        if type(cause).__name__ == "RemoteProtocolError":  # of the HTTP library below openai
            return TeacherReplyMalformed(f"{where}: the answer broke off or is no HTTP ({cause})")
        return TeacherUnavailable(
            f"{where}: no connection ({cause}). Is the server running? Check `generate.teacher.base_url`."
        )
    if isinstance(error, openai.APIStatusError):
        status, said = error.status_code, str(error.message)[:300]
        if status in (408, 409, 425, 429) or status >= 500:
            return TeacherUnavailable(f"{where}: status {status}: {said}. What is answered is kept; run again later.")
        if status in (401, 403):
            return TeacherRefused(
                f"{where}: status {status}: the key was refused. Check `generate.teacher.api_key_env`."
            )
        return TeacherRefused(f"{where}: status {status}: {said}")
    return TeacherReplyMalformed(f"{where}: the reply cannot be read ({error})")


def _api_key(variable: str) -> str:
    if key := os.environ.get(variable):
        return key
    raise TeacherRefused(f"the environment variable {variable} (`generate.teacher.api_key_env`) is not set.")
