"""Tests of pictures of a passage's place, and that the place holds the passage's text."""

from base64 import b64decode
from collections import Counter
from pathlib import Path

import pymupdf
import pytest

from finsmith.core.errors import SourceError
from finsmith.core.io import write_jsonl
from finsmith.corpus.document import build_document
from finsmith.corpus.passages import cut_passages
from finsmith.corpus.pdf.highlight import pages_of, passage_pictures
from finsmith.corpus.pdf.reader import read_pdf

from ..pdfs import make_pdf, squeezed

SAMPLE = Path(__file__).parents[3] / "data/raw/pdf"


def _passages(path):
    return list(cut_passages(build_document(read_pdf(path)), 320, lambda text: len(text) // 2))


def test_picture_marks_the_place_and_only_that(tmp_path):
    """In the picture the passage's lines stand on yellow; the rest of the page is as it was."""
    path = make_pdf(tmp_path / "a.pdf", [["첫째 문단이다.", "둘째 문단이다."]])
    (passage,) = _passages(path)
    first = passage.model_copy(update={"boxes": passage.boxes[:1]})
    (picture,) = passage_pictures(first, tmp_path, tmp_path / "pictures")
    assert picture.name == f"{passage.id}-p1.png"
    pixels = pymupdf.Pixmap(picture)
    scale = pixels.width / 595
    box, other = passage.boxes
    marked = pixels.pixel(round((box.x0 + 1) * scale), round((box.y0 + 1) * scale))
    plain = pixels.pixel(round((other.x0 + 1) * scale), round((other.y0 + 1) * scale))
    assert marked[0] > 200 > marked[2]
    assert plain == (255, 255, 255)


def test_each_page_has_its_picture(tmp_path):
    """A passage over two pages gives two pictures."""
    path = make_pdf(tmp_path / "a.pdf", [["첫째 쪽이다."], ["둘째 쪽이다."]])
    (passage,) = _passages(path)
    assert [p.name[-6:] for p in passage_pictures(passage, tmp_path, tmp_path)] == ["p1.png", "p2.png"]


def test_changed_or_absent_document_is_told(tmp_path):
    """A document that is gone, or was changed since, is an error that names it and says what to do."""
    path = make_pdf(tmp_path / "a.pdf", [["문단이다."]])
    (passage,) = _passages(path)
    make_pdf(path, [["다른 문단이다."]])
    with pytest.raises(SourceError, match=r"a\.pdf: changed since it was read. Run `dvc repro ingest`"):
        passage_pictures(passage, tmp_path, tmp_path)
    path.unlink()
    with pytest.raises(SourceError, match=r"a\.pdf: not in "):
        passage_pictures(passage, tmp_path, tmp_path)
    with pytest.raises(SourceError, match=r"a\.pdf: not in "):
        passage_pictures(passage, tmp_path / "nowhere", tmp_path)


@pytest.mark.parametrize("name", ["credit_regulation", "aml_guideline", "risk_report", "economic_outlook"])
def test_places_of_the_sample_hold_their_text(name):
    """On each sample document, what stands in the boxes of a passage of whole paragraphs is the passage's text.

    Of a paragraph that was cut for its length, the boxes hold the whole; tables are Markdown, not the page's text.
    """
    path = SAMPLE / f"{name}.pdf"
    document = build_document(read_pdf(path))
    tables = [p for p in document.paragraphs if p.kind == "table"]
    ends = {p.start + len(p.text) for p in document.paragraphs}
    begins = {p.start for p in document.paragraphs}
    checked = 0
    with pymupdf.open(path) as pdf:
        for passage in _passages(path):
            begin, end = passage.span
            if any(table.start < end and begin < table.start + len(table.text) for table in tables):
                continue
            clips = [(pdf[b.page - 1], pymupdf.Rect(b.x0, b.y0, b.x1, b.y1)) for b in passage.boxes]
            again = squeezed("".join(page.get_text(clip=clip) for page, clip in clips))
            assert not Counter(squeezed(passage.text)) - Counter(again)
            if begin in begins and end in ends:
                assert Counter(again) == Counter(squeezed(passage.text)), passage.text
                checked += 1
    assert checked > 5


def test_the_pages_of_wanted_passages_are_found_in_the_corpus(tmp_path):
    """The first so many pages of each, numbered, as PNG in base64; other passages are left alone."""
    path = make_pdf(tmp_path / "a.pdf", [["첫째 쪽이다."], ["둘째 쪽이다."]])
    (passage,) = _passages(path)
    (other,) = _passages(make_pdf(tmp_path / "b.pdf", [["다른 문서이다."]]))
    write_jsonl(tmp_path / "passages.jsonl", [passage, other])
    for most, numbers in ((1, [1]), (2, [1, 2]), (0, [])):
        found = pages_of({passage.id}, tmp_path / "passages.jsonl", tmp_path, most)
        assert {key: [number for number, _ in of] for key, of in found.items()} == {passage.id: numbers}
        assert all(b64decode(png).startswith(b"\x89PNG") for of in found.values() for _, png in of)
