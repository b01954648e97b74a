"""Reads entries of labelled lines: a line with the term, then '정의: …', '관련용어: …' and so on.

A blank line may stand after the term and must stand before the next one. '용어: …' names the term as well. A line
without a label goes on with the one before.

Not covered: definitions over several paragraphs; their later ones are reported.
"""

import re
from collections.abc import Sequence

from .columns import COLUMNS, Field, clean, field_of

Row = tuple[str, ...]
_LABEL = re.compile(r"[-*•·\s]*([^\s:：][^:：]{0,19}?)\s*[:：](?!//)\s*(.*)")
# Labels that often stand in such entries and are no field of a term.
_OTHER = frozenset({"예", "예시", "용례", "사례", "출처", "비고", "참고", "example", "source", "note"})
_FIELDS: tuple[Field, ...] = tuple(COLUMNS)


def labelled_rows(lines: Sequence[str]) -> tuple[list[tuple[int, Row]], list[tuple[int, str, str]]]:
    """The entries as rows under a header row, numbered by their first line; and lines in no entry, with the reason.

    Both are empty where no line has the label of a definition.
    """
    texts = [clean(line.lstrip("# ")) for line in lines]
    if not any(_label(text)[0] == "definition" for text in texts):
        return [], []
    entries: list[tuple[int, dict[str, str]]] = []
    loose: list[tuple[int, str, str]] = []
    field = ""  # that an unlabelled line goes on with; none behind a blank line
    for number, text in enumerate(texts, 1):
        label, value = _label(text)
        if not text:
            field = ""
        elif label == "term" or (not label and not field and _is_headword(texts, number)):
            entries.append((number, {"term": value if label else text}))
            field = "term"
        elif entries and (label or field):
            field = label or field
            entry = entries[-1][1]
            entry[field] = f"{entry.get(field, '')} {value if label else text}".strip()
        else:
            loose.append((number, "stands in no entry: neither a term before labelled lines nor a labelled line", text))
    rows = [(number, tuple(entry.get(name, "") for name in _FIELDS)) for number, entry in entries]
    return [(0, tuple(_FIELDS)), *rows], loose


def _is_headword(texts: Sequence[str], number: int) -> bool:
    """Whether the next line with text is labelled, but not as a term."""
    following = next((text for text in texts[number:] if text), "")
    return _label(following)[0] not in ("", "term")


def _label(text: str) -> tuple[str, str]:
    """The field (or 'other') and the text behind the label; an empty field where the line has no known label."""
    match = _LABEL.fullmatch(text)
    if match and (field := field_of(match[1]) or ("other" if match[1].lower() in _OTHER else "")):
        return field, match[2]
    return "", text
