"""Paired tests and Holm's correction; expected numbers are counted by hand or come from statsmodels."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from finsmith.comparison.pairs import by_names, differing, holm, paired_tests
from finsmith.evaluation.statistics import mcnemar_p

from .entry import entry, sitting


@pytest.mark.parametrize("seed", range(5))
def test_holm_is_that_of_statsmodels(seed):
    """Lists of p values, with ties and ends, are adjusted as by statsmodels."""
    p_values = [0.0, 1.0, *np.random.default_rng(seed).beta(0.2, 1, 40).round(2)]
    assert holm(p_values) == pytest.approx(list(multipletests(p_values, method="holm")[1]))


def test_holm_of_none_is_none():
    """Without a tested pair there is nothing to adjust."""
    assert holm([]) == []


def test_a_pair_counted_by_hand():
    """Ten gained and four lost of 14: twice the chance of at most four heads in 14 tosses, 2942 in 16384."""
    first, second = entry("a", "1" * 8 + "0" * 12), entry("b", "0" * 4 + "1" * 14 + "00")
    (pair,) = paired_tests([first, second], mcnemar_p)
    assert (pair["n"], pair["gained"], pair["lost"], pair["points"]) == (20, 10, 4, 30.0)
    assert pair["p"] == pytest.approx(2942 / 16384) == pair["p_holm"]


def test_every_pair_is_corrected_for_all():
    """Of three pairs the smallest p counts three times."""
    pairs = paired_tests([entry("a", "0" * 12), entry("b", "1" * 12), entry("c", "1" * 11 + "0")], mcnemar_p)
    found = by_names(pairs)
    assert found["a", "b"]["p_holm"] == pytest.approx(3 * 2 / 2**12)
    assert found["a", "c"]["p_holm"] == pytest.approx(2 * 2 / 2**11)
    assert found["b", "c"]["p_holm"] == 1.0


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (sitting("0110"), "not the same questions: 1 only in the second (q3)"),
        (sitting("01"), "not the same questions: 1 only in the first (q2)"),
        (sitting("011", asked={("q1", 0): 2}), "not the same questions: 1 with another right answer (q1)"),
        (sitting("011", asked={("q1", 1): 3}), "not the same questions: 1 only in the second (q1)"),
        (sitting("011", "choice_text"), "one was asked by letter, the other by choice_text"),
        (None, "b: data/predictions.jsonl: not in the cache; `dvc fetch`"),
    ],
)
def test_what_was_not_asked_alike_is_not_tested(other, says):
    """One question more or less, another right answer, another order, another evaluator, no answers: no p, a reason."""
    (pair,) = paired_tests([entry("a", "001"), entry("b", sitting=other)], mcnemar_p)
    assert pair["reason"] == says
    assert "p" not in pair and "p_holm" not in pair


@pytest.mark.parametrize(
    ("versions", "says"),
    [
        ((1, 2), "version 1 of the test against version 2 of the test, not the same"),
        ((0, 1), "a test that is not frozen against version 1 of the test, not the same"),
        ((None, 2), "a test of unknown version against version 2 of the test, not the same"),
        ((2, 2), "not the same"),
    ],
)
def test_versions_of_the_test_are_named(versions, says):
    """Where two were asked different questions, and other versions of the test, the reason says which."""
    first, second = (
        entry(name, right, version=of) for name, right, of in zip("ab", ("001", "01"), versions, strict=True)
    )
    (pair,) = paired_tests([first, second], mcnemar_p)
    assert pair["reason"].startswith(says)


def test_all_unlike_questions_are_kept():
    """The sentence names three, the list all."""
    (pair,) = paired_tests([entry("a", "0"), entry("b", "0" * 9)], mcnemar_p)
    assert pair["reason"].endswith("8 only in the second (q1, q2, q3, …)")
    assert pair["unlike"] == {"only in the second": [f"q{at}" for at in range(1, 9)]}


def test_a_pair_without_answers_does_not_count_for_the_correction():
    """Two pairs cannot be tested, so the third is the only one."""
    pairs = paired_tests([entry("a", "0" * 6), entry("b", "1" * 6), entry("c")], mcnemar_p)
    assert [pair.get("p_holm") for pair in pairs] == [pytest.approx(2 / 64), None, None]


def test_the_questions_on_which_two_differ():
    """Gained before lost, each with stem, choices, the right one and what each named; others are left out."""
    first, second = sitting("1100"), sitting("0101")
    (pair,) = paired_tests([entry("a", sitting=first), entry("b", sitting=second)], mcnemar_p)
    gained, lost = differing(pair, first, second)
    assert (gained["id"], gained["how"], gained["stem"]) == ("q3", "gained", "3번?")
    assert (gained["answer"], gained["first"], gained["second"]) == (0, [1], [0])
    assert (lost["id"], lost["how"], lost["first"], lost["second"]) == ("q0", "lost", [0], [1])


def test_of_an_untested_pair_the_unlike_questions_are_told():
    """Each by its stem and by what is unlike."""
    first, second = sitting("11"), sitting("1")
    (pair,) = paired_tests([entry("a", sitting=first), entry("b", sitting=second)], mcnemar_p)
    (one,) = differing(pair, first, second)
    assert (one["how"], one["stem"]) == ("only in the first", "1번?")
