"""Tests of reading XLSX: sheets, blocks, merged and hidden cells, shown values, formulas, long sheets."""

import re
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment

from finsmith.corpus.document import Part
from finsmith.corpus.formats.tables import MAX_CHARACTERS
from finsmith.corpus.formats.xlsx import read_xlsx


def _fill(sheet, cells):
    for place, value in cells.items():
        sheet[place] = value


def _read(path, book):
    book.save(path)
    return read_xlsx(path)


def test_sheet_with_titles_merged_header_and_notes(tmp_path):
    """A sheet is a heading; lines above a table are its caption, merged cells are filled, notes follow."""
    book = Workbook()
    sheet = book.active
    sheet.title = "금리"
    _fill(sheet, {"A1": "예금 금리", "A2": "(단위: %)", "A3": "구분", "B3": "2024년", "B4": "상반기", "C4": "하반기"})
    _fill(sheet, {"A5": "정기|예금", "B5": 0.035, "C5": 0.0325, "A6": "※ 세전이다."})
    for area in ("A3:A4", "B3:C3", "A6:C6"):
        sheet.merge_cells(area)
    sheet["B5"].number_format = sheet["C5"].number_format = "0.00%"
    sheet["B5"].comment = Comment("비밀", "홍길동")
    found = _read(tmp_path / "a.xlsx", book)
    assert found.parts == (
        Part("금리", "heading", 1),
        Part(
            "예금 금리 (단위: %)\n"
            "| 구분 | 2024년 | 2024년 |\n"
            "| --- | --- | --- |\n"
            "| 구분 | 상반기 | 하반기 |\n"
            "| 정기\\|예금 | 3.50% | 3.25% |",
            "table",
        ),
        Part("※ 세전이다."),
    )
    assert (found.pages, found.rejects) == (0, ())


def test_blocks_are_parted_at_empty_rows_and_columns(tmp_path):
    """Two tables side by side and one below are three tables; a lone line is a paragraph."""
    book = Workbook()
    _fill(book.active, {"A1": "가", "B1": "나", "A2": 1, "B2": 2, "D1": "다", "E1": "라", "D2": 3, "E2": 4})
    _fill(book.active, {"A5": "마", "B5": "바", "A6": 5, "B6": 6, "A8": "끝으로 한 줄"})
    assert [part.text for part in _read(tmp_path / "a.xlsx", book).parts] == [
        "Sheet",
        "| 가 | 나 |\n| --- | --- |\n| 1 | 2 |",
        "| 다 | 라 |\n| --- | --- |\n| 3 | 4 |",
        "| 마 | 바 |\n| --- | --- |\n| 5 | 6 |",
        "끝으로 한 줄",
    ]


def test_hidden_and_empty_are_left_out(tmp_path):
    """Hidden sheets, rows and columns and empty sheets are left out; a hidden row does not part a table."""
    book = Workbook()
    for row in (["번호", "비밀", "금액"], [1, "x", 10], [2, "y", 20], [3, "z", 30]):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["B"].hidden = True
    book.create_sheet("빈 시트")
    hidden = book.create_sheet("숨김")
    hidden["A1"] = "비밀"
    hidden.sheet_state = "hidden"
    assert [part.text for part in _read(tmp_path / "a.xlsx", book).parts] == [
        "Sheet",
        "| 번호 | 금액 |\n| --- | --- |\n| 1 | 10 |\n| 3 | 30 |",
    ]


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (1234567.891, "#,##0", "1,234,568"),
        (-2000, "#,##0;[Red](#,##0)", "(2,000)"),
        (-2000, "#,##0;△#,##0", "△2,000"),
        (-1234, '"₩"#,##0', "-₩1,234"),
        (1500, '#,##0"원"', "1,500원"),
        (1234567, "#,##0,", "1,235"),
        (0, '#,##0;-#,##0;"-"', "-"),
        (0.0525, "0.0%", "5.3%"),
        (0.1 + 0.2, "General", "0.3"),
        (1 / 3, "General", "0.333333333"),
        (7, "000", "007"),
        (12.5, "0.0##", "12.5"),
        (1234.5, '_-* #,##0.00_-;-* #,##0.00_-;_-* "-"_-;_-@_-', "1,234.50"),
        (True, "General", "TRUE"),
        ("여러\n줄", "General", "여러 줄"),
        (date(2024, 3, 5), "yyyy-mm-dd", "2024-03-05"),
        (date(2024, 3, 5), 'yyyy"년" m"월" d"일"', "2024년 3월 5일"),
        (date(2024, 3, 5), "[$-412]yy. m. d. aaaa;@", "24. 3. 5. 화요일"),
        (datetime(2024, 3, 5, 14, 5), "yyyy/m/d hh:mm", "2024/3/5 14:05"),
        (datetime(2024, 3, 5, 0, 5, 9), "h:mm:ss AM/PM", "12:05:09 오전"),
    ],
)
def test_values_are_told_as_they_are_shown(tmp_path, value, number_format, shown):
    """Numbers and dates are told with their format: separators, percent, signs, units, Korean dates."""
    book = Workbook()
    _fill(book.active, {"A1": "가", "B1": "나", "A2": "값", "B2": value})
    book.active["B2"].number_format = number_format
    assert _read(tmp_path / "a.xlsx", book).parts[1].text.endswith(f"| 값 | {shown} |")


def test_formulas(tmp_path):
    """The stored value of a formula is told; a formula without one is a reject that says what to do."""
    book = Workbook()
    _fill(book.active, {"A1": "가", "B1": "나", "A2": 1, "B2": "=A2+1", "A3": 2, "B3": "=A3+1"})
    book.save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as source, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as target:
        for name in source.namelist():
            target.writestr(name, re.sub(rb"(<f>A2\+1</f>)<v\s*(/>|></v>)", rb"\1<v>2</v>", source.read(name)))
    found = read_xlsx(tmp_path / "b.xlsx")
    assert found.parts[1].text == "| 가 | 나 |\n| --- | --- |\n| 1 | 2 |\n| 2 |  |"
    (reject,) = found.rejects
    assert (reject.source, reject.place, reject.text) == ("b.xlsx", "sheet Sheet", "B3 =A3+1")
    assert reject.reason == "1 formulas without a stored value; open the file in Excel and save it"


def test_long_sheet_is_cut_with_its_header_repeated(tmp_path):
    """A long table becomes pieces of bounded size, each with caption and header; no row is lost or told twice."""
    book = Workbook()
    book.active.append(["금리표"])
    book.active.append(["번호", "금액"])
    for number in range(1, 101):
        book.active.append([number, number * 1000])
    tables = [part.text.split("\n") for part in _read(tmp_path / "a.xlsx", book).parts if part.kind == "table"]
    assert {tuple(lines[:3]) for lines in tables} == {("금리표", "| 번호 | 금액 |", "| --- | --- |")}
    rows = [line for lines in tables for line in lines[3:]]
    assert rows == [f"| {number} | {number * 1000} |" for number in range(1, 101)]
    assert all(len(lines) <= 23 and sum(map(len, lines)) <= MAX_CHARACTERS for lines in tables)


def test_stray_cell_far_away_costs_nothing(tmp_path):
    """A cell in the last row and column of a sheet is told without a walk over the billions between."""
    book = Workbook()
    _fill(book.active, {"A1": "가", "C3": "=A1", "XFD1048576": "끝"})
    assert [part.text for part in _read(tmp_path / "a.xlsx", book).parts] == ["Sheet", "가", "끝"]


def test_cells_merged_without_end_are_refused(tmp_path):
    """A sheet whose cells are merged over millions of places is a reject; a cell for each would fill the memory."""
    book = Workbook()
    book.active["A1"] = "가"
    book.active.merge_cells("A1:B2")
    book.save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as source, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"A1:B2", b"A1:XFD1048576"))
    (reject,) = read_xlsx(tmp_path / "b.xlsx").rejects
    assert reject.reason == "cells are merged over millions of places; unmerge them and add the file again"


def test_unread_xlsx_says_why(tmp_path):
    """Empty, foreign, encrypted and damaged files are rejects with their reason."""
    book = Workbook()
    book.active["A1"] = "가"
    book.save(tmp_path / "whole.xlsx")
    whole = (tmp_path / "whole.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "whole.xlsx") as good, zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as bad:
        for name in good.namelist():
            bad.writestr(name, b"<broken" if name == "xl/workbook.xml" else good.read(name))
    for name, content, begin in (
        ("empty.xlsx", b"", "the file is empty"),
        ("cut.xlsx", whole[: len(whole) // 2], "the file is damaged or cut short"),
        ("locked.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "encrypted, or in an old binary format"),
        ("bad.xlsx", (tmp_path / "bad.xlsx").read_bytes(), "no workbook inside, or damaged"),
    ):
        (tmp_path / name).write_bytes(content)
        found = read_xlsx(tmp_path / name)
        assert found.parts == ()
        ((place, reason),) = [(reject.place, reject.reason) for reject in found.rejects]
        assert place == "file"
        assert reason.startswith(begin)
