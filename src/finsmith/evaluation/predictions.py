"""A model's answer to a question in one order of its choices, and the orders in which it is asked.

Not covered: asking; evaluators do that.
"""

from collections.abc import Iterable, Sequence

from finsmith.core.records import Question, Record

from .evaluators import Answer


class Prediction(Record):
    """One model's answer to one question, its choices turned by `shift` places.

    `predicted` and `answer` count places as they were shown; `predicted` is None where a written answer names no
    choice. `scores` are those of the choices as shown; a written answer has a `reply` instead, and from a hosted model
    that did not refuse the request the `request_key` of its call.
    """

    question_id: str
    evaluator: str
    model: str
    shift: int
    choices: int
    predicted: int | None
    answer: int
    scores: tuple[float, ...] = ()
    reply: str = ""
    request_key: str = ""

    @property
    def right(self) -> bool:
        """Whether the predicted choice is the right one."""
        return self.predicted == self.answer

    @property
    def chosen(self) -> int | None:
        """The index of the predicted choice among the question's own, whatever the order shown."""
        return None if self.predicted is None else (self.predicted + self.shift) % self.choices


Asked = tuple[Question, int]  # a question with its choices as shown, and their shift


def orders(questions: Iterable[Question], permutations: bool) -> list[Asked]:
    """Each question as it stands, or in all cyclic orders of its choices: each choice stands once at each letter.

    A turned question keeps its id: it is the same question.
    """
    return [
        (_turned(question, shift), shift)
        for question in questions
        for shift in range(len(question.choices) if permutations else 1)
    ]


def predictions_of(asked: Sequence[Asked], answers: Sequence[Answer], evaluator: str, model: str) -> list[Prediction]:
    """What the model answered, in the order it was asked."""
    return [
        Prediction(
            question_id=question.id,
            evaluator=evaluator,
            model=model,
            shift=shift,
            choices=len(question.choices),
            predicted=answer.place,
            answer=question.answer,
            scores=answer.scores,
            reply=answer.reply,
        )
        for (question, shift), answer in zip(asked, answers, strict=True)
    ]


def _turned(question: Question, shift: int) -> Question:
    choices = question.choices[shift:] + question.choices[:shift]
    return question.model_copy(update={"choices": choices, "answer": (question.answer - shift) % len(choices)})
