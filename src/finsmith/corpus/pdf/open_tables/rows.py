"""Finds where the rows of a table end that has no rule around each cell.

Not covered: a cell that wraps at the same line spacing as the rows have, where nothing but the sense tells it from two.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from .columns import is_number
from .drawn import Bbox, Rule
from .words import Word, chunks, said

_COVERED = 0.75  # of its words a rule has to run under to end a cell of a column
_DOUBLE = 3.0  # points between the two lines of a double rule
_CENTRED = 0.35  # of a column's width that a head may stand beside the middle of the columns it is over
_NEAR = 0.6  # of the white between two rows: nearer than this a line is part of a row


class Cut(NamedTuple):
    """A border between two rows, in those of the columns it runs through."""

    at: float
    columns: frozenset[int]


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
    over = [
        word
        for word in words
        if word.x1 > rule.begin and word.x0 < rule.end and -2 < rule.at - word.y1 < 0.4 * word.size
    ]
    return bool(over) and abs(min(over).x0 - rule.begin) < 2 and abs(max(word.x1 for word in over) - rule.end) < 2


def head_cuts(
    head: Bbox, lines: Sequence[Sequence[Word]], edges: Sequence[float], cuts: Sequence[Cut]
) -> tuple[list[Cut], list[Bbox]]:
    """Border and joined places of a head whose upper line stands over several heads of the lower one."""
    if len(lines) < 2 or any(head[1] + 3 < cut.at < head[3] - 3 for cut in cuts):
        return [], []
    upper, lower = lines[0], lines[-1]
    under = {
        at for at, (left, right) in enumerate(pairwise(edges)) if any(left < word.middle[0] < right for word in lower)
    }
    runs = next((runs for first in (0, 1) if (runs := _centred_runs(upper, edges, first))), [])
    if (
        not runs
        or len(chunks(upper)) >= len(under)
        or not all(at in under for a, b in runs for at in range(a, b + 1) if b > a)
    ):
        return [], []
    at = (max(word.y1 for word in upper) + min(word.y0 for word in lower)) / 2
    boxes = [(edges[first], head[1], edges[last + 1], at - 1) for first, last in runs]
    return [Cut(at, frozenset(under & {at for a, b in runs for at in range(a, b + 1)}))], boxes


def _centred_runs(line: Sequence[Word], edges: Sequence[float], first: int) -> list[tuple[int, int]]:
    """The columns, from `first` to the last, shared out among the line's heads, each in the middle of its own.

    Empty where they cannot be, or where each head is over one column.
    """
    runs: list[tuple[int, int]] = []
    begin = first
    for chunk in chunks(line):
        middle = (chunk[0].x0 + chunk[-1].x1) / 2
        ends = range(begin, len(edges) - 1)
        fits = [
            end
            for end in ends
            if abs((edges[begin] + edges[end + 1]) / 2 - middle) < _CENTRED * (edges[end + 1] - edges[end])
        ]
        if not fits:
            return []
        best = min(fits, key=lambda end: abs((edges[begin] + edges[end + 1]) / 2 - middle))
        runs.append((begin, best))
        begin = best + 1
    return runs if begin == len(edges) - 1 and any(end > first for first, end in runs) else []


def body_cuts(bbox: Bbox, head: Bbox, words: Sequence[Word], edges: Sequence[float], cuts: Sequence[Cut]) -> list[Cut]:
    """The borders between rows that no rule divides, in the bands between rules from side to side."""
    full = frozenset(range(len(edges) - 1))
    whole = [head[3], *(cut.at for cut in cuts if cut.columns == full and cut.at > head[3] + 2), bbox[3]]
    found: list[Cut] = []
    for top, bottom in pairwise(whole):
        if not any(top + 3 < cut.at < bottom - 3 for cut in cuts):
            band = [word for word in words if top <= word.middle[1] < bottom]
            found += [Cut(at, full) for at in _row_borders(band, edges, ruled=len(whole) > 3)]
    return found


def _row_borders(words: Sequence[Word], edges: Sequence[float], ruled: bool) -> list[float]:
    """The y between the rows of a band: a row has a number, or where there are none a first cell, of its own."""
    blocks = _blocks(words)
    numeric = [any(is_number(said(cell)) for cell in _cells(block, edges)[1:]) for block in blocks]
    if sum(numeric) < 2 and ruled:
        return []
    anchors = numeric if sum(numeric) > 1 else [any(word.middle[0] < edges[1] for word in block) for block in blocks]
    if sum(anchors) < 2:
        return []
    white = [min(w.y0 for w in below) - max(w.y1 for w in above) for above, below in pairwise(blocks)]
    steps = sorted(gap for gap, (one, other) in zip(white, pairwise(anchors), strict=True) if one and other)
    usual = steps[len(steps) // 2] if steps else max(white)
    borders = []
    for at, gap in enumerate(white):
        alone = [not anchors[at], not anchors[at + 1]]
        near = gap < _NEAR * usual
        if any(alone) and (near or (alone[1] and not any(word.middle[0] < edges[1] for word in blocks[at + 1]))):
            continue
        if not numeric[at] and not numeric[at + 1] and sum(numeric) < 2 and near:
            continue
        borders.append((max(w.y1 for w in blocks[at]) + min(w.y0 for w in blocks[at + 1])) / 2)
    return borders


def _cells(block: Sequence[Word], edges: Sequence[float]) -> list[list[Word]]:
    return [sorted(word for word in block if left <= word.middle[0] < right) for left, right in pairwise(edges)]


def _blocks(words: Sequence[Word]) -> list[list[Word]]:
    """The words with no white between them from side to side: a label of two lines holds its number in the middle."""
    blocks: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.y0):
        if not blocks or word.y0 >= max(held.y1 for held in blocks[-1]):
            blocks.append([])
        blocks[-1].append(word)
    return blocks
