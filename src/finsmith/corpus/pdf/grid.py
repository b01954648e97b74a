"""The cells of a table whose borders are known only in part: by some rules, and by the white between its words.

Not covered: a row that wraps in a table without rules between its rows, where nothing but the sense tells it from two.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby, pairwise
from statistics import median
from typing import NamedTuple

from .drawn import Bbox, Drawn, Rule
from .words import Word, chunks, text_lines

_SIGN = r"[△▲▵+\-–−]?"
_FIGURE = rf"{_SIGN}\d[\d,.]*\s?[%\w]{{0,3}}"
_NUMBER = re.compile(rf"{_FIGURE}|{_SIGN}\({_FIGURE}\)|[-–−]")
_BORDER = 5.0  # points: the sides of two boxes side by side, with a thin one between, are one border
_CROSSING = 0.2  # of the lines may run over white between columns: cells over several of them
_DRAWN_CROSSING = 0.5  # the same for a border that is drawn
_NARROW = 0.35  # of the type size, the least white between two columns, of which one has numbers
_WHITE = 1.2  # the same between columns of text, where spaces may come to stand over each other
_COVERED = 0.75  # of its words a rule has to run under to end a cell of a column
_DOUBLE = 3.0  # points between the two lines of a double rule
_SAME_MIDDLE = 4.0  # points
_CENTRED = 0.35  # of a column's width that a head may stand beside the middle of the columns it is over


class Cut(NamedTuple):
    """A border between two rows, in those of the columns it runs through."""

    at: float
    columns: frozenset[int]


def is_number(text: str) -> bool:
    """Whether a cell says a mere number, maybe with sign, brackets and a short unit."""
    return bool(_NUMBER.fullmatch(text))


def column_edges(bbox: Bbox, lines: Sequence[Sequence[Word]], head: Bbox, drawn: Drawn) -> list[float]:
    """The x of all column borders, outer ones included: drawn ones, and white that all but a few lines leave."""
    most = _DRAWN_CROSSING * len(lines)
    found = [at for at in _drawn_borders(bbox, head, drawn) if sum(_crosses(line, at) for line in lines) <= most]
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
        left, right = ({word.y0 < head[3] for word in words if begin < word.middle[0] < end} for begin, end in pairwise(edges[at - 1 : at + 2]))
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
    places = sorted(at for at in [*inside, *(box[0] for box in boxes), *(box[2] for box in boxes)] if x0 + 5 < at < x1 - 5)
    groups: list[list[float]] = []
    for at in places:
        if not groups or at - groups[-1][0] > _BORDER:
            groups.append([])
        groups[-1].append(at)
    return [(group[0] + group[-1]) / 2 for group in groups]


def _white(bbox: Bbox, lines: Sequence[Sequence[Word]]) -> list[tuple[float, float]]:
    """The strips, from top to bottom, that all but a few lines leave white; each where the fewest run over it."""
    begin, steps = bbox[0], int(bbox[2] - bbox[0])
    over = [sum(_crosses(line, begin + step + 0.5, 0.0) for line in lines) for step in range(steps)]
    found: list[tuple[float, float]] = []
    for few, strip in groupby(range(steps), key=lambda step: over[step] <= _CROSSING * len(lines)):
        if few:
            inside = list(strip)
            fewest = min(over[step] for step in inside)
            runs = [list(run) for least, run in groupby(inside, key=lambda step: over[step] == fewest) if least]
            widest = max(runs, key=len)
            found.append((begin + widest[0], begin + widest[-1] + 1))
    return [(left, right) for left, right in found if left > bbox[0] + 1 and right < bbox[2] - 1]


def _crosses(line: Sequence[Word], at: float, within: float = 1.0) -> bool:
    return any(word.x0 + within < at < word.x1 - within for word in line)


def _beside_numbers(lines: Sequence[Sequence[Word]], begin: float, end: float) -> bool:
    """Whether most of the words next to the strip, on one side of it, are numbers."""
    left = [max((word for word in line if word.x1 <= begin + 1), default=None) for line in lines]
    right = [min((word for word in line if word.x0 >= end - 1), default=None) for line in lines]
    return any(
        sum(is_number(word.text) for word in side if word) > 0.5 * len([word for word in side if word]) for side in (left, right)
    )


def rule_cuts(bbox: Bbox, edges: Sequence[float], rules: Sequence[Rule], words: Sequence[Word]) -> list[Cut]:
    """The borders that are drawn across the table, whole or in part: under the words of some columns."""
    columns = [[word for word in words if left < word.middle[0] < right] for left, right in pairwise(edges)]
    ends = [(min(column).x0, max(word.x1 for word in column)) if column else (0.0, 0.0) for column in columns]
    cuts: list[Cut] = []
    for rule in sorted(rules):
        if not bbox[1] + 2 < rule.at < bbox[3] - 2 or _underlines(rule, words):
            continue
        covered = frozenset(
            at
            for at, (left, right) in enumerate(ends)
            if min(right, rule.end) - max(left, rule.begin) >= _COVERED * (right - left)
        )
        if cuts and rule.at - cuts[-1].at < _DOUBLE:
            cuts[-1] = Cut(cuts[-1].at, cuts[-1].columns | covered)
        elif covered:
            cuts.append(Cut(rule.at, covered))
    return cuts


def _underlines(rule: Rule, words: Sequence[Word]) -> bool:
    """Whether the rule is as long as the words it stands right under."""
    over = [word for word in words if word.x1 > rule.begin and word.x0 < rule.end and -2 < rule.at - word.y1 < 0.4 * word.size]
    return bool(over) and abs(min(over).x0 - rule.begin) < 2 and abs(max(word.x1 for word in over) - rule.end) < 2


def cells(bbox: Bbox, edges: Sequence[float], cuts: Sequence[Cut], words: Sequence[Word], spans: Sequence[Bbox]) -> list[tuple[str, ...]]:
    """The rows of the table; a cell over several places repeats its text in each, one line after the other."""
    downs = [bbox[1], *(cut.at for cut in cuts), bbox[3]]
    rows, columns = len(downs) - 1, len(edges) - 1
    root = {(row, column): (row, column) for row in range(rows) for column in range(columns)}

    def join(one: tuple[int, int], other: tuple[int, int]) -> None:
        old, new = root[other], root[one]
        root.update({place: new for place, its in root.items() if its == old})

    for row, cut in enumerate(cuts):
        for column in set(range(columns)) - cut.columns:
            join((row, column), (row + 1, column))
    for row, (top, bottom) in enumerate(pairwise(downs)):
        inside = [word for word in words if top <= word.middle[1] < bottom]
        for left, right in _spans(inside, (top, bottom), edges, spans):
            for column in range(left, right):
                join((row, column), (row, column + 1))
    texts: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        row = sum(word.middle[1] >= at for at in downs[1:-1])
        column = sum(word.middle[0] >= at for at in edges[1:-1])
        texts.setdefault(root[row, column], []).append(word)
    said = {place: " ".join(word.text for line in text_lines(held) for word in line) for place, held in texts.items()}
    return [tuple(said.get(root[row, column], "") for column in range(columns)) for row in range(rows)]


def _spans(words: Sequence[Word], row: tuple[float, float], edges: Sequence[float], spans: Sequence[Bbox]) -> list[tuple[int, int]]:
    """First and last column of each cell of the row that is over several."""
    columns = list(pairwise(edges))
    found = []
    for x0, y0, x1, y1 in spans:
        said = [word for word in words if x0 <= word.middle[0] <= x1]
        one = all(len(chunks(line)) == 1 for line in text_lines(said)) and x1 - x0 < _COVERED * (edges[-1] - edges[0])
        if one and y0 - 2 <= (row[0] + row[1]) / 2 <= y1 + 2:
            over = [at for at, (left, right) in enumerate(columns) if x0 - 2 <= (left + right) / 2 <= x1 + 2]
            if len(over) > 1:
                found.append((over[0], over[-1]))
    for at, edge in enumerate(edges[1:-1]):
        if _crosses(words, edge, 1.5):
            found.append((at, at + 1))
    for first in (0, 1):
        line = [word for word in words if word.middle[0] > edges[first]]
        places = {sum(word.middle[0] >= edge for edge in edges) for word in line}
        if len(places) == len(text_lines(line)) == 1 and not is_number(" ".join(word.text for word in line)):
            off = (min(line).x0 + max(word.x1 for word in line)) / 2 - (edges[first] + edges[-1]) / 2
            if abs(off) < _SAME_MIDDLE:
                found.append((first, len(columns) - 1))
    return found


def centred_runs(line: Sequence[Word], edges: Sequence[float], first: int) -> list[tuple[int, int]]:
    """The columns, from `first` to the last, shared out among the line's heads, each in the middle of its own.

    Empty where they cannot be, or where each head is over one column.
    """
    runs: list[tuple[int, int]] = []
    begin = first
    for chunk in chunks(line):
        middle = (chunk[0].x0 + chunk[-1].x1) / 2
        ends = range(begin, len(edges) - 1)
        fits = [end for end in ends if abs((edges[begin] + edges[end + 1]) / 2 - middle) < _CENTRED * (edges[end + 1] - edges[end])]
        if not fits:
            return []
        best = min(fits, key=lambda end: abs((edges[begin] + edges[end + 1]) / 2 - middle))
        runs.append((begin, best))
        begin = best + 1
    return runs if begin == len(edges) - 1 and any(end > first for first, end in runs) else []
