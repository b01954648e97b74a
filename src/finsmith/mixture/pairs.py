"""Pairs of a better and a worse answer to one question: a row of the training set, and one that a filter rejected.

A teacher's answer and the stronger teacher's that superseded it make a pair; so do two answers of which one broke off.
Not covered: training on them; the stage `train` does where `train.preference.epochs` asks for it.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence

from finsmith.core.records import Example, Pair, Rejected


def find_pairs(
    rows: Iterable[Example],
    rejected: Iterable[Rejected],
    filters: Container[str],
    kinds_in: Callable[[str], Sequence[str]],
) -> Iterator[Pair]:
    """Each row beside every rejected answer to its instruction and input, in the order of the rows.

    Those count that one of `filters` rejected, whose answer is another one (spaces and case apart) and holds no
    personal data (`kinds_in` finds none). They are kept in memory.
    """
    worse: dict[tuple[str, str], list[Rejected]] = defaultdict(list)
    for one in rejected:
        if one.filter in filters and one.example.output.strip() and not kinds_in(one.example.output):
            worse[_question(one.example)].append(one)
    for row in rows:
        for one in worse.get(_question(row), ()):
            if _plain(one.example.output) != _plain(row.output):
                yield Pair(chosen=row, rejected=one.example, filter=one.filter)


def _question(row: Example) -> tuple[str, str]:
    return _plain(row.instruction), _plain(row.input)


def _plain(text: str) -> str:
    return "".join(text.split()).lower()
