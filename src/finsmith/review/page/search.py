"""Rows of the queue by their id or words in them, found by reading the files through without keeping them.

Not covered: ranking; rows come in the order of their files.
"""

import mmap
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import orjson

from ..decisions import FIELDS
from ..queue_file import Line

_FIELDS = sorted(FIELDS["row"] | FIELDS["question"])


def search_file(path: Path, words: str) -> Iterator[Line]:
    """The lines of a file whose id begins with the words, or that hold them in a text; case is no matter."""
    if not path.exists() or not path.stat().st_size:
        return
    words = unicodedata.normalize("NFC", words)
    wanted, pattern = words.casefold(), re.compile(b"".join(map(_in_any_case, words)))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        at = 0
        while found := pattern.search(content, at):
            begin, end = content.rfind(b"\n", 0, found.start()) + 1, content.find(b"\n", found.end())
            at = end = len(content) if end < 0 else end
            line: Line = orjson.loads(content[begin:end])
            if line["id"].startswith(wanted) or any(wanted in text.casefold() for text in _texts(line)):
                yield line


def _in_any_case(letter: str) -> bytes:
    """A pattern of the letter as JSON writes it."""
    forms = {re.escape(orjson.dumps(form)[1:-1]) for form in (letter, letter.lower(), letter.upper())}
    return b"(?:" + b"|".join(sorted(forms)) + b")" if len(forms) > 1 else forms.pop()


def _texts(line: Line) -> Iterator[str]:
    for name in _FIELDS:
        if isinstance(value := line.get(name), str):
            yield value
        elif name == "choices":
            yield from value or ()
