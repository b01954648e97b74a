"""Batches over kills, stops and other processes: whatever happens, nothing is lost and nothing is paid twice."""

import asyncio
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from finsmith.core.errors import BudgetExceeded, TeacherRefused, TeacherUnavailable
from finsmith.teacher.batch_journal import BatchJournal
from finsmith.teacher.store import ResponseStore

from .batch_asking import request_for, talk
from .batch_runs import answers, keys, run, serving, usd, worst_usd
from .endpoint import Answer

ASKING = Path(__file__).with_name("batch_asking.py")
TEXTS = ["가", "나", "다"]
HOUR = 3600

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills by SIGKILL")


def started(path, endpoint, moment="before", where="Budget.reserve", number=99):
    """A process that asks TEXTS, and kills itself at that call."""
    command = [sys.executable, str(ASKING), str(path), endpoint.base_url, moment, where, str(number), *TEXTS]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def killed(path, endpoint, moment, where, number):
    """Waits until that process has died."""
    process = started(path, endpoint, moment, where, number)
    _, said = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, said


@contextmanager
def next_run(path, endpoint, **changes):
    with ResponseStore(path) as store, run(endpoint, store, **changes) as teachers:
        yield teachers, store


def left_behind(path, endpoint):
    """A run that gives up once its batch of TEXTS is created, as it cannot ask for it; nothing is executed yet."""
    endpoint.fail_polls = 1
    impatient = next_run(path, endpoint, batching={"patience_seconds": 0.0})
    with impatient as (teachers, _), pytest.raises(TeacherUnavailable):
        teachers.converse([talk(TEXTS)])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "responses.sqlite"


DEATHS = [  # in the order of the work
    ("after", "Budget.reserve", 1),
    ("after", "BatchJournal.note", 1),
    ("after", "BatchApi.upload", 1),
    ("after", "BatchApi.create", 1),
    ("before", "BatchApi.retrieve", 3),
    ("after", "BatchApi.content", 1),
    ("after", "ResponseStore.put", 2),
    ("after", "BatchJournal.forget", 1),
    ("before", "Budget.settle_batch", 1),
    ("after", "Budget.settle_batch", 1),
]


@pytest.mark.parametrize(("moment", "where", "number"), DEATHS, ids=str)
def test_a_run_killed_anywhere_is_gone_on_with(path, moment, where, number):
    """After kill -9 the next run has all replies, each request was executed once, and the budget has what it cost.

    Only between a note of the batch and one in the budget does the worst case stay counted.
    """
    with serving() as endpoint:
        killed(path, endpoint, moment, where, number)
        with next_run(path, endpoint) as (teachers, store):
            assert teachers.converse([talk([text]) for text in TEXTS]) == [answers(text) for text in TEXTS]
            accounts = teachers.accounts()
            assert store.db.execute("SELECT count(*) FROM batches").fetchone() == (0,)
    assert endpoint.sent == endpoint.executed == keys(*TEXTS)
    spent = {
        ("after", "Budget.reserve"): worst_usd(*TEXTS) + usd(*TEXTS),
        ("before", "Budget.settle_batch"): worst_usd(*TEXTS),
    }
    assert teachers.budget.spent_usd == pytest.approx(spent.get((moment, where), usd(*TEXTS)))
    assert (accounts["calls_new"], accounts["usd_new"]) == (3, pytest.approx(usd(*TEXTS)))


def test_a_batch_goes_on_while_nobody_asks(path):
    """The batch of an earlier run ends meanwhile; the next run finds it at its end."""
    with serving() as endpoint:
        left_behind(path, endpoint)
        endpoint.finish()
        with next_run(path, endpoint) as (teachers, _):
            assert teachers.converse([talk(TEXTS)]) == [answers(*TEXTS)]
    assert endpoint.executed == keys(*TEXTS)


def test_ctrl_c_leaves_the_batch_to_the_next_run_and_says_so(path):
    """SIGINT ends the run at once, which says what goes on; the next run collects it."""
    with serving(polls_per_status=1_000_000) as endpoint:
        process = started(path, endpoint)
        while not any(call.startswith("GET /v1/batches/") for call in endpoint.calls):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert process.returncode != 0
        assert "1 batches with 3 requests go on at the endpoint" in said
        assert "never retrieved" not in said
        endpoint.polls_per_status = 1
        with next_run(path, endpoint) as (teachers, _):
            assert teachers.converse([talk(TEXTS)]) == [answers(*TEXTS)]
    assert endpoint.executed == keys(*TEXTS)


def test_what_an_old_batch_holds_is_stored_even_if_it_is_not_asked(path):
    """A run that asks other things collects the old batch beside its own, at the price of its own."""
    with serving() as endpoint:
        left_behind(path, endpoint)
        with next_run(path, endpoint) as (teachers, store):
            assert teachers.converse([talk(["라"], ["마"])]) == [answers("라", "마")]
            assert [store.get(request_for(text).key).text for text in TEXTS] == answers(*TEXTS)
            assert teachers.budget.spent_usd == pytest.approx(usd(*TEXTS, "라", "마"))
            assert teachers.accounts()["usd_total"] == pytest.approx(usd("라", "마"))
    assert endpoint.executed == keys(*TEXTS, "라", "마")


def test_an_old_batch_that_nobody_needs_holds_nobody_up(path, capsys):
    """While the old batch runs on, even if it cannot be asked for, what is new is answered; the old one stays noted."""
    with serving() as endpoint:
        left_behind(path, endpoint)
        (old,) = endpoint.batches.values()
        old.polls = -1_000_000
        capsys.readouterr()
        with next_run(path, endpoint) as (teachers, _):
            assert teachers.converse([talk(["라"])]) == [answers("라")]
        assert "1 batches with 3 requests go on" in capsys.readouterr().err
        endpoint.batches["hidden"] = endpoint.batches.pop(old.shown["id"])
        with next_run(path, endpoint) as (teachers, _):
            assert teachers.converse([talk(["마"])]) == [answers("마")]
        endpoint.batches[old.shown["id"]] = endpoint.batches.pop("hidden")
        old.polls = 0
        with next_run(path, endpoint) as (teachers, _):
            assert teachers.converse([talk(["가", "바"])]) == [answers("가", "바")]
    assert endpoint.executed == keys(*TEXTS, "라", "마", "바")


def test_of_an_old_batch_that_expired_only_the_rest_is_sent(path):
    """What the old batch answered is used; the rest goes into one new batch, even where there is a single attempt."""
    with serving(expire_after=1, expiring=1) as endpoint:
        left_behind(path, endpoint)
        with next_run(path, endpoint, params={"max_attempts": 1}) as (teachers, _):
            assert teachers.converse([talk(TEXTS)]) == [answers(*TEXTS)]
    assert endpoint.executed == keys(*TEXTS)
    assert [len(job.requests) for job in endpoint.batches.values()] == [3, 2]


def test_an_old_batch_that_failed_as_a_whole_is_sent_anew(path):
    """What was wrong may be mended by now: a new batch tells."""
    with serving(unknown_models=["teacher-large"]) as endpoint:
        left_behind(path, endpoint)
        endpoint.finish()
        endpoint.unknown_models = ()
        with next_run(path, endpoint) as (teachers, _):
            assert teachers.converse([talk(TEXTS)]) == [answers(*TEXTS)]
            assert (teachers.budget.spent_usd, teachers.budget.calls) == (pytest.approx(usd(*TEXTS)), 3)
    assert endpoint.executed == keys(*TEXTS)


def test_an_unanswered_creation_is_not_repeated_by_the_next_run(path):
    """Killed after a creation whose answer was lost, the next run finds the batch by its name."""
    with serving(lose_create_answer=1) as endpoint:
        killed(path, endpoint, "before", "BatchApi.find", 1)
        with next_run(path, endpoint) as (teachers, _):
            assert teachers.converse([talk(TEXTS)]) == [answers(*TEXTS)]
    assert endpoint.sent == keys(*TEXTS)


def test_a_batch_the_endpoint_does_not_know_is_lost_only_after_a_day(path):
    """Within 25 hours it may be another key's, and the run is refused; later its requests are sent anew."""
    with serving() as endpoint:
        left_behind(path, endpoint)
        endpoint.batches.clear()
        with next_run(path, endpoint) as (teachers, store):
            with pytest.raises(TeacherRefused, match=r"does not know the batch .*25\.0 hours later"):
                teachers.converse([talk(TEXTS)])
            assert endpoint.sent == {}
            store.db.execute("UPDATE batches SET at = at - ?", (25.1 * HOUR,))
        with next_run(path, endpoint) as (teachers, _):
            assert teachers.converse([talk(TEXTS)]) == [answers(*TEXTS)]
            assert teachers.budget.lost_usd == pytest.approx(worst_usd(*TEXTS))
            assert teachers.budget.spent_usd == pytest.approx(worst_usd(*TEXTS) + usd(*TEXTS))


def test_a_file_that_is_gone_is_lost_only_after_a_day(path):
    """Where the output file of a finished batch is not there, nothing is sent anew within 25 hours."""
    with serving() as endpoint:
        left_behind(path, endpoint)
        endpoint.finish()
        (job,) = endpoint.batches.values()
        del endpoint.files[job.shown["output_file_id"]]
        with next_run(path, endpoint) as (teachers, _), pytest.raises(TeacherRefused, match="does not know the file"):
            teachers.converse([talk(TEXTS)])
    assert endpoint.executed == keys(*TEXTS)


def test_a_failure_elsewhere_does_not_wait_for_the_batch(path, capsys):
    """When another teacher refuses for good, the run ends with its error while the batch goes on, and says so."""
    direct = {"others": {"direct": {"batch": False}}}
    with serving(polls_per_status=1_000_000) as endpoint:

        def late():
            """Asks the other teacher once the batch is under way, then what it will refuse."""
            yield [request_for("먼저", teacher="direct")]
            while not endpoint.batches:
                time.sleep(0.001)
                yield [request_for(f"{time.monotonic()}", teacher="direct")]
            endpoint.by_text = {}
            endpoint.script = [Answer(status=404)]
            yield [request_for("끝", teacher="direct")]

        caps = {"stage_calls": 1000, "run_calls": 1000}
        with next_run(path, endpoint, caps=caps, **direct) as (teachers, _), pytest.raises(TeacherRefused, match="404"):
            teachers.converse([talk(TEXTS), late()])
        assert "1 batches with 3 requests go on" in capsys.readouterr().err


def test_another_workspace_collects_at_the_cost_of_the_first(path, tmp_path, monkeypatch):
    """What a run in another workspace sent is settled there; the run that collects it has spent nothing."""
    with serving() as endpoint:
        left_behind(path, endpoint)
        monkeypatch.chdir(tmp_path)
        with next_run(path, endpoint, caps={"stage_calls": 0}) as (teachers, store):
            assert teachers.converse([talk(TEXTS)]) == [answers(*TEXTS)]
            assert (teachers.budget.spent_usd, teachers.budget.calls) == (0, 0)
            sums = store.db.execute("SELECT sum(calls), sum(usd) FROM sent").fetchone()
            assert sums == (3, pytest.approx(usd(*TEXTS)))
            with pytest.raises(BudgetExceeded):
                teachers.converse([talk(["라"])])


def test_a_second_process_waits_and_uses_the_replies_of_the_first(path):
    """Two processes that ask the same in batches send it once; the second says why it waits."""
    with serving(polls_per_status=1_000_000) as endpoint:
        first = started(path, endpoint)
        while not any(call.startswith("GET /v1/batches/") for call in endpoint.calls):
            time.sleep(0.01)
        second = started(path, endpoint)
        assert "another process" in wait_for_line(second)
        endpoint.polls_per_status = 1
        assert [process.wait(timeout=60) for process in (first, second)] == [0, 0]
        for process in (first, second):
            process.communicate()
    assert endpoint.sent == keys(*TEXTS)


def wait_for_line(process):
    """What the process says until it says that it waits."""
    said = ""
    while "another process" not in said:
        more = process.stderr.read(1)
        assert more, said
        said += more
    return said


def test_the_lock_is_one_processs_and_is_free_after_its_release(store):
    """Two journals of one store cannot both be held; one may be held twice, and is free when both have released."""

    async def claim():
        first, second = BatchJournal(store), BatchJournal(store)
        await first.hold(0.001)
        await first.hold(0.001)
        for _ in range(2):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(second.hold(0.001), 0.02)
            first.release()
        await second.hold(0.001)
        second.release()

    asyncio.run(claim())


def test_caps_are_asked_before_an_old_batch_is_replaced(path):
    """What an old batch did not answer is sent anew only within the caps."""
    with serving(expire_after=1) as endpoint:
        left_behind(path, endpoint)
        with next_run(path, endpoint, caps={"stage_calls": 2}) as (teachers, _), pytest.raises(BudgetExceeded):
            teachers.converse([talk(TEXTS)])
    assert len(endpoint.batches) == 1
