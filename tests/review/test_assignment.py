"""Who decides on a row: evenly, by the row alone, and with as little moved as can be when the list changes."""

from collections import Counter

import pytest
from pydantic import ValidationError

from finsmith.core.ids import content_id
from finsmith.review.assignment import needed, reviewers_of

from .params import params

ROWS = [content_id(number) for number in range(2000)]
THREE = ("kim", "lee", "park")


def test_rows_are_split_evenly_and_the_overlap_is_met():
    """A third each, give or take three standard errors; the overlap's share has two different reviewers."""
    given = params(reviewers=THREE, overlap={"share": 0.3, "reviewers": 2})
    told = [reviewers_of(row, given) for row in ROWS]
    first = Counter(one[0] for one in told)
    assert all(abs(count - 2000 / 3) < 3 * (2000 * 2 / 9) ** 0.5 for count in first.values())
    shared = [one for one in told if len(one) == 2]
    assert abs(len(shared) - 600) < 3 * (2000 * 0.21) ** 0.5
    assert all(len(set(one)) == 2 for one in shared)
    assert [needed(row, given) for row in ROWS] == list(map(len, told))


def test_the_order_of_the_list_and_other_rows_do_not_matter():
    """Only the row's id, the seed and the names."""
    given, turned = params(reviewers=THREE), params(reviewers=THREE[::-1])
    assert [reviewers_of(row, given) for row in ROWS] == [reviewers_of(row, turned) for row in ROWS]
    assert [reviewers_of(row, given) for row in ROWS] != [
        reviewers_of(row, params(reviewers=THREE, seed=9)) for row in ROWS
    ]


def test_a_new_reviewer_takes_only_what_becomes_theirs():
    """No row moves between those who were there."""
    before, after = params(reviewers=THREE), params(reviewers=(*THREE, "choi"))
    moved = [(reviewers_of(row, before)[0], reviewers_of(row, after)[0]) for row in ROWS]
    assert {new for old, new in moved if old != new} == {"choi"}


def test_without_names_everybody_may_decide_and_one_is_enough():
    """As delivered."""
    assert reviewers_of("r1", params()) == () and needed("r1", params()) == 1


def test_more_reviewers_wanted_than_there_are():
    """All of them decide."""
    given = params(reviewers=("kim", "lee"), overlap={"share": 1.0, "reviewers": 3})
    assert set(reviewers_of("r1", given)) == {"kim", "lee"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"reviewers": ["kim", "Kim"]}, "stands there twice"),
        ({"reviewers": ["kim"], "adjudicator": "kim"}, "is a reviewer too"),
        ({"reviewers": ["../kim"]}, "reviewer's name"),
        ({"adjudicator": "a b"}, "reviewer's name"),
        ({"unreviewed": {"rag": "require"}}, "default"),
        ({"unreviewed": {"default": "maybe"}}, "require"),
        ({"overlap": {"share": 1.1, "reviewers": 2}}, "less than or equal"),
        ({"judged": {"solved_blind": 1}}, "solved"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(changes, why):
    """With the reason."""
    with pytest.raises(ValidationError, match=why):
        params(**changes)
