"""The local Files and Batch API keeps the real one's contract, as the real openai client sees it."""

import json
from contextlib import contextmanager

import openai
import pytest
from openai.types import Batch, FileObject

from .batch_endpoint import BatchEndpoint
from .endpoint import API_KEY, NOT_JSON, Answer

MODEL = "teacher-large"


def line_of(text, **changes):
    messages = [{"role": "user", "content": text}]
    body = {"model": MODEL, "messages": messages, "max_tokens": 50} | changes.pop("body", {})
    return {"custom_id": f"id-{text}", "method": "POST", "url": "/v1/chat/completions", "body": body} | changes


def jsonl_of(lines):
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


@contextmanager
def served(**knobs):
    """A running endpoint and a client of it that retries nothing."""
    with (
        BatchEndpoint(**knobs) as endpoint,
        openai.OpenAI(base_url=endpoint.base_url, api_key=API_KEY, max_retries=0) as client,
    ):
        yield endpoint, client


def upload(client, content, name="requests.jsonl"):
    return client.files.create(file=(name, content), purpose="batch")


def create(client, file_id, **changes):
    wanted = {"endpoint": "/v1/chat/completions", "completion_window": "24h"} | changes
    return client.batches.create(input_file_id=file_id, **wanted)


def started(client, lines, **changes):
    """A batch of the lines, or of the bytes."""
    content = lines if isinstance(lines, bytes) else jsonl_of(lines)
    return create(client, upload(client, content).id, **changes)


def ended(client, batch):
    """The batch at its end, and the statuses on the way."""
    statuses = [batch.status]
    for _ in range(20):
        if batch.status in ("completed", "failed", "expired", "cancelled"):
            return batch, statuses
        batch = client.batches.retrieve(batch.id)
        statuses.append(batch.status)
    raise AssertionError(f"no end: {statuses}")


def lines_in(client, file_id):
    return [json.loads(line) for line in client.files.content(file_id).content.split(b"\n") if line]


def errors_of(client, lines):
    batch, statuses = ended(client, started(client, lines))
    assert statuses == ["validating", "failed"]
    assert (batch.output_file_id, batch.error_file_id, batch.request_counts.total) == (None, None, 0)
    return [(error.code, error.line, error.param) for error in batch.errors.data]


def test_a_batch_goes_from_upload_to_its_output():
    """Each request's completion is in the output file under its custom_id, in another order, with no error file."""
    texts = [f"질문\u2028{number}" for number in range(5)]
    with served(by_text={text: [Answer(text=f"답 {text}", completion_tokens=3)] for text in texts}) as (_, client):
        batch, statuses = ended(client, started(client, [line_of(text) for text in texts]))
        lines = lines_in(client, batch.output_file_id)
    assert statuses == ["validating", "in_progress", "finalizing", "completed"]
    assert (batch.error_file_id, batch.errors) == (None, None)
    assert {line["custom_id"]: line["response"]["body"]["choices"][0]["message"]["content"] for line in lines} == {
        f"id-{text}": f"답 {text}" for text in texts
    }
    assert [line["custom_id"] for line in lines] != [f"id-{text}" for text in texts]
    for line in lines:
        assert set(line) == {"id", "custom_id", "response", "error"}
        assert (line["error"], line["response"]["status_code"]) == (None, 200)
    counts = batch.request_counts
    assert (counts.total, counts.completed, counts.failed) == (5, 5, 0)
    assert (batch.usage.input_tokens, batch.usage.output_tokens, batch.usage.total_tokens) == (20, 15, 35)


def test_every_object_has_the_fields_of_the_library():
    """Batch and File carry every field that openai's types name, and no other, through their strict validation."""
    with served() as (endpoint, client):
        batch, _ = ended(client, started(client, [line_of("하나")], metadata={"run": "7"}))
        (job,) = endpoint.batches.values()
        for stored in endpoint.files.values():
            assert set(stored.shown) == set(FileObject.model_fields)
            FileObject.model_validate(stored.shown, strict=True)
    assert set(job.shown) == set(Batch.model_fields)
    Batch.model_validate(job.shown, strict=True)
    assert batch.metadata == {"run": "7"}
    assert batch.created_at <= batch.in_progress_at <= batch.finalizing_at <= batch.completed_at < batch.expires_at


def test_a_file_comes_back_as_it_was_sent():
    """Upload, retrieve, content and delete agree on one file; after that it is not there."""
    content = jsonl_of([line_of("한글\r\n두 줄")]) + b"\n--boundary--\n"
    with served() as (_, client):
        made = upload(client, content)
        assert (made.bytes, made.filename, made.purpose) == (len(content), "requests.jsonl", "batch")
        assert client.files.retrieve(made.id) == made
        assert client.files.content(made.id).content == content
        assert client.files.delete(made.id).deleted
        for gone in (client.files.retrieve, client.files.content, client.files.delete):
            with pytest.raises(openai.NotFoundError, match=made.id):
                gone(made.id)


@pytest.mark.parametrize(
    ("name", "content"), [("a.jsonl", b""), ("a.jsonl", b"{broken\n"), ("a.json", jsonl_of([line_of("하나")]))]
)
def test_an_upload_that_is_no_jsonl_is_refused(name, content):
    """An empty file, a broken first line and another suffix are a 400 at once, and nothing is stored."""
    with served() as (endpoint, client):
        with pytest.raises(openai.BadRequestError, match="Invalid file format"):
            upload(client, content, name)
        assert endpoint.files == {}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line_of("가"), line_of("나", custom_id="id-가")], ("duplicate_custom_id", 2, "custom_id")),
        (jsonl_of([line_of("가")]) + b"{broken", ("invalid_json_line", 2, None)),
        (b"\xef\xbb\xbf" + jsonl_of([line_of("가")]), ("invalid_json_line", 1, None)),
        ([line_of("가", method="GET")], ("invalid_method", 1, "method")),
        ([line_of("가"), line_of("나", url="/v1/embeddings")], ("invalid_url", 2, "url")),
        ([line_of("가"), line_of("나", body={"model": "other"})], ("mismatched_model", 2, "body.model")),
        ([line_of("가", body={"model": None})], ("invalid_request", 1, "body.model")),
        ([line_of("가", body={"messages": []})], ("invalid_request", 1, "body.messages")),
        ([line_of("가", body={"stream": True})], ("streaming_unsupported", 1, "body.stream")),
        (
            [{"custom_id": "a", "method": "POST", "url": "/v1/chat/completions"}],
            ("missing_required_parameter", 1, "body"),
        ),
        ([line_of("가") | {"body": 3}], ("invalid_request", 1, "body")),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_line_against_the_rules_fails_the_whole_batch(lines, expected):
    """The batch is created and then fails with the code, line and parameter; nothing is executed."""
    with served() as (endpoint, client):
        assert errors_of(client, lines) == [expected]
        assert not endpoint.executed


def test_every_error_of_a_file_is_listed():
    """Errors of several lines all come, each with its line."""
    lines = [line_of("가", method="PUT"), line_of("나"), line_of("다", url="/v1/x", body={"model": "other"})]
    with served() as (_, client):
        assert [(code, line) for code, line, _ in errors_of(client, lines)] == [
            ("invalid_method", 1),
            ("invalid_url", 3),
            ("mismatched_model", 3),
        ]


def test_the_limits_of_a_file_are_exact():
    """At a limit of requests or bytes the batch completes; one above, it fails and names no line."""
    lines = [line_of(text) for text in "가나다"]
    size = len(jsonl_of(lines))
    with served(max_requests=3, max_file_bytes=size) as (endpoint, client):
        assert ended(client, started(client, lines))[0].status == "completed"
        endpoint.max_requests = 2
        assert errors_of(client, lines) == [("too_many_tasks", None, None)]
        endpoint.max_requests, endpoint.max_file_bytes = 3, size - 1
        assert errors_of(client, lines) == [("invalid_request", None, None)]


def test_a_model_that_is_not_there_and_a_file_that_is_not_there_fail_the_batch():
    """Neither is refused when the batch is created."""
    with served(unknown_models=[MODEL]) as (_, client):
        assert errors_of(client, [line_of("가")]) == [("model_not_found", 1, "body.model")]
        batch, _ = ended(client, create(client, "file-none"))
    assert [(error.code, error.param) for error in batch.errors.data] == [("invalid_request", "file_id")]


def test_the_limit_of_enqueued_tokens_counts_the_other_batches():
    """A batch that fits only alone fails with token_limit_exceeded while another of its model runs, not after it."""
    with served(max_enqueued_tokens=5) as (endpoint, client):
        assert (
            client.batches.retrieve(started(client, [line_of("타파하", body={"model": "other"})]).id).model[:5]
            == "other"
        )
        first, second = started(client, [line_of("가나다")]), started(client, [line_of("라마바")])
        assert client.batches.retrieve(first.id).status == "in_progress"
        failed, _ = ended(client, second)
        assert [error.code for error in failed.errors.data] == ["token_limit_exceeded"]
        assert ended(client, first)[0].status == "completed"
        assert ended(client, started(client, [line_of("라마바")]))[0].status == "completed"
        assert endpoint.sent == {"id-타파하": 1, "id-가나다": 1, "id-라마바": 2}
        assert endpoint.executed == {"id-가나다": 1, "id-라마바": 1}


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "/v1/none"},
        {"completion_window": "1h"},
        {"metadata": {"a": ["b"]}},
        {"metadata": {"a" * 65: "b"}},
        {"metadata": {"a": "b" * 513}},
        {"metadata": {str(number): "" for number in range(17)}},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_creation_that_is_wrong_in_itself_is_refused(wrong):
    """Another endpoint or window, or metadata beyond 16 strings of 64 and 512 characters, is a 400 and no batch."""
    with served() as (endpoint, client):
        made = upload(client, jsonl_of([line_of("가")]))
        with pytest.raises(openai.BadRequestError, match=next(iter(wrong)) if "metadata" in wrong else "Invalid value"):
            create(client, made.id, **wrong)
        assert endpoint.batches == {}


def test_failed_requests_are_in_the_error_file_with_their_status():
    """Scripted errors and a request the model refuses come with status and error body; the good one is apart."""
    by_text = {"제한": [Answer(status=429)], "고장": [Answer(status=500)], "깨짐": [NOT_JSON]}
    lines = [line_of(text) for text in ("좋음", "제한", "고장", "깨짐")] + [line_of("나쁨", body={"max_tokens": 0})]
    with served(by_text=by_text) as (_, client):
        batch, _ = ended(client, started(client, lines))
        good, bad = lines_in(client, batch.output_file_id), lines_in(client, batch.error_file_id)
    assert batch.status == "completed"
    assert {line["custom_id"]: type(line["response"]["body"]) for line in good} == {"id-좋음": dict, "id-깨짐": str}
    assert {line["custom_id"]: line["response"]["status_code"] for line in bad} == {
        "id-제한": 429,
        "id-고장": 500,
        "id-나쁨": 400,
    }
    for line in bad:
        assert line["error"] is None
        assert set(line["response"]["body"]["error"]) == {"message", "type", "param", "code"}
    assert (batch.request_counts.completed, batch.request_counts.failed) == (2, 3)


def test_a_batch_in_which_all_fails_completes_without_an_output_file():
    """`completed` says nothing of the requests: the output file may be missing, by null or, if so set, by ""."""
    with served(script=[Answer(status=400)]) as (endpoint, client):
        batch, _ = ended(client, started(client, [line_of("가")]))
        assert (batch.status, batch.output_file_id, bool(batch.error_file_id)) == ("completed", None, True)
        endpoint.absent_file_id = ""
        assert ended(client, started(client, [line_of("가")]))[0].output_file_id == ""


def test_a_script_goes_on_in_the_next_batch():
    """A request that failed in one batch gets its next scripted answer in another."""
    with served(by_text={"가": [Answer(status=500), Answer(text="답")]}) as (endpoint, client):
        assert ended(client, started(client, [line_of("가")]))[0].output_file_id is None
        assert ended(client, started(client, [line_of("가")]))[0].error_file_id is None
        assert endpoint.executed == {"id-가": 2}


def test_an_expired_batch_has_what_was_finished():
    """The first requests are in the output file, the others expired in the error file; the next batch completes."""
    with served(expire_after=2, expiring=1) as (endpoint, client):
        lines = [line_of(text) for text in "가나다라"]
        batch, statuses = ended(client, started(client, lines))
        good, bad = lines_in(client, batch.output_file_id), lines_in(client, batch.error_file_id)
        assert ended(client, started(client, lines[2:]))[0].status == "completed"
        assert set(endpoint.executed.values()) == {1}
        assert endpoint.usage_sent == [(1, 7)] * 4
    assert (statuses[-1], batch.expired_at is None, batch.completed_at) == ("expired", False, None)
    assert {line["custom_id"] for line in good} == {"id-가", "id-나"}
    assert {line["custom_id"] for line in bad} == {"id-다", "id-라"}
    assert {(line["response"], line["error"]["code"]) for line in bad} == {(None, "batch_expired")}


def test_a_cancelled_batch_has_what_was_finished():
    """A cancel goes through `cancelling`; what had been answered is in the output file, the rest is not executed."""
    with served(cancel_after=1) as (endpoint, client):
        batch = started(client, [line_of(text) for text in "가나다"])
        assert client.batches.retrieve(batch.id).status == "in_progress"
        assert client.batches.cancel(batch.id).status == "cancelling"
        batch, statuses = ended(client, client.batches.cancel(batch.id))
        assert statuses == ["cancelling", "cancelled"]
        assert [line["custom_id"] for line in lines_in(client, batch.output_file_id)] == ["id-가"]
        assert {line["error"]["code"] for line in lines_in(client, batch.error_file_id)} == {"batch_cancelled"}
        assert endpoint.executed == {"id-가": 1}
        assert client.batches.cancel(batch.id).status == "cancelled"


def test_a_cancel_is_too_early_for_files_or_too_late_for_a_change():
    """Cancelled while validating there are no files; a batch at its end is a 409."""
    with served() as (endpoint, client):
        early = started(client, [line_of("가")])
        early, _ = ended(client, client.batches.cancel(early.id))
        assert (early.status, early.output_file_id, early.error_file_id) == ("cancelled", None, None)
        late, _ = ended(client, started(client, [line_of("가")]))
        with pytest.raises(openai.ConflictError, match="completed"):
            client.batches.cancel(late.id)
        assert endpoint.executed == {"id-가": 1}


@pytest.mark.parametrize("polls", [0, 1, 3])
def test_a_batch_moves_on_by_being_asked_for(polls):
    """Every `polls_per_status`-th GET moves it to the next status; with 0 the first GET finds the end."""
    with served(polls_per_status=polls) as (_, client):
        _, statuses = ended(client, started(client, [line_of("가")]))
    before = ["validating"] * polls + ["in_progress"] * polls + ["finalizing"] * polls
    assert statuses == (before or ["validating"]) + ["completed"]


def test_a_batch_ends_while_nobody_asks():
    """`finish` ends every batch; a list shows it, and moves none on by itself."""
    with served() as (endpoint, client):
        started(client, [line_of("가")])
        started(client, b'{"a": 1}\n')
        assert [batch.status for batch in client.batches.list()] == ["validating", "validating"]
        endpoint.finish()
        assert [batch.status for batch in client.batches.list()] == ["failed", "completed"]
        assert "GET /v1/batches" in endpoint.calls


def test_a_dropped_request_is_in_no_file():
    """A dropped text is in neither file as often as the knob says, while the batch completes."""
    with served(drop={"나": 1}) as (_, client):
        lines = [line_of("가"), line_of("나")]
        batch, _ = ended(client, started(client, lines))
        again, _ = ended(client, started(client, lines[1:]))
        assert [line["custom_id"] for line in lines_in(client, batch.output_file_id)] == ["id-가"]
        assert [line["custom_id"] for line in lines_in(client, again.output_file_id)] == ["id-나"]
    assert (batch.status, batch.error_file_id, batch.request_counts.total) == ("completed", None, 2)


def test_lists_come_in_pages_the_newest_first():
    """Pages follow each other by `after` without a gap or a repeat, for batches and for files."""
    with served() as (_, client):
        batches = [started(client, [line_of(str(number))]).id for number in range(5)]
        files = [client.batches.retrieve(batch).input_file_id for batch in batches]
        page = client.batches.list(limit=2)
        assert ([batch.id for batch in page.data], page.has_more) == (batches[:2:-1], True)
        assert [batch.id for batch in client.batches.list(limit=2)] == batches[::-1]
        assert [file.id for file in client.files.list(limit=2)] == files[::-1]
        assert [file.id for file in client.files.list(limit=3, order="asc", purpose="batch")] == files
        assert list(client.files.list(purpose="batch_output")) == []
        assert client.batches.list(after=batches[0]).data == []
        assert not client.batches.list(limit=5).has_more
        with pytest.raises(openai.BadRequestError, match="limit"):
            client.batches.list(limit=101)
        assert len(client.batches.list().data) == 5
        for number in range(5, 22):
            started(client, [line_of(str(number))])
        assert len(client.batches.list().data) == 20
        assert len(list(client.batches.list())) == 22


def test_another_key_is_refused_everywhere():
    """Without the right key files, batches and completions are a 401, and nothing is stored."""
    with (
        BatchEndpoint() as endpoint,
        openai.OpenAI(base_url=endpoint.base_url, api_key="sk-other", max_retries=0) as client,
    ):
        for call in (
            lambda: upload(client, jsonl_of([line_of("가")])),
            lambda: create(client, "file-none"),
            client.batches.list,
            client.files.list,
            lambda: client.chat.completions.create(**line_of("가")["body"]),
        ):
            with pytest.raises(openai.AuthenticationError):
                call()
    assert (endpoint.files, endpoint.batches, endpoint.received) == ({}, {}, [])


def test_a_plain_completion_is_answered_too():
    """The endpoint is a chat-completions endpoint as well, with the same script."""
    with served(by_text={"가": [Answer(text="답")]}) as (endpoint, client):
        completion = client.chat.completions.create(**line_of("가")["body"])
        assert completion.choices[0].message.content == "답"
        assert (endpoint.texts, endpoint.usage_sent) == (["가"], [(1, 7)])


def test_a_batch_whose_answer_was_lost_is_in_the_list():
    """The connection closes without an answer, but the batch is there and its metadata tells which it is."""
    with served(lose_create_answer=1) as (endpoint, client):
        made = upload(client, jsonl_of([line_of("가")]))
        with pytest.raises(openai.APIConnectionError):
            create(client, made.id, metadata={"part": "1"})
        (found,) = [batch for batch in client.batches.list() if batch.metadata == {"part": "1"}]
        assert ended(client, found)[0].status == "completed"
        assert endpoint.sent == endpoint.executed == {"id-가": 1}


def test_the_librarys_own_retry_sends_a_lost_batch_twice():
    """openai sends a creation again when its answer is lost, with nothing that makes the two one."""
    with (
        BatchEndpoint(lose_create_answer=1) as endpoint,
        openai.OpenAI(base_url=endpoint.base_url, api_key=API_KEY, max_retries=1) as client,
    ):
        started(client, [line_of("가")])
        assert endpoint.sent == {"id-가": 2}


def test_what_fails_at_first_works_the_next_time():
    """Uploads, creations and GETs fail with 503 as often as set, and a download breaks off; then all is well."""
    knobs = {"fail_uploads": 1, "fail_create": 1, "fail_polls": 1, "cut_downloads": 1}
    with served(**knobs) as (endpoint, client):
        content = jsonl_of([line_of("가")])
        with pytest.raises(openai.InternalServerError, match="503"):
            upload(client, content)
        made = upload(client, content)
        with pytest.raises(openai.InternalServerError, match="503"):
            create(client, made.id)
        batch = create(client, made.id)
        with pytest.raises(openai.InternalServerError, match="503"):
            client.batches.retrieve(batch.id)
        with pytest.raises(openai.APIConnectionError):
            client.files.content(made.id)
        assert client.files.content(made.id).content == content
        assert (len(endpoint.files), len(endpoint.batches)) == (1, 1)


def test_a_batch_that_is_not_there_is_a_404():
    """Neither retrieve nor cancel finds an unknown id."""
    with served() as (_, client):
        for call in (client.batches.retrieve, client.batches.cancel):
            with pytest.raises(openai.NotFoundError, match="batch_none"):
                call("batch_none")
