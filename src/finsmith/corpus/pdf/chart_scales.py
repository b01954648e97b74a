"""Finds the numbers at the axes of charts.

At a vertical axis they stand one below the other, each as much less as it stands lower: rows of a table are hardly ever
both evenly spaced and evenly falling. What has only numbers right under such an axis is the horizontal one.
Not covered: axes of words, charts without a scale, values written beside bars and lines.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from .page import Line

_NUMBER = re.compile(r"[-–−­]?\d{1,3}(?:,?\d{3})*(?:\.\d+)?%?")
_NUMBERS = re.compile(r"[\d.,'’\s년월~/IVX-]*\d[\d.,'’\s년월~/IVX-]*")
_UNDER = 2.5  # line heights
_ACROSS = 300.0  # points: no chart is wider
_TICKS = 4  # fewer evenly falling numbers may be chance
_SAME = 2.0  # points


def scales(lines: Sequence[Line]) -> set[int]:
    """The places in `lines` of the numbers at axes."""
    ticks = [(at, line, value) for at, line in enumerate(lines) if (value := _value(line)) is not None]
    found = {at for run in _runs(ticks) if len(run) >= _TICKS for at, _, _ in run}
    if not found:
        return found
    axes = [lines[at] for at in found]
    under = (at for at, line in enumerate(lines) if _NUMBERS.fullmatch(line.text) and _is_under(line, axes))
    return found | set(under)


def _is_under(line: Line, axes: Sequence[Line]) -> bool:
    """Whether the line stands right under the lowest number of an axis."""
    near = [tick for tick in axes if tick.x0 < line.x1 + _SAME and line.x0 < tick.x1 + _ACROSS]
    lowest = max((tick for tick in near if tick.y0 < line.y0), key=lambda tick: tick.y1, default=None)
    return lowest is not None and line.y0 < lowest.y1 + _UNDER * lowest.height


Tick = tuple[int, Line, float]


def _value(line: Line) -> float | None:
    if not _NUMBER.fullmatch(line.text):
        return None
    return float(re.sub("[–−­]", "-", line.text).replace(",", "").rstrip("%"))


def _runs(ticks: Sequence[Tick]) -> Iterator[list[Tick]]:
    """Numbers one below the other that fall evenly, top down; of others any two."""
    for column in (*_columns(ticks, lambda line: line.x0), *_columns(ticks, lambda line: line.x1)):
        run: list[Tick] = []
        for tick in column:
            if len(run) > 1 and not _goes_on(run, tick):
                yield run
                run = run[-1:]
            run.append(tick)
        yield run


def _columns(ticks: Sequence[Tick], side: Callable[[Line], float]) -> Iterator[list[Tick]]:
    """The numbers that begin, or end, at the same x, top down."""
    held: list[Tick] = []
    for tick in sorted(ticks, key=lambda tick: side(tick[1])):
        if held and side(tick[1]) - side(held[-1][1]) > _SAME:
            yield sorted(held, key=lambda tick: tick[1].y0)
            held = []
        held.append(tick)
    yield sorted(held, key=lambda tick: tick[1].y0)


def _goes_on(run: Sequence[Tick], tick: Tick) -> bool:
    steps = [(lower[1].y0 - upper[1].y0, upper[2] - lower[2]) for upper, lower in pairwise([*run[-2:], tick])]
    (height, fall), (next_height, next_fall) = steps
    return abs(next_height - height) < _SAME and abs(next_fall - fall) < 1e-6 and fall > 0
