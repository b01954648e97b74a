"""Tests of how what a reader found becomes a document: spans, masks, tables that fit."""

from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.corpus.document import Part, ReadDocument, build_document
from finsmith.corpus.passages import cut_passages

HEAD = ["<표 1> 배점", "| 룰 | 배점 |", "| --- | --- |"]


def _table(rows):
    return Part("\n".join([*HEAD, *rows]), "table")


def _document(*parts, **how):
    return build_document(ReadDocument("a.pdf", "0", 1, parts), **how)


def test_long_table_is_cut_between_rows_and_keeps_its_head():
    """Where two rows fit beside the head, five rows make three tables, each with caption and head."""
    rows = [f"| R-{n} | {n}0 |" for n in range(1, 6)]
    document = _document(_table(rows), fits=lambda text: text.count("\n") <= 4)
    assert [p.text.split("\n") for p in document.paragraphs] == [
        [*HEAD, *rows[:2]],
        [*HEAD, *rows[2:4]],
        [*HEAD, rows[4]],
    ]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30), st.integers(1, 200))
def test_no_row_is_lost(numbers, limit):
    """Whatever the limit, the rows of the pieces are the rows of the table in order."""
    rows = [f"| 행 | {number} |" for number in numbers]
    document = _document(_table(rows), fits=lambda text: len(text) <= limit)
    assert [row for p in document.paragraphs for row in p.text.split("\n")[3:]] == rows


def test_table_is_a_passage_of_its_own():
    """A table stands alone between the paragraphs around it, and knows its heading; only headings go with it."""
    table = _table(["| R-1 | 10 |"])
    document = _document(Part("앞의 글이다."), Part("1. 배점", "heading", 1), table, Part("뒤의 글이다."))
    passages = list(cut_passages(document, 100, lambda text: len(text.split())))
    assert [passage.text for passage in passages] == ["앞의 글이다.\n1. 배점", table.text, "뒤의 글이다."]
    assert passages[1].headings == ("1. 배점",)
    (whole,) = cut_passages(_document(Part("1. 배점", "heading", 1), table), 100, lambda text: len(text.split()))
    assert whole.text == f"1. 배점\n{table.text}"


def test_masked_document_holds_no_number_of_a_person():
    """What is masked is counted by kind, and the spans are those of the masked text."""
    document = _document(Part("담당자 010-1234-5678에게 묻는다."), Part("끝이다."), mask_personal_data=True)
    first, second = document.paragraphs
    assert first.text == "담당자 [전화번호]에게 묻는다."
    assert second.start == len(first.text) + 1
    assert document.masked == {"phone_number": 1}
    assert _document(Part("담당자 010-1234-5678에게 묻는다.")).masked == {}
