"""Tests of how what a reader found becomes a document: spans, masks, tables that fit."""

from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.corpus.document import Part, ReadDocument, build_document
from finsmith.corpus.formats import read_document
from finsmith.corpus.passages import cut_passages

from .pdfs import make_gapless, squeezed

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


@settings(max_examples=50)
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


SENTENCES = [
    "일부 위원은 물가가 오를 것으로 내다보았으며, 금리를 2.25%로 올리자고 하였다.",
    "의장은 1조 2천억원의 대출이 늘어난 점을 더 지켜보아야 한다고 말하였다.",
    "이 조치는 소비가 줄어들고 있는 점을 고려하여 올해 말까지 이어진다.",
]
SPACED = [sentence.replace("1조 2천억원", "1조2천억원") for sentence in SENTENCES]  # no space goes into a number


def test_pdf_without_gaps_gets_its_spaces(tmp_path):
    """Where not even the page shows the words apart, morphology does, and the paragraphs are counted."""
    document = build_document(read_document(make_gapless(tmp_path / "a.pdf", SENTENCES)))
    assert [p.text for p in document.paragraphs] == SPACED
    assert (document.respaced_pages, document.respaced_paragraphs) == ((), 3)
    assert [p.start for p in document.paragraphs] == [0, len(SPACED[0]) + 1, len(SPACED[0]) + len(SPACED[1]) + 2]


def test_text_file_without_spaces_gets_them(tmp_path):
    """It is the same for other formats, headings' paths included; text in the same document that has spaces stays."""
    path = tmp_path / "a.md"
    path.write_text(
        "# 통화정책을결정하는방향\n\n" + "\n\n".join(map(squeezed, SENTENCES)) + "\n\n붙여 쓴 물가상승압력."
    )
    document = build_document(read_document(path))
    assert [p.text for p in document.paragraphs] == ["통화정책을 결정하는 방향", *SPACED, "붙여 쓴 물가상승압력."]
    assert document.paragraphs[1].headings == ("통화정책을 결정하는 방향",)
    assert document.respaced_paragraphs == 4


def test_tables_keep_their_cells():
    """A table is left as it is beside text that lost its spaces."""
    table = _table(["| 신용위험관리위원회의결정사항 | 10 |"])
    document = _document(*(Part(squeezed(sentence)) for sentence in SENTENCES), table)
    assert [p.text for p in document.paragraphs] == [*SPACED, table.text]


def test_long_word_in_a_text_in_order_stays():
    """A paragraph that is one long word, or a few, stays among text that has its spaces."""
    words = [Part("여신전문금융업협회연합회"), Part("- 여신전문금융업협회연합회장에게위탁")]
    document = _document(*words, *map(Part, SENTENCES * 4))
    assert [p.text for p in document.paragraphs] == [*(part.text for part in words), *SENTENCES * 4]
    assert document.respaced_paragraphs == 0


def test_annex_without_spaces_in_a_long_document():
    """In a long document in order, only the paragraphs of the annex that lost its spaces get them."""
    order = [Part(f"{n}. {SENTENCES[n % 3]}") for n in range(200)]
    annex = [Part(squeezed(SENTENCES[n % 3])) for n in range(8)]
    document = _document(*order, *annex)
    assert [p.text for p in document.paragraphs] == [*(p.text for p in order), *(SPACED[n % 3] for n in range(8))]
    assert document.respaced_paragraphs == 8
