"""Finds what is wrong with glossary entries: merged, cut, without a term, with page furniture or lost characters.

A good entry must not be lost, so a fault is named only where the text proves it.

Not covered: repair; wrong facts; a definition of one sentence cut behind a noun, which looks like one that ends in it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from finsmith.korean.morphemes import tagged

_LONGEST_TERM = 100  # characters; the longest of 1,868 real headwords has 69
_FEWEST, _IN_ORDER = 20, 0.9  # entries, and share of neighbours in order, from which a glossary counts as ordered

# A running head, 가동률 ∙ ㄱ, or a page number, - 12 -, that a parser took for text.
_FURNITURE = re.compile(
    r"(?:(?P<head>\S+) )?[∙•·|│] ?(?:[ㄱ-ㅎ]|ABC)(?:\s[ㄱ-ㅎ])?(?=\s|$)"
    r"|(?:^|(?<=[가-힣.,] ))[-–—] ?\d{1,4} ?[-–—](?=$| [가-힣])"
    r"|(?<!\S)[ㄱ-ㅎ](?=\s(?!자))"
)
_TERM_FURNITURE = re.compile(rf"[∙•·|│]$|\.{{4,}}|…{{2,}}|{_FURNITURE.pattern}")
_LOST = re.compile("[\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")  # private use, or the mark of a failed decoding
_MANY_LOST = 3  # one of private use may be a bullet, a formula has more
_ENOUGH = 15  # letters of a definition that no other has by chance
# A name twice in a row, the second time as the subject of a sentence: 기준금리 기준금리는, 금리스왑 금리스왑(IRS)이란.
_DOUBLED = re.compile(
    r"(?<!\S)(?P<name>\w[^.!?()\[\]]{1,38}?\w)(?:/[^.!?()]{1,38})?(?:\s?\([^()]{1,40}\))?"
    r"\s+(?P=name)(?=\s?\(|이?란\s|[은는이가을를]\s)"
)
# Where a new entry can begin: behind a sentence, a reference, a formula's last number.
_BREAK = re.compile(r"(?:[.?!][”’\"')\]｣」』]*|참조|참고)\s+|[=×+/÷] ?\d+\s+")
_REFERENCE = re.compile(r"[^.,]{1,40}?(?:참조|참고|[를을] 보라)\W*|\W*see(?: also)? [^.,]{1,40}\W?", re.IGNORECASE)
_ENDED = re.compile(r"(?:[.?!。]|[다요음임함됨것]…)[\"'”’)\]」』>]*$")
_SENTENCE, _NO_SENTENCE = 15, re.compile(r"[=:※*⇒→+×▪①-⑳()<>/]")
# Tags of the Sejong set that a text does not end with: particles, connective endings, stems, conjunctions.
_OPEN_TAG = re.compile(r"JK[SCGOB]|JC|EC|ETM|EP|V[VAX]|VC[PN]|XS[VA]|MAJ")


@dataclass(frozen=True)
class Entry:
    """A row of a glossary: headword and definition as clean lines, and names it says are related."""

    headword: str
    definition: str
    related: tuple[str, ...] = ()
    related_goes_on: bool = False  # the cell ends in a comma


@dataclass(frozen=True)
class _Window:
    """Where an entry stands in dictionary order: its own place and those of its neighbours, empty where unknown.

    `first` is the place of the headword's first word.
    """

    before: str = ""
    own: str = ""
    after: str = ""
    first: str = ""


def entry_faults(entries: Sequence[Entry]) -> list[tuple[str, ...]]:
    """What is wrong with each entry, in their order; nothing for a good one. The others of the file are evidence."""
    of_headword = [
        tuple(_headword_faults(entry, before=entries[at - 1] if at else None)) for at, entry in enumerate(entries)
    ]
    sound = [at for at, faults in enumerate(of_headword) if not faults]
    windows = dict(zip(sound, _windows([entries[at].headword for at in sound]), strict=True))
    known = _known_names([entries[at] for at in sound])
    return [
        (
            *of_headword[at],
            *_merged(entry, entries[at + 1 : at + 2], windows.get(at, _Window()), known),
            *_definition_faults(entry),
        )
        for at, entry in enumerate(entries)
    ]


def _windows(headwords: Sequence[str]) -> list[_Window]:
    """The window of each headword; blank ones where the whole is in no order."""
    places = [_order(headword) for headword in headwords]
    ascending = sum(one < two for one, two in pairwise(places))
    if len(places) < _FEWEST or ascending < _IN_ORDER * (len(places) - 1):
        return [_Window()] * len(places)
    return [
        _Window(
            before=next((other for other in reversed(places[max(at - 3, 0) : at]) if other < own), ""),
            own=own,
            after=next((other for other in places[at + 1 : at + 4] if other > own), ""),
            first=_order(headwords[at].partition(" ")[0]),
        )
        for at, own in enumerate(places)
    ]


def _known_names(entries: Iterable[Entry]) -> dict[str, list[str]]:
    """Headwords, related terms and those in running heads, in lists by their first word."""
    names = {name for entry in entries for name in (entry.headword, *entry.related, *_running_heads(entry.definition))}
    known: dict[str, list[str]] = {}
    for name in sorted(names):
        known.setdefault(name.partition(" ")[0], []).append(name)
    return known


def _running_heads(text: str) -> list[str]:
    return [match["head"] for match in _FURNITURE.finditer(text) if match["head"]]


def _headword_faults(entry: Entry, before: Entry | None) -> Iterator[str]:
    term = entry.headword
    if match := _TERM_FURNITURE.search(term):
        yield f"page furniture in the term: {match[0]!r}"
    elif _LOST.search(term):
        yield "lost characters in the term"
    elif not any(letter.isalpha() for letter in term):
        yield "the term has no letter"
    elif len(term) > _LONGEST_TERM:
        yield f"the term has {len(term)} characters"
    elif before and before.related_goes_on:
        yield "the term goes on with the related terms of the row before"
    elif re.search(r"[가-힣]다\.", term) or (len(term.split()) > 2 and _is_open(term, ("EF",))):
        yield "the term is a sentence, or a part of one"


def _definition_faults(entry: Entry) -> Iterator[str]:
    text = entry.definition
    if match := _FURNITURE.search(text):
        yield f"page furniture in the definition: {match[0]!r}"
    if len(lost := _LOST.findall(text)) >= _MANY_LOST or "\ufffd" in lost:
        yield f"lost characters in the definition: {len(lost)} of private use or U+FFFD"
    elif _letters(text) in (_letters(entry.headword), _order(entry.headword)):
        yield "the definition merely repeats the term"
    elif _REFERENCE.fullmatch(text):
        yield "the definition merely refers to another entry"
    elif not _ENDED.search(text) and (_is_open(text) or _loses_its_verb(text)):
        yield f"the definition is cut: it ends in {text[-12:]!r}"


def _is_open(text: str, more: Iterable[str] = ()) -> bool:
    """Whether the text stops in mid-sentence, by its last morpheme; `more` tags count as such."""
    if re.search(r"(?:[,:·(\[‘“]|…|\.{3,})$", text):
        return True
    form, tag = _last_morpheme(text)
    if tag == "JX":
        return form in ("은", "는", "도")  # 3년까지, 이자만 end a phrase
    if tag == "EC" and form.endswith(("지", "냐")):
        return False  # an indirect question: 갚을 수 있는지
    tag = tag.partition("-")[0]
    return bool(_OPEN_TAG.fullmatch(tag)) or tag in more or (form, tag) in (("및", "MAG"), ("수", "NNB"), ("줄", "NNB"))


def _loses_its_verb(text: str) -> bool:
    """Whether a text of full sentences ends in a plain one without a verb; a formula, list or source is none."""
    *sentences, last = re.split(r"(?<=다\.)\s*", text)
    if len(sentences) < 2 or len(last) < _SENTENCE or _NO_SENTENCE.search(last):
        return False
    form, tag = _last_morpheme(last)
    return tag in ("NNG", "NNP", "NNB", "XSN") and form != "등"


def _last_morpheme(text: str) -> tuple[str, str]:
    return (tagged(text[-60:]) or [("", "")])[-1]


def _merged(entry: Entry, following: Sequence[Entry], window: _Window, known: Mapping[str, list[str]]) -> Iterator[str]:
    """The first sign that the definition runs on into another entry, or is another's."""
    text = " ".join(_FURNITURE.sub(" ", entry.definition).split())
    own = {_letters(part) for part in (entry.headword, *re.split(r"[/(),;:]", entry.headword))}
    doubled = (match for match in _DOUBLED.finditer(text) if _letters(match["name"]) not in own)
    if match := next(doubled, None):
        yield _run_on(match["name"], at_begin=match.start() == 0)
    elif following and len(begin := _begin(following[0])) > _ENOUGH and begin in _letters(text):
        yield _run_on(following[0].headword, at_begin=False)
    elif window.own and (fault := _out_of_order(text, window, known)):
        yield fault


def _out_of_order(text: str, window: _Window, known: Mapping[str, list[str]]) -> str:
    """A sentence that begins with a name which, in dictionary order, stands between two neighbours."""
    name = _known_at(text, known)
    if window.before < _order(name) < window.own and not window.own.startswith(_order(name)):
        return _run_on(name, at_begin=True)
    for match in _BREAK.finditer(text):
        rest = text[match.end() :]
        name = _known_at(rest, known) or _new_name(text[: match.start()], rest)
        if window.own < _order(name) < window.after and not _order(name).startswith((window.own, window.first)):
            return _run_on(name, at_begin=False)
    return ""


def _begin(entry: Entry) -> str:
    """The headword and the begin of its definition, letters only."""
    return _letters(entry.headword) + _letters(entry.definition)[:_ENOUGH]


def _known_at(text: str, known: Mapping[str, list[str]]) -> str:
    """The longest known name that the text begins with, a blank behind it."""
    names = known.get(text.partition(" ")[0], [])
    return max((name for name in names if text.startswith(f"{name} ")), key=len, default="")


def _new_name(before: str, rest: str) -> str:
    """The word that `rest` begins with, if it is of nouns alone, new here, and comes up again or has a short form."""
    word = rest.partition(" ")[0]
    name = word.partition("(")[0]
    again = word.endswith(")") or name in rest[len(word) :].replace(" ", "")
    if len(_letters(name)) < 2 or not again or name in before.replace(" ", ""):
        return ""
    return name if all(tag[0] == "N" or tag in ("XSN", "XR", "SL", "SN") for _, tag in tagged(name)) else ""


def _run_on(name: str, at_begin: bool) -> str:
    return f"the definition is that of {name!r}" if at_begin else f"the definition runs on into the entry {name!r}"


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


def _order(name: str) -> str:
    """The name's place in dictionary order: without what stands in parentheses."""
    return _letters(re.sub(r"\([^()]*\)", "", name))
