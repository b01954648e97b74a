"""How doubtful a row is by what filters and judges said of it, and whether people are asked about it.

Not covered: the order that follows (queue_file), what people find by it (active_order).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from finsmith.core.io import read_jsonl
from finsmith.core.records import Flagged, Judgement

from .params import ReviewParams


def flag_doubt(filter_name: str, params: ReviewParams) -> float:
    """The doubt that a filter's mark adds."""
    return params.flags.get(filter_name, 0.0)


def judged_doubt(kind: Any, right: int, votes: int, params: ReviewParams) -> float:
    """The doubt that a teacher's votes add, by the share of them against the row."""
    return params.judged.get(kind, 0.0) * (1 - right / votes)


def is_listed(recipe: str, params: ReviewParams) -> bool:
    """Whether people are asked about all rows of a recipe."""
    return bool({recipe, recipe.partition(".")[0]} & set(params.recipes))


@dataclass
class Doubts:
    """How doubtful each row is, none where nothing was said of it, and which rows a mark brings before people."""

    of: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    brought: set[str] = field(default_factory=set)


def read_doubts(flagged: Path, judgements: Path, params: ReviewParams) -> Doubts:
    """The doubts that the files of filters and judges come to."""
    doubts = Doubts()
    for mark in read_jsonl(flagged, Flagged):
        if mark.filter in params.flags:
            doubts.of[mark.example_id] += flag_doubt(mark.filter, params)
            doubts.brought.add(mark.example_id)
    for said in read_jsonl(judgements, Judgement):
        doubts.of[said.example_id] += judged_doubt(said.kind, said.right, said.votes, params)
    return doubts
