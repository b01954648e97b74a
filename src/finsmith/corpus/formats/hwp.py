"""Reads HWP 5, Hancom Office's binary format, into parts.

Running heads and page numbers are counted as furniture; deleted text of tracked changes, memos, hidden comments and
the table of contents are left out. Not covered: pictures, charts, forms, art text.
"""

from collections.abc import Iterator
from pathlib import Path

from finsmith.corpus.document import ReadDocument

from .blocks import Block, Cell, Line, Note, Table, Text, flat, parts
from .hancom import STYLE_CODES, Story, automatic_number
from .hwp_records import Node, integer, read_streams, record_tree, text_at
from .hwp_styles import read_styles
from .hwpx import find_in_hwpx
from .reading import Found, Unreadable, read_file

_PARAGRAPH, _TEXT, _MARKS, _CONTROL, _LIST, _SHAPE, _TABLE, _EQUATION = 66, 67, 70, 71, 72, 76, 77, 88
_DELETION = 17  # the kind of a mark that a tracked change sets on deleted text
_LONGEST_PARAGRAPH = 1_000_000
_FIRST_LETTER = 32
_OLD = b"HWP Document File V"
_PAGE_NUMBERS, _NOTE_NUMBERS = (0, 6), (1, 2)  # kinds of automatic numbers
_FURNITURE = ("head", "foot", "pgnp")
_UNSEEN = ("tcmt",)  # hidden comments
# characters below 32: some stand for a text, the others take eight places; of these some have a control record
_PLAIN = {9: " ", 10: " ", 24: "-", 30: " ", 31: " "}
_SINGLE = frozenset({0, 10, 13, *range(24, 32)})
_WITH_RECORD = frozenset({1, 2, 3, 11, 12, *range(14, 19), 21, 22, 23})
_OUTLINE_AT = 18  # place of the outline's numbering in a section's control


def read_hwp(path: Path) -> ReadDocument:
    """The document in an HWP 5 file; one that cannot be read is a reject with its reason."""
    return read_file(path, _find)


def _find(path: Path) -> Found:
    with path.open("rb") as file:
        begin = file.read(len(_OLD))
    if begin.startswith(b"PK"):  # HWPX under the old ending, which Hancom Office opens too
        return find_in_hwpx(path)
    if begin == _OLD:
        raise Unreadable("HWP of before 2002: open it in Hancom Office and save it as HWPX")
    streams = read_streams(path)
    story = Story(read_styles(record_tree(streams.definitions)))
    blocks = [block for section in streams.sections for block in _paragraphs(record_tree(section), story)]
    return Found(tuple(parts(blocks)), furniture=story.furniture)


def _paragraphs(nodes: list[Node], story: Story) -> list[Block]:
    return [_paragraph(node, story) for node in nodes if node.tag == _PARAGRAPH]


def _paragraph(node: Node, story: Story) -> Text:
    controls = [child for child in node.children if child.tag == _CONTROL]
    for control in controls:
        if _name(control) == "secd":
            story.outline = integer(control.data, _OUTLINE_AT)
    shape, style = integer(node.data, 8), integer(node.data, 10, 1)
    label = story.label(shape)
    line = Line()
    for piece in _pieces(b"".join(child.data for child in node.children if child.tag == _TEXT), _deleted(node)):
        if isinstance(piece, str):
            line.text.append(piece)
        elif controls:
            control = controls.pop(0)
            if piece:
                _add(control, line, story)
    for control in controls:
        _add(control, line, story)
    text = "".join(line.text)
    if story.is_contents(style):
        text, story.furniture = "", story.furniture + bool(text.strip())
    levels = story.level(shape, style), story.depth(shape)
    return Text(text, label, *levels, tuple(line.notes), tuple(line.anchored))


def _pieces(data: bytes, deleted: set[int]) -> Iterator[str | bool]:
    """The paragraph's text in pieces, and where a control's record belongs: whether it is kept."""
    at = 0
    text = bytearray()
    while at + 2 <= len(data):
        code, is_kept = integer(data, at), at // 2 not in deleted
        if code >= _FIRST_LETTER:
            text += data[at : at + 2] if is_kept else b""
        elif code in _PLAIN:
            text += _PLAIN[code].encode("utf-16-le") if is_kept else b""
        elif code in _WITH_RECORD:
            yield text.decode("utf-16-le", errors="ignore")
            yield is_kept
            text.clear()
        at += 2 if code >= _FIRST_LETTER or code in _SINGLE else 16
    yield text.decode("utf-16-le", errors="ignore")


def _deleted(node: Node) -> set[int]:
    """The places of the paragraph's text that a tracked change deletes."""
    places: set[int] = set()
    for data in (child.data for child in node.children if child.tag == _MARKS):
        for at in range(0, len(data) - 11, 12):
            if data[at + 11] == _DELETION:
                places.update(range(integer(data, at, 4), min(integer(data, at + 4, 4), _LONGEST_PARAGRAPH)))
    return places


def _name(control: Node) -> str:
    return control.data[:4][::-1].decode("latin-1").strip()


def _add(control: Node, line: Line, story: Story) -> None:
    name = _name(control)
    if name in _FURNITURE:
        story.furniture += 1
    elif name in ("fn", "en"):
        line.notes.append(Note("", tuple(_paragraphs(control.children, story))))
    elif name == "tbl":
        line.anchored.append(_table(control, story))
    elif name not in _UNSEEN:
        line.text.append(_inline_text(control, name))
        line.anchored += _drawn(control, story)


def _inline_text(control: Node, name: str) -> str:
    """The text of a control that stands in a line."""
    data = control.data
    if name == "atno":
        return _automatic_number(data)
    if name == "eqed":
        return " ".join(text_at(child.data, 4)[0] for child in control.children if child.tag == _EQUATION)
    if name == "tcps":
        return text_at(data, 4)[0]
    if name == "tdut":
        main, at = text_at(data, 4)
        sub, _ = text_at(data, at)
        return f"{main}({sub})" if sub else main
    return ""


def _automatic_number(data: bytes) -> str:
    looks = integer(data, 4, 4)
    kind, style = looks & 15, looks >> 4 & 0xFF
    if kind in _PAGE_NUMBERS:
        return ""
    named = STYLE_CODES[style] if style < len(STYLE_CODES) else "decimal"
    after = chr(integer(data, 14)) + (" " if kind in _NOTE_NUMBERS else "")
    return automatic_number(integer(data, 8), named, chr(integer(data, 12)), after)


def _drawn(control: Node, story: Story) -> Iterator[Block]:
    """The text boxes of a drawn object, then its caption."""
    for child in control.children:
        if child.tag == _SHAPE:
            yield from _drawn(child, story)
    yield from _paragraphs(control.children, story)


def _table(control: Node, story: Story) -> Table:
    caption: list[Node] = []
    cells: list[tuple[bytes, list[Node]]] = []
    is_inside = False
    for child in control.children:
        if child.tag == _TABLE:
            is_inside = True
        elif is_inside and child.tag == _LIST:
            cells.append((child.data, []))
        elif child.tag == _PARAGRAPH:
            (cells[-1][1] if cells else caption).append(child)
    text = flat(_paragraphs(caption, story))
    return Table(tuple(_cell(place, nodes, story) for place, nodes in cells), text)


def _cell(place: bytes, nodes: list[Node], story: Story) -> Cell:
    column, row, columns, rows = (integer(place, at) for at in (8, 10, 12, 14))
    return Cell(row, column, max(rows, 1), max(columns, 1), tuple(_paragraphs(nodes, story)))
