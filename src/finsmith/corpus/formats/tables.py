"""Tables as Markdown: merged cells filled, empty rows and columns left out, long tables cut with their header repeated.

A merged cell's text stands in every cell it covers, so that each row can be read alone; a cell over the whole width
stands once. Not covered: alignment, more than one header row as Markdown sees it (the others are repeated as rows).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# A piece should fit into a passage of a few hundred tokens; a longer row stands alone under its header.
MAX_ROWS = 20
MAX_CHARACTERS = 600
_MAX_COLUMNS = 1000
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
    """The texts row by row, merged cells filled; rows and columns without any text are left out."""
    cells = [cell for cell in cells if cell.text]
    if not cells:
        return []
    height = max(cell.row for cell in cells) + 1
    width = min(max(cell.column + cell.columns for cell in cells), _MAX_COLUMNS)
    rows = [[""] * width for _ in range(height)]
    for cell in cells:
        whole = cell.column == 0 and cell.columns >= width
        for row in range(cell.row, min(cell.row + cell.rows, height)):
            for column in range(cell.column, 1 if whole else min(cell.column + cell.columns, width)):
                rows[row][column] = cell.text
    return _without_empty(rows)


def header_rows(cells: Sequence[Filled]) -> int:
    """How many rows the header has: as many as its cells are merged downwards, if that is not the whole table."""
    height = max((cell.row for cell in cells), default=0) + 1
    deepest = max((cell.rows for cell in cells if cell.row == 0), default=1)
    return deepest if deepest <= _MAX_HEADER_ROWS and deepest < height else 1


def markdown(rows: Sequence[Row], caption: str = "", headers: int = 1) -> Iterator[str]:
    """The table as one or more Markdown tables of bounded size, each with the caption line and the header rows."""
    if not rows:
        return
    lines = [_line(row) for row in rows]
    top = [lines[0], "|" + " --- |" * len(rows[0]), *lines[1:headers]]
    above = [caption, *top] if caption else top
    held: list[str] = []
    for line in lines[headers:]:
        if held and (len(held) == MAX_ROWS or sum(map(len, [*above, *held, line])) > MAX_CHARACTERS):
            yield "\n".join([*above, *held])
            held = []
        held.append(line)
    yield "\n".join([*above, *held])


def _line(row: Row) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def _without_empty(rows: list[Row]) -> list[Row]:
    kept = [row for row in rows if any(row)]
    columns = [at for at in range(len(rows[0])) if any(row[at] for row in kept)]
    return [[row[at] for at in columns] for row in kept]
