"""Compares the tables a reader found with the gold tables.

Not covered: partly right cells; a cell is right or wrong.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .gold import Bbox, Gold, Grid, digest
from .readers import Found

_STEPS = ((0, -1), (-1, 0), (0, 1), (1, 0))


@dataclass(frozen=True)
class Score:
    """Counts over one gold table or several; `anywhere` and `filled` leave out its empty places."""

    cells: int = 0
    exact: int = 0  # the right text in the right row and column
    filled: int = 0
    anywhere: int = 0  # the text is in the table, as often as that, wherever
    tables: int = 0
    whole: int = 0  # every cell exact, and nothing beside them

    @property
    def line(self) -> str:
        """Cells exact, their share, and the share found anywhere."""
        return f"{self.exact:4d}/{self.cells:<4d} {self.exact / self.cells:5.1%} {self.anywhere / self.filled:6.1%}"


def total(scores: Iterable[Score]) -> Score:
    """The sum of all counts."""
    rows = [(one.cells, one.exact, one.filled, one.anywhere, one.tables, one.whole) for one in scores]
    return Score(*map(sum, zip(*rows, strict=True)))


def score(gold: Gold, found: Sequence[Found]) -> Score:
    """The score of the found table that covers most of the gold one; without one, nothing is right."""
    best = max(found, key=lambda table: _overlap(gold.bbox, table.bbox), default=None)
    cells: Grid = () if best is None or not _overlap(gold.bbox, best.bbox) else _digests(best, gold.cells)
    wanted = Counter(cell for row in gold.cells for cell in row if cell)
    got = Counter(cell for row in cells for cell in row if cell)
    return Score(
        cells=gold.size,
        exact=sum(_at(cells, r, c) == cell for r, row in enumerate(gold.cells) for c, cell in enumerate(row)),
        filled=wanted.total(),
        anywhere=(wanted & got).total(),
        tables=1,
        whole=int(cells == gold.cells),
    )


def extra(gold: Sequence[Gold], found: Sequence[Found]) -> int:
    """How many of a page's found tables touch none of its gold tables."""
    return sum(not any(_overlap(one.bbox, table.bbox) for one in gold) for table in found)


def _overlap(one: Bbox, other: Bbox) -> float:
    """The area both boxes cover, in square points."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)


def _digests(found: Found, gold: Grid) -> Grid:
    cells = tuple(tuple(map(digest, row)) for row in found.cells)
    if not found.merged_empty:
        return cells
    return tuple(tuple(_spread(cells, gold, r, c) for c in range(len(row))) for r, row in enumerate(cells))


def _spread(cells: Grid, gold: Grid, r: int, c: int) -> str:
    """The place's cell; for an empty one the nearest filled one that gold says is the same."""
    wanted = _at(gold, r, c)
    if cells[r][c] or not wanted:
        return cells[r][c]
    for down, right in _STEPS:
        y, x = r + down, c + right
        while _at(gold, y, x) == wanted and not _at(cells, y, x):
            y, x = y + down, x + right
        if _at(gold, y, x) == wanted:
            return cells[y][x]
    return ""


def _at(grid: Grid, r: int, c: int) -> str | None:
    """The cell of the place, None outside the grid."""
    return grid[r][c] if 0 <= r < len(grid) and 0 <= c < len(grid[r]) else None
