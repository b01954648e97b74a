"""Limits per minute by their arithmetic, and what a server's headers say of them."""

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsmith.core.errors import TeacherUnavailable
from finsmith.teacher.rate_limits import RateLimits, Window, retry_after, seconds


def test_the_call_after_the_limit_waits_until_the_first_is_a_minute_old():
    """With 3 a minute, sent at 0, 10 and 20 s, the fourth asked at 25 s goes at 60 and the fifth at 70 s."""
    window = Window(3)
    for at in (0, 10, 20):
        assert window.wait_seconds(1, at) == 0
        window.add(1, at)
    assert window.wait_seconds(1, 25) == 35
    window.add(1, 60)
    assert window.wait_seconds(1, 60) == 10


def test_tokens_wait_for_as_much_as_they_need():
    """With 100 tokens a minute, 60 and 30 sent at 0 and 10 s: 10 more go at once, 11 at 60 s, 71 at 70 s."""
    window = Window(100)
    window.add(60, 0)
    window.add(30, 10)
    assert [window.wait_seconds(amount, 20) for amount in (10, 11, 70, 71)] == [0, 40, 40, 50]


def test_what_is_over_the_limit_by_itself_waits_for_an_empty_minute():
    """150 tokens under a limit of 100 go when nothing else went for a minute, and block the next minute."""
    window = Window(100)
    window.add(1, 0)
    assert window.wait_seconds(150, 10) == 50
    window.add(150, 60)
    assert window.wait_seconds(1, 61) == 59


def test_zero_is_no_limit():
    """Without a limit nothing waits."""
    window = Window(0)
    for _ in range(1000):
        window.add(10**6, 0)
    assert window.wait_seconds(10**6, 0) == 0


def test_a_limit_that_comes_later_counts_what_went_before():
    """A limit taken over from a server counts what was sent in the minute before it was known."""
    window = Window(0)
    for at in (0, 1, 2):
        window.add(1, at)
    window.limit = 3
    assert window.wait_seconds(1, 10) == 50


@given(
    limit=st.integers(1, 50),
    calls=st.lists(st.tuples(st.integers(0, 40), st.integers(1, 50)), max_size=40),
)
def test_no_minute_has_more_than_the_limit_and_no_call_waits_longer_than_it_must(limit, calls):
    """Whatever comes when, no 60 s that begin anywhere hold more than the limit, and a second earlier would have."""
    window, now, sent = Window(limit), 0, []
    for gap, amount in calls:
        amount = min(amount, limit)
        now += gap
        wait = window.wait_seconds(amount, now)
        assert wait == int(wait) >= 0
        if wait:
            assert sum(a for at, a in sent if now + wait - 1 - 60 < at) + amount > limit
        now += int(wait)
        window.add(amount, now)
        sent.append((now, amount))
    for begin, _ in sent:
        assert sum(amount for at, amount in sent if begin <= at < begin + 60) <= limit


def admitted(limits, *tokens, within=0.3):
    """Which of the calls, asked at once, went out in that time; in the order in which they went."""
    went = []

    async def call(amount):
        await limits.admit(amount)
        went.append(amount)

    async def asked():
        tasks = [asyncio.create_task(call(amount)) for amount in tokens]
        await asyncio.sleep(within)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(asked())
    return went


def test_requests_and_tokens_are_both_limited():
    """2 requests a minute let 2 of 3 out; 100 tokens a minute let 60 and 40 out, and no more."""
    assert admitted(RateLimits(2, 0), 1, 1, 1) == [1, 1]
    assert admitted(RateLimits(0, 100), 60, 40, 1) == [60, 40]
    assert admitted(RateLimits(0, 0), 60, 40, 1) == [60, 40, 1]


def test_first_come_is_first_served():
    """A small call does not slip past a large one that waits: large ones come through as well."""
    assert admitted(RateLimits(0, 100), 60, 50, 10) == [60]


def test_a_hold_stops_every_call_for_its_time():
    """After a hold of 0.4 s two calls go out 0.4 s later and not before; a shorter hold after it changes nothing."""
    limits = RateLimits(0, 0)

    async def asked():
        began = time.monotonic()
        limits.hold(0.4)
        limits.hold(0.1)
        await asyncio.gather(limits.admit(1), limits.admit(1))
        return time.monotonic() - began

    assert 0.4 - 0.01 <= asyncio.run(asked()) < 5


def test_a_call_that_waits_at_the_limit_sees_a_hold_that_comes_meanwhile():
    """A refusal while a call waits for its turn holds that call as well."""
    limits = RateLimits(0, 0)
    limits.hold(0.2)

    async def asked():
        began = time.monotonic()
        waiting = asyncio.create_task(limits.admit(1))
        await asyncio.sleep(0.1)
        limits.hold(0.4)
        await waiting
        return time.monotonic() - began

    assert asyncio.run(asked()) >= 0.5 - 0.01


def test_a_server_that_asks_for_hours_is_unavailable():
    """A wait of more than ten minutes is not sat out: the error says how long it is."""
    limits = RateLimits(0, 0)
    limits.hold(7200)
    with pytest.raises(TeacherUnavailable, match=r"7,[12]\d\d seconds.*run again"):
        asyncio.run(limits.admit(1))


def headers(**values):
    return {f"x-ratelimit-{name.replace('_', '-')}": value for name, value in values.items()}


def test_a_lower_limit_of_the_server_is_taken_over():
    """Of 5 requests a minute ours and 2 theirs, 2 count; a higher one, none, 0 and rubbish change nothing."""
    for told, expected in (("2", 2), ("9", 5), ("0", 5), ("many", 5), ("-1", 5), ("", 5)):
        limits = RateLimits(5, 0)
        limits.observe(headers(limit_requests=told))
        assert len(admitted(limits, *[1] * 6)) == expected, told


def test_a_limit_of_the_server_counts_where_we_have_none():
    """Without a limit of ours, 100 tokens a minute from the server let 60 and 40 out and no more."""
    limits = RateLimits(0, 0)
    limits.observe(headers(limit_tokens="100"))
    assert admitted(limits, 60, 40, 1) == [60, 40]


@pytest.mark.parametrize("kind", ["requests", "tokens"])
@pytest.mark.parametrize(("left", "held"), [("0", True), ("-3", True), ("1", False), ("unlimited", False), ("", False)])
def test_nothing_goes_out_where_nothing_is_left(kind, left, held):
    """Where a server says that 0 are left until 10 s later nothing goes before; where some are left, it does."""
    limits = RateLimits(0, 0)
    limits.observe(headers(**{f"remaining_{kind}": left, f"reset_{kind}": "10s"}))
    assert admitted(limits, 1, within=0.1) == ([] if held else [1])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1s", 1),
        ("6m0s", 360),
        ("20ms", 0.02),
        ("1h2m3.5s", 3723.5),
        ("1m59.056s", 119.056),
        ("2d", 172800),
        ("0s", 0),
        ("7", 7),
        ("0.5", 0.5),
        ("", 0),
        ("soon", 0),
    ],
)
def test_durations_are_read_as_servers_write_them(written, expected):
    """Units may follow each other, a bare number is seconds, what is no duration is none."""
    assert seconds(written) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "12.5", "retry-after": "9"}, 0.0125),
        ({"retry-after-ms": "x", "retry-after": "9"}, 9.0),
        ({"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT"}, None),
        ({}, None),
    ],
)
def test_how_long_a_refusal_asks_to_wait(told, expected):
    """Milliseconds go before seconds; a date and rubbish ask for nothing."""
    assert retry_after(told) == pytest.approx(expected)
