"""Writes DOCX files from WordprocessingML on top of python-docx's blank document."""

import struct
import zipfile
from io import BytesIO
from pathlib import Path

from docx import Document

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def paragraph(content="", style="", properties=""):
    """A paragraph of runs; a text without markup is one run."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    inside = content if content.startswith("<") else run(content)
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{inside}</w:p>"


def run(content, properties=""):
    """A run of text."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{content}</w:t></w:r>'


def item(content, number, depth=0):
    """A paragraph of the list with that number."""
    return paragraph(content, "", f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>')


def table(*rows, deleted=()):
    """A table; a cell is a text, or a pair of its properties and its text."""
    written = ""
    for at, row in enumerate(rows):
        cells = (cell if isinstance(cell, tuple) else ("", cell) for cell in row)
        body = "".join(
            f"<w:tc><w:tcPr>{looks}</w:tcPr>{inside if inside.startswith('<') else paragraph(inside)}</w:tc>"
            for looks, inside in cells
        )
        written += f"<w:tr><w:trPr>{'<w:del/>' if at in deleted else ''}</w:trPr>{body}</w:tr>"
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{written}</w:tbl>"


def numbering(number, *levels, override=""):
    """A list: its definition and its use. A level is (style of the number, template)."""
    written = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{style}"/>'
        f'<w:lvlText w:val="{template}"/></w:lvl>'
        for depth, (style, template) in enumerate(levels)
    )
    definition = f'<w:abstractNum w:abstractNumId="{number}">{written}</w:abstractNum>' if levels else ""
    return definition, f'<w:num w:numId="{number}"><w:abstractNumId w:val="{number}"/>{override}</w:num>'


def again(number, of, depth=0):
    """A list that uses the definition of another one and begins anew."""
    start = f'<w:lvlOverride w:ilvl="{depth}"><w:startOverride w:val="1"/></w:lvlOverride>'
    return "", f'<w:num w:numId="{number}"><w:abstractNumId w:val="{of}"/>{start}</w:num>'


def notes(kind, **texts):
    """The part of the footnotes or endnotes; the texts are named `_1`, `_2`."""
    written = "".join(f'<w:{kind} w:id="{name[1:]}">{paragraph(content)}</w:{kind}>' for name, content in texts.items())
    line = f'<w:{kind} w:id="0" w:type="separator">{paragraph("---")}</w:{kind}>'
    return f'<w:{kind}s xmlns:w="{W}">{line}{written}</w:{kind}s>'


def write_docx(path: Path, *body: str, lists=(), footnotes="", endnotes="", styles=""):
    """Writes the body as a whole DOCX file."""
    blank = BytesIO()
    Document().save(blank)
    definitions = "".join(definition for definition, _ in lists) + "".join(use for _, use in lists)
    added = {"word/footnotes.xml": footnotes, "word/endnotes.xml": endnotes}
    with zipfile.ZipFile(blank) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name).decode() if name.endswith((".xml", ".rels")) else source.read(name)
            if name == "word/document.xml":
                begin = content.index("<w:body>") + len("<w:body>")
                content = content[:begin] + "".join(body) + content[content.index("<w:sectPr") :]
            elif name == "word/numbering.xml" and definitions:
                content = f'<w:numbering xmlns:w="{W}">{definitions}</w:numbering>'
            elif name == "word/styles.xml":
                content = content.replace("</w:styles>", f"{styles}</w:styles>")
            elif name == "word/_rels/document.xml.rels":
                content = content.replace("</Relationships>", f"{_relations(added)}</Relationships>")
            elif name == "[Content_Types].xml":
                content = content.replace("</Types>", f"{_types(added)}</Types>")
            target.writestr(name, content)
        for name, content in added.items():
            if content:
                target.writestr(name, content)
    return path


def _kind(name):
    return Path(name).stem


def _relations(added):
    return "".join(
        f'<Relationship Id="x{_kind(name)}" Type="{_RELATIONS}/{_kind(name)}" Target="{_kind(name)}.xml"/>'
        for name, content in added.items()
        if content
    )


def _types(added):
    return "".join(
        f'<Override PartName="/{name}" ContentType="{_TYPES}.{_kind(name)}+xml"/>'
        for name, content in added.items()
        if content
    )


def forge_size(path: Path, member: str, size: int):
    """Lets the archive's directory say that a member unpacks to that many bytes."""
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    while content[at : at + 4] == b"PK\x01\x02":
        name_length, extra, comment = struct.unpack_from("<HHH", content, at + 28)
        if content[at + 46 : at + 46 + name_length].decode() == member:
            struct.pack_into("<I", content, at + 24, size)
        at += 46 + name_length + extra + comment
    path.write_bytes(bytes(content))
