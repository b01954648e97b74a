"""The files of a batch: its requests within the limits of a file, and what its output and error files say.

Not covered: what becomes of a result; that is `batch`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from finsmith.core.errors import TeacherReplyMalformed
from finsmith.core.records import Request

# The JSON body of a request.
Body = Callable[[Request], dict[str, Any]]


@dataclass(frozen=True)
class Result:
    """What a file says of one request: an HTTP status and a body, or, where it was not executed, None and why."""

    key: str
    status: int | None
    body: Any


def input_files(
    requests: Iterable[Request], body: Body, max_requests: int, max_bytes: int
) -> Iterator[dict[str, Request]]:
    """The requests of each file by key: of one model, no more than fit, in their order."""
    by_model: dict[str, list[Request]] = defaultdict(list)
    for request in requests:
        by_model[request.model].append(request)
    for of_model in by_model.values():
        part: dict[str, Request] = {}
        size = 0
        for request in of_model:
            more = len(_line(request, body))
            if part and (len(part) >= max_requests or size + more > max_bytes):
                yield part
                part, size = {}, 0
            part[request.key] = request
            size += more
        yield part


def input_lines(requests: Iterable[Request], body: Body) -> bytes:
    """The input file of the requests."""
    return b"".join(_line(request, body) for request in requests)


def results_in(content: bytes) -> Iterator[Result]:
    """What an output or error file says; lines that cannot be read are left out.

    Raises:
        TeacherReplyMalformed: the file breaks off in its last line.
    """
    lines = content.split(b"\n")  # not splitlines: a text may hold other line ends
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _result(orjson.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            if number == len(lines):
                raise TeacherReplyMalformed(f"the file of a batch breaks off in line {number} ({error})") from error


def _line(request: Request, body: Body) -> bytes:
    line = {"custom_id": request.key, "method": "POST", "url": "/v1/chat/completions", "body": body(request)}
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _result(line: dict[str, Any]) -> Result:
    """The result of a line; a request that was refused has an error of null and a status that is not 200."""
    key, response, error = str(line["custom_id"]), line.get("response"), line.get("error") or {}
    if not response:
        return Result(key, None, f"{error.get('code')}: {error.get('message')}")
    return Result(key, int(response["status_code"]), response["body"])
