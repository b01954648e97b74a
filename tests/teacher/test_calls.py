"""One call against a real endpoint: tried again where that helps, within limits and budget, and stored."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from finsmith.core.errors import BudgetExceeded, TeacherRefused, TeacherReplyMalformed, TeacherUnavailable
from finsmith.teacher.teacher import Teachers

from .asking import WORST_USD, ask, ask_texts, caps, price_params, request_for, teacher_params, teachers_at
from .endpoint import GOOD, HALF_A_REPLY, NO_USAGE, NOT_JSON, Answer, Endpoint


def gap(endpoint, first, second):
    """The seconds between the arrivals of two requests."""
    return endpoint.received[second].at - endpoint.received[first].at


@pytest.mark.parametrize("first", [Answer(status=429), Answer(status=503), HALF_A_REPLY, NOT_JSON])
def test_what_can_pass_is_tried_again(store, first):
    """After one rate limit, overload or broken reply the second attempt's reply counts, and is the one stored."""
    with Endpoint([first, Answer(text="답")]) as endpoint, teachers_at(endpoint.base_url, store) as teachers:
        (reply,) = ask_texts(teachers, "하나")
    assert reply.text == "답"
    assert len(endpoint.received) == 2
    assert store.get(reply.key) == reply


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_for_good_is_asked_once_and_ends_the_run(store, status):
    """What waiting cannot mend is not retried, and no further request is sent after it."""
    with (
        Endpoint([Answer(status=status)]) as endpoint,
        teachers_at(endpoint.base_url, store) as teachers,
        pytest.raises(TeacherRefused, match=str(status)),
    ):
        ask_texts(teachers, *"가나다")
    assert endpoint.texts == ["가"]


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_server_error_that_stays_is_unavailable_after_bounded_attempts(store, attempts):
    """A 500 is asked exactly max_attempts times, then TeacherUnavailable says to run again."""
    with (
        Endpoint([Answer(status=500)]) as endpoint,
        teachers_at(endpoint.base_url, store, max_attempts=attempts) as teachers,
        pytest.raises(TeacherUnavailable, match=r"500.*run again"),
    ):
        ask_texts(teachers, "하나")
    assert len(endpoint.received) == attempts


def test_a_broken_reply_that_stays_is_malformed_after_bounded_attempts_and_not_stored(store):
    """A body that is no completion is asked max_attempts times, then TeacherReplyMalformed; the store stays empty."""
    with (
        Endpoint([NOT_JSON]) as endpoint,
        teachers_at(endpoint.base_url, store) as teachers,
        pytest.raises(TeacherReplyMalformed, match=endpoint.base_url),
    ):
        ask_texts(teachers, "하나")
    assert len(endpoint.received) == 2
    assert store.get(request_for("하나").key) is None


def test_a_call_that_stalls_is_tried_again_and_costs_its_worst_case(store):
    """A server that trickles bytes for ever is given up after timeout_seconds, asked again, and counted as billed."""
    with (
        Endpoint([Answer(trickle=True), Answer(text="답")]) as endpoint,
        teachers_at(endpoint.base_url, store, timeout_seconds=0.4) as teachers,
    ):
        (reply,) = ask_texts(teachers, "하나")
        assert reply.text == "답"
        assert teachers.budget.spent_usd == pytest.approx(WORST_USD + reply.cost_usd)
        assert teachers.accounts()["usd_lost"] == pytest.approx(WORST_USD)
    assert 0.4 < gap(endpoint, 0, 1) < 5


def test_a_request_the_endpoint_will_not_take_is_a_reply_that_says_so_and_is_not_stored(store):
    """A 400 is a reply with finish_reason "refused": free, sent once, not stored, not in the ledger; others go on."""
    script = {"너무 긴 글": [Answer(status=400)]}
    with Endpoint(by_text=script) as endpoint, teachers_at(endpoint.base_url, store) as teachers:
        replies = ask_texts(teachers, "하나", "너무 긴 글", "둘")
        assert [reply.finish_reason for reply in replies] == ["stop", "refused", "stop"]
        assert "status 400" in replies[1].text
        assert (replies[1].cost_usd, replies[1].key) == (0, request_for("너무 긴 글").key)
        assert store.get(replies[1].key) is None
        assert [entry.request_key for entry in teachers.ledger()] == sorted([replies[0].key, replies[2].key])
        assert teachers.accounts()["usd_lost"] == 0
        assert teachers.budget.spent_usd == pytest.approx(replies[0].cost_usd + replies[2].cost_usd)
    assert endpoint.texts == ["하나", "너무 긴 글", "둘"]


def test_an_answer_without_text_is_stored(store):
    """A content filter's empty answer was paid: it is a reply, is stored, and is not asked again."""
    filtered = b'{"choices": [{"message": {"content": null}, "finish_reason": "content_filter"}],'
    filtered += b' "usage": {"prompt_tokens": 1, "completion_tokens": 0}}'
    with Endpoint([Answer(body=filtered)]) as endpoint, teachers_at(endpoint.base_url, store) as teachers:
        (reply,) = ask_texts(teachers, "하나")
        assert (reply.text, reply.finish_reason) == ("", "content_filter")
        assert store.get(reply.key) == reply
        ask_texts(teachers, "하나")
    assert len(endpoint.received) == 1


def test_an_attempt_without_a_usable_reply_counts_as_spent(store):
    """A reply without usage may have been billed, so the budget takes its worst case before another attempt."""
    with (
        Endpoint([NO_USAGE, GOOD]) as endpoint,
        teachers_at(endpoint.base_url, store, caps(stage_usd=WORST_USD * 1.5)) as teachers,
        pytest.raises(BudgetExceeded),
    ):
        ask_texts(teachers, "하나")
    assert len(endpoint.received) == 1


def test_an_attempt_that_was_turned_away_costs_nothing_but_a_call(store):
    """A rate limit is not billed: the money for one call bears the second attempt; of the calls it takes one."""
    with (
        Endpoint([Answer(status=429), GOOD]) as endpoint,
        teachers_at(endpoint.base_url, store, caps(stage_usd=WORST_USD * 1.001)) as teachers,
    ):
        ask_texts(teachers, "하나")
        assert teachers.budget.calls == 2
        assert teachers.accounts()["calls_sent_now"] == 1
    assert len(endpoint.received) == 2


def test_a_full_minute_delays_the_next_call(store):
    """Where an answer says that 0 requests are left for 400 ms, the next call comes no sooner."""
    full = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "400ms"}
    with Endpoint([Answer(headers=full), GOOD]) as endpoint, teachers_at(endpoint.base_url, store) as teachers:
        ask_texts(teachers, "하나", "둘", "셋")
    assert 0.4 <= gap(endpoint, 0, 1) < 5
    assert gap(endpoint, 0, 2) < 5


def test_a_refusal_tells_its_limits_as_an_answer_does(store):
    """The headers of a 400 are followed as well: where they say that nothing is left for 400 ms, nothing is sent."""
    full = {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "400ms"}
    with (
        Endpoint([Answer(status=400, headers=full), GOOD]) as endpoint,
        teachers_at(endpoint.base_url, store) as teachers,
    ):
        ask_texts(teachers, "하나", "둘")
    assert 0.4 <= gap(endpoint, 0, 1) < 5


@pytest.mark.parametrize("headers", [{"retry-after": "1"}, {"retry-after-ms": "1000"}])
def test_a_refusal_holds_every_call_of_its_teacher_for_as_long_as_it_asks(store, headers):
    """After a 429 with retry-after 1 s no other call is sent within that second, though it was not refused."""
    held = {"하나": [Answer(status=429, headers=headers), GOOD], "둘": [Answer(delay_seconds=0.3)]}
    with Endpoint(by_text=held) as endpoint, teachers_at(endpoint.base_url, store, concurrency=2) as teachers:
        assert len(ask_texts(teachers, "하나", "둘", "셋", "넷")) == 4
    assert sorted(endpoint.texts[:2]) == ["둘", "하나"]
    refused = endpoint.texts.index("하나")
    assert all(gap(endpoint, refused, later) >= 1.0 for later in range(2, 5))


def test_a_refusal_of_one_teacher_does_not_hold_another(store):
    """The hold is the endpoint's own: a call of another teacher goes out meanwhile."""
    busy = {"하나": [Answer(status=429, headers={"retry-after": "2"}), GOOD]}
    with Endpoint(by_text=busy) as one, Endpoint() as other:
        params = {"busy": teacher_params(base_url=one.base_url), "free": teacher_params(base_url=other.base_url)}
        with Teachers(params, price_params(), caps(), store, "generate") as teachers:
            texts = [request_for("하나", teacher="busy")]
            texts += [request_for(text, teacher="free") for text in "둘셋넷"]
            ask(teachers, texts)
    assert other.received[2].at - one.received[0].at < 2 <= gap(one, 0, 1)


def sent_by_a_process(endpoint, tmp_path, expected, **options):
    """What a process that may have 5 calls under way has sent a second after so many; it is then killed."""
    command = [sys.executable, str(Path(__file__).with_name("asking.py")), str(tmp_path / "x.sqlite")]
    command += [endpoint.base_url, json.dumps({"concurrency": 5} | options), *"가나다라마"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            endpoint.wait_until_received(expected)
            time.sleep(1)
        finally:
            process.kill()
    return len(endpoint.received)


def test_requests_per_minute_are_kept(tmp_path):
    """With 3 requests a minute, and answers at once, the fourth is not sent a second later."""
    with Endpoint() as endpoint:
        assert sent_by_a_process(endpoint, tmp_path, 3, requests_per_minute=3) == 3


def test_tokens_per_minute_are_kept_by_prompt_and_longest_reply(tmp_path):
    """A call of 26 + 3 + 32 bytes is taken for 30 tokens of prompt and 50 of reply: of 200 a minute, two."""
    with Endpoint() as endpoint:
        assert sent_by_a_process(endpoint, tmp_path, 2, tokens_per_minute=200) == 2


def test_a_lower_limit_that_the_server_tells_is_kept(tmp_path):
    """A server that says 2 requests a minute in its first answer gets the second, and no third a second later."""
    with Endpoint([Answer(headers={"x-ratelimit-limit-requests": "2"})]) as endpoint:
        assert sent_by_a_process(endpoint, tmp_path, 2, concurrency=1, requests_per_minute=100) == 2
