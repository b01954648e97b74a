"""Tests of finding running heads, page numbers and watermarks among the lines of pages."""

import pytest

from finsmith.corpus.pdf.furniture import furniture
from finsmith.corpus.pdf.page import Line, Page


def _page(number, *lines):
    """An A4 page of (text, x0, y0) lines."""
    made = (Line(number, text, x0, y0, x0 + 100, y0 + 12, 10, at) for at, (text, x0, y0) in enumerate(lines))
    return Page(number, 595, 842, tuple(made), respaced=False)


def _dropped(pages):
    return [[pages[at].lines[place].text for place in sorted(places)] for at, places in enumerate(furniture(pages))]


def test_heads_and_page_numbers_are_found():
    """A head at the top and a number at the foot of each page are furniture, the text between is not."""
    pages = [
        _page(n, ("리스크 보고서", 60, 30), (f"{word} 항목", 60, 200), (f"- {n} -", 290, 800))
        for n, word in enumerate(["첫째", "둘째", "셋째", "넷째"], 1)
    ]
    assert _dropped(pages) == [["리스크 보고서", f"- {n} -"] for n in range(1, 5)]


def test_left_and_right_pages_may_differ():
    """A head that every second page has is furniture."""
    pages = [_page(n, ("왼쪽 머리말" if n % 2 else "오른쪽 머리말", 60, 30)) for n in range(1, 8)]
    assert all(len(texts) == 1 for texts in _dropped(pages))


def test_phrase_that_begins_some_pages_is_text():
    """Three pages of twelve begin with the same words by chance; these stay."""
    tops = {2: "[전문개정 2010. 3. 12.]", 7: "[전문개정 2015. 7. 24.]", 11: "[전문개정 2010. 3. 12.]"}
    pages = [_page(n, (tops.get(n, f"{'가나다라마바사아자차카타'[n - 1]}항의 본문"), 60, 60)) for n in range(1, 13)]
    assert _dropped(pages) == [[] for _ in pages]


def test_two_pages_are_too_few():
    """What only two pages share is kept."""
    assert _dropped([_page(n, ("머리말", 60, 30)) for n in (1, 2)]) == [[], []]


def test_watermark_in_the_middle_is_found():
    """The same words at one place of every page are furniture anywhere; at another place each time they are not."""
    pages = [_page(n, ("대외비", 200, 400), ("소계", 60, 150 + 37 * n)) for n in range(1, 6)]
    assert _dropped(pages) == [["대외비"]] * 5


def test_numbers_at_the_side_are_page_numbers():
    """A mere number at one place of every page is furniture though it differs."""
    pages = [_page(n, (str(58 + n), 560, 420)) for n in range(1, 6)]
    assert _dropped(pages) == [[str(58 + n)] for n in range(1, 6)]


def test_tabs_at_the_side_are_found():
    """The words of a thumb index at the edge of some right-hand pages are furniture, at the edge of two they stay."""
    pages = [_page(n, ("제도", 560, 300), (f"{'가나다라마바사아자차카타'[n - 1]} 글", 60, 300)) for n in (5, 7, 9)]
    blank = [_page(n) for n in range(10, 25)]
    assert _dropped([pages[0], _page(6), pages[1], _page(8), pages[2], *blank])[0] == ["제도"]
    assert _dropped([pages[0], _page(6), pages[1], *blank])[0] == []


AXIS = [(text, 90, 200 + 20 * at) for at, text in enumerate(["1,500", "1,000", "500", "0", "-500"])]


def test_scale_of_a_chart_is_found():
    """Evenly falling numbers, evenly spaced, and the numbers right under them are furniture; words there are not."""
    (texts,) = _dropped([_page(1, *AXIS, ("23.1 7 24.1", 130, 300), ("가계대출 기업대출", 130, 190), ("5", 300, 600))])
    assert texts == ["1,500", "1,000", "500", "0", "-500", "23.1 7 24.1"]


@pytest.mark.parametrize(
    "column",
    [
        [("1,500", 200), ("1,000", 220), ("700", 240), ("0", 260)],
        [("1,500", 200), ("1,000", 220), ("500", 260), ("0", 280)],
        [("2,020", 200), ("2,021", 220), ("2,022", 240), ("2,023", 260)],
        [("1,500", 200), ("1,000", 220), ("500", 240)],
    ],
    ids=["uneven numbers", "uneven places", "rising", "three"],
)
def test_other_numbers_in_a_column_stay(column):
    """Numbers that do not fall evenly, do not stand evenly or are fewer than four are no scale."""
    assert _dropped([_page(1, *((text, 90, y) for text, y in column))]) == [[]]


def test_no_pages():
    """No pages have no furniture."""
    assert furniture([]) == []
