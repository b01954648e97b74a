"""Tests of reading ruled tables, on real PDFs made here."""

from pathlib import Path

import pymupdf
import pytest

from finsmith.corpus.pdf.reader import read_pdf
from finsmith.corpus.pdf.tables import Table, TableReader

from ..pdfs import FONT

ROWS = [["구분", "2023년", "2024년"], ["대출 잔액", "1조 2,345억원", "1조 3,000억원"], ["연체율", "0.45%", "0.52%"]]
LEFT, TOP, WIDTH, HEIGHT = 80, 200, 130, 24


def _draw(page, rows, top=TOP):
    """Rules around every cell, the text inside."""
    for at in range(len(rows) + 1):
        y = top + at * HEIGHT
        page.draw_line((LEFT, y), (LEFT + WIDTH * len(rows[0]), y))
    for at in range(len(rows[0]) + 1):
        x = LEFT + at * WIDTH
        page.draw_line((x, top), (x, top + HEIGHT * len(rows)))
    for down, row in enumerate(rows):
        for across, cell in enumerate(row):
            place = (LEFT + 6 + across * WIDTH, top + 16 + down * HEIGHT)
            page.insert_text(place, cell, fontname=FONT, fontsize=10)


@pytest.fixture
def report(tmp_path):
    """A page with text, caption, unit line, table and text."""
    path = tmp_path / "a.pdf"
    with pymupdf.open() as pdf:
        page = pdf.new_page()
        page.insert_text((80, 80), "가계대출은 아래와 같이 늘었다.", fontname=FONT, fontsize=11)
        page.insert_text((80, 160), "<표 1> 가계대출 현황", fontname=FONT, fontsize=10)
        page.insert_text((380, 190), "(단위: 원, %)", fontname=FONT, fontsize=9)
        _draw(page, ROWS)
        page.insert_text((80, 340), "연체율도 올랐다.", fontname=FONT, fontsize=11)
        pdf.save(path)
    return path


def test_cells_are_read_as_they_stand(report):
    """Every cell of a ruled table is read whole, decimals and units included."""
    with TableReader(report) as reader:
        (table,) = reader.tables(1)
    assert table.rows == tuple(map(tuple, ROWS))


def test_table_stands_in_its_place_with_caption_and_unit(report):
    """A document has the table as Markdown under caption and unit line, between the paragraphs around it."""
    before, table, after = read_pdf(report).parts
    assert (before.text, after.text) == ("가계대출은 아래와 같이 늘었다.", "연체율도 올랐다.")
    assert table.kind == "table"
    assert table.text.splitlines() == [
        "<표 1> 가계대출 현황",
        "(단위: 원, %)",
        "| 구분 | 2023년 | 2024년 |",
        "| --- | --- | --- |",
        "| 대출 잔액 | 1조 2,345억원 | 1조 3,000억원 |",
        "| 연체율 | 0.45% | 0.52% |",
    ]
    assert len(table.boxes) == 3


def test_merged_cell_repeats_its_text(tmp_path):
    """A cell that covers two rows says its text in both, so that each row can be understood alone."""
    with pymupdf.open() as pdf:
        page = pdf.new_page()
        _draw(page, [["은행", "예금", "1"], ["", "대출", "2"], ["보험", "자산", "3"]])
        page.draw_rect((LEFT + 0.5, TOP + HEIGHT - 3, LEFT + WIDTH - 0.5, TOP + HEIGHT + 3), color=None, fill=None)
        pdf.save(tmp_path / "whole.pdf")
    with pymupdf.open() as pdf:
        page = pdf.new_page()
        rows, columns = 3, 3
        for at in range(rows + 1):
            begin = LEFT + WIDTH if at == 1 else LEFT
            page.draw_line((begin, TOP + at * HEIGHT), (LEFT + WIDTH * columns, TOP + at * HEIGHT))
        for at in range(columns + 1):
            page.draw_line((LEFT + at * WIDTH, TOP), (LEFT + at * WIDTH, TOP + HEIGHT * rows))
        for (down, across), cell in {
            **{(0, 0): "은행", (0, 1): "예금", (0, 2): "1", (1, 1): "대출", (1, 2): "2"},
            **{(2, 0): "보험", (2, 1): "자산", (2, 2): "3"},
        }.items():
            place = (LEFT + 6 + across * WIDTH, TOP + 16 + down * HEIGHT)
            page.insert_text(place, cell, fontname=FONT, fontsize=10)
        pdf.save(tmp_path / "merged.pdf")
    with TableReader(tmp_path / "merged.pdf") as reader:
        (table,) = reader.tables(1)
    assert table.rows == (("은행", "예금", "1"), ("은행", "대출", "2"), ("보험", "자산", "3"))


def test_frame_around_a_text_is_no_table(tmp_path):
    """A box with a text in it stays text."""
    path = tmp_path / "a.pdf"
    with pymupdf.open() as pdf:
        page = pdf.new_page()
        _draw(page, [["유의 사항을 읽으시오"]])
        page.draw_line((60, 500), (500, 500))
        pdf.save(path)
    assert [(part.kind, part.text) for part in read_pdf(path).parts] == [("text", "유의 사항을 읽으시오")]


def test_box_counts_from_what_the_page_shows(tmp_path):
    """On a page cut out of a larger sheet, a table's box is where the page's own lines are; no cell stays as text."""
    path = tmp_path / "a.pdf"
    with pymupdf.open() as pdf:
        page = pdf.new_page()
        _draw(page, ROWS)
        page.set_cropbox(pymupdf.Rect(40, 60, 550, 800))
        pdf.save(path)
    (table,) = read_pdf(path).parts
    assert (table.kind, table.boxes[0].x0, table.boxes[0].y0) == ("table", LEFT - 40, TOP - 60)


def test_pipes_do_not_break_the_markdown():
    """A pipe inside a cell becomes a broken bar, so that the row keeps its cells."""
    table = Table((0, 0, 1, 1), (("가|나", "다"), ("1", "2")))
    assert table.markdown == "| 가¦나 | 다 |\n| --- | --- |\n| 1 | 2 |"


INPUTS = Path(__file__).parents[3] / "../shared/inputs/pdf"


def test_real_table_keeps_its_amounts():
    """In a real press release's table the amounts of three rows are those the page shows."""
    if not INPUTS.is_dir():
        pytest.skip("the real inputs are not here")
    (path,) = INPUTS.glob("240320*")
    with TableReader(path) as reader:
        first, _ = reader.tables(5)
    totals = {row[1]: row[2] for row in first.rows}
    assert (totals["은행권 소계"], totals["여전업권 소계"], totals["합 계"]) == (
        "9,076억원",
        "1,189억원",
        "1조 265억원",
    )
