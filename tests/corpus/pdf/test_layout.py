"""Tests of putting lines together; positions are in points on an A4 page with a column from 60 to 500."""

import pytest

from finsmith.corpus.pdf.layout import Block, goes_on, paragraphs
from finsmith.corpus.pdf.page import Line
from finsmith.corpus.pdf.seen_words import SeenWords, seen_words

HEIGHT = 12


def _line(text, y, x0=60.0, x1=500.0, height=HEIGHT, block=None):
    """A line; unless told otherwise it is a block of its own."""
    return Line(1, text, x0, y, x1, y + height, size=height - 2, block=y if block is None else block)


def _joined(*lines):
    return [tuple(line.text for line in block.lines) for block in paragraphs(lines)]


def test_full_line_goes_on_in_the_next():
    """A line that runs to the column's edge is joined to the next."""
    (block,) = paragraphs([_line("한국은행은 기준금리를", 100), _line("동결하였다.", 122, x0=58, x1=150)])
    assert block.text(SeenWords()) == "한국은행은 기준금리를 동결하였다."


def test_three_lines_are_one_paragraph():
    """Joining goes on from the last line, not from the first."""
    lines = [_line("첫째 줄", 100), _line("둘째 줄", 122), _line("셋째 줄.", 144, x1=200)]
    assert _joined(*lines) == [("첫째 줄", "둘째 줄", "셋째 줄.")]


def test_short_line_ends_the_paragraph():
    """A line that ends before the column's edge is the last of its paragraph."""
    lines = [_line("첫 문단의 끝.", 100, x1=300), _line("둘째 문단은 길게 끝까지 간다", 122)]
    assert _joined(*lines) == [("첫 문단의 끝.",), ("둘째 문단은 길게 끝까지 간다",)]


ITEMS = (
    *(
        "- 항목",
        "• 항목",
        "□ 항목",
        "○ 항목",
        "※ 주의",
        "① 항목",
        "⑳ 항목",
        "1. 항목",
        "12) 항목",
        "2.1 신용위험",
        "2.1. 항목",
    ),
    *(
        "가. 항목",
        "하) 항목",
        "제3조(정의) 이 법에서",
        "제 2 장 총칙",
        "(1) 항목",
        "[별표] 기준",
        "<참고> 기준",
        "표 3 비율",
        "주: 잠정치",
    ),
)


@pytest.mark.parametrize("item", ITEMS)
def test_item_begins_a_paragraph(item):
    """A list item, an article, a caption or a note is not joined to a full line before it."""
    assert _joined(_line("앞의 줄은 끝까지 간다", 100), _line(item, 122, x1=300)) == [
        ("앞의 줄은 끝까지 간다",),
        (item,),
    ]


def test_smaller_type_over_the_whole_page_widens_no_column():
    """A full line of a column goes on below it, though a footnote that begins at the same edge is twice as wide."""
    column = [_line("기준금리는 동결되었으며 앞으", 100, x1=260), _line("로도 그러하다.", 122, x1=150)]
    assert _joined(*column, _line("1) 주석이다.", 700, height=9)) == [
        ("기준금리는 동결되었으며 앞으", "로도 그러하다."),
        ("1) 주석이다.",),
    ]


def test_end_of_a_sentence_is_no_third_item():
    """다. after a full line that ends in a verb's stem ends its sentence; after a noun it is the item after 나."""
    assert _joined(_line("물가는 낮아졌", 100), _line("다. 금리는 올랐다.", 122, x1=300)) == [
        ("물가는 낮아졌", "다. 금리는 올랐다.")
    ]
    assert _joined(_line("나. 금융기관이 하는 대출", 100), _line("다. 신용카드업", 122, x1=300)) == [
        ("나. 금융기관이 하는 대출",),
        ("다. 신용카드업",),
    ]


def test_parenthesis_goes_on_with_its_sentence():
    """A parenthesis at the begin of a line belongs to the full line above, unless a sentence ends there."""
    rest = _line("(외국의 것을 포함한다)로 정한다.", 122, x1=300)
    assert len(_joined(_line("신용카드를 발행하는 증표", 100), rest)) == 1
    assert len(_joined(_line("신용카드를 발행한다.", 100), rest)) == 2


def test_paragraph_over_two_columns_is_joined_in_each():
    """A word torn at the end of the left column's lines is whole, though the right column reaches farther."""
    left = (_line("앞으로 국내경제는 완", 700, x1=260), _line("만한 개선 흐름을 보", 722, x1=260))
    right = (_line("이며 성장할 것이다.", 100, x0=300),)
    assert Block(left + right).text(SeenWords()) == "앞으로 국내경제는 완만한 개선 흐름을 보이며 성장할 것이다."


@pytest.mark.parametrize(
    "rest", ["습니다. 앞으로도", "원) 수준이다.", "3.50%로 정하였다.", "제도는 바뀐다.", "표에서 보듯이"]
)
def test_rest_of_a_sentence_is_no_item(rest):
    """A line that only looks a little like an item (a cut word, a number with a point) is joined."""
    assert _joined(_line("앞의 줄은 끝까지 간다", 100), _line(rest, 122, x1=300)) == [("앞의 줄은 끝까지 간다", rest)]


@pytest.mark.parametrize(
    "other",
    [
        _line("다른 크기의 줄", 122, height=18),
        _line("멀리 떨어진 줄", 140),
        _line("오른쪽 단의 줄", 122, x0=300),
        _line("위로 올라간 줄", 40),
    ],
    ids=["other size", "far below", "other column", "above"],
)
def test_other_place_or_size_begins_a_paragraph(other):
    """A block of another type size, too far away, in another column or further up is not joined."""
    assert _joined(_line("앞의 줄은 끝까지 간다", 100), other) == [("앞의 줄은 끝까지 간다",), (other.text,)]


def test_columns_have_their_own_edge():
    """A line is full by the edge of its own column, not by the page's."""
    left = [_line("왼쪽 첫 줄", 100, x0=60, x1=270), _line("왼쪽 끝.", 122, x0=60, x1=150)]
    right = [_line("오른쪽 첫 줄", 100, x0=300, x1=510), _line("오른쪽 끝.", 122, x0=300, x1=400)]
    assert _joined(*left, *right) == [("왼쪽 첫 줄", "왼쪽 끝."), ("오른쪽 첫 줄", "오른쪽 끝.")]


def test_no_blocks_give_none():
    """A page without blocks has no paragraphs."""
    assert paragraphs([]) == []


def test_list_in_one_block_is_cut_at_its_items():
    """Items that the library puts into one block are paragraphs; the line a long item goes on in stays with it."""
    lines = [
        _line("□ 첫째 항목은 길어서 다음 줄까지 이어진다고 적혀 있고", 100, block=1),
        _line("여기서 끝난다.", 116, x1=200, block=1),
        _line("○ 둘째 항목이다.", 132, x1=220, block=1),
        _line("제3조에 따른 셋째 줄이다.", 148, x1=260, block=1),
    ]
    assert _joined(*lines) == [
        ("□ 첫째 항목은 길어서 다음 줄까지 이어진다고 적혀 있고", "여기서 끝난다."),
        ("○ 둘째 항목이다.", "제3조에 따른 셋째 줄이다."),
    ]


def test_column_goes_on_at_the_top_of_the_next():
    """A paragraph of two lines whose last one is full and ends no sentence goes on in the next column."""
    left = [
        _line("설비투자는 지난해 세계", 600, 60, 270, block=1),
        _line("제조업의 부진 등으로", 616, 60, 270, block=1),
    ]
    right = [_line("다소 둔화되었다.", 100, 300, 420, block=2)]
    assert _joined(*left, *right) == [("설비투자는 지난해 세계", "제조업의 부진 등으로", "다소 둔화되었다.")]
    ended = [left[0], _line("제조업이 부진하였다.", 616, 60, 270, block=1)]
    assert len(_joined(*ended, *right)) == 2


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["기준금리를 현재의 연 3.50", "% 수준에서 유지하였다."], "기준금리를 현재의 연 3.50% 수준에서 유지하였다."),
        (["지난 11", "월 전망치보다 낮다."], "지난 11월 전망치보다 낮다."),
        (["전자문서에는 제", "4조부터 제7조까지를 적용한다."], "전자문서에는 제4조부터 제7조까지를 적용한다."),
        (["금융통화위원회는 기준금", "리를 동결하였다."], "금융통화위원회는 기준금리를 동결하였다."),
        (["금융통화위원회는", "기준금리를 동결하였다."], "금융통화위원회는 기준금리를 동결하였다."),
        (["표에는 2024", "GDP가 있다."], "표에는 2024 GDP가 있다."),
    ],
)
def test_full_lines_are_joined_as_one_would_read_them(lines, text):
    """Numbers keep their units, words are put together again, and separate words stay separate."""
    assert Block(tuple(_line(line, 100 + 16 * at) for at, line in enumerate(lines))).text(SeenWords()) == text


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("이때 물가상승률은 낮다", "회의에서는 물가상승압력을 살펴보았다."),
        ("이때 물가 상승률은 낮다", "회의에서는 물가 상승압력을 살펴보았다."),
        ("이때 물가상승률과 물가 상승은 다르다", "회의에서는 물가 상승압력을 살펴보았다."),
        ("물가상승률은 낮다", "회의에서는 물가 상승압력을 살펴보았다."),
    ],
    ids=["one word", "two words", "both", "only at the begin of a line"],
)
def test_the_document_shows_what_is_one_word(shown, text):
    """Words in question are one where the document has one inside a line that begins so, and nowhere the two."""
    block = Block((_line("회의에서는 물가", 100), _line("상승압력을 살펴보았다.", 116, x1=200)))
    assert block.text(seen_words([shown])) == text


def test_short_lines_keep_their_border():
    """A line that ends before the edge ended there: two names below each other are two words."""
    lines = (
        _line("부총재보", 100, x1=120),
        _line("정규일", 116, x1=110),
        _line("그 밖의 참석자는 모두 다음 쪽에 있다", 132),
    )
    assert Block(lines).text(SeenWords()).startswith("부총재보 정규일 그 밖의")


def test_paragraph_goes_on_over_the_page():
    """A full last line without a sentence's end goes on with plain text of the same type, not with an item."""
    last = Block((_line("물가 상승률이 낮아지고", 760), _line("있으나 아직 목표 수준을 웃도는 것으로", 776)))
    assert goes_on(last, Block((_line("평가된다.", 80, x1=140),)), 560)
    assert not goes_on(last, Block((_line("가. 평가", 80, x1=140),)), 560)
    assert not goes_on(last, Block((_line("큰 제목", 80, x1=140, height=18),)), 560)
    assert not goes_on(Block((_line("끝났다.", 776),)), Block((_line("평가된다.", 80),)), 560)
