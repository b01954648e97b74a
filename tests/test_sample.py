"""Tests of the sample data in data/raw: enough of it, well formed, and no test question known from training data."""

import csv
import json
import re
import unicodedata
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path

import pymupdf
import pytest
import yaml

from finsmith.text.sentences import sentences

ROOT = Path(__file__).parents[1]
RAW = ROOT / "data" / "raw"
# Abbreviations of the glossary that anyone in finance knows; all others are the sample company's own.
PUBLIC = {
    *("ABS", "API", "CDD", "CDS", "CET1", "CIR", "COFIX", "CPI", "CSM", "CTR", "DSR", "DTI", "EAD", "ECL", "EDD"),
    *("ELS", "ETF", "FDS", "FTP", "GDP", "IRP", "IRS", "K-ICS", "LCR", "LGD", "LTV", "NIM", "NPL", "NSFR", "PD", "PF"),
    *("RCSA", "ROA", "ROE", "RP", "RWA", "STR", "VaR"),
}
OWN_ABBREVIATION = re.compile(r"[A-Z]{3,6}|[가-힣]{2,3}")


def _squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())


def _rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def documents() -> dict[str, str]:
    """The text of each PDF by file name, without white space."""
    texts = {}
    for path in sorted((RAW / "pdf").glob("*.pdf")):
        with pymupdf.open(path) as pdf:
            texts[path.name] = _squeezed("".join(page.get_text() for page in pdf))
    return texts


@pytest.fixture(scope="module")
def glossary() -> list[dict[str, str]]:
    """The rows of all glossaries."""
    rows = []
    for path in sorted((RAW / "glossary").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows += csv.DictReader(file)
    return rows


@pytest.fixture(scope="module")
def general() -> list[dict[str, str]]:
    """The rows of the general instruction data."""
    return [row for path in sorted((RAW / "general").glob("*.jsonl")) for row in _rows(path)]


@pytest.fixture(scope="module")
def questions() -> list[dict]:
    """The test questions."""
    return [row for path in sorted((RAW / "testset").glob("*.jsonl")) for row in _rows(path)]


@pytest.fixture(scope="module")
def general_questions() -> list[dict]:
    """The test questions on general ability."""
    return [row for path in sorted((RAW / "general_testset").glob("*.jsonl")) for row in _rows(path)]


def test_documents_are_enough():
    """There are four PDFs or more with 40 pages or more in all, each page with a text layer."""
    pages = []
    for path in sorted((RAW / "pdf").glob("*.pdf")):
        with pymupdf.open(path) as pdf:
            pages.append([len(_squeezed(page.get_text())) for page in pdf])
    assert len(pages) >= 4
    assert sum(map(len, pages)) >= 40
    assert min(min(characters) for characters in pages) > 0


def test_glossary_is_enough(glossary):
    """There are 200 terms or more, no two alike, each with a definition."""
    terms = [_squeezed(row["용어"]) for row in glossary]
    assert len(terms) >= 200
    assert [term for term, count in Counter(terms).items() if count > 1] == []
    assert [row["용어"] for row in glossary if not row["정의"].strip()] == []


def test_glossary_has_in_house_abbreviations(glossary):
    """60 or more terms are the company's own abbreviations.

    Counted is a term of three to six upper-case Latin letters or of two or three syllables, shorter than the full
    name given for it, and not among those that are public.
    """
    own = {
        row["용어"]
        for row in glossary
        if OWN_ABBREVIATION.fullmatch(row["용어"]) and len(row["용어"]) < len(row["정식명칭"])
    } - PUBLIC
    assert len(own) >= 60
    assert PUBLIC - {row["용어"] for row in glossary} == set(), "the list of public abbreviations is out of date"


def test_general_rows_are_enough_and_noisy(general):
    """There are 400 general rows or more, a few too short, too long or without instruction, most of them good."""
    limits = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))["filter"]["length"]
    size = [len(row["output"].strip()) for row in general]
    short = {n for n, characters in enumerate(size) if characters < 10}
    long = {n for n, characters in enumerate(size) if characters > limits["output_chars"][1]}
    without = {n for n, row in enumerate(general) if not row["instruction"].strip()}
    assert len(general) >= 400
    assert min(len(short), len(long), len(without)) >= 5
    assert len(short | long | without) <= 0.2 * len(general)


def test_questions_are_enough_and_well_formed(questions):
    """There are 150 questions or more, each with four distinct choices, no two with the same stem."""
    assert len(questions) >= 150
    assert [q["question"] for q in questions if len({_squeezed(choice) for choice in q["choices"]}) != 4] == []
    assert [q["question"] for q in questions if len(q["choices"]) != 4] == []
    stems = Counter(_squeezed(q["question"]) for q in questions)
    assert [stem for stem, count in stems.items() if count > 1] == []


def test_each_question_has_a_kind(questions):
    """All are labelled by what they ask for, and those whose answer is the term itself as `term`."""
    kinds = {"term", "number", "fact", "cause", "exception", "calculation"}
    assert {q["kind"] for q in questions} == kinds
    assert all((q["kind"] == "term") == (q["choices"][q["answer"]] == q["source"]) for q in questions)


def test_letters_are_balanced(questions):
    """Each letter is right for 20 to 30 % of the questions, so that naming one letter always scores near chance."""
    counts = Counter(q["answer"] for q in questions)
    assert set(counts) == {0, 1, 2, 3}
    assert all(0.2 <= count / len(questions) <= 0.3 for count in counts.values()), counts


def test_evidence_stands_in_the_source(questions, documents, glossary):
    """Each question's evidence is found, white space ignored, in its document or in its term's definition."""
    definitions = {row["용어"]: _squeezed(row["정의"]) for row in glossary}
    sources = documents | definitions
    assert {q["source"] for q in questions} <= sources.keys()
    assert [q["question"] for q in questions if _squeezed(q["evidence"]) not in sources[q["source"]]] == []
    assert all(_squeezed(q["evidence"]) for q in questions)


def test_every_document_is_asked_about(questions, documents):
    """No document is without a question."""
    assert documents.keys() <= {q["source"] for q in questions}


def test_no_question_is_given_away(questions, general, glossary):
    """No question's stem stands in the general rows or in the glossary."""
    rows = [_squeezed("".join(map(str, row.values()))) for row in (*general, *glossary)]
    assert [q["question"] for q in questions if any(_squeezed(q["question"]) in row for row in rows)] == []


def test_general_questions_are_thirty_of_each_kind(general_questions):
    """There are 240 in eight kinds, each with four distinct choices, an explanation and its field."""
    kinds = ("korean", "science", "history", "geography", "society", "arithmetic", "everyday", "reading")
    assert Counter(q["kind"] for q in general_questions) == dict.fromkeys(kinds, 30)
    assert all(len({_squeezed(choice) for choice in q["choices"]}) == 4 == len(q["choices"]) for q in general_questions)
    assert all(q["explanation"].strip() and q["source"].strip() for q in general_questions)


def test_general_letters_are_balanced(general_questions):
    """Each letter is right for 60 questions, and for seven or eight of each kind."""
    assert Counter(q["answer"] for q in general_questions) == dict.fromkeys(range(4), 60)
    by_kind = Counter((q["kind"], q["answer"]) for q in general_questions)
    assert set(by_kind.values()) == {7, 8}


def test_general_questions_give_no_hint_by_length(general_questions):
    """The right choice alone is the longest in 30 % of the questions at most."""
    longest = sum(
        all(len(q["choices"][q["answer"]]) > len(c) for at, c in enumerate(q["choices"]) if at != q["answer"])
        for q in general_questions
    )
    assert longest <= 0.3 * len(general_questions)


def test_no_two_general_questions_are_alike(general_questions, questions):
    """By difflib's ratio over characters no stem is near another one, nor one of the domain's test."""
    stems = [_squeezed(q["question"]) for q in general_questions]
    others = [_squeezed(q["question"]) for q in questions]
    alike = [
        (one, other)
        for at, one in enumerate(stems)
        for other in (*stems[:at], *others)
        if SequenceMatcher(None, one, other, autojunk=False).quick_ratio() >= 0.8
        and SequenceMatcher(None, one, other, autojunk=False).ratio() >= 0.8
    ]
    assert alike == []


def test_general_evidence_stands_in_the_text_that_is_read(general_questions):
    """A reading question's evidence is part of its text, before the question; other kinds need none."""
    read = [q for q in general_questions if q["kind"] == "reading"]
    assert [q["question"] for q in read if q["evidence"] not in q["question"].rpartition(". ")[0] + "."] == []
    assert all(q["evidence"] for q in read)


def test_no_general_question_is_given_away(general_questions, general, glossary):
    """No stem stands in the general rows or in the glossary, and none asks about finance's own words."""
    rows = [_squeezed("".join(map(str, row.values()))) for row in (*general, *glossary)]
    stems = [_squeezed(q["question"]) for q in general_questions]
    assert [stem for stem in stems if any(stem in row for row in rows)] == []
    assert [stem for stem in stems if re.search("금리|대출|예금|은행|주식|채권|보험|환율|금융", stem)] == []


@pytest.fixture(scope="module")
def with_clues() -> list[dict]:
    """The questions with clues."""
    return _rows(RAW / "answers" / "rag.jsonl")


def test_every_clue_stands_in_a_document(with_clues, documents):
    """Each line of each clue, sentence by sentence, is found in one document, white space ignored.

    Of the few that a page break cuts the first and the last quarter are.
    """
    clues = [clue for one in with_clues for clue in one["clues"]]
    parts = [part for clue in clues for line in clue.splitlines() for part in sentences(line)]

    def stands(part: str) -> bool:
        return any(_squeezed(part) in text for text in documents.values())

    cut = [part for part in parts if not stands(part)]
    assert len(cut) <= 0.02 * len(parts)
    assert [part for part in cut if not (stands(part[: len(part) // 4]) and stands(part[-(len(part) // 4) :]))] == []


def test_no_written_question_is_given_away(with_clues, general, glossary, questions):
    """No question that is answered in writing stands in the general rows, in the glossary, or in the closed test."""
    asked = [*with_clues, *_rows(RAW / "answers" / "open.jsonl")]
    rows = [_squeezed("".join(map(str, row.values()))) for row in (*general, *glossary, *questions)]
    assert len({_squeezed(one["question"]) for one in asked}) == len(asked) >= 50
    assert [one["question"] for one in asked if any(_squeezed(one["question"]) in row for row in rows)] == []


def test_every_document_is_asked_about_in_writing(with_clues, documents):
    """Each source of a question with clues is a document, and each document is one."""
    assert {one["source"] for one in with_clues} == documents.keys()
