"""Finds where the columns of a table end that has no rule around each cell.

Not covered: columns of text closer together than the words of a line, where nothing is drawn between them.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby, pairwise
from statistics import median

from .drawn import Bbox, Drawn
from .words import Word

_SIGN = r"[△▲▵+\-–−]?"
_FIGURE = rf"{_SIGN}\d[\d,.]*\s?[%\w]{{0,3}}"
_NUMBER = re.compile(rf"{_FIGURE}(?:[\s~]{_FIGURE})?|{_SIGN}\({_FIGURE}\)|[-–−]")  # also 1조 2,345억원
_BORDER = 5.0  # points: the sides of two boxes side by side, with a thin one between, are one border
_CROSSING = 0.2  # of the lines may run over white between columns: cells over several of them
_DRAWN_CROSSING = 0.5  # the same for a border that is drawn
_NARROW = 0.35  # of the type size, the least white between two columns, of which one has numbers
_WHITE = 1.1  # the same between columns of text, where spaces may come to stand over each other
_NEXT = 3.0  # type sizes to either side of it stand the words that are next to a border


def is_number(text: str) -> bool:
    """Whether a cell says a mere number, maybe with sign, brackets and a short unit."""
    return bool(_NUMBER.fullmatch(text))


def column_edges(bbox: Bbox, lines: Sequence[Sequence[Word]], head: Bbox, drawn: Drawn) -> list[float]:
    """The x of all column borders, outer ones included: drawn ones, and white that all but a few lines leave."""
    most = _DRAWN_CROSSING * len(lines)
    found = [at for at in _drawn_borders(bbox, head, drawn) if sum(crosses(line, at) for line in lines) <= most]
    for begin, end in _white(bbox, lines):
        if any(begin - _BORDER < at < end + _BORDER for at in found):
            continue
        at = (begin + end) / 2
        size = median(word.size for line in lines for word in line)
        if end - begin >= (_NARROW if _beside_numbers(lines, begin, end) else _WHITE) * size:
            found.append(at)
    return _with_words([bbox[0], *sorted(found), bbox[2]], [word for line in lines for word in line], head)


def _with_words(edges: list[float], words: Sequence[Word], head: Bbox) -> list[float]:
    """The borders without those of empty columns, or between a head and the words under it that stand beside it."""
    for at in range(len(edges) - 2, 0, -1):
        left, right = (
            {word.y0 < head[3] for word in words if begin < word.middle[0] < end}
            for begin, end in pairwise(edges[at - 1 : at + 2])
        )
        if not left or not right or {frozenset(left), frozenset(right)} == {frozenset({True}), frozenset({False})}:
            del edges[at]
    return edges


def _drawn_borders(bbox: Bbox, head: Bbox, drawn: Drawn) -> list[float]:
    """Where rules run down inside the table, and where the boxes of its head meet."""
    x0, y0, x1, y1 = bbox
    inside = [rule.at for rule in drawn.uprights if rule.begin < y1 - 2 and rule.end > y0 + 2]
    boxes = [box for box in drawn.fills if box[1] >= head[1] - 2 and box[3] <= head[3] + 2]
    ends = Counter(round(end) for rule in drawn.rules if y0 < rule.at < y1 for end in (rule.begin, rule.end))
    inside += [end for end, count in ends.items() if count > 1]
    places = sorted(
        at for at in [*inside, *(box[0] for box in boxes), *(box[2] for box in boxes)] if x0 + 5 < at < x1 - 5
    )
    groups: list[list[float]] = []
    for at in places:
        if not groups or at - groups[-1][0] > _BORDER:
            groups.append([])
        groups[-1].append(at)
    return [(group[0] + group[-1]) / 2 for group in groups]


def _white(bbox: Bbox, lines: Sequence[Sequence[Word]]) -> list[tuple[float, float]]:
    """The strips, from top to bottom, that all but a few lines leave white; each where the fewest run over it."""
    begin, steps = bbox[0], int(bbox[2] - bbox[0])
    over = [sum(crosses(line, begin + step + 0.5, 0.0) for line in lines) for step in range(steps)]
    found: list[tuple[float, float]] = []
    for few, strip in groupby(range(steps), key=lambda step: over[step] <= _CROSSING * len(lines)):
        if few:
            inside = list(strip)
            fewest = min(over[step] for step in inside)
            runs = [list(run) for least, run in groupby(inside, key=lambda step: over[step] == fewest) if least]
            widest = max(runs, key=len)
            found.append((begin + widest[0], begin + widest[-1] + 1))
    return [(left, right) for left, right in found if left > bbox[0] + 1 and right < bbox[2] - 1]


def crosses(line: Sequence[Word], at: float, within: float = 1.0) -> bool:
    """Whether a word runs over `at`, by more than `within` to each side."""
    return any(word.x0 + within < at < word.x1 - within for word in line)


def _beside_numbers(lines: Sequence[Sequence[Word]], begin: float, end: float) -> bool:
    """Whether most of the words close to the strip, on one side of it, are numbers."""
    left = [max(near) for line in lines if (near := [w for w in line if begin - _NEXT * w.size < w.x1 <= begin + 1])]
    right = [min(near) for line in lines if (near := [w for w in line if end - 1 <= w.x0 < end + _NEXT * w.size])]
    return any(sum(is_number(word.text) for word in side) > 0.5 * len(side) for side in (left, right))
