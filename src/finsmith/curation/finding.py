"""What a filter sees and what it says. Not covered: the filters, and the loop that applies them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from finsmith.core.records import Example, Judgement, JudgementKind

from .params import FilterParams


class Finding(NamedTuple):
    """Why a row is rejected, its score where there is one, and what it clashed with (an id or a text)."""

    reason: str
    score: float | None = None
    against: str = ""


@dataclass(frozen=True)
class Context:
    """What filters know besides the rows.

    `near_test` finds what is too near to the closed test, `count_tokens` counts those of the base model,
    `personal_data` names the kinds of personal data in a text, and `judgements` are a teacher's, by row and kind.
    """

    params: FilterParams
    near_test: "Callable[[Iterable[Example]], Iterator[Judged]]"
    count_tokens: Callable[[str], int]
    personal_data: Callable[[str], Sequence[str]]
    judgements: Mapping[tuple[str, JudgementKind], Judgement]


Judged = tuple[Example, Finding | None]
RowFilter = Callable[[Example, Context], Finding | None]
Filter = Callable[[Iterable[Example], Context], Iterator[Judged]]


def each(row_filter: RowFilter) -> Filter:
    """The filter that judges each row by itself."""

    def judge(rows: Iterable[Example], context: Context) -> Iterator[Judged]:
        return ((row, row_filter(row, context)) for row in rows)

    return judge


def each_written(row_filter: RowFilter) -> Filter:
    """The filter that judges each row but those made by rule of a glossary: they are the company's own words."""

    def judge(row: Example, context: Context) -> Finding | None:
        return None if row.recipe.startswith("glossary_") else row_filter(row, context)

    return each(judge)
