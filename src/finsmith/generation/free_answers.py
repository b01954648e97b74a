"""Faults of a free answer to an instruction: a refusal, the question said again, empty or leaked words.

Not covered: whether the answer is right.
"""

import re

from finsmith.core.errors import TeacherReplyMalformed
from finsmith.korean.content_words import content_words

from .prose import check_prose
from .quoting import plain

# 해지할 수 없습니다 is no refusal: only what an assistant does counts.
_REFUSAL = re.compile(
    r"죄송|(?:답|도움|작성|요약|번역|분류|생성)[을를변]*\s?(?:해\s?)?(?:할|줄) 수(?:가|는)? 없|드릴 수(?:가|는)? 없"
    r"|(?:정보|자료|내용|지문)(?:만으로|으로|로|에서)?는?\s?알 수 없"
    r"|\b(?:sorry|as an ai|i (?:cannot|can['’]t|can not)|i(?: am|['’]m) (?:unable|not able))\b",
    re.IGNORECASE,
)
_REFUSAL_WORDS = 80  # a refusal is shorter
_LONGEST_QUOTE = 20  # characters; a short answer may stand in its question


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
    said, own = plain(text), content_words(text)
    if not own:
        raise TeacherReplyMalformed("the answer is nothing but stop words and punctuation")
    if len(said) <= _LONGEST_QUOTE:
        return
    asked = plain(instruction)
    if said in asked or (len(asked) > _LONGEST_QUOTE and asked in said) or not own - content_words(instruction):
        raise TeacherReplyMalformed("the answer repeats the instruction")
    if said in plain(given):
        raise TeacherReplyMalformed("the answer repeats the input")
