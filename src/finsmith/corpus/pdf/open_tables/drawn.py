"""What is drawn on a PDF page, as far as tables are made of it: rules, filled boxes, and shapes that no table has.

Not covered: pictures; a rule that is part of a picture is not seen.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pymupdf

Bbox = tuple[float, float, float, float]
_THIN = 2.5  # points: what is not thicker is a rule, drawn or filled
_SAME = 1.5  # points: rules no farther apart are one
_DASH = 4.0  # points between the pieces of a dashed rule, or between the rules under two cells of one head
_SHORTEST = 8.0  # points; a shorter rule is a tick, a mark or a glyph
_STRAY = 6.0  # points; smaller curves are dots and the round corners of frames


class Rule(NamedTuple):
    """A straight rule: `at` is its y where it runs across, its x where it runs down."""

    at: float
    begin: float
    end: float


@dataclass(frozen=True)
class Drawn:
    """The drawing of one page; `pieces` are the rules across before those with a small gap between were joined."""

    rules: tuple[Rule, ...]
    pieces: tuple[Rule, ...]
    uprights: tuple[Rule, ...]
    fills: tuple[Bbox, ...]
    shapes: tuple[Bbox, ...]


def read_drawn(page: "pymupdf.Page") -> Drawn:
    """The page's drawing; edges of filled boxes count as rules, for a coloured band divides as a line does."""
    boxes: list[tuple[Bbox, bool]] = []
    shapes: list[Bbox] = []
    for drawing in page.get_cdrawings():
        for item in drawing["items"]:
            box = _box(item)
            if _is_straight(item, box):
                boxes.append((box, "f" in drawing["type"]))
            elif max(box[2] - box[0], box[3] - box[1]) > _STRAY:
                shapes.append(box)
    fills = [box for box, filled in boxes if filled and min(box[2] - box[0], box[3] - box[1]) > _THIN]
    lines = [side for box, _ in boxes for side in _sides(box)]
    across = [Rule((y0 + y1) / 2, x0, x1) for x0, y0, x1, y1 in lines if y1 - y0 <= _THIN and x1 - x0 > y1 - y0]
    down = [Rule((x0 + x1) / 2, y0, y1) for x0, y0, x1, y1 in lines if x1 - x0 <= _THIN and y1 - y0 > x1 - x0]
    edges = {(box[1], box[0], box[2]) for box in fills} | {(box[3], box[0], box[2]) for box in fills}
    strokes = [rule for rule in across if (rule.at, rule.begin, rule.end) not in edges]
    return Drawn(
        tuple(_joined(across, _DASH)),
        tuple(_joined(strokes, _SAME)),
        tuple(_joined(down, _DASH)),
        tuple(fills),
        tuple(shapes),
    )


def _box(item: Sequence[Any]) -> Bbox:
    """The box of a line, rectangle, quad or curve."""
    if item[0] == "re":
        return tuple(item[1])
    points = item[1] if item[0] == "qu" else item[1:]
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return min(xs), min(ys), max(xs), max(ys)


def _is_straight(item: Sequence[Any], box: Bbox) -> bool:
    return item[0] in ("re", "qu") or (item[0] == "l" and min(box[2] - box[0], box[3] - box[1]) <= _SAME)


def _sides(box: Bbox) -> Iterator[Bbox]:
    """The box itself where it is as thin as a rule, its four sides where it is not."""
    x0, y0, x1, y1 = box
    if min(x1 - x0, y1 - y0) <= _THIN:
        yield box
    else:
        yield from ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1))


def _joined(rules: Iterable[Rule], gap: float) -> Iterator[Rule]:
    """The rules with their pieces put together, dashes and dots among them; what stays too short is left out."""
    rows: list[list[Rule]] = []
    for rule in sorted(rules):
        if not rows or rule.at - rows[-1][0].at > _SAME:
            rows.append([])
        rows[-1].append(rule)
    for row in rows:
        at, held = row[0].at, sorted((rule.begin, rule.end) for rule in row)
        begin, end = held[0]
        for next_begin, next_end in [*held[1:], (float("inf"), 0.0)]:
            if next_begin - end > gap:
                if end - begin >= _SHORTEST:
                    yield Rule(at, begin, end)
                begin, end = next_begin, next_end
            end = max(end, next_end)


def area(box: Bbox) -> float:
    """The area of the box, in square points."""
    return (box[2] - box[0]) * (box[3] - box[1])


def shared(one: Bbox, other: Bbox) -> float:
    """The area of what lies in both boxes."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)
