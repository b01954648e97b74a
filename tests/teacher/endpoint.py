"""An OpenAI-compatible endpoint on a free loopback port that answers from a script and remembers what it was asked.

Not covered: streaming, several choices, tools.
"""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any

API_KEY = "sk-test"
COMPLETIONS = "/v1/chat/completions"
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Answer:
    """One scripted answer; the plain one is a good completion.

    `body` replaces the completion's bytes, `omit` leaves fields of it out, `headers` come on top. `cut` closes the
    connection in the middle of the body, `trickle` sends a byte of it now and then and never ends, `wait_for` and
    `delay_seconds` hold the answer back.
    """

    status: int = 200
    text: str | None = None
    finish_reason: str = "stop"
    completion_tokens: int = 7
    body: bytes | None = None
    content_type: str = "application/json"
    omit: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    trickle: bool = False
    delay_seconds: float = 0.0
    wait_for: threading.Event | None = None


GOOD = Answer()
HALF_A_REPLY = Answer(cut=True)
NOT_JSON = Answer(body=b'{"id": "chatcmpl-1", "choi')
NO_COMPLETION = Answer(body=b'{"hello": "world"}')
NO_USAGE = Answer(omit=("usage",))


@dataclass(frozen=True)
class Received:
    """A request as it came in, and when, by time.monotonic()."""

    path: str
    authorization: str
    body: dict[str, Any]
    at: float = field(default_factory=time.monotonic)

    @property
    def text(self) -> str:
        """What the user says last."""
        return str(self.body["messages"][-1]["content"])


@dataclass
class Endpoint:
    """A running server: a context manager.

    Answers come from `by_text` (by what the user says last), else from `script`, one per request; the last one repeats.
    """

    script: Sequence[Answer] = (GOOD,)
    by_text: Mapping[str, Sequence[Answer]] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    usage_sent: list[tuple[int, int]] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._asked = 0
        self._taken: dict[str, int] = {}
        handler = type("_Handler", (self._handler(),), {"home": self})
        self._server = _QuietServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> "Endpoint":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> "type[CompletionsHandler]":
        return CompletionsHandler

    @property
    def base_url(self) -> str:
        """What a client is given as its base URL."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def texts(self) -> list[str]:
        """What each request asked, in the order of arrival."""
        return [request.text for request in self.received]

    def wait_until_received(self, count: int, seconds: float = 60.0) -> None:
        """Returns when `count` requests have come in, or fails."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.received) >= count, seconds), f"{self.texts} came in"

    def wait_until_idle(self, seconds: float = 60.0) -> None:
        """Returns when every request has been answered, or fails."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.under_way == 0, seconds), f"{self.under_way} are under way"

    def take(self, request: Received) -> tuple[int, Answer]:
        """Remembers the request; its number from 1, and the scripted answer to it."""
        with self._changed:
            self.received.append(request)
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
            self._changed.notify_all()
            return self.scripted(request.text)

    def scripted(self, text: str) -> tuple[int, Answer]:
        """The number from 1 of a question that says `text`, and the answer that is due to it."""
        with self._changed:
            self._asked += 1
            name, answers = (text, self.by_text[text]) if text in self.by_text else ("", self.script)
            at = self._taken.get(name, 0)
            self._taken[name] = at + 1
            return self._asked, answers[min(at, len(answers) - 1)]

    def answering(self, usage: tuple[int, int] | None) -> None:
        """Remembers that an answer goes out now, and the tokens it says were used."""
        with self._changed:
            self.under_way -= 1
            self.usage_sent += [usage] if usage else []
            self._changed.notify_all()


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keeps silent: a client that went away in the middle is what some tests are about."""


class CompletionsHandler(BaseHTTPRequestHandler):
    """What answers one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each body waits 40 ms for the ACK of its head
    home: Endpoint

    def do_POST(self) -> None:
        body = json.loads(self.content())
        if self.path != COMPLETIONS:
            return self.refuse(404, f"no such path: {self.path}")
        self.complete(body)

    def content(self) -> bytes:
        """The request's body."""
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def complete(self, body: dict[str, Any]) -> None:
        """Answers a chat completion from the script."""
        if problem := problem_with(body):
            return self.refuse(400, problem)
        number, answer = self.home.take(Received(self.path, self.headers.get("Authorization", ""), body))
        if answer.wait_for is not None:
            answer.wait_for.wait(60)
        time.sleep(answer.delay_seconds)
        content, usage = reply_to(body, answer, number)
        self.home.answering(usage)
        self.send(answer.status, content, answer.content_type, answer.headers, answer.cut, answer.trickle)

    def refuse(self, status: int, message: str, **fields: str | None) -> None:
        """Answers with an error."""
        self.send(status, json.dumps(error_body(message, **fields)).encode())

    def send(
        self,
        status: int,
        content: bytes,
        content_type: str = "application/json",
        headers: Mapping[str, str] = NO_HEADERS,
        cut: bool = False,
        trickle: bool = False,
    ) -> None:
        """Writes the answer; with `cut` the first half of it, with `trickle` a byte every 20 ms of far more than it."""
        content = content * 100 if trickle else content
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if cut:
            self.wfile.write(content[: len(content) // 2])
            self.close_connection = True
        elif trickle:
            for byte in content:
                self.wfile.write(bytes([byte]))
                time.sleep(0.02)
        else:
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps silent."""


def error_body(message: str, **fields: str | None) -> dict[str, Any]:
    """An error as the API's reference has it; `fields` are its type, param and code."""
    return {"error": {"message": message, "type": "scripted", "param": None, "code": None} | fields}


def reply_to(body: dict[str, Any], answer: Answer, number: int) -> tuple[bytes, tuple[int, int] | None]:
    """What the answer says, and the tokens it says were used."""
    if answer.body is not None:
        return answer.body, None
    if answer.status != 200:
        return json.dumps(error_body(f"scripted {answer.status}")).encode(), None
    completion = _completion(body, answer, number)
    usage = (completion["usage"]["prompt_tokens"], completion["usage"]["completion_tokens"])
    return json.dumps({k: v for k, v in completion.items() if k not in answer.omit}).encode(), usage


def _completion(body: dict[str, Any], answer: Answer, number: int) -> dict[str, Any]:
    """A chat completion as the API's reference has it; without a scripted text every one has a text of its own."""
    prompt = prompt_tokens(body)
    tokens = min(answer.completion_tokens, body["max_tokens"])
    text = f"{number}번째 답" if answer.text is None else answer.text
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": f"{body['model']}-2024-07-18",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, "refusal": None},
                "logprobs": None,
                "finish_reason": answer.finish_reason,
            }
        ],
        "usage": {"prompt_tokens": prompt, "completion_tokens": tokens, "total_tokens": prompt + tokens},
    }


def prompt_tokens(body: dict[str, Any]) -> int:
    """The tokens of a request's prompt: one per character."""
    return sum(len(message["content"]) for message in body["messages"])


def problem_with(body: dict[str, Any]) -> str:
    """What a real endpoint would refuse with 400, or ""."""
    if not isinstance(body.get("model"), str):
        return "model is missing"
    messages = body.get("messages")
    if not messages or any(set(m) != {"role", "content"} or m["role"] not in ("system", "user") for m in messages):
        return "messages are missing or malformed"
    if not isinstance(body.get("max_tokens"), int) or body["max_tokens"] < 1:
        return "max_tokens is missing"
    shape = body.get("response_format", {"type": "text"})
    if shape["type"] not in ("text", "json_schema"):
        return f"unknown response_format {shape['type']}"
    if shape["type"] == "json_schema" and not {"name", "schema"} <= set(shape["json_schema"]):
        return "response_format.json_schema needs name and schema"
    return ""
