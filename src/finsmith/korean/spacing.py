"""Word spaces of Korean text: whether a text has lost them, and putting them back by morphology.

Not covered: spaces inside words; and spaces that stood between figures or Latin words, which stay lost.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from .morphemes import placed

_HANGUL_RUN = re.compile(r"[가-힣]+")
# Korean words of 12 syllables are rare. Pages in order have up to 7 % of their syllables in such runs, pages that lost
# their spaces 30 % and more (measured on eight public documents).
_LONG_RUN = 12
_LONG_RUN_SHARE = 0.1

# Tags of the Sejong set.
_BEGINS_WORD = re.compile(r"N|M|V[VAX]|VCN|X[RP]|S[NLH]|W")
_QUOTES = "“‘「｢"
_TAKES_NEXT = frozenset({"XPN", "SN", "SSO"})  # prefix, figure, opening bracket
_BETWEEN = re.compile(r"[·ㆍ･∙‧・․/~-]")
_NOUNS = frozenset({"NNG", "NNP", "XSN"})
# Nouns that hardly ever begin a compound (13 of 585 times in twelve documents).
_ALONE = frozenset(
    ["경우", "이후", "해당", "일부", "신규", "향후", "이상", "최근", "주요", "기존", "다음", "이번", "여타", "올해"]
)

_NUMBER = r"제?\d+(?:[.,/:~-]\d+)*"
_UNIT = (
    r"%(?:p|포인트)|[십백천만억조]*(?:원|달러|엔|유로|위안|포인트|분기|개월|영업일"
    r"|[년월일시분초주개명인회차위배호건항장절편관목])?(?:의(?=\d))?"
)
# What no space goes into; a text may be within several of these.
_WHOLE = (
    re.compile(rf"(?:{_NUMBER}(?:{_UNIT}))+"),  # figures with their units: 1조2천억원, 제3조의2제1항
    re.compile(r"\[[가-힣]+\]"),  # labels of what was masked
    re.compile(r"[!-~]+"),  # ASCII: 3/4, ETF, e-mail addresses, URLs
    re.compile(r"[(\[{<〈《「｢『【“‘]+.", re.DOTALL),
    re.compile(r".[)\]}>〉》」｣』】”’]+", re.DOTALL),
)


def lost_spaces(text: str) -> bool:
    """Whether too much of the text's Hangul stands in runs no Korean word is as long as."""
    runs = [len(run) for run in _HANGUL_RUN.findall(text)]
    return sum(run for run in runs if run >= _LONG_RUN) > _LONG_RUN_SHARE * sum(runs)


def restore_spaces(text: str) -> str:
    """The text with a space before each word; its own spaces stay, figures with their units and brackets stay whole."""
    while (spaced := _spaced(text)) != text:  # a space may change what the words beside it are
        text = spaced
    return text


def _spaced(text: str) -> str:
    whole = [match.span() for pattern in _WHOLE for match in pattern.finditer(text)]
    inside = {at for begin, end in whole for at in range(begin + 1, end)}
    borders = sorted({0, *_word_begins(text), len(text)} - inside)
    return " ".join(text[begin:end] for begin, end in pairwise(borders))


def _word_begins(text: str) -> Iterator[int]:
    """Where words begin that no space stands before."""
    nouns = 0  # where the noun at hand begins
    written = [morpheme for morpheme in placed(text) if morpheme[3] > morpheme[2]]
    for (form, tag, _, end), (next_form, next_tag, start, _) in pairwise(written):
        if tag not in _NOUNS or start != end:
            nouns = start
        if start < end or text[start - 1].isspace():  # two morphemes in one syllable, or a space
            continue
        # Two nouns are a space apart or one compound; after one of two syllables the compound is likelier (65 %).
        compound = tag in _NOUNS and next_tag in _NOUNS and start - nouns == 2 and form not in _ALONE
        joined = tag in _TAKES_NEXT or _BETWEEN.match(form) or (next_tag, next_form) == ("VX", "지") or compound
        if not joined and (_BEGINS_WORD.match(next_tag) or next_form in _QUOTES):
            nouns = start
            yield start
