"""Tests of entries of labelled lines in plain text."""

from finsmith.corpus.glossary.labelled import labelled_rows


def _entries(text):
    rows, loose = labelled_rows(text.splitlines())
    header = rows[0][1] if rows else ()
    entries = [(number, {k: v for k, v in zip(header, row, strict=True) if v}) for number, row in rows[1:]]
    return entries, loose


def test_term_line_and_labels():
    """A line before labelled lines is the term, blank lines between or not; labels are the known header names."""
    entries, loose = _entries(
        "# 담보인정비율 (LTV)\n\n정의: 담보가치 대비 대출의 비율\n예시: 10억 원 집에 7억 원\n연관키워드: DSR, DTI\n"
        "\n기준금리\n- 설명： 중앙은행이 정하는 금리\n- 분야: 통화\n"
    )
    assert entries == [
        (1, {"term": "담보인정비율 (LTV)", "definition": "담보가치 대비 대출의 비율", "related": "DSR, DTI"}),
        (7, {"term": "기준금리", "definition": "중앙은행이 정하는 금리", "category": "통화"}),
    ]
    assert loose == []


def test_labelled_term():
    """'용어:' begins an entry as well, without a blank line before it."""
    entries, _ = _entries("용어: 환율\n정의: 교환 비율\n용어: 금리\n정의: 돈의 값\n")
    assert entries == [(1, {"term": "환율", "definition": "교환 비율"}), (3, {"term": "금리", "definition": "돈의 값"})]


def test_line_without_a_label_goes_on():
    """A line without a label goes on with the field before; a colon alone makes no label, nor does an address."""
    entries, loose = _entries("환율\n정의: 두 통화의\n교환 비율로, 단위: 원\nhttps://example.org 참고\n")
    assert entries == [(1, {"term": "환율", "definition": "두 통화의 교환 비율로, 단위: 원 https://example.org 참고"})]
    assert loose == []


def test_loose_lines_are_listed():
    """A title, a label without a term and a paragraph behind a blank line are told with their line, not taken in."""
    entries, loose = _entries("정의: 주인 없음\n\n금융 용어집\n\n환율\n정의: 교환 비율\n\n둘째 문단이다.\n")
    assert entries == [(5, {"term": "환율", "definition": "교환 비율"})]
    assert [(number, text) for number, _, text in loose] == [
        (1, "정의: 주인 없음"),
        (3, "금융 용어집"),
        (8, "둘째 문단이다."),
    ]


def test_text_without_definitions_has_no_entries():
    """Without a single label of a definition there is neither an entry nor a loose line."""
    assert labelled_rows(["회의록", "", "참석자: 세 명"]) == ([], [])
