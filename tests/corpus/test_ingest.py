"""Tests of reading folders of PDFs and glossaries, and of the corpus statistics."""

import unicodedata
from typing import NamedTuple

import pytest
from pydantic import ValidationError

from finsmith.core.errors import SourceError
from finsmith.core.io import read_jsonl
from finsmith.core.records import Document, DocumentCounts, Passage, SourceReject, Term
from finsmith.corpus.ingest import corpus_statistics, ingest
from finsmith.corpus.params import IngestParams

from .pdfs import make_pdf, make_scan
from .tokenizers import word_tokenizer

PARAMS = {
    "source": "data/raw",
    "max_documents": 0,
    "max_passage_tokens": 32,
    "mask_personal_data": True,
    "glossary_columns": {},
    "processes": 1,
    "page_seconds": 60,
    "process_memory_mb": 4096,
}
RECORDS = {
    "documents": Document,
    "passages": Passage,
    "terms": Term,
    "rejects": SourceReject,
    "counts": DocumentCounts,
}
GLOSSARY = "용어,정의\n환율,두 통화의 교환 비율\n금리,돈의 값\n"


class Corpus(NamedTuple):
    documents: list[Document]
    passages: list[Passage]
    terms: list[Term]
    rejects: list[SourceReject]
    counts: list[DocumentCounts]
    statistics: dict[str, object]


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Two empty folders, for PDFs and for glossaries; what is read of documents is kept beside them."""
    monkeypatch.setenv("FINSMITH_STATE", str(tmp_path / "state"))
    for name in ("pdf", "glossary"):
        (tmp_path / name).mkdir()
    return tmp_path / "pdf", tmp_path / "glossary"


def _read(folders, max_documents=0, glossary_columns=()):
    """What the folder of the corpus holds after an ingest, and its statistics."""
    here = folders[0].parent
    params = PARAMS | {"max_documents": max_documents, "glossary_columns": dict(glossary_columns)}
    statistics = ingest(*folders, word_tokenizer(here / "tokenizer.json"), IngestParams(**params), here / "corpus")
    return Corpus(
        *(list(read_jsonl(here / f"corpus/{name}.jsonl", record)) for name, record in RECORDS.items()), statistics
    )


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
    assert corpus.statistics["masked"] == 2


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
        {"processes": -1},
        {"page_seconds": 0},
        {"process_memory_mb": 255},
    ],
)
def test_params_out_of_range_are_refused(wrong):
    """A number out of its range, no source and an unknown field of a glossary are refused by name."""
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        IngestParams(**(PARAMS | wrong))


def _counts(name, **counts):
    return DocumentCounts(**(dict.fromkeys(DocumentCounts.model_fields, 0) | {"name": name, "language": "ko"} | counts))


def test_statistics_by_hand():
    """Three pages with 10 and 14 characters in passages of 7 and 13 tokens, worked out by hand."""
    counts = [
        _counts("a.pdf", pages=2, characters=10, tokens=7, passages=1, unread_pages=1, furniture=4, masked=2),
        _counts(
            "b.pdf",
            pages=1,
            characters=14,
            tokens=13,
            passages=1,
            tables=1,
            respaced_pages=1,
            respaced_paragraphs=3,
            ocr_pages=2,
        ),
        _counts("scan.pdf", pages=5, unread_pages=5),
    ]
    assert corpus_statistics(counts, terms=3, rejects=6) == {
        "documents": 2,
        "unread_files": 1,
        "pages": 3,
        "unread_pages": 6,
        "characters": 24,
        "tokens": 20,
        "passages": 2,
        "terms": 3,
        "rejects": 6,
        "tables": 1,
        "ocr_pages": 2,
        "respaced_pages": 1,
        "respaced_paragraphs": 3,
        "furniture_lines": 4,
        "masked": 2,
        "characters_per_page": 8.0,
        "tokens_per_character": 0.8333,  # 20 / 24
        "corpora_for": {
            "bank_of_korea_outlook_2023": 3270.0,  # 65,422 / 20 = 3,271.1
            "phi_1": 350e6,
            "bloomberggpt": 35e9,
            "llama_2": 100e9,
        },
    }


def test_published_example_of_scale():
    """One report of 68 pages, 68,417 characters and 65,422 tokens would be needed more than 10 million times."""
    statistics = corpus_statistics([_counts("", pages=68, characters=68_417, tokens=65_422)], 0, 0)
    assert statistics["characters_per_page"] == 1006.1  # 68,417 / 68 = 1,006.13
    assert statistics["tokens_per_character"] == 0.9562  # 65,422 / 68,417 = 0.95622
    assert statistics["corpora_for"]["bloomberggpt"] == 10.7e6  # 700e9 / 65,422 = 10,699,764.6
    assert statistics["corpora_for"]["bank_of_korea_outlook_2023"] == 1.0


def test_statistics_without_documents():
    """A corpus of terms only has zeros, not a division by zero."""
    statistics = corpus_statistics([], 3, 0)
    assert set(statistics.pop("corpora_for").values()) == {0}
    assert statistics.pop("terms") == 3
    assert set(statistics.values()) == {0}
