"""The response store: every paid reply under its request key, in one SQLite file, safe for several processes.

A reply is written the moment it arrives, so a crash loses none. `claimed` tells which replies a finished stage has
already counted as spent: a run killed half-way leaves its calls unclaimed, and the run that goes on counts them as new.
The same file holds what was sent (`budget`) and the batches under way (`batch_journal`). Not covered: waiting for the
disk without holding others up; that is `durable`.
"""

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from finsmith.core.errors import OutputError
from finsmith.core.records import Reply, Request, StoredCall
from finsmith.core.state import state_dir

_SCHEMA = """
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY, request TEXT NOT NULL, reply TEXT NOT NULL,
    seconds REAL NOT NULL, at REAL NOT NULL, claimed INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS sent (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace TEXT NOT NULL, stage TEXT NOT NULL, calls INTEGER NOT NULL, usd REAL NOT NULL,
    good INTEGER NOT NULL DEFAULT 0, stage_open INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE IF NOT EXISTS batches (
    id INTEGER PRIMARY KEY AUTOINCREMENT, endpoint TEXT NOT NULL, requests TEXT NOT NULL, sent_id INTEGER NOT NULL,
    at REAL NOT NULL, batch_id TEXT NOT NULL DEFAULT ''
);
PRAGMA user_version = 1;
"""


class ResponseStore:
    """Replies by request key; a context manager that closes its file.

    `db` is the open file in autocommit mode: what it commits is on the disk. `unsynced` is the same file for notes that
    must outlive the process but not a power cut, a hundred times as fast.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self.db = sqlite3.connect(path, timeout=60, isolation_level=None)
        # Where the file system bears no write-ahead log, SQLite goes on without.
        self._log = Path(f"{path}-wal") if self._switch_to_wal() == "wal" else path
        self.db.execute("PRAGMA synchronous=FULL")  # a paid reply survives a power cut
        self.db.executescript(_SCHEMA)  # its last line always writes, so that the log's name is on the disk as well
        self.unsynced = sqlite3.connect(path, timeout=60, isolation_level=None)
        self.unsynced.execute("PRAGMA synchronous=NORMAL")
        self.unsynced.execute("PRAGMA wal_autocheckpoint=4000")  # pages; whoever reaches them waits for the disk

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._path

    def __enter__(self) -> "ResponseStore":
        """The store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the file."""
        self.unsynced.close()
        self.db.close()

    def _switch_to_wal(self, seconds: float = 60.0) -> str:
        """The journal mode. Waits by hand: SQLite's own time-out does not cover two that open a new file at once."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return str(self.db.execute("PRAGMA journal_mode=WAL").fetchone()[0])
            except sqlite3.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def get(self, key: str) -> Reply | None:
        """The stored reply to a request, or None."""
        row = self.db.execute("SELECT reply FROM replies WHERE key = ?", (key,)).fetchone()
        return Reply.model_validate_json(row[0]) if row else None

    def put(self, request: Request, reply: Reply, seconds: float, synced: bool = True) -> Reply:
        """Stores a reply, and returns the one that is stored: the first for its key stays.

        Where not `synced`, it outlives the process at once, a power cut only after the next `sync`.

        Raises:
            OutputError: the file cannot be written (disk full).
        """
        values = (reply.key, request.model_dump_json(), reply.model_dump_json(), seconds, time.time())
        with self.writing():
            written = (self.db if synced else self.unsynced).execute(
                "INSERT OR IGNORE INTO replies (key, request, reply, seconds, at) VALUES (?, ?, ?, ?, ?)", values
            )
        return reply if written.rowcount else self.get(reply.key) or reply

    def sync(self) -> None:
        """Returns when all that was put is on the disk; may be called in another thread.

        This is what SQLite does after each commit of a synced connection: what is committed stands in the write-ahead
        log, and the log is flushed. Here one flush does for many commits, and holds no lock meanwhile.

        Raises:
            OutputError: the disk cannot be written.
        """
        with self.writing():
            log = os.open(self._log, os.O_RDWR)
            try:
                os.fsync(log)
            finally:
                os.close(log)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Turns a failure to write into an OutputError."""
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            raise OutputError(
                f"{self._path}: it cannot be written ({error}). Free some space and run again; what is stored is kept."
            ) from error

    def texts(self) -> Iterator[tuple[str, str]]:
        """Every request and every reply as JSON, under its key."""
        for key, *texts in self.db.execute("SELECT key, request, reply FROM replies ORDER BY key"):
            yield from ((key, text) for text in texts)

    def asked_about(self, sources: Iterable[str]) -> set[str]:
        """The keys of the calls that were asked about one of these."""
        about = set(sources)
        requests = self.db.execute("SELECT key, request FROM replies")
        return {key for key, text in requests if not about.isdisjoint(orjson.loads(text).get("sources", ()))}

    def erase(self, keys: Iterable[str]) -> None:
        """Erases calls for good, in the file and in its log, also what is left of those erased before.

        Batches under way with them are given up.

        Raises:
            OutputError: the file cannot be written; what was not erased yet stays whole.
        """
        gone = [(key,) for key in keys]
        with self.writing():
            self.db.execute("PRAGMA secure_delete=ON")
            self.db.executemany("DELETE FROM replies WHERE key = ?", gone)
            self.db.executemany("DELETE FROM batches WHERE instr(requests, ?)", gone)
            self.db.execute("VACUUM")
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def calls(self, keys: Iterable[str]) -> list[StoredCall]:
        """The stored ones of these calls, in the order of the keys."""
        query = "SELECT request, reply, seconds, at FROM replies WHERE key = ?"
        rows = (self.db.execute(query, (key,)).fetchone() for key in keys)
        return [
            StoredCall(
                request=Request.model_validate_json(row[0]),
                reply=Reply.model_validate_json(row[1]),
                seconds=row[2],
                at=row[3],
            )
            for row in rows
            if row
        ]

    def unclaimed(self, keys: Iterable[str]) -> set[str]:
        """Those of the keys whose reply no finished stage has counted yet."""
        query = "SELECT 1 FROM replies WHERE key = ? AND claimed = 0"
        return {key for key in keys if self.db.execute(query, (key,)).fetchone()}

    def claim(self, keys: Iterable[str]) -> None:
        """Marks replies as counted."""
        self.db.execute("BEGIN")
        self.db.executemany("UPDATE replies SET claimed = 1 WHERE key = ?", [(key,) for key in keys])
        self.db.execute("COMMIT")


def repository_store() -> ResponseStore:
    """The repository's own store, shared by all its workspaces."""
    return ResponseStore(state_dir("responses") / "responses.sqlite")
