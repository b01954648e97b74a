"""Costs by hand, the published build, and what must hold for any assumptions."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.core.errors import SourceError
from finsmith.core.params import load_params
from finsmith.economics.params import RoiParams, assumptions, with_value
from finsmith.economics.roi import (
    break_even_queries,
    build_cost,
    figures,
    gpus_needed,
    headline,
    outlook,
    payback_month,
    roi,
    tornado,
)
from finsmith.reporting.costs import ReportParams, p4d_equivalent_usd

from .assumed import MADE, assumed

EXAMPLE = Path(__file__).parents[2] / "docs/examples/reference_build.yaml"
SUMMARY = {
    "costs": {"openai_usd_total": 12.5, "device_usd": 4.0, "device_hours": 2.0},
    "testset": {"questions": 60},
    "recipes": {"rag": {"kept": 60}, "summary": {"kept": 60}, "glossary_qa": {"kept": 500}, "general": {"kept": 900}},
    "evaluation": {"n": 200, "adapter": {"accuracy": 0.5}, "hosted": {"gpt-4o": {"accuracy": 0.6}}},
}


def test_a_small_case_by_hand():
    """The sums of each month, worked out on paper.

    Build: 100 of API, 2 trainings of 50, 3 days of 100 USD = 500. At the peak 100,000 queries of 2,000 tokens in
    360,000 seconds, twice the mean, are 1,111 tokens a second; a copy is planned for 500, so 3 GPUs, 150 USD, and a day
    of 100. The hosted model takes 0.004 USD a query. Month 4 begins a quarter: 50 + 25 + 30 for a retraining.
    """
    months = outlook(assumed(), MADE)
    assert [m.gpus for m in months] == [0, 3, 3, 3, 3, 3]
    assert [m.own_cumulative_usd for m in months] == pytest.approx([500, 750, 1000, 1250, 1605, 1855])
    assert [m.hosted_cumulative_usd for m in months] == pytest.approx([0, 400, 800, 1200, 1600, 2000])
    content = roi(assumed(), MADE, None, 4.0)
    assert content["payback_month"] == 5
    assert content["usd"] == pytest.approx({"build": 500, "own": 1855, "hosted": 2000, "saving": 145})
    assert content["krw"] == pytest.approx({"build": 5e5, "own": 1_855_000, "hosted": 2_000_000, "saving": 145_000})
    assert content["retraining_usd"] == pytest.approx(105)
    assert content["saving_each_month_usd"] == pytest.approx((2000 - 1355) / 5)
    assert {name: one["gpu_hours"] for name, one in content["trainings"].items()} == {"8B": 7.5, "13B": 5}


def test_later_money_counts_less():
    """At 21 % a year, a month's 400 of the hosted model after six months count 400 / 1.1."""
    months = outlook(assumed(discount_rate=0.21, months=12), MADE)
    assert (months[6].hosted_usd, months[12].hosted_usd) == pytest.approx((400 / 1.1, 400 / 1.21))
    assert months[0].own_usd == 500


def test_growth_and_falling_prices_reach_their_rate_after_a_year():
    """Month 13 has twice the queries at half the price; more queries take more GPUs."""
    months = outlook(assumed(load__growth_per_year=1.0, hosted__price_change_per_year=-0.5, months=13), MADE)
    assert months[13].hosted_usd == pytest.approx(400)
    assert (months[1].gpus, months[13].gpus) == (3, 5)  # 4.44 copies


@pytest.mark.parametrize(
    ("queries", "changed", "gpus"),
    [
        (45_000, {}, 1),  # 500 tokens a second at the peak are what one copy is planned for
        (45_001, {}, 2),
        (1, {}, 1),
        (1, {"serving__least_replicas": 1.5}, 2),
        (45_001, {"serving__gpus_per_replica": 4}, 8),
    ],
)
def test_gpus_come_one_copy_at_a_time(queries, changed, gpus):
    """One query more than a copy bears takes another; a copy may be several GPUs, and some may be held ready."""
    assert gpus_needed(assumed(**changed), queries) == gpus


def test_the_published_build_is_reproduced():
    """800 USD of API, 8 person-days, 160 and 1,000 USD of GPUs, 1,960 without people; hours by 32.77 / 8 an hour."""
    params, prices = load_params(RoiParams, EXAMPLE), load_params(ReportParams, EXAMPLE)
    content = roi(params, figures(params, None), None, p4d_equivalent_usd(1, prices))
    build = content["build"]
    assert (build["api_usd"], build["people_days"], build["gpu_usd"]) == (800, 8, 1160)
    assert build["usd"] - build["people_usd"] == 1960
    trainings = content["trainings"]
    assert (trainings["13B"]["usd"], trainings["70B"]["usd"]) == (160, 1000)
    assert (trainings["13B"]["gpu_hours"], trainings["70B"]["gpu_hours"]) == pytest.approx((39.06, 244.13), abs=0.005)
    assert content["usd"]["own"] - build["usd"] == pytest.approx(36 * (2993 + 2 * 396307 / 1306) + 11 * 966.98, abs=0.1)
    assert content["accuracy"] == {"own": None, "hosted": None, "questions": None}


def test_a_run_gives_what_the_section_leaves_open():
    """API and GPU USD and hours come from the summary; 60 + 30 rows and 30 questions take a day."""
    params = assumed(build__api_usd=None, build__gpu_usd=None, build__review_days=None)
    made = figures(params, SUMMARY)
    assert (made.api_usd, made.gpu_usd, made.gpu_hours, made.checked_rows) == (12.5, {"adapter": 4.0}, 2.0, 120)
    assert build_cost(params, made) == pytest.approx(
        {"review_days": 1, "people_days": 3, "api_usd": 12.5, "gpu_usd": 8, "people_usd": 300, "usd": 320.5}
    )
    content = roi(params, made, SUMMARY, 4.0)
    assert content["accuracy"] == {"own": {"accuracy": 0.5}, "hosted": {"accuracy": 0.6}, "questions": 200}
    assert content["trainings"] == {"adapter": {"usd": 4.0, "gpu_hours": 2.0}}


def test_without_a_run_what_is_open_is_named():
    """The keys without a value are told, and both ways out."""
    with pytest.raises(SourceError, match=r"for `roi.build.gpu_usd`\. Run `dvc repro`, or give them"):
        figures(assumed(build__gpu_usd=None), None)


def test_a_summary_of_another_version_is_told():
    """A figure that is not there is named."""
    with pytest.raises(SourceError, match=r"summary.json lacks 'testset': another version wrote it"):
        figures(assumed(build__review_days=None), {"recipes": {}})


def test_never_and_not_yet_are_told_apart():
    """With a dearer month there is no payback at any horizon; with a cheaper one only the horizon is too short."""
    dear, short = (roi(assumed(**of), MADE, None, 4.0) for of in ({"serving__usd_per_gpu_hour": 2}, {"months": 4}))
    assert (dear["payback_month"], short["payback_month"]) == (None, None)
    assert dear["saving_each_month_usd"] < 0 < short["saving_each_month_usd"]


def test_break_even_is_where_the_costs_meet():
    """By hand: two GPUs bear up to 90,000 queries, for 1,605 USD; five months of 80,250 at 0.004 USD are as much."""
    assert break_even_queries(assumed(), MADE) == pytest.approx(80_250, rel=1e-4)
    assert break_even_queries(assumed(hosted__usd_per_million_completion_tokens=0, load__prompt_tokens=0), MADE) is None


def test_the_tornado_has_what_changes_something():
    """An assumption without a width has no bar; of others the saving at both ends is that of a change by hand."""
    params = assumed(
        people__build_days={"value": 2, "low": 1, "high": 5}, load__peak_factor={"value": 2, "low": 2, "high": 4}
    )
    bars = {bar["assumption"]: bar for bar in tornado(params, MADE)}
    assert list(bars) == ["load.peak_factor", "people.build_days"]
    days = bars["people.build_days"]["at"]
    # a day less saves 100 of the build and 10 of the retraining
    assert (days["low"]["saving_usd"], days["high"]["saving_usd"]) == pytest.approx((145 + 110, 145 - 330))
    assert (days["low"]["payback_month"], days["high"]["payback_month"]) == (3, None)
    assert bars["load.peak_factor"]["at"]["high"]["saving_usd"] == pytest.approx(145 - 5 * 100)  # two GPUs more


def test_the_summary_gets_figures_only():
    """summary.json's section is flat, so that a table of experiments can show it."""
    told = headline(roi(assumed(), MADE, None, 4.0))
    assert all(value is None or isinstance(value, int | float | str) for value in told.values())
    assert (told["payback_month"], told["saving_usd"], told["saving_krw"]) == (
        5,
        pytest.approx(145),
        pytest.approx(145e3),
    )


KEYS = [key for key, _ in assumptions(assumed())]
WORSE_FOR_OWN = {  # more of it never saves more
    "serving.usd_per_gpu_hour",
    "serving.least_replicas",
    "serving.held_hours_per_month",
    "load.peak_factor",
    "people.day_rate_krw",
    "people.build_days",
    "people.run_days_per_month",
    "build.api_usd",
    "build.review_days",
    "build.trainings",
    "retraining.per_quarter",
    "retraining.api_share",
}
ANY = {
    "months": st.integers(1, 48),
    "discount_rate": st.floats(0, 0.5),
    "krw_per_usd": st.floats(500, 3000),
    "load__queries_per_month": st.floats(1, 1e7),
    "load__growth_per_year": st.floats(-0.5, 2),
    "hosted__price_change_per_year": st.floats(-0.9, 0.5),
    "serving__usd_per_gpu_hour": st.floats(0, 20),
    "people__build_days": st.floats(0, 100),
    "retraining__per_quarter": st.floats(0, 4),
}
CASES = st.fixed_dictionaries(ANY)


@settings(deadline=None, max_examples=60)
@given(CASES)
def test_payback_is_the_first_month_without_a_lag(case):
    """Up to the month before, the own model has cost more; where there is none, it has in every month."""
    months = outlook(assumed(**case), MADE)
    month = payback_month(months)
    before = months[1:] if month is None else months[1:month]
    assert all(m.own_cumulative_usd > m.hosted_cumulative_usd for m in before)
    assert month is None or months[month].own_cumulative_usd <= months[month].hosted_cumulative_usd


@settings(deadline=None, max_examples=15)
@given(CASES)
def test_krw_are_usd_at_the_rate(case):
    """Every sum in KRW is that in USD times the rate; the months add up to the totals."""
    params = assumed(**case)
    content = roi(params, MADE, None, 4.0)
    assert content["krw"] == pytest.approx({k: v * case["krw_per_usd"] for k, v in content["usd"].items()})
    for name in ("own", "hosted"):
        assert sum(m[f"{name}_usd"] for m in content["monthly"]) == pytest.approx(content["usd"][name])


@settings(deadline=None, max_examples=60)
@given(CASES, st.sampled_from(KEYS), st.floats(0.5, 1), st.floats(1, 1.5))
def test_a_bar_holds_the_base(case, key, less, more):
    """The base of every bar is the result itself; where more of something can only cost, it lies between the ends."""
    params = assumed(**case)
    value = dict(assumptions(params))[key].value
    ends = {"value": value, "low": min(value * less, value * more), "high": max(value * less, value * more)}
    group, _, name = key.rpartition(".")
    params = assumed(**case | {f"{group}__{name}" if group else name: ends}) if _fits(key, ends) else params
    last = outlook(params, MADE)[-1]
    saving = last.hosted_cumulative_usd - last.own_cumulative_usd
    for bar in tornado(params, MADE):
        assert bar["base"]["saving_usd"] == saving
        low, high = (bar["at"][end]["saving_usd"] for end in ("low", "high"))
        if bar["assumption"] in WORSE_FOR_OWN:
            assert high - 1e-6 <= saving <= low + 1e-6


def _fits(key, ends):
    """Whether these ends are within what the key allows."""
    try:
        group, _, name = key.rpartition(".")
        assumed(**{f"{group}__{name}" if group else name: ends})
    except ValueError:
        return False
    return True


def test_a_value_of_an_end_is_that_end():
    """The tornado's end is the outlook of parameters with that value."""
    params = assumed(krw_per_usd={"value": 1000, "low": 500, "high": 1000})
    (bar,) = tornado(params, MADE)
    last = outlook(with_value(params, "krw_per_usd", 500), MADE)[-1]
    assert bar["at"]["low"]["own_usd"] == last.own_cumulative_usd
