"""What OpenAI's Batch API demands of an input file, and the lines of its output and error files.

Codes are those seen from the real API, except for `too_many_tasks` (Azure's), `invalid_method` and that of a file that
is too large. Not covered: which parameters a model takes; `problem_with` has what the chat completions refuse.
"""

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_FIELDS = ("custom_id", "method", "url", "body")
_UNANSWERED = {
    "batch_expired": "This request could not be executed before the completion window expired.",
    "batch_cancelled": "The batch was cancelled before this request executed.",
}

Line = dict[str, Any]


@dataclass(frozen=True)
class Rules:
    """How large a file may be, and for which endpoint and models."""

    endpoint: str
    max_requests: int
    max_bytes: int
    unknown_models: Sequence[str] = ()


def opaque(kind: str, number: int) -> str:
    """An id without an order, as the real ones are."""
    return hashlib.sha256(f"{kind} {number}".encode()).hexdigest()[:24]


def is_jsonl(name: str, content: bytes) -> bool:
    """Whether the upload is let in: only the name and the first line are looked at, and a BOM is not noticed."""
    try:
        json.loads(content.partition(b"\n")[0].decode("utf-8-sig"))
    except ValueError:
        return False
    return name.endswith(".jsonl")


def check(content: bytes, rules: Rules) -> tuple[list[Line], list[Line]]:
    """The requests that can be read, and the errors of the file; with one error no request is executed."""
    lines = [(number, line) for number, line in enumerate(content.split(b"\n"), 1) if line.strip()]
    requests: list[Line] = []
    errors: list[Line] = []
    seen: set[str] = set()
    for number, line in lines:
        request = _parsed(line)
        if request is None:
            errors.append(error("invalid_json_line", "This line is not parseable as valid JSON.", number))
            continue
        model = requests[0]["body"].get("model") if requests else None
        errors += [error(code, text, number, param) for code, text, param in _faults(request, rules, model, seen)]
        if "custom_id" in request and isinstance(request.get("body"), dict):
            seen.add(str(request["custom_id"]))
            requests.append(request)
    return requests, _faults_of_size(content, len(lines), rules) or errors


def error(code: str, message: str, line: int | None = None, param: str | None = None) -> Line:
    """One entry of a batch's `errors.data`."""
    return {"code": code, "line": line, "message": message, "param": param}


def _parsed(line: bytes) -> Line | None:
    try:
        value = json.loads(line.decode())  # not of the bytes: json would take a BOM
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _faults_of_size(content: bytes, requests: int, rules: Rules) -> list[Line]:
    if len(content) > rules.max_bytes:
        allowed = f"The batch input file is larger than the {rules.max_bytes} maximum for the model."
        return [error("invalid_request", f"{allowed} Please try again with a smaller batch.")]
    if requests > rules.max_requests:
        return [error("too_many_tasks", f"The batch has {requests} requests; {rules.max_requests} are allowed.")]
    return []


def _faults(request: Line, rules: Rules, model: str | None, seen: set[str]) -> Iterator[tuple[str, str, str]]:
    for name in _FIELDS:
        if name not in request:
            yield "missing_required_parameter", f"Missing required parameter: '{name}'.", name
    if str(request.get("custom_id")) in seen:
        yield "duplicate_custom_id", f"The custom_id {request['custom_id']!r} is not unique.", "custom_id"
    if request.get("method", "POST") != "POST":
        yield "invalid_method", "The HTTP method of this request is not POST.", "method"
    if request.get("url", rules.endpoint) != rules.endpoint:
        yield "invalid_url", "The URL provided for this request does not match the batch endpoint.", "url"
    if "body" in request and not isinstance(request["body"], dict):
        yield "invalid_request", "The body is no JSON object.", "body"
    elif "body" in request:
        yield from _faults_of_body(request["body"], rules, model)


def _faults_of_body(body: Line, rules: Rules, model: str | None) -> Iterator[tuple[str, str, str]]:
    for name in ("model", "messages"):
        if not body.get(name):
            yield "invalid_request", f"{name.capitalize()} parameter is required.", f"body.{name}"
    if body.get("stream"):
        yield "streaming_unsupported", "Streaming is not supported in the Batch API.", "body.stream"
    if body.get("model") in rules.unknown_models:
        refused = f"The provided model {body['model']!r} is not supported by the Batch API."
        yield "model_not_found", refused, "body.model"
    if model and body.get("model", model) != model:
        other = f"The provided model {body['model']!r} does not match the model {model!r} of the first line."
        yield "mismatched_model", other, "body.model"


def answered(number: int, custom_id: str, status: int, body: Any) -> Line:
    """A line of the output file, or of the error file where the status is not 200."""
    response = {"status_code": status, "request_id": opaque("request", number), "body": body}
    return {"id": f"batch_req_{opaque('line', number)}", "custom_id": custom_id, "response": response, "error": None}


def unanswered(custom_id: str, code: str) -> Line:
    """A line of the error file for a request that was not executed."""
    refused = {"code": code, "message": _UNANSWERED[code]}
    return {"id": f"batch_req_{opaque(code, 0)}", "custom_id": custom_id, "response": None, "error": refused}


def jsonl(lines: Sequence[Line]) -> bytes:
    """The file of the lines, never in their order where there are two."""
    mixed = random.Random(len(lines)).sample(lines, len(lines))
    mixed = lines[::-1] if mixed == list(lines) else mixed
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in mixed)
