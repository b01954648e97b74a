"""What a text says that its source does not: directions and names, and sentences hardly borne; figures are in
`quantities`.

Not covered: sense; a teacher may judge that.
"""

import re

from finsmith.korean.content_words import content_words
from finsmith.korean.morphemes import tagged

from .directions import directions, opposed
from .quoting import plain
from .sentences import sentences

_ACRONYM = re.compile(r"(?<![A-Za-z])([A-Z][A-Za-z]*[A-Z][A-Za-z0-9]*?)s?(?![A-Za-z0-9])")  # also of ETFs
_FEW = 3  # content words; a shorter sentence is an answer of a word or two
_PROPER = "NNP"  # tag of a proper noun
_WAYS = {"늘", "줄"}  # stems of 늘다 and 줄다


def against_direction(text: str, source: str, min_support: float) -> tuple[str, str] | None:
    """A sentence that says rise where all it may rest on say fall, and the first of those; or None.

    It rests on the sentences that share most of its topic, and on none where that is under `min_support` of it.
    """
    known = [(sentence, _topic(sentence)) for sentence in _sentences(source)]
    for sentence in _sentences(text):
        own = _topic(sentence)
        most = max((len(own & topic) for _, topic in known), default=0)
        if not most or most < min_support * len(own):
            continue
        rests_on = [other for other, topic in known if len(own & topic) == most]
        if all(opposed(sentence, other) for other in rests_on):
            return sentence, rests_on[0]
    return None


def foreign_names(text: str, *sources: str) -> list[str]:
    """The proper nouns and acronyms of a text that no source has, sorted."""
    known = plain("\n".join(sources))
    names = [form for form, tag in tagged(text) if tag == _PROPER and len(form) > 1]
    names += _ACRONYM.findall(text)
    return sorted({name for name in names if plain(name) not in known})


def least_supported(text: str, *sources: str) -> tuple[float, str]:
    """The sentence with the lowest share of content words from the sources, and that share; 1 and "" without one."""
    known = _words("\n".join(sources))
    scores = [
        (len(own & known) / len(own), sentence) for sentence in _sentences(text) if len(own := _words(sentence)) >= _FEW
    ]
    return min(scores, default=(1.0, ""))


def _sentences(text: str) -> list[str]:
    return [sentence for line in text.splitlines() for sentence in sentences(line)]


def _words(text: str) -> set[str]:
    """The content words of a text in small letters, without its figures, which have a gate of their own."""
    return {word.lower() for word in content_words(text) if not word[0].isdigit()}


def _topic(sentence: str) -> set[str]:
    """The words that tell what a sentence is about, whichever way that goes."""
    return {word for word in _words(sentence) if not directions(word)} - _WAYS
