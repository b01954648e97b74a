"""Who may see rows: a reviewer's link holds a token, of which the state folder keeps the sha256 alone.

The token stands behind the link's `#`, which browsers send to no server, and the page sends it as a header. Nothing is
sent by itself as a cookie would be, so another site's page can do nothing in a reviewer's name. Not covered: TLS.
"""

import hashlib
import hmac
import re
import secrets
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

import orjson

from finsmith.core.io import atomic_path, read_json

_DAYS = 30  # after which a link is void
_FREE = 5  # wrong tokens from an address before its answers are slowed down
_MOST_SECONDS = 5.0
_FORGET_SECONDS = 300.0
_ADDRESSES = 1000  # that are remembered
_LITERAL = re.compile(r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\])(?::\d+)?")


class Access:
    """The links given out, kept in a file that its owner alone may read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def link(self, reviewer: str, origin: str) -> str:
        """A new link for a reviewer; those given out before stay good for their 30 days."""
        token = secrets.token_urlsafe(32)
        entry = {"reviewer": reviewer, "until": int(time.time()) + _DAYS * 86_400}
        self._write(self._valid() | {_sha256(token): entry})
        return f"{origin}/#{token}"

    def forget(self) -> None:
        """Makes all links void that were given out."""
        self._write({})

    def reviewer(self, token: str) -> str:
        """Whose token it is, "" where it is nobody's. Compared in constant time."""
        found, given = "", _sha256(token)
        for known, entry in self._valid().items():
            if hmac.compare_digest(known, given):
                found = entry["reviewer"]
        return found

    def _valid(self) -> dict[str, Any]:
        known = read_json(self._path) if self._path.exists() else {}
        return {sha256: entry for sha256, entry in known.items() if entry["until"] > time.time()}

    def _write(self, entries: dict[str, Any]) -> None:
        write_private(self._path, orjson.dumps(entries, option=orjson.OPT_INDENT_2))


class Patience:
    """How long an address waits for its next refusal: nothing at first, doubled with each wrong token, 5 s at most."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Counts a wrong token and gives the seconds to wait before the refusal is sent."""
        count, last = self._wrong.pop(address, (0, 0.0))
        now = time.monotonic()
        count = 1 if now - last > _FORGET_SECONDS else count + 1
        self._wrong[address] = (count, now)
        if len(self._wrong) > _ADDRESSES:
            self._wrong.popitem(last=False)
        return 0.0 if count <= _FREE else min(_MOST_SECONDS, 0.1 * 2.0 ** min(count - _FREE, 10))


def is_ours(host: str, names: frozenset[str]) -> bool:
    """Whether a Host header names this server: one of its names or any address.

    A page of another site whose name was bent to this machine (DNS rebinding) still sends that site's name.
    """
    return bool(_LITERAL.fullmatch(host)) or host.rpartition(":")[0].lower() in names or host.lower() in names


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine reaches it."""
    return host in ("localhost", "::1") or host.startswith("127.")


def write_private(path: Path, content: bytes) -> None:
    """Writes a file that its owner alone may read, from its first byte on."""
    with atomic_path(path) as aside:
        aside.touch(0o600)
        aside.write_bytes(content)


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
