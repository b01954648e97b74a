"""The ways to put a closed question to a model: by likelihood of the choices' texts or letters, or by a written answer.

OLMES (arXiv 2406.08446) scores small models both ways: by letters a model must know the format, by choice text it must
only know the words. Worked examples stand before the question in one turn, as lm-evaluation-harness puts them. Not
covered: what a written answer names; `reply_parser` reads that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from finsmith.core.records import CHOICE_LETTERS, Question

from .reply_parser import read_choice

# It names no letter: shown "정답: A" as a pattern, a model writes A.
TASK = '다음 물음의 답을 보기에서 하나만 골라 그 글자를 "정답: " 뒤에 쓰십시오.'


class Predictor(Protocol):
    """What a model must be able to tell."""

    def prompt(self, instruction: str) -> str:
        """The instruction as the model is asked it."""
        ...

    def log_likelihoods(self, prompts: Sequence[str], continuations: Sequence[Sequence[str]]) -> list[list[float]]:
        """For each prompt the log-likelihood of each of its continuations."""
        ...

    def next_token_log_probs(self, prompts: Sequence[str], candidates: Sequence[str]) -> list[list[float]]:
        """The log-probability of each candidate's first token after each prompt."""
        ...

    def generate(self, prompts: Sequence[str], max_tokens: int) -> list[str]:
        """For each prompt the answer."""
        ...


@dataclass(frozen=True)
class Setting:
    """The worked examples before each question, in order, and the most tokens of a written answer."""

    examples: Sequence[Question] = ()
    max_answer_tokens: int = 32


class Answer(NamedTuple):
    """The index of the choice taken, None where a written answer names none; its scores, or what was written."""

    place: int | None
    scores: tuple[float, ...] = ()
    reply: str = ""


def choice_text(questions: Sequence[Question], predictor: Predictor, setting: Setting) -> list[Answer]:
    """The choice of the highest log-likelihood after the bare stem, per character.

    No letters and no other choices are in the prompt. Dividing by characters takes the advantage of short choices away.
    Source: OLMES section 3, the "character" normalisation.
    """
    shown = "".join(f"물음: {one.stem}\n답: {one.choices[one.answer]}\n\n" for one in setting.examples)
    asked = [f"{shown}물음: {q.stem}" if shown else q.stem for q in questions]
    totals = predictor.log_likelihoods([predictor.prompt(one) for one in asked], [q.choices for q in questions])
    return [
        likeliest([total / len(choice) for total, choice in zip(of_one, q.choices, strict=True)])
        for of_one, q in zip(totals, questions, strict=True)
    ]


def letter(questions: Sequence[Question], predictor: Predictor, setting: Setting) -> list[Answer]:
    """The likeliest letter after stem, lettered choices and "정답:"; one pass a question."""
    shown = "".join(f"{lettered(one)}\n정답: {CHOICE_LETTERS[one.answer]}\n\n" for one in setting.examples)
    prompts = [predictor.prompt(f"{shown}{lettered(q)}") + "정답:" for q in questions]
    letters = CHOICE_LETTERS[: max(len(q.choices) for q in questions)]
    scores = predictor.next_token_log_probs(prompts, [f" {name}" for name in letters])
    return [likeliest(of_one[: len(q.choices)]) for of_one, q in zip(scores, questions, strict=True)]


def generation(questions: Sequence[Question], predictor: Predictor, setting: Setting) -> list[Answer]:
    """The choice that the model's own answer names; the reply is kept."""
    prompts = [predictor.prompt(instruction(q, setting)) for q in questions]
    replies = predictor.generate(prompts, setting.max_answer_tokens)
    return [Answer(read_choice(reply, q.choices), reply=reply) for reply, q in zip(replies, questions, strict=True)]


def instruction(question: Question, setting: Setting) -> str:
    """What a model that is to write its answer is asked."""
    shown = (
        f"{lettered(one)}\n정답: {CHOICE_LETTERS[one.answer]}. {one.choices[one.answer]}" for one in setting.examples
    )
    return "\n\n".join([TASK, *shown, lettered(question)])


def lettered(question: Question) -> str:
    """The stem and below it the choices, each with its letter."""
    choices = zip(CHOICE_LETTERS, question.choices, strict=False)
    return "\n".join([f"{question.stem}\n", *(f"{name}. {choice}" for name, choice in choices)])


def likeliest(scores: Sequence[float]) -> Answer:
    """The choice of the highest score; of equal ones the first."""
    return Answer(max(range(len(scores)), key=scores.__getitem__), tuple(scores))


class Evaluator(NamedTuple):
    """A way to ask, and whether the model is shown all choices, so that their order may matter."""

    ask: Callable[[Sequence[Question], Predictor, Setting], list[Answer]]
    shows_choices: bool


EVALUATORS: dict[str, Evaluator] = {
    "choice_text": Evaluator(choice_text, shows_choices=False),
    "letter": Evaluator(letter, shows_choices=True),
    "generation": Evaluator(generation, shows_choices=True),
}
