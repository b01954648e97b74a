"""Rows by recipe and what they take, on yields and a curve made by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.core.errors import ParamsError, SourceError
from finsmith.economics.plan import Material, Yield, cost, material, plan_accuracy, plan_budget, split
from finsmith.scaling.ahead import Ahead

from .assumed import assumed

PARAMS = assumed()  # rag is checked whole at 4 minutes a row, 8 hours a day
GRID = np.geomspace(50, 400 * 64, 200)


def curve(ceiling=0.6, exponent=0.5, onset=50.0, base=0.25):
    value = ceiling - (ceiling - base) * (1 + GRID / onset) ** -exponent
    reach = {
        "rows": GRID.tolist(),
        "value": value.tolist(),
        "low": (value - 0.05).tolist(),
        "high": (value + 0.05).tolist(),
    }
    line = (0.1, 0.03)
    return Ahead(base, ceiling, exponent, onset, reach, 0.001, 0.1, *line, {"curve": 5.0, "line": 9.0})


def recipe(kept, bears, calls=0.0, usd=0.0, checked=0.0, asks=False):
    return Yield(kept, bears, calls, usd, checked, asks)


YIELDS = {
    "glossary_qa": recipe(200, 300),
    "rag": recipe(100, 400, calls=2.0, usd=0.01, checked=1.0, asks=True),
    "summary": recipe(100, 200, calls=1.5, usd=0.004, asks=True),
}
OF = Material(YIELDS, 0.5, 0.001, False, 80, 150, 4.0)


def test_rows_follow_the_last_runs_proportions():
    """Two to one to one while every recipe bears it."""
    assert split(400, YIELDS) == {"glossary_qa": 200, "rag": 100, "summary": 100}
    assert split(80, YIELDS) == {"glossary_qa": 40, "rag": 20, "summary": 20}


def test_a_full_recipe_gives_its_share_to_the_others():
    """Of 700 the glossary bears 300 and the summary 200 of what is left; the rest is rag's; at 900 all are full."""
    assert split(700, YIELDS) == {"glossary_qa": 300, "rag": 200, "summary": 200}
    assert split(900, YIELDS) == {"glossary_qa": 300, "rag": 400, "summary": 200}


def test_what_nobody_bears_is_the_teachers():
    """100 rows past the 900 go to the recipes that ask a teacher, half each; 600 rows from 80 pages ask for 14 more."""
    assert split(1000, YIELDS) == {"glossary_qa": 300, "rag": 450, "summary": 250}
    told = cost(1000, OF, curve(), PARAMS)
    assert (told["beyond_corpus"], told["more"]) == (100, {"unit": "pages", "count": 14, "present": 80})
    assert cost(900, OF, curve(), PARAMS)["more"] is None


def test_without_a_teacher_the_glossary_must_grow():
    """10 rows past 300 from 150 terms ask for 5 more terms."""
    of = Material({"glossary_qa": YIELDS["glossary_qa"]}, 0, 0, False, 80, 150, 4.0)
    assert cost(310, of, curve(), PARAMS)["more"] == {"unit": "terms", "count": 5, "present": 150}


def test_what_rows_take_by_hand():
    """At 700 rows 100 + 100 + 100 are new: calls 200 + 150, judging 150; 1.40 USD and 0.30; 400 minutes; 0.8 hours."""
    told = cost(700, OF, curve(), PARAMS)
    assert {name: one["new_rows"] for name, one in told["recipes"].items()} == {
        "glossary_qa": 100,
        "rag": 100,
        "summary": 100,
    }
    assert (told["calls"], told["judge"]["calls"]) == (500, 150)
    assert (told["api_usd"], told["device_hours"], told["device_usd"]) == pytest.approx((1.7, 0.8, 3.2))
    assert told["usd"] == pytest.approx(4.9)
    assert told["review_days"] == pytest.approx(400 / 480)


def test_rows_that_are_there_are_paid_for():
    """Fewer rows than the last run kept take a training and no call."""
    told = cost(400, OF, curve(), PARAMS)
    assert (told["new_rows"], told["calls"], told["api_usd"], told["review_days"]) == (0, 0, 0, 0)
    assert told["device_hours"] == pytest.approx(0.5)


def test_an_accuracy_takes_the_rows_of_the_curve():
    """By hand: 0.6 - 0.35 / sqrt(1 + n / 50) is 0.5 at n = 50 (3.5² - 1) = 562.5."""
    told = plan_accuracy(0.5, OF, curve(), PARAMS)
    assert (told["rows"], told["reached"]) == (563, True)
    # 0.45 and 0.55 on the curve are at n = 222.2 and 2,400
    assert told["rows_interval"]["low"] == pytest.approx(222.2, rel=0.04)
    assert told["rows_interval"]["high"] == pytest.approx(2400, rel=0.04)
    assert told["line_rows"] == math.ceil(2 ** (0.4 / 0.03))


def test_an_accuracy_beyond_reach_is_told_with_the_best():
    """The ceiling is never reached: the plan is that of 64 times the rows, with its accuracy."""
    told = plan_accuracy(0.6, OF, curve(), PARAMS)
    assert (told["reached"], told["rows"], told["most_rows"]) == (False, 25_600, 25_600)
    assert told["accuracy"]["value"] == pytest.approx(0.6 - 0.35 / 513**0.5)
    assert (told["rows_interval"]["value"], told["rows_interval"]["high"]) == (None, None)


@pytest.mark.parametrize("accuracy", [0, -0.1, 1.01, 45, float("nan")])
def test_what_is_no_accuracy_is_refused(accuracy):
    """45 is no accuracy, 0.45 is."""
    with pytest.raises(ParamsError, match=r"must be above 0, 1 at most; 0\.45 is 45 of 100"):
        plan_accuracy(accuracy, OF, curve(), PARAMS)


def test_a_budget_that_buys_nothing_is_told_with_the_least_cost():
    """50 rows take 0.15 hours at 4 USD, a little above 0.60 as computers count; the cent is rounded up."""
    with pytest.raises(ParamsError, match=r"--budget-usd 0\.5: a training on 50 rows.*takes 0\.61 USD"):
        plan_budget(0.5, OF, curve(), PARAMS)


@settings(deadline=None, max_examples=80)
@given(st.floats(0.61, 500))
def test_a_budget_is_never_exceeded_and_used_up(budget):
    """The plan costs no more than the budget; a few rows more would, where the curve allows more."""
    told = plan_budget(budget, OF, curve(), PARAMS)
    assert told["usd"] <= budget
    assert told["reached"] == (told["rows"] < told["most_rows"])
    if told["reached"]:
        assert cost(told["rows"] + 3, OF, curve(), PARAMS)["usd"] > budget


@settings(deadline=None, max_examples=80)
@given(
    st.floats(0.01, 1),
    st.floats(0.3, 1),
    st.floats(0.05, 2),
    st.floats(1, 5000),
)
def test_the_curve_evaluated_back_gives_the_accuracy(accuracy, ceiling, exponent, onset):
    """At the planned rows the curve has the accuracy, at one row less it has not; or the most rows have it not."""
    ahead = curve(ceiling, exponent, onset)
    told = plan_accuracy(accuracy, OF, ahead, PARAMS)
    reached = ahead.accuracy(told["rows"])["value"]
    if told["reached"]:
        assert reached >= accuracy
        assert told["rows"] == ahead.fewest or ahead.accuracy(told["rows"] - 1)["value"] < accuracy + 1e-12
    else:
        assert reached < accuracy and told["rows"] == ahead.most


@settings(deadline=None, max_examples=80)
@given(
    st.integers(0, 5000),
    st.lists(st.tuples(st.integers(1, 500), st.integers(0, 500), st.booleans()), min_size=1, max_size=6),
)
def test_no_row_is_lost_and_no_recipe_overfull_while_another_is_not(rows, recipes):
    """The rows add up; a recipe gets more than it bears only where all together do not bear them."""
    yields = {f"r{at}": recipe(kept, kept + more, asks=asks) for at, (kept, more, asks) in enumerate(recipes)}
    given_ = split(rows, yields)
    assert sum(given_.values()) == rows and min(given_.values()) >= 0
    if rows <= sum(one.bears for one in yields.values()):
        assert all(given_[name] <= one.bears for name, one in yields.items())
    else:
        assert all(given_[name] >= one.bears for name, one in yields.items())


SUMMARY = {
    "recipes": {
        "general": {"asked": 0, "calls": 0, "kept": 400, "rows": 440, "usd": 0.0, "usd_per_kept_row": 0.0},
        "glossary_qa": {"asked": 0, "calls": 0, "kept": 60, "rows": 60, "usd": 0.0, "usd_per_kept_row": 0.0}
        | {"reference_usd_per_kept_row": 0.0},
        "rag": {"asked": 30, "calls": 90, "kept": 40, "rows": 80, "usd": 0.0, "usd_per_kept_row": 0.0}
        | {"reference_usd_per_kept_row": 0.002},
        "summary": {"asked": 5, "calls": 5, "kept": 0, "rows": 5, "usd": 0.0, "usd_per_kept_row": None}
        | {"reference_usd_per_kept_row": None},
    },
    "capacity": {"glossary_qa": 440, "rag": 252, "summary": 204},
    "corpus": {"pages": 71, "terms": 220},
}
JUDGE = {"calls_total": 50, "usd_total": 0.0, "usd_at_reference_price": 0.1}


def test_yields_come_from_the_last_run():
    """Half of rag's rows were kept, so it bears half of its capacity; a free teacher has the reference price."""
    of = material(SUMMARY, JUDGE, PARAMS, 4.0)
    assert of.yields == {
        "glossary_qa": Yield(60, 440, 0.0, 0.0, 0.0, False),
        "rag": Yield(40, 126, 2.25, 0.002, 1.0, True),
    }
    assert (of.judge_calls_per_row, of.judge_usd_per_row, of.at_reference_price) == (0.5, 0.001, True)
    paid = SUMMARY["recipes"] | {"rag": SUMMARY["recipes"]["rag"] | {"usd": 1.2, "usd_per_kept_row": 0.03}}
    of = material(SUMMARY | {"recipes": paid}, JUDGE | {"usd_total": 0.5}, PARAMS, 4.0)
    assert (of.yields["rag"].usd_per_row, of.judge_usd_per_row, of.at_reference_price) == (0.03, 0.005, False)


def test_a_run_that_kept_nothing_is_no_yield():
    """General rows alone are told as such."""
    with pytest.raises(SourceError, match="kept no domain row"):
        material(SUMMARY | {"recipes": {"general": SUMMARY["recipes"]["general"]}}, JUDGE, PARAMS, 4.0)


def test_figures_of_another_version_are_told():
    """What is not there is named with the way out."""
    with pytest.raises(SourceError, match=r"lacks 'capacity': another version wrote it"):
        material({name: of for name, of in SUMMARY.items() if name != "capacity"}, JUDGE, PARAMS, 4.0)
