"""What every recipe does with a reply: read it, or show the teacher its error and ask once more; nothing is lost.

Not covered: what a good reply is; each recipe reads its own.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from finsmith.core.dialogue import Dialogue
from finsmith.core.errors import TeacherReplyMalformed
from finsmith.core.records import REFUSED, Example, Provenance, RejectedReply, Reply, Request

from .params import GenerateParams
from .prompting import again

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
Read = Callable[[Reply], T]

_OBJECT = re.compile(r"\{.*\}", re.DOTALL)


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What a reply says, and the call it came by."""

    value: T
    request: Request
    reply: Reply

    def provenance(self, sources: tuple[str, ...], **more: Any) -> Provenance:
        """The provenance of a row this answer wrote."""
        return Provenance(
            sources=sources,
            prompt_sha256=self.request.prompt_sha256,
            model=self.reply.model,
            request_key=self.reply.key,
            **more,
        )

    def rejected(self, reason: str, part: str = "") -> RejectedReply:
        """The reject of this answer, or of a part of its text, though it could be read."""
        return _reject(self.request, self.reply, reason, part or self.reply.text)


@dataclass
class Made:
    """What a dialogue made: examples, replies that gave none, how many answers were wanted and got, and own figures."""

    examples: list[Example] = field(default_factory=list)
    rejected: list[RejectedReply] = field(default_factory=list)
    asked: int = 0
    parsed: int = 0
    figures: dict[str, Any] = field(default_factory=dict)


def answers(
    asked: Sequence[tuple[Request, Read[T]]], made: Made, params: GenerateParams
) -> Dialogue[list[Answer[T] | None]]:
    """The answers in order; None where a reply was no good and the second, after the error was shown, neither.

    Bad replies are listed in `made.rejected`, those of a question that was mended too.
    """
    made.asked += len(asked)
    found: list[Answer[T] | None] = []
    second_time: list[tuple[int, Request, RejectedReply]] = []
    for (request, read), reply in zip(asked, (yield [request for request, _ in asked]), strict=True):
        answer, reject = _answer(request, read, reply)
        found.append(answer)
        if reject and reply.finish_reason != REFUSED:
            second_time.append((len(found) - 1, again(request, reject.reason, params), reject))
        elif reject:
            made.rejected.append(reject)
    if second_time:
        replies = yield [request for _, request, _ in second_time]
        for (at, request, reject), reply in zip(second_time, replies, strict=True):
            found[at], second = _answer(request, asked[at][1], reply)
            made.rejected.append(reject.model_copy(update={"mended": second is None}))
            made.rejected += [second] if second else []
    made.parsed += sum(one is not None for one in found)
    return found


def answer(request: Request, read: Read[T], made: Made, params: GenerateParams) -> Dialogue[Answer[T] | None]:
    """The answer to one request, as `answers` gives it."""
    (only,) = yield from answers([(request, read)], made, params)
    return only


def _answer(request: Request, read: Read[T], reply: Reply) -> tuple[Answer[T] | None, RejectedReply | None]:
    try:
        if reply.finish_reason == REFUSED:
            raise TeacherReplyMalformed(f"the endpoint would not take it: {reply.text}")
        if not reply.text.strip():
            raise TeacherReplyMalformed(f"the reply is empty (finish: {reply.finish_reason})")
        return Answer(read(reply), request, reply), None
    except TeacherReplyMalformed as error:
        return None, _reject(request, reply, str(error), "" if reply.finish_reason == REFUSED else reply.text)


def _reject(request: Request, reply: Reply, reason: str, text: str) -> RejectedReply:
    return RejectedReply(
        request_key=reply.key, recipe=request.recipe, sources=request.sources, reason=reason, reply=text
    )


def read_text(reply: Reply) -> str:
    """The reply's text, whole.

    Raises:
        TeacherReplyMalformed: it is cut off.
    """
    if reply.finish_reason == "length":
        raise TeacherReplyMalformed(f"the reply is cut off after {reply.completion_tokens} tokens; be shorter")
    return reply.text.strip()


def read_json(reply: Reply, shape: type[M]) -> M:
    """The reply's JSON object as a record; words and fences around it are forgiven.

    Raises:
        TeacherReplyMalformed: there is none, it is cut off, or it has another shape; the first fault is named.
    """
    read_text(reply)
    found = _OBJECT.search(reply.text)
    try:
        return shape.model_validate_json(found[0] if found else reply.text)
    except ValidationError as error:
        first = error.errors()[0]
        raise TeacherReplyMalformed(f"{'.'.join(map(str, first['loc'])) or 'reply'}: {first['msg']}") from error
