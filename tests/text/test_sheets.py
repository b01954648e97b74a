"""Tests of reading files with tables: encodings, delimiters, quotes, sheets, JSON Lines, broken files."""

import csv
import io
import json
import zipfile
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.chart import BarChart

from finsmith.text.sheets import BrokenRow, NoTable, decode, read_tables

from ..workbooks import write_book

HEADER = ("용어", "정의")
ROWS = [HEADER, ("환율", "두 통화의 교환 비율"), ("금리", "돈의 값")]


def _is_header(row):
    return set(HEADER) <= set(row)


def _read(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_tables(path, _is_header)


def _rows(table):
    return [row for _, row in table.rows]


def _text(rows, delimiter=","):
    return "".join(delimiter.join(row) + "\n" for row in rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "euc-kr", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_of_each_encoding_is_the_same(encoding):
    """UTF-8, its mark, the Korean legacy encodings and UTF-16 with its mark in both byte orders give the same text."""
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    assert decode(mark + _text(ROWS).encode(encoding)) == _text(ROWS)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00\ufeff")))
def test_any_utf_8_is_read_as_such(text):
    """No text in UTF-8 is taken for another encoding."""
    assert decode(text.encode()) == text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("용어\n환율\n".encode() + b"\xff\xff\n", "line 3 is neither UTF-8, UTF-16 nor cp949; save it as UTF-8"),
        (b"\xff\xfe\x00", "is UTF-16, but broken at byte 3; save it as UTF-8"),
        ("용어".encode("utf-16-le"), None),
        ("term".encode("utf-16-le"), "holds zero bytes: no text, or UTF-16 without its mark; save it as UTF-8"),
        (b"PK\x03\x04...", "is an Excel file by another name; name it .xlsx, or save an old one as XLSX"),
    ],
    ids=["neither", "cut UTF-16", "Korean UTF-16 without mark", "UTF-16 without mark", "XLSX by another name"],
)
def test_other_bytes_are_refused(content, reason):
    """Bytes in no known encoding are refused with the line; broken or unmarked UTF-16 and Excel files by their name."""
    if reason is None:
        assert decode(content) != "용어"  # nothing tells it from cp949; its header is then not found
        return
    with pytest.raises(NoTable) as caught:
        decode(content)
    assert str(caught.value) == reason


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("name", ["g.csv", "g.tsv", "g.txt"])
def test_delimiter_is_found_by_the_header(tmp_path, name, delimiter):
    """Comma, tab, semicolon and bar are told by the row that is a header, even under a title full of commas."""
    (table,) = _read(tmp_path / name, f"용어집, 가, 나, 다, 라\n{_text(ROWS, delimiter)}")
    assert _rows(table)[1:] == ROWS
    assert [number for number, _ in table.rows] == [1, 2, 3, 4]


def test_excel_unicode_text(tmp_path):
    """What Excel saves as Unicode text (UTF-16, tabs, .txt) is read as a table."""
    assert _rows(_read(tmp_path / "g.txt", _text(ROWS, "\t").encode("utf-16"))[0]) == ROWS


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_cells_over_lines(tmp_path, end):
    """All line ends are known; a quoted cell keeps the breaks inside and counts as one row."""
    text = end.join(["용어,정의", f'환율,"두 통화의{end}교환 비율"', "금리,돈의 값", ""])
    (table,) = _read(tmp_path / "g.csv", text)
    assert table.rows == ((1, HEADER), (2, ("환율", f"두 통화의{end}교환 비율")), (3, ("금리", "돈의 값")))


@given(st.lists(st.tuples(st.text(), st.text()), max_size=8))
def test_what_csv_writes_comes_back(tmp_path_factory, rows):
    """Any cells written by the csv module come back as they were, none as broken."""
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([HEADER, *rows])
    text = out.getvalue()
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        return
    (table,) = _read(tmp_path_factory.mktemp("csv") / "g.csv", text)
    assert (_rows(table), table.broken) == ([HEADER, *rows], ())


@pytest.mark.parametrize("later", ["물가,가격의 평균\n", '물가,"가격의 평균"\n', '물가,"가격의 ""평균"""\n'])
def test_quote_that_never_closes_costs_one_line(tmp_path, later):
    """The row whose quote never closes is named; the rows behind it are read, whether they have quotes or not."""
    (table,) = _read(tmp_path / "g.csv", f'용어,정의\n환율,"교환 비율\n금리,돈의 값\n{later}')
    assert table.broken == (BrokenRow(2, "a quote opens here and never closes", '환율,"교환 비율'),)
    assert [number for number, _ in table.rows] == [1, 3, 4]
    assert [row[0] for row in _rows(table)] == ["용어", "금리", "물가"]


def test_quote_in_a_cell_is_a_sign_like_others(tmp_path):
    """A quote inside an unquoted cell opens nothing; text behind a closing quote makes the row a broken one."""
    (table,) = _read(tmp_path / "g.csv", '용어,정의\n액자,5" 액자\n인용,"가" 나\n금리,돈의 값\n')
    assert [row[0] for row in _rows(table)] == ["용어", "액자", "금리"]
    assert [(b.number, b.text) for b in table.broken] == [(3, '인용,"가" 나')]
    assert table.broken[0].reason.startswith("cannot be parted into cells (")


def test_every_sheet_is_read(tmp_path):
    """A workbook gives one table per sheet that is not blank, with its name; a workbook of one sheet gives no name."""
    two = read_tables(write_book(tmp_path / "two.xlsx", 표지=[["용어집"]], 여신=ROWS, 빈칸=[]), _is_header)
    assert [(table.sheet, _rows(table)) for table in two] == [("표지", [("용어집",)]), ("여신", ROWS)]
    (one,) = read_tables(write_book(tmp_path / "one.xlsx", 여신=ROWS), _is_header)
    assert (one.sheet, _rows(one)) == ("", ROWS)


def test_sheet_with_a_wrong_size_is_read_whole(tmp_path):
    """Rows behind the size that the file states are read: some programs write A1 only."""
    write_book(tmp_path / "g.xlsx", 가=ROWS)
    with zipfile.ZipFile(tmp_path / "g.xlsx") as good, zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as bad:
        for name in good.namelist():
            bad.writestr(name, good.read(name).replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1"'))
    (table,) = read_tables(tmp_path / "bad.xlsx", _is_header)
    assert _rows(table) == ROWS


def test_chart_sheets_and_escapes(tmp_path):
    """A sheet with a chart only is none; Excel's escape of a carriage return is a line break."""
    book = Workbook()
    book.active.append(["용어", "정의"])
    book.active.append(["환율", "교환_x000D_\n비율"])
    book.create_chartsheet().add_chart(BarChart())
    book.save(tmp_path / "g.xlsx")
    (table,) = read_tables(tmp_path / "g.xlsx", _is_header)
    assert _rows(table) == [HEADER, ("환율", "교환\r\n비율")]


# The head of an OLE file and the name of the stream inside, as Excel writes it.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le"), "is protected by a password; save it without"),
        (OLE + "Workbook".encode("utf-16-le"), "is an old .xls file by the name of .xlsx; save it as XLSX"),
        (
            b"<html><table>",
            "cannot be read (no XLSX file inside; is it text or a web page by that name?); save it as XLSX",
        ),
        (b"", "cannot be read (File is not a zip file)"),
    ],
    ids=["password", "xls", "web page", "empty"],
)
def test_what_is_no_xlsx_is_named(tmp_path, content, reason):
    """A protected workbook, an .xls, a web page and an empty file by the name .xlsx are refused for what they are."""
    with pytest.raises(NoTable) as caught:
        _read(tmp_path / "g.xlsx", content)
    assert str(caught.value) == reason


PARTS = ("[Content_Types].xml", "xl/workbook.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml")


@given(st.sampled_from(PARTS), st.floats(0, 1), st.sampled_from([b"", b"0", b"x", b'"', b"<", b"&#0;"]), st.booleans())
def test_damaged_xlsx_is_refused_or_read(tmp_path_factory, part, where, wrong, cut):
    """An XLSX with a wrong or cut part gives tables or NoTable with its reason, never another exception."""
    folder = tmp_path_factory.mktemp("xlsx")
    write_book(folder / "g.xlsx", 가=ROWS)
    with zipfile.ZipFile(folder / "g.xlsx") as good, zipfile.ZipFile(folder / "bad.xlsx", "w") as bad:
        for name in good.namelist():
            content = good.read(name)
            at = int(where * len(content))
            damaged = content[:at] + wrong + (b"" if cut else content[at + 1 :])
            bad.writestr(name, damaged if name == part else content)
    try:
        read_tables(folder / "bad.xlsx", _is_header)
    except NoTable as error:
        assert str(error)


def test_cut_xlsx_is_refused(tmp_path):
    """An XLSX that was cut off, at any of its 200 parts of equal length, is refused."""
    whole = write_book(tmp_path / "g.xlsx", 가=ROWS).read_bytes()
    for part in range(1, 200):
        with pytest.raises(NoTable, match=r"^cannot be read \("):
            _read(tmp_path / "cut.xlsx", whole[: len(whole) * part // 200])


def test_json_lines(tmp_path):
    """Objects give rows under their keys as these came up; lists are joined, numbers are text, null is empty."""
    lines = [
        {"용어": "환율", "정의": "교환 비율", "관련어": ["금리", "물가"]},
        {"정의": 3.5, "용어": "금리", "분야": None},
    ]
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n\n" for line in lines)
    (table,) = _read(tmp_path / "g.jsonl", content)
    assert table.rows == (
        (0, ("용어", "정의", "관련어", "분야")),
        (1, ("환율", "교환 비율", "금리; 물가", "")),
        (3, ("금리", "3.5", "", "")),
    )


def test_broken_json_lines_are_named(tmp_path):
    """A line that is no JSON, no object, or holds an object is named with its text; the others are read."""
    content = (
        '{"용어": "환율", "정의": "비율"}\n{"용어": \n[1]\n{"용어": {"ko": "금리"}}\n{"용어": "물가", "정의": "평균"}\n'
    )
    (table,) = _read(tmp_path / "g.jsonl", content)
    assert [number for number, _ in table.rows] == [0, 1, 5]
    assert [(b.number, b.text) for b in table.broken] == [
        (2, '{"용어":'),
        (3, "[1]"),
        (4, '{"용어": {"ko": "금리"}}'),
    ]
    assert table.broken[0].reason.startswith("not valid JSON (")
    assert {b.reason for b in table.broken[1:]} == {"no JSON object of plain values and lists of them"}


def test_plain_text_without_a_table(tmp_path):
    """It is refused, unless the caller reads entries out of its lines."""
    content = "환율\n정의: 교환 비율\n"
    with pytest.raises(NoTable, match="has no table; save it as CSV"):
        _read(tmp_path / "g.txt", content)
    (table,) = read_tables(tmp_path / "g.txt", _is_header, lambda lines: ([(1, tuple(lines))], []))
    assert _rows(table) == [("환율\n", "정의: 교환 비율\n")]


def test_cells_are_read_as_they_are_shown(tmp_path):
    """A percentage, a date and a number with thousands stand as a person sees them, not as they are stored."""
    book = Workbook()
    book.active.append([*HEADER, "셋"])
    book.active.append([0.035, datetime(2026, 1, 31), 1234567.5])
    for cell, shown in zip(book.active[2], ("0.0%", "yyyy-mm-dd", "#,##0.0"), strict=True):
        cell.number_format = shown
    book.save(tmp_path / "g.xlsx")
    (table,) = read_tables(tmp_path / "g.xlsx", _is_header)
    assert _rows(table)[1] == ("3.5%", "2026-01-31", "1,234,567.5")


@pytest.mark.parametrize("name", ["g.csv", "g.tsv", "g.txt", "g.jsonl"])
@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_empty_file_is_refused(tmp_path, name, content):
    """A file without a character that counts is refused as empty."""
    with pytest.raises(NoTable, match=r"^the file is empty$"):
        _read(tmp_path / name, content)
