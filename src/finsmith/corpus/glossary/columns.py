"""Finds the header of a table: which column holds which field of a glossary entry, guessed or given.

Not covered: tables without a header.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Row = tuple[str, ...]
Field = Literal["term", "definition", "full_name", "abbreviation", "aliases", "english", "related", "category"]
NEEDED: tuple[Field, ...] = ("term", "definition")
# field of Term -> header names that mean it, compared without spaces, underscores and case
_NAMES: dict[Field, str] = {
    "term": "용어 용어명 경제용어 금융용어 한글용어 국문용어 표제어 단어 term termname word keyword headword",
    "definition": "정의 설명 뜻 의미 해설 내용 용어정의 용어설명 용어해설 definition description meaning explanation",
    "full_name": "정식명칭 정식명 공식명칭 풀이 원어명 풀네임 fullname longform",
    "abbreviation": "약어 약칭 줄임말 영문약어 영문약칭 abbreviation abbr acronym shortform",
    "aliases": "동의어 유의어 이명 별칭 다른이름 같은말 alias aliases synonym synonyms",
    "english": "영문명 영문 영어 영어명 영문용어 영문용어명 영문명칭 영문표기 english englishname englishterm",
    "related": "관련용어 관련어 관련키워드 연관용어 연관어 연관키워드 연관검색어 related relatedterms seealso",
    "category": "분야 주제 분류 구분 카테고리 대분류 유형 category topic",
}
COLUMNS: Mapping[Field, frozenset[str]] = {field: frozenset(names.split()) for field, names in _NAMES.items()}
_FIELD_OF = {name: field for field, names in COLUMNS.items() for name in names}
_HEADER_WITHIN = 10  # rows; titles and blank rows may stand above the header


@dataclass(frozen=True)
class Header:
    """A header row: where it stands among the rows, the column of each field found, and how many cells it has."""

    at: int
    places: Mapping[Field, int]
    width: int


def find_header(rows: Sequence[Row], given: Mapping[Field, str]) -> Header | None:
    """The first of the first 10 rows that names all needed columns, and those of `given` by their given names."""
    for at, row in enumerate(rows[:_HEADER_WITHIN]):
        places = _places(row, given)
        if all(field in places for field in (*NEEDED, *given)):
            return Header(at, places, len(_without_blank_end(row)))
    return None


def missing_columns(rows: Sequence[Row], given: Mapping[Field, str]) -> str:
    """Which columns no header row names, what the most likely one has, and what it could be named."""
    titles = max(rows[:_HEADER_WITHIN], key=lambda row: (len(_places(row, given)), sum(map(bool, row))))
    places = _places(titles, given)
    has = f"among {[title for title in map(clean, titles) if title]}"
    absent = [f"{field} ({given[field]!r})" for field in given if field not in places]
    if absent:
        return f"no column for {' and '.join(absent)} {has}; `ingest.glossary_columns` names it"
    missing = [field for field in NEEDED if field not in places]
    wanted = "; ".join(f"{field}: {', '.join(sorted(COLUMNS[field]))}" for field in missing)
    return f"no column for {' and '.join(missing)} {has}; name it one of {wanted}"


def field_of(title: str) -> Field | None:
    """The field that a header or label means, if a known one: 용어(영문) is the English name, 용어(국문) the term."""
    plain = _plain(title)
    match = re.fullmatch(r"([^()]+)\(([^()]+)\)", plain)
    if plain in _FIELD_OF or not match:
        return _FIELD_OF.get(plain)
    field, within = _FIELD_OF.get(match[1]), _FIELD_OF.get(match[2])
    if within in ("english", "abbreviation"):
        return within if field == "term" else None
    return field


def clean(cell: str) -> str:
    """The cell as one line in NFC, without characters that show nothing."""
    return " ".join(re.sub("[\u00ad\u200b-\u200f\u2060\ufeff]", "", unicodedata.normalize("NFC", cell)).split())


def _places(row: Iterable[str], given: Mapping[Field, str]) -> dict[Field, int]:
    titles = [clean(title) for title in row]
    wanted = {_plain(clean(name)): field for field, name in given.items()}
    places: dict[Field, int] = {}
    for at, title in enumerate(titles):
        if (field := wanted.get(_plain(title))) and field not in places:
            places[field] = at
    for at, title in enumerate(titles):
        guess = field_of(title)
        if guess and guess not in given and guess not in places and at not in places.values():
            places[guess] = at
    return places


def _plain(title: str) -> str:
    return re.sub(r"[\s_*]", "", title).lower()


def _without_blank_end(row: Row) -> Row:
    width = max((at for at, cell in enumerate(row, 1) if cell.strip()), default=0)
    return row[:width]
