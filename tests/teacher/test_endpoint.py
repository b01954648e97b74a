"""One endpoint on the loopback: what goes over the wire, what comes back as a reply, and which error is which."""

import asyncio
import inspect
import json
import socket

import httpx2  # openai's HTTP library: its exceptions are made from its requests and responses
import openai
import pytest
from openai.types.chat import ChatCompletion

from finsmith.core.errors import (
    TeacherRefused,
    TeacherReplyMalformed,
    TeacherRequestRefused,
    TeacherUnavailable,
)
from finsmith.teacher import endpoint as product
from finsmith.teacher.prices import FREE
from finsmith.teacher.rate_limits import RateLimits

from .asking import KEY_VARIABLE, PRICES, SYSTEM, request_for, teacher_params
from .endpoint import HALF_A_REPLY, NO_COMPLETION, NO_USAGE, NOT_JSON, Answer, Endpoint

HTML = Answer(body="<html>점검 중</html>".encode(), content_type="text/html")
EMPTY_BODY = Answer(body=b"")
A_LIST = Answer(body=b"[]")
NO_MESSAGE = Answer(body=b'{"choices": [{}], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}')
NO_CHOICE = Answer(body=b'{"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}')
WRONG_TYPES = Answer(
    body=b'{"model": 3, "choices": [{"message": {"content": {"a": 1}}}],'
    b' "usage": {"prompt_tokens": 1, "completion_tokens": 1}}'
)
NULL_USAGE = Answer(
    body=b'{"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": null, "completion_tokens": "2"}}'
)
NO_TEXT = Answer(
    body=b'{"choices": [{"message": {"content": null}, "finish_reason": "content_filter"}],'
    b' "usage": {"prompt_tokens": 1, "completion_tokens": 0}}'
)


def connected(base_url="http://gpu-box/v1", price=PRICES["teacher-large"], **changes):
    """The endpoint under test."""
    params = teacher_params(base_url=base_url, **changes)
    return product.Endpoint(params, base_url, price, PRICES["teacher-reference"], RateLimits(0, 0))


def send(request, base_url, **changes):
    """The reply to one request."""

    async def sent():
        async with connected(base_url, **changes) as opened:
            return await opened.send(request)

    return asyncio.run(sent())


def test_a_reply_holds_the_text_tokens_and_cost_of_the_completion():
    """A reply has the returned text, model, finish reason and usage, priced by the table and by the reference."""
    with Endpoint([Answer(text="금리를 동결하였다.", completion_tokens=7)]) as endpoint:
        reply = send(request_for("요약하라"), endpoint.base_url)
    prompt_tokens = len(SYSTEM) + 4  # the endpoint counts one per character
    assert (reply.text, reply.model, reply.finish_reason) == ("금리를 동결하였다.", "teacher-large-2024-07-18", "stop")
    assert (reply.prompt_tokens, reply.completion_tokens) == (prompt_tokens, 7)
    assert reply.cost_usd == pytest.approx((prompt_tokens * 2.0 + 7 * 10.0) / 1e6)
    assert reply.reference_cost_usd == pytest.approx((prompt_tokens * 1.0 + 7 * 4.0) / 1e6)
    assert reply.key == request_for("요약하라").key


def test_the_request_on_the_wire_is_the_request():
    """Model, messages and decoding parameters go out as they are, with the key from the environment; no more does."""
    with Endpoint() as endpoint:
        send(request_for("요약하라", seed=5), endpoint.base_url)
    (received,) = endpoint.received
    assert received.authorization == "Bearer sk-test"
    assert received.body == {
        "model": "teacher-large",
        "messages": [{"role": "system", "content": "한국어로 답합니다."}, {"role": "user", "content": "요약하라"}],
        "temperature": 0.3,
        "max_tokens": 50,
        "seed": 5,
    }


def test_decoding_parameters_that_are_set_go_out():
    """top_p and presence_penalty are sent where the request has them, 0 as well."""
    with Endpoint() as endpoint:
        send(request_for("하나", top_p=0.5, presence_penalty=0.0), endpoint.base_url)
    assert (endpoint.received[0].body["top_p"], endpoint.received[0].body["presence_penalty"]) == (0.5, 0.0)


def test_a_response_schema_goes_out_as_a_strict_response_format():
    """A schema is sent as response_format json_schema, under a name without dots."""
    schema = {"type": "object", "properties": {"answer": {"type": "string"}}}
    with Endpoint() as endpoint:
        send(request_for("문제", recipe="multiple_choice.solve", response_schema=schema), endpoint.base_url)
    assert endpoint.received[0].body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "multiple_choice_solve", "schema": schema, "strict": True},
    }


def test_a_local_teacher_is_free_but_has_a_reference_cost(monkeypatch):
    """The local provider needs no key; its calls cost 0 and show the reference's price."""
    monkeypatch.delenv(KEY_VARIABLE)
    with Endpoint([Answer(completion_tokens=20)]) as endpoint:
        reply = send(request_for("하나", model="tiny"), endpoint.base_url, price=FREE, provider="local", model="tiny")
    assert reply.cost_usd == 0
    assert reply.reference_cost_usd == pytest.approx(((len(SYSTEM) + 2) * 1.0 + 20 * 4.0) / 1e6)


def test_no_proxy_stands_between_us_and_the_embedded_server(monkeypatch):
    """A proxy in the environment is for the outside: the server inside this process is reached past it."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # the port "discard": nobody listens
    with Endpoint([Answer(text="답")]) as endpoint:
        assert send(request_for("하나"), endpoint.base_url, price=FREE, provider="local").text == "답"
        with pytest.raises(TeacherUnavailable):
            send(request_for("하나"), endpoint.base_url)


def test_an_answer_without_text_is_an_empty_reply():
    """A content filter's answer, whose content is null, is a reply without text that says why it ended."""
    with Endpoint([NO_TEXT]) as endpoint:
        reply = send(request_for("하나"), endpoint.base_url)
    assert (reply.text, reply.finish_reason, reply.model) == ("", "content_filter", "teacher-large")


@pytest.mark.parametrize(
    "broken",
    {
        "half": HALF_A_REPLY,
        "not json": NOT_JSON,
        "empty": EMPTY_BODY,
        "list": A_LIST,
        "no completion": NO_COMPLETION,
        "no message": NO_MESSAGE,
        "no choice": NO_CHOICE,
        "no usage": NO_USAGE,
        "html": HTML,
        "wrong types": WRONG_TYPES,
        "null usage": NULL_USAGE,
    }.items(),
    ids=lambda broken: broken[0],
)
def test_an_answer_that_is_no_completion_is_malformed(broken):
    """A body that is no completion with usage is TeacherReplyMalformed, and the message names the endpoint."""
    with Endpoint([broken[1]]) as endpoint, pytest.raises(TeacherReplyMalformed, match=endpoint.base_url):
        send(request_for("하나"), endpoint.base_url)


def test_nobody_listens():
    """A refused connection is TeacherUnavailable, unbilled; the message names the address and what to check."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(TeacherUnavailable) as caught:
        send(request_for("하나"), base_url)
    assert not caught.value.billed
    assert base_url in str(caught.value)
    assert "Is the server running?" in str(caught.value)
    assert "generate.teacher.base_url" in str(caught.value)


@pytest.mark.parametrize("late", [Answer(delay_seconds=2), Answer(trickle=True)], ids=["silent", "trickling"])
def test_an_answer_that_is_not_whole_in_time_is_unavailable(late):
    """An answer that is not whole within timeout_seconds is TeacherUnavailable and billed, however its bytes come."""
    with Endpoint([late]) as endpoint, pytest.raises(TeacherUnavailable, match="timeout_seconds") as caught:
        send(request_for("하나"), endpoint.base_url, timeout_seconds=0.4)
    assert caught.value.billed


def test_an_answer_that_comes_slowly_but_in_time_is_taken():
    """What is waited for is the whole answer, not longer than the parameter says and not shorter."""
    with Endpoint([Answer(text="답", delay_seconds=0.5)]) as endpoint:
        assert send(request_for("하나"), endpoint.base_url, timeout_seconds=5).text == "답"


def test_a_gateway_that_gave_up_may_have_been_billed():
    """After 504 and 408 the server behind may have gone on, after 429 and 503 it never began."""
    for status, billed in ((504, True), (408, True), (429, False), (503, False)):
        with Endpoint([Answer(status=status)]) as endpoint, pytest.raises(TeacherUnavailable) as caught:
            send(request_for("하나"), endpoint.base_url)
        assert caught.value.billed == billed


@pytest.mark.parametrize(
    ("headers", "expected"),
    [({}, None), ({"retry-after": "2"}, 2.0), ({"retry-after": "9", "retry-after-ms": "250"}, 0.25)],
)
def test_a_refusal_tells_how_long_to_wait(headers, expected):
    """The error of a 429 carries the seconds its headers ask for."""
    with (
        Endpoint([Answer(status=429, headers=headers)]) as endpoint,
        pytest.raises(TeacherUnavailable) as caught,
    ):
        send(request_for("하나"), endpoint.base_url)
    assert caught.value.retry_after_seconds == expected


def test_an_account_without_money_is_refused_for_good():
    """429 with insufficient_quota is not a matter of waiting, and the message says so."""
    said = "You exceeded your current quota, please check your plan and billing details." * 5
    body = {"error": {"message": said, "type": "insufficient_quota", "param": None, "code": "insufficient_quota"}}
    broke = Answer(status=429, body=json.dumps(body).encode())
    with Endpoint([broke]) as endpoint, pytest.raises(TeacherRefused, match="no money left"):
        send(request_for("하나"), endpoint.base_url)


def test_a_refused_key_names_its_parameter():
    """The message on a 401 names the parameter that says where the key comes from."""
    with Endpoint([Answer(status=401)]) as endpoint, pytest.raises(TeacherRefused, match="api_key_env"):
        send(request_for("하나"), endpoint.base_url)


@pytest.mark.parametrize("value", [None, "", " \n", "열쇠", "sk-\nsk"])
def test_a_missing_key_is_refused_before_any_request(monkeypatch, value):
    """Without a key in the named environment variable nothing is sent; the message names the variable, not the key."""
    monkeypatch.delenv(KEY_VARIABLE)
    if value is not None:
        monkeypatch.setenv(KEY_VARIABLE, value)
    with Endpoint() as endpoint, pytest.raises(TeacherRefused, match=f"{KEY_VARIABLE}.*api_key_env") as caught:
        send(request_for("하나"), endpoint.base_url)
    assert endpoint.received == []
    assert not value or not value.strip() or value not in str(caught.value)


def test_white_space_around_a_key_is_not_part_of_it(monkeypatch):
    """A key read from a file with its line end is sent without it."""
    monkeypatch.setenv(KEY_VARIABLE, "sk-test\n")
    with Endpoint() as endpoint:
        send(request_for("하나"), endpoint.base_url)
    assert endpoint.received[0].authorization == "Bearer sk-test"


_CONNECTION = httpx2.Request("POST", "http://127.0.0.1/v1/chat/completions")
_COMPLETION = ChatCompletion.model_validate(
    {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": []}
)
# What can be done about each: wait (Unavailable), change something (Refused), leave this request out (RequestRefused),
# look at the endpoint (Malformed).
_EXPECTED = {
    "APIConnectionError": (TeacherUnavailable, ()),
    "APITimeoutError": (TeacherUnavailable, ()),
    "APIStatusError": (TeacherRefused, (402, 405, 418)),
    "BadRequestError": (TeacherRequestRefused, (400,)),
    "AuthenticationError": (TeacherRefused, (401,)),
    "OAuthError": (TeacherRefused, (401,)),
    "PermissionDeniedError": (TeacherRefused, (403,)),
    "NotFoundError": (TeacherRefused, (404,)),
    "ConflictError": (TeacherUnavailable, (409,)),
    "UnprocessableEntityError": (TeacherRequestRefused, (422,)),
    "RateLimitError": (TeacherUnavailable, (429,)),
    "InternalServerError": (TeacherUnavailable, (500, 502, 503, 504, 529)),
    # none of these is a matter of time or of a parameter
    "OpenAIError": (TeacherReplyMalformed, ()),
    "APIError": (TeacherReplyMalformed, ()),
    "APIResponseValidationError": (TeacherReplyMalformed, ()),
    "LengthFinishReasonError": (TeacherReplyMalformed, ()),
    "ContentFilterFinishReasonError": (TeacherReplyMalformed, ()),
    "SubjectTokenProviderError": (TeacherReplyMalformed, ()),
    "StreamAlreadyConsumed": (TeacherReplyMalformed, ()),
}
# Of parts of openai that a chat completion does not touch.
_ELSEWHERE = {
    "APIRemovedInV1",
    "MutuallyExclusiveAuthError",
    "WebSocketConnectionClosedError",
    "WebSocketQueueFullError",
    "_AmbiguousModuleClientUsageError",
}


def _family(cls):
    yield cls
    for child in cls.__subclasses__():
        yield from _family(child)


def _made(cls, status):
    known = {
        "message": "no",
        "request": _CONNECTION,
        "response": httpx2.Response(status, request=_CONNECTION, json={}),
        "body": None,
        "completion": _COMPLETION,
    }
    names = inspect.signature(cls.__init__).parameters
    return cls(**{name: known[name] for name in names if name in known})


def test_every_exception_of_openai_has_its_place():
    """The map names each class of openai's exceptions, and gives each the expected error for each of its statuses."""
    classes = {cls.__name__: cls for cls in _family(openai.OpenAIError) if cls.__module__.startswith("openai")}
    assert set(classes) - _ELSEWHERE == set(_EXPECTED)
    opened = connected()
    for name, (expected, statuses) in _EXPECTED.items():
        for status in statuses or (200,):
            mapped = opened.mapped(_made(classes[name], status))
            assert type(mapped) is expected, (name, status, mapped)
            assert "http://gpu-box/v1" in str(mapped)


@pytest.mark.parametrize(("status", "expected"), [(413, TeacherRequestRefused), (408, TeacherUnavailable)])
def test_statuses_without_a_class_of_their_own(status, expected):
    """A request that is too large is refused for itself, a time-out may pass."""
    assert type(connected().mapped(_made(openai.APIStatusError, status))) is expected


@pytest.mark.parametrize(
    ("cause", "expected", "billed"),
    [
        (httpx2.ConnectError("refused"), TeacherUnavailable, False),
        (httpx2.ReadError("reset"), TeacherUnavailable, True),
        (httpx2.WriteError("reset"), TeacherUnavailable, True),
        (httpx2.RemoteProtocolError("peer closed"), TeacherReplyMalformed, None),
    ],
)
def test_a_connection_that_broke_may_have_been_billed_where_the_request_had_gone_out(cause, expected, billed):
    """Only where no connection was made nothing was billed; a broken one may have carried the request."""
    error = openai.APIConnectionError(request=_CONNECTION)
    error.__cause__ = cause
    mapped = connected().mapped(error)
    assert type(mapped) is expected
    assert getattr(mapped, "billed", None) == billed


def test_an_endpoint_without_a_base_url_is_called_by_name():
    """With an empty base_url the message speaks of the OpenAI endpoint."""
    assert "the OpenAI endpoint" in str(connected("").mapped(openai.APITimeoutError(_CONNECTION)))
