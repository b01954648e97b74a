"""Reads glossaries from CSV (UTF-8 or cp949) and XLSX into terms; column names are Korean or English.

Not covered: repair of merged or cut entries. The only home of openpyxl.
"""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

from finsmith.core.records import SourceReject, Term

Row = tuple[str, ...]
# field of Term -> header names that mean it, compared without spaces, underscores and case
COLUMNS: Mapping[str, frozenset[str]] = {
    "term": frozenset({"용어", "경제용어", "금융용어", "표제어", "용어명", "단어", "term", "word", "keyword"}),
    "definition": frozenset({"정의", "설명", "용어설명", "뜻", "해설", "내용", "definition", "description", "meaning"}),
    "full_name": frozenset({"정식명칭", "풀이", "원어명", "fullname"}),
    "english": frozenset({"영문명", "영문", "영어", "english", "englishname"}),
    "related": frozenset({"관련용어", "연관검색어", "연관용어", "관련어", "related", "relatedterms"}),
    "category": frozenset({"분야", "주제", "분류", "category", "topic"}),
}


@dataclass(frozen=True)
class ReadGlossary:
    """The terms of one glossary file and the rows that are none."""

    terms: list[Term]
    rejects: list[SourceReject]


def read_glossary(path: Path) -> ReadGlossary:
    """The file's terms in order; a file or row that cannot be read is a reject with its reason."""
    name = unicodedata.normalize("NFC", path.name)
    readers = {".csv": _csv_rows, ".xlsx": _xlsx_rows}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        return _refused(name, f"format {path.suffix or '(none)'} is not read; save it as CSV or XLSX")
    try:
        rows = reader(path)
    except UnicodeDecodeError:
        return _refused(name, "neither UTF-8 nor cp949; save it as UTF-8")
    except (csv.Error, zipfile.BadZipFile, ParseError, LookupError, ValueError, OSError) as error:
        return _refused(name, f"cannot be read ({error})")
    return _terms(name, rows)


def _csv_rows(path: Path) -> list[Row]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp949")
    return [tuple(row) for row in csv.reader(io.StringIO(text, newline=""))]


def _xlsx_rows(path: Path) -> list[Row]:
    with path.open("rb") as file:
        sheet = load_workbook(file, read_only=True, data_only=True).worksheets[0]
        return [tuple("" if v is None else str(v) for v in row) for row in sheet.iter_rows(values_only=True)]


def _terms(name: str, rows: list[Row]) -> ReadGlossary:
    if not rows:
        return _refused(name, "the file is empty")
    places = _columns(rows[0])
    if missing := [field for field in ("term", "definition") if field not in places]:
        wanted = "; ".join(f"{field}: {', '.join(sorted(COLUMNS[field]))}" for field in missing)
        return _refused(name, f"no column for {' and '.join(missing)} among {list(rows[0])}; name it one of {wanted}")
    terms, rejects = [], []
    for number, row in enumerate(rows[1:], 2):
        cell = {field: _clean(row[at]) if at < len(row) else "" for field, at in places.items()}
        if not cell["term"] or not cell["definition"]:
            reason = "no term" if not cell["term"] else "no definition"
            if any(value.strip() for value in row):
                rejects.append(SourceReject(source=name, place=f"row {number}", reason=reason, text=" | ".join(row)))
            continue
        terms.append(
            Term(
                term=cell["term"],
                full_name=cell.get("full_name", ""),
                english=cell.get("english", ""),
                definition=cell["definition"],
                related=tuple(_split(cell.get("related", ""))),
                category=cell.get("category", ""),
                source=name,
                row=number,
            )
        )
    return ReadGlossary(terms, rejects)


def _columns(header: Row) -> dict[str, int]:
    places: dict[str, int] = {}
    for at, title in enumerate(header):
        plain = "".join(_clean(title).replace("_", " ").split()).lower()
        for field, names in COLUMNS.items():
            if plain in names and field not in places:
                places[field] = at
    return places


def _split(cell: str) -> Iterable[str]:
    return (part.strip() for part in cell.replace(",", ";").replace("/", ";").split(";") if part.strip())


def _clean(cell: str) -> str:
    return " ".join(unicodedata.normalize("NFC", cell).split())


def _refused(name: str, reason: str) -> ReadGlossary:
    return ReadGlossary([], [SourceReject(source=name, place="file", reason=reason)])
