"""The response store: every paid reply under its request key, in one SQLite file, safe for several processes.

A reply is written the moment it arrives, so a crash loses none. `claimed` tells which replies a finished stage has
already counted as spent: a run killed half-way leaves its calls unclaimed, and the run that goes on counts them as new.
"""

import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path

from finsmith.core.errors import OutputError
from finsmith.core.records import Reply, Request

_SCHEMA = """
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY, request TEXT NOT NULL, reply TEXT NOT NULL,
    seconds REAL NOT NULL, at REAL NOT NULL, claimed INTEGER NOT NULL DEFAULT 0
)
"""


class ResponseStore:
    """Replies by request key; a context manager that closes its file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._db = sqlite3.connect(path, timeout=60, isolation_level=None)
        self._switch_to_wal()
        self._db.execute("PRAGMA synchronous=FULL")  # a paid reply survives a power cut
        self._db.execute(_SCHEMA)

    def __enter__(self) -> "ResponseStore":
        """The store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the file."""
        self._db.close()

    def _switch_to_wal(self, seconds: float = 60.0) -> None:
        """Waits by hand: SQLite's own time-out does not cover two processes that open a new file at once."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self._db.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def get(self, key: str) -> Reply | None:
        """The stored reply to a request, or None."""
        row = self._db.execute("SELECT reply FROM replies WHERE key = ?", (key,)).fetchone()
        return Reply.model_validate_json(row[0]) if row else None

    def put(self, request: Request, reply: Reply, seconds: float) -> None:
        """Stores a reply durably; the first one for a key stays.

        Raises:
            OutputError: the file cannot be written (disk full).
        """
        values = (reply.key, request.model_dump_json(), reply.model_dump_json(), seconds, time.time())
        try:
            self._db.execute(
                "INSERT OR IGNORE INTO replies (key, request, reply, seconds, at) VALUES (?, ?, ?, ?, ?)", values
            )
        except sqlite3.OperationalError as error:
            raise OutputError(
                f"{self._path}: a reply cannot be stored ({error}). Free some space and run again."
            ) from error

    def unclaimed(self, keys: Iterable[str]) -> set[str]:
        """Those of the keys whose reply no finished stage has counted yet."""
        found = (
            self._db.execute("SELECT 1 FROM replies WHERE key = ? AND claimed = 0", (k,)).fetchone() and k for k in keys
        )
        return {key for key in found if key}

    def claim(self, keys: Iterable[str]) -> None:
        """Marks replies as counted."""
        self._db.execute("BEGIN")
        self._db.executemany("UPDATE replies SET claimed = 1 WHERE key = ?", [(key,) for key in keys])
        self._db.execute("COMMIT")
