"""Reads from a generated answer which choice it names, Korean or English, by letter, number or text.

What it says the answer is (정답은 ②, B가 맞습니다, "answer": "C") goes before a letter at the begin of a line, and that
before any single mention. What is denied (A가 아니라 B) is no mention. A reply that names none, or several, or a letter
with the text of another choice, is read as none: nothing is guessed. Turns that a model adds of its own (### 질문) are
not read. Not covered: choices told in other words.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_JAMO = unicodedata.normalize("NFKC", "ㄱㄴㄷㄹㅁ")  # as they stand in the normalised reply
_HANGUL = f"가나다라마{_JAMO}"
_LABELS = [f"{at + 1}{'ABCDE'[at]}{'abcde'[at]}{_HANGUL[at]}{_HANGUL[at + 5]}" for at in range(5)]
_PLACES = {mark: at for at, marks in enumerate(_LABELS) for mark in marks}
_RINGED = ("①❶➀Ⓐⓐ㉮㉠", "②❷➁Ⓑⓑ㉯㉡", "③❸➂Ⓒⓒ㉰㉢", "④❹➃Ⓓⓓ㉱㉣", "⑤❺➄Ⓔⓔ㉲㉤")
_RINGS = str.maketrans({mark: f"⟦{at + 1}⟧" for at, marks in enumerate(_RINGED) for mark in marks})
_MARKUP = re.compile(
    r"<think>.*?(?:</think>|\Z)|(?<=\S)\s*^#+\s*(?:질문|답변)\s*$.*|[*`$]+|</?answer>|^#+|\\(?:boxed|text|textbf|mathrm)(?=\{)",
    re.S | re.M,
)

_OPEN, _CLOSE = r"\"'“‘(\[{<「『【⟦", r"\"'”’)\]}>」』】⟧"
_COPULA = r"(?:입니다|이다|이에요|이예요|예요|이야|이고|이며|임|이라고|라고)"
# What stands after a letter that is a label; 사, 등급 or + do not, nor does "A bank".
_ENDS = rf"(?=\s*(?:\Z|\n)|\s*[.,:;!?(|{_CLOSE}](?![A-Za-z0-9])|\s+[-–—=→/]\s|\s?번?{_COPULA}(?![가-힣])|번(?![가-힣]))"
_LISTED = (
    r"(?=\s*(?:,|/(?=\s?[A-E](?![A-Za-z0-9]))|·|또는|혹은|및|or\b|and\b|vs)|(?:와|과|이나)(?![가-힣])"
    r"|\s*(?:모두|둘\s?다)|\s+[A-E](?![A-Za-z0-9]))"
)
_PARTICLE = r"(?=\s?번?\s?(?:은|는|이|가|을|를|로|으로|도|만|의)(?![가-힣])|\s+is\b)"
_ALONE = r"(?<![A-Za-z0-9&+.'-])"
_NUMBER = r"(?P<number>[1-5])\s?번"
_STRONG = re.compile(
    rf"⟦(?P<ringed>[1-5])⟧|[(\[{{<「【]\s?(?P<bracketed>[A-E])\s?[)\]}}>」】]"
    rf"|(?<![\d.,]){_NUMBER}(?:{_ENDS}|{_LISTED}|(?=\s?(?:은|는|이|을|를|으로)(?![가-힣])|\s*(?:보기|선택지|선지)))"
)
_BARE = re.compile(rf"{_ALONE}(?P<letter>[A-E])(?:{_ENDS}|{_LISTED}|{_PARTICLE})")
_TOLD = re.compile(  # after words that announce the answer
    rf"(?P<letter>[A-Ea-e])(?:{_ENDS}|{_LISTED}|{_PARTICLE}|(?=\s+(?:because|since)\b))|(?P<number>[1-5])(?:\s?번|{_ENDS}(?!\s*[.,]\d)|{_LISTED})"
    rf"|(?P<hangul>[{_HANGUL}])(?:\s?번)?(?:{_ENDS}|{_LISTED})"
)
_LINE = re.compile(  # at the begin of a line
    rf"^[\s{_OPEN}>#•-]*(?:보기|선택지|선지|option|choice)?\s*:?\s*(?P<label>{_ALONE}[A-E](?:{_ENDS}|{_LISTED})|[a-e](?=[.)]\s)"
    rf"|[1-5]\s?번{_ENDS}|(?<=⟦)[1-5](?=⟧))",
    re.M | re.I,
)
_WHOLE = re.compile(rf"[\s{_OPEN}]*(?P<label>[A-Ea-e1-5{_HANGUL}])(?:\s?번)?[\s.{_CLOSE}]*")

_FILLER = (
    rf"(?:[\s{_OPEN}:=>→-]|\b(?:is|option|choice|number|letter|be|would|should)\b"
    r"|보기|선택지|선지|바로|중에서|중\s|번호|아마도?|결국|역시)*"
)
_MARKER = (
    r"(?:(?<![가-힣])(?:정답|해답|답안|답변|답|선택)(?:\s?번호)?|(?:것|보기|선택지|선지|용어|항목)(?=은|는))"
    r"(?:은|는|이|가|으로는|로는)?(?:\s*(?:다음|아래)과?와? 같습니다)?"
    r"|\b(?:answer|(?:correct|right|best) (?:option|choice))\b"
    r"|\bI(?:'d| would|'ll| will)? (?:choose|pick|select|go with)|\bit(?:'s| is)\b"
)
_ANNOUNCED = re.compile(rf"(?:{_MARKER})[{_CLOSE}]*{_FILLER}", re.I)
_FINALLY = re.compile(rf"(?:최종\s*(?:{_MARKER})|final\s+(?:{_MARKER}|choice))[{_CLOSE}]*{_FILLER}", re.I)
_JOINED = re.compile(
    rf"(?:\s?번)?[^\S\n.):{_CLOSE}]*[.):{_CLOSE}]*[^\S\n]*(?:(?P<list>,|/|·|와|과|이나|도|및|또는|혹은|or\b|and\b)|[-–—:])?[^\S\n{_OPEN}]*"
)
_VERDICT = re.compile(
    rf"[\s{_CLOSE}]*번?(?:이|가|을|를|로|으로|은|는)?\s*(?:가장\s*)?(?:정답|답(?:이|입|으로)|맞|옳|올바|적절|적합|알맞|타당|고르|고릅|골라|선택)"
    r"|[\s)]*번?이?라고\s*(?:생각|봅|보입|판단|답)"
    r"|[\s)]*is (?:the )?(?:most )?(?:correct|right|best|appropriate|answer)",
    re.I,
)
_DENIED = re.compile(
    rf"[\s{_CLOSE}]*번?(?:이|가|은|는|도|만|을|를)?\s*(?:정답|답|설명|보기|선택지|내용)?(?:이|가|은|는|도|으로|로)?\s*"
    r"(?:가장\s*|모두\s*|전혀\s*)?"
    r"(?:아니|아닌|아닙|아님|틀리|틀린|틀렸|오답"
    r"|옳지|맞지|적절하지|적합하지|알맞지|올바르지|해당하지|해당되지|제외|[될일] 수 없)"
    r"[가-힣]*(?:\s않[가-힣]+)?[,.]?"
    r"|\s+(?:is|are)(?:\s+not|n't)\s?(?:the )?(?:correct|right|answer)*|\s+(?:is|are)\s+(?:wrong|incorrect|false)",
    re.I,
)
_DENYING = re.compile(r"\b(?:not|nor|neither)\s+(?:option\s+)?[\W]*\Z", re.I)
# What may follow a choice's text without making another word of it.
_AFTER_TEXT = (
    r"(?!\.?\d)(?=\Z|[^\w]|(?:은|는|이|가|을|를|의|에|로|와|과|도|만|나|및|임|인|번)(?![가-힣])"
    r"|(?:입니|이다|이며|이고|이라|라고|라는|이므|이에|예요|이었|였|으로|에서|에게|이나|부터|까지))"
)


class _Mention(NamedTuple):
    """A choice named in a reply; `is_sure` where no other word could be meant."""

    start: int
    end: int
    place: int
    is_sure: bool


def read_choice(reply: str, choices: Sequence[str]) -> int | None:
    """The index of the one choice that a reply names, else None."""
    texts = [_pattern(_plain(choice)) for choice in choices]
    text = _without_denied(_plain(reply).strip(), texts)
    if whole := _WHOLE.fullmatch(text):
        named = {_PLACES[whole["label"]], *(one.place for one in _texts(text, texts))}
    else:
        named = next(filter(None, _readings(text, texts)), set())
    return named.pop() if len(named) == 1 and max(named) < len(choices) else None


def _readings(text: str, texts: Sequence[re.Pattern[str]]) -> Iterator[set[int]]:
    """What the reply names, by the surest way to read it first."""
    mentions = _mentions(text, texts)
    yield _announced(_FINALLY, text, mentions)
    judged = {one.place for one in mentions if _VERDICT.match(text, one.end)}
    yield _announced(_ANNOUNCED, text, mentions) | judged
    lines = [_Mention(m.start("label"), m.end("label"), _PLACES[m["label"][0]], True) for m in _LINE.finditer(text)]
    yield set().union(*(_chain(line, text, mentions) for line in lines))
    yield {one.place for one in mentions if one.is_sure}


def _announced(marker: re.Pattern[str], text: str, mentions: Sequence[_Mention]) -> set[int]:
    """Places of what stands right after the marker, and of what is joined to it."""
    found: set[int] = set()
    for words in marker.finditer(text):
        at = words.end()
        if told := _TOLD.match(text, at):
            found |= _chain(_Mention(at, told.end(), _place(told), True), text, mentions)
            found |= _listed_below(text, at)
        for one in mentions:
            if one.start <= at < one.end and one.is_sure:
                found |= _chain(one, text, mentions)
    return found


def _listed_below(text: str, at: int) -> set[int]:
    """Places of the lines that follow without a gap, each with a label, where `at` begins a line: a list of choices."""
    places: set[int] = set()
    line = _LINE.search(text, text.rfind("\n", 0, at) + 1)
    while line and line.start("label") == at:
        places.add(_PLACES[line["label"][0]])
        below = text.find("\n", at) + 1
        line = _LINE.match(text, below) if below else None
        at = line.start("label") if line else -1
    return places


def _chain(first: _Mention, text: str, mentions: Sequence[_Mention]) -> set[int]:
    """Its place, and those of the mentions that follow it at once: its text, or others of a list."""
    places, joined = {first.place}, _JOINED.match(text, first.end)
    while joined:
        at = next((one for one in mentions if joined.start() <= one.start <= joined.end()), None)
        told = _TOLD.match(text, joined.end()) if joined["list"] else None
        if at:
            places.add(at.place)
        elif told:
            places.add(_place(told))
        end = at.end if at else told.end() if told else None
        joined = _JOINED.match(text, end) if end else None
    return places


def _mentions(text: str, texts: Sequence[re.Pattern[str]]) -> list[_Mention]:
    labels = [_Mention(m.start(), m.end(), _place(m), True) for m in _STRONG.finditer(text)]
    labels += [_Mention(m.start(), m.end(), _place(m), False) for m in _BARE.finditer(text)]
    return sorted([*labels, *_texts(text, texts)])


def _texts(text: str, texts: Sequence[re.Pattern[str]]) -> list[_Mention]:
    """Choices by their texts; one inside a longer one is not meant."""
    found = [_Mention(m.start(), m.end(), at, True) for at, one in enumerate(texts) for m in one.finditer(text)]
    inside = [
        a for a in found for b in found if a is not b and b.start <= a.start and a.end <= b.end and a[:2] != b[:2]
    ]
    return [one for one in found if one not in inside]


def _without_denied(text: str, texts: Sequence[re.Pattern[str]]) -> str:
    """The text with blanks for what it says is not the answer, lists included."""
    ends: dict[_Mention, int] = {}
    for one in reversed(_mentions(text, texts)):
        denied, joined = _DENIED.match(text, one.end), _JOINED.match(text, one.end)
        if denied or _DENYING.search(text, 0, one.start):
            ends[one] = denied.end() if denied else one.end
        elif joined and any(one.end <= other.start <= joined.end() for other in ends):
            ends[one] = joined.end()
    for one, end in ends.items():
        text = text[: one.start] + " " * (end - one.start) + text[end:]
    return text


def _plain(text: str) -> str:
    return _MARKUP.sub("", unicodedata.normalize("NFKC", text.translate(_RINGS)))


def _pattern(choice: str) -> re.Pattern[str]:
    """Finds a choice's text as words of its own, whatever its spaces and capitals."""
    letters = r"\s*".join(map(re.escape, re.sub(r"\s", "", choice).rstrip(".")))
    return re.compile(rf"(?<![\w.]){letters}{_AFTER_TEXT}" if letters else r"(?!)", re.IGNORECASE)


def _place(match: re.Match[str]) -> int:
    return _PLACES[next(value for value in match.groupdict().values() if value)]
