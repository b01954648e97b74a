"""The orders in which a question is asked, and what was chosen whatever the order."""

import pytest

from finsmith.evaluation.evaluators import Answer
from finsmith.evaluation.predictions import orders, predictions_of

from .tables import COIN, LOAN, RATE, prediction


def test_each_choice_stands_once_at_each_letter():
    """Four orders of four choices and five of five; in each the marked choice is the right one, and the id is kept."""
    asked = orders([RATE, LOAN], permutations=True)
    assert [shift for _, shift in asked] == [0, 1, 2, 3, 0, 1, 2, 3, 4]
    assert asked[1][0].choices == ("국세청", "예금보험공사", "법원", "금융통화위원회")
    for question, of in ((RATE, asked[:4]), (LOAN, asked[4:])):
        columns = zip(*(one.choices for one, _ in of), strict=True)
        assert all(sorted(column) == sorted(question.choices) for column in columns)
        assert {one.choices[one.answer] for one, _ in of} == {question.choices[question.answer]}
        assert {one.id for one, _ in of} == {question.id}


def test_without_permutations_a_question_stands_as_it_is():
    """One order, the test set's own."""
    assert orders([RATE, COIN], permutations=False) == [(RATE, 0), (COIN, 0)]


@pytest.mark.parametrize(
    ("shift", "predicted", "chosen"), [(0, 3, 3), (1, 3, 0), (3, 0, 3), (2, 1, 3), (1, None, None)]
)
def test_the_chosen_one_is_told_whatever_the_order(shift, predicted, chosen):
    """The letter shown, turned back by the shift, is the place among the question's own choices."""
    assert prediction("q", predicted, 0, shift=shift).chosen == chosen


def test_an_unreadable_answer_is_wrong():
    """No choice is no right one."""
    assert [prediction("q", place, 2).right for place in (2, 1, None)] == [True, False, False]


def test_answers_become_predictions_in_order():
    """The places of answer and right choice are those that were shown, with scores, reply and shift."""
    asked = orders([COIN], permutations=True)[:2]
    first, second = predictions_of(asked, [Answer(2, (0.0, 1.0, 2.0, 1.0)), Answer(None, reply="?")], "letter", "base")
    assert (first.question_id, first.shift, first.predicted, first.answer, first.choices) == (COIN.id, 0, 2, 1, 4)
    assert (first.scores, first.reply, second.reply) == ((0.0, 1.0, 2.0, 1.0), "", "?")
    assert (second.shift, second.predicted, second.answer) == (1, None, 0)
