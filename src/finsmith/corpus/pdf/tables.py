"""Reads the tables of a PDF page that have a rule around each cell, as Markdown.

Cells joined over rows or columns repeat their text in each place they cover. Not covered: tables with fewer rules, see
`open_tables.py`.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

import pdfplumber
from pdfplumber.page import Page as PlumberPage
from pdfplumber.table import Table as PlumberTable

from .open_tables.drawn import Bbox, area, shared

_SAME = 1.0  # points: edges closer than this are one
_SPACE = 0.2  # of the font size, as in `page.py`
_PART = 0.5  # of a table: its ruled head takes less, a table ruled throughout nearly all


@dataclass(frozen=True)
class Table:
    """A table and its box; `rows` all have the same number of cells.

    `frame` is the y of a rule above it, from which on all text is its caption; 0 where there is none.
    """

    bbox: Bbox
    rows: tuple[tuple[str, ...], ...]
    frame: float = 0.0

    @property
    def markdown(self) -> str:
        """The rows as a Markdown table, the first one as its head."""
        head, *rest = (f"| {' | '.join(cell.replace('|', '¦') for cell in row)} |" for row in self.rows)
        return "\n".join([head, "|" + " --- |" * len(self.rows[0]), *rest])


class TableReader:
    """One PDF opened for its tables, page by page; closed by `with`."""

    def __init__(self, path: Path) -> None:
        self._pdf = pdfplumber.open(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pdf.close()

    def tables(self, number: int) -> list[Table]:
        """The tables of page `number` (from 1), top down."""
        page = self._pdf.pages[number - 1]
        found = sorted(page.find_tables(), key=lambda table: table.bbox[1])
        tables = [Table(_bbox(page, table), rows) for table in found if _is_table(rows := tuple(_rows(page, table)))]
        page.close()  # pdfplumber keeps what it read of a page until it is told
        return [table for table in tables if not any(_inside(table.bbox, other.bbox) for other in tables)]


def _rows(page: PlumberPage, table: PlumberTable) -> Iterator[tuple[str, ...]]:
    """The grid of all edges, each place with the text of the cell that covers it."""
    cells = [(cell, _text(page, cell)) for cell in table.cells]
    across, down = _edges(table.cells, 0), _edges(table.cells, 1)
    for top, bottom in pairwise(down):
        row = tuple(_covering(cells, (left + right) / 2, (top + bottom) / 2) for left, right in pairwise(across))
        if any(row):
            yield row


def _edges(cells: Sequence[Bbox], axis: int) -> list[float]:
    edges: list[float] = []
    for edge in sorted(edge for cell in cells for edge in (cell[axis], cell[axis + 2])):
        if not edges or edge - edges[-1] > _SAME:
            edges.append(edge)
    return edges


def _covering(cells: Sequence[tuple[Bbox, str]], x: float, y: float) -> str:
    return next((text for (x0, y0, x1, y1), text in cells if x0 <= x <= x1 and y0 <= y <= y1), "")


def _text(page: PlumberPage, cell: Bbox) -> str:
    text = page.crop(cell, strict=False).extract_text(x_tolerance_ratio=_SPACE) or ""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _is_table(rows: Sequence[Sequence[str]]) -> bool:
    """Two rows and two columns with something in them: a frame around a text is no table."""
    filled = [sum(bool(cell) for cell in row) for row in rows]
    return len(rows) >= 2 and len(rows[0]) >= 2 and sum(count >= 2 for count in filled) >= 2


def _bbox(page: PlumberPage, table: PlumberTable) -> Bbox:
    """The table's box from the corner of what the page shows; the library counts from the corner of the sheet."""
    (left, top), (x0, y0, x1, y1) = page.cropbox[:2], table.bbox
    return (x0 - left, y0 - top, x1 - left, y1 - top)


def _inside(inner: Bbox, outer: Bbox) -> bool:
    return inner != outer and shared(inner, outer) == area(inner)


def together(ruled: Sequence[Table], opened: Sequence[Table]) -> list[Table]:
    """The ruled tables, and the open ones of which rules have closed the head or a few cells only, top down."""
    kept = [
        table for table in opened if sum(shared(other.bbox, table.bbox) for other in ruled) < _PART * area(table.bbox)
    ]
    left = [table for table in ruled if not any(shared(table.bbox, other.bbox) for other in kept)]
    return sorted([*left, *kept], key=lambda table: table.bbox[1])
