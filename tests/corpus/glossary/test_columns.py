"""Tests of finding the header: names, titles above it, given names, what a refusal says."""

import unicodedata

import pytest

from finsmith.corpus.glossary.columns import COLUMNS, clean, field_of, find_header, missing_columns


def test_no_header_name_means_two_fields():
    """Each known header name belongs to one field only, and is written as it is compared."""
    names = [name for known in COLUMNS.values() for name in known]
    assert len(names) == len(set(names))
    assert [name for name in names if name != "".join(name.split()).replace("_", "").lower()] == []


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("용어", "term"),
        (" 경제 용어 ", "term"),
        ("용어명*", "term"),
        ("용어(국문)", "term"),
        ("용어 (한글)", "term"),
        ("용어(영문)", "english"),
        ("용어(약어)", "abbreviation"),
        ("정의\n(설명)", "definition"),
        ("정의(영문)", None),  # an English definition is neither the definition nor the English name
        ("Full_Name", "full_name"),
        ("동의어", "aliases"),
        ("연관 키워드", "related"),
        ("See also", "related"),
        ("비고", None),
        ("", None),
    ],
)
def test_header_names(title, field):
    """Spaces, case, marks and what stands in parentheses do not hide a known name; an unknown one is none."""
    assert field_of(title) == field


@pytest.mark.parametrize("above", range(10))
def test_header_below_titles(above):
    """The header is found in the first 10 rows, under titles and blank rows."""
    rows = [("여신 용어집",), (), ("", ""), ("2024년", "용어")][:above] + [()] * max(above - 4, 0)
    header = find_header([*rows, ("번호", "용어", "정의", ""), ("1", "환율", "비율", "")], {})
    assert (header.at, header.places, header.width) == (above, {"term": 1, "definition": 2}, 3)


def test_header_in_the_eleventh_row_is_none():
    """Below ten rows no header is looked for."""
    assert find_header([()] * 10 + [("용어", "정의")], {}) is None


def test_given_names_come_before_guesses():
    """A given name finds its column whatever it is called; the guess for that field and that column is not made."""
    row = ("용어", "설명", "항목", "영문")
    header = find_header([row], {"term": "항목", "category": "용어"})
    assert header.places == {"term": 2, "category": 0, "definition": 1, "english": 3}


def test_given_name_that_is_absent_finds_no_header():
    """A file without a given header has none, though all others could be guessed; the refusal names what it has."""
    rows = [("용어집",), ("용어", "정의", "")]
    assert find_header(rows, {"related": "참조"}) is None
    assert missing_columns(rows, {"related": "참조"}) == (
        "no column for related ('참조') among ['용어', '정의']; `ingest.glossary_columns` names it"
    )


def test_refusal_names_the_most_likely_header():
    """Without a header, the row with the most known names is told, and what the missing column may be called."""
    reason = missing_columns([("용어집",), ("용어", "값"), ("환율", "1,300")], {})
    assert reason.startswith("no column for definition among ['용어', '값']; name it one of definition: ")
    assert "뜻" in reason


def test_clean_cells():
    """A cell becomes one line in composed form, without soft hyphens, marks and spaces of no width."""
    assert (
        clean(unicodedata.normalize("NFD", "\ufeff두 통화의\u200b\n\xa0교환\u2028 비\xad율 ")) == "두 통화의 교환 비율"
    )
