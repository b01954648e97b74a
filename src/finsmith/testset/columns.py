"""Finds which column of a table, or which key of a JSON object, holds which field of a question.

Not covered: what stands in them; that is in cells.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from .questions import clean

Field = Literal["question", "choices", "answer", "explanation", "source", "evidence", "kind", "difficulty", "recipe"]
# field -> header names that mean it, compared without spaces, underscores and case
_NAMES: dict[Field, str] = {
    "question": "문제 질문 문항 물음 발문 question stem",
    "choices": "보기 선택지 선지 답지 choices options",
    "answer": "정답 답 정답번호 answer answerkey correct correctanswer correctchoice",
    "explanation": "해설 풀이 설명 explanation rationale",
    "source": "출처 문서 문서명 source document",
    "evidence": "근거 근거문장 증거 evidence",
    "kind": "유형 문항유형 종류 kind type category",
    "difficulty": "난이도 난도 difficulty level",
    "recipe": "recipe",
}
_FIELD_OF: Mapping[str, Field] = {name: field for field, names in _NAMES.items() for name in names.split()}
_CHOICE = re.compile(r"(?:보기|선택지|선지|답지|답안|choices?|options?)?\(?([1-5①-⑤a-e])\)?번?")
_ORDER = {mark: at for marks in ("12345", "①②③④⑤", "abcde") for at, mark in enumerate(marks)}
_FEWEST = 4  # choices
_HEADER_WITHIN = 10  # rows; titles and blank rows may stand above the header


@dataclass(frozen=True)
class Header:
    """A header row: where it stands among the rows, the column of each field and of each choice, and its width.

    `choices` are four or more, or none. `unused` are the names of columns that mean nothing here.
    """

    at: int
    places: Mapping[Field, int]
    choices: tuple[int, ...]
    width: int
    unused: tuple[str, ...]

    @property
    def missing(self) -> list[Field]:
        """What a question cannot do without and has no column for."""
        needed: tuple[Field, ...] = ("question", "choices", "answer")
        return [field for field in needed if field not in self.places and not (field == "choices" and self.choices)]


def header_of(titles: Sequence[str], at: int = 0) -> Header:
    """The row as a header: of two columns that mean the same the first counts, choices count from the first on."""
    places: dict[Field, int] = {}
    choices: dict[int, int] = {}
    unused: list[str] = []
    for column, title in enumerate(map(clean, titles)):
        plain = re.sub(r"[\s_*]", "", title).lower()
        field, choice = _FIELD_OF.get(plain), _CHOICE.fullmatch(plain)
        if field and field not in places:
            places[field] = column
        elif not field and choice and _ORDER[choice[1]] not in choices:
            choices[_ORDER[choice[1]]] = column
        elif title:
            unused.append(title)
    in_turn = tuple(choices[at] for at in range(len(choices)) if at in choices)
    whole = in_turn if len(in_turn) == len(choices) >= _FEWEST else ()
    unused += [titles[column] for column in choices.values() if not whole]
    width = max((column for column, title in enumerate(titles, 1) if title.strip()), default=0)
    return Header(at, places, whole, width, tuple(unused))


def find_header(rows: Sequence[Sequence[str]]) -> Header | None:
    """The first of the first 10 rows that names question, choices and answer."""
    headers = (header_of(row, at) for at, row in enumerate(rows[:_HEADER_WITHIN]))
    return next((header for header in headers if not header.missing), None)


def why_no_header(rows: Sequence[Sequence[str]]) -> str:
    """Which columns no row names, what the likeliest one has, and what they could be named."""
    headers = [header_of(row, at) for at, row in enumerate(rows[:_HEADER_WITHIN])]
    best = max(headers, key=lambda header: (len(header.places) + len(header.choices), header.width))
    has = [title for title in map(clean, rows[best.at]) if title]
    wanted = "; ".join(f"{field}: {', '.join(_NAMES[field].split())}" for field in best.missing)
    each = ", or a column for each choice: 보기1 … 보기5, A … E, choice_1 …" if "choices" in best.missing else ""
    return f"no column for {' and '.join(best.missing)} among {has}; name it one of {wanted}{each}"
