"""The response store on real files, with several processes and a full disk."""

import multiprocessing
import sqlite3
import subprocess
import sys

import pytest

from finsmith.core.records import Reply
from finsmith.teacher.store import ResponseStore

from .asking import request_for


def reply_for(text, answer="답"):
    return Reply(
        key=request_for(text).key,
        model="teacher-large",
        text=answer,
        finish_reason="stop",
        prompt_tokens=10,
        completion_tokens=5,
        cost_usd=0.25,
        reference_cost_usd=0.5,
    )


def test_a_reply_comes_back_as_it_was_put_even_from_a_reopened_file(tmp_path):
    """A stored reply survives closing; an unknown key gives None."""
    path = tmp_path / "new" / "responses.sqlite"
    with ResponseStore(path) as store:
        store.put(request_for("하나"), reply_for("하나"), 1.5)
    with ResponseStore(path) as store:
        assert store.get(request_for("하나").key) == reply_for("하나")
        assert store.get(request_for("둘").key) is None


def test_a_put_is_on_disk_at_once(store, tmp_path):
    """Another connection sees the reply, with its request and seconds, while the first is still open."""
    store.put(request_for("하나"), reply_for("하나"), 1.5)
    other = sqlite3.connect(tmp_path / "responses.sqlite")
    rows = other.execute("SELECT key, request, seconds FROM replies").fetchall()
    other.close()
    assert rows == [(request_for("하나").key, request_for("하나").model_dump_json(), 1.5)]


def test_the_first_reply_for_a_key_stays(store):
    """A later reply for the same key is not taken."""
    store.put(request_for("하나"), reply_for("하나", "먼저"), 1.0)
    store.put(request_for("하나"), reply_for("하나", "나중"), 1.0)
    assert store.get(request_for("하나").key).text == "먼저"


def test_a_reply_is_unclaimed_until_it_is_claimed(store):
    """Stored keys are unclaimed at first, claimed ones no longer, unknown ones never; a later put claims nothing."""
    keys = {text: request_for(text).key for text in ("하나", "둘", "셋")}
    store.put(request_for("하나"), reply_for("하나"), 1.0)
    store.put(request_for("둘"), reply_for("둘"), 1.0)
    assert store.unclaimed(keys.values()) == {keys["하나"], keys["둘"]}
    store.claim([keys["하나"], keys["셋"]])
    store.put(request_for("셋"), reply_for("셋"), 1.0)
    assert store.unclaimed(keys.values()) == {keys["둘"], keys["셋"]}


def test_an_unsynced_put_outlives_the_process(tmp_path):
    """Another connection sees a reply that was put without a sync; the first for a key stays, from whichever side."""
    with ResponseStore(tmp_path / "responses.sqlite") as store:
        assert store.put(request_for("하나"), reply_for("하나", "먼저"), 1.0, synced=False).text == "먼저"
        assert store.put(request_for("하나"), reply_for("하나", "나중"), 1.0).text == "먼저"
        assert store.put(request_for("둘"), reply_for("둘", "먼저"), 1.0).text == "먼저"
        assert store.put(request_for("둘"), reply_for("둘", "나중"), 1.0, synced=False).text == "먼저"
        other = sqlite3.connect(tmp_path / "responses.sqlite")
        rows = other.execute("SELECT reply FROM replies ORDER BY at").fetchall()
        other.close()
    assert rows == [(reply_for(text, "먼저").model_dump_json(),) for text in ("하나", "둘")]


def _open_new_ones(folder, barrier, problems):
    for number in range(20):
        barrier.wait()
        try:
            with ResponseStore(folder / f"{number}.sqlite") as store:
                store.put(request_for(str(number)), reply_for(str(number)), 1.0)
        except sqlite3.OperationalError as error:
            problems.put(str(error))
    problems.put(None)


def test_processes_may_open_a_new_file_at_once(tmp_path):
    """Three processes that make the same new files at the same moment all get in."""
    context = multiprocessing.get_context("spawn")
    barrier, problems = context.Barrier(3), context.Queue()
    processes = [context.Process(target=_open_new_ones, args=(tmp_path, barrier, problems)) for _ in range(3)]
    for process in processes:
        process.start()
    found, ended = [], 0
    while ended < 3:
        problem = problems.get(timeout=120)
        ended += problem is None
        found += [problem] if problem else []
    for process in processes:
        process.join()
    problems.close()
    assert found == []


_FILLS_THE_DISK = """
import resource, signal, sys
from pathlib import Path
from finsmith.core.errors import OutputError
from finsmith.core.records import Reply, Request
from finsmith.teacher.store import ResponseStore

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
with ResponseStore(Path(sys.argv[1])) as store:
    for number in range(1000):
        request = Request(recipe="r", sources=(), prompt_sha256="", model="m", messages=(("user", str(number)),),
                          temperature=0, max_tokens=1, seed=number)
        reply = Reply(key=request.key, model="m", text="가" * 2000, finish_reason="stop", prompt_tokens=1,
                      completion_tokens=1, cost_usd=0, reference_cost_usd=0)
        try:
            store.put(request, reply, 1.0)
        except OutputError as error:
            print(error)
            break
        print(reply.key, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of a file by RLIMIT_FSIZE")
def test_a_full_disk_is_an_output_error_and_loses_nothing(tmp_path):
    """A reply that does not fit is an OutputError that names the file; every reply put before is still there."""
    path = tmp_path / "responses.sqlite"
    filled = subprocess.run(
        [sys.executable, "-c", _FILLS_THE_DISK, str(path)], capture_output=True, text=True, check=False, timeout=120
    )
    *keys, message = filled.stdout.splitlines()
    assert str(path) in message and "cannot be written" in message and "Free some space" in message
    assert len(keys) > 5
    with ResponseStore(path) as store:
        assert all(store.get(key) is not None for key in keys)
