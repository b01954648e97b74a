"""Faults of a free answer to an instruction: a refusal, the question said again, empty or leaked words.

Not covered: whether the answer is right.
"""

import re

from finsmith.core.errors import TeacherReplyMalformed
from finsmith.korean.content_words import content_words
from finsmith.text.quoting import is_long, repeats
from finsmith.text.refusals import refusal

from .prose import check_prose


def check_answer(text: str, instruction: str, given: str, leaked: re.Pattern[str], language: str) -> None:
    """Does nothing where a text answers an instruction on a `given` input; `leaked` finds words of the prompt.

    Raises:
        TeacherReplyMalformed: what is wrong.
    """
    check_prose(text, language)
    if refusal(text):
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
