"""The teachers as a stage uses them: several at once, their accounts, kill -9, Ctrl-C, and another process beside."""

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from finsmith.core.errors import TeacherRefused
from finsmith.core.records import Reply
from finsmith.core.teacher_params import Price
from finsmith.teacher.store import ResponseStore
from finsmith.teacher.teacher import Teachers, open_teachers

from .asking import WORST_USD, ask, ask_texts, caps, price_params, request_for, teacher_params, teachers_at
from .endpoint import GOOD, Answer, Endpoint

ASKING = Path(__file__).with_name("asking.py")


def start_asking(store_path, base_url, concurrency, texts):
    """A process that asks."""
    options = json.dumps({"concurrency": concurrency})
    command = [sys.executable, str(ASKING), str(store_path), base_url, options, *texts]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_several_teachers_are_asked_by_name_each_at_its_endpoint_and_price(store):
    """Requests go to the teacher they name, with its model, are paid at its price, and share one budget and ledger."""
    prices = price_params(
        usd_per_million_tokens={"small": Price(input=1, output=2), "large": Price(input=100, output=200)},
        reference_model="large",
    )
    with Endpoint() as one, Endpoint() as other:
        params = {
            "default": teacher_params(base_url=one.base_url, model="small"),
            "strong": teacher_params(base_url=other.base_url, model="large", concurrency=2),
        }
        with Teachers(params, prices, caps(), store, "generate") as teachers:
            requests = [request_for(text, model="small") for text in ("하나", "둘둘")]
            requests += [request_for(text, model="large", teacher="strong") for text in ("하나", "셋셋")]
            replies = ask(teachers, requests)
            ledger, accounts, spent = teachers.ledger(), teachers.accounts(), teachers.budget.spent_usd
    assert (sorted(one.texts), sorted(other.texts)) == (["둘둘", "하나"], ["셋셋", "하나"])
    assert {received.body["model"] for received in one.received} == {"small"}
    assert {received.body["model"] for received in other.received} == {"large"}
    assert [reply.cost_usd for reply in replies] == pytest.approx([(12 + 14) / 1e6] * 2 + [(1200 + 1400) / 1e6] * 2)
    assert len(ledger) == 4
    assert (accounts["usd_total"], spent) == pytest.approx((2 * (26 + 2600) / 1e6,) * 2)


def test_accounts_tell_new_from_total(store):
    """New is what no finished run has claimed; total is everything the data rests on; money follows both."""
    with Endpoint([Answer(completion_tokens=7)]) as endpoint:
        with teachers_at(endpoint.base_url, store) as teachers:
            ask_texts(teachers, "하나", "둘둘")
            usd, at_reference = (24 * 2.0 + 14 * 10.0) / 1e6, (24 * 1.0 + 14 * 4.0) / 1e6
            assert teachers.accounts() == {
                "calls_new": 2,
                "calls_sent_now": 2,
                "calls_total": 2,
                "prompt_tokens": 24,  # twice the system message, and 2 of each question
                "completion_tokens": 14,
                "usd_new": pytest.approx(usd),
                "usd_lost": 0,
                "usd_total": pytest.approx(usd),
                "usd_at_reference_price": pytest.approx(at_reference),
                "usd_saved_at_reference_price": 0,
                "reference_model": "teacher-reference",
                "by_recipe": {
                    "summary": {
                        "calls": 2,
                        "prompt_tokens": 24,
                        "completion_tokens": 14,
                        "usd": pytest.approx(usd),
                        "usd_at_reference_price": pytest.approx(at_reference),
                    }
                },
            }
            teachers.finish()
        with teachers_at(endpoint.base_url, store) as teachers:
            ask_texts(teachers, "하나", "둘둘", "셋셋")
            accounts = teachers.accounts()
    assert (accounts["calls_new"], accounts["calls_sent_now"], accounts["calls_total"]) == (1, 1, 3)
    assert accounts["usd_new"] == pytest.approx((12 * 2.0 + 7 * 10.0) / 1e6)
    assert accounts["usd_total"] == pytest.approx((36 * 2.0 + 21 * 10.0) / 1e6)


def test_accounts_are_kept_by_the_family_of_the_recipe(store):
    """`rag.question` and `rag.check` are one family; each family has its own calls and money."""
    recipes = {"가": "rag.question", "나": "rag.check", "다": "summary"}
    with Endpoint() as endpoint, teachers_at(endpoint.base_url, store) as teachers:
        replies = ask(teachers, [request_for(text, recipe=recipe) for text, recipe in recipes.items()])
        by_recipe = teachers.accounts()["by_recipe"]
    assert {name: part["calls"] for name, part in by_recipe.items()} == {"rag": 2, "summary": 1}
    assert by_recipe["rag"]["usd"] == pytest.approx(replies[0].cost_usd + replies[1].cost_usd)


def test_several_askings_of_one_stage_are_one_account(store):
    """What a stage asks in turn is one ledger and one sum, and what was answered before is not asked again."""
    with Endpoint() as endpoint, teachers_at(endpoint.base_url, store) as teachers:
        ask_texts(teachers, "하나")
        ask_texts(teachers, "둘")
        ask_texts(teachers, "둘", "셋")
        accounts = teachers.accounts()
        assert [entry.recipe for entry in teachers.ledger()] == ["summary"] * 3
    assert (accounts["calls_sent_now"], accounts["calls_total"]) == (3, 3)
    assert endpoint.texts == ["하나", "둘", "셋"]


def test_limits_are_kept_over_several_askings(store):
    """A minute's limit counts what an earlier asking of the same stage sent; so does a hold."""
    held = Answer(headers={"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "500ms"})
    with Endpoint([held, GOOD]) as endpoint, teachers_at(endpoint.base_url, store) as teachers:
        ask_texts(teachers, "하나")
        ask_texts(teachers, "둘")
    assert endpoint.received[1].at - endpoint.received[0].at >= 0.5


def test_the_ledger_has_one_entry_per_call_sorted_by_key(store):
    """Two recipes that share a call give one entry; entries are sorted by request key and hold the reply's numbers."""
    with Endpoint() as endpoint, teachers_at(endpoint.base_url, store) as teachers:
        ask_texts(teachers, "하나", "둘", "셋", "하나")
        ledger = teachers.ledger()
    assert [entry.request_key for entry in ledger] == sorted(request_for(text).key for text in ("하나", "둘", "셋"))
    entry = next(entry for entry in ledger if entry.request_key == request_for("셋").key)
    assert (entry.recipe, entry.finish_reason, entry.completion_tokens) == ("summary", "stop", 7)


@pytest.mark.parametrize("changes", [{"model": "unknown"}, {"reference_model": "unknown"}])
def test_an_unpriced_model_is_refused_before_any_request(store, changes):
    """A model without a price is refused with the name of the price table, and nothing is sent."""
    reference = {"reference_model": changes.pop("reference_model")} if "reference_model" in changes else {}
    with (
        Endpoint() as endpoint,
        pytest.raises(TeacherRefused, match=r"'unknown' has no price.*generate\.prices\.usd_per_million"),
        teachers_at(endpoint.base_url, store, prices=price_params(**reference), **changes) as teachers,
    ):
        ask_texts(teachers, "하나")
    assert endpoint.received == []


def test_a_local_teacher_with_stored_replies_costs_nothing_and_starts_nothing(store):
    """With every reply stored the embedded server is not started; the accounts say 0 USD and a reference above 0."""
    request = request_for("하나", model="no-such-embedded-model")
    reply = Reply(
        key=request.key,
        model=request.model,
        text="답",
        finish_reason="stop",
        prompt_tokens=12,
        completion_tokens=7,
        cost_usd=0.0,
        reference_cost_usd=(12 * 1.0 + 7 * 4.0) / 1e6,
    )
    store.put(request, reply, 1.0)
    with teachers_at("", store, provider="local", model=request.model) as teachers:
        assert ask(teachers, [request]) == [reply]
        accounts = teachers.accounts()
    assert (accounts["calls_sent_now"], accounts["calls_new"]) == (0, 1)
    assert (accounts["usd_new"], accounts["usd_total"]) == (0, 0)
    assert accounts["usd_at_reference_price"] == pytest.approx((12 * 1.0 + 7 * 4.0) / 1e6)


def test_nothing_to_ask_is_no_call(store):
    """Without dialogues nothing is started and the accounts are all zero."""
    with teachers_at("", store, provider="local", model="no-such-embedded-model") as teachers:
        assert teachers.converse([]) == []
        accounts = teachers.accounts()
    assert {str(value) for key, value in accounts.items() if key != "reference_model"} == {"0", "0.0", "{}"}


def test_the_store_of_the_repository_is_used(tmp_path, monkeypatch):
    """open_teachers keeps its replies in the state folder, where a second one finds them."""
    monkeypatch.setenv("FINSMITH_STATE", str(tmp_path))
    with Endpoint() as endpoint:
        params = {"default": teacher_params(base_url=endpoint.base_url)}
        for _ in range(2):
            with open_teachers(params, price_params(), caps(), "generate") as teachers:
                ask_texts(teachers, "하나")
    assert endpoint.texts == ["하나"]
    assert (tmp_path / "responses" / "responses.sqlite").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="stops by SIGINT")
def test_ctrl_c_stops_at_once_and_keeps_what_arrived(tmp_path):
    """Ctrl-C ends the process while calls are under way, quietly; what arrived is stored, what did not is spent."""
    never, path = threading.Event(), tmp_path / "responses.sqlite"
    held = [Answer(wait_for=never)]
    with Endpoint(by_text={"둘": held, "셋": held}) as endpoint:
        process = start_asking(path, endpoint.base_url, 2, ["하나", "둘", "셋", "넷"])
        endpoint.wait_until_received(3)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        never.set()
        assert process.returncode == -signal.SIGINT
        assert said.rstrip().endswith("KeyboardInterrupt")
        assert "never retrieved" not in said and "was destroyed" not in said
        with ResponseStore(path) as store, teachers_at(endpoint.base_url, store) as teachers:
            assert [text for text in ("하나", "둘", "셋", "넷") if store.get(request_for(text).key)] == ["하나"]
            assert teachers.budget.lost_usd == pytest.approx((26 + 16 + 3 + 16) * 2 * 2e-6 + 2 * 50 * 1e-5)


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

        with ResponseStore(path) as store:
            with teachers_at(endpoint.base_url, store) as teachers:
                ask_texts(teachers, *texts)
                assert endpoint.texts[5:] == ["넷", "다섯", "여섯"]
                accounts = teachers.accounts()
                teachers.finish()
            assert (accounts["calls_sent_now"], accounts["calls_new"], accounts["calls_total"]) == (3, 6, 6)
            assert accounts["usd_new"] == accounts["usd_total"] > 0
            assert accounts["usd_lost"] > WORST_USD  # the two that were under way
            with teachers_at(endpoint.base_url, store) as teachers:
                ask_texts(teachers, *texts)
                accounts = teachers.accounts()
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
