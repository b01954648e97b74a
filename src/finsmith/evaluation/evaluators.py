"""The ways to score a closed question by likelihood; a model answers with the choice it finds most likely.

OLMES (arXiv 2406.08446) scores small models both ways: by letters a model must know the format, by choice text it must
only know the words. Not covered: generated answers.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from finsmith.core.records import CHOICE_LETTERS, Question


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


Scores = list[list[float]]


def choice_text(questions: Sequence[Question], predictor: Predictor) -> Scores:
    """Scores (questions, choices): log-likelihood of the choice's text after the bare stem, per character.

    No letters and no other choices are in the prompt. Dividing by characters takes the advantage of short choices away.
    Source: OLMES section 3, the "character" normalisation.
    """
    totals = predictor.log_likelihoods([predictor.prompt(q.stem) for q in questions], [q.choices for q in questions])
    return [
        [total / len(choice) for total, choice in zip(of_one, q.choices, strict=True)]
        for of_one, q in zip(totals, questions, strict=True)
    ]


def letter(questions: Sequence[Question], predictor: Predictor) -> Scores:
    """Scores (questions, choices): log-probability of the letter after stem, lettered choices and "정답:"; one pass."""
    prompts = []
    for q in questions:
        listed = "\n".join(f"{name}. {choice}" for name, choice in zip(CHOICE_LETTERS, q.choices, strict=False))
        prompts.append(predictor.prompt(f"{q.stem}\n\n{listed}") + "정답:")
    letters = CHOICE_LETTERS[: max(len(q.choices) for q in questions)]
    scores = predictor.next_token_log_probs(prompts, [f" {name}" for name in letters])
    return [of_one[: len(q.choices)] for of_one, q in zip(scores, questions, strict=True)]


Evaluator = Callable[[Sequence[Question], Predictor], Scores]

EVALUATORS: dict[str, Evaluator] = {"choice_text": choice_text, "letter": letter}
