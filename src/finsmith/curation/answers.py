"""Outputs that do not answer, or break off. Not covered: whether an answer is right."""

import re

from finsmith.core.records import Example
from finsmith.korean.morphemes import tagged
from finsmith.text.refusals import non_answer

from .finding import Context, Finding

_HANGUL = re.compile("[가-힣]")
# Such texts say sorry for somebody.
_WRITES_FOR = re.compile(
    r"사과|거절|메일|문자|편지|답장|공지|안내|대화|대본|응대|인사말|질문[^.?!에고]{0,12}(?:만들|만드|작성|생성|쓰|써|지어)"
    r"|\b(?:e-?mail|letter|apolog\w+|reply|dialogue|greeting|questionnaire)\b",
    re.I,
)
_SORRY = re.compile(r"죄송|미안|유감|송구|\b(?:sorry|apolog\w+|regret)\b", re.I)  # given, to be translated or reworded
_OPEN = {"(": ")", "[": "]", "「": "」", "『": "』", "“": "”"}  # ‘ is closed by an apostrophe too often
_CLOSED = re.compile(r"[.!?。…」』”\")\]}>*`~:;|/=]$")
_HANGING = re.compile(r"[,:(\[「『“‘·]$|^\s*(?:[-*]|\d+[.)])$", re.MULTILINE)
_MATCHED = re.compile(r"[(\[][^()\[\]]*[)\]]")  # also [0, 30)
_AMID = re.compile(r"^\s*(?:[:,;)\]]|\.(?![a-z\d]))(?![.)])")
_SENTENCE = re.compile(r"[가-힣][.!?]\s")
_PARTICLE = re.compile(r"JK[SOGC]|JC")  # of case, and 와
_HANGING_TAG = re.compile(r"JK[SOGC]|JC|ETM|EP")  # also endings that want a noun or an ending; a list may end so
_PRICE = re.compile(r"(?:행사|공시|장부)가$")  # here Kiwi takes 가 for a particle
_HANGING_WORD = re.compile(r"[A-Za-z),]\s(?:and|or|the|an?|of|to|in|for|with|by|that|which|is|are|was|were|because)$")


def refuses(row: Example, context: Context) -> Finding | None:
    """Rejects an output that refuses, does not know or asks back, where an answer was due."""
    if row.recipe in context.params.may_refuse or _WRITES_FOR.search(row.instruction):
        return None
    if _SORRY.search(f"{row.instruction}\n{row.input}"):
        return None
    if found := non_answer(row.output):
        return Finding("the output is no answer", None, found)
    return None


def breaks_off(row: Example, context: Context) -> Finding | None:
    """Rejects an output that begins with a mark, or ends with a comma, in a bracket, or before a noun or ending."""
    text = row.output.rstrip()
    last = text[-40:]
    line = text.rsplit("\n", 1)[-1]
    if _AMID.search(text):
        return Finding("the output begins amid a sentence", None, text[:40])
    if _HANGING.search(line) or _open_bracket(line):
        return Finding("the output breaks off", None, last)
    if _CLOSED.search(text) or not text:
        return None
    if _HANGUL.search(text[-1:]):
        tags = tagged(last)
        hanging = _HANGING_TAG if _SENTENCE.search(text) and not _is_list(text) else _PARTICLE
        if len(text.split()) > 1 and tags and hanging.match(tags[-1][1]) and not _PRICE.search(text):
            return Finding("the output breaks off", None, last)
    elif _HANGING_WORD.search(text):
        return Finding("the output breaks off", None, last)
    return None


def _is_list(text: str) -> bool:
    """Whether the line before the last is no sentence either, as in a list of adjectives."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    return len(lines) > 1 and not _CLOSED.search(lines[-2])


def _open_bracket(line: str) -> str:
    """The bracket that is opened last and not closed, if any; a smiley or a closing one alone is none."""
    line = _MATCHED.sub("", line)
    for opening, closing in _OPEN.items():
        if line.rfind(opening) > line.rfind(closing) and line.count(opening) > line.count(closing):
            return opening
    return ""
