"""Points from experiments, and their money worked out by hand."""

import json

import numpy as np
import pytest

from finsmith.core.errors import ExperimentError
from finsmith.history.experiments import Experiment
from finsmith.scaling import points as module
from finsmith.scaling.points import (
    PREDICTIONS,
    QUESTIONS,
    Point,
    api_usd_per_row,
    by_fraction,
    measured,
    point_of,
    usd_of_more_rows,
)
from finsmith.scaling.result import result

METRICS = {
    "mix": {"domain_rows": 50, "general_rows": 50, "tokens": 6000},
    "train": {"device": "cpu", "device_hours": 0.2},
    "evaluate": {
        "headline": "choice_text",
        "choice_text": {"base": {"accuracy": 0.25}, "adapter": {"accuracy": 0.5, "low": 0.1, "high": 0.9}},
    },
    "filter": {"kept": 130, "kept_by_recipe": {"general": 30, "summary": 60, "glossary_qa.definition": 40}},
    "generate": {"usd_total": 3.0, "usd_at_reference_price": 4.0},
    "judge": {"usd_total": 1.0, "usd_at_reference_price": 2.0},
}
PARAMS = {"mix": {"domain_fraction": 0.5, "general_share": 0.5}, "train": {"seed": 2}}


def line(question, model, predicted, evaluator="choice_text"):
    return {"question_id": question, "model": model, "predicted": predicted, "answer": 1, "evaluator": evaluator}


LINES = [
    *(line(question, "base", at) for at, question in enumerate("dbca")),  # b, the second, is right
    *(line(question, "adapter", at % 2) for at, question in enumerate("dbca")),  # b and a
    line("a", "adapter", 0, "letter"),
    *(line("general", model, 1) for model in ("base", "adapter")),
]
OUTPUTS = {PREDICTIONS: LINES, QUESTIONS: [{"id": question} for question in "dbca"]}


def experiment(**changed):
    fields = {"state": "success", "rev": "abc", "params": PARAMS, "metrics": METRICS, "pid": None, "log": None}
    return Experiment(**{"name": "scaling-f0.5-g0.5-s2", "workspace": None} | fields | changed)


@pytest.fixture(autouse=True)
def cache(monkeypatch):
    """DVC's cache holds the questions and predictions above."""
    monkeypatch.setattr(module, "read_output", lambda of, path: "\n".join(map(json.dumps, OUTPUTS[path])).encode())


def test_a_domain_row_costs_its_share_of_all_calls():
    """3 + 1 USD for 130 - 30 rows that were kept are 0.04 each, 4 + 2 at the reference price 0.06."""
    assert api_usd_per_row(METRICS) == pytest.approx((0.04, 0.06))


def test_a_point_tells_data_accuracy_and_money():
    """50 rows at 0.04 USD; the headline's answers to the closed test's questions, in the order of their ids."""
    point = point_of(experiment())
    assert (point.right, point.base_right) == ("1100", "0100")
    assert (point.fraction, point.general_share, point.seed, point.domain_rows) == (0.5, 0.5, 2, 50)
    assert (point.api_usd, point.api_usd_at_reference_price) == pytest.approx((2.0, 3.0))


def test_predictions_of_another_accuracy_are_refused():
    """Two of four right are not 0.75."""
    scores = METRICS["evaluate"]["choice_text"]
    other = METRICS["evaluate"] | {"choice_text": scores | {"adapter": scores["adapter"] | {"accuracy": 0.75}}}
    with pytest.raises(ExperimentError, match=r"has 0\.5000 right by choice_text, its metrics say 0\.75"):
        point_of(experiment(metrics=METRICS | {"evaluate": other}))


def test_a_missing_metric_is_told_with_the_way_out():
    """The experiment and what it lacks are named."""
    without = {name: of for name, of in METRICS.items() if name != "filter"}
    with pytest.raises(ExperimentError, match=r"lack 'filter'.*dvc exp remove scaling-f0\.5-g0\.5-s2"):
        point_of(experiment(metrics=without))


def point(rows, fraction=1.0, seed=1, share=0.5, hours=0.1, right="1100", **changed):
    """A point whose rows cost 0.04 USD each."""
    size = {"domain_rows": rows, "general_rows": rows, "tokens": rows * 100, "api_usd": rows * 0.04}
    scores = {"accuracy": right.count("1") / len(right), "low": 0.0, "high": 1.0, "base_accuracy": 0.25}
    fields = {"name": "n", "rev": "r", "fraction": fraction, "general_share": share, "seed": seed, "device": "cpu"}
    answers = {
        "right": right,
        "base_right": "0100",
        "asked": "digest",
        "device_hours": hours,
        "api_usd_at_reference_price": rows * 0.06,
    }
    return Point(**size | scores | fields | answers | changed)


def test_more_rows_cost_their_calls_and_the_slope_of_the_hours():
    """0.1 hours at 100 rows and 0.5 at 300 are 0.002 a row: 1,000 rows take 2 hours at 4 USD, and 40 USD of calls."""
    points = [point(100, 0.5, hours=0.1), point(300, hours=0.5)]
    assert usd_of_more_rows(points, 1000, 4.0) == pytest.approx(
        {"api_usd": 40, "api_usd_at_reference_price": 60, "device_usd": 8}
    )


def test_one_size_has_its_mean_for_a_slope():
    """0.1 hours for 100 rows and 0.3 for 100 are 0.002 a row."""
    points = [point(100, hours=0.1), point(100, seed=2, hours=0.3)]
    assert usd_of_more_rows(points, 1000, 4.0)["device_usd"] == pytest.approx(8)


def test_trainings_on_one_fraction_are_one_size():
    """Sizes rise, seeds stand in order, rows are their mean."""
    points = [point(102, 1, 2, right="0011"), point(50, 0.5), point(100, 1, 1)]
    assert [[p.seed for p in of] for of in by_fraction(points)] == [[1], [1, 2]]
    found = measured(points)
    assert found.rows.tolist() == [50, 101]
    assert found.right[1].tolist() == [[1, 1, 0, 0], [0, 0, 1, 1]]
    assert found.base.tolist() == [0, 1, 0, 0]


def test_another_number_of_questions_is_refused():
    """Trainings that were not asked the same cannot be compared."""
    with pytest.raises(ExperimentError, match="different questions"):
        measured([point(50, 0.5, right="10"), point(100)])


def test_as_many_other_questions_are_refused():
    """Two versions of a test may have the same number of questions."""
    with pytest.raises(ExperimentError, match="different questions"):
        measured([point(50, 0.5, asked="another"), point(100)])


def test_the_result_has_a_part_for_each_share():
    """Shares rise; a size has the means of its trainings, and USD are calls and hours at the price."""
    points = [point(100, hours=0.1), point(100, seed=2, hours=0.3, right="1111"), point(80, share=0.0, hours=0.1)]
    content = result(points, 0.01, 1000, 4.0)
    assert [of["general_share"] for of in content["shares"]] == [0.0, 0.5]
    (size,) = content["shares"][1]["sizes"]
    assert (size["trainings"], size["rows"], size["tokens"], size["accuracies"]) == (2, 100, 10000, [0.5, 1.0])
    assert (size["api_usd"], size["usd"]) == pytest.approx((4.0, 4.0 + 0.2 * 4))
    assert size["accuracy"]["value"] == 0.75
    assert content["questions"] == 4 and content["devices"] == ["cpu"]
    assert np.isclose(content["shares"][0]["usd_of_more_rows"]["device_usd"], 0.1 / 80 * 1000 * 4)
