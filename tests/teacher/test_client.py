"""The client against a real endpoint on the loopback: what it sends, retries, stores, and refuses to spend."""

import inspect
import random
import socket

import httpx2  # openai's HTTP library: its exceptions are made from its requests and responses
import openai
import pytest
from openai.types.chat import ChatCompletion

from finsmith.core.errors import (
    BudgetExceeded,
    TeacherRefused,
    TeacherReplyMalformed,
    TeacherUnavailable,
)
from finsmith.core.teacher_params import Price
from finsmith.teacher.client import _mapped, ask

from .asking import KEY_VARIABLE, request_for, teacher_params
from .endpoint import GOOD, HALF_A_REPLY, NO_COMPLETION, NO_USAGE, NOT_JSON, Answer, Endpoint

SYSTEM_CHARS = 10  # of "한국어로 답합니다."; the endpoint counts a token per character
# Its 26 bytes and the 6 of "하나", 16 beside each, at 2 USD per million tokens; 50 tokens of reply at 10 USD.
WORST_USD = (26 + 16 + 6 + 16) * 2.0 / 1e6 + 50 * 10.0 / 1e6

HTML = Answer(body="<html>점검 중</html>".encode(), content_type="text/html")
EMPTY_BODY = Answer(body=b"")
NO_TEXT = Answer(
    body=b'{"choices": [{"message": {"content": null}, "finish_reason": "content_filter"}],'
    b' "usage": {"prompt_tokens": 1, "completion_tokens": 0}}'
)
WRONG_TYPES = Answer(
    body=b'{"model": 3, "choices": [{"message": {"content": {"a": 1}}}],'
    b' "usage": {"prompt_tokens": 1, "completion_tokens": 1}}'
)
NULL_USAGE = Answer(
    body=b'{"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": null, "completion_tokens": "2"}}'
)


def test_a_reply_holds_the_text_tokens_and_cost_of_the_completion(store):
    """A reply has the returned text, model, finish reason and usage, priced by the table and by the reference."""
    with Endpoint([Answer(text="금리를 동결하였다.", completion_tokens=7)]) as endpoint:
        answered = ask([request_for("요약하라")], teacher_params(), store, endpoint.base_url)
    (reply,) = answered.replies
    prompt_tokens = SYSTEM_CHARS + 4
    assert (reply.text, reply.model, reply.finish_reason) == (
        "금리를 동결하였다.",
        "teacher-large-2024-07-18",
        "stop",
    )
    assert (reply.prompt_tokens, reply.completion_tokens) == (prompt_tokens, 7)
    assert reply.cost_usd == pytest.approx((prompt_tokens * 2.0 + 7 * 10.0) / 1e6)
    assert reply.reference_cost_usd == pytest.approx((prompt_tokens * 1.0 + 7 * 4.0) / 1e6)
    assert reply.key == request_for("요약하라").key
    assert answered.new_calls == 1


def test_the_request_on_the_wire_is_the_request(store):
    """Model, messages and decoding parameters go out as they are, with the key from the environment."""
    with Endpoint() as endpoint:
        ask([request_for("요약하라", seed=5)], teacher_params(), store, endpoint.base_url)
    (received,) = endpoint.received
    assert received.authorization == "Bearer sk-test"
    assert received.body == {
        "model": "teacher-large",
        "messages": [{"role": "system", "content": "한국어로 답합니다."}, {"role": "user", "content": "요약하라"}],
        "temperature": 0.3,
        "max_tokens": 50,
        "seed": 5,
    }


def test_a_response_schema_goes_out_as_a_strict_response_format(store):
    """A schema is sent as response_format json_schema, under a name without dots."""
    schema = {"type": "object", "properties": {"answer": {"type": "string"}}}
    with Endpoint() as endpoint:
        request = request_for("문제", recipe="multiple_choice.solve", response_schema=schema)
        ask([request], teacher_params(), store, endpoint.base_url)
    assert endpoint.received[0].body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "multiple_choice_solve", "schema": schema, "strict": True},
    }


def test_nobody_listens(store):
    """A refused connection is TeacherUnavailable, and the message names the address and what to check."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(TeacherUnavailable) as caught:
        ask([request_for("하나")], teacher_params(max_attempts=1), store, base_url)
    assert base_url in str(caught.value)
    assert "Is the server running?" in str(caught.value)
    assert "generate.teacher.base_url" in str(caught.value)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_refusal_is_asked_once_and_ends_the_run(store, status):
    """A refusal for good is not retried, and no further request is sent after it."""
    with Endpoint([Answer(status=status)]) as endpoint, pytest.raises(TeacherRefused, match=str(status)):
        ask([request_for(text) for text in "가나다"], teacher_params(), store, endpoint.base_url)
    assert endpoint.texts == ["가"]


def test_a_refused_key_names_its_parameter(store):
    """The message on a 401 names the parameter that says where the key comes from."""
    with Endpoint([Answer(status=401)]) as endpoint, pytest.raises(TeacherRefused, match="api_key_env"):
        ask([request_for("하나")], teacher_params(), store, endpoint.base_url)


@pytest.mark.parametrize("first", [Answer(status=429), Answer(status=503), HALF_A_REPLY, NOT_JSON])
def test_what_can_pass_is_tried_again(store, first):
    """After one rate limit, overload or broken reply the second attempt's reply counts."""
    with Endpoint([first, Answer(text="답")]) as endpoint:
        answered = ask([request_for("하나")], teacher_params(), store, endpoint.base_url)
    assert [reply.text for reply in answered.replies] == ["답"]
    assert len(endpoint.received) == 2


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_server_error_that_stays_is_unavailable_after_bounded_attempts(store, attempts):
    """A 500 is asked exactly max_attempts times, then TeacherUnavailable says to run again."""
    with Endpoint([Answer(status=500)]) as endpoint, pytest.raises(TeacherUnavailable, match=r"500.*run again"):
        ask([request_for("하나")], teacher_params(max_attempts=attempts), store, endpoint.base_url)
    assert len(endpoint.received) == attempts


@pytest.mark.parametrize(
    "broken",
    [HALF_A_REPLY, NOT_JSON, EMPTY_BODY, NO_COMPLETION, NO_USAGE, HTML, NO_TEXT, WRONG_TYPES, NULL_USAGE],
    ids=["half", "not_json", "empty", "no_completion", "no_usage", "html", "no_text", "wrong_types", "null_usage"],
)
def test_a_reply_that_is_none_is_malformed_after_bounded_attempts(store, broken):
    """A body that is no completion with text and usage is TeacherReplyMalformed after max_attempts, and not stored."""
    request = request_for("하나")
    with Endpoint([broken]) as endpoint, pytest.raises(TeacherReplyMalformed, match=endpoint.base_url):
        ask([request], teacher_params(), store, endpoint.base_url)
    assert len(endpoint.received) == 2
    assert store.get(request.key) is None


def test_an_answer_that_does_not_come_in_time_is_unavailable(store):
    """An answer later than timeout_seconds is TeacherUnavailable, and the message names that parameter."""
    with Endpoint([Answer(delay_seconds=2)]) as endpoint, pytest.raises(TeacherUnavailable, match="timeout_seconds"):
        ask([request_for("하나")], teacher_params(max_attempts=1, timeout_seconds=0.2), store, endpoint.base_url)


_CONNECTION = httpx2.Request("POST", "http://127.0.0.1/v1/chat/completions")
_COMPLETION = ChatCompletion.model_validate(
    {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": []}
)
# What the user can do about each: wait (Unavailable), change something (Refused), look at the endpoint (Malformed).
_EXPECTED = {
    "APIConnectionError": (TeacherUnavailable, ()),
    "APITimeoutError": (TeacherUnavailable, ()),
    "APIStatusError": (TeacherRefused, (402, 405, 413, 418)),
    "BadRequestError": (TeacherRefused, (400,)),
    "AuthenticationError": (TeacherRefused, (401,)),
    "OAuthError": (TeacherRefused, (401,)),
    "PermissionDeniedError": (TeacherRefused, (403,)),
    "NotFoundError": (TeacherRefused, (404,)),
    "ConflictError": (TeacherUnavailable, (409,)),
    "UnprocessableEntityError": (TeacherRefused, (422,)),
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
    for name, (expected, statuses) in _EXPECTED.items():
        for status in statuses or (200,):
            mapped = _mapped(_made(classes[name], status), "http://gpu-box/v1")
            assert type(mapped) is expected, (name, status, mapped)
            assert "http://gpu-box/v1" in str(mapped)


def test_an_endpoint_without_a_base_url_is_called_by_name():
    """With an empty base_url the message speaks of the OpenAI endpoint."""
    assert "the OpenAI endpoint" in str(_mapped(openai.APITimeoutError(_CONNECTION), ""))


def test_what_is_under_way_is_stored_when_another_call_fails(store):
    """At concurrency 4, one refusal ends the run, but the three calls under way arrive and are stored."""
    slow = Answer(delay_seconds=0.3)
    texts = ["느림1", "거절", "느림2", "느림3", "뒤1", "뒤2"]
    script = {"거절": [Answer(status=401)]} | {text: [slow] for text in texts if text != "거절"}
    with Endpoint(by_text=script) as endpoint, pytest.raises(TeacherRefused):
        ask([request_for(text) for text in texts], teacher_params(concurrency=4), store, endpoint.base_url)
    assert sorted(endpoint.texts) == ["거절", "느림1", "느림2", "느림3"]
    assert {text for text in texts if store.get(request_for(text).key)} == {"느림1", "느림2", "느림3"}


def test_calls_under_way_are_bounded_by_concurrency(store):
    """Never more than `concurrency` calls are under way, and that many are."""
    with Endpoint([Answer(delay_seconds=0.2)]) as endpoint:
        requests = [request_for(str(number)) for number in range(9)]
        ask(requests, teacher_params(concurrency=3), store, endpoint.base_url)
    assert endpoint.most_under_way == 3


def test_the_second_ask_sends_nothing(store):
    """What is stored is not asked again: the replies are the same, and no call is new."""
    requests = [request_for("하나"), request_for("둘")]
    with Endpoint() as endpoint:
        first = ask(requests, teacher_params(), store, endpoint.base_url)
        second = ask(requests, teacher_params(), store, endpoint.base_url)
    assert len(endpoint.received) == 2
    assert (first.new_calls, second.new_calls) == (2, 0)
    assert second.replies == first.replies


def test_replies_stand_in_the_order_of_the_requests_and_a_repeated_one_is_sent_once(store):
    """Replies match their requests whatever order they come in, and equal requests share one call."""
    by_text = {"느림": [Answer(text="느린 답", delay_seconds=0.2)], "빠름": [Answer(text="빠른 답")]}
    requests = [request_for("느림"), request_for("빠름"), request_for("느림", recipe="other")]
    with Endpoint(by_text=by_text) as endpoint:
        answered = ask(requests, teacher_params(concurrency=3), store, endpoint.base_url)
    assert [reply.text for reply in answered.replies] == ["느린 답", "빠른 답", "느린 답"]
    assert sorted(endpoint.texts) == ["느림", "빠름"]


@pytest.mark.parametrize("changes", [{"model": "unknown"}, {"reference_model": "unknown"}])
def test_an_unpriced_model_is_refused_before_any_request(store, changes):
    """A model without a price is refused with the name of the price table, and nothing is sent."""
    with Endpoint() as endpoint, pytest.raises(TeacherRefused, match=r"'unknown' has no price.*prices_usd_per_million"):
        ask([request_for("하나")], teacher_params(**changes), store, endpoint.base_url)
    assert endpoint.received == []


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_key_is_refused_before_any_request(store, monkeypatch, value):
    """Without a key in the named environment variable nothing is sent, and the message names the variable."""
    monkeypatch.delenv(KEY_VARIABLE)
    if value is not None:
        monkeypatch.setenv(KEY_VARIABLE, value)
    with Endpoint() as endpoint, pytest.raises(TeacherRefused, match=f"{KEY_VARIABLE}.*api_key_env"):
        ask([request_for("하나")], teacher_params(), store, endpoint.base_url)
    assert endpoint.received == []


def test_a_local_teacher_is_free_but_has_a_reference_cost(store, monkeypatch):
    """The local provider needs no key and no price and no budget; its calls cost 0 and show the reference's price."""
    monkeypatch.delenv(KEY_VARIABLE)
    params = teacher_params(provider="local", model="tiny", budget_usd=0)
    with Endpoint([Answer(completion_tokens=20)]) as endpoint:
        (reply,) = ask([request_for("하나", model="tiny")], params, store, endpoint.base_url).replies
    assert reply.cost_usd == 0
    assert reply.reference_cost_usd == pytest.approx(((SYSTEM_CHARS + 2) * 1.0 + 20 * 4.0) / 1e6)


def test_a_call_that_could_pass_the_budget_is_not_sent(store):
    """With less budget than the first call's worst case, nothing is sent and the message names the parameter."""
    with Endpoint() as endpoint:
        with pytest.raises(BudgetExceeded, match=r"generate\.teacher\.budget_usd"):
            ask([request_for("하나")], teacher_params(budget_usd=WORST_USD * 0.999), store, endpoint.base_url)
        assert endpoint.received == []
        ask([request_for("하나")], teacher_params(budget_usd=WORST_USD * 1.001), store, endpoint.base_url)
    assert len(endpoint.received) == 1


@pytest.mark.parametrize("seed", range(6))
def test_the_budget_is_never_passed_and_the_run_goes_on_from_there(store, seed):
    """At any concurrency what the endpoint bills stays within the budget; every billed reply is stored and kept."""
    chance = random.Random(seed)
    texts = ["문" * chance.randint(1, 80) + str(number) for number in range(12)]
    by_text = {text: [Answer(completion_tokens=chance.randint(1, 50))] for text in texts}
    prices = {
        "teacher-large": Price(input=chance.uniform(0.1, 30), output=chance.uniform(0.1, 60)),
        "teacher-reference": Price(input=1, output=1),
    }
    requests = [request_for(text) for text in texts]

    def billed(endpoint):
        price = prices["teacher-large"]
        return sum(prompt * price.input + reply * price.output for prompt, reply in endpoint.usage_sent) / 1e6

    all_of_it = (
        sum(
            (SYSTEM_CHARS + len(text)) * prices["teacher-large"].input
            + by_text[text][0].completion_tokens * prices["teacher-large"].output
            for text in texts
        )
        / 1e6
    )
    limit = all_of_it * chance.uniform(0.2, 0.9)
    params = {"concurrency": chance.randint(2, 6), "prices_usd_per_million_tokens": prices}
    with Endpoint(by_text=by_text) as endpoint:
        with pytest.raises(BudgetExceeded):
            ask(requests, teacher_params(budget_usd=limit, **params), store, endpoint.base_url)
        assert billed(endpoint) <= limit
        kept = {text for text in texts if store.get(request_for(text).key)}
        assert kept == set(endpoint.texts)
        answered = ask(requests, teacher_params(budget_usd=100, **params), store, endpoint.base_url)
    assert answered.new_calls == len(texts) - len(kept)
    assert sorted(endpoint.texts) == sorted(texts)
    assert sum(reply.cost_usd for reply in answered.replies) == pytest.approx(billed(endpoint))
    assert billed(endpoint) == pytest.approx(all_of_it)


def test_an_attempt_without_a_usable_reply_counts_as_spent(store):
    """A reply without usage may have been billed, so the budget takes its worst case before another attempt."""
    with Endpoint([NO_USAGE, GOOD]) as endpoint, pytest.raises(BudgetExceeded):
        ask([request_for("하나")], teacher_params(budget_usd=WORST_USD * 1.5), store, endpoint.base_url)
    assert len(endpoint.received) == 1


def test_an_attempt_that_was_turned_away_costs_nothing(store):
    """A rate limit is not billed, so a budget for one call bears the second attempt."""
    with Endpoint([Answer(status=429), GOOD]) as endpoint:
        answered = ask([request_for("하나")], teacher_params(budget_usd=WORST_USD * 1.001), store, endpoint.base_url)
    assert answered.new_calls == 1


@pytest.mark.parametrize(
    "change",
    [
        {"model": "other"},
        {"messages": (("user", "하나"),)},
        {"messages": (("system", "한국어로 답합니다."), ("user", "하나 "))},
        {"temperature": 0.31},
        {"max_tokens": 51},
        {"seed": 2},
        {"response_schema": {"type": "object"}},
    ],
)
def test_what_decides_the_reply_changes_the_key(change):
    """Model, messages, temperature, max_tokens, seed and schema each change the request key."""
    assert request_for("하나", **change).key != request_for("하나").key


@pytest.mark.parametrize("change", [{"recipe": "other"}, {"sources": ("f" * 16,)}, {"prompt_sha256": "b" * 64}])
def test_book_keeping_leaves_the_key_alone(change):
    """Recipe, sources and prompt hash do not change the request key."""
    assert request_for("하나", **change).key == request_for("하나").key
