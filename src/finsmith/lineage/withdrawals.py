"""Documents that were withdrawn, and by what their text is known again without keeping it.

`data/withdrawn.jsonl` has a line for each. A document's fingerprint is the hashes of all runs of eight words that stand
in it and in no document that stays: enough to find a copied sentence, too little to read one. Not covered: erasing.
"""

import hashlib
import re
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from finsmith.core.io import read_jsonl, write_jsonl
from finsmith.core.records import Record

NOTED = Path("data/withdrawn.jsonl")
WORDS = 8  # in a row
_BYTES = 8  # of a hash
_WORD = re.compile(r"\w+")


class Withdrawal(Record):
    """A document that must not be used any more; `at` is the day, `fingerprint` hashes of its text in base64."""

    document: str
    sha256: str
    reason: str
    at: str
    fingerprint: str

    @cached_property
    def hashes(self) -> frozenset[bytes]:
        """The hashes of the fingerprint."""
        content = b64decode(self.fingerprint)
        return frozenset(content[at : at + _BYTES] for at in range(0, len(content), _BYTES))


def read_withdrawals(path: Path) -> list[Withdrawal]:
    """What was withdrawn so far; none where there is no such file.

    Raises:
        RecordError: a line is none.
    """
    return list(read_jsonl(path, Withdrawal)) if path.exists() else []


def withdrawn_files(path: Path) -> dict[str, str]:
    """The reason by the sha256 of the file that was withdrawn."""
    return {one.sha256: one.reason for one in read_withdrawals(path)}


def add_withdrawal(path: Path, new: Withdrawal) -> None:
    """Adds a line; one that names the same file before is kept as it is."""
    before = read_withdrawals(path)
    if new.sha256 not in {one.sha256 for one in before}:
        write_jsonl(path, [*before, new])


def fingerprint(texts: Iterable[str], staying: Iterable[str]) -> str:
    """The fingerprint of a document's texts, without what the texts of documents that stay share with it."""
    own = {one for text in texts for one in _hashes(text)}
    for text in staying:
        own.difference_update(_hashes(text))
    return b64encode(b"".join(sorted(own))).decode()


def holds_text_of(text: str, withdrawals: Sequence[Withdrawal]) -> str:
    """The name of the first withdrawn document of which the text holds eight words in a row, or ""."""
    for one in _hashes(text):
        for withdrawal in withdrawals:
            if one in withdrawal.hashes:
                return withdrawal.document
    return ""


def _hashes(text: str) -> Iterator[bytes]:
    words = _WORD.findall(unicodedata.normalize("NFC", text))
    for at in range(len(words) - WORDS + 1):
        yield hashlib.blake2b("\0".join(words[at : at + WORDS]).encode(), digest_size=_BYTES).digest()
