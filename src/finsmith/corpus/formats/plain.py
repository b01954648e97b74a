"""Reads TXT: UTF-8, UTF-16 or cp949; paragraphs end at blank lines, and lines that were broken by hand are joined.

Not covered: headings without a number, and tables drawn with characters; each of their lines is a paragraph.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from finsmith.corpus.document import ReadDocument
from finsmith.korean.morphemes import join_lines

from .blocks import Text, parts
from .reading import Found, Unreadable, read_file

_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HANGUL_END = re.compile(r"[가-힣]$")
_ITEM = re.compile(r"\s*(?:[-*•○●◦□■▪▶◆※]|\(?(?:\d{1,3}|[가-힣])[.)]\s|[①-⑳]|제\s*\d+\s*[편장절조항])")
# A paragraph whose widest line is of such a width (Hangul counts two) was broken by hand; its full lines go on below.
_BROKEN_WIDTHS = range(60, 121)
_FULL_LINE = 0.8  # of the widest line


def read_txt(path: Path) -> ReadDocument:
    """The document in a TXT file; one that cannot be read is a reject with its reason."""
    return read_file(path, _find)


def _find(path: Path) -> Found:
    lines = decoded(path.read_bytes()).splitlines()
    return Found(tuple(parts(Text(text) for text in _paragraphs(lines))))


def decoded(content: bytes) -> str:
    """The text of a file.

    Raises:
        Unreadable: in another encoding, or no text at all.
    """
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROL.search(text):
            raise Unreadable("no text inside, whatever its name says; save it as TXT in UTF-8")
        return text
    raise Unreadable("neither UTF-8, UTF-16 nor cp949; save it as UTF-8")


def _encodings(content: bytes) -> Sequence[str]:
    for bom, encoding in _BOMS.items():
        if content.startswith(bom):
            return (encoding,)
    if b"\0" in content:  # stands in no other encoding; in UTF-16 it is half of a space, digit or line end
        odd = content[1::2].count(0)
        return ("utf-16-le",) if odd > content[::2].count(0) else ("utf-16-be",)
    return "utf-8", "cp949"


def joined(lines: Iterable[str]) -> str:
    """The lines as one; a line that ends in Hangul may break a word, so morphology joins it to the next."""
    runs: list[list[str]] = [[]]
    for line in lines:
        runs[-1].append(unicodedata.normalize("NFC", line).strip())
        if not _HANGUL_END.search(runs[-1][-1]):
            runs.append([])
    return " ".join(join_lines(run) for run in runs if run)


def _paragraphs(lines: Iterable[str]) -> Iterator[str]:
    for is_text, group in groupby(lines, key=lambda line: bool(line.strip())):
        if not is_text:
            continue
        block = list(group)
        widest = max(map(_width, block))
        held: list[str] = []
        for line in block:
            if held and not _goes_on(held[-1], line, widest):
                yield joined(held)
                held = []
            held.append(line)
        yield joined(held)


def _goes_on(before: str, line: str, widest: int) -> bool:
    return widest in _BROKEN_WIDTHS and _width(before) >= _FULL_LINE * widest and not _ITEM.match(line)


def _width(line: str) -> int:
    text = unicodedata.normalize("NFC", line.rstrip())
    return len(text) + sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
