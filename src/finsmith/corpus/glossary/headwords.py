"""Takes a headword's cell apart: term, abbreviation, full name, English name, other names.

Not covered: names that stand in the definition only. What is not clear stays in the term as it is written.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["abbreviation", "english", "hanja", "korean", "unclear"]

_WITH_PARENTHESES = re.compile(r"(?P<base>[^()（）]+?)\s*[(（](?P<inner>[^()（）]+)[)）]")
_ABBREVIATION = re.compile(r"(?=.*[A-Z])(?=(?:[^A-Z0-9]*[A-Z0-9]){2})(?!.*[a-z]{2})[A-Z0-9][A-Za-z0-9&/.+-]{1,9}")
_ENGLISH = re.compile(r"(?=.*[a-z]{2})[A-Za-z0-9][A-Za-z0-9 .'’&/+%-]*")
_HANJA = re.compile(r"[一-鿿豈-﫿]+(?:[ ·]?[一-鿿豈-﫿]+)*")
_HANGUL = re.compile(r"[가-힣]")
_FOREIGN: dict[Kind, re.Pattern[str]] = {"abbreviation": _ABBREVIATION, "english": _ENGLISH, "hanja": _HANJA}
# The letters by their Korean names, to tell a reading (디에이) from a full name.
_NAMES = "에이 비 시 디 이 에프 지 에이치 아이 제이 케이 엘 엠 엔 오 피 큐 아르 에스 티 유 브이 더블유 엑스 와이 제트"
_LETTERS = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", _NAMES.split(), strict=True))


@dataclass(frozen=True)
class Headword:
    """What a headword's cell names; empty where it names none."""

    term: str
    abbreviation: str = ""
    full_name: str = ""
    english: str = ""
    aliases: tuple[str, ...] = ()


def parse_headword(cell: str, definition: str) -> Headword:
    """The names in the cell, which is one clean line.

    `definition` is asked where the cell leaves open whether two Korean names mean the same thing.
    """
    if match := _WITH_PARENTHESES.fullmatch(cell):
        parts = [part for part in re.split(r"\s*[,;:]\s*", match["inner"].strip()) if part]
        return _from_parts(match["base"], parts, definition) or Headword(cell)
    if len(sides := [side.strip() for side in cell.split("/")]) == 2:
        return _from_sides(sides[0], sides[1], definition) or Headword(cell)
    return Headword(cell)


def is_abbreviation(term: str, full_name: str, english: str) -> bool:
    """Whether the term is itself the short form of its full or English name: DSR, or 여심위 of 여신 심사 위원회."""
    if _kind(term) == "abbreviation":
        return bool(full_name) or " " in english
    short = len(term) < len(full_name.replace(" ", "")) and re.fullmatch(r"[가-힣]{2,6}", term)
    letters = iter(full_name)
    return bool(short) and full_name.startswith(term[0]) and all(syllable in letters for syllable in term)


def _from_parts(base: str, parts: Sequence[str], definition: str) -> Headword | None:
    kinds = [_kind(part) for part in parts]
    if not parts or "unclear" in kinds or any(kinds.count(kind) > 1 for kind in kinds):
        return None
    named: dict[Kind, str] = dict(zip(kinds, parts, strict=True))
    whole = Headword(base, abbreviation=named.get("abbreviation", ""), english=named.get("english", ""))
    match _kind(base):
        case "korean" if not re.search(r"[/,]", base):
            return _korean(whole, named, definition)
        case "abbreviation" if not {"abbreviation", "hanja"} & set(kinds):
            return _abbreviated(whole, named.get("korean", ""))
        case "english" if not {"english", "hanja"} & set(kinds):
            return replace(whole, english=base, aliases=tuple(filter(None, [named.get("korean")])))
    return None


def _korean(whole: Headword, named: dict[Kind, str], definition: str) -> Headword | None:
    hanja, korean = named.get("hanja", ""), named.get("korean", "")
    if hanja and len(re.findall(r"\w", hanja)) != len(re.sub(r"\W", "", whole.term)):
        return None
    alone = korean and not whole.english and not whole.abbreviation
    if alone and not _or(whole.term, korean, definition) and not _called(korean, definition):
        return None  # 대출(신용) narrows the term down, it is no second name
    return replace(whole, aliases=tuple(filter(None, [hanja, korean])))


def _abbreviated(whole: Headword, korean: str) -> Headword:
    short = whole.term
    spelled = "".join(_LETTERS.get(letter, "") for letter in short)
    reading = len(korean.replace(" ", "")) <= len(re.sub(r"\W", "", short)) or korean.replace(" ", "") == spelled
    if reading:
        return replace(whole, abbreviation=short, aliases=tuple(filter(None, [korean])))
    return replace(whole, abbreviation=short, full_name=korean)


def _from_sides(first: str, second: str, definition: str) -> Headword | None:
    """The names on both sides of a slash: 국내총생산/GDP, 가계부채/가계빚; None for a pair such as 상한가/하한가."""
    match _kind(first), _kind(second):
        case "korean", "abbreviation":
            return Headword(first, abbreviation=second)
        case "korean", "english":
            return Headword(first, english=second)
        case "korean", "korean" if _are_one(first, second, definition):
            return Headword(first, aliases=(second,))
    return None


def _kind(name: str) -> Kind:
    if _HANGUL.search(name):
        return "korean"
    for kind, pattern in _FOREIGN.items():
        if pattern.fullmatch(name):
            return kind
    return "unclear"


def _are_one(first: str, second: str, definition: str) -> bool:
    if _also_called(second, definition) or (definition.startswith(first) and _or(first, second, definition)):
        return True
    # the two of a pair have a part of the definition each, and mostly the same head noun
    return first[-1] != second[-1] and not (_names(definition, first) and _names(definition, second))


def _names(definition: str, name: str) -> bool:
    return name.replace(" ", "") in definition.replace(" ", "")


def _or(first: str, second: str, definition: str) -> bool:
    first, second = (re.escape(name.replace(" ", "")) for name in (first, second))
    return bool(re.search(rf"{first}(?:\([^()]*\))?(?:또는|혹은){second}", definition.replace(" ", "")))


def _also_called(name: str, definition: str) -> bool:
    said = rf"{re.escape(name.replace(' ', ''))}(?:\([^()]*\))?(?:이?라고도|으?로도)"
    return bool(re.search(said, definition.replace(" ", "")))


def _called(name: str, definition: str) -> bool:
    said = rf"{re.escape(name.replace(' ', ''))}(?:\([^()]*\))?이?라고?(?:도|한다|부른|불)"
    return bool(re.search(said, definition.replace(" ", "")))
