"""Finds what says nothing on its page: running heads, page numbers, watermarks, and the scales of charts.

All but the scales are found by repetition. Not covered: a running head that changes on every page.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

from .chart_scales import scales
from .page import Line, Page

_DIGITS = re.compile(r"\d+")
_MARGIN = 0.12  # of the page's height above and below, of its width left and right
_PAGES = 3  # fewer repetitions may be chance
_DENSE = 0.45  # of the pages between: heads of left and right pages differ
_SAME_PLACE = 4.0  # points
_REPEATED_SHARE = 0.25  # of all pages; a chapter or the odd pages may have their own

Key = tuple[object, ...]


def furniture(pages: Sequence[Page]) -> list[set[int]]:
    """For each page the places in `lines` of what is furniture.

    In the margins a line is furniture if three pages have it at the same height, whatever its digits; elsewhere if at
    least a quarter of the pages have the very same line, or a mere number, at the very same place. In both cases every
    second page from the first to the last has it: a phrase that happens to begin some pages is text.
    The numbers at an axis are furniture on any page.
    """
    seen: dict[Key, set[int]] = defaultdict(set)
    for at, page in enumerate(pages):
        for line in page.lines:
            for key in _keys(page, line):
                seen[key].add(at)
    return [
        {place for place, line in enumerate(page.lines) if _repeats(page, line, seen, len(pages))} | scales(page.lines)
        for page in pages
    ]


def _repeats(page: Page, line: Line, seen: dict[Key, set[int]], pages: int) -> bool:
    in_margin = any(_is_dense(seen[key], _PAGES) for key in _margin_keys(page, line))
    return in_margin or any(_is_dense(seen[key], max(_PAGES, _REPEATED_SHARE * pages)) for key in _place_keys(line))


def _is_dense(pages: set[int], least: float) -> bool:
    return len(pages) >= least and len(pages) >= _DENSE * (max(pages) - min(pages) + 1)


def _keys(page: Page, line: Line) -> list[Key]:
    return [*_margin_keys(page, line), *_place_keys(line)]


def _margin_keys(page: Page, line: Line) -> list[Key]:
    top, bottom = _MARGIN * page.height, (1 - _MARGIN) * page.height
    left, right = _MARGIN * page.width, (1 - _MARGIN) * page.width
    if top < line.y0 and line.y1 < bottom and line.x0 < right and line.x1 > left and line.upright:
        return []
    text = _DIGITS.sub("0", line.text)
    return [("margin", text, line.upright, slot) for slot in _slots(line.y0)]


def _place_keys(line: Line) -> list[Key]:
    text = "0" if line.text.isdigit() else line.text
    return [("place", text, x, y) for x in _slots(line.x0) for y in _slots(line.y0)]


def _slots(coordinate: float) -> tuple[int, int]:
    """Two overlapping grids, so that two places closer than half a step share a slot in one of them."""
    return round(coordinate / _SAME_PLACE) * 2, round(coordinate / _SAME_PLACE - 0.5) * 2 + 1
