"""Reads PDF documents into parts that know their page and place: paragraphs, headings, tables, footnotes.

Not covered: tables on scans; their text is read row by row.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pymupdf

from finsmith.core.ids import file_sha256
from finsmith.core.records import Box, ParagraphKind, SourceReject

from ..document import Part, ReadDocument, unread
from ..limits import begin
from ..outline import Shown, heading_size, outline
from .furniture import furniture
from .layout import Block, goes_on, paragraphs
from .open_tables.finder import open_tables
from .page import Line, Page, read_pages
from .reading_order import reading_order
from .scans import read_scans
from .seen_words import SeenWords, seen_words
from .tables import Table, TableReader, together
from .upright import turn_upright

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)
_RULES = 4  # fewer lines and filled strips make no table
_SMALL = 0.92  # of the size most of the text has: type of footnotes
_FOOTNOTE = re.compile(r"\d{1,3}\)|[*†‡]|주\s?\d*\s?[:)]")
_CAPTION = re.compile(r"[\[<〈【(]?\s?(?:표|도표)\s?[\dIVXⅠ-Ⅹ]|\(?단위\s?[:：]")
_UNIT_LINE = re.compile(r"[(（\[][^()（）]{1,30}[)）\]]")  # (전년동기대비, %), right over a table
_UNIT_AWAY = 2.0  # type sizes
_TABLE_NOTE = re.compile(r"주\s?(?:\d\))?\s?[:：]|주\s?\d\)|자료\s?[:：]|출처\s?[:：]|\*")


@dataclass(frozen=True)
class _Found:
    """A part before the outline of the whole document is known; a table has no lines. Footnotes stand `aside`."""

    kind: ParagraphKind
    text: str
    size: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...] = ()
    aside: bool = False


def read_pdf(path: Path) -> ReadDocument:
    """The document's parts in reading order, NFC, line breaks joined; unreadable pages as rejects."""
    name = unicodedata.normalize("NFC", path.name)
    try:
        with pymupdf.open(path) as pdf:
            if not pdf.is_pdf:
                return unread(name, "no PDF inside, whatever its name says; save it as PDF")
            if pdf.needs_pass:
                return unread(name, "encrypted: remove the password and add it again")
            if pdf.page_count == 0:
                return unread(name, "no pages: the file is damaged or empty")
            turn_upright(pdf)
            pages, reasons = read_scans(pdf, read_pages(pdf))
            there = [page for page in pages if not page.left_out]
            ruled = [page.number for page in there if _has_rules(pdf[page.number - 1])]
            opened = {
                page.number: open_tables(pdf[page.number - 1])
                for page in there
                if begin("reading the open tables", page.number)
            }
    except pymupdf.FileNotFoundError:
        return unread(name, "cannot be opened (No such file or directory)")
    except (pymupdf.FileDataError, pymupdf.EmptyFileError, pymupdf.mupdf.FzErrorBase, ValueError) as error:
        return unread(name, f"cannot be opened as a PDF, the file is damaged or cut short ({type(error).__name__})")
    rejects = [SourceReject(source=name, place=f"page {number}", reason=why) for number, why in reasons.items()]
    dropped = furniture(pages)
    parts = tuple(_parts(_without(pages, dropped), _tables(path, ruled, opened)))
    if not parts:
        return ReadDocument(
            name, "", len(pages), (), (*rejects, *unread(name, "no page has text that can be read").rejects)
        )
    return ReadDocument(
        name=name,
        sha256=file_sha256(path),
        pages=len(pages),
        parts=parts,
        rejects=tuple(rejects),
        respaced_pages=tuple(page.number for page in pages if page.respaced),
        furniture=sum(map(len, dropped)),
        ocr_pages=tuple(page.number for page in pages if any(line.confidence is not None for line in page.lines)),
    )


def _without(pages: Sequence[Page], dropped: Sequence[set[int]]) -> list[Page]:
    return [
        replace(page, lines=tuple(line for place, line in enumerate(page.lines) if place not in gone))
        for page, gone in zip(pages, dropped, strict=True)
    ]


def _has_rules(page: "pymupdf.Page") -> bool:
    """Whether enough is drawn on the page for a table; reading tables costs twenty times as much as reading text."""
    return sum("path" in kind for kind, *_ in page.get_bboxlog()) >= _RULES


def _tables(path: Path, ruled: Sequence[int], opened: dict[int, list[Table]]) -> dict[int, list[Table]]:
    if not ruled:
        return opened
    with TableReader(path) as reader:
        closed = {number: reader.tables(number) for number in ruled if begin("reading the tables", number)}
    return opened | {number: together(tables, opened.get(number, [])) for number, tables in closed.items()}


def _parts(pages: Sequence[Page], tables: dict[int, list[Table]]) -> Iterator[Part]:
    body_size = _body_size(pages)
    seen = seen_words(line.text for page in pages for line in page.lines)
    found: list[_Found] = []
    for page in pages:
        if not begin("putting together paragraphs", page.number):
            continue
        new = list(_found(page, tables.get(page.number, []), body_size, seen))
        last = next((at for at in range(len(found) - 1, -1, -1) if not found[at].aside), None)
        if new and last is not None and _crosses(found[last], new[0], page):
            found[last] = _text(found[last].lines + new[0].lines, seen)
            new = new[1:]
        note = next((at for at, part in enumerate(new) if part.aside), None)
        if found and found[-1].aside and found[-1].lines and note is not None and _rests(new[note]):
            lines = found[-1].lines + new.pop(note).lines
            found[-1] = replace(_text(lines, seen), kind="footnote", aside=True)
        found += new
    begin("finding headings")
    texts = [part.text if part.kind == "text" else "" for part in found]
    sizes = (heading_size(text, part.size, body_size) for text, part in zip(texts, found, strict=True))
    places = outline(map(Shown, texts, sizes))
    for part, place in zip(found, places, strict=True):
        kind: ParagraphKind = "heading" if place.heading else part.kind
        yield Part(part.text, kind, place.level, part.boxes, _confidence(part.lines))


def _confidence(lines: Sequence[Line]) -> float | None:
    """The mean over the characters that OCR read; none if it read none of them."""
    read = [(line.confidence, len(line.text)) for line in lines if line.confidence is not None]
    characters = sum(count for _, count in read)
    return round(sum(sure * count for sure, count in read) / characters, 3) if read else None


def _body_size(pages: Sequence[Page]) -> float:
    """The type size most characters have."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _found(page: Page, tables: Sequence[Table], body_size: float, seen: SeenWords) -> Iterator[_Found]:
    """The page's parts in reading order: text and tables, then footnotes."""
    loose = [line for line in page.lines if not any(_is_in(line, table) for table in tables)]
    stand_ins = {_stand_in(table, page.number, at): table for at, table in enumerate(tables)}
    own = {line: set(_table_notes(table, loose)) for line, table in stand_ins.items()}
    notes = _footnotes([line for line in loose if not any(line in lines for lines in own.values())], body_size)
    under = [line for line in stand_ins if notes and line.y0 > min(note.y0 for note in notes)]
    notes = [line for line in loose if line in notes or any(line in own[table] for table in under)]
    body = [line for line in loose if line not in notes]
    yield from _ordered(reading_order(body, [line for line in stand_ins if line not in under]), stand_ins, seen)
    for part in _ordered(reading_order(notes, under), stand_ins, seen):
        yield replace(part, kind="footnote" if part.kind == "text" else part.kind, aside=True)


def _ordered(lines: Sequence[Line], stand_ins: Mapping[Line, Table], seen: SeenWords) -> Iterator[_Found]:
    """The lines as paragraphs, with each table and what belongs to it in the place of its stand-in."""
    held: list[Line] = []
    for line in [*lines, None]:
        if line is not None and line not in stand_ins:
            held.append(line)
            continue
        blocks = paragraphs(held)
        held = []
        captions = _captions(blocks, stand_ins[line]) if line is not None else 0
        for block in blocks[: len(blocks) - captions]:
            yield _text(block.lines, seen)
        if line is not None:
            yield _table(stand_ins[line], blocks[len(blocks) - captions :], line.page, seen)


def _stand_in(table: Table, page: int, at: int) -> Line:
    """A line in the table's place, so that it takes its turn in the reading order."""
    return Line(page, "", *table.bbox, size=0.0, block=-1 - at)


def _footnotes(lines: Sequence[Line], body_size: float) -> list[Line]:
    """The small type below all other type, from the first note's mark on, and what stands right over that."""
    small = [line for line in lines if line.upright and line.size < _SMALL * body_size]
    lowest = max((line.y1 for line in lines if line.upright and line not in small), default=0.0)
    below = [line for line in small if line.y0 > lowest - 1]
    first = min((line for line in below if _FOOTNOTE.match(line.text)), key=lambda line: line.y0, default=None)
    if first is None:
        return []
    notes = [line for line in below if line.y0 >= first.y0 - 1]
    for line in sorted(below, key=lambda line: -line.y0):  # the rest of a note that began on the page before
        if first.y0 - 1.5 * line.height < line.y0 < first.y0 - 1 and abs(line.x0 - first.x0) < 3 * line.height:
            if _TABLE_NOTE.match(line.text):
                break
            notes.append(line)
            first = line
    return notes


def _table_notes(table: Table, lines: Sequence[Line]) -> Iterator[Line]:
    """The notes and sources right under the table, which are no footnotes wherever on the page they stand."""
    left, _, right, bottom = table.bbox
    for line in sorted(lines, key=lambda line: line.y0):
        if left - line.height < line.x0 < right and bottom - 2 < line.y0 < bottom + line.height:
            if bottom == table.bbox[3] and not _TABLE_NOTE.match(line.text):
                return
            bottom = line.y1
            yield line


def _captions(blocks: Sequence[Block], table: Table) -> int:
    """How many of the last blocks are the table's caption and unit line, by what they say or by the rule over them."""
    count = 0
    while count < min(2, len(blocks)) and _is_caption(blocks[-1 - count], table):
        count += 1
    return count


def _is_caption(block: Block, table: Table) -> bool:
    left, top, right, _ = table.bbox
    first, last = block.lines[0], block.lines[-1]
    below_rule = table.frame and first.y0 > table.frame and left - 2 < first.x0 < right
    unit = len(block.lines) == 1 and _UNIT_LINE.fullmatch(first.text) and last.y1 > top - _UNIT_AWAY * block.size
    return bool(_CAPTION.match(first.text) or below_rule or unit)


def _text(lines: tuple[Line, ...], seen: SeenWords) -> _Found:
    block = Block(lines)
    return _Found("text", block.text(seen), block.size, tuple(_boxes(block)), lines)


def _table(table: Table, captions: Sequence[Block], page: int, seen: SeenWords) -> _Found:
    text = "\n".join([*(caption.text(seen) for caption in captions), table.markdown])
    boxes = [box for caption in captions for box in _boxes(caption)]
    return _Found("table", text, 0.0, (*boxes, _points(table.bbox, page)))


def _crosses(last: _Found, first: _Found, page: Page) -> bool:
    """Whether the first paragraph of a page goes on with the last one of the page before."""
    both = last.lines and first.lines and first.kind == "text"
    return bool(both and goes_on(Block(last.lines), Block(first.lines), page.width))


def _rests(note: _Found) -> bool:
    """Whether the first footnote of a page is the rest of one that began on the page before."""
    return note.kind == "footnote" and not _FOOTNOTE.match(note.text)


def _is_in(line: Line, table: Table) -> bool:
    x0, y0, x1, y1 = table.bbox
    return x0 <= (line.x0 + line.x1) / 2 <= x1 and y0 <= (line.y0 + line.y1) / 2 <= y1


def _boxes(block: Block) -> Iterator[Box]:
    """One box for each column and page the paragraph runs over."""
    held: list[Line] = []
    for line in (*block.lines, None):
        if held and (line is None or line.page != held[-1].page or line.y1 < held[-1].y0):
            sides = [(one.x0, one.y0, one.x1, one.y1) for one in held]
            x0, y0, x1, y1 = zip(*sides, strict=True)
            yield _points((min(x0), min(y0), max(x1), max(y1)), held[0].page)
            held = []
        if line:
            held.append(line)


def _points(bbox: tuple[float, float, float, float], page: int) -> Box:
    x0, y0, x1, y1 = (round(value, 1) for value in bbox)
    return Box(page=page, x0=x0, y0=y0, x1=x1, y1=y1)
