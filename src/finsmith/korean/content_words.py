"""The words of a text that carry its content, by their stems. Not covered: which of them are synonyms."""

import re

from finsmith.korean.morphemes import tagged

_CONTENT = ("NNG", "NNP", "NR", "VV", "VA", "SL", "SN", "XR", "MAG")  # tags of the Sejong set
_STOP_WORD = re.compile(
    r"an?|and|are|as|at|be|but|by|for|if|in|is|it|no|not|of|on|or|so|that|the|then|this|to|was|yes", re.IGNORECASE
)


def content_words(text: str) -> set[str]:
    """Nouns, verbs, adjectives, numbers and foreign words, inflection apart, without English stop words."""
    return {form for form, tag in tagged(text) if tag.startswith(_CONTENT) and not _STOP_WORD.fullmatch(form)}
