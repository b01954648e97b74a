"""Finds tables that have no rule around each cell: only rules across, a coloured head, or white between the columns.

A table is known by its head: a band between two rules, or a filled one, with words in two places or more. What follows
down to the last rule as wide as the head is its body. Not covered: tables without anything drawn; a head of one cell.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pymupdf

from .drawn import Bbox, Drawn, Rule, area, read_drawn, shared
from .grid import Cut, cells, centred_runs, column_edges, is_number, rule_cuts
from .tables import Table
from .words import Word, chunks, read_words, text_lines

_SIDE = 6.0  # points that rules of one table may differ at each end
_HEAD_LINES = 4  # a head has no more; a taller band is a text between two rules
_PITCH = 2.2  # line heights between the rows of a body that no rule ends; more is another part of the page
_FULL = 0.85  # of the width: such a line is running text
_OUTSIDE = re.compile(r"[\[<〈【(]?\s?(?:표|도표|그림)\s?[\dIVXⅠ-Ⅹ]|\(?단위\s?[:：]|자료\s?[:：]|주\s?[:：]|주\s?\d\)|※")
_FILLED = 0.5  # of its places have words; axis labels and scattered words leave more of them empty
_NEAR = 0.6  # of the white between two rows: nearer than this a line is part of a row
_JUMP = 1.6  # times as wide is the white between rows as that between the lines of one


def open_tables(page: "pymupdf.Page") -> list[Table]:
    """The tables of the page, top down, but for what is drawn around every cell."""
    drawn = read_drawn(page)
    if not drawn.rules:
        return []
    words = read_words(page)
    found = [table for chain in _chains(drawn.rules) for table in _in_chain(chain, words, drawn)]
    kept: list[Table] = []
    for table in sorted(found, key=lambda table: -area(table.bbox)):  # the body's own rules make a table in the table
        if not any(shared(table.bbox, other.bbox) for other in kept):
            kept.append(table)
    return kept


def _chains(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Rules of the same two ends, one below the other."""
    chains: list[list[Rule]] = []
    for rule in sorted(rules):
        for chain in chains:
            if abs(chain[0].begin - rule.begin) <= _SIDE and abs(chain[0].end - rule.end) <= _SIDE:
                chain.append(rule)
                break
        else:
            chains.append([rule])
    return [chain for chain in chains if len(chain) > 1]


def _in_chain(chain: Sequence[Rule], words: Sequence[Word], drawn: Drawn) -> Iterator[Table]:
    left, right = min(rule.begin for rule in chain) - 2, max(rule.end for rule in chain) + 2
    inside = [word for word in words if left <= word.middle[0] <= right]
    at = 0
    while at < len(chain) - 1:
        head = (left, chain[at].at, right, chain[at + 1].at)
        if not _is_head(text_lines(_within(inside, head))):
            at += 1
            continue
        end = at + 1
        while end < len(chain) - 1 and _is_body(_within(inside, (left, chain[end].at, right, chain[end + 1].at)), head):
            end += 1
        frame = chain[at - 1].at if at else head[1]
        bottom = max(chain[end].at, _open_end(head, chain[end].at, inside, drawn))
        bbox = (left, head[1], right, bottom)
        table = _table(bbox, head, frame, _within(words, bbox), drawn)
        if table and not _cuts_lines(bbox, words):
            yield table
        at = max(end, at + 1)


def _within(words: Sequence[Word], box: Bbox) -> list[Word]:
    return [word for word in words if box[0] <= word.middle[0] <= box[2] and box[1] <= word.middle[1] < box[3]]


def _is_head(lines: Sequence[Sequence[Word]]) -> bool:
    """Whether the band's words stand in two places or more, in few lines that are no caption."""
    several = any(len(chunks(line)) > 1 for line in lines)
    return several and len(lines) <= _HEAD_LINES and not any(_OUTSIDE.match(_said(line)) for line in lines)


def _is_body(words: Sequence[Word], head: Bbox) -> bool:
    """Whether the band goes on with the table: it has no caption or note in it and no running text."""
    lines = text_lines(words)
    wide = [line for line in lines if line[-1].x1 - line[0].x0 > _FULL * (head[2] - head[0]) and len(chunks(line)) == 1]
    return len(wide) < 2 and not any(_OUTSIDE.match(_said(line)) for line in lines)


def _said(line: Sequence[Word]) -> str:
    return " ".join(word.text for word in line)


def _open_end(head: Bbox, last: float, words: Sequence[Word], drawn: Drawn) -> float:
    """Where a body ends that no rule does: with the rules that run down from it, or with its rows of numbers."""
    downs = [rule for rule in drawn.uprights if head[0] < rule.at < head[2] and head[1] - 3 <= rule.begin <= last]
    if downs and max(rule.end for rule in downs) > last + 3:
        return max(rule.end for rule in downs)
    if last > head[3]:
        return last
    end, number, heads = last, last, sum(len(chunks(line)) for line in text_lines(_within(words, head)))
    for line in text_lines([word for word in words if word.y0 > last - 1]):
        height = line[0].y1 - line[0].y0
        if line[0].y0 - end > _PITCH * height or _OUTSIDE.match(_said(line)) or len(chunks(line)) > heads + 1:
            break
        end = max(word.y1 for word in line)
        if sum(is_number(_said(chunk)) for chunk in chunks(line)[1:]):
            number = end + 1
    return number


def _table(bbox: Bbox, head: Bbox, frame: float, words: Sequence[Word], drawn: Drawn) -> Table | None:
    """The table in the box, or none where it has no columns, a chart's lines in it, or too few cells with words."""
    body = text_lines([word for word in words if word.middle[1] >= head[3]])
    head_lines = text_lines(_within(words, head))
    if not body or any(shared(shape, bbox) for shape in drawn.shapes):
        return None
    edges = column_edges(bbox, [*body, head_lines[-1]], head, drawn)
    cuts = rule_cuts(bbox, edges, drawn.rules, words)
    spans = [box for box in drawn.fills if box[3] <= head[3] + 2 and box[1] >= head[1] - 2]
    spans += [(rule.begin, rule.at - 9, rule.end, rule.at - 3) for rule in drawn.pieces if head[1] + 6 < rule.at < head[3] - 3]
    full = frozenset(range(len(edges) - 1))
    if len(full) < 2:
        return None
    more, over = _head_cuts(head, head_lines, edges, cuts)
    cuts = sorted([*cuts, *more, *_body_cuts(bbox, head, words, edges, cuts)])
    rows = cells(bbox, edges, cuts, words, [*spans, *over])
    rows = [row for row in rows if any(row)]
    return Table(bbox, tuple(rows), frame) if _is_table(rows, body, edges, cuts, drawn, head) else None


def _head_cuts(head: Bbox, lines: Sequence[Sequence[Word]], edges: Sequence[float], cuts: Sequence[Cut]) -> tuple[list[Cut], list[Bbox]]:
    """Border and joined places of a head whose upper line stands over several heads of the lower one."""
    if len(lines) < 2 or any(head[1] + 3 < cut.at < head[3] - 3 for cut in cuts):
        return [], []
    upper, lower = lines[0], lines[-1]
    under = {at for at, (left, right) in enumerate(pairwise(edges)) if any(left < word.middle[0] < right for word in lower)}
    runs = next((runs for first in (0, 1) if (runs := centred_runs(upper, edges, first))), [])
    if not runs or len(chunks(upper)) >= len(under) or not all(at in under for a, b in runs for at in range(a, b + 1) if b > a):
        return [], []
    at = (max(word.y1 for word in upper) + min(word.y0 for word in lower)) / 2
    boxes = [(edges[first], head[1], edges[last + 1], at - 1) for first, last in runs]
    return [Cut(at, frozenset(under & {at for a, b in runs for at in range(a, b + 1)}))], boxes


def _body_cuts(bbox: Bbox, head: Bbox, words: Sequence[Word], edges: Sequence[float], cuts: Sequence[Cut]) -> list[Cut]:
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
    numeric = [any(is_number(_said(cell)) for cell in _cells(block, edges)[1:]) for block in blocks]
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


def _is_table(rows, body, edges, cuts, drawn, head) -> bool:
    places = [cell for row in rows for cell in row]
    rich = sum(len({cell for cell in row if cell}) > 1 for row in rows)
    if rich < 2 or len(rows) < 2 or sum(map(bool, places)) < _FILLED * len(places):
        return False
    numbers = sum(is_number(cell) for row in rows[1:] for cell in row[1:])
    if numbers or sum(cut.at > head[3] + 2 and len(cut.columns) == len(edges) - 1 for cut in cuts) > 1:
        return True
    return not all(_is_running(body, left, right) for left, right in pairwise(edges))


def _is_running(lines: Sequence[Sequence[Word]], left: float, right: float) -> bool:
    """Whether most of the lines in a column fill it, as those of running text do."""
    parts = [[word for word in line if left < word.middle[0] < right] for line in lines]
    widths = [part[-1].x1 - part[0].x0 for part in parts if part]
    return sum(width > _FULL * max(widths) for width in widths) > 0.5 * len(widths) > 1


def _cuts_lines(bbox: Bbox, words: Sequence[Word]) -> bool:
    """Whether a word lies partly inside the table's sides."""
    rows = [word for word in words if bbox[1] <= word.middle[1] < bbox[3]]
    return any(word.x0 < side - 1 and word.x1 > side + 1 for word in rows for side in (bbox[0], bbox[2]))
