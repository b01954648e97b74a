"""Reads XLSX: each sheet a heading, each block of cells a table, values as they are shown.

A block ends at an empty row or column. Lines of one cell before or after a table (title, unit, notes) become its
caption or paragraphs. Hidden sheets, rows and columns and comments are left out; formulas without a stored value are a
reject. Not covered: charts, pictures, headers and footers for printing.
"""

import re
import warnings
import zipfile
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from operator import attrgetter
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.utils import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from finsmith.corpus.document import Part, ReadDocument
from finsmith.text.cell_text import cell_text

from .blocks import one_line
from .reading import DAMAGED, Found, Left, Unreadable, open_zip, read_file
from .tables import Filled, grid, header_rows, markdown

_LONGEST_CAPTION = 80
_NOTE_BEGINS = ("주", "※", "*", "자료", "출처", "비고", "단위", "(단위")
_SHOWN_FORMULAS = 20
_FORMULA = re.compile(rb"<f[\s>/]")
_MERGED = re.compile(rb'mergeCell [^>]*?ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
_MAX_MERGED = 1_000_000
_MAX_COLUMNS = 16_384


def read_xlsx(path: Path) -> ReadDocument:
    """The document in an XLSX file; one that cannot be read is a reject with its reason."""
    return read_file(path, _find)


def _find(path: Path) -> Found:
    with open_zip(path) as archive:
        has_formulas = _checked(archive)
        book = _opened(path, values=True)
    parts: list[Part] = []
    blank: list[set[str]] = []
    for sheet in book.worksheets:
        found = list(_sheet_parts(sheet)) if sheet.sheet_state == "visible" else []
        title = one_line(sheet.title)
        parts += [Part(title, "heading", 1)] if title and found else []
        parts += found
        blank.append({cell.coordinate for cell in sheet._cells.values() if cell.value is None})
    del book  # the formulas are in a second one, and both at once need twice the memory
    return Found(tuple(parts), left=tuple(_without_value(path, blank)) if has_formulas else ())


def _checked(archive: zipfile.ZipFile) -> bool:
    """Whether the workbook has formulas.

    Raises:
        Unreadable: its merged cells cover millions of places; the library makes a cell for each of them.
    """
    merged, has_formulas = 0, False
    for content in (archive.read(name) for name in archive.namelist() if name.endswith(".xml")):
        has_formulas |= _FORMULA.search(content) is not None
        for left, top, right, bottom in _MERGED.findall(content):
            width = column_index_from_string(right.decode()) - column_index_from_string(left.decode())
            merged += (abs(int(bottom) - int(top)) + 1) * (abs(width) + 1)
    if merged > _MAX_MERGED:
        raise Unreadable("cells are merged over millions of places; unmerge them and add the file again")
    return has_formulas


def _opened(path: Path, values: bool) -> Workbook:
    try:
        with warnings.catch_warnings(action="ignore"):  # of parts that are not read anyway
            return load_workbook(path, data_only=values)
    except (InvalidFileException, *DAMAGED) as error:
        reason = f"no workbook inside, or damaged ({type(error).__name__}); open it in Excel and save it anew as XLSX"
        raise Unreadable(reason) from error


def _sheet_parts(sheet: Worksheet) -> Iterator[Part]:
    for block in _blocks(list(_cells(sheet))):
        yield from _block_parts(block)


def _cells(sheet: Worksheet) -> Iterator[Filled]:
    """The cells with a text, on a grid without the hidden rows and columns."""
    hidden_rows = sorted(row for row, looks in sheet.row_dimensions.items() if looks.hidden)
    hidden_columns = sorted(_hidden_columns(sheet))
    merged = {(area.min_row, area.min_col): (area.max_row, area.max_col) for area in sheet.merged_cells.ranges}
    for (row, column), cell in sorted(sheet._cells.items()):  # a public walk would visit every empty cell too
        text = one_line(cell_text(cell.value, _format(cell)))
        rows = _visible(row, merged.get((row, column), (row, column))[0], hidden_rows)
        columns = _visible(column, merged.get((row, column), (row, column))[1], hidden_columns)
        if text and rows and columns:
            yield Filled(rows.start, columns.start, text, len(rows), len(columns))


def _format(cell: Cell | MergedCell) -> str:
    try:
        return cell.number_format
    except IndexError:  # the file does not hold the style that the cell names
        return "General"


def _hidden_columns(sheet: Worksheet) -> set[int]:
    hidden = [looks for looks in sheet.column_dimensions.values() if looks.hidden]
    return {column for looks in hidden for column in range(looks.min or 1, min(looks.max or 0, _MAX_COLUMNS) + 1)}


def _visible(first: int, last: int, hidden: Sequence[int]) -> range:
    """The places that the rows (or columns) from the first to the last have when the hidden ones are gone."""
    return range(first - bisect_left(hidden, first), last + 1 - bisect_left(hidden, last + 1))


def _blocks(cells: list[Filled]) -> Iterator[list[Filled]]:
    """The cells parted at empty rows, then at empty columns, and so on, in reading order."""
    bands = _parted(cells, "row")
    for band in bands:
        blocks = _parted(band, "column")
        for block in blocks:
            if len(bands) == len(blocks) == 1:
                yield block
            else:
                yield from _blocks(block)


def _parted(cells: list[Filled], axis: str) -> list[list[Filled]]:
    groups: list[list[Filled]] = []
    reach = -1
    for cell in sorted(cells, key=attrgetter(axis)):
        first = getattr(cell, axis)
        if not groups or first > reach + 1:
            groups.append([])
        groups[-1].append(cell)
        reach = max(reach, first + getattr(cell, f"{axis}s") - 1)
    return [sorted(group, key=attrgetter("row", "column")) for group in groups]


def _block_parts(cells: list[Filled]) -> Iterator[Part]:
    rows: dict[int, list[Filled]] = {}
    for cell in cells:
        rows.setdefault(cell.row, []).append(cell)
    lines = list(rows.values())
    if max(map(len, lines)) < 2 or len(lines) < 2:
        yield from (Part(" ".join(cell.text for cell in line)) for line in lines)
        return
    first = next(at for at, line in enumerate(lines) if len(line) > 1)
    last = len(lines)
    while last > first + 2 and _is_note(lines[last - 1]):
        last -= 1
    caption = " ".join(line[0].text for line in lines[:first])
    if len(caption) > _LONGEST_CAPTION:
        yield from (Part(line[0].text) for line in lines[:first])
        caption = ""
    yield from _table_parts([cell for line in lines[first:last] for cell in line], caption)
    yield from (Part(line[0].text) for line in lines[last:])


def _is_note(line: list[Filled]) -> bool:
    return len(line) == 1 and (line[0].columns > 1 or line[0].text.startswith(_NOTE_BEGINS))


def _table_parts(cells: list[Filled], caption: str) -> Iterator[Part]:
    top, left = min(cell.row for cell in cells), min(cell.column for cell in cells)
    moved = [replace(cell, row=cell.row - top, column=cell.column - left) for cell in cells]
    for text in markdown(grid(moved), caption, header_rows(moved)):
        yield Part(text, "table")


def _without_value(path: Path, blank: list[set[str]]) -> Iterator[Left]:
    """A reject for each sheet with formulas that no spreadsheet program has computed yet: those in blank cells."""
    for sheet, places in zip(_opened(path, values=False).worksheets, blank, strict=False):
        formulas = (cell for cell in sheet._cells.values() if cell.data_type == "f" and cell.coordinate in places)
        missing = [f"{cell.coordinate} {cell.value}" for cell in formulas]
        if missing:
            reason = f"{len(missing)} formulas without a stored value; open the file in Excel and save it"
            yield Left(f"sheet {one_line(sheet.title)}", reason, "; ".join(missing[:_SHOWN_FORMULAS]))
