"""The line on the terminal: what tqdm prints while a real endpoint is asked."""

import re

import pytest

from .asking import ask_texts, request_for, talk, teachers_at
from .endpoint import Answer, Endpoint

SLOW = [Answer(delay_seconds=0.15)]
_LINE = re.compile(
    r"asking the teacher:\s+\d+%\|.*\| (?P<done>\d+)/(?P<total>\d+) \[(?P<since>[\d:]+)<(?P<left>[\d:?]+), +"
    r"(?P<rate>[\d.?]+)(?:call/s|s/call), (?P<usd>[\d.]+) USD so far, (?P<in_the_end>[\d.]+) in the end"
    r"(?P<stored>, \d+ answers were stored)?\]"
)


def lines(printed):
    """The states of the line that tell of money, in the order in which they were printed."""
    return [match.groupdict() for part in re.split(r"[\r\n]", printed) if (match := _LINE.search(part))]


def test_the_line_tells_calls_rate_time_left_and_money(store, capsys):
    """Half-way the line has done and all, a rate, a time left, the USD so far and twice that in the end."""
    with Endpoint(SLOW) as endpoint, teachers_at(endpoint.base_url, store) as teachers:
        teachers.expected_calls = 4
        replies = teachers.converse([talk(request_for(text)) for text in "가나다라"])
    each = replies[0][0].cost_usd
    printed = lines(capsys.readouterr().err)
    half = next(line for line in printed if line["done"] == "2")
    assert half["total"] == "4"
    assert float(half["usd"]) == pytest.approx(2 * each, abs=5e-5)
    assert float(half["in_the_end"]) == pytest.approx(4 * each, abs=5e-5)
    assert re.fullmatch(r"00:0\d", half["left"])
    assert float(half["rate"]) > 0
    assert (printed[-1]["done"], printed[-1]["total"]) == ("4", "4")
    assert float(printed[-1]["usd"]) == float(printed[-1]["in_the_end"]) == pytest.approx(4 * each, abs=5e-5)


def test_what_is_under_way_is_not_money_spent(store, capsys):
    """With 4 calls out at once the first line tells what one did cost, not what the other three could."""
    slow = {text: [Answer(delay_seconds=0.15 * (1 + at), completion_tokens=50)] for at, text in enumerate("가나다라")}
    with Endpoint(by_text=slow) as endpoint, teachers_at(endpoint.base_url, store, concurrency=4) as teachers:
        (reply, *_) = ask_texts(teachers, *"가나다라")
    first = lines(capsys.readouterr().err)[0]
    assert first["done"] == "1"
    assert float(first["usd"]) == pytest.approx(reply.cost_usd, abs=5e-5)


def test_stored_answers_are_no_calls(store, capsys):
    """Of 5 that were expected 3 are stored: the line counts 2 calls in all, and says how many were stored."""
    with Endpoint(SLOW) as endpoint:
        with teachers_at(endpoint.base_url, store) as teachers:
            ask_texts(teachers, *"가나다")
        capsys.readouterr()
        with teachers_at(endpoint.base_url, store) as teachers:
            teachers.expected_calls = 5
            teachers.converse([talk(request_for(text)) for text in "가나다라마"])
    last = lines(capsys.readouterr().err)[-1]
    assert (last["done"], last["total"], last["stored"]) == ("2", "2", ", 3 answers were stored")


def test_a_request_asked_twice_is_one_call(store, capsys):
    """Of 4 that were expected two are the same: the line ends at 3 of 3."""
    with Endpoint(SLOW) as endpoint, teachers_at(endpoint.base_url, store) as teachers:
        teachers.expected_calls = 4
        teachers.converse([talk(request_for(text)) for text in "가나가다"])
    last = lines(capsys.readouterr().err)[-1]
    assert (last["done"], last["total"]) == ("3", "3")


def test_more_calls_than_were_expected_count_as_they_come(store, capsys):
    """With 1 expected of 3, the line never tells more done than there are in all, and ends at 3 of 3."""
    with Endpoint(SLOW) as endpoint, teachers_at(endpoint.base_url, store) as teachers:
        teachers.expected_calls = 1
        teachers.converse([talk(request_for(text)) for text in "가나다"])
    printed = lines(capsys.readouterr().err)
    assert all(int(line["done"]) <= int(line["total"]) for line in printed)
    assert (printed[-1]["done"], printed[-1]["total"]) == ("3", "3")


def test_the_line_is_ended_with_its_last_state(store, capsys):
    """However fast the last replies come, what is left on the terminal is all of them, and the cursor is below it."""
    with Endpoint() as endpoint, teachers_at(endpoint.base_url, store, concurrency=3) as teachers:
        ask_texts(teachers, *"가나다라마")
        printed = capsys.readouterr().err
    assert lines(printed)[-1]["done"] == "5"
    assert printed.endswith("\n")


def test_nothing_to_send_prints_nothing(store, capsys):
    """Where every reply is stored there is no line."""
    with Endpoint() as endpoint, teachers_at(endpoint.base_url, store) as teachers:
        ask_texts(teachers, "하나")
        capsys.readouterr()
        ask_texts(teachers, "하나")
    assert capsys.readouterr().err == ""
