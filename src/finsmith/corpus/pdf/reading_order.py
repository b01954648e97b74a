"""The reading order of a page: columns one after the other, what runs over all of them where it stands.

Not covered: text that flows around a picture, more than one column layout on a page.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from .page import Line

_STEP = 2.0  # points, the grain in which white between columns is looked for
_GUTTER = 8.0  # points, the narrowest white between columns
_CROSSING = 0.2  # of the lines may run across it: titles, notes, tables
_LINES = 5  # a column has at least so many
_FULL = 0.5  # of its width a column's text fills in the middle
_WIDE = 8  # line heights it is wide: a list of names with titles beside them is no two columns


def reading_order(lines: Sequence[Line], tables: Sequence[Line] = ()) -> list[Line]:
    """The lines, column by column between those that run over all columns; one column stays as the text layer has it.

    `tables` are stand-ins for tables, which the text layer has at no place of their own.
    """
    between = gutters(lines)
    if not between:
        return _inserted(lines, tables)
    placed = [(line, _column(line, between)) for line in [*lines, *tables]]
    tops: dict[tuple[int, int | None], float] = {}  # of each block in each column: its lines stay together
    for line, column in placed:
        tops[line.block, column] = min(line.y0, tops.get((line.block, column), line.y0))
    bands: list[list[Line]] = []
    ordered: list[Line] = []
    for line, column in sorted(placed, key=lambda place: tops[place[0].block, place[1]]):
        if column is None:
            ordered += [held for band in bands for held in band]
            ordered.append(line)
            bands = []
            continue
        bands = bands or [[] for _ in range(len(between) + 1)]
        bands[column].append(line)
    return ordered + [held for band in bands for held in band]


def _inserted(lines: Sequence[Line], tables: Sequence[Line]) -> list[Line]:
    """The lines as they stand, with each table before the first line under it, or else after the last one over it."""
    ordered = list(lines)
    for table in tables:
        beside = [at for at, line in enumerate(ordered) if line.x0 < table.x1 and table.x0 < line.x1]
        under = [at for at in beside if ordered[at].y0 >= table.y0 and ordered[at] not in tables]
        ordered.insert(min(under, default=max(beside, default=len(ordered) - 1) + 1), table)
    return ordered


def _column(line: Line, gutters: Sequence[float]) -> int | None:
    """Which column the line stands in, or none if it runs across a gutter."""
    if any(line.x0 < gutter < line.x1 for gutter in gutters):
        return None
    return sum(line.x0 > gutter for gutter in gutters)


def gutters(lines: Sequence[Line]) -> list[float]:
    """The middle of each strip of white between two columns of running text."""
    if len(lines) < 2 * _LINES:
        return []
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    slots = int((right - left) / _STEP)
    crossing = [sum(line.x0 < left + _STEP * (at + 0.5) < line.x1 for line in lines) for at in range(slots)]
    found, begin = [], None
    for at, count in enumerate([*crossing, len(lines)]):
        white = count <= _CROSSING * len(lines)
        if white and begin is None:
            begin = at
        elif not white and begin is not None:
            if (at - begin) * _STEP >= _GUTTER:
                strip = range(begin, at)
                fewest = min(crossing[place] for place in strip)
                middle = [place for place in strip if crossing[place] == fewest]
                found.append(left + _STEP * (middle[len(middle) // 2] + 0.5))
            begin = None
    found = _between_full_columns(lines, found)
    return found if _are_columns(lines, [left, *found, right]) else []


def _between_full_columns(lines: Sequence[Line], gutters: Sequence[float]) -> list[float]:
    """The gutters with enough lines to both sides: a page number or a tab at the edge is no column."""
    kept: list[float] = []
    for gutter in gutters:
        if sum(line.x1 <= gutter and line.x0 >= (kept[-1] if kept else 0) for line in lines) >= _LINES:
            kept.append(gutter)
    while kept and sum(line.x0 >= kept[-1] for line in lines) < _LINES:
        kept.pop()
    return kept


def _are_columns(lines: Sequence[Line], edges: Sequence[float]) -> bool:
    for begin, end in pairwise(edges):
        inside = [line for line in lines if begin <= line.x0 and line.x1 <= end]
        if len(inside) < _LINES:
            return False
        width, wide = max(line.x1 for line in inside) - min(line.x0 for line in inside), _WIDE * inside[0].height
        # the line of the middle character: the labels of a chart are many, but short
        if median(line.x1 - line.x0 for line in inside for _ in line.text) < max(_FULL * width, wide):
            return False
    return len(edges) > 2
