"""Paragraphs, tables and notes as formats nest them, and the flat parts they become.

A note follows the paragraph or table that refers to it; what is anchored in a paragraph (text boxes, tables) follows
it too. A table of one row or one column is a frame around text: its paragraphs are told, not a table. A table inside a
table's cell is told in the cell, its cells parted by commas, its rows by semicolons. Not covered: pictures and charts.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import attrgetter

from finsmith.corpus.document import Part
from finsmith.corpus.outline import Shown, outline

from .numbering import BULLET
from .tables import Filled, grid, header_rows, markdown

# Signs without a meaning outside their font. Of the known ones, symbol fonts' stand for bullets at the begin of a line,
# and Hancom's framed digits for numbers.
_PRIVATE = re.compile(r"[\uE000-\uF8FF\U000F0000-\U0010FFFD]")
_SYMBOL_AT_BEGIN = re.compile(r"^[\uF000-\uF0FF]")
_FRAMED_DIGITS = {0xF02B0 + number: chr(0x245F + number) for number in range(1, 10)}
_UNSEEN = re.compile(r"[\u200b\u2060\ufeff\u00ad\x00-\x08\x0e-\x1f]")
_LONGEST_FRAMED_LINE = 80  # characters


@dataclass(frozen=True)
class Text:
    """A paragraph. `level` is that of a heading, 1 outermost; `label` the number or bullet that is drawn before it.

    `depth` is that of the list it is an item of, 0 outermost.
    """

    text: str
    label: str = ""
    level: int = 0
    depth: int = 0
    notes: tuple["Note", ...] = ()
    anchored: tuple["Block", ...] = ()
    is_caption: bool = False


@dataclass
class Line:
    """A paragraph while it is read."""

    text: list[str] = field(default_factory=list)
    notes: list["Note"] = field(default_factory=list)
    anchored: list["Block"] = field(default_factory=list)


@dataclass(frozen=True)
class Note:
    """A footnote or endnote; `label` is its number where the note's own text does not begin with it."""

    label: str
    blocks: tuple["Block", ...]


@dataclass(frozen=True)
class Cell:
    """A cell of a table with its place and how far it is merged."""

    row: int
    column: int
    rows: int
    columns: int
    blocks: tuple["Block", ...]


@dataclass(frozen=True)
class Table:
    """A table and the text of its caption."""

    cells: tuple[Cell, ...]
    caption: str = ""


Block = Text | Table


def one_line(text: str) -> str:
    """The text as one line in NFC; a symbol font's sign is a bullet at the begin and is left out elsewhere."""
    line = " ".join(unicodedata.normalize("NFC", _UNSEEN.sub("", text)).translate(_FRAMED_DIGITS).split())
    return " ".join(_PRIVATE.sub("", _SYMBOL_AT_BEGIN.sub(BULLET, line)).split())


def parts(blocks: Iterable[Block]) -> Iterator[Part]:
    """The blocks of a whole document as parts in reading order; empty ones are left out."""
    found = list(_found(blocks))
    texts = (part.text if part.kind == "text" else "" for part, _ in found)
    shown = (Shown(text, level=part.level, depth=depth) for text, (part, depth) in zip(texts, found, strict=True))
    for (part, _), place in zip(found, outline(shown), strict=True):
        yield replace(part, kind="heading" if place.heading else part.kind, level=place.level)


def _found(blocks: Iterable[Block]) -> Iterator[tuple[Part, int]]:
    """The parts, each with its depth in a list; levels are those that a style gives."""
    for block in blocks:
        if isinstance(block, Table):
            yield from _table_parts(block)
            continue
        if line := _labelled(block):
            yield Part(line, "text", block.level), block.depth
        yield from _notes(block.notes)
        yield from _found(block.anchored)


def flat(blocks: Iterable[Block]) -> str:
    """The blocks' text as one line, tables with commas and semicolons; notes are left to `parts`."""
    return one_line(" ".join(_flat(block) for block in blocks))


def _flat(block: Block) -> str:
    if isinstance(block, Text):
        return f"{_labelled(block)} {flat(block.anchored)}"
    rows = groupby(block.cells, key=attrgetter("row"))
    lines = (", ".join(filter(None, (flat(cell.blocks) for cell in row))) for _, row in rows)
    return " ".join([block.caption, "; ".join(filter(None, lines))])


def _table_parts(table: Table) -> Iterator[tuple[Part, int]]:
    caption = one_line(table.caption)
    cells = [_filled(cell) for cell in table.cells]
    rows = grid(cells)
    if len(rows) > 1 and len(rows[0]) > 1:
        for text in markdown(rows, caption, header_rows(cells)):
            yield Part(text, "table"), 0
        for cell in table.cells:
            yield from _notes(_notes_inside(cell.blocks))
        return
    yield from _found([Text(caption)])
    yield from _frame_parts(table, rows)


def _frame_parts(table: Table, rows: list[list[str]]) -> Iterator[tuple[Part, int]]:
    line = " ".join(text for row in rows for text in row if text)
    if len(rows) == 1 and len(rows[0]) > 1 and len(line) <= _LONGEST_FRAMED_LINE:
        yield from _found([Text(line)])
        yield from _notes(note for cell in table.cells for note in _notes_inside(cell.blocks))
        return
    for cell in table.cells:
        yield from _found(cell.blocks)


def _filled(cell: Cell) -> Filled:
    return Filled(cell.row, cell.column, flat(cell.blocks), cell.rows, cell.columns)


def _labelled(block: Text) -> str:
    text = one_line(block.text)
    return one_line(f"{block.label} {text}") if text else ""


def _notes(notes: Iterable[Note]) -> Iterator[tuple[Part, int]]:
    for note in notes:
        text = flat(note.blocks)
        if text:
            yield Part(one_line(f"{note.label} {text}"), "footnote"), 0


def _notes_inside(blocks: Iterable[Block]) -> Iterator[Note]:
    for block in blocks:
        if isinstance(block, Text):
            yield from block.notes
            yield from _notes_inside(block.anchored)
        else:
            for cell in block.cells:
                yield from _notes_inside(cell.blocks)
