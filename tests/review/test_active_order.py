"""What the active order finds: counts, shares and the curve are those that one would count by hand."""

from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from finsmith.evaluation.statistics import wilson
from finsmith.review.active_order import ActiveOrder
from finsmith.review.doubt import Doubts, flag_doubt, is_listed, judged_doubt
from finsmith.review.standing import standings

from .made import decision, edited, row
from .params import params

DOUBTS = st.sampled_from([0.0, 0.5, 2.0])
SAID = st.sampled_from(["", "accept", "reject", "edit", "skip"])


def said_of(one, verdict):
    return edited(one, output="달리 쓴 답") if verdict == "edit" else decision(one, verdict)


def order(rows, decisions, doubts, **changes):
    """The order after it saw the rows; and the rows that passed it."""
    given_params = params(**({"overlap": {"share": 0.0, "reviewers": 2}} | changes))
    found = ActiveOrder(Doubts(dict(doubts)), standings(decisions, given_params), given_params)
    return found, list(found.watched(rows))


@given(st.lists(st.tuples(DOUBTS, SAID), max_size=30))
def test_counts_are_those_of_the_rows(drawn):
    """By doubt; the curve rises by 1 at most to the wrong rows, and ends where chance ends."""
    rows = [row(number) for number, _ in enumerate(drawn)]
    decisions = [said_of(one, verdict) for one, (_, verdict) in zip(rows, drawn, strict=True) if verdict]
    found, passed = order(rows, decisions, [(one.id, of) for one, (of, _) in zip(rows, drawn, strict=True)])
    told = found.metrics(wilson)
    assert passed == rows
    for name, those in (("doubtful", [v for d, v in drawn if d]), ("others", [v for d, v in drawn if not d])):
        decided = [one for one in those if one not in ("", "skip")]
        wrong = sum(one != "accept" for one in decided)
        assert (told[name]["rows"], told[name]["decided"], told[name]["wrong"]) == (len(those), len(decided), wrong)
        if decided:
            low, high = proportion_confint(wrong, len(decided), method="wilson")
            assert (told[name]["low"], told[name]["high"]) == pytest.approx((low, high), abs=1e-4)
    curve = found.curve()
    assert (curve[-1]["rows"], curve[-1]["by_doubt"]) == (told["decided"], told["wrong"])
    assert curve[-1]["by_chance"] == pytest.approx(told["wrong"]) and len(curve) <= 202
    steps = [after["by_doubt"] - before["by_doubt"] for before, after in pairwise(curve)]
    assert all(step in (0, 1) for step in steps)


def test_chance_is_told_from_both_kinds_of_rows():
    """10 rows of 100 are doubtful; all 10 are wrong, and of the 10 others looked at 1: chance finds 1.9 a 10 rows."""
    rows = [row(number) for number in range(100)]
    verdicts = ["reject"] * 11 + ["accept"] * 9
    decisions = [decision(one, verdict) for one, verdict in zip(rows, verdicts, strict=False)]
    found, _ = order(rows, decisions, [(one.id, 1.0) for one in rows[:10]])
    told = found.metrics(wilson)
    assert (told["decided"], told["wrong"], told["by_chance"]) == (20, 11, 3.8)
    found, _ = order(rows, decisions[:10], [(one.id, 1.0) for one in rows[:10]])
    assert found.metrics(wilson)["by_chance"] is None


def test_rows_that_nobody_is_asked_about_are_left_out():
    """A row of another recipe counts where a mark brings it."""
    rows = [row(1, "summary.short"), row(2, "summary.short"), row(3)]
    found, _ = order(rows, [decision(one) for one in rows], [])
    assert found.rows.total() == 1
    found.doubts.brought.add(rows[0].id)
    list(found.watched(rows))
    assert found.rows.total() == 3


def test_the_adjudicators_word_counts():
    """A row that one rejected and the adjudicator accepts is right; one in conflict is wrong."""
    rows = [row(1), row(2)]
    decisions = [
        *(decision(one, "reject", "kim") for one in rows),
        *(decision(one, "accept", "lee") for one in rows),
        decision(rows[0], "accept", "park"),
    ]
    found, _ = order(rows, decisions, [], adjudicator="park")
    assert found.metrics(wilson)["wrong"] == 1


def test_doubt_is_as_the_parameters_weigh_it():
    """The delivered ones; half of the votes against a row are half the weight."""
    given_params = params()
    assert flag_doubt("disputed_answer", given_params) == 2.0 and flag_doubt("other", given_params) == 0
    assert judged_doubt("solved", 1, 2, given_params) == 0.5 and judged_doubt("solved_blind", 0, 2, given_params) == 0
    assert is_listed("rag.answer", given_params) and not is_listed("summary.short", given_params)


def test_the_curve_of_many_rows_is_thinned():
    """Its end stays."""
    found = ActiveOrder(Doubts(), {}, SimpleNamespace(seed=1))
    found.found = [(0.0, str(number), number % 2 == 0) for number in range(5001)]
    curve = found.curve()
    assert len(curve) <= 202 and curve[-1]["rows"] == 5001 and curve[-1]["by_doubt"] == 2501
