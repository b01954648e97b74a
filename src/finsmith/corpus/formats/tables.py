"""Tables as Markdown: merged cells filled, empty rows and columns left out, long tables cut with their header repeated.

A merged cell's text stands in every cell it covers, so that each row can be read alone; a cell over the whole width
and a long text stand once. Not covered: alignment, a header of more than one row as Markdown sees it (the others are
repeated as rows).
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from textwrap import shorten

# A piece should fit into a passage of a few hundred tokens; a longer row stands alone under its header.
MAX_ROWS = 20
MAX_CHARACTERS = 600
_MAX_PLACES = 2_000_000  # in one table; files may lie about how far a cell is merged
_SHORT_HEADER = 20
_LONGEST_REPEATED = 200  # characters of a merged cell that is told more than once
_MAX_HEADER_ROWS = 3

Row = list[str]


@dataclass(frozen=True)
class Filled:
    """A cell and its place; `rows` and `columns` say how far it is merged."""

    row: int
    column: int
    text: str
    rows: int = 1
    columns: int = 1


def grid(cells: Sequence[Filled]) -> list[Row]:
    """The texts row by row, merged cells filled; rows and columns in which no text begins are left out."""
    cells = [cell for cell in cells if cell.text]
    rows, columns = sorted({cell.row for cell in cells}), sorted({cell.column for cell in cells})
    if len(rows) * len(columns) > _MAX_PLACES:  # no table of this world: its rows are told as they come
        return [[" ".join(cell.text for cell in cells if cell.row == row)] for row in rows]
    texts = {(cell.row, cell.column): cell.text for cell in cells}
    room = _MAX_PLACES
    for cell in cells:
        below, beside = _covered(rows, cell.row, cell.rows), _covered(columns, cell.column, cell.columns)
        room -= len(below) * len(beside)
        if len(beside) < max(len(columns), 2) and len(cell.text) <= _LONGEST_REPEATED and room > 0:
            for place in product(below, beside):
                texts.setdefault(place, cell.text)
    return [[texts.get((row, column), "") for column in columns] for row in rows]


def _covered(places: Sequence[int], first: int, count: int) -> Sequence[int]:
    return places[bisect_left(places, first) : bisect_left(places, first + count)]


def header_rows(cells: Sequence[Filled]) -> int:
    """How many rows the header has: as many as its cells are merged downwards, if that is not the whole table."""
    height = max((cell.row for cell in cells), default=0) + 1
    deepest = max((cell.rows for cell in cells if cell.row == 0), default=1)
    return deepest if deepest <= _MAX_HEADER_ROWS and deepest < height else 1


def markdown(rows: Sequence[Row], caption: str = "", headers: int = 1) -> Iterator[str]:
    """The table as one or more Markdown tables of bounded size, each with the caption line and the header rows."""
    if not rows:
        return
    above = _top(rows[:headers], caption)
    held: list[str] = []
    for line in map(_line, rows[headers:]):
        if held and (len(held) == MAX_ROWS or sum(map(len, [*above, *held, line])) > MAX_CHARACTERS):
            yield "\n".join([*above, *held])
            above = _top(rows[:headers], caption, is_repeated=True)
            held = []
        held.append(line)
    yield "\n".join([*above, *held])


def _top(rows: Sequence[Row], caption: str, is_repeated: bool = False) -> list[str]:
    """The caption and the header; where they are repeated, long cells are cut if they would fill the piece."""
    if is_repeated and sum(len(cell) for row in rows for cell in row) > MAX_CHARACTERS // 2:
        rows = [[shorten(cell, _SHORT_HEADER, placeholder="…") for cell in row] for row in rows]
    first, *others = map(_line, rows)
    return [*([caption] if caption else []), first, "|" + " --- |" * len(rows[0]), *others]


def _line(row: Row) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
