"""Pages of text a second on one core, from pages where nothing is drawn: finsmith beside its peers.

`lines` reads lines with place and type size; `paragraphs` is all that `ingest` does to such a page, with morphology at
line ends. Not covered: tables.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pdfplumber
import pymupdf
import pypdfium2

from finsmith.corpus.pdf.page import read_pages
from finsmith.corpus.pdf.reader import read_pdf

LEAST_SECONDS = 3.0  # each reader goes over the pages until it has worked so long
PEER_PAGES = 20  # of the slow peer


def main(folder: Path) -> None:
    """Prints pages a second of each reader, and how it compares with PyMuPDF's plain text."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "text.pdf"
        pages = save_text_pages(folder, path)
        read_pdf(path)  # Kiwi's model is loaded once
        print(f"{pages} pages")
        speeds = {reader: speed(read, path) for reader, read in READERS.items()}
    for reader, pages_per_second in speeds.items():
        print(f"{reader:24} {pages_per_second:8,.0f} pages/s {pages_per_second / speeds['pymupdf, plain text']:6.2f}")


def save_text_pages(folder: Path, path: Path) -> int:
    """Saves the pages of all PDFs that have text and nothing drawn as one PDF; gives their number."""
    with pymupdf.open() as chosen:
        for source in sorted(folder.glob("*.pdf")):
            with pymupdf.open(source) as pdf:
                for page in pdf:
                    if {kind for kind, *_ in page.get_bboxlog()} == {"fill-text"}:
                        chosen.insert_pdf(pdf, from_page=page.number, to_page=page.number)
        chosen.save(path)
        return int(chosen.page_count)


def finsmith_lines(path: Path) -> int:
    """Pages read."""
    with pymupdf.open(path) as pdf:
        return len(read_pages(pdf))


def finsmith_paragraphs(path: Path) -> int:
    """Pages read."""
    return read_pdf(path).pages


def pymupdf_text(path: Path) -> int:
    """Pages read."""
    with pymupdf.open(path) as pdf:
        return len([page.get_text() for page in pdf])


def pypdfium2_text(path: Path) -> int:
    """Pages read."""
    pdf = pypdfium2.PdfDocument(path)
    return len([page.get_textpage().get_text_bounded() for page in pdf])


def pdfplumber_text(path: Path) -> int:
    """Pages read, the first ones only."""
    with pdfplumber.open(path) as pdf:
        return len([page.extract_text() for page in pdf.pages[:PEER_PAGES]])


READERS: dict[str, Callable[[Path], int]] = {
    "pymupdf, plain text": pymupdf_text,
    "finsmith, lines": finsmith_lines,
    "finsmith, paragraphs": finsmith_paragraphs,
    "pypdfium2": pypdfium2_text,
    "pdfplumber": pdfplumber_text,
}


def speed(read: Callable[[Path], int], path: Path) -> float:
    """Pages a second of processor time."""
    pages, begin = 0, time.process_time()
    while time.process_time() - begin < LEAST_SECONDS:
        pages += read(path)
    return pages / (time.process_time() - begin)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/inputs/pdf"))
