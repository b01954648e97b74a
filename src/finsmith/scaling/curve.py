"""The curve of accuracy over rows: a power law that begins at the base model, beside it a straight line.

    accuracy(n) = ceiling - (ceiling - base) * (1 + n / onset) ** -exponent

For n far above `onset` this is ceiling - a * n ** -exponent with a = (ceiling - base) * onset ** exponent, the form in
which error falls with data. Source: Hestness et al. 2017, arXiv 1712.00409, section 3, with their small-data region as
the onset; the same for language models: Kaplan et al. 2020, arXiv 2001.08361, section 1.2. The base's accuracy at n = 0
is measured, so that three numbers are left to fit.

Given exponent and onset the ceiling follows by linear least squares, so those two are searched on a grid and nothing
depends on a start value. Source: variable projection, Golub and Pereyra 1973. Intervals are percentiles over bootstrap
samples of questions (the same for all trainings, which were asked the same) and of seeds. Not covered: figures, money.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_EXPONENTS = np.geomspace(0.02, 2, 50)  # tasks were found between 0.07 and 0.35, theory says 0.5 or 1 (Hestness, 2.1)
_ONSETS = np.geomspace(1e-2, 1e2, 80)  # in geometric means of the sizes
_LEAST_SIZES = 4  # one more than the numbers to fit
_REACH = 64  # the curve is asked up to so many times the rows that were trained on
_SAMPLES = 1000


@dataclass(frozen=True)
class Measured:
    """What was measured at one general share: per size the domain rows (a mean over seeds), and what came out right.

    `right` holds for each size an array (seeds, questions) of 0 and 1, `base` one of (questions,) for the base model.
    """

    rows: Array
    right: Sequence[Array]
    base: Array


@dataclass(frozen=True)
class PowerLaw:
    """Parameters of the curve, an array (samples,) each."""

    base: Array
    ceiling: Array
    exponent: Array
    onset_rows: Array

    def accuracy(self, rows: Array) -> Array:
        """Accuracies (samples, rows)."""
        rest = (1 + rows / self.onset_rows[:, None]) ** -self.exponent[:, None]
        return self.ceiling[:, None] - (self.ceiling - self.base)[:, None] * rest


@dataclass(frozen=True)
class Samples:
    """Accuracies (samples, sizes) and the base's (samples,); the first sample is the measurement itself."""

    accuracy: Array
    base: Array


def resample(measured: Measured, samples: int, seed: int) -> Samples:
    """The measurement and so many bootstrap samples of its questions and seeds.

    Means over drawn seeds vary too little, by sqrt((seeds - 1) / seeds); their distance from the mean is corrected by
    it. One seed has no such variation: the interval then is that of the questions alone. Source: Davison and Hinkley
    1997, Bootstrap Methods, section 2.3.
    """
    chance = np.random.default_rng(seed)
    questions = len(measured.base)
    drawn = chance.multinomial(questions, np.full(questions, 1 / questions), size=samples) / questions
    weights = np.vstack([np.full(questions, 1 / questions), drawn])
    columns = []
    for right in measured.right:
        each = weights @ right.T  # (samples, seeds)
        mean, seeds = each.mean(axis=1), right.shape[0]
        picked = np.take_along_axis(each, chance.integers(0, seeds, each.shape), axis=1).mean(axis=1)
        picked[0] = mean[0]
        columns.append(mean + (picked - mean) * np.sqrt(seeds / max(seeds - 1, 1)))
    return Samples(np.column_stack(columns), weights @ measured.base)


def precision(measured: Measured) -> Array:
    """The weight of each size: one over the binomial variance of its mean accuracy, by a share that is never 0 or 1."""
    answers = np.array([right.size for right in measured.right])
    share = (np.array([right.sum() for right in measured.right]) + 2) / (answers + 4)  # Agresti and Coull 1998
    weights: Array = answers / (share * (1 - share))
    return weights


def fit_power_law(rows: Array, samples: Samples, weights: Array) -> PowerLaw:
    """The best curve of each sample by weighted least squares, with base <= ceiling <= 1."""
    exponents, onsets = (axis.ravel() for axis in np.meshgrid(_EXPONENTS, _ONSETS * np.exp(np.log(rows).mean())))
    rest = (1 + rows / onsets[:, None]) ** -exponents[:, None]  # (grid, sizes)
    rise, above = 1 - rest, samples.accuracy - samples.base[:, None]
    # accuracy - base = height * rise, with height = ceiling - base
    rise_rise = (weights * rise**2).sum(axis=1)[:, None]
    rise_above = (weights * rise) @ above.T  # (grid, samples)
    height = np.clip(rise_above / rise_rise, 0, 1 - samples.base)
    best = (height * (height * rise_rise - 2 * rise_above)).argmin(
        axis=0
    )  # the squares of `above` are the same for all
    heights = np.take_along_axis(height, best[None], axis=0)[0]
    return PowerLaw(samples.base, samples.base + heights, exponents[best], onsets[best])


def fit_line(rows: Array, samples: Samples, weights: Array) -> tuple[Array, Array]:
    """Slope and height at one row of accuracy over log2(rows), each (samples,); the slope is the gain of a doubling."""
    slope, height = np.polyfit(np.log2(rows), samples.accuracy.T, 1, w=np.sqrt(weights))
    return slope, height


def flattens_at(law: PowerLaw, smallest: float, largest: float, worth: float) -> Array:
    """The fewest rows from which on no doubling buys `worth` (a share of 1), per sample; infinite beyond `_REACH`.

    From which on: at its onset a curve is flat too, and then rises.
    """
    rows = np.geomspace(smallest, largest * _REACH, 400)
    gains = law.accuracy(2 * rows) - law.accuracy(rows)
    still_worth = np.maximum.accumulate(gains[:, ::-1], axis=1)[:, ::-1] >= worth  # true, then false
    first = still_worth.sum(axis=1)
    reached: Array = np.where(first < len(rows), rows[np.minimum(first, len(rows) - 1)], np.inf)
    return reached


def interval(samples: Array) -> dict[str, float | None]:
    """The value of the first sample with the 95 % interval of the others; None stands for infinite."""
    low, high = np.quantile(samples[1:], (0.025, 0.975), method="inverted_cdf")
    named = {"value": samples[0], "low": low, "high": high}
    return {name: float(value) if np.isfinite(value) else None for name, value in named.items()}


def band(law: PowerLaw, rows: Array) -> dict[str, list[float]]:
    """The first sample's accuracies at these rows, and the ends of the 95 % interval of the others."""
    accuracies = law.accuracy(rows)
    low, high = np.quantile(accuracies[1:], (0.025, 0.975), axis=0)
    return {"rows": rows.tolist(), "value": accuracies[0].tolist(), "low": low.tolist(), "high": high.tolist()}


def study(measured: Measured, worth: float, more_rows: int, seed: int = 1, samples: int = _SAMPLES) -> dict[str, Any]:
    """What the sizes of one general share say, for scaling.json: accuracies, line, curve, or why there is none.

    `worth` is the least gain of a doubling that still counts (0.01 is one point), `more_rows` what is asked about.
    """
    drawn, weights, rows = resample(measured, samples, seed), precision(measured), measured.rows
    told: dict[str, Any] = {
        "sizes": [{"rows": float(n)} | interval(drawn.accuracy[:, at]) for at, n in enumerate(rows)],
        "base": interval(drawn.base),
        "cannot_tell": "",
    }
    if len(rows) < _LEAST_SIZES:
        return told | {"cannot_tell": f"a curve needs {_LEAST_SIZES} sizes, not {len(rows)}"}
    slope, height = fit_line(rows, drawn, weights)
    largest, more = float(rows.max()), float(rows.max()) + more_rows
    ends = np.array([rows.min(), more])
    told["line"] = {
        "gain_of_doubling": interval(slope),
        "gain_of_more_rows": interval(slope * np.log2(more / largest)),
        "aic": float((weights * (drawn.accuracy[0] - height[0] - slope[0] * np.log2(rows)) ** 2).sum()) + 4,
        "drawn": {"rows": ends.tolist(), "value": (height[0] + slope[0] * np.log2(ends)).tolist()},
    }
    if (told["line"]["gain_of_doubling"]["low"] or 0) <= 0:
        return told | {"cannot_tell": "the rise over the sizes that were measured cannot be told from chance"}
    law = fit_power_law(rows, drawn, weights)
    fitted = law.accuracy(np.array([largest, more]))
    return told | {
        "power_law": {
            "ceiling": interval(law.ceiling),
            "exponent": interval(law.exponent),
            "onset_rows": interval(law.onset_rows),
            "aic": float((weights * (drawn.accuracy[0] - law.accuracy(rows)[0]) ** 2).sum()) + 6,
            "flattens_at_rows": interval(flattens_at(law, float(rows.min()), largest, worth)),
            "gain_of_more_rows": interval(fitted[:, 1] - fitted[:, 0]),
            "drawn": band(law, np.geomspace(rows.min(), more, 80)),
            "reach": band(law, np.geomspace(rows.min(), largest * _REACH, 400)),
        },
    }
