"""Bringing replies to the disk: without holding up calls, many at once, before anything is returned."""

import asyncio
import threading
import time

import pytest

from finsmith.core.errors import OutputError, TeacherRefused
from finsmith.teacher.durable import Durable
from finsmith.teacher.store import ResponseStore

from .asking import ask_texts, request_for, teachers_at
from .endpoint import Answer, Endpoint


class WatchedStore(ResponseStore):
    """A store that tells which replies were on the disk at which sync, and lets none end before it may."""

    def __init__(self, path):
        super().__init__(path)
        self.may_end = threading.Event()
        self.stored_at_begin, self.ended = [], 0

    def sync(self):
        self.stored_at_begin.append(self.puts)
        assert self.may_end.wait(60)
        super().sync()
        self.ended += 1

    puts = 0

    def put(self, *args, **changes):
        self.puts += 1
        return super().put(*args, **changes)


@pytest.fixture
def watched(tmp_path):
    with WatchedStore(tmp_path / "responses.sqlite") as opened:
        yield opened


async def until(condition):
    while not condition():
        await asyncio.sleep(0.005)


def test_nothing_is_returned_before_it_is_on_the_disk(watched):
    """While the disk is busy both rounds of a dialogue are asked; its result comes when the disk has both replies."""
    seen = []

    def two_rounds():
        yield [request_for("하나")]
        yield [request_for("둘")]

    def watch():
        endpoint.wait_until_received(2)
        time.sleep(0.5)
        seen.append(returned.is_set())
        watched.may_end.set()

    returned = threading.Event()
    with Endpoint() as endpoint, teachers_at(endpoint.base_url, watched) as teachers:
        watcher = threading.Thread(target=watch)
        watcher.start()
        teachers.converse([two_rounds()])
        assert watched.ended == len(watched.stored_at_begin) and watched.stored_at_begin[-1] == 2
        returned.set()
        watcher.join()
    assert seen == [False]


def test_what_arrived_before_a_failure_is_on_the_disk_as_well(watched):
    """When a call is refused for good, the replies that came before are synced before the error goes up."""
    watched.may_end.set()
    with (
        Endpoint(by_text={"둘": [Answer(status=401)]}) as endpoint,
        teachers_at(endpoint.base_url, watched) as teachers,
    ):
        with pytest.raises(TeacherRefused):
            ask_texts(teachers, "하나", "둘")
        assert (watched.stored_at_begin, watched.ended) == ([1], 1)


def test_many_replies_share_a_sync(watched):
    """40 calls take one sync for each 50 ms that they last, one more at their end, and no more."""
    watched.may_end.set()
    began = time.monotonic()
    with Endpoint() as endpoint, teachers_at(endpoint.base_url, watched, concurrency=8) as teachers:
        ask_texts(teachers, *map(str, range(40)))
    assert watched.stored_at_begin[-1] == watched.puts == 40
    assert watched.ended <= (time.monotonic() - began) / 0.05 + 1


def test_what_is_stored_during_a_sync_is_in_the_next(watched):
    """A wait that comes while a sync runs is not content with it: the next one takes it along."""

    async def waiting():
        durable = Durable(watched)
        durable.soon()
        await until(lambda: len(watched.stored_at_begin) == 1)
        watched.puts = 1
        durable.soon()
        late = asyncio.create_task(durable.now())
        await asyncio.sleep(0.05)
        assert not late.done()
        watched.may_end.set()
        await late

    asyncio.run(waiting())
    assert (watched.stored_at_begin, watched.ended) == ([0, 1], 2)


def test_a_sync_under_way_is_waited_for(watched):
    """Where nothing new was stored, but the sync of what was is not through, the wait lasts until it is."""

    async def waiting():
        durable = Durable(watched)
        durable.soon()
        await until(lambda: len(watched.stored_at_begin) == 1)
        wait = asyncio.create_task(durable.now())
        await asyncio.sleep(0.05)
        assert not wait.done()
        watched.may_end.set()
        await wait

    asyncio.run(waiting())
    assert watched.ended == 1


def test_a_lone_reply_is_synced_without_being_waited_for(watched):
    """What is stored comes to the disk by itself, within a second."""
    watched.may_end.set()

    async def waiting():
        Durable(watched).soon()
        await asyncio.wait_for(until(lambda: watched.ended == 1), 5)

    asyncio.run(waiting())


def test_nothing_stored_is_nothing_synced(watched):
    """Where nothing was stored there is no sync."""
    asyncio.run(Durable(watched).now())
    assert watched.stored_at_begin == []


def test_a_busy_disk_holds_up_no_one(watched):
    """While a sync hangs the loop goes on, and the same file is written and read."""

    async def waiting():
        durable = Durable(watched)
        durable.soon()
        await until(lambda: len(watched.stored_at_begin) == 1)
        watched.unsynced.execute("INSERT INTO sent (workspace, stage, calls, usd) VALUES ('w', 's', 1, 0)")
        watched.db.execute("UPDATE sent SET usd = 1")
        watched.may_end.set()
        await durable.now()

    asyncio.run(waiting())


def test_a_flush_that_failed_is_told_for_good(watched):
    """Where the log cannot be flushed the next store and the end both raise, though a later flush would succeed."""
    log = watched._log
    watched.may_end.set()

    async def waiting():
        durable = Durable(watched)
        log.rename(log.with_name("away"))
        durable.soon()
        await until(lambda: len(watched.stored_at_begin) == 1)
        await asyncio.sleep(0.1)
        log.with_name("away").rename(log)
        with pytest.raises(OutputError, match=r"responses\.sqlite: it cannot be written"):
            durable.soon()
        with pytest.raises(OutputError):
            await durable.now()

    asyncio.run(waiting())
