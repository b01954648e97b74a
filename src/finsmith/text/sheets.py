"""Reads files with tables into rows of text: CSV and TSV in the usual encodings, XLSX as it is shown, JSON Lines.

Not covered: what the columns mean, and plain text without a table; who reads it passes in how.
"""

import csv
import io
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from .cell_text import cell_text

Row = tuple[str, ...]
IsHeader = Callable[[Row], bool]
Numbered = list[tuple[int, Row]]
Loose = list[tuple[int, str, str]]
Entries = Callable[[Sequence[str]], tuple[Numbered, Loose]]  # of lines of text: rows, and lines that are none, with why
_OLE, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
_DELIMITERS = ",\t;|"
# What a broken workbook raises: zipfile; the XML parser, be it Python's or lxml's (a SyntaxError); openpyxl, which
# stumbles over wrong attributes (the last ones).
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, SyntaxError, EOFError, OSError, NotImplementedError),
    *(LookupError, ValueError, TypeError, AttributeError),
)


class NoTable(Exception):
    """The file holds no table that can be read; the message says why."""


@dataclass(frozen=True)
class BrokenRow:
    """A piece of a table that is no row, and why."""

    number: int
    reason: str
    text: str


@dataclass(frozen=True)
class Table:
    """The rows of a file or sheet with their numbers, titles and header included, and what could not be read as a row.

    `sheet` is empty where there is only one. In an `even` table a good row has as many cells as the header.
    """

    rows: tuple[tuple[int, Row], ...]
    broken: tuple[BrokenRow, ...] = ()
    sheet: str = ""
    even: bool = False


def no_entries(lines: Sequence[str]) -> tuple[Numbered, Loose]:
    """A text without a table has no rows.

    Raises:
        NoTable: always.
    """
    raise NoTable("has no table; save it as CSV")


def read_tables(path: Path, is_header: IsHeader, entries: Entries = no_entries) -> list[Table]:
    """The file's tables that are not blank, one per sheet; `is_header` helps to tell what parts the cells.

    `entries` reads a .txt that holds no table.

    Raises:
        NoTable: the format is another one, the file is broken, empty, protected, or in an unknown encoding.
    """
    suffix = path.suffix.lower()
    reader = partial(_text, entries=entries) if suffix == ".txt" else _READERS.get(suffix)
    if reader is None:
        raise NoTable(f"format {path.suffix or '(none)'} is not read; save it as CSV or XLSX")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NoTable(f"cannot be read ({error})") from error
    tables = [table for table in reader(content, is_header) if table.broken or any(any(row) for _, row in table.rows)]
    if not tables:
        raise NoTable("the file is empty")
    return tables


def decode(content: bytes) -> str:
    """The text of UTF-8, UTF-16 with a byte order mark, or cp949, which holds EUC-KR.

    Raises:
        NoTable: it is none of them; the message names the line.
    """
    if content.startswith((_OLE, _ZIP)):
        raise NoTable("is an Excel file by another name; name it .xlsx, or save an old one as XLSX")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as error:
            raise NoTable(f"is UTF-16, but broken at byte {error.start + 1}; save it as UTF-8") from error
    farthest = 0
    for encoding in ("utf-8-sig", "cp949"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            farthest = max(farthest, error.start)
        else:
            if "\x00" in text:
                raise NoTable("holds zero bytes: no text, or UTF-16 without its mark; save it as UTF-8")
            return text
    line = content.count(b"\n", 0, farthest) + 1
    raise NoTable(f"line {line} is neither UTF-8, UTF-16 nor cp949; save it as UTF-8")


def _delimited(content: bytes, is_header: IsHeader) -> list[Table]:
    lines = list(io.StringIO(decode(content), newline=""))
    titles = next((line for line in lines if line.strip()), "")
    likely = max(_DELIMITERS, key=titles.count)  # the first of equals
    return [_split(lines, _delimiter(lines, is_header) or likely)]


def _text(content: bytes, is_header: IsHeader, entries: Entries) -> list[Table]:
    """A table where there is one, e.g. Excel's 'Unicode text'; else what `entries` makes of the lines."""
    lines = list(io.StringIO(decode(content), newline=""))
    if not any(line.strip() for line in lines):
        return []
    if delimiter := _delimiter(lines, is_header):
        return [_split(lines, delimiter)]
    rows, broken = entries(lines)
    return [Table(tuple(rows), tuple(BrokenRow(*piece) for piece in broken))]


def _delimiter(lines: list[str], is_header: IsHeader) -> str | None:
    """What parts the cells of a row that is a header; None where no row is one."""
    for delimiter in _DELIMITERS:
        with suppress(csv.Error):  # a cell without end is no header; reading the rows tells of it
            if any(is_header(tuple(row)) for row in islice(csv.reader(lines, delimiter=delimiter), 10)):
                return delimiter
    return None


def _split(lines: list[str], delimiter: str) -> Table:
    rows: list[tuple[int, Row]] = []
    broken: list[BrokenRow] = []
    for number, row in enumerate(_records(lines, delimiter), 1):
        if isinstance(row, tuple):
            rows.append((number, row))
        else:
            broken.append(BrokenRow(number, row.reason, row.text))
    return Table(tuple(rows), tuple(broken), even=True)


def _records(lines: list[str], delimiter: str) -> Iterator[Row | BrokenRow]:
    """The records in order. Where quotes do not match only the line in which the record begins is given up."""
    start = 0
    while start < len(lines):
        reader, begin = csv.reader(lines[start:], delimiter=delimiter, strict=True), start
        try:
            for row in reader:
                yield tuple(row)
                start = begin + reader.line_num
        except csv.Error as error:
            over_lines = begin + reader.line_num > start + 1 or "unexpected end" in str(error)
            reason = "a quote opens here and never closes" if over_lines else f"cannot be parted into cells ({error})"
            yield BrokenRow(0, reason, lines[start].strip())
            start += 1


def _workbook(content: bytes, _: IsHeader) -> list[Table]:
    if content.startswith(_OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in content
        raise NoTable(
            "is protected by a password; save it without"
            if locked
            else "is an old .xls file by the name of .xlsx; save it as XLSX"
        )
    if content and not content.startswith(_ZIP):
        raise NoTable("cannot be read (no XLSX file inside; is it text or a web page by that name?); save it as XLSX")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # openpyxl warns of styles and validations it does not keep
        try:
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            several = len(book.worksheets) > 1
            return [Table(tuple(_sheet_rows(sheet)), sheet=several * sheet.title) for sheet in book.worksheets]
        except _BROKEN as error:
            raise NoTable(f"cannot be read ({error})") from error


def _sheet_rows(sheet: Any) -> Iterator[tuple[int, Row]]:
    sheet.reset_dimensions()  # some programs write a wrong size, and rows behind it would be lost
    for number, row in enumerate(sheet.iter_rows(), 1):
        yield number, tuple(unescape(cell_text(cell.value, _format(cell))) for cell in row)


def _format(cell: Any) -> str:
    try:
        return cell.number_format or "General"
    except IndexError:  # the file does not hold the style that the cell names
        return "General"


def _json_lines(content: bytes, _: IsHeader) -> list[Table]:
    objects: list[tuple[int, dict[str, Any]]] = []
    broken: list[BrokenRow] = []
    for number, line in enumerate(decode(content).split("\n"), 1):
        if not line.strip():
            continue
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            broken.append(BrokenRow(number, f"not valid JSON ({error})", line.strip()))
            continue
        if isinstance(found, dict) and not any(_is_nested(value) for value in found.values()):
            objects.append((number, found))
        else:
            broken.append(BrokenRow(number, "no JSON object of plain values and lists of them", line.strip()))
    header = tuple(dict.fromkeys(key for _, found in objects for key in found))
    rows = [(number, tuple(_json_cell(found.get(key)) for key in header)) for number, found in objects]
    return [Table(((0, header), *rows), tuple(broken))]


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(v, dict | list) for v in value))


def _json_cell(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_json_cell(item) for item in value)
    return "" if value is None else str(value)


_READERS: dict[str, Callable[[bytes, IsHeader], list[Table]]] = {
    ".csv": _delimited,
    ".tsv": _delimited,
    ".xlsx": _workbook,
    ".jsonl": _json_lines,
}
