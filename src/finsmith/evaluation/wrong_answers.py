"""The questions that the adapter gets wrong: those that the base model gets right, and those that it is surest of.

Not covered: general questions; of those the report tells how many were lost.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from finsmith.core.records import Question

from .predictions import Prediction
from .scores import shares_right


def wrong_answers(
    questions: Sequence[Question], predictions: Iterable[Prediction], evaluator: str, shown: int
) -> dict[str, Any]:
    """How many questions base and adapter get right by `evaluator`, and `shown` of the adapter's wrong ones.

    Right is right in more than half of the orders asked. Half of those shown are ones that the base gets right, as far
    as there are so many; each half begins with the surest. One that is shown has the question, what base and adapter
    chose most often (an index, None for an answer that names no choice), `lost` where the base is right, and `margin`:
    by how much the adapter scores its choice above the right one, on average (0 where it writes its answers).
    """
    asked = {one.id for one in questions}
    by_model: dict[str, list[Prediction]] = {"base": [], "adapter": []}
    for one in predictions:
        if one.evaluator == evaluator and one.model in by_model and one.question_id in asked:
            by_model[one.model].append(one)
    right = {
        model: {question for question, share in shares_right(of).items() if share > 0.5}
        for model, of in by_model.items()
    }
    chosen = {model: _chosen(of) for model, of in by_model.items()}
    margins = _margins(by_model["adapter"])
    wrong: list[dict[str, Any]] = [
        {
            "question": question.model_dump(mode="json"),
            "chosen": {model: of.get(question.id) for model, of in chosen.items()},
            "lost": question.id in right["base"],
            "margin": round(margins.get(question.id, 0.0), 4),
        }
        for question in questions
        if question.id not in right["adapter"]
    ]
    wrong.sort(key=lambda one: -one["margin"])
    lost, others = ([one for one in wrong if one["lost"] is lost] for lost in (True, False))
    of_lost = max(shown // 2, shown - len(others))
    return {
        "both_right": len(right["base"] & right["adapter"]),
        "gained": len(right["adapter"] - right["base"]),
        "lost": len(right["base"] - right["adapter"]),
        "both_wrong": len(asked - right["base"] - right["adapter"]),
        "wrong": len(wrong),
        "shown": [*lost[:of_lost], *others[: shown - len(lost[:of_lost])]],
    }


def _chosen(predictions: Iterable[Prediction]) -> dict[str, int | None]:
    """By question the choice named most often, the first of several."""
    named: dict[str, Counter[int | None]] = defaultdict(Counter)
    for one in predictions:
        named[one.question_id][one.chosen] += 1
    return {question: of.most_common(1)[0][0] for question, of in named.items()}


def _margins(predictions: Iterable[Prediction]) -> dict[str, float]:
    """By question the mean of the best score less the right one's."""
    found: dict[str, list[float]] = defaultdict(list)
    for one in predictions:
        if one.scores:
            found[one.question_id].append(max(one.scores) - one.scores[one.answer])
    return {question: sum(of) / len(of) for question, of in found.items()}
