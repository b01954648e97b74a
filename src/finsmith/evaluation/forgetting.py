"""What an adapter has forgotten: the accuracy on general questions before and after, and whether the loss is chance.

Not covered: why; the accuracies by kind of question only hint at it.
"""

from collections.abc import Sequence
from typing import Any

from finsmith.core.records import Question

from .statistics import mcnemar_p, wilson


def forgetting(questions: Sequence[Question], before: Sequence[bool], after: Sequence[bool]) -> dict[str, Any]:
    """The entries `general` and `forgetting` of the metrics file; of each question, which model answered it right.

    `points` are percentage points of accuracy lost; below 0 the adapter gained. `by_kind` counts right answers.
    """
    return {
        "general": {
            "n": len(questions),
            "base": _accuracy(before),
            "adapter": _accuracy(after),
            "by_kind": _by_kind(questions, before, after),
        },
        "forgetting": {
            "points": round(100 * (sum(before) - sum(after)) / len(questions), 2),
            "gained": sum(a and not b for b, a in zip(before, after, strict=True)),
            "lost": sum(b and not a for b, a in zip(before, after, strict=True)),
            "mcnemar_p": mcnemar_p(before, after),
        },
    }


def _accuracy(right: Sequence[bool]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in wilson(sum(right), len(right))._asdict().items()}


def _by_kind(questions: Sequence[Question], before: Sequence[bool], after: Sequence[bool]) -> dict[str, dict[str, int]]:
    kinds: dict[str, dict[str, int]] = {}
    for question, b, a in sorted(zip(questions, before, after, strict=True), key=lambda of: of[0].kind):
        counts = kinds.setdefault(question.kind, {"n": 0, "base": 0, "adapter": 0})
        for name, one in (("n", 1), ("base", b), ("adapter", a)):
            counts[name] += one
    return kinds
