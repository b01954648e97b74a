"""The batches that were sent and not collected yet, noted in the response store before they are sent.

One process at a time sends batches with a store; another waits, since it could not tell a batch whose creation is under
way from one that a killed run left half-created. Not covered: what they cost; that is the budget's.
"""

import asyncio
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tqdm import tqdm

from finsmith.core.errors import OutputError
from finsmith.core.ids import content_id
from finsmith.core.records import Request

from .store import ResponseStore


@dataclass
class SentBatch:
    """A batch and its requests by key; `batch_id` is "" until the endpoint has told it, `at` is the time of the note.

    `sent_id` is its entry in the budget. `taken_up`: an earlier run sent it. `may_exist`: its creation was sent.
    """

    id: int
    requests: dict[str, Request]
    sent_id: int
    at: float
    batch_id: str = ""
    taken_up: bool = False
    may_exist: bool = False

    @property
    def name(self) -> str:
        """What it is recognised by at the endpoint: what it asks, and which sending of this store it is."""
        return f"{content_id(sorted(self.requests))}-{self.id}"


class BatchJournal:
    """The notes of one asking, on its `store`."""

    def __init__(self, store: ResponseStore) -> None:
        self.store = store
        self._opening = asyncio.Lock()
        self._lock: sqlite3.Connection | None = None
        self._holders, self._told = 0, False

    async def hold(self, pause_seconds: float) -> None:
        """Returns when no other process sends batches with this store; undone by `release`."""
        async with self._opening:
            while self._lock is None and not self._take_lock():
                if not self._told:
                    tqdm.write("another process sends batches; this one waits for its end", file=sys.stderr)
                self._told = True
                await asyncio.sleep(pause_seconds)
        self._holders += 1

    def release(self) -> None:
        """Lets other processes send, when all who hold have released."""
        self._holders -= 1
        if self._lock and not self._holders:
            self._lock.close()
            self._lock = None

    def open_batches(self, endpoint: str) -> list[SentBatch]:
        """What earlier runs sent to this endpoint and nobody has collected."""
        columns = "id, requests, sent_id, at, batch_id"
        rows = self.store.db.execute(f"SELECT {columns} FROM batches WHERE endpoint = ? ORDER BY id", (endpoint,))
        return [
            SentBatch(number, _by_key(requests), sent_id, at, batch_id, taken_up=True, may_exist=True)
            for number, requests, sent_id, at, batch_id in rows.fetchall()
        ]

    def note(self, endpoint: str, requests: dict[str, Request], sent_id: int) -> SentBatch:
        """The batch, noted durably as about to be sent."""
        at, lines = time.time(), "\n".join(request.model_dump_json() for request in requests.values())
        with self.transaction():
            row = self.store.db.execute(
                "INSERT INTO batches (endpoint, requests, sent_id, at) VALUES (?, ?, ?, ?)",
                (endpoint, lines, sent_id, at),
            )
        assert row.lastrowid is not None
        return SentBatch(row.lastrowid, requests, sent_id, at)

    def created(self, batch: SentBatch, batch_id: str) -> None:
        """Notes the id the endpoint gave it."""
        with self.transaction():
            self.store.db.execute("UPDATE batches SET batch_id = ? WHERE id = ?", (batch_id, batch.id))
        batch.batch_id = batch_id

    def forget(self, batch: SentBatch) -> None:
        """Drops the note, inside a transaction: everything of the batch is stored, or nothing of it was executed."""
        self.store.db.execute("DELETE FROM batches WHERE id = ?", (batch.id,))

    def _take_lock(self) -> bool:
        """Takes a lock that goes with its process, even after kill -9, on every system."""
        lock = sqlite3.connect(self.store.path.with_suffix(".batches"), timeout=0, isolation_level=None)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            lock.close()
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise OutputError(f"{self.store.path}: no lock can be made beside it ({error})") from error
            return False
        self._lock = lock
        return True

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is written inside is on the disk when it ends, all or nothing; nothing is awaited inside.

        Raises:
            OutputError: the file cannot be written (disk full).
        """
        db = self.store.db
        try:
            db.execute("BEGIN IMMEDIATE")
            yield
            db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise OutputError(
                f"{self.store.path}: a batch cannot be noted ({error}). Free some space and run again."
            ) from error
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")


def _by_key(lines: str) -> dict[str, Request]:
    requests = [Request.model_validate_json(line) for line in lines.split("\n")]
    return {request.key: request for request in requests}
