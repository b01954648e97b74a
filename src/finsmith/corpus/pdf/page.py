"""The lines of a PDF page with their places, spaces restored.

A text layer may hold no spaces at all; the page still shows them as gaps between glyphs. Measured against pypdfium2 on
44 pages of minutes that lost theirs, a gap of 0.2 of the font size finds every word border and no other.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pymupdf

from finsmith.korean.spacing import lost_spaces

from ..limits import begin

_FLAGS = pymupdf.TEXTFLAGS_TEXT
_GAP = 0.2  # of the font size


@dataclass(frozen=True)
class Line:
    """One line of text in its box (points from the top left corner); `size` is the font size most of it has.

    `page` counts from 1, `block` numbers the block the library put it in. A rotated line is not upright.
    `confidence` (0 to 1) is set where OCR read it off a picture.
    """

    page: int
    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    block: int
    upright: bool = True
    confidence: float | None = None

    @property
    def height(self) -> float:
        """Height of the box, in points."""
        return self.y1 - self.y0


@dataclass(frozen=True)
class Page:
    """The lines of one page in the order of the text layer; `number` counts from 1.

    A page that broke a limit is left out: it has no lines, whatever is on it.
    """

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]
    respaced: bool
    left_out: bool = False


def read_pages(pdf: "pymupdf.Document") -> list[Page]:
    """The lines of all pages, NFC; where a text layer has lost its spaces, they come from the gaps between glyphs."""
    pages: list[Page] = []
    for number in range(1, pdf.page_count + 1):
        pages.append(_page(pdf, number, "dict"))
        if lost_spaces(" ".join(line.text for line in pages[-1].lines)):
            return [_page(pdf, every, "rawdict") for every in range(1, pdf.page_count + 1)]
    return pages


def _page(pdf: "pymupdf.Document", number: int, detail: Literal["dict", "rawdict"]) -> Page:
    if not begin("reading the text", number):
        return Page(number, 0.0, 0.0, (), respaced=False, left_out=True)
    page = pdf[number - 1]
    blocks = page.get_text(detail, flags=_FLAGS)["blocks"]
    lines = tuple(_lines(blocks, number))
    respaced = detail == "rawdict" and sum(len(line.text.split()) for line in lines) != _words_in_layer(blocks)
    _, _, width, height = page.rect
    return Page(number, width, height, lines, respaced)


def _words_in_layer(blocks: Sequence[dict[str, Any]]) -> int:
    """How many words the text layer shows by its own spaces."""
    lines = (line["spans"] for block in blocks for line in block["lines"])
    return sum(len("".join(glyph["c"] for span in spans for glyph in span["chars"]).split()) for spans in lines)


def _lines(blocks: Sequence[dict[str, Any]], page: int) -> Iterator[Line]:
    for number, block in enumerate(blocks):
        held: Line | None = None
        for line in (_line(raw, page, number) for raw in block["lines"]):
            if not line:
                continue
            if held and (_same_row(held, line) or _same_row(line, held)):
                held = _side_by_side(*sorted((held, line), key=lambda part: part.x0))
                continue
            if held:
                yield held
            held = line
        if held:
            yield held


def _line(raw: dict[str, Any], page: int, block: int) -> Line | None:
    spans = raw["spans"]
    text = "".join(span["text"] for span in spans) if "text" in spans[0] else _spaced(spans)
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if not text:
        return None
    x0, y0, x1, y1 = raw["bbox"]
    return Line(page, text, x0, y0, x1, y1, _size(spans), block, raw["dir"][0] > 0.9)


def _size(spans: Sequence[dict[str, Any]]) -> float:
    """The font size of most glyphs, in points."""
    if len(spans) == 1:
        return float(round(spans[0]["size"], 1))
    sizes: Counter[float] = Counter()
    for span in spans:
        sizes[round(span["size"], 1)] += len(span["text"] if "text" in span else span["chars"])
    return max(sizes, key=sizes.__getitem__)


def _spaced(spans: Sequence[dict[str, Any]]) -> str:
    """The glyphs as text, with a space where the page leaves a gap."""
    found: list[str] = []
    end: float | None = None
    for span in spans:
        for glyph in span["chars"]:
            x0, _, x1, _ = glyph["bbox"]
            if end is not None and x0 - end > _GAP * span["size"]:
                found.append(" ")
            found.append(glyph["c"])
            end = x1
    return "".join(found)


def _same_row(left: Line, right: Line) -> bool:
    """Whether the library has cut one line at a wide gap."""
    return left.upright and right.upright and right.x0 >= left.x1 and abs(right.y0 - left.y0) < 0.3 * left.height


def _side_by_side(left: Line, right: Line) -> Line:
    size = left.size if len(left.text) >= len(right.text) else right.size
    y0, y1 = min(left.y0, right.y0), max(left.y1, right.y1)
    return Line(left.page, f"{left.text} {right.text}", left.x0, y0, right.x1, y1, size, left.block)
