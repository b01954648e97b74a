"""What a reply in prose must be: whole, in its language, in words of its own, about its subject and not about itself.

Not covered: whether what it says is true.
"""

import re
from collections.abc import Iterable

from finsmith.core.errors import TeacherReplyMalformed
from finsmith.text.faults import is_whole, is_written_in, loop
from finsmith.text.quoting import stands_in
from finsmith.text.sentences import sentences

# What only tells that there is a text.
_OF_ITSELF = re.compile(
    r"지문[은이을의에]|(?:이|위|해당) (?:글|문서|표)[은는이가에]|정보를 제공|\b(?:this|the) (?:passage|text) \w+s\b",
    re.IGNORECASE,
)


def check_prose(text: str, language: str) -> None:
    """Does nothing where the text is in its language and says nothing three times on end.

    Raises:
        TeacherReplyMalformed: what is wrong.
    """
    if not is_written_in(text, language):
        raise TeacherReplyMalformed(f"the text is not in the language {language!r}")
    if looped := loop(text):
        raise TeacherReplyMalformed(f"it says the same over and over: {looped[:40]!r}")


def check_own(text: str, source: str) -> None:
    """Does nothing where most of the text is in words of its own.

    Raises:
        TeacherReplyMalformed: half of it and more are whole sentences of the source.
    """
    written = [sentence for line in text.splitlines() for sentence in sentences(line)]
    copied = [sentence for sentence in written if stands_in(sentence, source)]
    if 2 * sum(map(len, copied)) >= sum(map(len, written)):
        raise TeacherReplyMalformed(f"it copies the source: {copied[0][:40]!r}")


def check_of_itself(text: str, source: str) -> None:
    """Does nothing where the text does not speak of itself or of its source, but of what that says.

    Raises:
        TeacherReplyMalformed: the words that do.
    """
    if (found := _OF_ITSELF.search(text)) and found[0] not in source:
        raise TeacherReplyMalformed(f"it says what the text is, not what it says: {found[0]!r}")


def check_whole(sentences_in_order: Iterable[str]) -> None:
    """Does nothing where each sentence is whole.

    Raises:
        TeacherReplyMalformed: the end of the first that was cut off.
    """
    if cut := next((one for one in sentences_in_order if not is_whole(one)), ""):
        raise TeacherReplyMalformed(f"a sentence is cut off, be shorter: {cut[-30:]!r}")
