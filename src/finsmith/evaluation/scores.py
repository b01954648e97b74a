"""What predictions amount to: accuracy with its interval, letters named, steadiness, and the paired test of two models.

The question is the unit, in however many orders it was asked: the orders of a question stand or fall together, so an
interval over questions and orders would be too narrow. Not covered: where the predictions come from.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from finsmith.core.records import CHOICE_LETTERS, Question

from .predictions import Prediction
from .statistics import accuracy_of_shares, detectable_difference, mcnemar_p


def baseline(questions: Sequence[Question]) -> float:
    """The accuracy of guessing: the mean of one over the number of choices."""
    return sum(1 / len(q.choices) for q in questions) / len(questions)


def score(predictions: Sequence[Prediction]) -> dict[str, Any]:
    """Accuracy with its interval, and how often each letter was named.

    Where questions were asked in several orders also `consistency`: the share of those whose chosen text is the same in
    all. Where answers were written also the share that is `unparsable`.
    """
    named = Counter(CHOICE_LETTERS[one.predicted] for one in predictions if one.predicted is not None)
    letters = CHOICE_LETTERS[: max(one.choices for one in predictions)]
    told: dict[str, Any] = accuracy(predictions) | {"answers": {name: named[name] for name in letters}}
    if any(one.shift for one in predictions):
        told["consistency"] = round(_consistency(predictions), 4)
    if any(not one.scores for one in predictions):
        told["unparsable"] = round(sum(one.predicted is None for one in predictions) / len(predictions), 4)
    return told


def accuracy(predictions: Sequence[Prediction]) -> dict[str, float]:
    """Accuracy, averaged over orders, with the bounds of its interval."""
    found = accuracy_of_shares(list(shares_right(predictions).values()), len(predictions))
    return {name: round(value, 4) for name, value in found._asdict().items()}


def paired(before: Sequence[Prediction], after: Sequence[Prediction]) -> dict[str, Any]:
    """Questions gained and lost, the p of the test, and the least net share of gained questions that it can find."""
    first, second = shares_right(before), shares_right(after)
    pairs = [(share, second[question]) for question, share in first.items()]
    gained, lost = sum(b < a for b, a in pairs), sum(a < b for b, a in pairs)
    detectable = detectable_difference(len(pairs), (gained + lost) / len(pairs))
    return {
        "gained": gained,
        "lost": lost,
        "mcnemar_p": mcnemar_p([b for b, _ in pairs], [a for _, a in pairs]),
        "detectable_difference": None if detectable is None else round(detectable, 4),
    }


def shares_right(predictions: Sequence[Prediction]) -> dict[str, float]:
    """By question the share of its orders that were answered right."""
    right: dict[str, list[bool]] = defaultdict(list)
    for one in predictions:
        right[one.question_id].append(one.right)
    return {question: sum(of) / len(of) for question, of in right.items()}


def _consistency(predictions: Sequence[Prediction]) -> float:
    chosen: dict[str, set[int | None]] = defaultdict(set)
    for one in predictions:
        chosen[one.question_id].add(one.chosen)
    return sum(len(of) == 1 and None not in of for of in chosen.values()) / len(chosen)
