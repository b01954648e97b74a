"""Shortens a text to what is nearest to a question, by choosing sentences and table rows; not a word is changed.

Not covered: judging which sentence answers; the caller names what must stay.
"""

from collections.abc import Callable
from typing import NamedTuple

from finsmith.text.sentences import sentences

from .nearby import TextIndex

_HEADER = 2  # lines over a table's rows: its heading row and the rule under it


class _Piece(NamedTuple):
    """A sentence or table row; `line` is where it stands, `needs` are the pieces it is not understood without."""

    text: str
    line: int
    needs: frozenset[int]


def excerpt(text: str, question: str, must: str, limit: int, count_tokens: Callable[[str], int]) -> str:
    """The sentences of `text` nearest to the question, in their order, as many as `limit` tokens hold.

    The sentence with the words `must` is among them; a row of a table comes with the heading row. Empty where not even
    that fits.
    """
    pieces = _pieces(text)
    nearest = TextIndex([piece.text for piece in pieces]).nearest(question, len(pieces))
    first = [at for at, piece in enumerate(pieces) if must and must in piece.text][:1]
    if must and not first:
        return ""
    headers = frozenset[int]().union(*(piece.needs for piece in pieces))  # of no use by themselves
    chosen = set[int]()
    for at in (at for at in dict.fromkeys([*first, *nearest, *range(len(pieces))]) if at not in headers):
        more = chosen | {at} | pieces[at].needs
        if count_tokens(_joined(pieces, more)) <= limit:
            chosen = more
        elif at in first:
            return ""
    return _joined(pieces, chosen)


def nearest_piece(text: str, question: str) -> str:
    """The sentence or table row of `text` that is nearest to the question; the first where none shares a word."""
    pieces = [piece.text for piece in _pieces(text)]
    return pieces[next(iter(TextIndex(pieces).nearest(question, 1)), 0)]


def _pieces(text: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    header: list[int] = []
    for number, line in enumerate(text.splitlines()):
        if not line.startswith("|"):
            header = []
            pieces += [_Piece(sentence, number, frozenset()) for sentence in sentences(line)]
            continue
        pieces.append(_Piece(line, number, frozenset(header)))
        if len(header) < _HEADER:
            header = [*header, len(pieces) - 1]
    return pieces


def _joined(pieces: list[_Piece], chosen: set[int]) -> str:
    """The chosen in order: sentences of one line stay on one line."""
    lines: dict[int, list[str]] = {}
    for at in sorted(chosen):
        lines.setdefault(pieces[at].line, []).append(pieces[at].text)
    return "\n".join(" ".join(line) for line in lines.values())
