"""Rows that mean the same as an earlier one in other words, told by an embedding model where one is named.

Nearness in meaning alone would join what a figure or a direction sets apart (3 % and 4 %, rose and fell), so both must
agree as well. Each row is compared with all kept ones of its recipe: the time grows with the square of their number,
the memory by four bytes a dimension. Not covered: rows of several recipes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np

from finsmith.core.records import Example
from finsmith.text.directions import directions
from finsmith.text.embedding import Embedding, Vectors
from finsmith.text.quantities import quantities

from .finding import Context, Finding, Judged

_BATCH = 512  # rows in memory at once


class _Told(NamedTuple):
    """What sets rows of like words apart: values with their units, and ways by axis."""

    quantities: frozenset[tuple[object, str]]
    ways: frozenset[tuple[str, int]]


class _Kept:
    """The kept rows of a recipe: ids, what sets them apart, and vectors in blocks."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.told: list[_Told] = []
        self.blocks: list[Vectors] = []

    def cosines(self, vectors: Vectors) -> Vectors:
        """Of each vector to each kept row (vectors, kept)."""
        return np.hstack([np.empty((len(vectors), 0), np.float32), *(vectors @ block.T for block in self.blocks)])


def same_meaning(rows: Iterable[Example], context: Context) -> Iterator[Judged]:
    """Rejects a row that means the same as an earlier kept one of its recipe, figures and directions included."""
    rule, rest = context.params.meaning, iter(rows)
    if not rule.embedding_model:
        yield from ((row, None) for row in rest)
        return
    embedding = Embedding(rule.embedding_model, "filter.meaning.embedding_model")
    kept: dict[str, _Kept] = defaultdict(_Kept)
    while batch := list(islice(rest, _BATCH)):
        vectors = embedding.of_texts([_text(row) for row in batch])
        findings: dict[int, Finding | None] = {}
        for recipe in dict.fromkeys(row.recipe for row in batch):
            places = [at for at, row in enumerate(batch) if row.recipe == recipe]
            found = _join([batch[at] for at in places], vectors[places], kept[recipe], rule.cosine)
            findings |= dict(zip(places, found, strict=True))
        yield from ((row, findings[at]) for at, row in enumerate(batch))


def _join(rows: list[Example], vectors: Vectors, kept: _Kept, least: float) -> list[Finding | None]:
    """A finding for each row that is the same as a kept one; the others are kept."""
    before, among = kept.cosines(vectors), vectors @ vectors.T
    new: list[int] = []  # rows of these that are kept
    findings: list[Finding | None] = []
    for at, row in enumerate(rows):
        cosines = np.concatenate([before[at], among[at, new]])
        told = _told(row)
        near = [int(one) for one in np.flatnonzero(cosines >= least) if kept.told[one] == told]
        if near:
            nearest = max(near, key=lambda one: float(cosines[one]))
            score = round(float(cosines[nearest]), 4)
            findings.append(Finding(f"means the same as an earlier row: cosine {score}", score, kept.ids[nearest]))
            continue
        findings.append(None)
        new.append(at)
        kept.ids.append(row.id)
        kept.told.append(told)
    kept.blocks.append(vectors[new])
    return findings


def _told(row: Example) -> _Told:
    text = _text(row)
    ways = frozenset((axis, way) for axis, of in directions(text).items() for way in of)
    return _Told(frozenset((one.value, one.unit) for one in quantities(text)), ways)


def _text(row: Example) -> str:
    """The input is left out, since rows of different recipes share passages on purpose."""
    return f"{row.instruction}\n{row.output}"
