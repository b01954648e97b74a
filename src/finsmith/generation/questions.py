"""What makes a sentence a question that can stand alone and be answered from one sentence; shared by recipes that ask.

Not covered: whether the answer is the right one.
"""

import re

from finsmith.core.errors import TeacherReplyMalformed
from finsmith.core.records import Passage
from finsmith.text.quoting import foreign_numbers, numbers, plain, says

from .focus import Focus

_ASKS = re.compile(
    r"누구|누가|언제|며칠|얼마|몇|어떤|어느|무엇|무슨|왜(?!곡)|어디|어떻게|뭐"
    r"|\b(?:who|whom|whose|when|where|what|which|why|how)\b",
    re.IGNORECASE,
)
_HANGUL = re.compile("[가-힣]")
_ENDING = re.compile(r"(?:가|까|나|요|지|니|냐|죠)\s*\?$")  # of a Korean question; one that was cut off has none
_UNSEEN = re.compile(
    r"지문|윗글|위 글|위의 글|이 글|본문|위 표|다음 표|이 문서|위 문장|이 (?:요청|질문|문장)|주어진"
    r"|\b(?:(?:the|this) (?:passage|sentence|text)\b(?! of\b)|this (?:document|table|row)\b"
    r"|the (?:above|following|given) (?:text|document|table|row)\b|(?:document|table|row) (?:above|below)\b)",
    re.IGNORECASE,
)


def check_question(question: str, answer: str, focus: Focus, passage: Passage) -> None:
    """Does nothing where the question asks, stands alone, and is answered by words of the focus.

    Raises:
        TeacherReplyMalformed: what is wrong, in words a teacher can mend it by.
    """
    check_asking(question, answer, focus, passage)
    if not says(answer, focus.evidence):
        raise TeacherReplyMalformed(f"answer: {answer!r} does not stand in the sentence; use its words")


def check_asking(question: str, answer: str, focus: Focus, passage: Passage) -> None:
    """Does nothing where the question asks, stands alone, and has neither its answer in it nor numbers of its own.

    Raises:
        TeacherReplyMalformed: what is wrong, in words a teacher can mend it by.
    """
    if _HANGUL.search(focus.evidence) and not _HANGUL.search(question):
        raise TeacherReplyMalformed("question: it is not in the language of the sentence")
    ends = _ENDING.search(question) if _HANGUL.search(question) else question.rstrip().endswith("?")
    if not ends or not _ASKS.search(question):
        raise TeacherReplyMalformed("question: it asks nothing; put an interrogative where the answer stood")
    if found := leans(question, focus):
        raise TeacherReplyMalformed(f"question: it leans on something unseen: {found!r}")
    if plain(answer) in plain(question):
        raise TeacherReplyMalformed("question: it holds its own answer")
    if foreign := foreign_numbers(question, passage.text, *passage.headings):
        raise TeacherReplyMalformed(f"question: numbers that are not in the passage: {', '.join(foreign)}")


def leans(text: str, focus: Focus) -> str:
    """What the text points at that its reader does not see (this passage, the table above), or ""."""
    found = _UNSEEN.search(text)
    return found[0] if found and found[0] not in focus.evidence else ""


def polished(question: str, answer: str, focus: Focus, passage: Passage) -> str:
    """The teacher's question where it is a good one and kept the numbers of the one by rule; else the one by rule.

    Raises:
        TeacherReplyMalformed: neither is a good one.
    """
    try:
        check_question(question, answer, focus, passage)
        if numbers(focus.question) <= numbers(question):
            return question
    except TeacherReplyMalformed:
        if not focus.question:
            raise
    check_question(focus.question, answer, focus, passage)
    return focus.question
