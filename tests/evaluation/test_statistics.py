"""Intervals and the paired test against statsmodels."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from finsmith.evaluation.statistics import mcnemar_p, wilson


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


@pytest.mark.parametrize("answers", [[True, False, True], [False], []])
def test_models_that_never_differ_give_p_one(answers):
    """Without a differing pair there is no evidence at all."""
    assert mcnemar_p(answers, answers) == 1.0


def test_unpaired_answers_are_refused():
    """Answers to different numbers of questions are no pairs."""
    with pytest.raises(ValueError):
        mcnemar_p([True, False], [True])
