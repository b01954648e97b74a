"""The content of compare.json, of entries made by hand."""

import pytest

from finsmith.comparison.result import comparison
from finsmith.evaluation.statistics import mcnemar_p

from .entry import entry, sitting


def content(*entries, **options):
    return comparison(entries, mcnemar_p, **options)


def test_a_row_has_accuracy_gain_forgetting_and_costs():
    """Gain against the base of the same entry; costs as reported."""
    row = content(entry("a", "1100", usd=3.0, hours=0.5))["rows"][0]
    assert (row["accuracy"], row["gain_points"], row["gain_p"], row["forgetting_points"]) == (0.5, 25.0, 0.04, 2.5)
    assert (row["openai_usd_total"], row["device_hours"], row["total_usd"]) == (3.0, 0.5, 3.0)
    assert "reviewer_usd" not in row and "gpu_hours" not in row


def test_costs_of_people_are_told_where_they_were_counted():
    """A version that counts them has them in its costs."""
    base = entry("a", "1")
    row = content(entry("a", "1", costs=dict(base.costs) | {"reviewer_usd": 40.0, "total_usd": 43.0}))["rows"][0]
    assert (row["reviewer_usd"], row["total_usd"]) == (40.0, 43.0)


def test_device_hours_can_be_priced_anew():
    """Half an hour at 4 USD takes the place of what the device had cost."""
    base = entry("a", "1", usd=3.0, hours=0.5)
    paid = entry("a", "1", costs=dict(base.costs) | {"device_usd": 1.0, "total_usd": 4.0})
    row = content(paid, usd_per_device_hour=4.0)["rows"][0]
    assert (row["device_usd"], row["total_usd"]) == (2.0, 5.0)


def test_front_and_price_of_points():
    """From the cheapest and to the best: 6 USD for 50 points and 2 for 25; one as good as the base is beaten."""
    told = content(entry("a", "1000", usd=1.0), entry("b", "1100", usd=3.0), entry("c", "1110", usd=7.0))
    assert (told["cheapest"], told["best"]) == ("a", "c")
    assert [row["on_front"] for row in told["rows"]] == [False, True, True]  # the base has 0.25, too
    assert [row["usd_per_point_over_cheapest"] for row in told["rows"]] == [None, 2 / 25, 6 / 50]
    assert [row["usd_per_point_to_best"] for row in told["rows"]] == [6 / 50, 4 / 25, None]


def test_what_costs_the_same_has_no_price_of_a_point():
    """It is said, with the way out."""
    told = content(entry("a", "10"), entry("b", "11"))
    assert [row["usd_per_point_over_cheapest"] for row in told["rows"]] == [None, None]
    (note,) = told["notes"]
    assert note.startswith("All cost the same, 0.00 USD") and "--usd-per-device-hour" in note


def test_another_test_has_no_place_among_the_others():
    """Two were asked three questions, one four: its accuracy is told, its place is not."""
    told = content(entry("a", "100"), entry("b", "110"), entry("c", "1111"))
    assert ["on_front" in row for row in told["rows"]] == [True, True, False]
    assert told["rows"][2]["accuracy"] == 1.0
    assert any(note.startswith("c: asked another test than most") for note in told["notes"])


def test_versions_of_the_test_are_told():
    """Where two versions of the test were asked a note says who was asked which, even where questions are the same."""
    entries = [entry("a", "100", version=1), entry("b", "110", version=2), entry("c", "111", version=1)]
    said = "Not one test. a, c: version 1 of the test; b: version 2 of the test"
    assert said in content(*entries)["notes"]
    assert not any("Not one test" in note for note in content(*entries[::2])["notes"])


def test_without_answers_the_test_is_known_by_its_hash():
    """The same test set in dvc.lock gives a place, another one none."""
    same, other = entry("b", accuracy=0.5), entry("c", accuracy=0.5, test=("other", "letter"))
    assert ["on_front" in row for row in content(entry("a", "10"), same, other)["rows"]] == [True, True, False]


def test_what_lacks_metrics_keeps_its_row():
    """No number, no place, no pair; the reason stands in the row and among the notes."""
    reason = "reports/metrics/evaluate.json: not there"
    bare = entry("c", sitting=None, evaluation={}, costs={}, lacks={"reports/metrics/evaluate.json": reason})
    told = content(entry("a", "10"), entry("b", "11"), bare)
    assert told["rows"][2]["accuracy"] is None and told["rows"][2]["lacks"] == [reason]
    assert "total_usd" not in told["rows"][2] and "on_front" not in told["rows"][2]
    assert f"c: {reason}" in told["notes"] and told["pairs_tested"] == 1


def test_nothing_but_what_lacks_metrics():
    """No cheapest, no best."""
    told = content(entry("c", sitting=None, evaluation={}, costs={}, lacks={"x": "x: gone"}))
    assert (told["cheapest"], told["best"], told["pairs"]) == (None, None, [])


def test_parameters_that_differ_are_named():
    """By value: 1 and 1.0 are one; a parameter that only one has differs."""
    first = entry("a", "1", settings={"x.a": 1, "x.b": [1], "x.c": 2})
    second = entry("b", "1", settings={"x.a": 1.0, "x.b": [2], "x.c": 2, "y": None, "z": True})
    told = content(first, second)
    assert told["settings"] == ["x.b", "z"]
    assert told["rows"][0]["settings"] == {"x.b": [1], "z": None}


def test_price_lists_that_differ_are_said():
    """Part of the difference in USD is then a difference of prices."""
    dear = entry("b", "1", settings={"report.p4d_gpus": 4})
    assert any("price lists" in note for note in content(entry("a", "1"), dear)["notes"])


def test_the_questions_behind_a_pair_are_found_in_either_order():
    """The pair is told as it stands among the rows."""
    first, second = entry("a", "10"), entry("b", "11")
    for names in (("a", "b"), ("b", "a")):
        assert [one["id"] for one in content(first, second, pair=names)["differing"]] == ["q1"]
    assert content(first, second)["differing"] == []
    assert content(first, entry("b", sitting=None), pair=("a", "b"))["differing"] == []


def test_significant_pairs_are_counted_after_the_correction():
    """Six gained of six have p = 0.03; of three pairs with it none is left."""
    pairs = [entry("a", "0" * 6), entry("b", "1" * 6)]
    assert content(*pairs)["pairs_significant"] == 1
    assert content(*pairs, entry("c", "000111"))["pairs_significant"] == 0


@pytest.mark.parametrize("share", [0.25, 0.75])
def test_shares_of_orders_count_by_sign(share):
    """A question asked in four orders is better or worse, by however much."""
    one = sitting("0")
    other = type(one)(one.evaluator, one.asked, {"q0": share}, {"q0": (0, 1)}, one.questions)
    told = content(entry("a", sitting=one), entry("b", sitting=other), pair=("a", "b"))
    assert told["pairs"][0]["gained"] == 1 and told["differing"][0]["second"] == [0, 1]
