"""What stands when several people have decided; undos, skips, conflicts and the adjudicator."""

import pytest

from finsmith.review.course import by_person
from finsmith.review.standing import standing_of, standings

from .made import chained, decision, edited, undo
from .params import params

TWO = params(reviewers=("kim", "lee"), overlap={"share": 1.0, "reviewers": 2}, adjudicator="park")


def state(*decisions, given=TWO):
    found = standings(chained(*decisions), given)
    return found[("row", "r1")].state if found else None


def by(reviewer, verdict="accept", **fields):
    return decision("r1", verdict, reviewer, **fields)


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ([by("kim")], "waiting"),
        ([by("kim"), by("lee")], "accepted"),
        ([by("kim", "reject", reason="가"), by("lee", "reject", reason="나")], "rejected"),
        ([by("kim"), by("lee", "reject")], "conflict"),
        ([by("kim"), edited("r1", "lee", output="다른 답")], "conflict"),
        ([edited("r1", "kim", output="답"), edited("r1", "lee", output="답")], "accepted"),
        ([by("kim"), by("lee", "skip")], "waiting"),
        ([by("kim", "skip"), by("lee", "skip")], "waiting"),
        ([by("kim"), by("lee", "reject"), by("lee")], "accepted"),
        ([by("kim"), by("lee"), by("choi", "reject")], "conflict"),
        ([by("kim"), by("lee", "reject"), by("park", "reject")], "rejected"),
        ([by("kim"), by("lee", "reject"), by("park", "skip")], "conflict"),
        ([by("kim"), by("lee"), by("park", "reject")], "rejected"),
        ([by("park")], "accepted"),
    ],
)
def test_what_stands_for_a_row_of_two(said, stands):
    """Both must have decided and agree in verdict and edit; else the adjudicator's word counts."""
    assert state(*said) == stands


def test_one_is_enough_where_a_row_is_not_shared():
    """As delivered, whoever it is."""
    assert state(by("anyone"), given=params()) == "accepted"


def test_the_adjudicators_edit_is_what_counts():
    """And what the others said is still told."""
    last = edited("r1", "park", output="셋째 답")
    found = standing_of({"kim": by("kim"), "lee": by("lee", "reject"), "park": last}, 2, "park")
    assert (found.state, found.counts, found.adjudicated, found.doubted) == ("accepted", last, True, True)
    assert set(found.said) == {"kim", "lee", "park"}


def test_without_an_adjudicator_a_conflict_waits():
    """Nobody's name is the empty one."""
    assert standing_of({"kim": by("kim"), "lee": by("lee", "reject")}, 2, "").state == "conflict"


def test_an_undo_lets_stand_what_stood_before():
    """Undone to the first, the row has none."""
    first, second = chained(by("kim", "reject"), by("kim"))
    back = undo(second)
    assert by_person([first, second, back]) == {("row", "r1"): {"kim": first}}
    assert by_person([first, second, back, undo(first, seen=back.id)]) == {}


def test_samples_do_not_decide_on_rows():
    """A row of the audit's sample is judged, not approved."""
    judged = decision("r1", kind="sample", answers=(True, True, True))
    assert standings([judged], params()) == {}
    assert set(by_person([judged])) == {("sample", "r1")}
