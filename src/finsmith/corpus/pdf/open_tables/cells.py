"""The text of each cell of a table, from the borders of its columns and rows and the words between them."""

from collections.abc import Sequence
from itertools import pairwise

from .columns import crosses, is_number
from .drawn import Bbox
from .rows import Cut
from .words import Word, chunks, text_lines

_SAME_MIDDLE = 4.0  # points
_WHOLE = 0.75  # of the width: a filled box so wide is the band of a head, not one cell of it


def cells(
    bbox: Bbox, edges: Sequence[float], cuts: Sequence[Cut], words: Sequence[Word], spans: Sequence[Bbox]
) -> list[tuple[str, ...]]:
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


def _spans(
    words: Sequence[Word], row: tuple[float, float], edges: Sequence[float], spans: Sequence[Bbox]
) -> list[tuple[int, int]]:
    """First and last column of each cell of the row that is over several."""
    columns = list(pairwise(edges))
    found = []
    for x0, y0, x1, y1 in spans:
        said = [word for word in words if x0 <= word.middle[0] <= x1]
        one = all(len(chunks(line)) == 1 for line in text_lines(said)) and x1 - x0 < _WHOLE * (edges[-1] - edges[0])
        if one and y0 - 2 <= (row[0] + row[1]) / 2 <= y1 + 2:
            over = [at for at, (left, right) in enumerate(columns) if x0 - 2 <= (left + right) / 2 <= x1 + 2]
            if len(over) > 1:
                found.append((over[0], over[-1]))
    for at, edge in enumerate(edges[1:-1]):
        if crosses(words, edge, 1.5):
            found.append((at, at + 1))
    for first in (0, 1):
        line = [word for word in words if word.middle[0] > edges[first]]
        places = {sum(word.middle[0] >= edge for edge in edges) for word in line}
        if len(places) == len(text_lines(line)) == 1 and not is_number(" ".join(word.text for word in line)):
            off = (min(line).x0 + max(word.x1 for word in line)) / 2 - (edges[first] + edges[-1]) / 2
            if abs(off) < _SAME_MIDDLE:
                found.append((first, len(columns) - 1))
    return found
