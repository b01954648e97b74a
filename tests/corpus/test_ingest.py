"""Tests of reading folders of PDFs and glossaries, and of the corpus statistics."""

import unicodedata

import pytest
from pydantic import ValidationError

from finsmith.core.errors import SourceError
from finsmith.core.records import Document, Paragraph, Passage, SourceReject, Term
from finsmith.corpus.ingest import Corpus, IngestParams, corpus_statistics, read_corpus

from .pdfs import make_pdf, make_scan

GLOSSARY = "용어,정의\n환율,두 통화의 교환 비율\n금리,돈의 값\n"


@pytest.fixture
def folders(tmp_path):
    """Two empty folders, for PDFs and for glossaries."""
    for name in ("pdf", "glossary"):
        (tmp_path / name).mkdir()
    return tmp_path / "pdf", tmp_path / "glossary"


def _read(folders, max_documents=0, glossary_columns=()):
    params = IngestParams(
        source="",
        max_documents=max_documents,
        max_passage_tokens=32,
        mask_personal_data=True,
        glossary_columns=dict(glossary_columns),
    )
    return read_corpus(*folders, params, lambda text: len(text.split()))


def test_good_files_are_read_past_bad_ones(folders):
    """Broken files in between are rejects by name, and all others are read in name order."""
    pdfs, glossaries = folders
    make_pdf(pdfs / "나.pdf", [["둘째 문서"]])
    make_pdf(pdfs / "가.pdf", [["첫째 문서", "둘째 문단"]])
    make_scan(pdfs / "scan.pdf")
    (pdfs / "broken.PDF").write_bytes(b"%PDF-1.7 cut")
    (pdfs / unicodedata.normalize("NFD", "보고서.hwp")).write_bytes(b"HWP")
    (pdfs / ".DS_Store").write_bytes(b"")
    (glossaries / "g.csv").write_text(GLOSSARY, encoding="utf-8")
    (glossaries / "notes.txt").write_text("메모", encoding="utf-8")
    corpus = _read(folders)
    assert [d.name for d in corpus.documents] == ["가.pdf", "나.pdf"]
    assert [(p.document, p.text) for p in corpus.passages] == [
        ("가.pdf", "첫째 문서\n둘째 문단"),
        ("나.pdf", "둘째 문서"),
    ]
    assert [(t.term, t.source, t.row) for t in corpus.terms] == [("환율", "g.csv", 2), ("금리", "g.csv", 3)]
    refused = {r.source: r.reason for r in corpus.rejects if r.place == "file"}
    assert set(refused) == {"broken.PDF", "scan.pdf", "보고서.hwp", "notes.txt"}
    assert refused["보고서.hwp"] == "no HWP 5 inside, whatever its name says; save it as HWPX, DOCX or PDF"


def test_personal_data_is_masked_before_anything_is_kept(folders):
    """A resident number and a mobile number in a document are in no passage, and are counted."""
    number = "900101-1234567"  # invented; masked for its form and date
    make_pdf(folders[0] / "a.pdf", [[f"신청인의 주민등록번호는 {number}이다.", "연락처는 010-1234-5678이다."]])
    (folders[1] / "g.csv").write_text(GLOSSARY, encoding="utf-8")
    corpus = _read(folders)
    (document,), (passage,) = corpus.documents, corpus.passages
    assert passage.text == "신청인의 주민등록번호는 [주민등록번호]이다.\n연락처는 [전화번호]이다."
    assert document.masked == {"phone_number": 1, "resident_number": 1}
    assert corpus_statistics(corpus)["masked"] == 2


def test_same_files_give_the_same_corpus(folders):
    """Reading twice gives equal records in equal order."""
    make_pdf(folders[0] / "a.pdf", [["첫째 문서"]])
    (folders[1] / "g.csv").write_text(GLOSSARY, encoding="utf-8")
    assert _read(folders) == _read(folders)


def test_only_the_first_documents_are_read(folders):
    """A limit of 1 reads the first document in name order."""
    for name in ("나.pdf", "가.pdf"):
        make_pdf(folders[0] / name, [[name]])
    (folders[1] / "g.csv").write_text(GLOSSARY, encoding="utf-8")
    assert [d.name for d in _read(folders, max_documents=1).documents] == ["가.pdf"]


@pytest.mark.parametrize("empty", ["pdf", "glossary"])
@pytest.mark.parametrize("hidden", [False, True])
def test_empty_folder_is_an_error(folders, empty, hidden):
    """A folder without files (hidden ones do not count) is an error that names it and says what to do."""
    pdfs, glossaries = folders
    if empty != "pdf":
        make_pdf(pdfs / "a.pdf", [["문서"]])
    if empty != "glossary":
        (glossaries / "g.csv").write_text(GLOSSARY, encoding="utf-8")
    if hidden:
        (pdfs.parent / empty / ".gitkeep").write_text("")
    with pytest.raises(
        SourceError, match=rf"{empty}: the folder is empty\. Put your files there or set `ingest.source`"
    ):
        _read(folders)


def test_absent_folder_is_an_error(folders):
    """A folder that is not there is an error that names it."""
    make_pdf(folders[0] / "a.pdf", [["문서"]])
    folders[1].rmdir()
    with pytest.raises(SourceError, match=r"glossary: no such folder\. Put your files there"):
        _read(folders)


def test_nothing_readable_is_an_error_with_all_reasons(folders):
    """Folders with unsupported formats only are an error that lists each file with its reason."""
    (folders[0] / "보고서.hwp").write_bytes(b"HWP")
    make_scan(folders[0] / "scan.pdf")
    (folders[1] / "용어.csv").write_text("이름,값\n가,나\n", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        _read(folders)
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{folders[0]}, {folders[1]}: nothing could be read."
    assert lines[1:3] == [
        "  scan.pdf: no page has text that can be read",
        "  보고서.hwp: no HWP 5 inside, whatever its name says; save it as HWPX, DOCX or PDF",
    ]
    assert lines[3].startswith("  용어.csv: no column for term and definition")
    assert len(lines) == 4


def test_glossaries_over_files(folders):
    """An entry that an earlier file has word for word is a reject that names it; another definition is kept too."""
    (folders[0] / "broken.pdf").write_bytes(b"%PDF-1.7 cut")
    (folders[1] / "a.csv").write_text(GLOSSARY, encoding="utf-8")
    (folders[1] / "b.csv").write_text("용어,정의\n환율,두 통화의  교환 비율\n금리,빌린 값\n", encoding="utf-8")
    corpus = _read(folders)
    assert [(t.term, t.source) for t in corpus.terms] == [("환율", "a.csv"), ("금리", "a.csv"), ("금리", "b.csv")]
    repeats = [(r.source, r.place, r.reason) for r in corpus.rejects if r.source == "b.csv"]
    assert repeats == [("b.csv", "row 2", "repeats a.csv, row 2")]


def test_given_glossary_columns(folders):
    """Headers named in the parameters are used for every glossary; one without them is a reject."""
    (folders[0] / "broken.pdf").write_bytes(b"%PDF-1.7 cut")
    (folders[1] / "a.csv").write_text("항목,정의\n환율,교환 비율\n", encoding="utf-8")
    (folders[1] / "b.csv").write_text(GLOSSARY, encoding="utf-8")
    corpus = _read(folders, glossary_columns={"term": "항목"})
    assert [(t.term, t.source) for t in corpus.terms] == [("환율", "a.csv")]
    (reason,) = [r.reason for r in corpus.rejects if r.source == "b.csv"]
    assert reason.startswith("no column for term ('항목') among ['용어', '정의']")


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_documents": -1},
        {"max_passage_tokens": 31},
        {"source": None},
        {"glossary_columns": {"headword": "용어"}},
        {"glossary_columns": {"term": None}},
    ],
)
def test_params_out_of_range_are_refused(wrong):
    """A negative number of documents, a passage under 32 tokens, no source and an unknown field are refused."""
    good = {"source": "data/raw", "max_documents": 0, "max_passage_tokens": 320, "mask_personal_data": True}
    good["glossary_columns"] = {}
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        IngestParams(**(good | wrong))


def _passage(tokens):
    whole = {"pages": (1,), "span": (0, 1), "boxes": (), "headings": (), "text": ""}
    return Passage(document="", document_sha256="", tokens=tokens, **whole)


def _paragraph(text, start):
    return Paragraph(text=text, start=start, kind="text", headings=(), boxes=())


def test_statistics_by_hand():
    """Three pages with 4 + 6 and 14 characters in passages of 7 and 13 tokens, worked out by hand."""
    one = (_paragraph("기준금리", 0), _paragraph("연 3.5%", 5))
    two = (_paragraph("가계대출이 다시 늘어났다고", 0),)
    assert [len(p.text) for p in (*one, *two)] == [4, 6, 14]
    documents = [
        Document(name="a.pdf", sha256="", pages=2, paragraphs=one),
        Document(name="b.pdf", sha256="", pages=1, paragraphs=two),
    ]
    term = Term(term="가", full_name="", english="", definition="나", related=(), category="", source="g", row=2)
    reject = SourceReject(source="a.pdf", place="page 2", reason="blank")
    assert corpus_statistics(Corpus(documents, [_passage(7), _passage(13)], [term] * 3, [reject])) == {
        "documents": 2,
        "pages": 3,
        "characters": 24,
        "tokens": 20,
        "passages": 2,
        "terms": 3,
        "rejects": 1,
        "tables": 0,
        "respaced_pages": 0,
        "ocr_pages": 0,
        "furniture_lines": 0,
        "masked": 0,
        "characters_per_page": 8.0,
        "tokens_per_character": 0.8333,  # 20 / 24
        "corpora_for_bloomberggpt": 35_000_000_000,  # 700e9 / 20
    }


def test_published_example_of_scale():
    """One report of 68 pages, 68,417 characters and 65,422 tokens would be needed more than 10,000 times."""
    report = Document(name="", sha256="", pages=68, paragraphs=(_paragraph("가" * 68_417, 0),))
    statistics = corpus_statistics(Corpus([report], [_passage(65_422)], [], []))
    assert statistics["characters_per_page"] == 1006.1  # 68,417 / 68 = 1,006.13
    assert statistics["tokens_per_character"] == 0.9562  # 65,422 / 68,417 = 0.95622
    assert statistics["corpora_for_bloomberggpt"] == 10_699_765  # 700e9 / 65,422 = 10,699,764.6


def test_statistics_without_documents():
    """A corpus of terms only has zeros, not a division by zero."""
    statistics = corpus_statistics(Corpus([], [], [], []))
    assert set(statistics.values()) == {0}
