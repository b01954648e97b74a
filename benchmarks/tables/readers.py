"""The readers that are compared, each with its defaults.

Not covered: their settings; a reader tuned to these tables would measure the tuning.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pdfplumber
import pymupdf
import pymupdf4llm
from pdfplumber.table import Table as PlumberTable

from finsmith.corpus.pdf.open_tables.finder import open_tables
from finsmith.corpus.pdf.tables import TableReader, together

from .gold import Bbox, Grid

_MARKUP = re.compile(r"</?su[bp]>|\*\*")
_PIPE = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Found:
    """A table as a reader gives it; where `merged_empty`, an empty place may be part of a merged cell."""

    bbox: Bbox
    cells: Grid
    merged_empty: bool = False


Reader = Callable[[Path, Sequence[int]], dict[int, list[Found]]]  # page numbers count from 1


def read_finsmith(path: Path, pages: Sequence[int]) -> dict[int, list[Found]]:
    """What `finsmith ingest` finds: tables with all their rules, and open ones."""
    with TableReader(path) as reader, pymupdf.open(path) as pdf:
        tables = {page: together(reader.tables(page), open_tables(pdf[page - 1])) for page in pages}
    return {page: [Found(table.bbox, table.rows) for table in found] for page, found in tables.items()}


def read_pdfplumber(path: Path, pages: Sequence[int]) -> dict[int, list[Found]]:
    """What `extract_tables` gives; its None for a place that a merged cell covers becomes that cell's text."""
    found: dict[int, list[Found]] = {}
    with pdfplumber.open(path) as pdf:
        for number in pages:
            page = pdf.pages[number - 1]
            left, top = page.cropbox[0], page.cropbox[1]  # its boxes count from the uncropped page's corner
            found[number] = [
                Found((x0 - left, y0 - top, x1 - left, y1 - top), _covered(table))
                for table in page.find_tables()
                for x0, y0, x1, y1 in [table.bbox]
            ]
            page.close()
    return found


def _covered(table: PlumberTable) -> Grid:
    texts = table.extract()
    own = {
        cell: text or ""
        for row, line in zip(table.rows, texts, strict=True)
        for cell, text in zip(row.cells, line, strict=True)
        if cell
    }
    across = sorted({cell[0] for cell in table.cells})
    down = [row.bbox[1] for row in table.rows]
    return tuple(
        tuple(
            next((text for (x0, y0, x1, y1), text in own.items() if x0 <= x < x1 and y0 <= y < y1), "") for x in across
        )
        for y in down
    )


def read_pymupdf4llm(path: Path, pages: Sequence[int]) -> dict[int, list[Found]]:
    """The Markdown tables of `to_markdown`, with the boxes it gives for them, without marks of type."""
    chunks = pymupdf4llm.to_markdown(str(path), pages=[page - 1 for page in pages], page_chunks=True)
    return {
        page: [
            Found(box["bbox"], cells, merged_empty=True)
            for box in chunk["page_boxes"]
            for cells in pipe_tables(chunk["text"][slice(*box["pos"])])
        ]
        for page, chunk in zip(pages, chunks, strict=True)
    }


def pipe_tables(markdown: str) -> Iterator[Grid]:
    """The tables of a piece of Markdown, without the line under the head; a <br> is white space."""
    for piped, lines in groupby(markdown.splitlines(), lambda line: line.startswith("|")):
        if piped:
            rows = [tuple(map(_plain, _PIPE.split(line.strip())[1:-1])) for line in lines]
            yield (rows[0], *rows[2:])


def _plain(cell: str) -> str:
    return _MARKUP.sub("", cell.replace("<br>", " ").replace("\\|", "|"))


READERS: dict[str, Reader] = {
    "finsmith": read_finsmith,
    "pdfplumber": read_pdfplumber,
    "pymupdf4llm": read_pymupdf4llm,
}
