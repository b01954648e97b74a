"""A finished trial as a point: how much data, how accurate, how many hours and USD.

Not covered: the hours of people and of evaluation.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import orjson
from tqdm import tqdm

from finsmith.core.errors import ExperimentError
from finsmith.core.ids import sha256_of
from finsmith.core.records import Record
from finsmith.history.experiments import Experiment, experiments, read_output

from .curve import Measured
from .trials import PREFIX

PREDICTIONS, QUESTIONS = "data/predictions.jsonl", "data/testset/questions.jsonl"


class Point(Record):
    """A training: `right` and `base_right` have a digit for each question, in the order of their ids, 1 where right.

    `asked` is the sha256 of these ids.
    """

    name: str
    rev: str
    fraction: float
    general_share: float
    seed: int
    domain_rows: int
    general_rows: int
    tokens: int
    accuracy: float
    low: float
    high: float
    base_accuracy: float
    right: str
    base_right: str
    asked: str
    device: str
    device_hours: float
    api_usd: float
    api_usd_at_reference_price: float


def finished_points() -> list[Point]:
    """The points of all trials of the current commit that have ended well, by name; this call's and earlier ones'.

    Raises:
        ExperimentError: there is none, or one cannot be read.
    """
    done = [one for name, one in sorted(experiments().items()) if name.startswith(PREFIX) and one.state == "success"]
    if not done:
        raise ExperimentError("no training of the current commit has ended well: there is nothing to draw.")
    return [point_of(one) for one in tqdm(done, unit="experiment", desc="reading", leave=False)]


def point_of(experiment: Experiment) -> Point:
    """The point of an experiment that has ended well.

    Raises:
        ExperimentError: it lacks a metric, or its predictions are not those of its accuracy.
    """
    try:
        mixture, training, evaluation = (experiment.metrics[stage] for stage in ("mix", "train", "evaluate"))
        headline = evaluation["headline"]
        scores = evaluation[headline]
        price, reference = api_usd_per_row(experiment.metrics)
        questions = {one["id"] for one in _lines(experiment, QUESTIONS)}  # general ones are predicted, too
        answers = _right((p for p in _lines(experiment, PREDICTIONS) if p["question_id"] in questions), headline)
        point = Point(
            name=experiment.name,
            rev=experiment.rev,
            fraction=experiment.params["mix"]["domain_fraction"],
            general_share=experiment.params["mix"]["general_share"],
            seed=experiment.params["train"]["seed"],
            domain_rows=mixture["domain_rows"],
            general_rows=mixture["general_rows"],
            tokens=mixture["tokens"],
            accuracy=scores["adapter"]["accuracy"],
            low=scores["adapter"]["low"],
            high=scores["adapter"]["high"],
            base_accuracy=scores["base"]["accuracy"],
            right=answers["adapter"],
            base_right=answers["base"],
            asked=sha256_of(sorted(questions)),
            device=training["device"],
            device_hours=training["device_hours"],
            api_usd=price * mixture["domain_rows"],
            api_usd_at_reference_price=reference * mixture["domain_rows"],
        )
    except (KeyError, TypeError) as error:
        raise ExperimentError(
            f"{experiment.name}: its metrics lack {error}; it was made by another version of the stages. "
            f"`dvc exp remove {experiment.name}`, then run again."
        ) from error
    share = point.right.count("1") / len(point.right)
    if abs(share - point.accuracy) > 1e-4:  # the metric has four digits
        raise ExperimentError(
            f"{experiment.name}: {PREDICTIONS} has {share:.4f} right by {headline}, its metrics say {point.accuracy}."
        )
    return point


def api_usd_per_row(metrics: Any) -> tuple[float, float]:
    """What a domain row that the filters kept has cost in calls: as paid, and at the reference price."""
    kept = metrics["filter"]["kept"] - metrics["filter"]["kept_by_recipe"].get("general", 0)
    asked = (metrics["generate"], metrics["judge"])
    paid, reference = (sum(of[key] for of in asked) for key in ("usd_total", "usd_at_reference_price"))
    return paid / kept, reference / kept


def _lines(experiment: Experiment, path: str) -> Iterable[Any]:
    return map(orjson.loads, read_output(experiment, path).splitlines())


def _right(predictions: Iterable[Any], evaluator: str) -> dict[str, str]:
    """By model a digit for each question, in the order of their ids."""
    digits: dict[str, dict[str, str]] = defaultdict(dict)
    for one in predictions:
        if one["evaluator"] == evaluator:
            digits[one["model"]][one["question_id"]] = str(int(one["predicted"] == one["answer"]))
    return {model: "".join(of[name] for name in sorted(of)) for model, of in digits.items()}


def measured(points: Iterable[Point]) -> Measured:
    """Points of one general share by size; trainings on the same fraction are one size.

    Raises:
        ExperimentError: they were not asked the same questions.
    """
    sizes = by_fraction(points)
    everyone = [point for of in sizes for point in of]
    if len({(point.asked, len(point.right)) for point in everyone}) > 1:
        raise ExperimentError("the experiments were tested on different questions: remove those of the old test.")
    return Measured(
        rows=np.array([np.mean([point.domain_rows for point in of]) for of in sizes]),
        right=[np.array([_digits(point.right) for point in of]) for of in sizes],
        base=_digits(everyone[0].base_right),
    )


def by_fraction(points: Iterable[Point]) -> list[list[Point]]:
    """Points by fraction, smallest first, seeds in order."""
    groups: dict[float, list[Point]] = defaultdict(list)
    for point in sorted(points, key=lambda p: (p.fraction, p.seed)):
        groups[point.fraction].append(point)
    return list(groups.values())


def _digits(right: str) -> Any:
    return np.array(list(right), dtype=np.float64)


def usd_of_more_rows(points: Sequence[Point], more_rows: int, usd_per_device_hour: float) -> dict[str, float]:
    """What so many more domain rows, with the general rows that go with them, cost: calls, and training by its slope.

    Device hours grow with rows as the straight line through the points does; one size alone gives its mean.
    """
    rows = np.array([point.domain_rows for point in points], dtype=np.float64)
    hours = np.array([point.device_hours for point in points])
    per_row = np.polyfit(rows, hours, 1)[0] if len({p.fraction for p in points}) > 1 else (hours / rows).mean()
    last = points[-1]
    return {
        "api_usd": last.api_usd / last.domain_rows * more_rows,
        "api_usd_at_reference_price": last.api_usd_at_reference_price / last.domain_rows * more_rows,
        "device_usd": float(per_row) * more_rows * usd_per_device_hour,
    }
