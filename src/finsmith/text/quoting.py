"""Whether words and numbers of a reply stand in the text they are taken from.

Not covered: whether they mean the same there.
"""

import re
import unicodedata

_ORNAMENT = re.compile(r"[\s\"'`“”‘’「」『』,·]|\.(?!\d)")
_LONGEST_QUOTE = 20  # characters
_NUMBER = re.compile(r"\d+(?:,\d{3}(?!\d))*(?:\.\d+)?")


def plain(text: str) -> str:
    """The text without spaces, quotes, commas and full stops; 3.5% and 35%, AA+ and AA- stay apart."""
    return _ORNAMENT.sub("", unicodedata.normalize("NFKC", text).lower())


def stands_in(words: str, text: str) -> bool:
    """Whether the words stand in the text, spaces and ornament apart."""
    return bool(plain(words)) and plain(words) in plain(text)


def is_long(text: str) -> bool:
    """Whether a text is too long to stand in another by chance or as a short answer does."""
    return len(plain(text)) > _LONGEST_QUOTE


def repeats(text: str, other: str) -> bool:
    """Whether a text holds the whole of another that is long."""
    return is_long(other) and stands_in(other, text)


def says(answer: str, text: str) -> bool:
    """Whether the text says the answer: by its words, or by all of its numbers."""
    return stands_in(answer, text) or (bool(numbers(answer)) and numbers(answer) <= numbers(text))


def numbers(text: str) -> set[str]:
    """The numbers in the text as plain decimals: 1,240.50 and 1240.5 are one."""
    found = (match.replace(",", "") for match in _NUMBER.findall(unicodedata.normalize("NFKC", text)))
    return {n.rstrip("0").rstrip(".") if "." in n else n.lstrip("0") or "0" for n in found}


def foreign_numbers(text: str, *sources: str) -> list[str]:
    """The numbers in the text that no source has, sorted; one figure by itself is often counting, and passes."""
    known = set().union(*(numbers(source) for source in sources))
    return sorted(n for n in numbers(text) - known if len(n) > 1)
