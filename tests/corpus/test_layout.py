"""Tests of putting blocks together; positions are in points on an A4 page with a column from 60 to 500."""

import pytest

from finsmith.corpus.layout import Block, join_blocks

HEIGHT = 12


def _line(text, y, x0=60.0, x1=500.0, height=HEIGHT):
    return Block((text,), x0, y, x1, y + height)


def _joined(*blocks):
    return [block.lines for block in join_blocks(blocks)]


def test_full_line_goes_on_in_the_next():
    """A line that runs to the column's edge is joined to the next, and the box holds both."""
    (block,) = join_blocks([_line("한국은행은 기준금리를", 100), _line("동결하였다.", 122, x0=58, x1=150)])
    assert block == Block(("한국은행은 기준금리를", "동결하였다."), 58, 100, 500, 134)


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
    assert _joined(_line("앞의 줄은 끝까지 간다", 100), other) == [("앞의 줄은 끝까지 간다",), other.lines]


def test_columns_have_their_own_edge():
    """A line is full by the edge of its own column, not by the page's."""
    left = [_line("왼쪽 첫 줄", 100, x0=60, x1=270), _line("왼쪽 끝.", 122, x0=60, x1=150)]
    right = [_line("오른쪽 첫 줄", 100, x0=300, x1=510), _line("오른쪽 끝.", 122, x0=300, x1=400)]
    assert _joined(*left, *right) == [("왼쪽 첫 줄", "왼쪽 끝."), ("오른쪽 첫 줄", "오른쪽 끝.")]


def test_no_blocks_give_none():
    """A page without blocks has no paragraphs."""
    assert join_blocks([]) == []


def test_line_height_is_that_of_one_line():
    """A block's line height is its height over its lines."""
    assert Block(("가", "나", "다"), 0, 10, 5, 46).line_height == 12
