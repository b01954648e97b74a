"""Accuracy with its interval, and the paired test between two models. The only home of scipy.

Not covered: several runs; an interval is over questions, not over seeds.
"""

from collections.abc import Sequence
from typing import NamedTuple

from scipy.stats import binomtest


class Accuracy(NamedTuple):
    """A share of right answers and its 95 % Wilson interval."""

    accuracy: float
    low: float
    high: float


def wilson(right: int, n: int) -> Accuracy:
    """Accuracy with the Wilson score interval at 95 %. Source: Wilson 1927.

    Raises:
        ValueError: n is 0.
    """
    if n == 0:
        raise ValueError("no questions to score")
    interval = binomtest(right, n).proportion_ci(0.95, method="wilson")
    return Accuracy(right / n, float(interval.low), float(interval.high))


def mcnemar_p(before: Sequence[bool], after: Sequence[bool]) -> float:
    """The two-sided p of McNemar's exact test on paired right/wrong answers; 1 where no pair differs.

    Source: McNemar 1947, in its exact binomial form.
    """
    gained = sum(a and not b for b, a in zip(before, after, strict=True))
    lost = sum(b and not a for b, a in zip(before, after, strict=True))
    return float(binomtest(gained, gained + lost, 0.5).pvalue) if gained + lost else 1.0
