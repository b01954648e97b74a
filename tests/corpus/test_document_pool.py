"""Tests of reading documents in processes of their own: bad pages, crashes, what was read before."""

import unicodedata
from pathlib import Path

import pymupdf
import pytest

from finsmith.core.errors import ModelError
from finsmith.corpus.document_pool import read_documents
from finsmith.corpus.document_store import entry_path, read_entry, write_entry
from finsmith.corpus.params import IngestParams

from .pdfs import FONT, make_pdf
from .test_ingest import PARAMS
from .tokenizers import word_tokenizer


@pytest.fixture
def tokenizer(tmp_path, monkeypatch) -> Path:
    """A tokenizer; what is read of documents is kept in the test's folder."""
    monkeypatch.setenv("FINSMITH_STATE", str(tmp_path / "state"))
    return word_tokenizer(tmp_path / "tokenizer.json")


def _params(**changed) -> IngestParams:
    return IngestParams(**(PARAMS | changed))


def _texts(entry) -> list[str]:
    return [paragraph.text for paragraph in entry.document.paragraphs] if entry.document else []


def _with_content(pdf: pymupdf.Document, page: pymupdf.Page, content: bytes) -> None:
    """Gives the page this content stream, compressed."""
    xref = pdf.get_new_xref()
    pdf.update_object(xref, "<< /Length 0 >>")
    pdf.update_stream(xref, content, compress=True)
    pdf.xref_set_key(page.xref, "Contents", f"{xref} 0 R")


def _make_endless(path: Path) -> Path:
    """Three pages; the second draws a form that draws a form ten times, and so on, twelve deep."""
    with pymupdf.open() as pdf:
        for text in ("첫째 쪽", "", "셋째 쪽"):
            page = pdf.new_page()
            if text:
                page.insert_text((60, 80), text, fontname=FONT)
        inner = 0
        for _ in range(12):
            form = pdf.get_new_xref()
            resources = f"/Resources << /XObject << /X {inner} 0 R >> >>" if inner else ""
            pdf.update_object(form, f"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] {resources} >>")
            pdf.update_stream(form, b"/X Do " * 10 if inner else b"BT (x) Tj ET")
            inner = form
        pdf.xref_set_key(pdf[1].xref, "Resources", f"<< /XObject << /X {inner} 0 R >> >>")
        _with_content(pdf, pdf[1], b"/X Do")
        pdf.save(path)
    return path


def _make_swollen(path: Path) -> Path:
    """Two pages; the first one's content is 60 kB that unpack to 300 MB of text to be set."""
    with pymupdf.open() as pdf:
        pdf.new_page()
        pdf.new_page().insert_text((60, 80), "둘째 쪽", fontname=FONT)
        page = pdf[0]
        page.insert_text((60, 80), "x", fontname="helv")
        line = b"BT /helv 11 Tf 60 80 Td (abcdefghijklmnopqrstuvwxyz) Tj ET\n"
        _with_content(pdf, page, line * (300 * 2**20 // len(line)))
        pdf.save(path)
    return path


def test_a_page_that_hangs_costs_that_page(tmp_path, tokenizer):
    """A page that would take hours is left out and told with its place and the limit; the others are read."""
    files = [_make_endless(tmp_path / "b.pdf"), make_pdf(tmp_path / "c.pdf", [["다른 문서"]])]
    hanging, good = read_documents(files, _params(page_seconds=1), tokenizer)
    assert _texts(hanging) == ["첫째 쪽", "셋째 쪽"]
    assert [(r.place, r.reason) for r in hanging.rejects] == [
        ("page 2", "reading the text failed: it took longer than 1 s a page allow (`ingest.page_seconds`)")
    ]
    assert (hanging.counts.pages, hanging.counts.unread_pages) == (3, 1)
    assert _texts(good) == ["다른 문서"]


def test_a_page_that_swells_costs_that_page(tmp_path, tokenizer):
    """A page whose text would fill more memory than allowed is left out and told; the other page is read."""
    path = _make_swollen(tmp_path / "a.pdf")
    assert path.stat().st_size < 2 * 2**20
    (swollen,) = read_documents([path], _params(process_memory_mb=256), tokenizer)
    assert _texts(swollen) == ["둘째 쪽"]
    (reject,) = swollen.rejects
    assert reject.place == "page 1"


def test_what_was_read_before_is_not_read_again(tmp_path, tokenizer):
    """With one document added, the entry of the other comes from the store; what was lost to a limit is tried again."""
    good, lost = make_pdf(tmp_path / "a.pdf", [["문서"]]), _make_endless(tmp_path / "b.pdf")
    params = _params(page_seconds=1)
    first = list(read_documents([good, lost], params, tokenizer))
    stored = sorted((tmp_path / "state/documents").iterdir())
    assert len(stored) == 1 and read_entry(stored[0]) == first[0]
    marked = first[0].model_copy(update={"counts": first[0].counts.model_copy(update={"masked": 77})})
    write_entry(stored[0], marked)
    added = make_pdf(tmp_path / "c.pdf", [["새 문서"]])
    again = list(read_documents([good, added], params, tokenizer))
    assert again[0] == marked
    assert _texts(again[1]) == ["새 문서"]
    assert len(list((tmp_path / "state/documents").iterdir())) == 2


def test_an_entry_depends_on_all_that_makes_it(tmp_path, tokenizer):
    """Another file, name, parameter or tokenizer is another entry; the folder, columns and processes are not."""
    path = make_pdf(tmp_path / "a.pdf", [["문서"]])
    (tmp_path / "b.pdf").write_bytes(path.read_bytes())
    other = make_pdf(tmp_path / "other/a.pdf", [["다른 문서"]])
    entries = [
        entry_path(path, _params(), "1"),
        entry_path(tmp_path / "b.pdf", _params(), "1"),
        entry_path(other, _params(), "1"),
        entry_path(path, _params(max_passage_tokens=64), "1"),
        entry_path(path, _params(mask_personal_data=False), "1"),
        entry_path(path, _params(), "2"),
    ]
    assert len(set(entries)) == 6
    same = _params(source="x", processes=3, max_documents=1, glossary_columns={"term": "항목"})
    assert entry_path(path, same, "1") == entries[0]


def test_documents_come_in_the_order_of_the_files(tmp_path, tokenizer):
    """Two processes give the entries of five files in their order, one that is gone among them as a reject."""
    files = [make_pdf(tmp_path / f"{name}.pdf", [[name]] * pages) for name, pages in (("가", 9), ("나", 1), ("다", 3))]
    gone = tmp_path / unicodedata.normalize("NFD", "없음.pdf")
    entries = list(read_documents([*files, gone, files[0]], _params(processes=2), tokenizer))
    assert [entry.counts.name for entry in entries] == ["가.pdf", "나.pdf", "다.pdf", "없음.pdf", "가.pdf"]
    assert [entry.counts.pages for entry in entries] == [9, 1, 3, 0, 9]
    assert [r.reason for r in entries[3].rejects] == ["cannot be opened (No such file or directory)"]


def test_a_wrong_tokenizer_is_an_error(tmp_path, tokenizer):
    """A tokenizer file that is none stops the run: every document would fail by it."""
    tokenizer.write_text("{}")
    with pytest.raises(ModelError, match="not a tokenizer file"):
        list(read_documents([make_pdf(tmp_path / "a.pdf", [["문서"]])], _params(), tokenizer))
