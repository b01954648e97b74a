"""Pages that are pictures: which they are, what OCR reads on them as lines, and why a page gives nothing.

Not covered: a scan with a text layer of its own; that layer is read, good or bad.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from math import sqrt
from statistics import median

import pymupdf

from ..limits import begin
from . import ocr
from .ocr import Row, Word
from .page import Line, Page
from .reading_order import gutters

_DPI = 300  # the real scan read no better at 400, and no worse at its own 200
_PIXELS = 20_000_000  # 20 MB; A3 at 300 dpi has 17.4 million, a larger page gets fewer dpi
_STAMPED = 40  # characters: a page number and a file number put on a scan
_MOSTLY = 0.5  # of the page is picture
_GLANCE_DPI = 36  # specks and the grain of paper are gone at that, a lone page number is not
_ONE_TONE = 64  # of 256 tones
_EVEN = 0.2  # lines whose heights differ less are of one size: it depends on which letters they hold
_LINE_BOX = 1.3  # of the type size, as text layers have it
_WIDE = 1.5  # type sizes: a gap that may be the white between columns


def read_scans(pdf: "pymupdf.Document", pages: Sequence[Page]) -> tuple[list[Page], dict[int, str]]:
    """The pages with what OCR reads on pictures, and by number why a page gives nothing or not all of it."""
    read: list[Page] = []
    reasons: dict[int, str] = {}
    for page in pages:
        lines: list[Line] = []
        if not page.left_out and begin("reading the picture", page.number):
            shown = pdf[page.number - 1]
            if _may_be_scan(page, shown):
                lines, reason = _read(page, shown, pdf.is_repaired)
                reasons |= {page.number: reason} if reason else {}
        read.append(replace(page, lines=(*page.lines, *lines)))
    return read, reasons


def _may_be_scan(page: Page, shown: "pymupdf.Page") -> bool:
    if sum(len(line.text) for line in page.lines) > _STAMPED:
        return False
    return not page.lines or _picture_share(shown) > _MOSTLY


def _picture_share(shown: "pymupdf.Page") -> float:
    """How much of the page is covered by pictures; strips of one scan add up."""
    pictures = (pymupdf.Rect(box) & shown.rect for kind, box in shown.get_bboxlog() if "ima" in kind or "img" in kind)
    return sum(_area(picture) for picture in pictures) / _area(shown.rect)


def _area(box: "pymupdf.Rect") -> float:
    return 0.0 if box.is_empty else float(box.width * box.height)


def _read(page: Page, shown: "pymupdf.Page", repaired: bool) -> tuple[list[Line], str]:
    tones = shown.get_pixmap(dpi=_GLANCE_DPI, colorspace=pymupdf.csGRAY).samples
    if max(tones) - min(tones) < _ONE_TONE:
        why = (
            "nothing is left, the file is damaged or cut short; get it again"
            if repaired
            else "neither text nor picture"
        )
        return [], "" if page.lines else f"blank: {why}"
    if not ocr.engine():
        return [], f"a scan, not read: OCR is not installed. {ocr.INSTALL}"
    dpi = resolution(shown.rect.width, shown.rect.height)
    picture = shown.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)
    rows, failure = ocr.read_picture(picture.tobytes("pgm"), dpi)
    if failure:
        return [], f"a scan, not read: {failure}"
    lines = [line for line in _lines(rows, page, 72 / dpi) if not _is_stamped(line, page)]
    return lines, "" if lines or page.lines else "a scan on which OCR found no text"


def resolution(width: float, height: float) -> int:
    """The dpi to draw a page of this size in points at: enough to read it, and no more than memory should hold."""
    return max(1, int(min(_DPI, 72 * sqrt(_PIXELS / (width * height)))))


def _is_stamped(line: Line, page: Page) -> bool:
    """Whether the text layer has what stands there."""
    x, y = (line.x0 + line.x1) / 2, (line.y0 + line.y1) / 2
    return any(own.x0 < x < own.x1 and own.y0 < y < own.y1 for own in page.lines)


def _lines(rows: Sequence[Row], page: Page, scale: float) -> list[Line]:
    """The rows in points, each a block of its own; one that runs across the white between columns is cut there."""
    if not rows:
        return []
    body = _body_height(rows)
    apart = [piece for row in rows for piece in _cut(row, lambda left, right: right.x0 - left.x1 > _WIDE * body)]
    between = gutters([_line(piece, page, scale, body, 0) for piece in apart])

    def is_gutter(left: Word, right: Word) -> bool:
        return any(left.x1 * scale < gutter < right.x0 * scale for gutter in between)

    pieces = (piece for row in rows for piece in _cut(row, is_gutter))
    first = 1 + max((line.block for line in page.lines), default=-1)
    return [_line(piece, page, scale, body, first + at) for at, piece in enumerate(pieces)]


def _cut(row: Row, ends: Callable[[Word, Word], bool]) -> Iterator[Row]:
    held = [row[0]]
    for left, right in pairwise(row):
        if ends(left, right):
            yield tuple(held)
            held = []
        held.append(right)
    yield tuple(held)


def _body_height(rows: Sequence[Row]) -> float:
    """The height that the row of a middle character has, in pixels."""
    return median(_height(row) for row in rows for word in row for _ in word.text)


def _height(row: Row) -> float:
    """The height of most of its characters, in pixels."""
    return median(word.y1 - word.y0 for word in row for _ in word.text)


def _line(row: Row, page: Page, scale: float, body: float, block: int) -> Line:
    height = _height(row)
    size = round((body if abs(height - body) < _EVEN * body else height) * scale, 1)
    middle = median((word.y0 + word.y1) / 2 for word in row) * scale
    return Line(
        page=page.number,
        text=" ".join(word.text for word in row),
        x0=row[0].x0 * scale,
        y0=middle - _LINE_BOX * size / 2,
        x1=row[-1].x1 * scale,
        y1=middle + _LINE_BOX * size / 2,
        size=size,
        block=block,
        confidence=sum(word.confidence * len(word.text) for word in row) / sum(len(word.text) for word in row),
    )
