"""Finds the questions in tables: of CSV, TSV and every sheet of XLSX. A row that is none is told with its place.

A row number counts the header and blank rows too. Not covered: which column is which (columns), what cells say (cells).
"""

from collections.abc import Sequence

from finsmith.core.records import Question
from finsmith.text.sheets import NoTable, Table

from .cells import answer_of, choices_of, without_marks
from .columns import Header, find_header, why_no_header
from .found import TEXTS, Found
from .questions import question_of

_FROM_0 = "answer: another row's is 0, so this table may count from 0; write letters, or count from 1"


def add_tables(tables: Sequence[Table], found: Found) -> None:
    """Adds the rows of all tables; a sheet without a header, such as a cover, is a reject.

    Raises:
        NoTable: no table has a header.
    """
    headers = [find_header([row for _, row in table.rows]) for table in tables]
    without = [(one.sheet, _why(one)) for one, header in zip(tables, headers, strict=True) if not header]
    if not any(headers):
        raise NoTable("; ".join(f"{sheet}: {why}" if sheet else why for sheet, why in without))
    for sheet, why in without:
        found.reject(sheet, why)
    for table, header in zip(tables, headers, strict=True):
        if header:
            _read_table(table, header, found)


def _why(table: Table) -> str:
    rows = [row for _, row in table.rows]
    return why_no_header(rows) if any(map(any, rows)) else "no row can be read"


def _read_table(table: Table, header: Header, found: Found) -> None:
    rows = [(number, row) for number, row in table.rows[header.at + 1 :] if any(map(str.strip, row))]
    from_0 = any(_cell(row, header.places["answer"]) == "0" and not _has_text(row, header, "0") for _, row in rows)
    found.unused |= dict.fromkeys(header.unused)
    for broken in table.broken:
        found.reject(_place(table.sheet, broken.number), broken.reason, broken.text)
    for number, row in rows:
        place, text = _place(table.sheet, number), " | ".join(row)
        if table.even and (len(row) < header.width or any(map(str.strip, row[header.width :]))):
            found.reject(place, f"{len(row)} cells where the header has {header.width}", text)
        else:
            found.take(place, text, lambda row=row: _of_row(row, header, from_0))  # type: ignore[misc]


def _of_row(row: Sequence[str], header: Header, from_0: bool) -> Question:
    answer = _cell(row, header.places["answer"])
    choices = _choices(row, header)
    if from_0 and answer.isdigit():
        raise ValueError(_FROM_0 if answer != "0" else "answer: 0 is no choice; tables count from 1")
    texts = {name: _cell(row, header.places[name]) for name in TEXTS if name in header.places}
    question = {"question": _cell(row, header.places["question"]), "choices": choices}
    return question_of(question | {"answer": answer_of(answer, choices)} | texts)


def _choices(row: Sequence[str], header: Header) -> list[str]:
    """Those of the choices' own columns, or of the one column; blank ones at the end are none."""
    if not header.choices:
        return choices_of(row[header.places["choices"]] if header.places["choices"] < len(row) else "")
    cells = [_cell(row, at) for at in header.choices]
    while cells and not cells[-1]:
        cells.pop()
    return without_marks(cells)


def _has_text(row: Sequence[str], header: Header, text: str) -> bool:
    try:
        return text in map(str.strip, _choices(row, header))
    except ValueError:
        return False


def _cell(row: Sequence[str], at: int) -> str:
    return row[at].strip() if at < len(row) else ""


def _place(sheet: str, number: int) -> str:
    return f"{sheet}, row {number}" if sheet else f"row {number}"
