"""How far people agree: Cohen's kappa of two, Krippendorff's alpha of all, each with a bootstrap interval at 95 %.

Rows are resampled, not decisions. Own code, few lines of numpy over rows counted by what was said of them: the library
`krippendorff` is under the GPL, scikit-learn's kappa takes five seconds to import and two for a thousand resamples; the
tests check against published examples and statsmodels. Not covered: what the disagreement is about.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .decisions import Decision, Key

Floats = NDArray[np.float64]
Said = Sequence[tuple[str, ...]]  # what was said of each row
_BOUNDS = (2.5, 97.5)  # percentiles


class Agreement(NamedTuple):
    """A coefficient over so many rows with its interval.

    None where it is not defined: no rows, or all said the same of every row; the interval also where that is so in
    most resamples.
    """

    rows: int
    value: float | None
    low: float | None
    high: float | None


def cohens_kappa(pairs: Said, resamples: int, seed: int) -> Agreement:
    """The kappa of two people, who said these pairs of things. Source: Cohen 1960, Educ. Psychol. Meas. 20."""
    names = sorted({one for pair in pairs for one in pair})
    kinds, times = _counted(pairs)
    tables = np.zeros((len(kinds), len(names), len(names)))
    for number, (one, other) in enumerate(kinds):
        tables[number, names.index(one), names.index(other)] = 1

    def kappa(weights: Floats) -> Floats:
        shares = np.tensordot(weights, tables, 1) / weights.sum(-1)[..., None, None]
        by_chance = (shares.sum(-1) * shares.sum(-2)).sum(-1)
        return _ratio(np.trace(shares, axis1=-2, axis2=-1) - by_chance, 1 - by_chance)

    return _with_interval(kappa, times, resamples, seed)


def krippendorffs_alpha(said: Said, resamples: int, seed: int) -> Agreement:
    """The alpha of nominal data: of each row what each of two or more people said; rows with fewer are left out.

    Source: Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", the general form for nominal data.
    """
    kinds, times = _counted([tuple(sorted(one)) for one in said if len(one) > 1])
    names = sorted({one for kind in kinds for one in kind})
    counts = np.array([[kind.count(name) for name in names] for kind in kinds], float).reshape(len(kinds), len(names))
    people = counts.sum(1)
    differing = (people**2 - (counts**2).sum(1)) / (people - 1)  # pairs that differ, each row weighing as its values

    def alpha(weights: Floats) -> Floats:
        values = weights @ counts
        total = values.sum(-1)
        expected = (total**2 - (values**2).sum(-1)) / (total - 1)
        return 1 - _ratio(weights @ differing, expected)

    return _with_interval(alpha, times, resamples, seed)


def agreement(
    by_person: Mapping[Key, Mapping[str, Decision]], adjudicator: str, resamples: int, seed: int
) -> dict[str, Any]:
    """For the metrics: rows with several decisions, the share on which all say the same, alpha, and kappa by pair.

    Accepted, edited and rejected are three things to say. Skips are left out, and so is the adjudicator, who sees what
    others said; so are audited samples, whose agreement the stage `quality` tells.
    """
    said = {
        key: {name: one.says for name, one in of.items() if one.decides and name != adjudicator}
        for key, of in sorted(by_person.items())
        if key[0] != "sample"
    }
    shared = [tuple(of.values()) for of in said.values() if len(of) > 1]
    pairs: dict[str, Agreement] = {}
    for one, other in combinations(sorted({name for of in said.values() for name in of}), 2):
        both = [(of[one], of[other]) for of in said.values() if one in of and other in of]
        if both:
            pairs[f"{one}, {other}"] = cohens_kappa(both, resamples, seed)
    return {
        "rows": len(shared),
        "alike": round(sum(len(set(of)) == 1 for of in shared) / len(shared), 4) if shared else None,
        "krippendorffs_alpha": _rounded(krippendorffs_alpha(shared, resamples, seed)),
        "cohens_kappa": {names: _rounded(one) for names, one in pairs.items()},
    }


def _counted(said: Said) -> tuple[list[tuple[str, ...]], Floats]:
    """The different things said of rows, in order, and of how many rows each."""
    kinds = sorted(Counter(said).items())
    return [kind for kind, _ in kinds], np.array([times for _, times in kinds], float)


def _with_interval(coefficient: Callable[[Floats], Floats], times: Floats, resamples: int, seed: int) -> Agreement:
    """The coefficient of rows counted by kind, and the percentiles of it over resampled rows. Source: Efron 1979."""
    rows = int(times.sum())
    if not rows or np.isnan(value := float(coefficient(times))):
        return Agreement(rows, None, None, None)
    drawn = np.random.default_rng(seed).multinomial(rows, times / rows, size=resamples).astype(float)
    found = coefficient(drawn)
    defined = found[~np.isnan(found)]
    if 2 * len(defined) < resamples:
        return Agreement(rows, value, None, None)
    low, high = np.percentile(defined, _BOUNDS)
    return Agreement(rows, value, float(low), float(high))


def _ratio(part: Floats, whole: Floats) -> Floats:
    """The quotient, NaN where the whole is 0."""
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    quotient: Floats = np.divide(part, whole, out=np.full(part.shape, np.nan), where=np.abs(whole) > 1e-12)
    return quotient


def _rounded(one: Agreement) -> dict[str, float | None]:
    return {name: value if value is None else round(value, 4) for name, value in one._asdict().items()}
