"""Accuracy by recipe, source, kind and right letter: where a model gained, and where it did not.

Not covered: tests within groups; with so many of them some would be significant by chance.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from finsmith.core.records import CHOICE_LETTERS, Question

from .predictions import Prediction
from .scores import accuracy

OTHER, UNLABELLED = "other", "unlabelled"
_FEWEST = 5  # questions of a group of its own

GROUPS: dict[str, Callable[[Question, Prediction], str]] = {
    "recipe": lambda question, prediction: question.recipe,
    "source": lambda question, prediction: question.source,
    "kind": lambda question, prediction: question.kind,
    "letter": lambda question, prediction: CHOICE_LETTERS[prediction.answer],
}


def breakdown(predictions: Sequence[Prediction], questions: Sequence[Question]) -> list[dict[str, Any]]:
    """A row for each evaluator, model, grouping and group: questions, accuracy and bounds; small groups are one."""
    asked = {question.id: question for question in questions}
    rows = []
    for (evaluator, model), of in groupby(sorted(predictions, key=_owner), key=_owner):
        some = list(of)
        for by, group in GROUPS.items():
            for name, members in _groups(some, asked, group).items():
                told = {"questions": _questions(members), **accuracy(members)}
                rows.append({"evaluator": evaluator, "model": model, "by": by, "group": name, **told})
    return rows


def _groups(
    predictions: Sequence[Prediction], asked: Mapping[str, Question], group: Callable[[Question, Prediction], str]
) -> dict[str, list[Prediction]]:
    """Predictions by the name of their group, sorted, what is left over last."""
    found: dict[str, list[Prediction]] = defaultdict(list)
    for one in predictions:
        found[group(asked[one.question_id], one) or UNLABELLED].append(one)
    small = {name for name, members in found.items() if _questions(members) < _FEWEST}
    groups = {name: members for name, members in sorted(found.items()) if name not in small}
    rest = [one for name in sorted(small) for one in found[name]]
    return groups | ({OTHER: groups.get(OTHER, []) + rest} if rest else {})


def _questions(predictions: Sequence[Prediction]) -> int:
    return len({one.question_id for one in predictions})


def _owner(prediction: Prediction) -> tuple[str, str]:
    return prediction.evaluator, prediction.model
