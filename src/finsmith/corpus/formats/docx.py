"""Reads DOCX (Word, and what else writes Office Open XML) into parts. The only home of python-docx.

Headers, footers and the table of contents are counted as furniture; deleted and hidden text and comments are left out.
Not covered: pictures, charts, forms, the layout of equations, Word's strict variant, merged cells of Word 97.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE as RELATION
from docx.opc.exceptions import OpcError
from lxml import etree

from finsmith.corpus.document import ReadDocument

from .blocks import Block, Cell, Line, Note, Table, Text, one_line, parts
from .docx_styles import Looks, Styles, W, is_on, looks_of, read_styles, value, whole
from .reading import DAMAGED, Found, Unreadable, local_name, open_zip, parse_xml, read_file

_HEADING_STYLE = re.compile(r"(?:heading|제목|개요)\s*(\d)")
_TITLE_STYLES = frozenset({"title", "제목"})
_CAPTION_STYLES = frozenset({"caption", "table caption", "캡션"})
_CONTENTS_STYLE = re.compile(r"(?:toc|목차|차례)\s*(?:\d|제목|heading)|table of figures")
_FIGURE = re.compile(r"(?:그림|figure|fig\.)", re.IGNORECASE)
_TABLE_CAPTION = re.compile(r"(?:[<\[(〈【]?\s*표|table)", re.IGNORECASE)
_MAX_SPAN = 63  # columns in a table of Word
_BODY_LEVEL = 9  # the outline level that means: no heading
_SPACES = frozenset({"tab", "br", "cr", "ptab"})
# deleted text, texts that steer fields, and properties
_UNSEEN = frozenset({"del", "moveFrom", "delText", "instrText", "delInstrText", "rPr", "pPr", "sdtPr", "rt"})
_WRAPPERS = frozenset({"sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"})


@dataclass
class _Reading:
    styles: Styles
    notes: dict[tuple[str, str], etree._Element]  # by kind and id
    noted: dict[str, int] = field(default_factory=dict)  # how many references of a kind were met
    furniture: int = 0


def read_docx(path: Path) -> ReadDocument:
    """The document in a DOCX file; one that cannot be read is a reject with its reason."""
    return read_file(path, _find)


def _find(path: Path) -> Found:
    with open_zip(path):
        word = _opened(path)
    reading = _Reading(read_styles(_part(word, RELATION.STYLES), _part(word, RELATION.NUMBERING)), dict(_notes(word)))
    for kind in (RELATION.HEADER, RELATION.FOOTER):
        for element in _related(word, kind):
            reading.furniture += any((t.text or "").strip() for t in element.iter(f"{W}t"))
    body = word.element.find(f"{W}body")
    if body is None:
        raise Unreadable("no Word document inside, whatever its name says; save it as DOCX")
    blocks = _blocks(body, reading)
    return Found(tuple(parts(blocks)), furniture=reading.furniture)


def _opened(path: Path) -> WordDocument:
    try:
        return Document(str(path))
    except (OpcError, *DAMAGED) as error:
        reason = "no Word document inside, damaged, or of Word's strict variant"
        raise Unreadable(f"{reason} ({type(error).__name__}); open it in Word and save it anew as DOCX") from error


def _related(word: WordDocument, kind: str) -> Iterator[etree._Element]:
    for relation in word.part.rels.values():
        if relation.reltype == kind and not relation.is_external:
            yield parse_xml(relation.target_part.blob, relation.target_ref)


def _part(word: WordDocument, kind: str) -> etree._Element | None:
    return next(_related(word, kind), None)


def _notes(word: WordDocument) -> Iterator[tuple[tuple[str, str], etree._Element]]:
    for kind, relation in (("footnote", RELATION.FOOTNOTES), ("endnote", RELATION.ENDNOTES)):
        for root in _related(word, relation):
            for note in root.iter(W + kind):
                yield (kind, note.get(f"{W}id") or ""), note


def _blocks(parent: etree._Element, reading: _Reading) -> list[Block]:
    blocks: list[Block] = []
    line = Line()
    for child in _unwrapped(parent):
        if local_name(child) == "tbl":
            blocks.append(_table(child, reading))
            continue
        style = value(child, "pPr/pStyle") or ""
        looks = reading.styles.of(looks_of(child), style)
        _read(child, line, bool(looks.hidden), reading)
        if value(child, "pPr/rPr/del") is None:  # else its end is deleted: the next paragraph goes on in the same line
            blocks.append(_paragraph(line, looks, style, reading))
            line = Line()
    return _captioned([*blocks, _paragraph(line, Looks(), "", reading)])


def _unwrapped(parent: etree._Element) -> Iterator[etree._Element]:
    """The paragraphs and tables, those in content controls and insertions among them."""
    for child in parent:
        if local_name(child) in ("p", "tbl"):
            yield child
        elif local_name(child) in _WRAPPERS:
            yield from _unwrapped(child)


def _paragraph(line: Line, looks: Looks, style: str, reading: _Reading) -> Text:
    text = "".join(line.text)
    label = reading.styles.label(looks, style)
    if _CONTENTS_STYLE.match(looks.name):
        text, reading.furniture = "", reading.furniture + bool(text.strip())
    is_caption = looks.name in _CAPTION_STYLES
    depth = reading.styles.depth(looks, style)
    return Text(text, label, _level(looks), depth, tuple(line.notes), tuple(line.anchored), is_caption)


def _level(looks: Looks) -> int:
    if looks.outline is not None:
        return looks.outline + 1 if looks.outline < _BODY_LEVEL else 0
    named = _HEADING_STYLE.match(looks.name)
    return int(named[1]) if named else int(looks.name in _TITLE_STYLES)


def _captioned(blocks: list[Block]) -> list[Block]:
    """The blocks with each caption of a table moved into it: the one before, or one that names a table after it."""
    kept: list[Block] = []
    for block in blocks:
        last = kept[-1] if kept else None
        if isinstance(block, Table) and isinstance(last, Text) and last.is_caption and not _FIGURE.match(last.text):
            kept[-1] = replace(block, caption=f"{last.label} {last.text}")
        elif isinstance(last, Table) and not last.caption and isinstance(block, Text) and _is_table_caption(block):
            kept[-1] = replace(last, caption=f"{block.label} {block.text}")
        else:
            kept.append(block)
    return kept


def _is_table_caption(text: Text) -> bool:
    return text.is_caption and bool(_TABLE_CAPTION.match(one_line(text.text)))


def _read(element: etree._Element, line: Line, hidden: bool, reading: _Reading) -> None:
    """Adds what the element's children hold, in order."""
    for child in element:
        name = local_name(child)
        if name in _UNSEEN:
            continue
        if name == "r":
            _read(child, line, _is_hidden(child, hidden, reading), reading)
        elif name in ("footnoteReference", "endnoteReference"):
            line.notes += [] if hidden else _note(child, name.removesuffix("Reference"), reading)
        elif name == "txbxContent":
            line.anchored += _blocks(child, reading)
        elif name == "AlternateContent":
            _read_first(child, line, hidden, reading)
        elif name == "ruby":
            _read_ruby(child, line, hidden, reading)
        elif (text := _inline_text(child, name)) is not None:
            line.text += [] if hidden else [text]
        else:
            _read(child, line, hidden, reading)


def _inline_text(element: etree._Element, name: str) -> str | None:
    """The text of an element that stands in a line; None for any other."""
    if name == "t":
        return element.text or ""
    if name in _SPACES:
        return " "
    if name == "noBreakHyphen":
        return "-"
    if name == "sym":
        code = element.get(f"{W}char") or ""
        return chr(int(code, 16)) if re.fullmatch("[0-9A-Fa-f]{4}", code) else ""
    return None


def _is_hidden(run: etree._Element, inherited: bool, reading: _Reading) -> bool:
    own = is_on(value(run, "rPr/vanish"))
    styled = reading.styles.looks.get(value(run, "rPr/rStyle") or "", Looks()).hidden
    return next((switch for switch in (own, styled) if switch is not None), inherited)


def _read_first(alternatives: etree._Element, line: Line, hidden: bool, reading: _Reading) -> None:
    """Reads one of the alternatives, which all say the same."""
    for child in alternatives:
        before = len(line.text), len(line.anchored)
        _read(child, line, hidden, reading)
        if (len(line.text), len(line.anchored)) != before:
            return


def _read_ruby(ruby: etree._Element, line: Line, hidden: bool, reading: _Reading) -> None:
    """Reads a text with its reading after it in parentheses."""
    _read(ruby, line, hidden, reading)
    above = "".join(t.text or "" for rt in ruby.iter(f"{W}rt") for t in rt.iter(f"{W}t"))
    line.text += [f"({above})"] if above and not hidden else []


def _note(reference: etree._Element, kind: str, reading: _Reading) -> list[Note]:
    element = reading.notes.get((kind, reference.get(f"{W}id") or ""))
    if element is None:
        return []
    reading.noted[kind] = reading.noted.get(kind, 0) + 1
    return [Note(f"{reading.noted[kind]})", tuple(_blocks(element, reading)))]


def _table(table: etree._Element, reading: _Reading) -> Table:
    cells: list[Cell] = []
    open_cells: dict[int, int] = {}  # column -> place in `cells` of the cell that goes on downwards
    rows = (
        row for row in _down_to("tr", table) if value(row, "trPr/del") is None and value(row, "trPr/hidden") is None
    )
    for at, row in enumerate(rows):
        column = whole(value(row, "trPr/gridBefore")) or 0
        for cell in _down_to("tc", row):
            width = min(max(whole(value(cell, "tcPr/gridSpan")) or 1, 1), _MAX_SPAN)
            merge = value(cell, "tcPr/vMerge")
            if merge is None or merge == "restart" or column not in open_cells:
                open_cells.pop(column, None)
                if merge == "restart":
                    open_cells[column] = len(cells)
                cells.append(Cell(at, column, 1, width, tuple(_blocks(cell, reading))))
            else:
                above = open_cells[column]
                cells[above] = replace(cells[above], rows=at + 1 - cells[above].row)
            column += width
    return Table(tuple(cells))


def _down_to(name: str, parent: etree._Element) -> Iterator[etree._Element]:
    for child in parent:
        if local_name(child) == name:
            yield child
        elif local_name(child) in _WRAPPERS:
            yield from _down_to(name, child)
