"""Records of written answers: the questions held out for them, what was answered, and how two answers compare.

Not covered: closed 4-choice questions, which are in `records`.
"""

from typing import Annotated, Literal

from pydantic import Field

from .records import Identified, Record

QuestionSet = Literal["rag", "open"]
Model = Literal["base", "adapter", "teacher"]
Verdict = Literal["base", "adapter", "same"]
Asked = tuple[str, str]  # instruction and input
Texts = dict[Model, dict[QuestionSet, list[str]]]  # answers in the order of their questions


class OpenQuestion(Identified):
    """A question that is answered in sentences of one's own; `reference` and `kind` may be empty."""

    question: str
    reference: str
    kind: str


class RagQuestion(Identified):
    """A question with three clues; `clue` is the number of the one that holds the answer, 0 where none does.

    `key` is what every right answer says, or empty; `source` is the document it is about, or empty.
    """

    question: str
    clues: tuple[str, str, str]
    reference: str
    clue: Annotated[int, Field(ge=0, le=3)]
    key: str
    source: str


class OpenAnswer(Record):
    """What a model wrote to an open question; `loops` is a phrase that it says three times on end, or empty."""

    question_id: str
    model: Model
    answer: str
    loops: str


class RagAnswer(Record):
    """What a model wrote to a question with clues, and what the gates say of it.

    `cited` are the numbers of the clues it names. `refuses` where it says that there is no answer; `says_nothing` where
    it is empty. `foreign_figures`, `against_direction` and `foreign_names` are what its clues do not say. `rouge_l` is
    F1 over morphemes to the reference, 0 to 1, and `right` is whether it says the key; both are None where no clue
    answers, `right` also where there is no key.
    """

    question_id: str
    model: Model
    answer: str
    cited: tuple[int, ...]
    refuses: bool
    says_nothing: bool
    foreign_figures: tuple[str, ...]
    against_direction: str
    foreign_names: tuple[str, ...]
    rouge_l: float | None
    right: bool | None

    @property
    def is_claim(self) -> bool:
        """Whether the answer says something that may stand in the clues or not."""
        return not (self.refuses or self.says_nothing)

    @property
    def is_grounded(self) -> bool:
        """Whether figures, directions and names of the answer stand in the clues."""
        return not (self.foreign_figures or self.against_direction or self.foreign_names)


class Comparison(Record):
    """Which of two answers to an open question a judge found better, asked twice.

    `base_first` is its verdict where the base's answer was shown first, `adapter_first` where the adapter's was.
    `request_keys` are the calls in this order; empty where the answers are the same and nobody was asked.
    """

    question_id: str
    base_first: Verdict
    adapter_first: Verdict
    request_keys: tuple[str, ...]
    model: str

    @property
    def outcome(self) -> Literal["win", "tie", "loss"]:
        """What came of it for the adapter; a win or a loss only where both orders agree."""
        if self.base_first != self.adapter_first or self.base_first == "same":
            return "tie"
        return "win" if self.base_first == "adapter" else "loss"

    @property
    def order_decided(self) -> bool:
        """Whether the judge named the same place in both orders, whoever's answer stood there."""
        return {self.base_first, self.adapter_first} == {"base", "adapter"}
