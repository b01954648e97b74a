"""Reads Markdown: headings, paragraphs, lists, tables and footnotes. The only home of markdown-it-py and its plugins.

Not covered: pictures, comments, and HTML, of which only the text is kept.
"""

from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from finsmith.corpus.document import ReadDocument

from .blocks import Block, Cell, Note, Table, Text, parts
from .numbering import BULLET
from .plain import decoded, joined
from .reading import Found, Unreadable, read_file

_UNSEEN = frozenset({"front_matter", "hr", "image", "footnote_block", "footnote_anchor"})
Notes = dict[int, SyntaxTreeNode]


class _TextOnly(HTMLParser):
    """Collects the text of HTML without its tags, comments and scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []

    def handle_data(self, data: str) -> None:
        """Keeps a text that no script or style holds."""
        if self.cdata_elem is None:
            self.text.append(data)


def read_markdown(path: Path) -> ReadDocument:
    """The document in a Markdown file; one that cannot be read is a reject with its reason."""
    return read_file(path, _find)


def _find(path: Path) -> Found:
    parser = MarkdownIt("commonmark").enable("table").use(footnote_plugin).use(front_matter_plugin)
    try:
        tree = SyntaxTreeNode(parser.parse(decoded(path.read_bytes())))
        notes = {node.meta["id"]: node for node in tree.walk() if node.type == "footnote"}
        return Found(tuple(parts(block for child in tree.children for block in _blocks(child, notes))))
    except RecursionError as error:
        raise Unreadable("its lists or quotations are nested too deep") from error


def _blocks(node: SyntaxTreeNode, notes: Notes, depth: int = 0) -> Iterator[Block]:
    """What the node holds, `depth` lists deep."""
    if node.type in _UNSEEN:
        return
    if node.type == "heading":
        yield _text(node, notes, level=int(node.tag[1]))
    elif node.type == "paragraph":
        yield _text(node, notes)
    elif node.type in ("fence", "code_block"):
        yield Text(node.content)
    elif node.type == "html_block":
        yield Text(_without_tags(node.content))
    elif node.type in ("bullet_list", "ordered_list"):
        yield from _items(node, notes, depth)
    elif node.type == "table":
        yield _table(node, notes)
    else:
        for child in node.children:
            yield from _blocks(child, notes, depth)


def _items(node: SyntaxTreeNode, notes: Notes, depth: int) -> Iterator[Block]:
    first = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, first):
        label = BULLET if node.type == "bullet_list" else f"{number}{node.markup}"
        for child in item.children:
            if child.type == "paragraph":
                yield _text(child, notes, label, depth=depth)
                label = ""
            else:
                yield from _blocks(child, notes, depth + 1)


def _text(node: SyntaxTreeNode, notes: Notes, label: str = "", level: int = 0, depth: int = 0) -> Text:
    lines = "".join(_inline(child) for child in node.children).split("\n")
    refer = [child for child in node.walk() if child.type == "footnote_ref"]
    found = tuple(_note(notes[ref.meta["id"]], notes) for ref in refer if ref.meta["id"] in notes)
    return Text(joined(line for line in lines if line.strip()), label, level, depth, found)


def _note(node: SyntaxTreeNode, notes: Notes) -> Note:
    number = node.meta["id"] + 1
    rest: Notes = {key: note for key, note in notes.items() if note is not node}  # a note may refer to itself
    return Note(f"{number})", tuple(block for child in node.children for block in _blocks(child, rest)))


def _inline(node: SyntaxTreeNode) -> str:
    if node.type in _UNSEEN or node.type == "footnote_ref":
        return ""
    if node.type == "softbreak":
        return "\n"
    if node.type == "hardbreak":
        return " "
    if node.type == "html_inline":
        return " " if node.content.lower().startswith("<br") else ""
    if node.children:
        return "".join(_inline(child) for child in node.children)
    return node.content if node.type in ("text", "code_inline", "inline") else ""


def _table(node: SyntaxTreeNode, notes: Notes) -> Table:
    rows = [row for part in node.children for row in part.children]
    cells = (
        Cell(at, column, 1, 1, (_text(cell, notes),))
        for at, row in enumerate(rows)
        for column, cell in enumerate(row.children)
    )
    return Table(tuple(cells))


def _without_tags(html: str) -> str:
    parser = _TextOnly()
    parser.feed(html)
    parser.close()
    return " ".join(_words(parser.text))


def _words(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from text.split()
