"""Picks the questions of a test: as evenly over documents, kinds and difficulties as there are any.

Not covered: letters, which are given afterwards (balance). One of the two homes of scipy.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from random import Random

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from finsmith.core.errors import SourceError
from finsmith.core.records import Question

from .balance import Target, equal_shares
from .questions import UNLABELLED

ATTRIBUTES = ("document", "kind", "difficulty")
Values = tuple[str, ...]  # a question's, of each attribute
_NODES = 2000  # of the search for the best plan; where it ends earlier the plan is the best so far, each time the same


def values_of(question: Question, documents: Mapping[str, str]) -> Values:
    """Its document, kind and difficulty; `documents` names the document of a source that is none, such as a term."""
    document = documents.get(question.source, question.source)
    return tuple(value or UNLABELLED for value in (document, question.kind, question.difficulty))


def pick(values: Sequence[Values], first: Collection[int], size: int, chance: Random) -> list[int]:
    """The places of those that are picked, in order: `size` of them, or all there are.

    Those of `first` are picked before all others. The sum of what values have too much or too little against equal
    shares is as small as it can be; of questions with the same values chance picks.
    """
    if len(first) > size:
        within = sorted(first)
        return [within[at] for at in pick([values[at] for at in within], (), size, chance)]
    if len(values) <= size:
        return list(range(len(values)))
    cells: dict[Values, list[int]] = defaultdict(list)
    for at, of in enumerate(values):
        cells[of].append(at)
    names, kept = sorted(cells), set(first)
    least = [sum(at in kept for at in cells[name]) for name in names]
    counts = _plan(names, least, [len(cells[name]) for name in names], _wanted(values, size), size)
    picked = set(kept)
    for name, count, has in zip(names, counts, least, strict=True):
        picked |= set(chance.sample([at for at in cells[name] if at not in kept], count - has))
    return sorted(picked)


def targets(values: Sequence[Values], picked: Collection[int], size: int, before: Sequence[Values]) -> list[Target]:
    """How many of each attribute's values were wanted and picked, by attribute and value; `before` is what stood."""
    found = []
    for at, (attribute, wanted) in enumerate(zip(ATTRIBUTES, _wanted(values, size), strict=True)):
        there, stood, got = (Counter(of[at] for of in some) for some in (values, before, [values[i] for i in picked]))
        names = sorted(there | stood)
        found += [Target(attribute, name, there[name], stood[name], wanted.get(name, 0), got[name]) for name in names]
    return found


def _wanted(values: Sequence[Values], size: int) -> list[dict[str, int]]:
    return [equal_shares(Counter(of[at] for of in values), size) for at in range(len(ATTRIBUTES))]


def _plan(
    names: Sequence[Values], least: Sequence[int], most: Sequence[int], wanted: Sequence[Mapping[str, int]], size: int
) -> list[int]:
    """How many of each cell.

    An integer program: minimise the sum over all values of |picked - wanted|, each as the sum of what is too much and
    too little; and by far less weight what is over an even split within the cells, so that a document's questions are
    not all of one kind.
    """
    rows = [(at, value) for at, of in enumerate(wanted) for value in of]
    row_of, cells = {row: number for number, row in enumerate(rows)}, len(names)
    even = [min(m, max(low, size / cells)) for low, m in zip(least, most, strict=True)]
    entries = [(row_of[at, value], cell, 1) for cell, of in enumerate(names) for at, value in enumerate(of)]
    for number in range(len(rows)):  # picked - too much + too little = wanted
        entries += [(number, cells + number, -1), (number, cells + len(rows) + number, 1)]
    total, over = len(rows), cells + 2 * len(rows)
    entries += [(total, cell, 1) for cell in range(cells)]
    for cell in range(cells):  # picked - over <= even
        entries += [(total + 1 + cell, cell, 1), (total + 1 + cell, over + cell, -1)]
    at_row, at_column, value = zip(*entries, strict=True)
    goals = [wanted[at][name] for at, name in rows]
    shape = (total + 1 + cells, over + cells)
    limits = LinearConstraint(
        coo_array((value, (at_row, at_column)), shape=shape).tocsc(),
        np.array([*goals, size, *([-np.inf] * cells)]),
        np.array([*goals, size, *even]),
    )
    weights = np.concatenate([np.zeros(cells), np.ones(2 * len(rows)), np.full(cells, 0.5 / size)])
    found = milp(
        weights,
        integrality=np.concatenate([np.ones(cells), np.zeros(over)]),
        bounds=Bounds(np.concatenate([least, np.zeros(over)]), np.concatenate([most, np.full(over, np.inf)])),
        constraints=limits,
        options={"node_limit": _NODES},
    )
    if found.x is None:
        raise SourceError(f"no plan for {size} questions of {sum(most)} was found ({found.message}).")
    return [round(count) for count in found.x[:cells]]
