"""Accuracy with its interval, the paired test between two models, and what that test can find. The only home of scipy.

Not covered: several runs; an interval is over questions, not over seeds.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import binom, binomtest

_SIGNIFICANT = 0.05  # two-sided
_POWER = 0.8
_EXACT = 1e-5  # of a difference between accuracies


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


def detectable_difference(n: int, discordant_share: float) -> float | None:
    """The least share of questions gained over lost that McNemar's exact test finds with power 0.8 at p <= 0.05.

    Of `n` questions about `discordant_share` (0 to 1) are right in one model alone, as observed or assumed. A
    difference cannot be larger than that share; for a larger one all those questions are taken to differ one way. None
    where so few questions show no difference whatever.

    Source: Duffy 1984, Biometrics 40, the exact unconditional power; with scipy's binomial distribution.
    """

    def found(difference: float) -> bool:
        return _power(n, max(discordant_share, difference), difference) >= _POWER

    if not found(1.0):
        return None
    low, high = 0.0, 1.0
    while high - low > _EXACT:
        middle = (low + high) / 2
        low, high = (low, middle) if found(middle) else (middle, high)
    return high


def _power(n: int, discordant_share: float, difference: float) -> float:
    """The probability that the test is significant: over how many pairs differ, and how many of these are gained."""
    differing = np.arange(n + 1)
    likely = binom.pmf(differing, n, discordant_share)
    gain = (1 + difference / discordant_share) / 2
    # The most pairs of the rarer kind with which the test is significant; -1 where none will do.
    few = binom.ppf(_SIGNIFICANT / 2, differing, 0.5)
    few = np.where(binom.cdf(few, differing, 0.5) > _SIGNIFICANT / 2, few - 1, few)
    significant = binom.cdf(few, differing, gain) + binom.sf(differing - few - 1, differing, gain)
    return float((likely * np.where(few < 0, 0.0, significant)).sum())
