"""What was confirmed outlives kill -9, full disks and other writers; what a page had not seen is not overwritten."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from finsmith.core.errors import DecisionOutdated, OutputError, ReviewError
from finsmith.review.course import read_decisions
from finsmith.review.journal import Journal

from .made import chained, decision, undo

ROOT = Path(__file__).parents[2]


@pytest.fixture
def told():
    return []


@pytest.fixture
def journal(tmp_path, told):
    return Journal(tmp_path / "decisions", told.append)


def lines(tmp_path, name="kim"):
    return (tmp_path / "decisions" / f"{name}.jsonl").read_bytes().splitlines(keepends=True)


def writing(folder, reviewer, first, count):
    """The process of `writing`, started."""
    command = [sys.executable, "-m", "tests.review.writing", str(folder), reviewer, str(first), str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_what_was_appended_is_read_back(journal, tmp_path, told):
    """By another journal too; one file for each reviewer, one line for each decision, in order."""
    said = chained(decision("r1"), decision("r1", "reject", "김심사"), decision("r2", "skip"))
    for one in said:
        journal.append(one)
    assert read_decisions(tmp_path / "decisions").decisions == [said[0], said[2], said[1]]
    other = Journal(tmp_path / "decisions", told.append)
    assert other.stands("kim", ("row", "r1")) == said[0]
    assert other.last("김심사", ("row", "r1")) == said[1].id
    assert other.stands("lee", ("row", "r1")) is None and other.last("lee", ("row", "r1")) == ""
    assert not (tmp_path / "decisions/lee.jsonl").exists()
    assert told == []


def test_a_second_tab_does_not_overwrite(journal, tmp_path):
    """It had not seen the first one's decision; once it has, it may decide otherwise. Other rows are free."""
    other = Journal(tmp_path / "decisions")
    first = decision("r1")
    journal.append(first)
    with pytest.raises(DecisionOutdated, match=f"last decision on the row is {first.id}"):
        other.append(decision("r1", "reject"))
    other.append(decision("r2"))
    second = decision("r1", "reject", seen=first.id)
    other.append(second)
    with pytest.raises(DecisionOutdated):
        journal.append(decision("r1", "skip", seen=first.id))
    assert journal.stands("kim", ("row", "r1")) == second
    assert len(lines(tmp_path)) == 3


def test_an_undo_is_one_more_line(journal, tmp_path):
    """What was undone stays; undoing twice is refused."""
    first, second = chained(decision("r1", "reject"), decision("r1"))
    journal.append(first)
    journal.append(second)
    journal.append(undo(second))
    assert journal.stands("kim", ("row", "r1")) == first
    assert len(lines(tmp_path)) == 3
    with pytest.raises(DecisionOutdated, match="what stands is"):
        journal.append(undo(second, seen=undo(second).id))


def test_half_a_line_is_cut_off_and_told(journal, tmp_path, told):
    """It was never confirmed; what stands before it does, and the next decision has a line of its own."""
    first = decision("r1")
    journal.append(first)
    path = tmp_path / "decisions/kim.jsonl"
    path.write_bytes(path.read_bytes() + b'{"id":"0123')
    found = read_decisions(tmp_path / "decisions")
    assert found.decisions == [first] and found.rejects[0].reason.startswith("half a line")
    after = Journal(tmp_path / "decisions", told.append)
    after.append(decision("r2"))
    [cut] = told
    assert (cut.place, cut.text) == ("line 2", '{"id":"0123') and cut.reason.startswith("half a line")
    assert read_decisions(tmp_path / "decisions").decisions == [first, decision("r2")]


def test_a_whole_line_without_its_end_is_kept(journal, tmp_path, told):
    """An editor may have taken the last newline away: the decision was confirmed."""
    first = decision("r1")
    journal.append(first)
    path = tmp_path / "decisions/kim.jsonl"
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    Journal(tmp_path / "decisions", told.append).append(decision("r2"))
    assert read_decisions(tmp_path / "decisions").decisions == [first, decision("r2")]
    assert told == []


def test_bad_lines_are_told_once_and_left(journal, tmp_path, told):
    """With their place; the lines around them count."""
    journal.append(decision("r1"))
    path = tmp_path / "decisions/kim.jsonl"
    path.write_bytes(path.read_bytes() + b"<<<<<<< HEAD\n")
    journal.append(decision("r2"))
    journal.append(decision("r3"))
    assert [one.place for one in told] == ["line 2"]
    assert lines(tmp_path)[1] == b"<<<<<<< HEAD\n"
    assert len(read_decisions(tmp_path / "decisions").decisions) == 3


def test_a_file_that_git_exchanged_is_read_anew(journal, tmp_path):
    """A checkout puts another file in its place, under the open journal."""
    folder = tmp_path / "decisions"
    journal.append(decision("r1"))
    shutil.copytree(folder, tmp_path / "other")
    Journal(tmp_path / "other").append(decision("r2", "reject"))
    (folder / "kim.jsonl").unlink()
    (tmp_path / "other/kim.jsonl").rename(folder / "kim.jsonl")
    assert journal.stands("kim", ("row", "r2")).verdict == "reject"
    with pytest.raises(DecisionOutdated):
        journal.append(decision("r2"))
    (folder / "kim.jsonl").write_bytes(b"")
    journal.append(decision("r2"))
    assert read_decisions(folder).decisions == [decision("r2")]


def test_names_that_differ_in_case_alone_are_refused(journal):
    """macOS and Windows would take their files for one; a name that leaves the folder is none."""
    journal.append(decision("r1"))
    with pytest.raises(ReviewError, match="'kim'"):
        journal.append(decision("r1", reviewer="Kim"))
    with pytest.raises(ReviewError, match="letters"):
        journal.last("../kim", ("row", "r1"))


def test_a_full_disk_leaves_what_stood(journal, tmp_path):
    """The decision is refused, no part of its line stays, and it can be made once there is room."""
    first = decision("r1")
    journal.append(first)
    before, limit = lines(tmp_path), resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (sum(map(len, before)) + 40, limit[1]))
    try:
        with pytest.raises(OutputError, match=r"kim.jsonl: the decision cannot be written"):
            journal.append(decision("r2"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert lines(tmp_path) == before
    journal.append(decision("r2"))
    assert read_decisions(tmp_path / "decisions").decisions == [first, decision("r2")]


def test_the_line_is_on_the_disk_before_append_returns(journal, tmp_path, monkeypatch):
    """The file is synced when it holds the line, and so is the folder that holds a new file."""
    synced, sync = [], os.fsync

    def noting(fd):
        path = Path(f"/proc/self/fd/{fd}").readlink()
        synced.append((path.name, path.read_bytes().count(b"\n") if path.is_file() else None))
        sync(fd)

    monkeypatch.setattr(os, "fsync", noting)
    journal.append(decision("r1"))
    journal.append(decision("r2"))
    assert synced == [(tmp_path.name, None), ("decisions", None), ("kim.jsonl", 1), ("kim.jsonl", 2)]


def test_threads_of_one_server_lose_nothing(journal, tmp_path):
    """Eight at once, two journals, one reviewer."""
    journals = [journal, Journal(tmp_path / "decisions")]

    def decide(number):
        for at in range(10):
            journals[number % 2].append(decision(f"r{number}-{at}"))

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = read_decisions(tmp_path / "decisions")
    assert len(found.decisions) == 80 and found.rejects == []


def test_processes_at_once_lose_nothing(tmp_path):
    """Two servers on one file: all lines whole; of two decisions on the same row only one is taken."""
    folder = tmp_path / "decisions"
    running = [writing(folder, "kim", 0, 60), writing(folder, "kim", 100, 60), writing(folder, "kim", 30, 60)]
    said = [process.communicate(timeout=60) for process in running]
    found = read_decisions(folder)
    assert found.rejects == []
    confirmed = [identity for out, _ in said for identity in out.split()]
    assert sorted(one.id for one in found.decisions) == sorted(confirmed)
    assert len({one.row_id for one in found.decisions}) == len(found.decisions) >= 120
    outdated = [err for _, err in said if err]
    assert len(outdated) == 1 and "DecisionOutdated" in outdated[0]


def test_kill_9_loses_nothing_that_was_confirmed(tmp_path):
    """Killed in mid-append, again and again, by rounds of a few milliseconds more."""
    folder, confirmed, told = tmp_path / "decisions", [], []
    for at in range(6):
        process = writing(folder, "kim", 10_000 * at, 10_000)
        assert process.stdout and process.stderr
        confirmed.append(process.stdout.readline().strip())
        time.sleep(0.004 * at)
        process.send_signal(signal.SIGKILL)
        rest, _ = process.communicate()
        confirmed += [line for line in rest.split("\n")[:-1] if line]
        Journal(folder, told.append).last("kim", ("row", "r0"))
    found = read_decisions(folder)
    assert found.rejects == []
    assert set(confirmed) <= {one.id for one in found.decisions}
    assert len(found.decisions) <= len(confirmed) + 6
