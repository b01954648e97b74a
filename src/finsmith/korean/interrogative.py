"""Turns a Korean statement into the question that a part of it answers: its amounts, who acts, what is acted upon.

Not covered: statements of several sentences, that end in a noun, or that lean on what stands before; they give no
question. A question may still be clumsy where the statement has several clauses.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .morphemes import placed, written
from .particles import final_sound

_SCALED = r"\s?(?:[천백십]*[조억만]|[천백십])"
_FIGURES = rf"\d+(?:[.,]\d+)*(?:{_SCALED}(?:\s?\d+(?:,\d+)*(?={_SCALED}))?)*\s?"
_UNITS = (
    "%p|%포인트|%|퍼센트|bp|원|달러|엔|유로|개월|영업일|일|년|시간|주|건|명|회|점|배|단계|등급|개국|개사|개|곳|세|종"
    "|차례|번"
)
# Not a part of a longer number or of a range, no article, and no "for each".
_QUANTITY = re.compile(
    rf"(?<![\d.,제~∼〜\-–−+△▲])(?<![조억만천] ){_FIGURES}(?:{_UNITS})간?(?!당|마다|물|\s?[~∼〜–-]\s?\d|[가-힣]?[\d(])"
)
_BRACKETS = re.compile(r"[(\[][^)\]]*[)\]]")
_DATE = re.compile(r"(?:(?:19|20)|['’‘])\d\d년|\d\d년(?=\s?\d+(?:월|분기))|\d+월(?!간)(?:\s?\d+일)?|\d+분기")
_MONEY = re.compile(r"(?:원|달러|엔|유로)$")
# A particle after a consonant, and what it is after 얼마.
_AFTER_VOWEL = {"으로": "로", "을": "를", "은": "는", "과": "와", "이나 ": "나 ", "이 ": "가 "}
# The last syllables of nouns for people, and for bodies that act; 이자, 확인, 자원 and 시행 are neither.
_PEOPLE = re.compile(
    r"(?<![이투출융증감적흑문전숫일하격한종소합외내])자$|(?<![확승할원요기부공날유도자라코법색])인$|(?:[직임위의사회]|감독|상담|연구|조사|심사|감사)원$"
    r"|(?:은행|행|실|부|팀|처|청|점|위원|의|이사|본부|사|국|소|센터|단|조합|관|회)장$|(?:심사|상담|감사|운용|관리)역$"
    r"|고객$|이사$|(?:회계|변호|계리|세무|설계|중개|감정평가)사$|(?:감독|검사|조사|심사)관$"
)
_BODIES = re.compile(
    r"(?:위원|이사|총|협의|협|연합)회$|은행$|(?:공|회|보험|증권|카드|운용|신탁|금융|계열|자회|판매|시행|시공|수탁|캐피탈)사$"
    r"|공단$|[재집]단$|조합$|센터$|본부$|당국$|정부$|법[인원]$|기업$|기관$|부서$|점포$|[업지]점$|금고$|거래소$|팀$|(?:감독|연구)원$"
    r"|[가-힣](?<![일전여내외잔거첨납교송할담보장기명])부$|(?:감사|비서|기획|법무|관리)실$|(?:국세|관세|경찰|검찰)청$|(?:금융|공정|금감)위$"
)
_NOUN = re.compile(r"N|XSN|XPN|SL|SN|XR|SP")
_BARE = frozenset({"NP", "NNB", "SN"})  # what is no answer by itself: pronouns, bound nouns, numbers
# What ties a noun phrase to what stands before it.
_TIES = frozenset({"MM", "JKG", "ETM", "JC", "MAJ", "SW"})
_CONNECTIVE = re.compile(r"^(?:다만|그러나|또한|한편|아울러|그리고|따라서|반면|특히)[,\s]\s*")
_LEANS = re.compile(
    r"^(?:이|그|동|위|해당|상기) |^(?:이는|이를|이에|이때|이러한|그러한|전항|제\d+항)"
    r"|이 경우|다음 각|(?:다음|아래)와 같|(?<!조)(?<!조 )제\d+[항호]"
)


Token = tuple[str, str, int, int]  # form, tag, begin and end


class Asked(NamedTuple):
    """A part of a statement, and the question that it answers."""

    answer: str
    question: str


def questions_of(statement: str) -> list[Asked]:
    """What can be asked of the statement: first by its amounts, then by who acts and what is acted upon."""
    return [*about_amounts(statement), *about_nouns(statement)]


def about_amounts(statement: str) -> list[Asked]:
    """By each amount with a unit that stands there once, no date: 6개월간 정지한다. gives 몇 개월간 정지하는가?"""
    spans = [match.span() for pattern in (_DATE, _BRACKETS) for match in pattern.finditer(statement)]
    found = []
    for match in _QUANTITY.finditer(statement):
        within = any(begin <= match.start() < end for begin, end in spans)
        if not within and statement.count(match[0]) == 1:
            after = statement[match.end() :]
            asked = _how_much(match[0], after)
            found.append(Asked(match[0].strip(), as_question(statement[: match.start()] + asked)))
    return [one for one in found if one.question]


def _how_much(quantity: str, after: str) -> str:
    """The interrogative for an amount, and the rest of the statement with the particle that fits it."""
    if not _MONEY.search(quantity):
        unit = re.sub(_FIGURES, "", quantity, count=1)
        return f"며칠{unit[1:]}{after}" if unit in ("일", "일간") else f"몇 {unit}{after}"
    for long, short in _AFTER_VOWEL.items():
        if after.startswith(long):
            return f"얼마{short}{after[len(long) :]}"
    tags = [tag for _, tag, _, _ in placed(after)][:2] if after.startswith(" ") else []
    acted = tags[:1] == ["VV"] or (tags[:1] == ["NNG"] and tags[1:] == ["XSV"])
    return f"얼마{'나' if acted else ''}{after}"


def about_nouns(statement: str) -> list[Asked]:
    """By the acting subject that begins the statement, and by its objects: 위원회가 승인한다. gives 누가 승인하는가?"""
    statement = _CONNECTIVE.sub("", statement)
    tokens = placed(statement)
    found = []
    for noun, particle, start, end in _noun_phrases(statement, tokens):
        if particle in ("을", "를"):
            interrogative = "누구를" if _PEOPLE.search(noun) else "무엇을"
        elif start == 0 and (_PEOPLE.search(noun) or _BODIES.search(noun)) and _acts(particle, tokens):
            interrogative = "누가"
        else:
            continue
        question = as_question(statement[:start] + interrogative + statement[end:])
        if question and 2 <= len(noun) <= 20 and statement.count(noun) == 1:
            found.append(Asked(noun, question))
    return found


def _acts(particle: str, tokens: Sequence[Token]) -> bool:
    """Whether the noun that begins the statement is the subject of its last verb.

    With 이 or 가 it is, unless of a clause before a noun. With 은 or 는 it need not be: only where that verb has an
    object, and there is no other subject or topic.
    """
    tags = [tag for _, tag, _, _ in tokens]
    topics = sum(
        form in ("은", "는") and tag == "JX" and tags[at - 1].startswith("N")
        for at, (form, tag, _, _) in enumerate(tokens)
    )
    if tags.count("JKS") + topics > 1:
        return False
    endings = [at for at, tag in enumerate(tags) if tag in ("EC", "EF", "ETM", "ETN") and not _is_auxiliary(tokens, at)]
    if particle in ("이", "가"):
        return [tags[at] for at in endings[:1]] in (["EC"], ["EF"])
    if "JKO" not in tags:
        return False
    last = len(tags) - tags[::-1].index("JKO")
    return all(tags[at] == "EF" for at in endings if at >= last)


def _is_auxiliary(tokens: Sequence[Token], at: int) -> bool:
    """Whether the ending at that place only joins a verb to its auxiliary: 할 수 있다, 하여야 한다."""
    return any(form == "수" or tag in ("VX", "JX") for form, tag, _, _ in tokens[at + 1 : at + 2])


def _noun_phrases(statement: str, tokens: Sequence[Token]) -> Iterator[tuple[str, str, int, int]]:
    """Noun phrases that nothing modifies, each with its particle, where it begins and where the particle ends."""
    for at, (form, tag, start, end) in enumerate(tokens):
        if form not in ("은", "는", "이", "가", "을", "를") or not tag.startswith("J"):
            continue
        first = at
        while first and _NOUN.match(tokens[first - 1][1]) and tokens[first - 1][0] not in ",:":
            first -= 1
        tags = {tag for _, tag, _, _ in tokens[first:at]}
        light = tokens[at + 1 : at + 2] and tokens[at + 1][:2] == ("하", "VV")  # 등록을 한다: the noun is the verb
        if tags and not tags & _BARE and not light and _stands_free(statement, tokens, first):
            yield statement[tokens[first][2] : start], form, tokens[first][2], end


def _stands_free(statement: str, tokens: Sequence[Token], first: int) -> bool:
    """Whether a phrase is neither modified nor a part of a list by what stands before it."""
    if not first:
        return True
    form, tag, _, _ = tokens[first - 1]
    listed = form == "," and first > 1 and bool(_NOUN.match(tokens[first - 2][1]))
    return tag not in _TIES and form != "및" and not listed and statement[tokens[first][2] - 1] == " "


def as_question(statement: str) -> str:
    """The statement with a question's ending, or "" where it is no statement that stands alone: 한다. gives 하는가?"""
    statement = _CONNECTIVE.sub("", statement)
    if _LEANS.search(statement) or any(statement.count(a) != statement.count(b) for a, b in ("()", "[]", "「」", "“”")):
        return ""
    tokens = placed(statement)
    ends = [at for at, (_, tag, _, _) in enumerate(tokens) if tag == "EF"]
    if len(ends) != 1 or not tokens[ends[0]][0].endswith("다"):
        return ""
    end = ends[0]
    if any(not tag.startswith("S") for _, tag, _, _ in tokens[end + 1 :]):
        return ""
    word = statement.rfind(" ", 0, tokens[end][2]) + 1
    stem = [(form, tag) for form, tag, start, _ in tokens[:end] if start >= word]
    if not stem:
        return ""
    return f"{statement[:word]}{written([*stem, (_ending_after(*stem[-1], tokens[end][0]), 'EF')])}?"


def _ending_after(form: str, tag: str, ending: str) -> str:
    """ㄴ가 of adjectives and 이다, 는가 of verbs and after tenses, 있 and 없; plain 다 is an adjective's present."""
    describes = tag.startswith(("VA", "VCP", "VCN", "XSA")) or (ending == "다" and tag != "EP")
    if form in ("있", "없") or not describes:
        return "는가"
    return "은가" if final_sound(form) == "ㄱ" else "ᆫ가"
