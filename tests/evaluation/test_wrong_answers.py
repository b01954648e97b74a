"""Which wrong answers are shown, and how questions fall between the two models."""

import pytest

from finsmith.core.records import Question
from finsmith.evaluation.predictions import Prediction
from finsmith.evaluation.wrong_answers import wrong_answers

QUESTIONS = [
    Question(stem=f"{n}?", choices=("a", "b", "c", "d"), answer=0, explanation="", source="", evidence="")
    for n in range(6)
]


def said(model, number, *places, scores=(), evaluator="letter"):
    """What a model said in the first orders of a question; `places` are as shown."""
    question = QUESTIONS[number]
    return [
        Prediction(
            question_id=question.id,
            evaluator=evaluator,
            model=model,
            shift=shift,
            choices=4,
            predicted=place,
            answer=(0 - shift) % 4,
            scores=scores,
        )
        for shift, place in enumerate(places)
    ]


def told(predictions, shown=4, questions=QUESTIONS):
    found = wrong_answers(questions, predictions, "letter", shown)
    return [
        ([one.id for one in questions].index(shown["question"]["id"]), shown["lost"], shown["margin"])
        for shown in found["shown"]
    ], found


BOTH_WRONG = [*said("base", 3, 1), *said("adapter", 3, 1, scores=(-4.0, -1.0, -3.0, -3.0))]
SURER = [*said("base", 4, 2), *said("adapter", 4, 1, scores=(-9.0, -1.0, -3.0, -3.0))]
LOST = [*said("base", 1, 0), *said("adapter", 1, 2, scores=(-2.0, -3.0, -1.5, -3.0))]
LOST_TOO = [*said("base", 2, 0), *said("adapter", 2, None)]
RIGHT = [*said("base", 0, 0), *said("adapter", 0, 0), *said("base", 5, 3), *said("adapter", 5, 0)]
ALL = [*RIGHT, *BOTH_WRONG, *SURER, *LOST, *LOST_TOO]


def test_questions_are_counted_by_who_is_right():
    """Both, one or none; other evaluators, models and questions do not count."""
    beside = [*said("gpt-4o", 0, 1), *said("base", 0, 1, evaluator="choice_text")]
    other = Question(stem="general?", choices=("a", "b", "c", "d"), answer=0, explanation="", source="", evidence="")
    general = [one.model_copy(update={"question_id": other.id}) for one in said("adapter", 0, 1)]
    _, found = told([*ALL, *beside, *general])
    counts = {name: found[name] for name in ("both_right", "gained", "lost", "both_wrong", "wrong")}
    assert counts == {"both_right": 1, "gained": 1, "lost": 2, "both_wrong": 2, "wrong": 4}


@pytest.mark.parametrize(
    ("shown", "which"),
    [
        (4, [(1, True, 0.5), (2, True, 0.0), (4, False, 8.0), (3, False, 3.0)]),
        (2, [(1, True, 0.5), (4, False, 8.0)]),
        (1, [(4, False, 8.0)]),
        (0, []),
        (9, [(1, True, 0.5), (2, True, 0.0), (4, False, 8.0), (3, False, 3.0)]),
    ],
)
def test_half_of_those_shown_are_lost_ones(shown, which):
    """Each half begins with what the adapter is surest of."""
    assert told(ALL, shown)[0] == which


def test_where_there_are_few_of_one_half_the_other_fills_up():
    """So that as many are shown as were asked for."""
    assert [number for number, *_ in told([*LOST, *LOST_TOO, *RIGHT], 2, QUESTIONS[:3])[0]] == [1, 2]
    both = [*RIGHT, *BOTH_WRONG, *SURER]
    assert [number for number, *_ in told(both, 2, [QUESTIONS[n] for n in (0, 3, 4, 5)])[0]] == [2, 1]


def test_of_several_orders_the_majority_counts():
    """Right in half of its orders is not right; the choice told is the question's own, whatever the order."""
    base, adapter = said("base", 0, 0, 3), said("adapter", 0, 0, 0, 0, 1)
    shown, found = told([*base, *adapter], 1, QUESTIONS[:1])
    assert [lost for _, lost, _ in shown] == [True]
    assert found["shown"][0]["chosen"] == {"base": 0, "adapter": 0}  # the first of those named as often
