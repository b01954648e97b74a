"""Calls in batches: what goes over the wire, what it costs, and that nothing is lost or paid twice."""

import json
import threading
import time
from dataclasses import replace

import openai
import pytest

from finsmith.core.errors import BudgetExceeded, TeacherRefused, TeacherReplyMalformed, TeacherUnavailable

from .batch_asking import request_for, talk
from .batch_runs import SYSTEM, answers, asking, keys, run, serving, usd, worst_usd
from .endpoint import API_KEY, NO_USAGE, Answer


def cancel(endpoint, running):
    """Cancels the endpoint's first batch once it is followed: while it runs, or before."""
    while not any(call.startswith("GET /v1/batches/") for call in endpoint.calls):
        time.sleep(0.001)
    (job,) = endpoint.batches.values()
    with endpoint._changed:
        if running:
            endpoint._move_on(job)
    with openai.OpenAI(base_url=endpoint.base_url, api_key=API_KEY) as client:
        client.batches.cancel(job.shown["id"])
    endpoint.polls_per_status = 1


def test_all_dialogues_go_into_one_batch_and_get_their_own_replies(store):
    """Three dialogues give one file, one batch, and each the replies to what it asked."""
    with asking(store) as (endpoint, teachers):
        assert teachers.converse([talk(["가"]), talk(["나", "다"]), talk(["라"])]) == [
            answers("가"),
            answers("나", "다"),
            answers("라"),
        ]
    assert endpoint.executed == keys("가", "나", "다", "라")
    assert [call for call in endpoint.calls if call.startswith("POST")] == ["POST /v1/files", "POST /v1/batches"]


def test_what_goes_over_the_wire(store):
    """The file is JSON Lines of the plain call's bodies under the request keys; the batch names itself."""
    schema = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    with asking(store) as (endpoint, teachers):
        teachers.converse([talk(["가\u2028나"], response_schema=schema, top_p=0.5)])
    (job,) = endpoint.batches.values()
    file = endpoint.files[job.shown["input_file_id"]]
    assert (file.shown["purpose"], file.shown["filename"][:9], file.shown["filename"][-6:]) == (
        "batch",
        "finsmith-",
        ".jsonl",
    )
    assert file.content.endswith(b"}\n")
    assert [json.loads(line) for line in file.content.split(b"\n") if line] == [
        {
            "custom_id": request_for("가\u2028나", response_schema=schema, top_p=0.5).key,
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {
                "model": "teacher-large",
                "messages": [
                    {"role": "system", "content": "한국어로 답합니다."},
                    {"role": "user", "content": "가\u2028나"},
                ],
                "temperature": 0.3,
                "max_tokens": 50,
                "seed": 1,
                "top_p": 0.5,
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "summary_short", "schema": schema, "strict": True},
                },
            },
        }
    ]
    assert (job.shown["endpoint"], job.shown["completion_window"]) == ("/v1/chat/completions", "24h")
    assert list(job.shown["metadata"]) == ["finsmith"]
    assert file.shown["filename"] == f"finsmith-{job.shown['metadata']['finsmith']}.jsonl"


def test_the_accounts_have_the_price_of_a_batch(store):
    """Replies, ledger, accounts and budget cost half the price; the reference costs all of its own."""
    with asking(store) as (_, teachers):
        teachers.converse([talk(["가"]), talk(["나다"])])
        accounts = teachers.accounts()
    assert (accounts["calls_new"], accounts["calls_sent_now"], accounts["calls_total"]) == (2, 2, 2)
    assert accounts["usd_new"] == accounts["usd_total"] == pytest.approx(usd("가", "나다"))
    assert accounts["usd_at_reference_price"] == pytest.approx((23 * 1.0 + 14 * 4.0) / 1e6)
    assert teachers.budget.spent_usd == pytest.approx(usd("가", "나다"))
    assert (teachers.budget.calls, accounts["usd_lost"]) == (2, 0)


def test_a_request_asked_twice_or_stored_is_sent_once(store):
    """Dialogues that ask the same share a call; another run sends nothing."""
    with serving() as endpoint:
        with run(endpoint, store) as teachers:
            assert teachers.converse([talk(["가"]), talk(["가", "나"])]) == [answers("가"), answers("가", "나")]
        calls = len(endpoint.calls)
        with run(endpoint, store) as teachers:
            assert teachers.converse([talk(["나"])]) == [answers("나")]
        assert len(endpoint.calls) == calls
    assert endpoint.executed == keys("가", "나")


@pytest.mark.parametrize("limits", [{"max_requests": 2}, {"max_file_bytes": 700}])
def test_files_keep_within_their_limits(store, limits):
    """Five requests that do not fit into one file go into three batches at once, none too large for the endpoint."""
    texts = ["가", "나", "다", "라", "마"]
    with asking(store, batching=limits, **limits) as (endpoint, teachers):
        assert teachers.converse([talk([text]) for text in texts]) == [answers(text) for text in texts]
    assert [len(job.requests) for job in endpoint.batches.values()] == [2, 2, 1]
    assert endpoint.executed == endpoint.sent == keys(*texts)


def test_two_models_go_into_two_files(store):
    """Teachers of two models at one endpoint send a batch each, which is priced by its model."""
    small = {"teacher": "small", "model": "teacher-small"}
    with asking(store, others={"small": {"model": "teacher-small"}}) as (endpoint, teachers):
        teachers.converse([talk(["가"]), talk(["나"], **small)])
    assert {job.model for job in endpoint.batches.values()} == {"teacher-large", "teacher-small"}
    assert teachers.budget.spent_usd == pytest.approx(usd("가") + (11 * 0.5 + 7 * 2.0) / 1e6)


def test_two_teachers_of_one_model_share_a_batch(store):
    """Teachers that differ in their decoding only are asked together."""
    with asking(store, others={"hot": {"temperature": 1.0}}) as (endpoint, teachers):
        teachers.converse([talk(["가"]), talk(["나"], teacher="hot", temperature=1.0)])
    assert [len(job.requests) for job in endpoint.batches.values()] == [2]


def test_slots_do_not_bound_a_batch(store):
    """With one slot all of 300 dialogues are open and in one batch."""
    caps = {"stage_calls": 300, "run_calls": 300}
    with asking(store, caps=caps) as (endpoint, teachers):
        teachers.converse(talk([str(number)]) for number in range(300))
    assert [len(job.requests) for job in endpoint.batches.values()] == [300]


def test_rounds_of_dialogues_go_in_batches_of_their_own(store):
    """Dialogues of two rounds give two batches: the second is sent when the first has come."""
    with asking(store) as (endpoint, teachers):
        said = teachers.converse([talk(["가"], ["가2"]), talk(["나"], ["나2"]), talk(["다"])])
    assert said == [answers("가", "가2"), answers("나", "나2"), answers("다")]
    assert [set(keys("가", "나", "다")), set(keys("가2", "나2"))] == [
        {request["custom_id"] for request in job.requests} for job in endpoint.batches.values()
    ]


def test_one_teacher_in_batches_beside_one_that_is_asked_at_once(store):
    """In one conversation each dialogue gets the replies of both; only the batch has the price of a batch."""

    def both(text):
        (draft,) = yield [request_for(text, teacher="direct")]
        (judged,) = yield [request_for(draft.text)]
        (last,) = yield [request_for(judged.text, teacher="direct")]
        return last.text

    direct = {"direct": {"batch": False, "concurrency": 2}}
    with asking(store, batching={"quiet_seconds": 0.5}, others=direct) as (endpoint, teachers):
        assert teachers.converse([both("가"), both("나")]) == ["가의 답의 답의 답", "나의 답의 답의 답"]
    assert sorted(endpoint.texts) == sorted(["가", "나", "가의 답의 답", "나의 답의 답"])
    assert [len(job.requests) for job in endpoint.batches.values()] == [2]
    twice = 2 * usd("가", "나", "가의 답의 답", "나의 답의 답")
    assert teachers.budget.spent_usd == pytest.approx(twice + usd("가의 답", "나의 답"))


def test_after_an_expiry_only_what_was_not_finished_is_sent_again(store):
    """Of four requests two were answered before the batch expired; the next batch has the other two."""
    with asking(store, expire_after=2, expiring=1) as (endpoint, teachers):
        texts = ["가", "나", "다", "라"]
        assert teachers.converse([talk([text]) for text in texts]) == [answers(text) for text in texts]
        assert endpoint.executed == keys(*texts)
        assert [len(job.requests) for job in endpoint.batches.values()] == [4, 2]
    assert teachers.budget.spent_usd == pytest.approx(usd(*texts))
    assert (teachers.budget.calls, teachers.budget.lost_usd) == (4, 0)


def test_a_batch_that_always_expires_ends_the_run_after_the_last_attempt(store):
    """What is answered is stored; a request that never is goes through max_attempts batches, then the run says why."""
    texts = ["가", "나", "다", "라", "마"]
    with (
        asking(store, expire_after=1) as (endpoint, teachers),
        pytest.raises(TeacherUnavailable, match="batch_expired"),
    ):
        teachers.converse([talk([text]) for text in texts])
    assert [len(job.requests) for job in endpoint.batches.values()] == [5, 4, 3]
    assert endpoint.executed == keys("가", "나", "다")
    assert [store.get(request_for(text).key) is not None for text in texts] == [True, True, True, False, False]


def test_dropped_lines_are_sent_again_and_count_as_lost(store):
    """A request in neither file is in the next batch; since it may have been billed, it counts in full."""
    with asking(store, drop={"나": 1}) as (endpoint, teachers):
        assert teachers.converse([talk(["가", "나", "다"])]) == [answers("가", "나", "다")]
        assert [len(job.requests) for job in endpoint.batches.values()] == [3, 1]
    assert teachers.budget.lost_usd == pytest.approx(worst_usd("나"))
    assert teachers.budget.spent_usd == pytest.approx(usd("가", "나", "다") + worst_usd("나"))


def test_requests_that_failed_for_now_are_sent_again(store):
    """429 and 500 go into the next batch, for nothing; a reply without usage too, but it counts in full."""
    echo = {
        text: [failing, Answer(text=f"{text}의 답")]
        for text, failing in (("가", Answer(status=429)), ("나", Answer(status=500)), ("다", NO_USAGE))
    } | {"라": [Answer(text="라의 답")]}
    with asking(store, by_text=echo) as (endpoint, teachers):
        assert teachers.converse([talk(["가", "나", "다", "라"])]) == [answers("가", "나", "다", "라")]
    assert endpoint.executed == {**keys("가", "나", "다"), **keys("라")} | {key: 2 for key in keys("가", "나", "다")}
    assert teachers.budget.lost_usd == pytest.approx(worst_usd("다"))
    assert teachers.budget.spent_usd == pytest.approx(usd("가", "나", "다", "라") + worst_usd("다"))


def test_a_reply_that_is_never_usable_ends_the_run(store):
    """After max_attempts batches the run ends; the other replies are kept."""
    with (
        asking(store, by_text={"가": [NO_USAGE], "나": [Answer(text="나의 답")]}) as (endpoint, teachers),
        pytest.raises(TeacherReplyMalformed, match="usage"),
    ):
        teachers.converse([talk(["가", "나"])])
    assert endpoint.executed == keys("나") | {request_for("가").key: 3}
    assert store.get(request_for("나").key).text == "나의 답"


def test_a_refused_request_is_a_reply_that_says_so(store):
    """A 400 in the error file is no error: its dialogue gets a refused reply, which costs and stores nothing."""
    with asking(store, by_text={"가": [Answer(status=400)], "나": [Answer(text="나의 답")]}) as (endpoint, teachers):
        ((refused, good),) = teachers.converse([talk(["가", "나"])])
        assert ("400" in refused, good) == (True, "나의 답")
        assert [entry.finish_reason for entry in teachers.ledger()] == ["stop"]
    assert store.get(request_for("가").key) is None
    assert endpoint.executed == keys("가", "나")
    assert teachers.budget.spent_usd == pytest.approx(usd("나"))


@pytest.mark.parametrize("absent", [None, ""])
def test_a_batch_without_an_output_file_or_an_error_file(store, absent):
    """Whether a missing file is null or "", the one that is there is read."""
    with asking(store, by_text={"가": [Answer(status=400)]}, absent_file_id=absent) as (_, teachers):
        assert "400" in teachers.converse([talk(["가"])])[0][0]
    with asking(store, absent_file_id=absent) as (_, teachers):
        assert teachers.converse([talk(["나"])]) == [answers("나")]


def test_a_refusal_for_good_of_one_request_ends_the_run(store):
    """A 404 (no such model) in the error file is about all: the run ends, what else came is kept."""
    with (
        asking(store, by_text={"가": [Answer(status=404)], "나": [Answer(text="나의 답")]}) as (_, teachers),
        pytest.raises(TeacherRefused, match="404"),
    ):
        teachers.converse([talk(["가", "나"])])
    assert store.get(request_for("나").key).text == "나의 답"


def test_a_creation_whose_answer_is_lost_is_not_repeated(store):
    """The batch is found by its name in the list and followed; nothing is sent twice."""
    with asking(store, lose_create_answer=1) as (endpoint, teachers):
        assert teachers.converse([talk(["가", "나"])]) == [answers("가", "나")]
    assert endpoint.sent == keys("가", "나")
    assert endpoint.calls.count("POST /v1/batches") == 1


def test_a_lost_creation_is_found_among_many_others(store):
    """The list is read on over its pages, and a batch of the same requests from before is not taken for it."""
    with serving() as endpoint:
        with run(endpoint, store) as teachers:
            teachers.converse([talk(["가"])])
        store.db.execute("DELETE FROM replies")
        old = next(iter(endpoint.batches.values()))
        endpoint.lose_create_answer = 1
        real = endpoint.spend

        def others_first(knob):
            """After the batch whose answer is lost come 120 others."""
            lost = real(knob)
            if lost and knob == "lose_create_answer":
                for number in range(120):
                    shown = old.shown | {"id": f"batch_{number}", "metadata": {"of": "others"}}
                    endpoint.batches[f"batch_{number}"] = replace(old, shown=shown)
            return lost

        endpoint.spend = others_first
        with run(endpoint, store, params={"max_attempts": 1}) as teachers:
            assert teachers.converse([talk(["가"])]) == [answers("가")]
    names = [job.shown["metadata"].get("finsmith") for job in endpoint.batches.values()]
    assert len(set(names) - {None}) == 2
    assert endpoint.calls.count("POST /v1/batches") == 2
    assert endpoint.calls.count("GET /v1/batches") == 2  # two pages


def test_uploads_creations_polls_and_downloads_that_fail_for_now_are_repeated(store):
    """503 at upload, creation and polls and a download that breaks off are tried again; each request is sent once."""
    knobs = {"fail_uploads": 2, "fail_create": 2, "fail_polls": 3, "cut_downloads": 2}
    with asking(store, **knobs) as (endpoint, teachers):
        assert teachers.converse([talk(["가", "나"])]) == [answers("가", "나")]
    assert endpoint.sent == keys("가", "나")
    assert teachers.budget.spent_usd == pytest.approx(usd("가", "나"))


@pytest.mark.parametrize("knob", ["fail_uploads", "fail_create", "fail_polls"])
def test_what_fails_on_and_on_ends_the_run_and_the_next_goes_on(store, knob, capsys):
    """Upload and creation have max_attempts, polls a patience; the next run sends or collects, and pays once.

    Only what was not even uploaded counts for nothing at once.
    """
    with serving(**{knob: 10_000}) as endpoint:
        impatient = run(endpoint, store, batching={"patience_seconds": 0.02})
        with impatient as teachers, pytest.raises(TeacherUnavailable, match="503"):
            teachers.converse([talk(["가"])])
        assert ("1 batches with 1 requests go on" in capsys.readouterr().err) == (knob == "fail_polls")
        assert teachers.budget.calls == (0 if knob == "fail_uploads" else 1)
        setattr(endpoint, knob, 0)
        with run(endpoint, store) as teachers:
            assert teachers.converse([talk(["가"])]) == [answers("가")]
            assert teachers.budget.spent_usd == pytest.approx(usd("가"))
            assert teachers.budget.calls == 1
    assert endpoint.sent == endpoint.executed == keys("가")


def test_a_budget_that_could_be_passed_sends_nothing(store):
    """The worst case of all files together is what must fit; else nothing is uploaded and nothing stays reserved."""
    fits = worst_usd("가", "나", "다")
    with asking(store, caps={"stage_usd": fits * 0.99}, batching={"max_requests": 1}) as (endpoint, teachers):
        with pytest.raises(BudgetExceeded, match="stage_usd"):
            teachers.converse([talk(["가", "나", "다"])])
        assert (endpoint.calls, teachers.budget.spent_usd, teachers.budget.calls) == ([], 0, 0)
    with asking(store, caps={"stage_calls": 2}) as (endpoint, teachers):
        with pytest.raises(BudgetExceeded, match="stage_calls"):
            teachers.converse([talk(["가", "나", "다"])])
        assert endpoint.calls == []
    with asking(store, caps={"stage_usd": fits * 1.01, "stage_calls": 3}) as (_, teachers):
        assert teachers.converse([talk(["가", "나", "다"])]) == [answers("가", "나", "다")]


def test_the_whole_batch_is_reserved_while_it_runs(store):
    """Until it is collected a batch counts at its worst case, also for a run that comes after a stop."""
    with serving(fail_polls=10_000) as endpoint:
        impatient = run(endpoint, store, batching={"patience_seconds": 0.02})
        with impatient as teachers, pytest.raises(TeacherUnavailable):
            teachers.converse([talk(["가", "나"])])
        with run(endpoint, store) as later:
            for budget in (teachers.budget, later.budget):
                assert (budget.spent_usd, budget.calls) == (pytest.approx(worst_usd("가", "나")), 2)


def test_a_full_queue_is_waited_for_and_the_files_become_smaller(store):
    """A batch over the endpoint's limit of enqueued tokens goes in parts, one after the other, at no cost."""
    texts = ["가", "나", "다", "라", "마", "바", "사"]
    with asking(store, max_enqueued_tokens=2 * len(SYSTEM + "가")) as (endpoint, teachers):
        assert teachers.converse([talk([text]) for text in texts]) == [answers(text) for text in texts]
    assert endpoint.executed == keys(*texts)
    assert teachers.budget.spent_usd == pytest.approx(usd(*texts))
    assert (teachers.budget.calls, teachers.budget.lost_usd) == (7, 0)


def test_several_files_that_do_not_fit_together_go_one_after_the_other(store):
    """Where each file fits alone, those that found no room are sent again when the first has ended."""
    texts = ["가", "나", "다", "라", "마"]
    knobs = {"max_enqueued_tokens": 2 * len(SYSTEM + "가"), "batching": {"max_requests": 2}}
    with asking(store, **knobs) as (endpoint, teachers):
        assert teachers.converse([talk([text]) for text in texts]) == [answers(text) for text in texts]
    assert endpoint.executed == keys(*texts)
    assert teachers.budget.calls == 5


def test_a_queue_that_stays_full_ends_the_run(store):
    """Where not even one request finds room, patience ends; nothing is paid."""
    batching = {"queue_patience_seconds": 0.02}
    with (
        asking(store, max_enqueued_tokens=1, batching=batching) as (endpoint, teachers),
        pytest.raises(TeacherUnavailable, match="queue"),
    ):
        teachers.converse([talk(["가", "나"])])
    assert (endpoint.executed, teachers.budget.spent_usd, teachers.budget.calls) == ({}, 0, 0)


def test_a_batch_that_fails_as_a_whole_is_refused_with_the_servers_words(store):
    """A model the Batch API does not know ends the run with message, line and code; nothing is paid or kept as sent."""
    with serving(unknown_models=["teacher-large"]) as endpoint:
        with (
            run(endpoint, store) as teachers,
            pytest.raises(TeacherRefused, match=r"line 1: .*'teacher-large' is not supported.*model_not_found"),
        ):
            teachers.converse([talk(["가", "나"])])
        assert (teachers.budget.spent_usd, teachers.budget.calls) == (0, 0)
        endpoint.unknown_models = ()
        with run(endpoint, store) as teachers:
            assert teachers.converse([talk(["가", "나"])]) == [answers("가", "나")]
    assert endpoint.executed == keys("가", "나")


@pytest.mark.parametrize("finished", [0, 1])
def test_a_batch_cancelled_from_outside_ends_the_run_and_keeps_what_was_finished(store, finished):
    """Whoever cancels a batch does not get it sent again at once; the next run sends only the rest."""
    with serving(polls_per_status=1_000_000, cancel_after=finished) as endpoint:
        canceller = threading.Thread(target=cancel, args=(endpoint, finished))
        canceller.start()
        with run(endpoint, store) as teachers, pytest.raises(TeacherUnavailable, match="cancelled"):
            teachers.converse([talk(["가", "나", "다"])])
        canceller.join()
        assert (store.get(request_for("가").key) is not None) == (finished == 1)
        assert teachers.budget.spent_usd == pytest.approx(usd("가") if finished else 0)
        with run(endpoint, store) as teachers:
            assert teachers.converse([talk(["가", "나", "다"])]) == [answers("가", "나", "다")]
    assert endpoint.executed == keys("가", "나", "다")


def test_the_embedded_teacher_takes_no_batches(store):
    """provider local with batch true is refused in a sentence before anything is loaded."""
    with asking(store, params={"provider": "local"}) as (_, teachers), pytest.raises(TeacherRefused, match="embedded"):
        teachers.converse([talk(["가"])])
