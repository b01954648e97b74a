"""The paired test between any two experiments that answered exactly the same questions, corrected for their number.

A pair whose questions, right answers or ways of asking differ is not tested, and it is said where they differ. Not
covered: the test itself; it is passed in.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

from .entries import PREDICTIONS, Entry, Sitting

_TOLD = 3  # ids in a sentence
PairedTest = Callable[[Sequence[float], Sequence[float]], float]


def paired_tests(entries: Sequence[Entry], test: PairedTest) -> list[dict[str, Any]]:
    """Every pair, in order: questions the second gained and lost against the first, raw p and Holm's; or the reason."""
    pairs = [_pair(first, second, test) for first, second in combinations(entries, 2)]
    tested = [pair for pair in pairs if "p" in pair]
    for pair, adjusted in zip(tested, holm([pair["p"] for pair in tested]), strict=True):
        pair["p_holm"] = adjusted
    return pairs


def holm(p_values: Sequence[float]) -> list[float]:
    """The p values adjusted so that the chance of any false finding among all stays what it is for one.

    Source: Holm 1979, Scandinavian Journal of Statistics 6.
    """
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, at in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[at]))
        adjusted[at] = highest
    return adjusted


def _pair(first: Entry, second: Entry, test: PairedTest) -> dict[str, Any]:
    pair: dict[str, Any] = {"first": first.name, "second": second.name}
    a, b = first.sitting, second.sitting
    if not a or not b:
        missing = [f"{one.name}: {_why(one)}" for one in (first, second) if not one.sitting]
        return pair | {"reason": "; ".join(missing)}
    if a.evaluator != b.evaluator:
        return pair | {"reason": f"one was asked by {a.evaluator}, the other by {b.evaluator}"}
    if unlike := _unlike(a, b):
        told = "; ".join(f"{len(ids)} {what} ({_some(ids)})" for what, ids in unlike.items())
        versions = [one.test_version or "a test of unknown version" for one in (first, second)]
        which = f"{versions[0]} against {versions[1]}, " if first.version != second.version else ""
        return pair | {"reason": f"{which}not the same questions: {told}", "unlike": unlike}
    changes = [(a.right[id], b.right[id]) for id in sorted(a.right)]
    gained, lost = sum(y > x for x, y in changes), sum(y < x for x, y in changes)
    return pair | {
        "n": len(changes),
        "gained": gained,
        "lost": lost,
        "points": round(100 * (b.accuracy - a.accuracy), 4),
        "p": test([x for x, _ in changes], [y for _, y in changes]),
    }


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:_TOLD]) + (", …" if len(ids) > _TOLD else "")


def _why(entry: Entry) -> str:
    return entry.lacks.get(PREDICTIONS) or next(iter(entry.lacks.values()))


def _unlike(a: Sitting, b: Sitting) -> dict[str, list[str]]:
    """Ids of the questions on which two sittings were not asked the same, by what differs; {} where they were."""
    both = a.asked.keys() & b.asked.keys()
    found = {
        "only in the first": {id for id, _ in a.asked.keys() - b.asked.keys()},
        "only in the second": {id for id, _ in b.asked.keys() - a.asked.keys()},
        "with another right answer": {one[0] for one in both if a.asked[one] != b.asked[one]},
    }
    return {what: sorted(ids) for what, ids in found.items() if ids}


def differing(pair: Mapping[str, Any], first: Sitting, second: Sitting) -> list[dict[str, Any]]:
    """The questions behind a pair: of a tested one those that one answered better, with what each chose.

    Those gained by the second come first. Of a pair that was not tested they are those that were not asked alike.
    """
    if "p" not in pair:
        return [
            {"id": id, "how": what, "stem": {**first.questions, **second.questions}[id].stem, "choices": []}
            for what, ids in pair.get("unlike", {}).items()
            for id in ids
        ]
    shared = [id for id in sorted(first.right) if first.right[id] != second.right[id]]
    return [
        {
            "id": id,
            "how": "gained" if second.right[id] > first.right[id] else "lost",
            "stem": first.questions[id].stem,
            "choices": list(first.questions[id].choices),
            "answer": first.questions[id].answer,
            "first": _named(first.chosen[id]),
            "second": _named(second.chosen[id]),
        }
        for id in sorted(shared, key=lambda id: (second.right[id] < first.right[id], id))
    ]


def _named(chosen: Sequence[int | None]) -> list[int]:
    """Each choice once, in order; a written answer may have named none."""
    return sorted({one for one in chosen if one is not None})


def by_names(pairs: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Pairs by the names of both."""
    return {(pair["first"], pair["second"]): pair for pair in pairs}
