"""Evaluates base and adapter on the closed test: per-question predictions, accuracies, and the paired test.

Not covered: loading models; the stage passes a predictor per model.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from finsmith.core.errors import ParamsError, SourceError
from finsmith.core.params import Section
from finsmith.core.records import CHOICE_LETTERS, Question, Record

from .evaluators import EVALUATORS, Predictor
from .statistics import detectable_difference, mcnemar_p, wilson
from .testset import baseline


class EvaluateParams(Section):
    """The section `evaluate`."""

    section: ClassVar[str] = "evaluate"
    evaluators: tuple[str, ...]
    headline: str
    dtype: str


class Prediction(Record):
    """One model's answer to one question: the score of each choice, and the index of the best."""

    question_id: str
    evaluator: str
    model: str
    scores: tuple[float, ...]
    predicted: int
    answer: int

    @property
    def right(self) -> bool:
        """Whether the predicted choice is the right one."""
        return self.predicted == self.answer


@dataclass(frozen=True)
class Evaluation:
    """All predictions, and the metrics file's content."""

    predictions: list[Prediction]
    metrics: dict[str, Any]


def predict(
    questions: Sequence[Question], predictor: Predictor, model: str, params: EvaluateParams
) -> list[Prediction]:
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
    return [
        Prediction(
            question_id=question.id,
            evaluator=name,
            model=model,
            scores=tuple(scores),
            predicted=max(range(len(scores)), key=scores.__getitem__),
            answer=question.answer,
        )
        for name in params.evaluators
        for question, scores in zip(questions, EVALUATORS[name](questions, predictor), strict=True)
    ]


def compare(
    base: Sequence[Prediction], adapter: Sequence[Prediction], questions: Sequence[Question], params: EvaluateParams
) -> Evaluation:
    """Accuracies of both models with intervals, letters named, McNemar's p and what it can find, per evaluator."""
    metrics: dict[str, Any] = {
        "n": len(questions),
        "baseline": round(baseline(questions), 4),
        "dtype": params.dtype,
        "headline": params.headline,
    }
    for name in params.evaluators:
        before = [p for p in base if p.evaluator == name]
        after = [p for p in adapter if p.evaluator == name]
        metrics[name] = {
            "base": _score(before),
            "adapter": _score(after),
            **_paired(before, after),
        }
    return Evaluation([*base, *adapter], metrics)


def _paired(before: Sequence[Prediction], after: Sequence[Prediction]) -> dict[str, Any]:
    pairs = list(zip(before, after, strict=True))
    gained = sum(a.right and not b.right for b, a in pairs)
    lost = sum(b.right and not a.right for b, a in pairs)
    return {
        "gained": gained,
        "lost": lost,
        "mcnemar_p": mcnemar_p([b.right for b, _ in pairs], [a.right for _, a in pairs]),
        "detectable_difference": detectable_difference(len(pairs), (gained + lost) / len(pairs)),
    }


def _score(predictions: Sequence[Prediction]) -> dict[str, Any]:
    accuracy = wilson(sum(p.right for p in predictions), len(predictions))
    named = Counter(CHOICE_LETTERS[p.predicted] for p in predictions)
    letters = CHOICE_LETTERS[: max(len(p.scores) for p in predictions)]
    rounded = {name: round(value, 4) for name, value in accuracy._asdict().items()}
    return rounded | {"answers": {name: named[name] for name in letters}}


def letter_rows(metrics: Mapping[str, Any], evaluators: Sequence[str]) -> list[dict[str, Any]]:
    """Rows for the plot of how often each model names each choice."""
    return [
        {"model": f"{model} ({name})", "choice": choice, "times": times}
        for name in evaluators
        for model in ("base", "adapter")
        for choice, times in metrics[name][model]["answers"].items()
    ]
