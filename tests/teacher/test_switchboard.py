"""Each request once: stored, shared or sent, in the slots of its teacher, against a real endpoint."""

import threading

import pytest

from finsmith.core.errors import BudgetExceeded, TeacherRefused, TeacherUnavailable
from finsmith.teacher.teacher import Teachers

from .asking import ask, ask_texts, caps, price_params, request_for, talk, teacher_params, teachers_at
from .endpoint import GOOD, Answer, Endpoint


def test_the_second_asking_sends_nothing(store):
    """What is stored is not asked again: the replies are the same, and no call is new."""
    with Endpoint() as endpoint:
        with teachers_at(endpoint.base_url, store) as teachers:
            first = ask_texts(teachers, "하나", "둘")
            assert teachers.accounts()["calls_sent_now"] == 2
        with teachers_at(endpoint.base_url, store) as teachers:
            assert ask_texts(teachers, "하나", "둘") == first
            assert teachers.accounts()["calls_sent_now"] == 0
    assert len(endpoint.received) == 2


def test_replies_stand_in_the_order_of_the_requests_and_a_repeated_one_is_sent_once(store):
    """Replies match their requests whatever order they come in; equal requests share one call, under way or done."""
    by_text = {"느림": [Answer(text="느린 답", delay_seconds=0.2)], "빠름": [Answer(text="빠른 답")]}
    requests = [request_for("느림"), request_for("빠름"), request_for("느림", recipe="other"), request_for("빠름")]
    with Endpoint(by_text=by_text) as endpoint, teachers_at(endpoint.base_url, store, concurrency=3) as teachers:
        replies = ask(teachers, requests)
        ((reply, again),) = teachers.converse([talk(request_for("함께"), request_for("함께"))])
    assert [reply.text for reply in replies] == ["느린 답", "빠른 답", "느린 답", "빠른 답"]
    assert reply == again
    assert sorted(endpoint.texts) == ["느림", "빠름", "함께"]


def test_a_shared_call_that_fails_fails_for_all_who_asked(store):
    """Two dialogues that wait for one call both end with its error, and it is not sent a second time."""
    with (
        Endpoint([Answer(status=404, delay_seconds=0.1)]) as endpoint,
        teachers_at(endpoint.base_url, store, concurrency=3) as teachers,
        pytest.raises(TeacherRefused),
    ):
        ask_texts(teachers, "하나", "하나", "하나")
    assert endpoint.texts == ["하나"]


def test_calls_under_way_are_bounded_by_concurrency(store):
    """Never more than `concurrency` calls are under way, and that many are; one dialogue may use them all."""
    with Endpoint([Answer(delay_seconds=0.2)]) as endpoint:
        with teachers_at(endpoint.base_url, store, concurrency=3) as teachers:
            teachers.converse([talk(*(request_for(str(number)) for number in range(9)))])
        assert endpoint.most_under_way == 3


def test_a_dialogue_is_asked_to_its_end_before_the_next(store):
    """With one slot at a real endpoint, all rounds of a passage go out together, so that it is read once."""

    def rounds(name):
        for at in range(3):
            yield [request_for(f"{name} {at} {part}") for part in range(2 if at else 1)]

    with Endpoint() as endpoint, teachers_at(endpoint.base_url, store) as teachers:
        teachers.converse(rounds(name) for name in "abc")
    assert [text[0] for text in endpoint.texts] == ["a"] * 5 + ["b"] * 5 + ["c"] * 5


def test_what_is_under_way_is_stored_when_another_call_fails(store):
    """At concurrency 4, one refusal ends the run, but the three calls under way arrive and are stored."""
    slow = Answer(delay_seconds=0.3)
    texts = ["느림1", "거절", "느림2", "느림3", "뒤1", "뒤2"]
    script = {"거절": [Answer(status=401)]} | {text: [slow] for text in texts if text != "거절"}
    with (
        Endpoint(by_text=script) as endpoint,
        teachers_at(endpoint.base_url, store, concurrency=4) as teachers,
        pytest.raises(TeacherRefused),
    ):
        ask_texts(teachers, *texts)
    assert sorted(endpoint.texts) == ["거절", "느림1", "느림2", "느림3"]
    assert {text for text in texts if store.get(request_for(text).key)} == {"느림1", "느림2", "느림3"}


def test_the_first_failure_is_the_one_that_is_told(store):
    """Where a call fails after another already has, though its dialogue ends first, the first failure goes up."""
    script = {
        "첫째": [Answer(status=401, delay_seconds=0.1)],
        "느림": [Answer(delay_seconds=0.8)],  # holds up the dialogue of the first failure
        "둘째": [Answer(status=500, delay_seconds=0.4)],
    }
    with (
        Endpoint(by_text=script) as endpoint,
        teachers_at(endpoint.base_url, store, concurrency=4, max_attempts=1) as teachers,
        pytest.raises(TeacherRefused, match="401"),
    ):
        teachers.converse([talk(request_for("첫째"), request_for("느림")), talk(request_for("둘째"))])
    assert len(endpoint.texts) == 3


def test_a_failed_asking_does_not_stop_the_next(store):
    """After an unavailable endpoint the same teachers may be asked again, and only for what is missing."""
    with (
        Endpoint(by_text={"둘": [Answer(status=503), GOOD]}) as endpoint,
        teachers_at(endpoint.base_url, store, max_attempts=1) as teachers,
    ):
        with pytest.raises(TeacherUnavailable):
            ask_texts(teachers, "하나", "둘", "셋")
        assert len(ask_texts(teachers, "하나", "둘", "셋")) == 3
        assert teachers.accounts()["calls_sent_now"] == 3
    assert endpoint.texts == ["하나", "둘", "둘", "셋"]


def test_a_teacher_that_takes_none_of_the_first_five_is_refused(store):
    """Where the first 5 requests are all refused the fault is in what they share: the run ends there and says why."""
    with (
        Endpoint([Answer(status=400)]) as endpoint,
        teachers_at(endpoint.base_url, store) as teachers,
        pytest.raises(TeacherRefused, match=r"first 5 requests were all refused.*status 400"),
    ):
        ask_texts(teachers, *"가나다라마바사")
    assert endpoint.texts == list("가나다라마")


def test_a_teacher_that_took_one_may_refuse_any_number(store):
    """One good reply among the first shows that the fault is in the others: 6 refusals are 6 replies."""
    texts = ["좋음", *"가나다라마바"]
    with (
        Endpoint([Answer(status=422)], by_text={"좋음": [GOOD]}) as endpoint,
        teachers_at(endpoint.base_url, store) as teachers,
    ):
        replies = ask_texts(teachers, *texts)
    assert [reply.finish_reason for reply in replies] == ["stop"] + ["refused"] * 6
    assert endpoint.texts == texts


def test_a_run_whose_other_replies_are_stored_may_refuse_any_number(store):
    """When a finished run is repeated, only what was refused is asked again: that these are refused is no fault."""
    texts = ["좋음", *"가나다라마바"]
    with Endpoint([Answer(status=400)], by_text={"좋음": [GOOD]}) as endpoint:
        for _ in range(2):
            with teachers_at(endpoint.base_url, store) as teachers:
                assert len(ask_texts(teachers, *texts)) == 7
    assert endpoint.texts == [*texts, *texts[1:]]


def test_an_unknown_teacher_is_refused_by_name(store):
    """A request to a teacher that is not there is refused with the names of those that are, and nothing is sent."""
    with (
        Endpoint() as endpoint,
        teachers_at(endpoint.base_url, store) as teachers,
        pytest.raises(TeacherRefused, match=r"no teacher 'strong', only default.*generate\.teachers"),
    ):
        ask(teachers, [request_for("하나", teacher="strong")])
    assert endpoint.received == []


def test_a_call_that_waits_for_its_slot_is_not_sent_after_the_budget_is_reached(store):
    """At a cap of 2 calls and one slot, the third is refused before it is sent, and those in line behind it as well."""
    with (
        Endpoint() as endpoint,
        teachers_at(endpoint.base_url, store, caps(stage_calls=2)) as teachers,
        pytest.raises(BudgetExceeded),
    ):
        teachers.converse([talk(*(request_for(str(number)) for number in range(50)))])
    assert len(endpoint.received) == 2


def test_teachers_are_asked_in_slots_of_their_own(store):
    """A teacher whose only slot is taken holds up no other."""
    let_go = threading.Event()
    with Endpoint([Answer(wait_for=let_go)]) as busy, Endpoint() as free:
        params = {"busy": teacher_params(base_url=busy.base_url), "free": teacher_params(base_url=free.base_url)}
        with Teachers(params, price_params(), caps(), store, "generate") as teachers:
            watcher = threading.Thread(target=lambda: (free.wait_until_received(3), let_go.set()))
            watcher.start()
            ask(teachers, [request_for("하나", teacher="busy")] + [request_for(t, teacher="free") for t in "가나다"])
            watcher.join()
    assert (busy.texts, free.texts) == (["하나"], ["가", "나", "다"])
