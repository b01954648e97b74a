"""Evaluates base, adapter and hosted models on the closed test: predictions, accuracies, the paired test, breakdowns.

Not covered: loading models; the stage passes a predictor per model, and what hosted models answered.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from pydantic import Field

from finsmith.core.errors import ParamsError, SourceError
from finsmith.core.params import Section
from finsmith.core.records import Question

from .breakdown import breakdown
from .evaluators import EVALUATORS, Predictor, Setting
from .predictions import Prediction, orders, predictions_of
from .scores import baseline, paired, score


class EvaluateParams(Section):
    """The section `evaluate`."""

    section: ClassVar[str] = "evaluate"
    evaluators: tuple[str, ...]
    headline: str
    dtype: str
    permutations: bool
    few_shot: Annotated[int, Field(ge=0)]
    max_answer_tokens: Annotated[int, Field(ge=1)]
    hosted: dict[str, dict[str, Any]]

    def setting(self, examples: Sequence[Question]) -> Setting:
        """How questions are put.

        Raises:
            ParamsError: more worked examples are asked for than there are.
        """
        if self.few_shot > len(examples):
            raise ParamsError(
                f"`evaluate.few_shot`: {self.few_shot} worked examples, but there are {len(examples)}. Write more into "
                "`few_shot/examples.jsonl` in the folder of `testset.source`."
            )
        return Setting(tuple(examples[: self.few_shot]), self.max_answer_tokens)


@dataclass(frozen=True)
class Sitting:
    """What one model answered, the device hours by evaluator, and for a hosted model USD per 1,000 questions asked."""

    model: str
    predictions: list[Prediction]
    device_hours: dict[str, float] = field(default_factory=dict)
    usd_per_1000_questions: float = 0.0


@dataclass(frozen=True)
class Evaluation:
    """All predictions, sorted; the metrics file's content; rows of the plots of letters and of groups."""

    predictions: list[Prediction]
    metrics: dict[str, Any]
    letters: list[dict[str, Any]]
    breakdown: list[dict[str, Any]]


def predict(
    questions: Sequence[Question], predictor: Predictor, model: str, setting: Setting, params: EvaluateParams
) -> Sitting:
    """The model's predictions by every evaluator of `params.evaluators`, in question order.

    Raises:
        ParamsError: an evaluator that is not in EVALUATORS, or a headline that is not among those asked for.
        SourceError: no questions.
    """
    if unknown := [name for name in params.evaluators if name not in EVALUATORS]:
        raise ParamsError(f"`evaluate.evaluators`: unknown {', '.join(unknown)}; there are: {', '.join(EVALUATORS)}")
    if params.headline not in params.evaluators:
        raise ParamsError(f"`evaluate.headline`: {params.headline!r} is not among `evaluate.evaluators`")
    if not questions:
        raise SourceError("the closed test set has no question")
    sitting = Sitting(model, [])
    for name in params.evaluators:
        evaluator, started = EVALUATORS[name], time.monotonic()
        asked = orders(questions, params.permutations and evaluator.shows_choices)
        answers = evaluator.ask([question for question, _ in asked], predictor, setting)
        sitting.predictions.extend(predictions_of(asked, answers, name, model))
        sitting.device_hours[name] = round((time.monotonic() - started) / 3600, 5)
    return sitting


def evaluation(
    questions: Sequence[Question], base: Sitting, adapter: Sitting, hosted: Sequence[Sitting], params: EvaluateParams
) -> Evaluation:
    """Accuracies with intervals, letters named, McNemar's p and what it can find; hosted models beside."""
    sittings = [base, adapter, *hosted]
    metrics: dict[str, Any] = {
        "n": len(questions),
        "baseline": round(baseline(questions), 4),
        **params.model_dump(include={"headline", "dtype", "permutations", "few_shot"}),
        "device_hours": {one.model: one.device_hours for one in (base, adapter)},
    }
    for name in params.evaluators:
        before, after = ([p for p in one.predictions if p.evaluator == name] for one in (base, adapter))
        metrics[name] = {"base": score(before), "adapter": score(after), **paired(before, after)}
    if hosted:
        metrics["hosted"] = {
            one.model: score(one.predictions) | {"usd_per_1000_questions": one.usd_per_1000_questions} for one in hosted
        }
    predictions = sorted((p for one in sittings for p in one.predictions), key=_place)
    return Evaluation(predictions, metrics, _letters(metrics, params.evaluators), breakdown(predictions, questions))


def _place(prediction: Prediction) -> tuple[str, str, str, int]:
    return prediction.evaluator, prediction.model, prediction.question_id, prediction.shift


def _letters(metrics: Mapping[str, Any], evaluators: Sequence[str]) -> list[dict[str, Any]]:
    """How often each model names each letter."""
    told = {f"{model} ({name})": metrics[name][model] for name in evaluators for model in ("base", "adapter")}
    told |= {f"{model} (generation)": one for model, one in metrics.get("hosted", {}).items()}
    return [
        {"model": model, "choice": choice, "times": times}
        for model, one in told.items()
        for choice, times in one["answers"].items()
    ]
