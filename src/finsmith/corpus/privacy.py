"""Masks personal data in a text, so that none of it reaches a teacher: a Korean label in brackets takes its place.

Not covered: what counts as personal data, which is in `personal_data`; names and addresses.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from .personal_data import RULES, Found, Rule

KINDS = tuple(rule.kind for rule in RULES)
_LABELS = re.compile("|".join(re.escape(f"[{rule.label}]") for rule in RULES))
_MASKED = "\0"  # stands in the plain text for each character of what is masked
_CONTEXT = 40  # characters of surroundings that a rule gets to see
_REACH = 400  # characters that are searched for them; decomposed Hangul and masked pieces shrink

# one character for one, so that places in the plain text are places in the text
_PLAIN = str.maketrans(
    {chr(0xFF01 + at): chr(0x21 + at) for at in range(94)}  # full-width forms
    | dict.fromkeys("‐‑‒–—―−﹣⁃ーㅡ─\u00ad", "-")
    | dict.fromkeys("\u00a0\u2002\u2003\u2009\u200b\u202f\u2060\u3000\ufeff\t", " ")
    | dict.fromkeys("●○◯◎■□※∗✱﹡", "*")
    | dict.fromkeys("·‧∙⋅・ㆍ", ".")
    | dict.fromkeys("∼〜", "~")
)
_EMPHASIS = re.compile(r"(?<![\d*-])\*\*([\d+(][^*\n]*\d)\*\*(?![\d*-])")  # Markdown's; its stars hide no digits
_RUN = re.compile(r"[\x01-\x7f]{6,}")  # personal data is ASCII in the plain form, so it lies within one of these
_CLUE = re.compile(r"[\d@]|at[)\]]", re.IGNORECASE)


@dataclass(frozen=True)
class _Table:
    """Where a Markdown table's rows stand, and the cells of its header."""

    start: int
    end: int
    header: tuple[str, ...]


def mask(text: str) -> tuple[str, dict[str, int]]:
    """The text with labels in the place of personal data, and how many were masked of each kind that there was.

    A text without personal data comes back as it is, and masking twice masks nothing more.
    """
    counts: Counter[str] = Counter()
    while spans := _spans(text):  # again: a label is shorter, so a word may now be near enough to the next number
        counts.update(rule.kind for _, _, rule in spans)
        text = _replaced(text, [(start, end, f"[{rule.label}]") for start, end, rule in spans])
    return text, dict(counts)


def kinds_in(text: str) -> list[str]:
    """The kinds of personal data in a text, in the order they first stand in it."""
    return list(dict.fromkeys(rule.kind for _, _, rule in _spans(text)))


def _spans(text: str) -> list[tuple[int, int, Rule]]:
    """Where personal data stands, in order; what one rule has taken the next does not see."""
    plain = _plain(text)
    tables = _tables(plain)
    runs = [run.span() for run in _RUN.finditer(plain) if _CLUE.search(run[0])]
    spans: list[tuple[int, int, Rule]] = []
    for rule in RULES:
        taken = list(_taken(rule, plain, runs, tables))
        spans += [(start, end, rule) for start, end in taken]
        plain = _replaced(plain, [(start, end, _MASKED * (end - start)) for start, end in taken])
    return sorted(spans, key=lambda span: span[0])


def _taken(rule: Rule, plain: str, runs: list[tuple[int, int]], tables: list[_Table]) -> Iterator[tuple[int, int]]:
    past, at = "", 0  # the text up to the last one taken, as the next one sees it
    for match in chain.from_iterable(rule.pattern.finditer(plain, *run) for run in runs):
        found = _found(plain, match, past, at, tables)
        if rule.accepts(found):
            past, at = found.before + _MASKED, match.end()
            yield match.span()


def _plain(text: str) -> str:
    plain = text.translate(_PLAIN).replace(r"\|", "  ")  # an escaped bar is no end of a cell
    return _EMPHASIS.sub(r"  \1  ", _LABELS.sub(_blank, plain))


def _blank(match: re.Match[str]) -> str:
    return _MASKED * len(match[0])


def _replaced(text: str, pieces: list[tuple[int, int, str]]) -> str:
    if not pieces:
        return text
    kept, at = [], 0
    for start, end, piece in pieces:
        kept += [text[at:start], piece]
        at = end
    return "".join([*kept, text[at:]])


_TABLE = re.compile(r"^\|(.*)\n\|[ :|-]+$(?:\n\|.*)*", re.MULTILINE)


def _tables(plain: str) -> list[_Table]:
    return [_Table(*table.span(), tuple(table[1].split("|"))) for table in _TABLE.finditer(plain)]


def _found(plain: str, match: re.Match[str], past: str, at: int, tables: list[_Table]) -> Found:
    start, end = match.span()
    reach = max(0, start - _REACH)
    written = reach + len(plain[reach:start].rstrip())  # a number that begins a line is introduced by the line before
    line = plain.rfind("\n", reach, written) + 1 or reach
    before = plain[line:start] if line >= at else past + plain[at:start]
    if header := _header(plain, start, tables):
        row, _, cell = before.rpartition("|")
        before = f"{row}| {header}: {cell.lstrip()}"
    after = plain[end : end + _REACH].partition("\n")[0]
    return Found(match[0], _short(before)[-_CONTEXT:], _short(after)[:_CONTEXT])


def _header(plain: str, start: int, tables: list[_Table]) -> str:
    """The header of the column that a place is in; empty outside of tables."""
    at = bisect_right(tables, start, key=lambda table: table.start) - 1
    if at < 0 or start >= tables[at].end:
        return ""
    column = plain.count("|", plain.rfind("\n", 0, start) + 1, start) - 1
    return tables[at].header[column].strip() if column < len(tables[at].header) else ""


def _short(context: str) -> str:
    return unicodedata.normalize("NFC", re.sub(f"{_MASKED}+", _MASKED, context))
