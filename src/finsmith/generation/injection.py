"""Recognises a passage that speaks to a language model: orders, pleas and chat marks meant for a reader that is one.

Documents about AI, and orders to employees or to people in an exam, are no such thing. What tells them apart stands in
`injection_signals.py`. Not covered: an order that none of its sentences shows by its words, a third language, Chinese
characters, code other than base64, and text in an image.
"""

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Iterator, Sequence

from finsmith.korean.morphemes import placed

from .injection_signals import AMONG_ORDERS, ENOUGH, MARKS, SIGNALS, SPEAKS, SPOKEN, SPOKEN_SQUEEZED, WORDS, Signal

_EXCERPT_CHARS = 80
_INVISIBLE = re.compile(
    "[\u00ad\u0300-\u036f\u115f\u1160\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff]"
)
# Letters of other scripts that look Latin, and the invisible tag characters that spell ASCII.
_DISGUISED = str.maketrans("аеіорсухѕАЕІОРСТХ", "aeiopcyxsAEIOPCTX") | {0xE0000 + c: chr(c) for c in range(32, 127)}
_SPACED_OUT = re.compile(r"(?<![^\W_])(?:[^\W\d_][\s.,·_*/-]{1,2}){2,}[^\W\d_](?![^\W_])")
_SENTENCE = re.compile(  # a line goes on in the next one unless that opens with a mark, a number or an empty line
    r"\S(?:[^.!?\n]|[.!?](?![)\]’”]*\s)|\n(?!\s*(?:[^\w\s‘“\"'「]|\n|\d|제\d|[가-하]\.)))*[.!?]*[)\]’”]*"
)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_QUOTED = re.compile(r"[‘“\"「『《][^‘’“”\"「」『』《》]*[’”\"」』》]|(?<!\w)'[^']*'")
_CALLED_ATTACK = re.compile(
    "공격|수법|사기|사칭|악성|악의|인젝션|주입|탈옥|탐지|차단|신고|의심|유도|해커|속이|적발|attack|inject|malicious|phish"
    "|^(?:이?라)?(?:는|고|처럼) ?(?:말|부르|입력|묻|물|답하)",
    re.I,
)
_ORDER_END = re.compile(r"(?:라|시오|세요|요|줘|해|마|렴|자|게|것|바람|바랍니다|요망)[^가-힣\w]*$")
_HANGUL = re.compile("[가-힣]")
_ENGLISH_WORD = re.compile(r"\w+|[^\w\s]")
_ORDER_FORM = re.compile(
    r"(?:어|아|거|너|여|으)?라|(?:ᆸ|십)?시오|오|(?:으)?세요|어|아|어요|아요|(?:으)?렴|려무나|다오|자|게"
)


def instructions_to_model(text: str) -> str:
    """The class of signal and the words that show it, at most 80 characters of them; "" where there is none.

    A quoted order that the words around it call an attack or a fraud passes. All else that sounds like an order to a
    model is a hit even where it may only be told of: a passage set aside is one less, one let through spoils its rows.
    """
    flat = plain(text)
    for name, begin, end in _hits(_QUOTED.sub(_blank_if_reported, flat)):
        return f'{name}: "{" ".join(flat[begin:end].split())[:_EXCERPT_CHARS].strip()}"'
    for code in _BASE64.findall(flat):
        if inner := instructions_to_model(_decoded(code)):
            return f'{inner.partition(":")[0]}, in base64: "{code[:_EXCERPT_CHARS]}"'
    return ""


def plain(text: str) -> str:
    """The text as it is compared: NFKC without invisible and disguised characters, spaced-out letters joined."""
    shown = html.unescape(text) if "&" in text else text
    shown = _INVISIBLE.sub("", unicodedata.normalize("NFKD", shown).translate(_DISGUISED))
    joined = _SPACED_OUT.sub(lambda run: re.sub(r"[\s.,·_*/-]+", "", run[0]), unicodedata.normalize("NFKC", shown))
    return unicodedata.normalize("NFKC", joined)


def _hits(flat: str) -> Iterator[tuple[str, int, int]]:
    """Name and place of each hit: first the marks, then the sentences that have points enough."""
    for name, mark in _MARKS:
        if found := mark.search(flat):
            yield name, *found.span()
    sentences = [found.span() for found in _SENTENCE.finditer(flat)]
    are_orders = [bool(_ORDER_END.search(flat, max(begin, end - 20), end)) for begin, end in sentences]
    for (begin, end), is_order in zip(sentences, are_orders, strict=True):
        places: Sequence[int] = range(begin, end)
        if not SPOKEN.search(flat[begin:end]):
            places = [place for place in places if not flat[place].isspace()]
            if not SPOKEN_SQUEEZED.search("".join(flat[place] for place in places)):
                continue
        is_manual = 2 * (sum(are_orders) - is_order) > len(sentences) - 1
        spelled, origins = _spelled("".join(flat[place] for place in places))
        if found_there := _judged(spelled, AMONG_ORDERS if is_manual else 0):
            name, first, last = found_there
            yield name, places[origins[first][0]], places[origins[last - 1][1] - 1] + 1


def _judged(spelled: str, points: int) -> tuple[str, int, int] | None:
    """The name of the strongest signal and the place of all named ones, or None where the points do not reach."""
    named: list[tuple[bool, int, str, int, int]] = []
    speaks = False
    for signal, needs in _SIGNALS:
        spans = [found.span() for need in needs if (found := need.search(spelled))]
        if len(spans) == len(needs):
            points += signal.points
            speaks = speaks or signal.name in SPEAKS
            if signal.name:
                rank = (signal.name != SPEAKS[0], signal.points)  # that it is an order says less than what it orders
                named.append((*rank, signal.name, min(spans)[0], max(end for _, end in spans)))
    if not speaks or points < ENOUGH:
        return None
    return max(named)[2], min(first for *_, first, _ in named), max(last for *_, last in named)


def _spelled(sentence: str) -> tuple[str, list[tuple[int, int]]]:
    """The morphemes, a space before each, and for each character from where to where its morpheme stands."""
    if _HANGUL.search(sentence):
        tokens = [token for token in placed(sentence) if token[0] not in ("시", "으시") or token[1] != "EP"]
    else:
        tokens = [(word[0], "SL", *word.span()) for word in _ENGLISH_WORD.finditer(sentence)]
        tokens.insert(0, (".", "SF", 0, 0))  # an English order is known by what stands before it
    spelled, origins = "", list[tuple[int, int]]()
    for at, (form, tag, begin, end) in enumerate(tokens):
        before = "".join(form for form, *_ in tokens[max(0, at - 3) : at])
        after = tokens[at + 1][1] if at + 1 < len(tokens) else "SF"
        order = "!" if _is_order(form, tag, before, after) else ""
        piece = f" {form.lower().replace('!', '.')}{order}{'@' if tag == 'NP' else ''}"
        spelled += piece
        origins += [(begin, max(end, begin + 1))] * len(piece)
    return spelled, origins


def _is_order(form: str, tag: str, before: str, after: str) -> bool:
    """Whether the morpheme ends an order or a plea: 하라, 하십시오, 할 것, 바랍니다, 주시면 감사하겠습니다."""
    if tag == "EF":
        return bool(_ORDER_FORM.fullmatch(form))
    if form in ("라", "어라"):
        return tag == "EC" and after.startswith("S") and not before.endswith("아니")
    if form == "것":
        return before.endswith(("ᆯ", "을")) and after.startswith("S")
    if form == "겠":
        return bool(re.search("감사하|고맙|좋|주$", before))
    return form in ("바라", "바람", "요망", "부탁", "청하") or (form == "하" and before.endswith("었으면"))


def _blank_if_reported(quoted: re.Match[str]) -> str:
    """Spaces for a quotation that the words around it call an attack; else the quotation."""
    begin, end = quoted.span()
    around = quoted.string[max(0, begin - 60) : begin], quoted.string[end : end + 60]
    return " " * (end - begin) if any(_CALLED_ATTACK.search(words) for words in around) else quoted[0]


def _decoded(code: str) -> str:
    """What the base64 says, or "" where it says nothing readable."""
    try:
        said = base64.b64decode(code + "=" * (-len(code) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return said if said.isprintable() else ""


def _compiled(pattern: str) -> re.Pattern[str]:
    """The pattern over what `_spelled` gives: classes stand for their words, a space may be missing."""
    while (named := re.sub("[A-Z][A-Z_]{2,}", lambda name: _bound(WORDS[name[0]]), pattern)) != pattern:
        pattern = named
    return re.compile(_bound(re.sub(r"(?<!\^) (?!\?)", " ?", pattern).replace("~", ".{0,40}?")))


def _bound(words: str) -> str:
    """The words as whole morphemes."""
    return rf"(?<![^ ])(?:{words})(?![^ !@.])"


_MARKS = [(name, re.compile(mark, re.I | re.M | re.S)) for name, mark in MARKS]
_SIGNALS: list[tuple[Signal, list[re.Pattern[str]]]] = [
    (signal, [_compiled(need) for need in signal.needs.split(" & ")]) for signal in SIGNALS
]
