"""Finds the questions in JSON Lines, ours and others'. A line that is none is told with its number.

Not covered: what an answer may look like (cells).
"""

from typing import Any

import orjson

from finsmith.core.records import Question
from finsmith.text.sheets import decode

from .cells import choices_of, json_answer, without_marks
from .columns import header_of, why_no_header
from .found import TEXTS, Found
from .questions import question_of

_MADE = {"id"}  # anew, from what a question says


def add_lines(content: bytes, found: Found) -> None:
    """Adds the questions of all lines.

    Raises:
        NoTable: the encoding is unknown.
    """
    for number, line in enumerate(decode(content).split("\n"), 1):
        if line.strip():
            found.take(f"line {number}", line.strip(), lambda line=line: _question(line, found))  # type: ignore[misc]


def _question(line: str, found: Found) -> Question:
    told = orjson.loads(line)
    if not isinstance(told, dict):
        raise TypeError("no JSON object")
    header, values = header_of(tuple(told)), list(told.values())
    if header.missing:
        raise ValueError(why_no_header([tuple(told)]))
    found.unused |= dict.fromkeys(name for name in header.unused if name not in _MADE)
    fields: dict[str, Any] = {name: values[at] for name, at in header.places.items()}
    choices = _choices(fields["choices"] if "choices" in fields else [values[at] for at in header.choices])
    answer = json_answer(fields["answer"], choices, "choices" in fields)
    texts = {name: fields[name] or "" for name in TEXTS if name in fields}
    return question_of({"question": fields["question"], "choices": choices, "answer": answer} | texts)


def _choices(told: object) -> list[str]:
    """Blank ones at the end are none; numbers are told as text."""
    if isinstance(told, str):
        return choices_of(told)
    if not isinstance(told, list):
        raise TypeError("choices: not a list")
    choices = ["" if one is None else str(one).strip() for one in told]
    while choices and not choices[-1]:
        choices.pop()
    return without_marks(choices)
