"""OpenAI's Files and Batch API on a free loopback port: it answers from a script and remembers what it was asked.

A batch moves on when it is asked for, not with the time, so no test sleeps. Not covered: chunked uploads, rate limits,
files that reach their `expires_at`.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .batch_file import Line, Rules, answered, check, error, is_jsonl, jsonl, opaque, unanswered
from .batch_objects import Call, Job, RefusedCall, StoredFile, new_batch, new_file, page, refuse_wrong, with_usage
from .endpoint import API_KEY, COMPLETIONS, CompletionsHandler, Endpoint, error_body, problem_with, reply_to

ENDED = ("completed", "failed", "expired", "cancelled")
_ENQUEUED = ("in_progress", "finalizing", "cancelling")


@dataclass
class BatchEndpoint(Endpoint):
    """A running server: a context manager. Its answers are scripted by `script` and `by_text`, as an Endpoint's are.

    A batch moves on with every `polls_per_status`-th GET of it; with 0 the first GET finds it at its end. The first
    `expire_after` requests of a batch are answered before it expires, in the first `expiring` batches (None: in all);
    the first `cancel_after` before a cancel. `drop` has the texts that come into neither file, and how many times.
    Uploads, creations and GETs of a batch first fail with 503; `lose_` and `cut_` count the connections that are
    closed when the batch has been created and in the middle of a file. All can be changed while it runs.
    """

    polls_per_status: int = 1
    expire_after: int | None = None
    expiring: int | None = None
    cancel_after: int = 0
    drop: Mapping[str, int] = field(default_factory=dict)
    fail_uploads: int = 0
    fail_create: int = 0
    fail_polls: int = 0
    lose_create_answer: int = 0
    cut_downloads: int = 0
    max_requests: int = 50_000
    max_file_bytes: int = 209_715_200
    max_enqueued_tokens: int | None = None
    unknown_models: Collection[str] = ()
    absent_file_id: str | None = None  # "" has been seen too, beside the null of the reference
    files: dict[str, StoredFile] = field(default_factory=dict)
    batches: dict[str, Job] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._dropped: Counter[str] = Counter()
        self._files_made = 0

    def _handler(self) -> type[CompletionsHandler]:
        return _BatchHandler

    @property
    def sent(self) -> Counter[str]:
        """How many created batches each custom_id was in, those that failed included."""
        return Counter(request["custom_id"] for job in self.batches.values() for request in job.requests)

    @property
    def executed(self) -> Counter[str]:
        """How many times each custom_id was answered, with an error or without."""
        return Counter(custom_id for job in self.batches.values() for custom_id in job.executed)

    def finish(self) -> None:
        """Every batch comes to its end, as it does while nobody asks."""
        with self._changed:
            while running := [job for job in self.batches.values() if job.status not in ENDED]:
                for job in running:
                    self._move_on(job)

    def spend(self, knob: str) -> bool:
        """Whether the knob still counts this call, which it then does no more."""
        with self._changed:
            left = getattr(self, knob)
            setattr(self, knob, max(0, left - 1))
        return left > 0

    def reply(self, call: Call) -> bytes | None:
        """What the call is answered with; None: the connection is closed instead."""
        for method, pattern, answer in _ROUTES:
            if method == call.method and (match := re.fullmatch(pattern, call.path)):
                with self._changed:
                    said = answer(self, replace(call, id=match.groupdict().get("id", "")))
                    return json.dumps(said).encode() if isinstance(said, dict) else said
        raise RefusedCall(404, f"Invalid URL ({call.method} {call.path})")

    def upload(self, call: Call) -> dict[str, Any]:
        """The new File."""
        if self.spend("fail_uploads"):
            raise RefusedCall(503, "scripted 503")
        form = call.form()
        if "file" not in form or "purpose" not in form:
            raise RefusedCall(400, "'file' and 'purpose' are required properties")
        (name, content), purpose = form["file"], form["purpose"][1].decode()
        if purpose == "batch" and not is_jsonl(name, content):
            raise RefusedCall(400, "Invalid file format for Batch API. Must be .jsonl")
        return self._stored(name, content, purpose).shown

    def file(self, call: Call) -> dict[str, Any]:
        """The File."""
        return self._file(call.id).shown

    def content(self, call: Call) -> bytes:
        """What is in the file."""
        return self._file(call.id).content

    def delete(self, call: Call) -> dict[str, Any]:
        """That the file is gone."""
        del self.files[self._file(call.id).shown["id"]]
        return {"id": call.id, "object": "file", "deleted": True}

    def list_files(self, call: Call) -> dict[str, Any]:
        """A page of the files, the newest first."""
        shown = [file.shown for file in self.files.values()]
        shown = [file for file in shown if call.query.get("purpose", file["purpose"]) == file["purpose"]]
        return page(shown if call.query.get("order") == "asc" else shown[::-1], call.query, 10_000, 10_000)

    def create(self, call: Call) -> dict[str, Any] | None:
        """The new Batch, or None where its answer gets lost."""
        if self.spend("fail_create"):
            raise RefusedCall(503, "scripted 503")
        wanted = call.json()
        refuse_wrong(wanted)
        number, stored = len(self.batches) + 1, self.files.get(wanted["input_file_id"])
        if stored is None or stored.shown["purpose"] != "batch":
            message = f"Cannot find file {wanted['input_file_id']}, or your organization does not have access to it."
            checked: tuple[list[Line], list[Line]] = ([], [error("invalid_request", message, param="file_id")])
        else:
            rules = Rules(wanted["endpoint"], self.max_requests, self.max_file_bytes, tuple(self.unknown_models))
            checked = check(stored.content, rules)
        job = Job(new_batch(f"batch_{opaque('batch', number)}", wanted), *checked)
        self.batches[job.shown["id"]] = job
        return None if self.spend("lose_create_answer") else job.shown

    def retrieve(self, call: Call) -> dict[str, Any]:
        """The Batch as it is after this GET."""
        if self.spend("fail_polls"):
            raise RefusedCall(503, "scripted 503")
        job = self._job(call.id)
        job.polls += 1
        while job.status not in ENDED and job.polls >= self.polls_per_status:
            self._move_on(job)
        return job.shown

    def cancel(self, call: Call) -> dict[str, Any]:
        """The Batch, which is being cancelled."""
        job = self._job(call.id)
        if job.status in ("completed", "failed", "expired"):
            raise RefusedCall(409, f"Cannot cancel a batch with status '{job.status}'.")
        if job.status in ("validating", "in_progress", "finalizing"):
            if job.status == "in_progress":
                self._execute(job, self.cancel_after, "batch_cancelled")
            job.move_to("cancelling")
        return job.shown

    def list_batches(self, call: Call) -> dict[str, Any]:
        """A page of the batches, the newest first; it moves none on."""
        return page([job.shown for job in self.batches.values()][::-1], call.query, 20, 100)

    def _move_on(self, job: Job) -> None:
        match job.status:
            case "validating":
                self._validate(job)
            case "in_progress":
                job.expires = self.expire_after is not None and (self.expiring is None or self.spend("expiring"))
                self._execute(job, self.expire_after if job.expires else None, "batch_expired")
                job.move_to("finalizing")
            case "finalizing":
                self._end(job, "expired" if job.expires else "completed")
            case "cancelling":
                self._end(job, "cancelled")

    def _validate(self, job: Job) -> None:
        errors = job.errors or self._over_the_limit(job)
        if errors:
            job.shown["errors"] = {"object": "list", "data": errors}
            return job.move_to("failed")
        job.shown["model"] = f"{job.model}-2024-07-18"
        job.shown["request_counts"] = {"total": len(job.requests), "completed": 0, "failed": 0}
        job.move_to("in_progress")

    def _over_the_limit(self, job: Job) -> list[Line]:
        limit = self.max_enqueued_tokens
        if limit is None:
            return []
        queue = [other for other in self.batches.values() if other.status in _ENQUEUED and other.model == job.model]
        if sum(each.prompt_tokens for each in (*queue, job)) <= limit:
            return []
        reached = f"Enqueued token limit reached for {job.model} in organization org-test."
        until = "Please try again once some in_progress batches have been completed."
        return [error("token_limit_exceeded", f"{reached} Limit: {limit:,} enqueued tokens. {until}")]

    def _execute(self, job: Job, count: int | None, otherwise: str) -> None:
        """Answers the first `count` requests, or all; the others get a line with the code `otherwise`."""
        count = len(job.requests) if count is None else count
        for request in job.requests[:count]:
            self._answer(job, request)
        job.bad += [unanswered(request["custom_id"], otherwise) for request in job.requests[count:]]
        job.shown["request_counts"] |= {"completed": len(job.good), "failed": len(job.bad)}

    def _answer(self, job: Job, request: Line) -> None:
        custom_id, body = request["custom_id"], request["body"]
        job.executed.append(custom_id)
        if problem := problem_with(body):
            job.bad.append(answered(0, custom_id, 400, error_body(problem)))
            return
        text = str(body["messages"][-1]["content"])
        if self._dropped[text] < self.drop.get(text, 0):
            self._dropped[text] += 1
            return
        number, answer = self.scripted(text)
        content, usage = reply_to(body, answer, number)
        lines = job.good if answer.status == 200 else job.bad
        lines.append(answered(number, custom_id, answer.status, _json_or_text(content)))
        if usage:
            self.usage_sent.append(usage)
            job.shown["usage"] = with_usage(job.shown["usage"], *usage)

    def _end(self, job: Job, status: str) -> None:
        for kind, lines in (("output", job.good), ("error", job.bad)):
            stored = self._stored(f"{job.shown['id']}_{kind}.jsonl", jsonl(lines), "batch_output") if lines else None
            job.shown[f"{kind}_file_id"] = stored.shown["id"] if stored else self.absent_file_id
        job.move_to(status)

    def _stored(self, name: str, content: bytes, purpose: str) -> StoredFile:
        self._files_made += 1
        shown = new_file(f"file-{opaque('file', self._files_made)}", name, len(content), purpose)
        self.files[shown["id"]] = StoredFile(shown, content)
        return self.files[shown["id"]]

    def _file(self, file_id: str) -> StoredFile:
        if file_id not in self.files:
            raise RefusedCall(404, f"No such File object: {file_id}", "id")
        return self.files[file_id]

    def _job(self, batch_id: str) -> Job:
        if batch_id not in self.batches:
            raise RefusedCall(404, f"No batch found with id '{batch_id}'.")
        return self.batches[batch_id]


_FILE, _BATCH = r"/v1/files/(?P<id>[^/]+)", r"/v1/batches/(?P<id>[^/]+)"
_ROUTES: tuple[tuple[str, str, Callable[[BatchEndpoint, Call], dict[str, Any] | bytes | None]], ...] = (
    ("POST", "/v1/files", BatchEndpoint.upload),
    ("GET", "/v1/files", BatchEndpoint.list_files),
    ("GET", _FILE, BatchEndpoint.file),
    ("GET", _FILE + "/content", BatchEndpoint.content),
    ("DELETE", _FILE, BatchEndpoint.delete),
    ("POST", "/v1/batches", BatchEndpoint.create),
    ("GET", "/v1/batches", BatchEndpoint.list_batches),
    ("GET", _BATCH, BatchEndpoint.retrieve),
    ("POST", _BATCH + "/cancel", BatchEndpoint.cancel),
)


class _BatchHandler(CompletionsHandler):
    home: BatchEndpoint

    def _serve(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        call = Call(self.command, url.path, query, self.headers.get("Content-Type", ""), self.content())
        self.home.calls.append(f"{call.method} {call.path}")
        if self.headers.get("Authorization") != f"Bearer {API_KEY}":
            return self.refuse(401, "Incorrect API key provided.", code="invalid_api_key")
        if (call.method, call.path) == ("POST", COMPLETIONS):
            return self.complete(call.json())
        try:
            reply = self.home.reply(call)
        except RefusedCall as refused:
            return self.refuse(refused.status, str(refused), **refused.fields)
        if reply is None:
            self.close_connection = True
            return
        is_file = call.path.endswith("/content")
        content_type = "application/octet-stream" if is_file else "application/json"
        self.send(200, reply, content_type, cut=is_file and self.home.spend("cut_downloads"))

    do_GET = do_POST = do_DELETE = _serve


def _json_or_text(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content.decode()
