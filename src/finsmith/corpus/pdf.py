"""Reads PDF documents into paragraphs that know their page and place. The only home of pymupdf.

Not covered: other formats, OCR, tables as tables; a page without a text layer is listed, not read.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pymupdf

from finsmith.core.ids import file_sha256
from finsmith.core.records import Box, Document, Paragraph, SourceReject
from finsmith.korean.morphemes import join_lines

from .layout import Block, join_blocks

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)
_HANGUL_LINE_END = re.compile(r"[가-힣]$")


@dataclass(frozen=True)
class ReadDocument:
    """One document as read: its record (None where nothing could be read) and what had to be left."""

    document: Document | None
    rejects: list[SourceReject]


def read_pdf(path: Path) -> ReadDocument:
    """The document's paragraphs in page order, NFC, line breaks joined; unreadable pages as rejects."""
    name = unicodedata.normalize("NFC", path.name)
    try:
        with pymupdf.open(path) as pdf:
            if not pdf.is_pdf:
                return _unread(name, "no PDF inside, whatever its name says; save it as PDF")
            if pdf.needs_pass:
                return _unread(name, "encrypted: remove the password and add it again")
            if pdf.page_count == 0:
                return _unread(name, "no pages: the file is damaged or empty")
            pages = [_paragraphs(page) for page in pdf]
            reasons = [
                None if found else _why_empty(page, pdf.is_repaired) for page, found in zip(pdf, pages, strict=True)
            ]
    except (pymupdf.FileDataError, pymupdf.EmptyFileError, pymupdf.mupdf.FzErrorBase, ValueError) as error:
        return _unread(name, f"cannot be opened as a PDF, the file is damaged or cut short ({_short(error)})")
    rejects = [
        SourceReject(source=name, place=f"page {number}", reason=reason)
        for number, reason in enumerate(reasons, 1)
        if reason
    ]
    paragraphs = tuple(_with_spans([paragraph for page in pages for paragraph in page]))
    if not paragraphs:
        return ReadDocument(None, [*rejects, *_unread(name, "no page has text that can be read").rejects])
    document = Document(name=name, sha256=file_sha256(path), pages=len(pages), paragraphs=paragraphs)
    return ReadDocument(document, rejects)


def _paragraphs(page: "pymupdf.Page") -> list[Paragraph]:
    blocks = []
    for x0, y0, x1, y1, text, _, kind in page.get_text("blocks"):
        lines = [" ".join(line.split()) for line in unicodedata.normalize("NFC", text).splitlines() if line.strip()]
        if kind == 0 and lines:
            blocks.append(Block(tuple(lines), x0, y0, x1, y1))
    return [Paragraph(text=_one_line(b.lines), start=0, box=_box(b, page.number + 1)) for b in join_blocks(blocks)]


def _box(block: Block, page: int) -> Box:
    return Box(page=page, x0=round(block.x0, 1), y0=round(block.y0, 1), x1=round(block.x1, 1), y1=round(block.y1, 1))


def _one_line(lines: Sequence[str]) -> str:
    """The lines as one; a line that ends in Hangul may break a word, so morphology joins it to the next."""
    runs: list[list[str]] = [[]]
    for line in lines:
        runs[-1].append(line)
        if not _HANGUL_LINE_END.search(line):
            runs.append([])
    return " ".join(join_lines(run) for run in runs if run)


def _with_spans(paragraphs: list[Paragraph]) -> Iterator[Paragraph]:
    start = 0
    for paragraph in paragraphs:
        yield paragraph.model_copy(update={"start": start})
        start += len(paragraph.text) + 1


def _why_empty(page: "pymupdf.Page", repaired: bool) -> str:
    if page.get_images():
        return "no text layer: the page is a picture (a scan) and needs OCR"
    if repaired:
        return "nothing left to read: the file is damaged or cut short; get it again"
    return "blank: neither text nor picture"


def _unread(name: str, reason: str) -> ReadDocument:
    return ReadDocument(None, [SourceReject(source=name, place="file", reason=reason)])


def _short(error: Exception) -> str:
    return type(error).__name__
