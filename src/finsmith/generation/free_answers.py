"""Faults of a free answer to an instruction: a refusal, the question said again, empty or leaked words.

Not covered: whether the answer is right.
"""

import re

from finsmith.core.errors import TeacherReplyMalformed
from finsmith.korean.content_words import content_words

from .prose import check_prose
from .quoting import is_long, repeats

# 해지할 수 없습니다 is no refusal: only what an assistant does counts.
_REFUSAL = re.compile(
    r"죄송|(?:답|도움|작성|요약|번역|분류|생성)[을를변]*\s?(?:해\s?)?(?:할|줄) 수(?:가|는)? 없|드릴 수(?:가|는)? 없"
    r"|(?:정보|자료|내용|지문)(?:만으로|으로|로|에서)?는?\s?알 수 없"
    r"|\b(?:sorry|as an ai|i (?:cannot|can['’]t|can not)|i(?: am|['’]m) (?:unable|not able))\b",
    re.IGNORECASE,
)
_REFUSAL_WORDS = 80  # a refusal is shorter


def check_answer(text: str, instruction: str, given: str, leaked: re.Pattern[str], language: str) -> None:
    """Does nothing where a text answers an instruction on a `given` input; `leaked` finds words of the prompt.

    Raises:
        TeacherReplyMalformed: what is wrong.
    """
    check_prose(text, language)
    if _REFUSAL.search(text) and len(text.split()) < _REFUSAL_WORDS:
        raise TeacherReplyMalformed("the answer is a refusal")
    if found := leaked.search(text):
        raise TeacherReplyMalformed(f"words of the task leaked into the answer: {found[0]!r}")
    own = content_words(text)
    if not own:
        raise TeacherReplyMalformed("the answer is nothing but stop words and punctuation")
    adds_nothing = is_long(text) and not own - content_words(instruction)
    if adds_nothing or repeats(instruction, text) or repeats(text, instruction):
        raise TeacherReplyMalformed("the answer repeats the instruction")
    if repeats(given, text):
        raise TeacherReplyMalformed("the answer repeats the input")
