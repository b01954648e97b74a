"""What cells say of a question's choices and its right one; what could mean two things is refused.

Not covered: which cells they are; that is in columns.
"""

import re
from collections.abc import Sequence

import orjson

from .questions import clean, stem_key

_CIRCLED = "①②③④⑤"
_PLACE = re.compile(r"[(\[]?([1-9A-E①-⑤])(?:[.)\]]|번)?", re.IGNORECASE)
_PLACE_AND_TEXT = re.compile(r"(?:([①-⑤])\s*|[(\[]?([1-9A-E])[.)\]]\s+)(\S.*)", re.IGNORECASE)
_MARKS = (
    tuple(f"{mark}" for mark in _CIRCLED),
    *(tuple(form.format(mark) for mark in marks) for marks in ("12345", "ABCDE") for form in ("{}. ", "{})", "({})")),
)


def choices_of(cell: str) -> list[str]:
    """The choices in one cell: a JSON list, or parted by ① … ⑤, line ends, | or ;.

    Raises:
        ValueError: nothing parts them.
    """
    if cell.strip().startswith("["):
        found = orjson.loads(cell)
        return without_marks([str(one) for one in found])
    if len(pieces := re.split(f"[{_CIRCLED}]", cell)) > 2 and not pieces[0].strip():
        return pieces[1:]
    for divider in ("\n", "|", ";"):
        pieces = [piece for piece in cell.split(divider) if piece.strip()]
        if len(pieces) > 1:
            return without_marks(pieces)
    raise ValueError(f"choices: {clean(cell)!r} is one; part them by line ends, | or ;, or give each a column")


def without_marks(choices: Sequence[str]) -> list[str]:
    """The choices without ① ② …, 1) 2) … or A. B. … before them, where each has its own."""
    bare = [choice.strip() for choice in choices]
    for marks in _MARKS:
        if len(bare) <= len(marks) and all(one.startswith(mark) for one, mark in zip(bare, marks, strict=False)):
            return [one.removeprefix(mark) for one, mark in zip(bare, marks, strict=False)]
    return bare


def answer_of(cell: str, choices: Sequence[str]) -> int:
    """The place of the right choice, from 0, by a letter, a number from 1, a circled number, or the choice's own text.

    Raises:
        ValueError: it names none, or is one choice by its place and another by its text.
    """
    said, told = clean(cell), [clean(choice) for choice in choices]
    if not said:
        raise ValueError("no answer")
    if both := _PLACE_AND_TEXT.fullmatch(said):
        place, at = _number(both[1] or both[2]), _by_text(both[3], told)
        if at == place:
            return place
        if at is not None or said not in told:
            raise ValueError(f"answer: {said!r} names choice {place + 1}, whose text is another")
    named = _PLACE.fullmatch(said)
    by_place, by_text = _number(named[1]) if named else None, _by_text(said, told)
    if by_place is not None and by_place < len(told):
        if by_text not in (None, by_place):
            raise ValueError(
                f"answer: {said!r} is choice {by_place + 1} by its place and choice {(by_text or 0) + 1} by its text; "
                f"write the place as {'a letter or ' if said.isdigit() else ''}a circled number"
            )
        return by_place
    if by_text is not None:
        return by_text
    if by_place is not None:
        raise ValueError(f"answer: {said!r}, but there are {len(told)} choices")
    if said == "0":
        raise ValueError("answer: 0 is no choice; tables count from 1")
    raise ValueError(f"answer: {said!r} is the text of no choice, no letter A–E, and no number from 1")


def json_answer(value: object, choices: Sequence[str], in_list: bool) -> int:
    """The place of the right choice, from 0, as a JSON object tells it: a number counts from 0, as in our own files.

    Raises:
        ValueError: it names none, or a number could count from 0 or from 1.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        if in_list:
            return value
        raise ValueError(f"answer: {value} with a key for each choice may count from 0 or from 1; write a letter")
    if not isinstance(value, str):
        raise ValueError(f"answer: {value!r} is no number, letter or text")
    if value.strip().isdigit() and not (clean(value) in map(clean, choices) and int(value) > len(choices)):
        raise ValueError(f"answer: {value!r} in quotes may count from 0 or from 1; write a number from 0, or a letter")
    return answer_of(value, choices)


def _number(mark: str) -> int:
    marks = _CIRCLED if mark in _CIRCLED else "ABCDE" if mark.isalpha() else "123456789"
    return marks.index(mark.upper())


def _by_text(text: str, choices: Sequence[str]) -> int | None:
    """The choice of this text, exactly or but for spaces and case; None where there is none or several."""
    for same in (lambda one: one == text, lambda one: stem_key(one) == stem_key(text)):
        found = [at for at, one in enumerate(choices) if same(one)]
        if len(found) == 1:
            return found[0]
    return None
