"""The words of a PDF page with their places, for what stands in cells.

Not covered: rotated text, which no table finder here can place.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import pymupdf

_GAP = 0.2  # of the type size, as in `page.py`
_CELL_GAP = 1.1  # of the type size: a wider gap is no space, which some fonts have as wide as a letter
_ABOVE, _BELOW = 0.75, 0.1  # of the type size: what glyphs fill over and under their base line


class Word(NamedTuple):
    """A word in the box its glyphs fill; the library's own boxes are taller, and those of two lines overlap."""

    x0: float
    y0: float
    x1: float
    y1: float
    text: str

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of its box."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def size(self) -> float:
        """Its type size, in points."""
        return (self.y1 - self.y0) / (_ABOVE + _BELOW)


def read_words(page: "pymupdf.Page") -> list[Word]:
    """The upright words of the page, NFC, cut at spaces and where the page shows a gap."""
    blocks = page.get_text("rawdict", flags=pymupdf.TEXTFLAGS_TEXT)["blocks"]
    lines = (line for block in blocks for line in block["lines"] if line["dir"][0] > 0.9)
    return [word for line in lines for word in _words(line)]


def _words(line: dict[str, Any]) -> Iterator[Word]:
    held: list[tuple[dict[str, Any], float]] = []
    for span in line["spans"]:
        for glyph in span["chars"]:
            blank = glyph["c"].isspace()
            if held and (blank or glyph["bbox"][0] - held[-1][0]["bbox"][2] > _GAP * span["size"]):
                yield _word(held)
                held = []
            if not blank:
                held.append((glyph, span["size"]))
    if held:
        yield _word(held)


def _word(glyphs: Sequence[tuple[dict[str, Any], float]]) -> Word:
    """The glyphs as one word, placed by the largest of them: a note's mark hangs above."""
    first, size = max(glyphs, key=lambda glyph: glyph[1])
    base = first["origin"][1]
    text = unicodedata.normalize("NFC", "".join(glyph["c"] for glyph, _ in glyphs))
    return Word(glyphs[0][0]["bbox"][0], base - _ABOVE * size, glyphs[-1][0]["bbox"][2], base + _BELOW * size, text)


def text_lines(words: Sequence[Word]) -> list[list[Word]]:
    """The words as lines, top down, each from left to right; words whose middles differ by half a height are two."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.middle[1]):
        if not lines or word.middle[1] - lines[-1][0].middle[1] > 0.4 * (word.y1 - word.y0):
            lines.append([])
        lines[-1].append(word)
    return [sorted(line) for line in lines]


def chunks(line: Sequence[Word], gap: float = _CELL_GAP) -> list[list[Word]]:
    """The words of a line, put together where less than `gap` type sizes is between them: what stands in one place."""
    found = [[line[0]]]
    for last, word in pairwise(line):
        if word.x0 - last.x1 >= gap * min(last.size, word.size):
            found.append([])
        found[-1].append(word)
    return found


def said(words: Sequence[Word]) -> str:
    """The words with a space between each two."""
    return " ".join(word.text for word in words)
