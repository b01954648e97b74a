"""How much data is enough, in words and figures; the content is made by hand."""

import re
from xml.etree import ElementTree

import pytest

from finsmith.reporting.figures import accuracy_over
from finsmith.reporting.scaling import scaling_lines, scaling_page

from .test_figures import texts


def span(value, low, high):
    return {"value": value, "low": low, "high": high}


def size(rows, accuracy, fraction):
    return {
        "fraction": fraction,
        "trainings": 3,
        "accuracies": [accuracy - 0.01, accuracy, accuracy + 0.01],
        "accuracy": span(accuracy, accuracy - 0.05, accuracy + 0.05),
        "rows": rows,
        "tokens": rows * 110.4,
        "device_hours": rows / 1000,
        "api_usd": rows * 0.02,
        "usd": rows * 0.02 + rows / 1000 * 4,
    }


TOLD = {
    "general_share": 0.5,
    "base": span(0.216, 0.163, 0.281),
    "cannot_tell": "",
    "sizes": [size(15, 0.25, 1 / 16), size(1250, 0.357, 1)],
    "usd_of_more_rows": {"api_usd": 20.0, "api_usd_at_reference_price": 20.0, "device_usd": 4.0},
    "line": {
        "gain_of_doubling": span(0.021, 0.004, 0.038),
        "gain_of_more_rows": span(0.04, 0.01, 0.07),
        "aic": 9.5,
        "drawn": {"rows": [15, 2250], "value": [0.24, 0.39]},
    },
    "power_law": {
        "ceiling": span(0.5, 0.4, 1.0),
        "exponent": span(0.5, 0.1, 2.0),
        "onset_rows": span(50.0, 5.0, 900.0),
        "aic": 6.0,
        "flattens_at_rows": span(1900.0, 700.0, None),
        "gain_of_more_rows": span(0.018, 0.003, 0.045),
        "drawn": {
            "rows": [15, 200, 2250],
            "value": [0.25, 0.3, 0.37],
            "low": [0.2, 0.25, 0.3],
            "high": [0.3, 0.4, 0.5],
        },
    },
}
SILENT = {name: of for name, of in TOLD.items() if name != "power_law"} | {
    "general_share": 0.25,
    "cannot_tell": "the rise cannot be told from chance",
    "usd_of_more_rows": {"api_usd": 0.0, "api_usd_at_reference_price": 7.5, "device_usd": 4.0},
}
FEW = {name: of for name, of in SILENT.items() if name != "line"} | {"general_share": 0.0}
CONTENT = {
    "worth": 0.01,
    "more_rows": 1000,
    "usd_per_device_hour": 4.096,
    "devices": ["cpu"],
    "questions": 185,
    "shares": [TOLD],
}


def lines(*shares, failed=None, **changed):
    return list(scaling_lines(CONTENT | {"shares": list(shares)} | changed, failed or {}))


def with_flattening(value, low, high):
    return TOLD | {"power_law": TOLD["power_law"] | {"flattens_at_rows": span(value, low, high)}}


def test_the_table_has_a_line_for_each_size():
    """Share and questions above; rows, tokens, trainings, accuracy with its interval, hours and USD in columns."""
    shown = lines(TOLD)
    assert shown[0] == "general share 50%, 185 questions"
    assert shown[1].split()[:2] == ["fraction", "domain"]
    assert shown[2].split() == ["0.0625", "15", "1,656", "3", "25.0%", "[20.0%,", "30.0%]", "0.015", "0.36", "0.3000"]
    assert len({len(line) for line in shown[1:4]}) == 1


def test_what_follows_is_said_in_sentences():
    """The rise, where it flattens and that this is beyond the data, what more rows buy and cost, what a line says."""
    assert lines(TOLD)[4:-1] == [
        "The base model has 21.6% [16.3%, 28.1%] right; 1,250 rows bring 35.7% [30.7%, 40.7%].",
        "From 15 to 1,250 rows each doubling changed that by +2.1 [+0.4, +3.8] points.",
        "It flattens at about 1,900 rows, beyond the 1,250 that were trained on: from there a doubling buys less than "
        "1 point (95 % interval 700 to beyond reach).",
        "The next 1,000 domain rows would buy +1.8 [+0.3, +4.5] points for 24.00 USD (20.00 API, 4.00 training at 4.10 "
        "a device hour).",
        "A straight line in log rows says +4.0 [+1.0, +7.0] points; the curve fits better (AIC 6.0 and 9.5, curve and "
        "line).",
    ]


@pytest.mark.parametrize(
    ("at", "says"),
    [
        ((900.0, 700.0, 1300.0), "It flattens at about 900 rows: from there a doubling buys less than 1 point"),
        ((15.0, 15.0, 60.0), "It is flat from 15 rows on: a doubling buys less than 1 point (95 % interval 15 to 60)."),
        ((None, 700.0, None), "It does not flatten within reach of the curve"),
    ],
)
def test_where_it_flattens_may_be_inside_before_or_beyond(at, says):
    """Inside the data nothing is said of beyond; a curve that is flat throughout or nowhere is told as such."""
    said = " ".join(lines(with_flattening(*at)))
    assert says in said and "that were trained on" not in said


def test_the_worth_of_a_doubling_is_the_one_asked_for():
    """Half a point is told as 0.5 points."""
    assert "a doubling buys less than 0.5 points" in " ".join(lines(TOLD, worth=0.005))


@pytest.mark.parametrize(("aic", "says"), [(8.0, "neither fits better"), (12.0, "the line fits better")])
def test_which_form_fits_better_needs_a_difference_of_two(aic, says):
    """An AIC of 8.0 beside 9.5 decides nothing."""
    assert says in " ".join(lines(TOLD | {"power_law": TOLD["power_law"] | {"aic": aic}}))


@pytest.mark.parametrize("of", [SILENT, FEW])
def test_what_cannot_be_told_has_no_number(of):
    """No gain and no size of flattening; the reason, the cost, and what calls would cost with a paid teacher."""
    said = lines(of)[4:-1]
    assert said[-2] == (
        "Cannot tell where it flattens, nor what more rows would buy: the rise cannot be told from chance."
    )
    assert said[-1] == (
        "The next 1,000 domain rows would cost 4.00 USD (0.00 API, 4.00 training at 4.10 a device hour); the calls at "
        "the reference price 7.50."
    )
    assert not any("would buy +" in line or "It flattens" in line for line in said)


def test_failures_come_last():
    """Each with its reason."""
    assert lines(TOLD, failed={"scaling-f1-g0.5-s1": "no room"})[-1] == "failed    scaling-f1-g0.5-s1: no room"


@pytest.mark.parametrize("axis", ["rows", "tokens", "usd"])
def test_a_figure_has_a_line_for_each_share(axis):
    """The legend names each share and the base, the axis what it shows; the same content gives the same bytes."""
    svg = accuracy_over(axis, "x & y", [FEW, SILENT, TOLD])
    assert {"0% general", "25% general", "50% general", "base", "x & y"} <= set(texts(svg))
    assert svg == accuracy_over(axis, "x & y", [FEW, SILENT, TOLD])


def test_what_was_fitted_is_drawn_over_rows_only():
    """With the curve there is a band more and the straight line; over tokens there is neither."""
    named = {axis: "straight line" in texts(accuracy_over(axis, "x", [TOLD])) for axis in ("rows", "tokens")}
    assert named == {"rows": True, "tokens": False}
    bands = {axis: accuracy_over(axis, "x", [TOLD]).count("FillBetween") for axis in ("rows", "tokens")}
    assert bands == {"rows": 1, "tokens": 0}
    assert accuracy_over("rows", "x", [SILENT]).count("FillBetween") == 0


def test_data_that_cost_nothing_are_drawn_too():
    """Zero has no place on a log axis."""
    free = TOLD | {"sizes": [one | {"usd": 0.0} for one in TOLD["sizes"]]}
    ElementTree.fromstring(accuracy_over("usd", "x", [free]))


def test_the_page_has_figures_tables_sentences_and_failures():
    """Three figures, a table and the sentences for each share; marked-up reasons stay text; nothing is fetched."""
    page = scaling_page(CONTENT | {"shares": [SILENT, TOLD]}, {"scaling-f1-g0.5-s1": "<b>no room</b>"})
    assert page.count("<svg") == 3 and page.count("<table") == 2
    assert "It flattens at about 1,900 rows" in page and "Cannot tell where it flattens" in page
    assert "&lt;b&gt;no room&lt;/b&gt;" in page
    assert "c = 0.5 [0.4, 1]; b = 0.5 [0.1, 2]; n₀ = 50 [5, 900]" in page
    assert re.findall(r"(?:src|href)=\"(?!#)[^\"]*", page) == []
