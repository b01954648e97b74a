"""The marks of clues: [단서 2] before each clue of a RAG row, and in an answer that names the one it rests on.

Not covered: whether the clue named is the right one.
"""

import re

_HEAD = re.compile(r"^\[(?:단서|clue) (\d)\]", re.MULTILINE | re.IGNORECASE)
_MARK = re.compile(r"\[(?:단서|clue) \d\]", re.IGNORECASE)
# As a model may name one that was not shown how: 단서 2, 2번 단서, clue 2.
_NAMED = re.compile(r"(?:단서|\bclue)\s?(\d)(?!\d)|(?<!\d)(\d)번(?:째)? 단서", re.IGNORECASE)


def without_marks(text: str) -> str:
    """The text with a space in the place of each mark."""
    return _MARK.sub(" ", text)


def marked(text: str) -> set[str]:
    """The numbers of the marks in a text."""
    return set(re.findall(r"\d", " ".join(_MARK.findall(text))))


def named(text: str) -> set[int]:
    """The numbers of the clues that a text names, by their marks or in words."""
    return {int(mark or word) for mark, word in _NAMED.findall(text)}


def numbered(text: str) -> list[tuple[str, str]]:
    """Number and text of each clue of a row's input, in order; what stands before the first is left out."""
    parts = _HEAD.split(text)  # what stands before, number, clue, number, clue …
    return list(zip(parts[1::2], parts[2::2], strict=True))
