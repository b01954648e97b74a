"""What predictions amount to, with every number worked out by hand."""

import pytest
from statsmodels.stats.proportion import proportion_confint

from finsmith.evaluation.scores import paired, score, shares_right

from .tables import prediction


def turned(question_id, places, right=0, **changes):
    """Answers to a question in its four orders: the index chosen among its own choices, None for an unreadable one."""
    return [
        prediction(
            question_id, None if place is None else (place - shift) % 4, (right - shift) % 4, shift=shift, **changes
        )
        for shift, place in enumerate(places)
    ]


def test_one_order_is_wilson():
    """Two of three: the share, its Wilson interval, and the letters named; nothing is said of orders or of writing."""
    found = score([prediction("a", 0, 0), prediction("b", 3, 3), prediction("c", 1, 0)])
    low, high = proportion_confint(2, 3, method="wilson")
    assert (found["low"], found["high"]) == pytest.approx((low, high), abs=5.1e-5)
    assert found["accuracy"] == 0.6667
    assert found["answers"] == {"A": 1, "B": 1, "C": 0, "D": 1}
    assert found.keys() == {"accuracy", "low", "high", "answers"}


def test_orders_are_averaged_by_question():
    """Shares 1, 1/4 and 0 of three questions average 5/12; all but the second have one choice in all orders."""
    always_a = [prediction("b", 0, (0 - shift) % 4, shift=shift) for shift in range(4)]
    answers = [*turned("a", [0, 0, 0, 0]), *always_a, *turned("c", [1, 1, 1, 1])]
    assert shares_right(answers) == {"a": 1.0, "b": 0.25, "c": 0.0}
    found = score(answers)
    assert found["accuracy"] == 0.4167
    assert found["consistency"] == 0.6667  # a and c
    assert found["answers"] == {"A": 6, "B": 2, "C": 2, "D": 2}


def test_a_question_with_an_unreadable_order_is_not_steady():
    """Whether one order or all could not be read: no choice was the same in all."""
    answers = [
        *turned("a", [0, 0, None, 0], scores=()),
        *turned("b", [None] * 4, scores=()),
        *turned("c", [2] * 4, scores=()),
    ]
    found = score(answers)
    assert (found["consistency"], found["unparsable"]) == (0.3333, 0.4167)
    assert found["accuracy"] == 0.25


def test_unreadable_answers_count_as_wrong():
    """One right, one unreadable of two: 50 %, and half could not be read."""
    found = score([prediction("a", 1, 1, scores=()), prediction("b", None, 1, scores=())])
    assert (found["accuracy"], found["unparsable"]) == (0.5, 0.5)
    assert found["answers"] == {"A": 0, "B": 1, "C": 0, "D": 0}


def test_five_choices_have_five_letters():
    """Where one question has five, E is counted."""
    found = score([prediction("a", 4, 4, choices=5, scores=(0,) * 5), prediction("b", 0, 0)])
    assert found["answers"] == {"A": 1, "B": 0, "C": 0, "D": 0, "E": 1}


def test_pairs_are_matched_by_question():
    """Eight gained and one lost of ten: p = 2 * (1 + 9) / 2^9, in whatever order the questions stand."""
    before = [prediction(f"q{n}", 0 if n >= 8 else 1, 0) for n in range(10)]
    after = [prediction(f"q{n}", 2 if n == 8 else 0, 0) for n in reversed(range(10))]
    found = paired(before, after)
    assert (found["gained"], found["lost"]) == (8, 1)
    assert found["mcnemar_p"] == pytest.approx(2 * (1 + 9) / 2**9, abs=1e-12)


def test_over_orders_a_question_is_gained_by_more_right_ones():
    """From 1/4 to 3/4 is gained, from 1 to 3/4 lost, 1/2 both times neither: p of one against one is 1."""
    before = [*turned("a", [0, 1, 1, 1]), *turned("b", [0, 0, 0, 0]), *turned("c", [0, 0, 1, 1])]
    after = [*turned("a", [0, 0, 0, 1]), *turned("b", [0, 0, 0, 1]), *turned("c", [1, 1, 0, 0])]
    found = paired(before, after)
    assert (found["gained"], found["lost"], found["mcnemar_p"]) == (1, 1, 1.0)


def test_the_detectable_difference_is_that_of_the_observed_share():
    """Six questions of which none differs: d^6 = 0.8 (see test_statistics); of five nothing can be found.

    Where all six differ, gained or lost, all are gained with (1 + d) / 2 to the 6th, or all lost: 0.8 at d = 0.927.
    """
    before, after = ([prediction(f"q{n}", place, 0) for n in range(6)] for place in (1, 0))
    assert paired(before, before)["detectable_difference"] == pytest.approx(0.8 ** (1 / 6), abs=1e-4)
    found = paired(before, after)["detectable_difference"]
    assert ((1 + found) / 2) ** 6 + ((1 - found) / 2) ** 6 == pytest.approx(0.8, abs=5e-4)
    assert paired(before[:5], after[:5])["detectable_difference"] is None
