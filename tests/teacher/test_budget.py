"""The caps: by hand on a real store, over restarts and kill -9, and as a property of what can happen to calls."""

import json
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finsmith.core.errors import BudgetExceeded, OutputError, TeacherError
from finsmith.core.teacher_params import Price
from finsmith.teacher.budget import Budget, close_run
from finsmith.teacher.store import ResponseStore

from .asking import WORST_USD, ask_texts, caps, price_params, request_for, teachers_at
from .endpoint import GOOD, HALF_A_REPLY, NO_USAGE, Answer, Endpoint


def test_what_is_reserved_is_spent_until_it_is_settled(store):
    """A worst case of 0.5 USD counts in full, and as its 0.2 once it is settled; what is settled is told apart."""
    budget = Budget(caps(), store, "generate")
    sent_id = budget.reserve(0.5)
    assert (budget.spent_usd, budget.settled_usd, budget.calls) == (0.5, 0.0, 1)
    budget.settle(sent_id, 0.5, 0.2)
    assert (budget.spent_usd, budget.settled_usd, budget.calls) == (pytest.approx(0.2), 0.2, 1)


@pytest.mark.parametrize(
    ("cap", "said"),
    [
        ("stage_usd", r"0\.6000 USD, and 0\.5000 USD of 1\.0000 USD .* since this stage last finished.*stage_usd"),
        ("run_usd", r"0\.6000 USD, and 0\.5000 USD of 1\.0000 USD .* since the last finished report.*run_usd"),
        ("stage_calls", r"calls are 1, and 1 of 1 .* since this stage last finished.*generate\.budget\.stage_calls"),
        ("run_calls", r"calls are 1, and 1 of 1 .* since the last finished report.*generate\.budget\.run_calls"),
    ],
)
def test_a_call_that_could_pass_a_cap_is_refused_and_nothing_is_noted(store, cap, said):
    """The message names what is asked, sent and allowed, since when, and the parameter; a smaller call still fits."""
    budget = Budget(caps(**{cap: 1}), store, "generate")
    budget.reserve(0.5)
    with pytest.raises(BudgetExceeded, match=said):
        budget.reserve(0.6)
    assert (budget.calls, budget.spent_usd) == (1, 0.5)
    if cap.endswith("usd"):
        budget.reserve(0.5)


def test_a_stage_that_has_finished_begins_at_zero_while_its_run_goes_on(store):
    """After close_stage the stage's cap is whole again, here and after a restart; the run's sum keeps both."""
    budget = Budget(caps(stage_calls=2, run_calls=3), store, "generate")
    budget.reserve(0.1, calls=2)
    budget.close_stage()
    assert (budget.calls, budget.spent_usd, budget.settled_usd) == (0, 0, 0)
    for again in (budget, Budget(caps(stage_calls=2, run_calls=3), store, "generate")):
        assert again.calls == 0
        with pytest.raises(BudgetExceeded, match="run_calls"):
            again.reserve(0.1, calls=2)
    budget.reserve(0.1)


def test_stages_share_the_runs_cap_only(store):
    """What another stage has sent leaves this one's cap whole, but not the run's."""
    Budget(caps(), store, "generate").reserve(0.7)
    other = Budget(caps(stage_usd=0.7, run_usd=1.0), store, "judge")
    assert other.spent_usd == 0
    with pytest.raises(BudgetExceeded, match="run_usd"):
        other.reserve(0.4)
    other.reserve(0.3)


def test_a_finished_report_begins_the_run_anew(store):
    """After close_run both sums are zero."""
    budget = Budget(caps(), store, "generate")
    budget.settle(budget.reserve(0.5), 0.5, 0.4)
    close_run(store)
    again = Budget(caps(run_usd=0.1, stage_usd=0.1), store, "generate")
    assert (again.spent_usd, again.calls) == (0, 0)
    again.reserve(0.1)


def test_another_workspace_has_sums_of_its_own(store, tmp_path, monkeypatch):
    """What is sent, or closed, in one folder changes nothing in another: an experiment of DVC has its own caps."""
    here = Budget(caps(), store, "generate")
    here.reserve(0.5)
    (tmp_path / "exp").mkdir()
    monkeypatch.chdir(tmp_path / "exp")
    there = Budget(caps(run_usd=0.5, stage_usd=0.5), store, "generate")
    there.reserve(0.5)
    there.close_stage()
    close_run(store)
    monkeypatch.undo()
    assert Budget(caps(), store, "generate").spent_usd == 0.5


def test_a_note_that_cannot_be_written_is_an_output_error(store):
    """A file that takes no note is an OutputError, and the call is not counted: it will not be sent."""
    budget = Budget(caps(), store, "generate")
    store.unsynced.execute("PRAGMA query_only = ON")
    with pytest.raises(OutputError, match="cannot be written"):
        budget.reserve(0.5)
    assert (budget.calls, budget.spent_usd) == (0, 0)


def test_a_reply_that_cannot_be_stored_stays_counted(store):
    """Where the store takes no reply the error goes up, and the call's worst case stays spent: it was billed."""
    store.db.execute("CREATE TRIGGER full BEFORE INSERT ON replies BEGIN INSERT INTO nowhere VALUES (1); END")
    with Endpoint() as endpoint, teachers_at(endpoint.base_url, store) as teachers:
        with pytest.raises(OutputError, match="cannot be written"):
            ask_texts(teachers, "하나", "둘")
        assert teachers.budget.spent_usd == teachers.budget.lost_usd == pytest.approx(WORST_USD)
    assert endpoint.texts == ["하나"]


@pytest.mark.parametrize("changes", [{"stage_usd": 1.001}, {"run_usd": 1.001}])
def test_a_call_that_could_pass_the_budget_is_not_sent(store, changes):
    """With less money than the first call's worst case nothing is sent; with a little more, one call is."""
    less = caps(**{cap: share * WORST_USD * 0.99 for cap, share in changes.items()})
    enough = caps(**{cap: share * WORST_USD for cap, share in changes.items()})
    with Endpoint() as endpoint:
        with teachers_at(endpoint.base_url, store, less) as teachers, pytest.raises(BudgetExceeded):
            ask_texts(teachers, "하나")
        assert endpoint.received == []
        with teachers_at(endpoint.base_url, store, enough) as teachers:
            ask_texts(teachers, "하나")
    assert len(endpoint.received) == 1


def test_a_reached_budget_is_a_clean_stop_and_a_higher_one_sends_only_the_rest(store):
    """At 4 calls the run stops with 4 replies stored; with a higher cap the next run sends the other 5 and no more."""
    texts = [str(number) for number in range(9)]
    with Endpoint() as endpoint:
        with (
            teachers_at(endpoint.base_url, store, caps(stage_calls=4), concurrency=3) as teachers,
            pytest.raises(BudgetExceeded, match=r"Every finished reply is kept.*stage_calls.*run again"),
        ):
            ask_texts(teachers, *texts)
        stored = {text for text in texts if store.get(request_for(text).key)}
        assert stored == set(endpoint.texts) and len(endpoint.texts) == 4
        with teachers_at(endpoint.base_url, store, caps(stage_calls=9), concurrency=3) as teachers:
            assert len(ask_texts(teachers, *texts)) == 9
            assert teachers.accounts()["calls_sent_now"] == 5
    assert sorted(endpoint.texts) == texts


def start_asking(path, base_url, options, *texts):
    command = [sys.executable, str(Path(__file__).with_name("asking.py")), str(path), base_url, json.dumps(options)]
    return subprocess.Popen([*command, *texts], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(sys.platform == "win32", reason="kills by SIGKILL")
def test_the_caps_hold_over_kill_9(tmp_path):
    """Calls under way at a kill stay counted in full: a cap of 4 lets none out after it, one of 5 lets one."""
    killed = threading.Event()
    path, texts = tmp_path / "responses.sqlite", ["하나", "둘둘", "셋셋", "넷넷", "오오", "육육"]
    held = [Answer(wait_for=killed), GOOD]
    with Endpoint(by_text={"셋셋": held, "넷넷": held}) as endpoint:
        process = start_asking(path, endpoint.base_url, {"concurrency": 2}, *texts)
        endpoint.wait_until_received(4)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed.set()
        with ResponseStore(path) as store:
            with teachers_at(endpoint.base_url, store, caps(stage_calls=4)) as teachers:
                assert teachers.budget.calls == 4
                assert teachers.budget.lost_usd == pytest.approx(2 * WORST_USD)
                with pytest.raises(BudgetExceeded, match="calls are 1, and 4 of 4"):
                    ask_texts(teachers, *texts)
            assert len(endpoint.received) == 4
            with (
                teachers_at(endpoint.base_url, store, caps(stage_calls=5)) as teachers,
                pytest.raises(BudgetExceeded, match="and 5 of 5"),
            ):
                ask_texts(teachers, *texts)
            assert endpoint.texts[4:] == ["셋셋"]
            with teachers_at(endpoint.base_url, store, caps(stage_calls=8)) as teachers:
                ask_texts(teachers, *texts)
                teachers.finish()
                assert teachers.budget.calls == 0
    assert len(endpoint.received) == 8


TIMEOUT_SECONDS = 0.15
# What can happen to a call; all but the refusals are billed.
HAPPENINGS = {
    "good": GOOD,
    "long": Answer(completion_tokens=50),
    "slow": Answer(delay_seconds=0.05),
    "broken": HALF_A_REPLY,
    "without usage": NO_USAGE,
    "late": Answer(delay_seconds=2 * TIMEOUT_SECONDS),
    "stalled": Answer(trickle=True),
    "busy": Answer(status=429),
    "down": Answer(status=503),
    "not taken": Answer(status=400),
}
USD = st.floats(0.1, 50)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    happenings=st.lists(st.lists(st.sampled_from(sorted(HAPPENINGS)), max_size=2), min_size=1, max_size=8),
    prices=st.tuples(USD, USD),
    concurrency=st.integers(1, 6),
    stages=st.lists(st.sampled_from(["generate", "judge"]), min_size=1, max_size=3),
    shares=st.tuples(*[st.floats(0.05, 1.5)] * 2),
    calls=st.tuples(*[st.integers(1, 20)] * 2),
)
def test_no_cap_is_ever_passed(happenings, prices, concurrency, stages, shares, calls):
    """Whatever happens to calls, in whatever order, over however many runs of two stages: what the endpoint billed and
    was sent stays within each stage's and the run's caps. Then, without caps, only what has no reply is sent."""
    price = Price(input=prices[0], output=prices[1])
    texts = [f"{number}번" for number in range(len(happenings))]
    script = {
        text: [*(HAPPENINGS[name] for name in names), GOOD] for text, names in zip(texts, happenings, strict=True)
    }
    whole = sum(len(names) + 1 for names in happenings) * (70 * prices[0] + 50 * prices[1]) / 1e6
    limits = caps(stage_usd=whole * shares[0], run_usd=whole * shares[1], stage_calls=calls[0], run_calls=calls[1])
    options = {"concurrency": concurrency, "timeout_seconds": TIMEOUT_SECONDS, "max_attempts": 1}
    options["prices"] = price_params(usd_per_million_tokens={"teacher-large": price, "teacher-reference": price})

    def billed():
        endpoint.wait_until_idle()
        return sum(prompt * prices[0] + reply * prices[1] for prompt, reply in endpoint.usage_sent) / 1e6

    with (
        tempfile.TemporaryDirectory() as folder,
        ResponseStore(Path(folder) / "responses.sqlite") as store,
        Endpoint(by_text=script) as endpoint,
    ):
        stage_usd, stage_calls = Counter(), Counter()
        for stage in stages:
            usd, sent = billed(), len(endpoint.received)
            with teachers_at(endpoint.base_url, store, limits, stage=stage, **options) as teachers:
                with suppress(BudgetExceeded, TeacherError):
                    ask_texts(teachers, *texts)
                stage_usd[stage] += billed() - usd
                stage_calls[stage] += len(endpoint.received) - sent
                assert stage_usd[stage] <= teachers.budget.spent_usd + 1e-9
                assert stage_calls[stage] == teachers.budget.calls
            assert stage_usd[stage] <= limits.stage_usd + 1e-9
            assert stage_calls[stage] <= limits.stage_calls
            assert billed() <= limits.run_usd + 1e-9
            assert len(endpoint.received) <= limits.run_calls
        answered = [text for text in texts if store.get(request_for(text).key)]
        before = Counter(endpoint.texts)
        replies = []
        with teachers_at(endpoint.base_url, store, **options) as teachers:
            while not replies:  # each run that fails uses up one thing that can happen
                with suppress(TeacherError):
                    replies = ask_texts(teachers, *texts)
        assert not (Counter(endpoint.texts) - before).keys() & set(answered)
        assert all(reply.finish_reason == "refused" or store.get(reply.key) == reply for reply in replies)
