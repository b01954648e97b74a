"""Morphemes of Korean text and the joining of its broken lines, by Kiwi.

Not covered: repair of text that lost its spaces; `spacing` does that.
"""

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from sys import intern
from typing import NamedTuple

from kiwipiepy import Kiwi

# Words on each side of a line end that decide on it: twice as fast as whole lines, and of 2,348 line ends in eight
# documents one was joined otherwise.
_WORDS_AROUND = 4
# Kiwi takes it for an abbreviation's, and then cuts "days." into "d" and "ays.".
_STOP_AFTER_LATIN = re.compile(r"(?<=[A-Za-z])\.(?![A-Za-z0-9])")
_SPELLED = ("SL", "SN", "SH")  # Latin, digits and Chinese characters, as against marks
_GRAMMAR = re.compile(r"E|J|XS[VA]|VX|VC")  # endings, particles, -하다 and -되다, auxiliaries, 이다
_REMEMBERED = 10_000  # texts
_VERBAL = re.compile(r"V|XS[VA]|EP")  # tags of the Sejong set: stems, and endings that stand before the final one


@cache
def _kiwi() -> Kiwi:
    return Kiwi(num_workers=os.cpu_count() or 1)


class _Tokens(NamedTuple):
    """The morphemes of a text that are no marks, lower-cased, and those of them that are stems."""

    morphemes: tuple[str, ...]
    stems: tuple[str, ...]


_recent: dict[str, _Tokens] = {}  # several filters ask for the same texts one after the other


def morphemes(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """The morphemes of each text in order, lower-cased, punctuation left out."""
    return [tokens.morphemes for tokens in _tokens(texts)]


def stems(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """The morphemes of each text that are no particle, ending, copula or auxiliary: 줄였습니다 gives 줄이."""
    return [tokens.stems for tokens in _tokens(texts)]


def _tokens(texts: Iterable[str]) -> list[_Tokens]:
    asked = [_normal(text) for text in texts]
    known = {text: _recent[text] for text in asked if text in _recent}
    new = list(dict.fromkeys(text for text in asked if text not in known))
    for text, found in zip(new, _kiwi().tokenize(new), strict=True):
        spelled = [token for token in found if not token.tag.startswith("S") or token.tag in _SPELLED]
        known[text] = _recent[text] = _Tokens(
            tuple(intern(token.form.lower()) for token in spelled),
            tuple(intern(token.form.lower()) for token in spelled if not _GRAMMAR.match(token.tag)),
        )
    while len(_recent) > _REMEMBERED:
        del _recent[next(iter(_recent))]
    return [known[text] for text in asked]


def tagged(text: str) -> list[tuple[str, str]]:
    """The morphemes of the text in order, each with its tag of the Sejong set; punctuation included."""
    return [(form, tag) for form, tag, _, _ in placed(_normal(text))]


def _normal(text: str) -> str:
    """The text in NFC, with a space between a Latin word and its full stop."""
    return _STOP_AFTER_LATIN.sub(" .", unicodedata.normalize("NFC", text))


def placed(text: str) -> list[tuple[str, str, int, int]]:
    """The morphemes of an NFC text in order: form, tag, where it begins and where it ends; two may share a syllable."""
    return [(token.form, token.tag, token.start, token.end) for token in _kiwi().tokenize(text)]


def ends_sentence(text: str) -> bool:
    """Whether the text ends in a verb or adjective with its final ending: 있다., 예상된다., but not 대출다."""
    written = [(tag, end > start) for _, tag, start, end in placed(unicodedata.normalize("NFC", text))]
    tags = [tag for tag, is_there in written if is_there and not tag.startswith("S")]
    return len(tags) > 1 and tags[-1] == "EF" and bool(_VERBAL.match(tags[-2]))


def join_lines(lines: Sequence[str]) -> str:
    """One line of the given ones; whether a word goes on over a line end is decided by morphology."""
    parts = [part for line in lines if (part := line.strip())]
    joined = parts[0] if parts else ""
    for above, below in pairwise(parts):
        around = [" ".join(above.split()[-_WORDS_AROUND:]), " ".join(below.split()[:_WORDS_AROUND])]
        _, (space, *_) = _kiwi().glue(around, return_space_insertions=True)
        joined += f" {below}" if space else below
    return joined


def written(morphemes_in_order: Sequence[tuple[str, str]]) -> str:
    """The morphemes, each with its tag, as they are written: 하 + 었 + 는가 gives 했는가."""
    return str(_kiwi().join(morphemes_in_order))
