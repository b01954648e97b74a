"""Pages of text a second on one core, from pages without tables: finsmith beside its peers.

`lines` reads lines with place and type size; `paragraphs` is all that `ingest` does to such a page, with morphology at
line ends. Not covered: tables.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pdfplumber
import pymupdf
import pypdfium2

from finsmith.corpus.pdf.page import read_pages
from finsmith.corpus.pdf.reader import read_pdf

DRAWN = 3  # paths on a page; more may make a table
ROUNDS = 5  # of all readers, one after the other; the best counts, since a busy machine slows some rounds
PEER_PAGES = 5  # of each document, for the slow peer


def main(folder: Path) -> None:
    """Prints pages a second of each reader, and how it compares with PyMuPDF's plain text."""
    with tempfile.TemporaryDirectory() as made:
        pages = save_text_pages(folder, Path(made))
        paths = sorted(Path(made).glob("*.pdf"))
        read_pdf(paths[0])  # Kiwi's model is loaded once
        print(f"{pages} pages of {len(paths)} documents")
        rounds = [{name: speed(read, paths) for name, read in READERS.items()} for _ in range(ROUNDS)]
    speeds = {name: max(speeds[name] for speeds in rounds) for name in READERS}
    for name, pages_per_second in speeds.items():
        print(f"{name:24} {pages_per_second:8,.0f} pages/s {pages_per_second / speeds['pymupdf, plain text']:6.2f}")


def save_text_pages(folder: Path, to: Path) -> int:
    """Saves of each PDF the pages without tables and pictures; gives their number in all."""
    pages = 0
    for source in sorted(folder.glob("*.pdf")):
        with pymupdf.open(source) as pdf, pymupdf.open() as chosen:
            for page in pdf:
                kinds = [kind for kind, *_ in page.get_bboxlog()]
                pictures, paths = (sum(what in kind for kind in kinds) for what in ("image", "path"))
                if kinds and not pictures and paths <= DRAWN:
                    chosen.insert_pdf(pdf, from_page=page.number, to_page=page.number)
            if chosen.page_count:
                chosen.save(to / source.name)
                pages += chosen.page_count
    return pages


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


def speed(read: Callable[[Path], int], paths: Sequence[Path]) -> float:
    """Pages a second of processor time."""
    begin = time.process_time()
    pages = sum(read(path) for path in paths)
    return pages / (time.process_time() - begin)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/inputs/pdf"))
