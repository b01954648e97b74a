"""Intervals and the paired test against statsmodels, what it can find against simulations."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from finsmith.evaluation.statistics import (
    accuracy_of_shares,
    detectable_difference,
    mcnemar_p,
    mean_interval,
    wilson,
)


@pytest.mark.parametrize(
    ("right", "n"), [(0, 1), (1, 1), (0, 185), (185, 185), (46, 185), (72, 185), (1, 500), (250, 500)]
)
def test_wilson_is_statsmodels_interval(right, n):
    """Accuracy is the share, and the interval statsmodels' 95 % Wilson interval."""
    low, high = proportion_confint(right, n, alpha=0.05, method="wilson")
    assert wilson(right, n) == pytest.approx((right / n, low, high), abs=1e-12)


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
@settings(max_examples=50)
def test_wilson_holds_at_any_count(counts):
    """For any count the interval is statsmodels', inside 0 to 1 and around the accuracy."""
    accuracy, low, high = wilson(*counts)
    assert (low, high) == pytest.approx(proportion_confint(*counts, alpha=0.05, method="wilson"), abs=1e-12)
    assert 0 <= low <= accuracy <= high <= 1


def test_no_question_has_no_accuracy():
    """Zero questions are an error, not 0 %."""
    with pytest.raises(ValueError, match="no questions to score"):
        wilson(0, 0)
    with pytest.raises(ValueError, match="no questions to score"):
        accuracy_of_shares([], 0)


@given(st.lists(st.booleans(), min_size=1, max_size=300))
@settings(max_examples=50)
def test_shares_of_one_answer_each_have_wilsons_interval(right):
    """With one answer a question the interval is statsmodels' Wilson interval."""
    found = accuracy_of_shares([float(one) for one in right], len(right))
    low, high = proportion_confint(sum(right), len(right), method="wilson")
    assert found == pytest.approx((sum(right) / len(right), low, high), abs=1e-9)


def test_shares_count_by_what_they_vary():
    """Shares 1, 1, 1/2, 1/2, 0, 0: binary variance 1/4, theirs 1/6, so six questions count as nine answers."""
    found = accuracy_of_shares([1, 1, 0.5, 0.5, 0, 0], 12)
    assert found == pytest.approx((0.5, *proportion_confint(4.5, 9, method="wilson")), abs=1e-9)


@pytest.mark.parametrize(("share", "count"), [(0.25, 40), (1.0, 10), (0.0, 10)])
def test_equal_shares_keep_a_width(share, count):
    """Ten questions at 1/4 in all four orders count as their forty answers; all right or all wrong as ten questions."""
    low, high = proportion_confint(share * count, count, method="wilson")
    assert accuracy_of_shares([share] * 10, 40) == pytest.approx((share, low, high), abs=1e-9)


@pytest.mark.parametrize(("a", "b"), [(1.2, 2.0), (0.3, 0.5), (9.0, 1.0)])
def test_the_interval_over_questions_covers_where_one_over_answers_does_not(a, b):
    """Questions differ in ease (beta), four orders each: ours holds the mean in 93 to 98 of 100 tests of 100 questions.

    Wilson's over the 400 answers, which takes orders for questions, holds it in fewer than 92.
    """
    chance = np.random.default_rng(11)
    ease = chance.beta(a, b, size=(2000, 100))
    right = chance.binomial(4, ease)
    intervals = [accuracy_of_shares(list(of / 4), 400) for of in right]
    ours = np.mean([low <= a / (a + b) <= high for _, low, high in intervals])
    naive = np.mean(
        [
            low <= a / (a + b) <= high
            for low, high in (proportion_confint(of.sum(), 400, method="wilson") for of in right)
        ]
    )
    assert 0.93 <= ours <= 0.98
    assert naive < 0.92


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=300))
@settings(max_examples=50)
def test_mcnemar_is_statsmodels_exact_p(pairs):
    """For any paired answers p is statsmodels' exact McNemar p, and the same with the models exchanged."""
    before, after = [b for b, _ in pairs], [a for _, a in pairs]
    table = [[sum(p == (b, a) for p in pairs) for a in (True, False)] for b in (True, False)]
    assert mcnemar_p(before, after) == pytest.approx(mcnemar(table, exact=True).pvalue, abs=1e-12)
    assert mcnemar_p(after, before) == mcnemar_p(before, after)


def test_mcnemar_by_hand():
    """Six gained and none lost: two of 2^6 outcomes are as extreme, p = 2/64."""
    assert mcnemar_p([False] * 6 + [True] * 3, [True] * 9) == pytest.approx(2 / 64, abs=1e-12)


def test_shares_are_compared_by_their_sign():
    """Seven shares that rise by any amount, one that falls and one that stays: p = 2 * (1 + 8) / 2^8."""
    before, after = [0.25] * 7 + [1.0, 0.5], [0.5] * 4 + [1.0] * 3 + [0.75, 0.5]
    assert mcnemar_p(before, after) == pytest.approx(2 * (1 + 8) / 2**8, abs=1e-12)


@pytest.mark.parametrize("answers", [[True, False, True], [False], []])
def test_models_that_never_differ_give_p_one(answers):
    """Without a differing pair there is no evidence at all."""
    assert mcnemar_p(answers, answers) == 1.0


def test_unpaired_answers_are_refused():
    """Answers to different numbers of questions are no pairs."""
    with pytest.raises(ValueError):
        mcnemar_p([True, False], [True])


@cache
def is_significant(gained, lost):
    """What statsmodels' exact test says of so many pairs."""
    return mcnemar([[0, lost], [gained, 0]], exact=True).pvalue <= 0.05


def simulated_power(n, discordant_share, difference, times=4000):
    """How often the test is significant when pairs are drawn question by question."""
    gains, losses = (discordant_share + difference) / 2, (discordant_share - difference) / 2
    drawn = np.random.default_rng(5).multinomial(n, [gains, losses, 1 - gains - losses], size=times)
    return np.mean([is_significant(int(gained), int(lost)) for gained, lost, _ in drawn])


@pytest.mark.parametrize(("n", "discordant_share"), [(30, 0.5), (185, 0.346), (185, 0.1), (500, 0.35)])
def test_the_detectable_difference_is_found_four_times_in_five(n, discordant_share):
    """Of 4,000 simulated tests with a difference of that size 80 % are significant (three standard errors: 1.9)."""
    found = detectable_difference(n, discordant_share)
    assert simulated_power(n, discordant_share, found) == pytest.approx(0.8, abs=0.02)


def test_where_all_pairs_differ_the_detectable_difference_is_a_root():
    """Of 10 differing pairs, 9 or 10 one way are significant (p = 22/1024): q^10 + 10 q^9 p with its mirror is 0.8."""
    p, q = np.polynomial.Polynomial([1, -1]), np.polynomial.Polynomial([0, 1])
    power = q**10 + 10 * q**9 * p + p**10 + 10 * p**9 * q
    (gain,) = [root.real for root in (power - 0.8).roots() if abs(root.imag) < 1e-12 and 0.5 < root.real < 1]
    assert detectable_difference(10, 1.0) == pytest.approx(2 * gain - 1, abs=2e-5)


@pytest.mark.parametrize("discordant_share", [0.0, 0.1, 0.9])
def test_six_questions_can_show_only_the_largest_difference(discordant_share):
    """All six must be gained (p = 2/64; five of five are 2/32), so d^6 = 0.8 whatever was observed."""
    assert detectable_difference(6, discordant_share) == pytest.approx(0.8 ** (1 / 6), abs=2e-5)


@pytest.mark.parametrize("n", [1, 5])
def test_five_questions_show_nothing(n):
    """The smallest p of five pairs is 2/32: no difference can be found."""
    assert detectable_difference(n, 0.5) is None


@given(st.lists(st.floats(0, 1), min_size=2, max_size=60))
@settings(max_examples=50)
def test_a_mean_has_statsmodels_t_interval(values):
    """Mean and interval are those of statsmodels; without spread both ends are the mean."""
    mean, low, high = mean_interval(values)
    assert mean == pytest.approx(sum(values) / len(values), abs=1e-12)
    if min(values) == max(values):
        assert low == mean == high
    else:
        assert (low, high) == pytest.approx(DescrStatsW(values).tconfint_mean(), abs=1e-9)


@pytest.mark.parametrize("values", [[], [0.5]])
def test_one_value_has_no_interval(values):
    """Of fewer than two values the spread is not known."""
    with pytest.raises(ValueError, match="fewer than two"):
        mean_interval(values)
