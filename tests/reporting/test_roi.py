"""Costs beside a hosted model, and plans, in words and figures."""

import csv
import io
import re
from xml.etree import ElementTree

import pytest

from finsmith.economics.params import assumptions
from finsmith.economics.roi import roi
from finsmith.reporting.figures import cumulative_costs, tornado_bars
from finsmith.reporting.roi import NAMES, payback, plan_lines, roi_csv, roi_lines, roi_page
from finsmith.reporting.summary import summary_lines

from ..economics.assumed import MADE, assumed
from .test_figures import texts
from .test_summary import SUMMARY

DAYS = {"value": 2, "low": 1, "high": 5}
SCORE = {"accuracy": 0.5, "low": 0.43, "high": 0.57}
RUN = {"evaluation": {"n": 200, "adapter": SCORE, "hosted": {"gpt-4o": SCORE | {"accuracy": 0.625}}}}


def content(summary=None, **changed):
    return roi(assumed(**{"people__build_days": DAYS} | changed), MADE, summary, 4.0)


def test_the_lines_say_result_parts_and_what_it_hangs_on():
    """The case worked out in tests/economics/test_roi.py: 500 to build, payback in month 5, 145 USD saved."""
    lines = list(roi_lines(content()))
    assert lines[:10] == [
        "build     500.00 USD = 500,000 KRW: 100.00 USD of API, 100.00 of GPUs, 3.0 person-days = 300.00 "
        "(from `roi.build`)",
        "training  8B: 30.00 USD, 7.50 device hours, implied at 4.00 USD a GPU hour",
        "training  13B: 20.00 USD, 5.00 device hours, implied at 4.00 USD a GPU hour",
        "a month   own 150.00 USD for 3 GPUs and 100.00 of people; a retraining 105.00; hosted 400.00 for 100,000 "
        "queries by gpt-4o",
        "5 months own 1,855.00 USD = 1,855,000 KRW",
        "          hosted 2,000.00 USD = 2,000,000 KRW",
        "          saving 145.00 USD = 145,000 KRW",
        "payback   month 5",
        "even at   80,250 queries a month, all else as assumed",
        "accuracy  own not known here, gpt-4o not known: it has not sat the test (`evaluate.hosted`)",
    ]
    assert lines[-1].split() == ["people.build_days", "1", "5", "255", "-185", "3", "none"]


def test_accuracies_stand_beside_the_costs():
    """Both models' with their intervals, where both have sat the test."""
    told = "\n".join(roi_lines(content(RUN)))
    assert "own 50.0% [43.0%, 57.0%] on 200 questions, gpt-4o 62.5% [43.0%, 57.0%]" in told
    assert "a better answer is given no price" in told


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({}, "month 5"),
        ({"months": 4}, "not within 4 months: on average a month saves 123.75 USD"),
        (
            {"serving__usd_per_gpu_hour": 2},
            "never: on average a month costs 321.00 USD more than the hosted model",
        ),  # 3 x 2 x 100 + 100 - 400 and a fifth of the retraining
        (
            {"hosted__price_change_per_year": -0.99, "load__prompt_tokens": 6000, "months": 24},
            "but it falls behind again",
        ),
    ],
)
def test_payback_may_be_never_or_not_yet_or_lost_again(changed, says):
    """Each is said in its own words."""
    assert says in payback(content(**changed))


def test_the_table_of_months_is_in_both_currencies():
    """Month 0 is the build; the last row holds the totals; KRW are a thousand times USD here."""
    rows = list(csv.DictReader(io.StringIO(roi_csv(content()))))
    assert [row["month"] for row in rows] == ["0", "1", "2", "3", "4", "5"]
    assert (rows[0]["own_usd"], rows[0]["own_krw"]) == ("500.00", "500000")
    assert (rows[-1]["own_cumulative_usd"], rows[-1]["hosted_cumulative_krw"]) == ("1855.00", "2000000")


@pytest.mark.parametrize("changed", [{}, {"months": 4}, {"people__build_days": 2}])
def test_figures_are_svg_with_korean_letters(changed):
    """Lines of both models; the payback is marked where there is one; a tornado may have no bar."""
    told = content(**changed)
    named = [bar | {"name": NAMES[bar["assumption"]]} for bar in told["tornado"]]
    lines, bars = cumulative_costs(told), tornado_bars(named, told["usd"]["saving"])
    for svg in (lines, bars):
        ElementTree.fromstring(svg)
    assert {"자체 모델", "외부 모델 gpt-4o"} <= set(texts(lines))
    assert ("회수 5개월째" in texts(lines)) == (changed.get("months") != 4)
    assert ("구축 인력 (일)" in texts(bars)) == ("people__build_days" not in changed)
    assert lines == cumulative_costs(told)


def test_every_assumption_has_a_korean_name():
    """The page names each assumption there is, and no other."""
    assert list(NAMES) == [key for key, _ in assumptions(assumed())]


def test_the_page_is_whole_and_fetches_nothing():
    """Two figures, Korean words, both currencies; a name with mark-up stays text."""
    page = roi_page(content(RUN, hosted__model="<b>모델</b>"))
    assert page.count("<svg") == 2
    assert "5개월째" in page and "145,000원" in page and "50.0% [43.0, 57.0] (200문항)" in page
    assert "&lt;b&gt;모델&lt;/b&gt;" in page and "<b>모델</b>" not in page
    assert re.findall(r"(?:src|href)=\"(?!#)[^\"]*", page) == []


def test_a_page_without_payback_says_why():
    """Never and not yet have words of their own."""
    assert "더 듭니다" in roi_page(content(serving__usd_per_gpu_hour=2))
    assert "모자랍니다" in roi_page(content(months=4))


def summarised(summary: dict) -> list[str]:
    return [line for line in summary_lines(summary) if line.startswith("roi")]


def test_the_summary_has_a_line_of_it_where_it_is_known():
    """A summary of an earlier version has none, and is printed all the same."""
    told = {"months": 36, "payback_month": 7, "queries_per_month": 4e5, "saving_usd": 1234.5, "saving_krw": 1.5e6}
    (line,) = summarised(SUMMARY | {"roi": told | {"hosted_model": "gpt-4o"}})
    assert line.startswith(
        "roi       pays back in month 7 beside gpt-4o at 400,000 queries a month; saving in 36 months 1,2"
    )
    (never,) = summarised(SUMMARY | {"roi": told | {"hosted_model": "gpt-4o", "payback_month": None}})
    assert "does not pay back within 36 months" in never
    assert not summarised(SUMMARY)


PLAN = {
    "asked": {"accuracy": 0.5},
    "reached": True,
    "rows_interval": {"value": 563, "low": 222.0, "high": None},
    "line_rows": 10_321,
    "line_accuracy": 0.37,
    "aic": {"curve": 5.0, "line": 9.0},
    "accuracy": {"value": 0.5, "low": 0.45, "high": 0.55},
    "most_rows": 25_600,
    "at_reference_price": True,
    "usd_per_device_hour": 4.0,
    "rows": 563,
    "new_rows": 163,
    "recipes": {"rag": {"rows": 563, "new_rows": 163, "bears": 400, "calls": 326.0, "usd": 1.63, "review_days": 1.4}},
    "judge": {"calls": 81.5, "usd": 0.163},
    "calls": 407.5,
    "api_usd": 1.793,
    "review_days": 1.4,
    "device_hours": 0.66,
    "device_usd": 2.65,
    "usd": 4.44,
    "beyond_corpus": 163,
    "more": {"unit": "pages", "count": 33, "present": 80},
}


def test_a_plan_says_rows_costs_and_what_is_missing():
    """The interval, the straight line beside, a row for each recipe, and the pages that the corpus lacks."""
    lines = list(plan_lines(PLAN))
    assert lines[0] == (
        "50.0% takes 563 domain rows by the curve (95 % interval 222 to beyond 25,600; of the accuracy there "
        "45.0% to 55.0%)"
    )
    assert lines[1].strip() == (
        "a straight line in log rows says 10,321 rows; the curve fits better (AIC 5.0 and 9.0, curve and line)"
    )
    assert lines[3].split() == ["rag", "563", "163", "400", "326", "1.6300", "1.40"]
    assert lines[5].split() == ["all", "563", "163", "400", "408", "1.7930", "1.40"]
    assert lines[6] == "training  0.660 device hours = 2.65 USD at 4.00 an hour"
    assert lines[7].startswith("in all    4.44 USD, calls at the reference price")
    assert lines[8].endswith("about 33 more pages are needed at the present yield (it has 80)")


def test_a_plan_beyond_reach_says_the_best():
    """The best accuracy with its interval, and how far the curve is asked."""
    lines = list(plan_lines(PLAN | {"reached": False, "rows": 25_600, "more": None, "line_rows": None}))
    assert lines[0].startswith(
        "50.0% is not within reach: the best up to 25,600 rows, 64 times those that were trained on"
    )
    assert "more than 25,600 rows" in lines[1] and not any(line.startswith("corpus") for line in lines)


def test_a_plan_for_a_budget():
    """What it pays for, and where it would pay for more than the curve says."""
    told = {name: of for name, of in PLAN.items() if name not in ("line_rows", "rows_interval")}
    first = list(plan_lines(told | {"asked": {"budget_usd": 5.0}}))
    assert first[0] == "5.00 USD of calls and device hours pay for 563 domain rows: 50.0% [45.0%, 55.0%] by the curve"
    assert "says 37.0% for so many" in first[1]
    assert (
        "beyond 25,600 rows the curve says nothing"
        in list(plan_lines(told | {"asked": {"budget_usd": 5.0}, "reached": False}))[1]
    )
