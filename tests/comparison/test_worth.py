"""Pareto front and price of a point."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsmith.comparison.worth import cheapest, front, most_accurate, usd_per_point

PLACES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12)


def test_a_front_by_hand():
    """What is dearer and no better is beaten, also by an equal price or an equal accuracy; equals are both on it."""
    places = [(1, 0.2), (2, 0.4), (2, 0.3), (3, 0.4), (4, 0.5), (2, 0.4)]
    assert front(places) == [True, True, False, False, True, True]


@given(PLACES)
def test_whoever_is_not_on_the_front_is_beaten_by_one_who_is(places):
    """And of two on the front the dearer is the more accurate."""
    on = [place for place, is_on in zip(places, front(places), strict=True) if is_on]
    for place, is_on in zip(places, front(places), strict=True):
        beaten = any(other[0] <= place[0] and other[1] >= place[1] and other != place for other in on)
        assert is_on != beaten
    assert all((a[0] < b[0]) == (a[1] < b[1]) for a in on for b in on if a != b)


def test_the_cheapest_and_the_most_accurate():
    """Of equally cheap ones the more accurate, of equally accurate ones the cheaper."""
    places = [(1, 0.2), (1, 0.3), (5, 0.5), (4, 0.5)]
    assert (cheapest(places), most_accurate(places)) == (1, 3)


@pytest.mark.parametrize(
    ("to", "usd"),
    [((12.0, 0.30), 0.4), ((10.0, 0.30), None), ((12.0, 0.25), None), ((12.0, 0.2), None), ((8.0, 0.3), None)],
)
def test_a_point_has_a_price_where_more_money_bought_more_points(to, usd):
    """2 USD for 5 points are 0.4; equal cost, equal or lower accuracy, or less money have none, and divide nothing."""
    assert usd_per_point((10.0, 0.25), to) == pytest.approx(usd)
