"""Faults of a text that its reader sees at once: a sentence cut off, a phrase said over and over, another language.

Not covered: whether what it says is true.
"""

import re
from collections.abc import Iterable

from finsmith.core.errors import TeacherReplyMalformed

from .quoting import stands_in
from .sentences import sentences

_HANGUL_END = re.compile(r"[가-힣](?=[.!]?$)")
_PREDICATE = re.compile(r"(?:다|요|까|죠)[.!?]?$")
# What only tells that there is a text.
_OF_ITSELF = re.compile(
    r"지문[은이을의에]|(?:이|위|해당) (?:글|문서|표)[은는이가에]|정보를 제공|\b(?:this|the) (?:passage|text) \w+s\b",
    re.IGNORECASE,
)
_LOOP = re.compile(r"(.{8,120}?)\1\1", re.DOTALL)
_LETTER = re.compile(r"[가-힣A-Za-z]")
_FEWEST_LETTERS = 8  # of a phrase; rows of figures are alike and no fault


def check_prose(text: str, language: str) -> None:
    """Does nothing where the text is in its language and says nothing three times on end.

    Raises:
        TeacherReplyMalformed: what is wrong.
    """
    if not is_written_in(text, language):
        raise TeacherReplyMalformed(f"the text is not in the language {language!r}")
    if looped := loop(text):
        raise TeacherReplyMalformed(f"it says the same over and over: {looped[:40]!r}")


def is_written_in(text: str, language: str) -> bool:
    """Whether the text is in that language: more Hangul than small Latin letters for `ko`, no Hangul for `en`."""
    hangul, latin = len(re.findall("[가-힣]", text)), len(re.findall("[a-z]", text))
    return hangul >= latin if language == "ko" else not hangul


def check_own(text: str, source: str) -> None:
    """Does nothing where most of the text is in words of its own.

    Raises:
        TeacherReplyMalformed: half of it and more are whole sentences of the source.
    """
    written = [sentence for line in text.splitlines() for sentence in sentences(line)]
    copied = [sentence for sentence in written if stands_in(sentence, source)]
    if 2 * sum(map(len, copied)) >= sum(map(len, written)):
        raise TeacherReplyMalformed(f"it copies the source: {copied[0][:40]!r}")


def check_of_itself(text: str, source: str) -> None:
    """Does nothing where the text does not speak of itself or of its source, but of what that says.

    Raises:
        TeacherReplyMalformed: the words that do.
    """
    if (found := _OF_ITSELF.search(text)) and found[0] not in source:
        raise TeacherReplyMalformed(f"it says what the text is, not what it says: {found[0]!r}")


def check_whole(sentences_in_order: Iterable[str]) -> None:
    """Does nothing where each sentence is whole.

    Raises:
        TeacherReplyMalformed: the end of the first that was cut off.
    """
    if cut := next((one for one in sentences_in_order if not is_whole(one)), ""):
        raise TeacherReplyMalformed(f"a sentence is cut off, be shorter: {cut[-30:]!r}")


def loop(text: str) -> str:
    """A phrase that stands three times in a row, whatever its numbers, or ""."""
    plain = re.sub(r"\s+", " ", re.sub(r"\d+", "0", text)) + " "
    found = (match[1] for match in _LOOP.finditer(plain))
    return next((unit.strip() for unit in found if len(_LETTER.findall(unit)) >= _FEWEST_LETTERS), "")


def uncut(text: str) -> str:
    """The text without a last sentence that was cut off: in Korean before its predicate, in English before its mark."""
    *before, last = sentences(text) or [""]
    cut = not is_whole(last) or bool(re.search(r"[a-z,]$", last))
    return " ".join(before) if cut else text


def is_whole(sentence: str) -> bool:
    """Whether a Korean sentence ends as sentences do: with a predicate, or a noun made of one (늘림, 있음)."""
    end = _HANGUL_END.search(sentence)
    return not end or bool(_PREDICATE.search(sentence)) or (ord(end[0]) - ord("가")) % 28 == 16  # a final ㅁ
