"""Pictures of the pages a passage stands on, with its place marked.

Not covered: formats without pages; their passages have no boxes.
"""

import io
import unicodedata
from base64 import b64encode
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path

import pymupdf
from PIL import Image

from finsmith.core.errors import SourceError
from finsmith.core.ids import file_sha256
from finsmith.core.io import read_jsonl, write_bytes
from finsmith.core.records import Box, Passage

from .upright import turn_upright

_DPI = 110
_COLOURS = 48
_YELLOW = (1.0, 0.85, 0.0)
_OPACITY = 0.35


def passage_pictures(passage: Passage, documents: Path, folder: Path) -> list[Path]:
    """The PNG files written to `folder`, one for each page of the passage, named by its id and the page.

    Raises:
        SourceError: the document is not in `documents`, or is no longer the one that was read.
    """
    return [
        _written(folder / f"{passage.id}-p{number}.png", picture) for number, picture in pictures_of(passage, documents)
    ]


def pictures_of(passage: Passage, documents: Path) -> Iterator[tuple[int, bytes]]:
    """The pages of the passage, each with its number and its picture as PNG; none where the format has no pages.

    Raises:
        SourceError: the document is not in `documents`, or is no longer the one that was read.
    """
    if passage.boxes:
        yield from _pictures(_document(passage, documents), passage.boxes)


def top_of(passage: Passage, page: int, png: bytes) -> float:
    """Where the passage begins on a page of `pictures_of`, 0 to 1 of the picture's height."""
    height = int.from_bytes(png[20:24])  # PNG's header says it there
    return min(box.y0 for box in passage.boxes if box.page == page) * _DPI / 72 / height


def pages_of(
    wanted: Collection[str], passages: Path, documents: Path, most: int | None = None
) -> dict[str, list[tuple[int, str]]]:
    """By the id of each wanted passage its pages, at most so many: the number, and the picture as PNG in base64.

    Raises:
        SourceError: as for `pictures_of`.
    """
    found = (one for one in read_jsonl(passages, Passage) if one.id in wanted)
    return {
        one.id: [(number, b64encode(png).decode()) for number, png in islice(pictures_of(one, documents), most)]
        for one in found
    }


def _document(passage: Passage, documents: Path) -> Path:
    for path in sorted(documents.iterdir()) if documents.is_dir() else ():
        if unicodedata.normalize("NFC", path.name) == passage.document:
            if file_sha256(path) != passage.document_sha256:
                raise SourceError(f"{path}: changed since it was read. Run `dvc repro ingest`, then look again.")
            return path
    raise SourceError(f"{passage.document}: not in {documents}. Set `ingest.source` to where it was read from.")


def _pictures(path: Path, boxes: Sequence[Box]) -> Iterator[tuple[int, bytes]]:
    with pymupdf.open(path) as pdf:
        turn_upright(pdf)
        for number, on_page in groupby(sorted(boxes, key=lambda box: box.page), key=lambda box: box.page):
            page = pdf[number - 1]
            for box in on_page:
                place = pymupdf.Rect(box.x0, box.y0, box.x1, box.y1)
                page.draw_rect(place, color=None, fill=_YELLOW, fill_opacity=_OPACITY)
            yield number, _small_png(page.get_pixmap(dpi=_DPI))


def _small_png(pixmap: pymupdf.Pixmap) -> bytes:
    """In few colours a page of text takes a third of the bytes and reads the same."""
    out = io.BytesIO()
    pixmap.pil_image().quantize(_COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _written(path: Path, picture: bytes) -> Path:
    write_bytes(path, picture)
    return path
