"""The teacher as a stage uses it: its accounts, across kill -9 and beside another process."""

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from finsmith.teacher.client import ask
from finsmith.teacher.store import ResponseStore
from finsmith.teacher.teacher import Teacher, open_teacher

from .asking import request_for, teacher_params
from .endpoint import GOOD, Answer, Endpoint

ASKING = Path(__file__).with_name("asking.py")


def start_asking(store_path, base_url, concurrency, texts):
    """A process that asks."""
    command = [sys.executable, str(ASKING), str(store_path), base_url, str(concurrency), *texts]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def calls_of(teacher, texts):
    requests = [request_for(text) for text in texts]
    return list(zip(requests, teacher.ask(requests), strict=True))


def test_accounts_tell_new_from_total(store):
    """New is what no finished run has claimed; total is everything the data rests on; money follows both."""
    with Endpoint([Answer(completion_tokens=7)]) as endpoint:
        params = teacher_params(base_url=endpoint.base_url)
        teacher = Teacher(params, store)
        calls = calls_of(teacher, ["하나", "둘둘"])
        assert teacher.accounts(calls) == {
            "calls_new": 2,
            "calls_sent_now": 2,
            "calls_total": 2,
            "prompt_tokens": 24,  # twice the system message, and 2 of each question
            "completion_tokens": 14,
            "usd_new": pytest.approx((24 * 2.0 + 14 * 10.0) / 1e6),
            "usd_total": pytest.approx((24 * 2.0 + 14 * 10.0) / 1e6),
            "usd_at_reference_price": pytest.approx((24 * 1.0 + 14 * 4.0) / 1e6),
            "reference_model": "teacher-reference",
        }
        teacher.claim(calls)
        later = Teacher(params, store)
        accounts = later.accounts(calls_of(later, ["하나", "둘둘", "셋셋"]))
    assert (accounts["calls_new"], accounts["calls_sent_now"], accounts["calls_total"]) == (1, 1, 3)
    assert accounts["usd_new"] == pytest.approx((12 * 2.0 + 7 * 10.0) / 1e6)
    assert accounts["usd_total"] == pytest.approx((36 * 2.0 + 21 * 10.0) / 1e6)


def test_the_ledger_has_one_entry_per_call_sorted_by_key(store):
    """Two recipes that share a call give one entry; entries are sorted by request key and hold the reply's numbers."""
    with Endpoint() as endpoint:
        teacher = Teacher(teacher_params(base_url=endpoint.base_url), store)
        calls = calls_of(teacher, ["하나", "둘", "셋", "하나"])
    ledger = teacher.ledger(calls)
    assert [entry.request_key for entry in ledger] == sorted({request.key for request, _ in calls})
    assert len(ledger) == 3
    entry = next(entry for entry in ledger if entry.request_key == request_for("셋").key)
    assert (entry.recipe, entry.finish_reason, entry.completion_tokens) == ("summary", "stop", 7)


def test_a_local_teacher_with_stored_replies_costs_nothing_and_starts_nothing(store):
    """With every reply stored the embedded server is not started; the accounts say 0 USD and a reference above 0."""
    local = teacher_params(provider="local", model="no-such-embedded-model")
    with Endpoint() as endpoint:  # stands for the embedded server, whose replies these are
        hosted = Teacher(teacher_params(base_url=endpoint.base_url), store)
        assert hosted.accounts(calls_of(hosted, ["유료"]))["usd_total"] > 0
        ask([request_for("하나")], local, store, endpoint.base_url)
    teacher = Teacher(local, store)
    accounts = teacher.accounts(calls_of(teacher, ["하나"]))
    assert (accounts["calls_sent_now"], accounts["calls_new"]) == (0, 1)
    assert (accounts["usd_new"], accounts["usd_total"]) == (0, 0)
    assert accounts["usd_at_reference_price"] == pytest.approx((12 * 1.0 + 7 * 4.0) / 1e6)


def test_nothing_to_ask_is_no_call(store):
    """Without requests nothing is started and the accounts are all zero."""
    teacher = Teacher(teacher_params(provider="local", model="no-such-embedded-model"), store)
    assert teacher.ask([]) == []
    accounts = teacher.accounts([])
    assert {value for key, value in accounts.items() if key != "reference_model"} == {0}


def test_the_store_of_the_repository_is_used(tmp_path, monkeypatch):
    """open_teacher keeps its replies in the state folder, where a second one finds them."""
    monkeypatch.setenv("FINSMITH_STATE", str(tmp_path))
    with Endpoint() as endpoint:
        params = teacher_params(base_url=endpoint.base_url)
        for _ in range(2):
            with open_teacher(params) as teacher:
                teacher.ask([request_for("하나")])
    assert endpoint.texts == ["하나"]
    assert (tmp_path / "responses" / "responses.sqlite").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="kills by SIGKILL")
def test_after_kill_9_only_what_is_unanswered_is_asked_and_all_of_it_counts_as_new(tmp_path):
    """Replies that came before kill -9 are neither asked nor lost; the run that goes on counts them as new, once."""
    texts = ["하나", "둘", "셋", "넷", "다섯", "여섯"]
    killed = threading.Event()
    held = [Answer(wait_for=killed), GOOD]  # held back the first time only
    path = tmp_path / "responses.sqlite"
    with Endpoint(by_text={"넷": held, "다섯": held}) as endpoint:
        process = start_asking(path, endpoint.base_url, 2, texts)
        endpoint.wait_until_received(5)  # both slots wait, so the first three are answered and stored
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        killed.set()
        assert sorted(endpoint.texts) == sorted(texts[:5])

        params = teacher_params(base_url=endpoint.base_url)
        with ResponseStore(path) as store:
            teacher = Teacher(params, store)
            calls = calls_of(teacher, texts)
            assert endpoint.texts[5:] == ["넷", "다섯", "여섯"]
            accounts = teacher.accounts(calls)
            assert (accounts["calls_sent_now"], accounts["calls_new"], accounts["calls_total"]) == (3, 6, 6)
            assert accounts["usd_new"] == accounts["usd_total"] > 0
            teacher.claim(calls)
            again = Teacher(params, store)
            accounts = again.accounts(calls_of(again, texts))
            assert (accounts["calls_sent_now"], accounts["calls_new"], accounts["calls_total"]) == (0, 0, 6)
            assert accounts["usd_new"] == 0 < accounts["usd_total"]
    assert len(endpoint.received) == 8


def test_two_processes_on_one_store_lose_nothing_and_go_on_with_the_same_replies(tmp_path):
    """Where both ask the same at the same moment, both end with the one reply that is stored; the rest is all kept."""
    path, both_asked = tmp_path / "responses.sqlite", threading.Event()
    own = [[f"{name}{number}" for number in range(8)] for name in "가나"]
    with Endpoint(by_text={"같은 질문": [Answer(wait_for=both_asked)]}) as endpoint:
        processes = [start_asking(path, endpoint.base_url, 2, ["같은 질문", *texts]) for texts in own]
        endpoint.wait_until_received(18)  # everything has been sent, the shared question by both
        both_asked.set()
        outputs = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], [error for _, error in outputs]
    assert sorted(endpoint.texts) == sorted(["같은 질문"] * 2 + own[0] + own[1])
    with ResponseStore(path) as store:
        for texts, (output, _) in zip(own, outputs, strict=True):
            stored = [store.get(request_for(text).key).text for text in ["같은 질문", *texts]]
            assert json.loads(output) == stored
