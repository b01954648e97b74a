"""The scores of the benchmark of tables, and its gold file."""

import pytest

from benchmarks.tables.gold import Gold, digest, read_gold
from benchmarks.tables.readers import Found, pipe_tables
from benchmarks.tables.score import Score, extra, score, total

ROWS = (("구분", "금액", "금액"), ("합계", "1.5", ""))
BOX = (0.0, 0.0, 100.0, 50.0)
GOLD = Gold("가.pdf", 1, BOX, "all", tuple(tuple(map(digest, row)) for row in ROWS))


def counts(*found):
    one = score(GOLD, found)
    return one.exact, one.anywhere, one.whole


def test_digest_without_white_space():
    """White space and the form of Hangul make no difference to a digest; an empty cell has none."""
    assert digest("구 분\n") == digest("\u1100\u116e\u1107\u116e\u11ab") == digest("구분")
    assert digest(" \n") == ""


def test_all_right():
    """A table with every cell in its place is whole; white space in it does not count."""
    assert counts(Found(BOX, (("구 분", "금액", "금액"), ("합계\n", "1.5", "")))) == (6, 5, 1)


def test_nothing_found():
    """Without a table that touches the gold one nothing is right, not even its empty cell."""
    assert counts() == counts(Found((200.0, 0.0, 300.0, 50.0), ROWS)) == (0, 0, 0)


def test_row_too_many():
    """A row too many on top shifts all cells: none is exact, all are found anywhere."""
    assert counts(Found(BOX, (("(원)", "", ""), *ROWS))) == (0, 5, 0)


def test_greatest_overlap():
    """Of two tables on the gold one the one that covers more of it counts."""
    small = Found((0.0, 0.0, 10.0, 10.0), ROWS)
    assert counts(small, Found(BOX, (("구분",),))) == (1, 1, 0)


@pytest.mark.parametrize("row", [("구분", "금액", ""), ("구분", "", "금액")])
def test_merged_place_left_empty(row):
    """An empty place counts as its merged neighbour for a reader that leaves it empty, and for no other."""
    assert counts(Found(BOX, (row, ROWS[1]), merged_empty=True)) == (6, 5, 1)
    assert counts(Found(BOX, (row, ROWS[1]))) == (5, 4, 0)


def test_extra():
    """A found table that touches no gold table is one too many."""
    assert extra([GOLD], [Found(BOX, ROWS), Found((0.0, 60.0, 100.0, 90.0), ROWS)]) == 1


def test_total():
    """Scores add up count by count."""
    assert total([Score(2, 1, 2, 2, 1, 0), Score(3, 3, 1, 1, 1, 1)]) == Score(5, 4, 3, 3, 2, 1)


def test_pipe_tables():
    """Markdown tables are read without the line under the head, marks of type or line breaks."""
    markdown = "앞\n|**가**<sup>1)</sup>|나<br>다|\n|---|---|\n|\\||<상방>|\n\n뒤"
    assert list(pipe_tables(markdown)) == [(("가1)", "나 다"), ("|", "<상방>"))]


def test_gold_file():
    """The gold file has at least 18 tables, each a full grid of digests in a box with an area."""
    gold = read_gold()
    assert len(gold) >= 18
    for one in gold:
        assert {len(row) for row in one.cells} == {len(one.cells[0])}
        assert {len(cell) for row in one.cells for cell in row} <= {0, 16}
        assert one.bbox[0] < one.bbox[2] and one.bbox[1] < one.bbox[3]
