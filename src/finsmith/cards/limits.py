"""What the figures of a run do not show, in sentences that follow from them. Not covered: what no figure tells."""

from collections.abc import Iterator, Mapping
from typing import Any

_SIGNIFICANT = 0.05  # two-sided


def limits(facts: Mapping[str, Any]) -> Iterator[str]:
    """The sentences of the card's section on limits."""
    evaluation, forgotten = facts["evaluation"], facts["evaluation"]["forgetting"]
    adapter, base, p = evaluation["adapter"], evaluation["base"], evaluation["mcnemar_p"]
    points = f"{100 * (adapter['accuracy'] - base['accuracy']):+.1f} points"
    if p > _SIGNIFICANT:
        yield f"The change of {points} on the closed test may be chance (p = {p:.2g})."
    else:
        yield f"The change of {points} on the closed test is more than chance (p = {p:.2g}), for this one training."
    if evaluation["detectable_difference"] is None:
        yield f"{evaluation['n']} questions are too few to show any difference between two models."
    else:
        yield (
            f"So many questions find a difference of {100 * evaluation['detectable_difference']:.1f} points four times "
            "in five; a smaller one often goes unseen."
        )
    if adapter["low"] <= evaluation["baseline"]:
        yield f"The accuracy's interval holds that of guessing, {evaluation['baseline']:.0%}."
    for name, scores in evaluation["by_evaluator"].items():
        if name != evaluation["headline"] and scores["mcnemar_p"] > _SIGNIFICANT:
            yield f"Asked by `{name}` it shows no change beyond chance (p = {scores['mcnemar_p']:.2g})."
    lost = f"{forgotten['points']:.1f} points of general ability"
    if forgotten["points"] > 0:
        chance = "more than chance" if forgotten["mcnemar_p"] <= _SIGNIFICANT else "which may be chance"
        yield f"It has lost {lost}, {chance} (p = {forgotten['mcnemar_p']:.2g})."
    yield "One training was tested. Another seed gives another adapter, and other figures."
    review = facts["review"]
    if not facts["quality"]["judged"] + review["accepted"] + review["edited"]:
        yield "No row of the training set was judged by a person."
    yield "The test has closed questions with choices: it does not show whether free answers are right."
