"""Finds tables that have no rule around each cell: only rules across, a coloured head, or white between the columns.

A table is known by its head: a band between two rules, or a filled one, with words in two places or more. What follows
down to the last rule as wide as the head is its body. Not covered: tables without anything drawn; a head of one cell.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pymupdf

from ..tables import Table
from .cells import cells
from .columns import column_edges, is_number
from .drawn import Bbox, Drawn, Rule, area, read_drawn, shared
from .rows import body_cuts, head_cuts, rule_cuts
from .words import Word, chunks, read_words, said, text_lines

_SIDE = 6.0  # points that rules of one table may differ at each end
_HEAD_LINES = 4  # a head has no more; a taller band is a text between two rules
_CAPTION_LINES = 4  # caption and unit line between a rule and the head; more is text
_PITCH = 2.2  # line heights between the rows of a body that no rule ends; more is another part of the page
_FULL = 0.85  # of the width: such a line is running text
_OUTSIDE = re.compile(
    r"[\[<〈【(]?\s?(?:표|도표|그림)\s?[\dIVXⅠ-Ⅹ]|\(?단위\s?[:：]|자료\s?[:：]|주\s?[:：]|주\s?\d\)|※"
)
_FILLED = 0.5  # of its places have words; axis labels and scattered words leave more of them empty


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
    at, ended = 0, 0.0
    while at < len(chain) - 1:
        head = (left, chain[at].at, right, chain[at + 1].at)
        if not _is_head(text_lines(_within(inside, head))):
            at += 1
            continue
        end = at + 1
        while end < len(chain) - 1 and _is_body(inside, head, (left, chain[end].at, right, chain[end + 1].at)):
            end += 1
        above = text_lines(_within(inside, (left, chain[at - 1].at, right, head[1]))) if at else []
        frame = chain[at - 1].at if 0 < len(above) <= _CAPTION_LINES and chain[at - 1].at > ended else 0.0
        bottom = max(chain[end].at, _open_end(head, chain[end].at, inside, drawn))
        bbox = (left, head[1], right, bottom)
        table = _table(bbox, head, frame, _within(words, bbox), drawn)
        if table and not _cuts_lines(bbox, words):
            yield table
            ended = bottom
        at = max(end, at + 1)


def _within(words: Sequence[Word], box: Bbox) -> list[Word]:
    return [word for word in words if box[0] <= word.middle[0] <= box[2] and box[1] <= word.middle[1] < box[3]]


def _is_head(lines: Sequence[Sequence[Word]]) -> bool:
    """Whether the band's words stand in two places or more, in few lines that are no caption."""
    several = any(len(chunks(line)) > 1 for line in lines)
    return several and len(lines) <= _HEAD_LINES and not any(_OUTSIDE.match(said(line)) for line in lines)


def _is_body(words: Sequence[Word], head: Bbox, band: Bbox) -> bool:
    """Whether the band goes on with the table: it has no caption or note in it and no running text, nor is it a gap."""
    lines = text_lines(_within(words, band))
    if not lines:
        return band[3] - band[1] < head[3] - head[1]
    wide = [line for line in lines if line[-1].x1 - line[0].x0 > _FULL * (head[2] - head[0]) and len(chunks(line)) == 1]
    return len(wide) < 2 and not any(_OUTSIDE.match(said(line)) for line in lines)


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
        if line[0].y0 - end > _PITCH * height or _OUTSIDE.match(said(line)) or len(chunks(line)) > heads + 1:
            break
        end = max(word.y1 for word in line)
        if sum(is_number(said(chunk)) for chunk in chunks(line)[1:]):
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
    spans += [
        (rule.begin, rule.at - 9, rule.end, rule.at - 3) for rule in drawn.pieces if head[1] + 6 < rule.at < head[3] - 3
    ]
    if len(edges) < 3:
        return None
    more, over = head_cuts(head, head_lines, edges, cuts)
    cuts = sorted([*cuts, *more])
    ruled = sum(cut.at > head[3] + 2 and len(cut.columns) == len(edges) - 1 for cut in cuts) > 1
    cuts = sorted([*cuts, *body_cuts(bbox, head, words, edges, cuts)])
    rows = [row for row in cells(bbox, edges, cuts, words, [*spans, *over]) if any(row)]
    return Table(bbox, tuple(rows), frame) if _is_table(rows, body, edges, ruled) else None


def _is_table(
    rows: Sequence[Sequence[str]], body: Sequence[Sequence[Word]], edges: Sequence[float], ruled: bool
) -> bool:
    """Whether two rows have two cells, few places are empty, and rules or numbers tell it from text in columns."""
    places = [cell for row in rows for cell in row]
    rich = sum(len({cell for cell in row if cell}) > 1 for row in rows)
    if rich < 2 or sum(map(bool, places)) < _FILLED * len(places):
        return False
    numbers = any(is_number(cell) for row in rows[1:] for cell in row[1:])
    return ruled or numbers or not all(_is_running(body, left, right) for left, right in pairwise(edges))


def _is_running(lines: Sequence[Sequence[Word]], left: float, right: float) -> bool:
    """Whether most of the lines in a column fill it, as those of running text do."""
    parts = [[word for word in line if left < word.middle[0] < right] for line in lines]
    widths = [part[-1].x1 - part[0].x0 for part in parts if part]
    return sum(width > _FULL * max(widths) for width in widths) > 0.5 * len(widths) > 1


def _cuts_lines(bbox: Bbox, words: Sequence[Word]) -> bool:
    """Whether a word lies partly inside the table's sides."""
    rows = [word for word in words if bbox[1] <= word.middle[1] < bbox[3]]
    return any(word.x0 < side - 1 and word.x1 > side + 1 for word in rows for side in (bbox[0], bbox[2]))
