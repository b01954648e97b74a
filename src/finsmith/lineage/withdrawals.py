"""Documents that were withdrawn, and by what their text is known again without keeping it.

`data/withdrawn.json` lists them. A document's fingerprint is the hashes of all runs of eight words that stand
in it and in no document that stays: enough to find a copied sentence, too little to read one. Not covered: erasing.
"""

import hashlib
import re
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import orjson
from pydantic import ValidationError

from finsmith.core.errors import RecordError
from finsmith.core.io import read_json, write_json
from finsmith.core.records import Record

NOTED = Path("data/withdrawn.json")
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
        RecordError: the file is no JSON, or an entry is none.
    """
    try:
        return [Withdrawal.model_validate_json(orjson.dumps(one)) for one in read_json(path)] if path.exists() else []
    except (ValidationError, TypeError) as error:
        raise RecordError(f"{path}: an entry is no withdrawal ({error})") from error


def withdrawn_files(path: Path) -> dict[str, str]:
    """The reason by the sha256 of the file that was withdrawn."""
    return {one.sha256: one.reason for one in read_withdrawals(path)}


def add_withdrawal(path: Path, new: Withdrawal) -> None:
    """Adds an entry; one that names the same file before is kept as it is."""
    before = read_withdrawals(path)
    if new.sha256 not in {one.sha256 for one in before}:
        write_json(path, [one.model_dump(mode="json") for one in (*before, new)])


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
