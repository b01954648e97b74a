"""Reads HWPX (OWPML, KS X 6101), Hancom Office's open format, into parts.

Running heads and page numbers are counted as furniture; deleted text of tracked changes, memos, hidden comments and
the table of contents are left out. Not covered: pictures, charts, forms, master pages, the layout of equations.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from finsmith.corpus.document import ReadDocument

from .blocks import Block, Cell, Line, Note, Table, Text, flat, parts
from .hancom import Story, Styles, automatic_number
from .hwpx_styles import NUMBER_STYLES, children, number, read_styles
from .reading import Found, Unreadable, local_name, open_zip, parse_xml, read_file

_SECTION = re.compile(r"Contents/section(\d+)\.xml")
_FURNITURE = frozenset({"header", "footer", "pageNum"})
_SPACES = frozenset({"tab", "lineBreak", "nbSpace", "fwSpace"})
_INSIDE = frozenset({"run", "ctrl", "t", "container"})  # what may hold text or objects and has no meaning of its own
_MAX_TABLE_PLACE = 100_000


@dataclass
class _Reading(Story):
    deleted: set[str] = field(default_factory=set)  # ids of the tracked deletions that are open


def read_hwpx(path: Path) -> ReadDocument:
    """The document in an HWPX file; one that cannot be read is a reject with its reason."""
    return read_file(path, find_in_hwpx)


def find_in_hwpx(path: Path) -> Found:
    """The parts of an HWPX file.

    Raises:
        Unreadable: damaged, encrypted, or no HWPX.
    """
    with open_zip(path) as archive:
        names = archive.namelist()
        if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise Unreadable("encrypted: remove the password in Hancom Office and add it again")
        sections = sorted((name for name in names if _SECTION.fullmatch(name)), key=_section_number)
        if not sections:
            raise Unreadable("no HWPX inside, whatever its name says; save it as HWPX, DOCX or PDF")
        header = "Contents/header.xml"
        reading = _Reading(read_styles(parse_xml(archive.read(header), header)) if header in names else Styles())
        blocks: list[Block] = []
        for section in sections:
            blocks += _paragraphs(parse_xml(archive.read(section), section), reading)
    return Found(tuple(parts(blocks)), furniture=reading.furniture)


def _section_number(name: str) -> int:
    found = _SECTION.fullmatch(name)
    return int(found[1]) if found else 0


def _paragraphs(parent: etree._Element, reading: _Reading) -> list[Block]:
    return [_paragraph(p, reading) for p in children(parent, "p")]


def _paragraph(paragraph: etree._Element, reading: _Reading) -> Text:
    shape, style = number(paragraph, "paraPrIDRef"), number(paragraph, "styleIDRef")
    _set_outline(paragraph, reading)
    label = "" if reading.deleted else reading.label(shape)
    line = Line()
    _read(paragraph, line, reading)
    text = "".join(line.text)
    if reading.is_contents(style):
        text, reading.furniture = "", reading.furniture + bool(text.strip())
    levels = reading.level(shape, style), reading.depth(shape)
    return Text(text, label, *levels, tuple(line.notes), tuple(line.anchored))


def _set_outline(paragraph: etree._Element, reading: _Reading) -> None:
    for run in children(paragraph, "run"):
        for section in children(run, "secPr"):
            reading.outline = number(section, "outlineShapeIDRef")


def _read(element: etree._Element, line: Line, reading: _Reading) -> None:
    """Adds what the element's children hold, in order; text between them belongs to a `t`."""
    keep = local_name(element) == "t"
    if keep and not reading.deleted:
        line.text.append(element.text or "")
    for child in element:
        _read_child(child, line, reading)
        if keep and not reading.deleted:
            line.text.append(child.tail or "")


def _read_child(child: etree._Element, line: Line, reading: _Reading) -> None:
    name = local_name(child)
    if name == "deleteBegin":
        reading.deleted.add(child.get("Id") or "")
    elif name == "deleteEnd":
        reading.deleted.discard(child.get("Id") or "")
    elif reading.deleted and name not in _INSIDE:
        return
    elif name in _INSIDE:
        _read(child, line, reading)
    elif name in _FURNITURE:
        reading.furniture += 1
    elif name in ("footNote", "endNote"):
        line.notes.append(_note(child, reading))
    elif name == "tbl":
        line.anchored.append(_table(child, reading))
    elif (text := _inline_text(child, name)) is not None:
        line.text.append(text)
    else:
        line.anchored += _drawn(child, reading)


def _inline_text(element: etree._Element, name: str) -> str | None:
    """The text of an element that stands in a line; None for any other."""
    if name in _SPACES:
        return " "
    if name in ("hypen", "hyphen"):
        return "-"
    if name == "autoNum":
        return _automatic_number(element)
    if name == "equation":
        return " ".join(script.text or "" for script in children(element, "script"))
    if name == "compose":
        return element.get("composeText") or ""
    if name == "dutmal":
        main, sub = ("".join(x.text or "" for x in children(element, name)) for name in ("mainText", "subText"))
        return f"{main}({sub})" if sub else main
    return None


def _automatic_number(element: etree._Element) -> str:
    kind = element.get("numType")
    if kind in ("PAGE", "TOTAL_PAGE"):
        return ""
    looks = next(children(element, "autoNumFormat"), None)
    style, before, after = ("", "", "") if looks is None else (looks.get(k) or "" for k in _LOOKS)
    after += " " if kind in ("FOOTNOTE", "ENDNOTE") else ""
    return automatic_number(number(element, "num", 1), NUMBER_STYLES.get(style, "decimal"), before, after)


_LOOKS = ("type", "prefixChar", "suffixChar")


def _note(element: etree._Element, reading: _Reading) -> Note:
    blocks = tuple(block for part in children(element, "subList") for block in _paragraphs(part, reading))
    counted = any(local_name(inner) == "autoNum" for inner in element.iter())
    return Note("" if counted else f"{number(element, 'number', 1)})", blocks)


def _drawn(element: etree._Element, reading: _Reading) -> Iterable[Block]:
    """The text boxes, captions and art text of a drawn object."""
    if local_name(element) == "textart":
        yield Text(element.get("text") or "")
    for holder in (*children(element, "drawText"), *children(element, "caption")):
        for inner in children(holder, "subList"):
            yield from _paragraphs(inner, reading)


def _table(element: etree._Element, reading: _Reading) -> Table:
    captions = [block for holder in children(element, "caption") for block in _sublists(holder, reading)]
    cells = [_cell(cell, at, reading) for at, row in enumerate(children(element, "tr")) for cell in children(row, "tc")]
    return Table(tuple(cells), flat(captions))


def _cell(cell: etree._Element, row: int, reading: _Reading) -> Cell:
    place, span = next(children(cell, "cellAddr"), None), next(children(cell, "cellSpan"), None)
    blocks = tuple(_sublists(cell, reading))
    at = (min(number(place, "rowAddr", row), _MAX_TABLE_PLACE), min(number(place, "colAddr"), _MAX_TABLE_PLACE))
    return Cell(*at, max(number(span, "rowSpan", 1), 1), max(number(span, "colSpan", 1), 1), blocks)


def _sublists(holder: etree._Element, reading: _Reading) -> Iterator[Block]:
    for inner in children(holder, "subList"):
        yield from _paragraphs(inner, reading)
