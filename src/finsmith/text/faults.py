"""Faults of a text that its reader sees at once: a sentence cut off, a phrase said over and over, another language.

Not covered: whether what it says is true.
"""

import re

from .sentences import sentences

_HANGUL_END = re.compile(r"[가-힣](?=[.!]?$)")
_PREDICATE = re.compile(r"(?:다|요|까|죠)[.!?]?$")
_LOOP = re.compile(r"(.{8,120}?)\1\1", re.DOTALL)
_LETTER = re.compile(r"[가-힣A-Za-z]")
_FEWEST_LETTERS = 8  # of a phrase, for each of its numbers; rows of figures are alike and no fault


def is_written_in(text: str, language: str) -> bool:
    """Whether the text is in that language: more Hangul than small Latin letters for `ko`, no Hangul for `en`."""
    hangul, latin = len(re.findall("[가-힣]", text)), len(re.findall("[a-z]", text))
    return hangul >= latin if language == "ko" else not hangul


def loop(text: str) -> str:
    """A phrase that stands three times in a row, whatever its numbers, or ""."""
    plain = re.sub(r"\s+", " ", re.sub(r"\d+", "0", text)) + " "
    found = (match[1] for match in _LOOP.finditer(plain))
    return next((unit.strip() for unit in found if _letters(unit) >= _FEWEST_LETTERS * max(1, unit.count("0"))), "")


def _letters(text: str) -> int:
    return len(_LETTER.findall(text))


def uncut(text: str) -> str:
    """The text without a last sentence that was cut off: in Korean before its predicate, in English before its mark."""
    *before, last = sentences(text) or [""]
    cut = not is_whole(last) or bool(re.search(r"[a-z,]$", last))
    return " ".join(before) if cut else text


def is_whole(sentence: str) -> bool:
    """Whether a Korean sentence ends as sentences do: with a predicate, or a noun made of one (늘림, 있음)."""
    end = _HANGUL_END.search(sentence)
    return not end or bool(_PREDICATE.search(sentence)) or (ord(end[0]) - ord("가")) % 28 == 16  # a final ㅁ
