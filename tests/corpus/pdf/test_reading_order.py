"""Tests of the reading order of lines; positions are in points on an A4 page."""

from random import Random

from finsmith.corpus.pdf.page import Line
from finsmith.corpus.pdf.reading_order import reading_order


def _line(text, x0, x1, y):
    return Line(1, text, x0, y, x1, y + 12, 10, round(x0 + 1000 * y))


LEFT = [_line(f"왼쪽 {n}", 60, 270 if n % 5 else 200, 100 + 16 * n) for n in range(12)]
RIGHT = [_line(f"오른쪽 {n}", 310, 520 if n % 5 else 400, 100 + 16 * n) for n in range(12)]


def test_columns_are_read_one_after_the_other():
    """In whatever order the text layer has them, the left column comes first, each from the top."""
    mixed = [*LEFT, *RIGHT]
    Random(1).shuffle(mixed)
    assert reading_order(mixed) == [*LEFT, *RIGHT]


def test_title_over_both_columns_parts_them():
    """What runs over both columns is read where it stands: columns above it, then it, then columns below."""
    middle = _line("전체 폭의 중간 제목은 두 단 위에 걸쳐 있다", 60, 520, 196)
    upper = [line for line in (*LEFT, *RIGHT) if line.y0 < 190]
    lower = [_line(line.text, line.x0, line.x1, line.y0 + 20) for line in (*LEFT, *RIGHT) if line.y0 >= 190]
    assert reading_order([*lower, *upper, middle]) == [*upper, middle, *lower]


def test_three_columns():
    """Three columns are read from left to right."""
    columns = [[_line(f"{n}단 {at}", 40 + 180 * n, 190 + 180 * n, 100 + 16 * at) for at in range(8)] for n in range(3)]
    rows = [column[at] for at in range(8) for column in columns]
    assert reading_order(rows) == [line for column in columns for line in column]


def test_page_number_at_the_side_is_no_column():
    """A number beside two columns does not keep them from being seen."""
    side = _line("61", 570, 580, 150)
    ordered = reading_order([*(line for pair in zip(LEFT, RIGHT, strict=True) for line in pair), side])
    assert [line for line in ordered if line is not side] == [*LEFT, *RIGHT]


def test_labels_of_a_chart_hide_no_columns():
    """Many short labels in one of two columns do not keep them from being seen; lines of a block stay together."""
    labels = [
        Line(1, "가", 330 + 9 * n, 320 + 8 * m, 338 + 9 * n, 328 + 8 * m, 8, n + 1) for n in range(6) for m in range(4)
    ]
    ordered = reading_order([*(line for pair in zip(LEFT, RIGHT, strict=True) for line in pair), *labels])
    assert ordered == [*LEFT, *RIGHT, *labels]


def test_one_column_stays_as_it_is():
    """One column keeps the order of the text layer."""
    lines = [LEFT[3], LEFT[0], LEFT[1], LEFT[2]]
    assert reading_order(lines) == lines


def test_list_of_names_and_titles_is_no_two_columns():
    """Short names with titles beside them are read row by row, not all names first."""
    rows = [
        line
        for n in range(8)
        for line in (_line(f"이름{n}", 60, 100, 100 + 16 * n), _line(f"직책{n}", 320, 380, 100 + 16 * n))
    ]
    rows.append(_line("이 줄은 넓어서 끝까지 간다", 60, 520, 300))
    assert reading_order(rows) == rows


def test_table_takes_its_place_by_height():
    """On a page of one column a table comes before the first line below its top."""
    table = _line("", 60, 500, 130)
    lines = LEFT[:4]
    assert reading_order(lines, [table]) == [*LEFT[:2], table, *LEFT[2:4]]
    assert reading_order([], [table]) == [table]
