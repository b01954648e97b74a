"""Reads glossaries into terms: a file's rows, what is wrong with them, and the names in a headword.

A row number counts the header and blank rows too; in JSON Lines and plain text it is the line.

Not covered: repair of merged or cut entries; they are set aside with a reason.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from finsmith.core.records import SourceReject, Term
from finsmith.text.sheets import Loose, NoTable, Numbered, Table, read_tables

from .columns import Field, Header, clean, find_header, missing_columns
from .entry_faults import Entry, entry_faults
from .headwords import is_abbreviation, parse_headword
from .labelled import labelled_rows


@dataclass(frozen=True)
class ReadGlossary:
    """The terms of one glossary file and the rows that are none."""

    terms: list[Term]
    rejects: list[SourceReject]


@dataclass(frozen=True)
class _Line:
    """A row under the header: its number, its text as it stands, and the cells of the fields."""

    number: int
    text: str
    cells: Mapping[Field, str]


def read_glossary(path: Path, columns: Mapping[Field, str] | None = None) -> ReadGlossary:
    """The file's terms in order; a file, sheet or row that cannot be used is a reject with its reason.

    `columns` names the header of a field where it is not to be guessed. Of entries with one headword the first is kept.
    """
    name = unicodedata.normalize("NFC", path.name)
    given = columns or {}
    try:
        tables = read_tables(path, lambda row: find_header([row], given) is not None, _entries)
    except NoTable as error:
        return _refused(name, str(error))
    headers = [find_header([row for _, row in table.rows], given) for table in tables]
    terms: list[Term] = []
    rejects: list[SourceReject] = []
    if not any(headers):
        reasons = [(table.sheet, _why_without_header(table, given)) for table in tables]
        rejects += _refused(name, "; ".join(f"{sheet}: {why}" if sheet else why for sheet, why in reasons)).rejects
    for table, header in zip(tables, headers, strict=True):
        if any(headers) and not header:
            rejects.append(SourceReject(source=name, place=table.sheet, reason=_why_without_header(table, given)))
        read = _read_table(name, table, header)
        terms += read.terms
        rejects += read.rejects
    kept, repeats = distinct_terms(terms)
    return ReadGlossary(kept, rejects + repeats)


def _entries(lines: Sequence[str]) -> tuple[Numbered, Loose]:
    rows, loose = labelled_rows(lines)
    if not rows:
        raise NoTable("has no table and no entries of the form: a line with the term, then '정의: …'; save it as CSV")
    return rows, loose


def distinct_terms(terms: Iterable[Term]) -> tuple[list[Term], list[SourceReject]]:
    """The terms in order without the repeats: an equal entry anywhere, another definition of a headword in one file.

    Files may differ in how they define a headword; both are kept.
    """
    kept: list[Term] = []
    rejects: list[SourceReject] = []
    seen: dict[str, list[Term]] = {}
    for term in terms:
        same = seen.setdefault(_squeezed(term.term), [])
        if reason := next((reason for first in same if (reason := _repeats(first, term))), ""):
            place, text = _place(term.row, term.sheet), f"{term.term} | {term.definition}"
            rejects.append(SourceReject(source=term.source, place=place, reason=reason, text=text))
        else:
            same.append(term)
            kept.append(term)
    return kept, rejects


def _repeats(first: Term, term: Term) -> str:
    """Why the term is a repeat of the first one; empty where it is none."""
    where = _place(first.row, first.sheet)
    if _squeezed(first.definition) == _squeezed(term.definition):
        return f"repeats {where}" if first.source == term.source else f"repeats {first.source}, {where}"
    if first.source != term.source or _homographs(first, term):
        return ""
    return f"another definition of the term in {where}"


def _homographs(one: Term, other: Term) -> bool:
    """Whether English or Chinese names tell two terms of one spelling apart, as in 사채(社債) and 사채(私債)."""
    names = [(one.english, other.english), (_hanja(one), _hanja(other))]
    return any(first and second and _squeezed(first) != _squeezed(second) for first, second in names)


def _hanja(term: Term) -> str:
    return next((alias for alias in term.aliases if re.fullmatch(r"[一-鿿豈-﫿 ·]+", alias)), "")


def _read_table(name: str, table: Table, header: Header | None) -> ReadGlossary:
    """The terms and rejects of a table; without a header only its broken rows."""
    lines, wrong = _lines(table, header) if header else ([], _broken(table))
    entries = [_entry(line) for line in lines]
    terms = []
    for line, faults in zip(lines, entry_faults(entries), strict=True):
        if faults:
            wrong.append((line.number, "; ".join(faults), line.text))
        else:
            terms.append(_term(line, name, table.sheet))
    rejects = [
        SourceReject(source=name, place=_place(number, table.sheet), reason=reason, text=text)
        for number, reason, text in sorted(wrong)
    ]
    return ReadGlossary(terms, rejects)


def _lines(table: Table, header: Header) -> tuple[list[_Line], list[tuple[int, str, str]]]:
    """The rows under the header that have a term and a definition, and those that are none, with the reason."""
    lines: list[_Line] = []
    wrong = _broken(table)
    for number, row in table.rows[header.at + 1 :]:
        cells = {field: clean(row[at]) if at < len(row) else "" for field, at in header.places.items()}
        text = " | ".join(row)
        if not any(map(str.strip, row)):
            continue
        if table.even and (len(row) < header.width or any(map(str.strip, row[header.width :]))):
            wrong.append((number, f"{len(row)} cells where the header has {header.width}", text))
        elif not cells["term"]:
            wrong.append((number, "no term", text))
        elif not re.search(r"\w", cells["definition"]):
            wrong.append((number, "no definition", text))
        else:
            lines.append(_Line(number, text, cells))
    return lines, wrong


def _broken(table: Table) -> list[tuple[int, str, str]]:
    return [(row.number, row.reason, row.text) for row in table.broken]


def _entry(line: _Line) -> Entry:
    related = line.cells.get("related", "")
    names = tuple(name.strip() for name in re.split("[;,]", related) if name.strip())
    return Entry(line.cells["term"], line.cells["definition"], names, related.endswith(","))


def _term(line: _Line, source: str, sheet: str) -> Term:
    cells = line.cells
    named = parse_headword(cells["term"], cells["definition"])
    full_name = cells.get("full_name") or named.full_name
    english = cells.get("english") or named.english
    short = named.term if is_abbreviation(named.term, full_name, english) else ""
    return Term(
        term=named.term,
        full_name=full_name,
        abbreviation=cells.get("abbreviation") or named.abbreviation or short,
        english=english,
        aliases=tuple(alias for alias in _split(cells.get("aliases", ""), named.aliases) if alias != named.term),
        definition=cells["definition"],
        related=tuple(_split(cells.get("related", ""))),
        category=cells.get("category", ""),
        source=source,
        row=line.number,
        sheet=sheet,
    )


def _split(cell: str, more: Sequence[str] = ()) -> Iterable[str]:
    """The names in the cell, each once, in order; a comma or slash in parentheses parts none."""
    parts = re.split(r"[;,/](?![^()]*\))", cell)
    return dict.fromkeys(name for name in (*map(str.strip, parts), *more) if name)


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def _place(row: int, sheet: str) -> str:
    return f"{sheet}, row {row}" if sheet else f"row {row}"


def _why_without_header(table: Table, given: Mapping[Field, str]) -> str:
    rows = [row for _, row in table.rows]
    return missing_columns(rows, given) if any(map(any, rows)) else "no row can be read"


def _refused(name: str, reason: str) -> ReadGlossary:
    return ReadGlossary([], [SourceReject(source=name, place="file", reason=reason)])
