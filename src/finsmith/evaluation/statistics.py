"""Accuracy with its interval, the paired test between two models, and what that test can find. The only home of scipy.

Not covered: several runs; an interval is over questions, not over seeds.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import binom, binomtest, norm, ttest_1samp

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


def accuracy_of_shares(shares: Sequence[float], answers: int) -> Accuracy:
    """The mean of the questions' shares of right answers (0 to 1) with an interval at 95 %; `answers` are all of them.

    The unit is the question. The interval is Wilson's with the effective number of questions: as many independent
    answers as would vary like the shares, at most `answers`. With one answer a question it is Wilson's own. A t
    interval leaves 0 to 1 near its ends, and like a bootstrap of questions it has no width where all shares are alike.

    Source: Franco, Little, Louis and Slud 2019, J. Survey Statistics and Methodology 7, the modified Wilson interval.

    Raises:
        ValueError: there are no shares.
    """
    if not shares:
        raise ValueError("no questions to score")
    mean, variance = float(np.mean(shares)), float(np.var(shares))
    binary = mean * (1 - mean)  # what the variance is where each share is 0 or 1
    if binary <= 0:
        size: float = len(shares)
    else:
        size = min(answers, len(shares) * binary / variance) if variance > 0 else answers
    z = float(norm.ppf(0.975))
    middle = (mean + z * z / (2 * size)) / (1 + z * z / size)
    half = z * (binary / size + z * z / (4 * size * size)) ** 0.5 / (1 + z * z / size)
    return Accuracy(mean, max(0.0, middle - half), min(1.0, middle + half))


def mcnemar_p(before: Sequence[float], after: Sequence[float]) -> float:
    """The two-sided p of McNemar's exact test on paired right/wrong answers; 1 where no pair differs.

    Of shares of right answers it is the sign test: which questions were answered better, and which worse.

    Source: McNemar 1947, in its exact binomial form.
    """
    gained = sum(a > b for b, a in zip(before, after, strict=True))
    lost = sum(a < b for b, a in zip(before, after, strict=True))
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


class Mean(NamedTuple):
    """A mean and its 95 % interval by Student's t."""

    mean: float
    low: float
    high: float


def mean_interval(values: Sequence[float]) -> Mean:
    """The mean of values with its interval; without spread the interval is the mean. Source: Student 1908.

    Raises:
        ValueError: fewer than two values.
    """
    if len(values) < 2:
        raise ValueError("fewer than two values have no interval")
    if min(values) == max(values):
        return Mean(values[0], values[0], values[0])
    interval = ttest_1samp(values, 0.0).confidence_interval(0.95)
    return Mean(sum(values) / len(values), float(interval.low), float(interval.high))


def sign_test_p(wins: int, losses: int) -> float:
    """The two-sided p of the sign test on wins and losses, ties left out; 1 where there are none.

    Source: Dixon and Mood 1946.
    """
    return float(binomtest(wins, wins + losses, 0.5).pvalue) if wins + losses else 1.0
