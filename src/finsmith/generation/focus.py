"""Draws from a passage the sentence or table row a question is to be about, by the kind of question it bears.

A teacher that chooses for itself takes the first sentence again and again, and copies it wrongly; so the choice is made
here, spread over the passage, and the evidence of an answer is known. From a Korean statement with an amount, an actor
or an object the question follows by rule, and the teacher only has to polish it. Not covered: answers that need two
sentences.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from finsmith.core.ids import content_id
from finsmith.core.records import Passage
from finsmith.korean.interrogative import Asked, about_amounts, about_nouns
from finsmith.text.sentences import sentences

from .params import QuestionKind

_MARK = re.compile(
    r"^(?:(?:[①-⑳□○◦•●■▪ㅇ*·※]|[–-](?=\s)|\(?\d{1,2}(?:\.\d{1,2})*[.)](?!\d)|[가-하][.)]|제\d+조(?:의\d+)?\([^)]*\)"
    r"|\((?:[A-Za-z]|[ivx]{2,5})\)|[A-Za-z][.)](?=\s)|\d+(?:\.\d+)+(?=\s+[A-Z])"
    r"|(?:Article|Section|Clause)\s+\d+(?:\.\d+)*(?:\.?\s*\([^)]*\)|[.:]|(?=\s+[A-Z]))|\([A-Z][^)]*\)(?=\s+[A-Z]))\s*)+"
)
# Remarks of statutes on when a part was changed; they are no part of what it says.
_AMENDED = re.compile(r"[<\[(](?:[가-힣]*(?:개정|신설|삭제|이동)|시행일?)\s?:?[^<>\[\]()]*\d{4}[^<>\[\]()]*[>\])]")
_PARTICLE = re.compile(r"[가-힣)%](?:은|는|이|가|을|를|에|에서|로|으로)\s")
_NUMBER = re.compile(r"\d")
_AMOUNT = re.compile(r"\+?\d[\d,.]*%?")  # those below zero are not calculated with
_ENGLISH_AMOUNT = (
    r"(?:[$€£¥₩]|\b(?:USD|EUR|GBP|JPY|KRW)) ?\d"
    r"|\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|thirty|sixty|ninety)"
    r"[ -](?:(?:business|working|banking|calendar|full) )?"
    r"(?:percent|per cent|basis points?|hundred|thousand|million|billion|trillion|minutes?|hours?|days?|weeks?|months?"
    r"|quarters?|years?|times|points?|won|dollars?|euros?|pounds?|yen|people|persons?|members?|cases?|branches|units?)\b"
)
# What a sentence holds that bears a question of the kind; kinds without a pattern take any sentence.
_BEARS: dict[QuestionKind, re.Pattern[str]] = {
    "number": re.compile(rf"(?<![\d.,제])\d+(?:[.,]\d+)*\s?(?:%|[가-힣]|bp)|{_ENGLISH_AMOUNT}", re.IGNORECASE),
    "cause": re.compile(
        # 법에 따라 is no cause
        r"때문|(?<![조항호법정준차침령칙표\d]에 )따(?:라|른)|로 ?인(?:해|하여|한)|영향으로|힘입어|결과로|덕분"
        r"|\b(?:because|due to|as a result|owing to|caused by|driven by|thanks to)\b",
        re.IGNORECASE,
    ),
    "exception": re.compile(
        r"다만|제외|예외|아니하|아니한|그러하지|불구하고|않는다"
        r"|\b(?:except|exceptions?|unless|however|excluding|exempt|notwithstanding|other than|provided that"
        r"|(?:may|must|shall|can|does|do) ?not)\b",
        re.IGNORECASE,
    ),
    "term": re.compile(
        r"이란|란 |말한다|뜻한다|의미한|라 한다"
        r"|(?<!\bby )\bmeans\b(?! (?:of|that|to)\b)|\b(?:refers to|defined as|known as)\b",
        re.IGNORECASE,
    ),
}
# The questions that follow from a statement of the kind by rule.
_RULES: dict[QuestionKind, Callable[[str], list[Asked]]] = {"number": about_amounts, "fact": about_nouns}
_SHORTEST, _LONGEST = 18, 220  # characters of a sentence that says something by itself
_LONGEST_ENGLISH = 400  # the same is said in nearly twice the characters
_FEWEST_STATEMENTS = 2
_LONG_QUESTION = 110  # characters
_HANGUL = re.compile("[가-힣]")


class Focus(NamedTuple):
    """What a question is to be about; `header` is the heading row of a table's row.

    `question` is what `answer` answers in the evidence, by rule; both are empty where no rule fits.
    """

    kind: QuestionKind
    evidence: str
    header: str = ""
    answer: str = ""
    question: str = ""


def draw(passage: Passage, kinds: Sequence[QuestionKind], count: int, seed: str) -> list[Focus]:
    """Up to `count` different sentences or rows, by a draw of the seed: of kinds first whose question follows by rule,
    or that few sentences bear."""
    candidates = {kind: list(_candidates(passage.text, kind)) for kind in kinds}
    drawn: list[Focus] = []
    by_rule = {kind for kind, found in candidates.items() if any(focus.question for focus in found)}
    for kind in sorted(kinds, key=lambda kind: (kind not in by_rule, len(candidates[kind]), content_id([seed, kind]))):
        taken = {focus.evidence for focus in drawn}
        left = [focus for focus in candidates[kind] if focus.evidence not in taken]
        if left:
            drawn.append(min(left, key=lambda focus: (_clumsy(focus), content_id([seed, *focus]))))
    return drawn[:count]


def _clumsy(focus: Focus) -> int:
    """0 for a question by rule, 1 for a long one, whose statement has several clauses, and 2 where no rule fits."""
    return (len(focus.question) > _LONG_QUESTION) if focus.question else 2


def _candidates(text: str, kind: QuestionKind) -> Iterable[Focus]:
    if kind == "calculation":
        yield from _rows(text)
        return
    for sentence in statements(text):
        if kind not in _BEARS or _BEARS[kind].search(sentence):
            yield Focus(kind, sentence)
            by_rule = _RULES[kind](sentence) if kind in _RULES else []
            yield from (Focus(kind, sentence, "", asked.answer, asked.question) for asked in by_rule)


def statements(text: str) -> list[str]:
    """The sentences and pieces of a text that say something by themselves, without marks of lists and remarks."""
    parts = (part for line in _AMENDED.sub(" ", text).splitlines() for part in sentences(line))
    stripped = (_MARK.sub("", part) for part in parts if not part.startswith("|"))
    return [sentence for sentence in stripped if _is_fit(sentence)]


def says_enough(text: str) -> bool:
    """Whether a text has statements enough to write about; tables, lists of addresses and scraps have not."""
    return len(statements(text)) >= _FEWEST_STATEMENTS


def has_calculation(text: str) -> bool:
    """Whether a text has a table's row to calculate from."""
    return any(True for _ in _rows(text))


def _is_fit(sentence: str) -> bool:
    longest = _LONGEST if _HANGUL.search(sentence) else _LONGEST_ENGLISH
    return _SHORTEST <= len(sentence) <= longest and _says_something(sentence)


def _says_something(sentence: str) -> bool:
    """Whether it is more than a heading or a piece: it ends as a sentence does, or says something with a number."""
    if sentence.count("(") != sentence.count(")"):
        return False
    says = _PARTICLE.search(sentence) or not _HANGUL.search(sentence)
    return sentence.endswith((".", "다", "음", "함", "임", "것")) or bool(says and _NUMBER.search(sentence))


def _rows(text: str) -> Iterable[Focus]:
    """The rows of the passage's tables with two cells and more that are numbers, each with its table's heading row."""
    header = ""
    for line in text.splitlines():
        if not line.startswith("|"):
            header = ""
        elif not header:
            header = line
        elif sum(bool(_AMOUNT.fullmatch(cell.strip())) for cell in line.strip("|").split("|")[1:]) > 1:
            yield Focus("calculation", line, header)
