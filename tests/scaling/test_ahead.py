"""What the curve says of other numbers of rows, beside the samples it was drawn from."""

import json

import numpy as np
import pytest

from finsmith.core.errors import ExperimentError
from finsmith.scaling.ahead import ahead
from finsmith.scaling.curve import fit_power_law, precision, resample, study

from .test_curve import accuracy, simulated

MEASURED = simulated(np.random.default_rng(3), lambda n: accuracy(n, 0.7, 0.6, 40, 0.25), 0.25, questions=1500)
TOLD = study(MEASURED, 0.01, 1000, samples=300)
HOURS = (0.02, 0.03, 0.05, 0.09, 0.17)  # 0.01 and a hundredth for each 15.625 rows, nearly


def content(**changed):
    sizes = [size | {"device_hours": hours, "trainings": 3} for size, hours in zip(TOLD["sizes"], HOURS, strict=True)]
    share = TOLD | {"general_share": 0.5, "sizes": sizes} | changed
    return json.loads(json.dumps({"shares": [share]}))


AHEAD = ahead(content(), 0.5)


@pytest.mark.parametrize("wanted", [0.4, 0.5, 0.55])
def test_rows_and_their_interval_are_those_of_the_samples(wanted):
    """Each bootstrap sample's own curve is asked: the interval ends between the samples next to 2.5 and 97.5 %."""
    law = fit_power_law(MEASURED.rows, resample(MEASURED, 300, 1), precision(MEASURED))
    rows = np.geomspace(15, 250 * 64, 20_000)
    reached = law.accuracy(rows) >= wanted
    first = np.where(reached.any(axis=1), rows[reached.argmax(axis=1)], np.inf)
    told, others = AHEAD.rows_for(wanted), np.sort(first[1:])
    assert told["value"] == pytest.approx(first[0], rel=0.001, abs=1)
    for end, at in (("low", 7.5), ("high", 291.5)):  # of 300; the reach has steps of 2 %
        below, above = others[int(at) - 1], others[int(at) + 2]
        found = np.inf if told[end] is None else told[end]
        assert below * 0.97 - 1 <= found <= above * 1.03 + 1


def test_accuracies_are_those_of_the_curve_that_was_drawn():
    """At the points of the picture value and interval are the picture's."""
    drawn = TOLD["power_law"]["drawn"]
    for at in (0, 40, 79):
        told = AHEAD.accuracy(drawn["rows"][at])
        assert told["value"] == pytest.approx(drawn["value"][at], abs=1e-9)
        assert (told["low"], told["high"]) == pytest.approx((drawn["low"][at], drawn["high"][at]), abs=0.002)


def test_the_line_is_the_one_that_was_drawn():
    """Its accuracy at both ends of the picture, the rows of that accuracy, and none beyond reach."""
    drawn = TOLD["line"]["drawn"]
    assert [AHEAD.line_accuracy(rows) for rows in drawn["rows"]] == pytest.approx(drawn["value"])
    assert AHEAD.line_rows_for(drawn["value"][1]) == pytest.approx(drawn["rows"][1], abs=1)
    assert AHEAD.line_rows_for(0.999) is None


def test_reach_is_64_times_the_most_rows():
    """From 15 to 16,000 rows; an accuracy below the fewest rows' takes the fewest."""
    assert (AHEAD.fewest, AHEAD.most) == (15, 16_000)
    assert AHEAD.rows_for(0.05)["value"] == 15
    assert AHEAD.rows_for(1.0)["value"] is None


def test_hours_follow_the_trainings():
    """The straight line through sizes and hours, as numpy's least squares has it; never below none."""
    slope, height = np.polyfit(MEASURED.rows, HOURS, 1)
    assert AHEAD.hours(1000) == pytest.approx(height + slope * 1000)
    steep = [
        s | {"device_hours": hours} for s, hours in zip(content()["shares"][0]["sizes"], (0, 0, 0, 0, 1), strict=True)
    ]
    assert ahead(content(sizes=steep), 0.5).hours(1) == 0


@pytest.mark.parametrize(
    ("changed", "share", "says"),
    [
        ({}, 0.25, r"at general shares 0\.5, not at 0\.25"),
        ({"cannot_tell": "a curve needs 4 sizes, not 1"}, 0.5, "no curve at general share 0.5: a curve needs 4 sizes"),
        (
            {"power_law": {name: of for name, of in TOLD["power_law"].items() if name != "reach"}},
            0.5,
            "an earlier version wrote it. `finsmith scaling` draws it anew",
        ),
    ],
)
def test_what_the_file_does_not_say_is_told(changed, share, says):
    """Another share, a study without a curve and a file of an earlier version are sentences with a way out."""
    with pytest.raises(ExperimentError, match=says):
        ahead(content(**changed), share)
