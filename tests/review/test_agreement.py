"""Kappa and alpha are those of published examples and of other libraries; intervals hold the true value."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa as kappa_of_statsmodels

from finsmith.review.agreement import agreement, cohens_kappa, krippendorffs_alpha
from finsmith.review.course import by_person

from .made import chained, decision, edited

# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability": B (two observers) and C (four, some units missed).
TWO = ["a a b b d c c c e d d a", "b a b b b c c c e d d d"]
FOUR = ["1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 ."]
BINARY = ["0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0"]


def pairs(*table):
    """Pairs of answers from a table of counts."""
    return [(str(at), str(other)) for at, line in enumerate(table) for other, n in enumerate(line) for _ in range(n)]


def units(observers):
    """What was said of each unit; a dot is nothing."""
    return [tuple(one for one in of if one != ".") for of in zip(*(line.split() for line in observers), strict=True)]


@pytest.mark.parametrize(
    ("table", "kappa"),
    [
        (((20, 5), (10, 15)), 0.4),  # by hand: observed 0.7, by chance 0.5
        (((75, 1, 4), (5, 4, 1), (0, 0, 10)), 0.676),  # Fleiss, Levin and Paik 2003, table 18.1: 0.68
        (((5, 0), (0, 5)), 1.0),
        (((0, 5), (5, 0)), -1.0),
    ],
)
def test_kappa_is_that_of_known_tables(table, kappa):
    """To three digits."""
    found = cohens_kappa(pairs(*table), 200, 1)
    assert found.rows == sum(map(sum, table)) and found.value == pytest.approx(kappa, abs=5e-4)
    assert found.low <= found.value + 1e-9 and found.high >= found.value - 1e-9


@pytest.mark.parametrize(("observers", "alpha"), [(BINARY, 0.095), (TWO, 0.692), (FOUR, 0.743)])
def test_alpha_is_that_of_the_published_examples(observers, alpha):
    """Examples A, B and C of Krippendorff 2011."""
    assert krippendorffs_alpha(units(observers), 200, 1).value == pytest.approx(alpha, abs=5e-4)


@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=3, max_size=3))
def test_kappa_is_that_of_statsmodels(table):
    """Wherever it is defined."""
    found = cohens_kappa(pairs(*table), 100, 1)
    with np.errstate(all="ignore"):
        known = kappa_of_statsmodels(np.array(table)).kappa if sum(map(sum, table)) else np.nan
    assert found.value is None if np.isnan(known) else found.value == pytest.approx(known)


def test_where_all_say_the_same_nothing_is_defined():
    """No number is made up: chance alone would do the same. With no rows neither."""
    for one in (
        cohens_kappa([("accept", "accept")] * 9, 100, 1),
        krippendorffs_alpha([("accept", "accept")] * 9, 100, 1),
    ):
        assert one == (9, None, None, None)
    assert cohens_kappa([], 100, 1) == krippendorffs_alpha([("accept",)], 100, 1) == (0, None, None, None)


def test_the_interval_is_seeded_and_narrows_with_rows():
    """The same seed, the same interval; sixteen times the rows, about a quarter of the width."""
    few = pairs((20, 5), (10, 15))
    assert cohens_kappa(few, 1000, 1) == cohens_kappa(few[::-1], 1000, 1) != cohens_kappa(few, 1000, 2)
    small, large = cohens_kappa(few, 1000, 1), cohens_kappa(few * 16, 1000, 1)
    assert (large.high - large.low) / (small.high - small.low) == pytest.approx(0.25, rel=0.2)


@pytest.mark.parametrize("coefficient", [cohens_kappa, krippendorffs_alpha])
def test_the_interval_holds_the_true_value_about_as_often_as_it_says(coefficient):
    """Two people, each of whom sees a row as it is in 9 of 10 cases and guesses else: 0.81 at 100 rows, 300 times."""
    chance, held = random.Random(3), 0
    for number in range(300):
        said = []
        for _ in range(100):
            truth = chance.choice("ar")
            said.append(tuple(truth if chance.random() < 0.9 else chance.choice("ar") for _ in range(2)))
        found = coefficient(said, 200, number)
        held += found.low <= 0.81 <= found.high
    assert 0.90 <= held / 300 <= 0.98


def test_what_counts_for_agreement():
    """Edits are a third thing to say; skips, the adjudicator and samples are left out."""
    said = [
        decision("r1"),
        decision("r1", "accept", "lee"),
        decision("r2"),
        edited("r2", "lee", output="답"),
        decision("r3", "reject"),
        decision("r3", "reject", "lee"),
        decision("r3", "accept", "park"),
        decision("r4"),
        decision("r4", "skip", "lee"),
        *(decision("r5", reviewer=name, kind="sample", answers=(True, True, True)) for name in ("kim", "lee")),
    ]
    told = agreement(by_person(chained(*said)), "park", 200, 1)
    assert told["rows"] == 3 and told["alike"] == 0.6667
    # by hand: observed 2/3; by chance accept 2/3·1/3, reject 1/3·1/3, so 1/3
    assert told["cohens_kappa"] == {"kim, lee": {"rows": 3, "value": 0.5, "low": 0.0, "high": 1.0}}
    # by hand: 1 − (n − 1)·2 / (n² − (3² + 1² + 2²)) with n = 6
    assert told["krippendorffs_alpha"]["value"] == round(1 - 5 * 2 / (36 - 14), 4)
    assert agreement({}, "", 200, 1) == {
        "rows": 0,
        "alike": None,
        "krippendorffs_alpha": {"rows": 0, "value": None, "low": None, "high": None},
        "cohens_kappa": {},
    }
