"""Places the right answer among its distractors by a seeded shuffle, and writes choices as text."""

import random
from collections.abc import Sequence

from .params import GenerateParams
from .prompting import words

LETTERS = "ABCD"


def place_answer(answer: str, distractors: Sequence[str], seed: str) -> tuple[tuple[str, ...], int]:
    """The four choices in an order that depends on `seed` alone, and the index of the right one."""
    order = [answer, *distractors]
    random.Random(seed).shuffle(order)
    return tuple(order), order.index(answer)


def choices_text(choices: Sequence[str]) -> str:
    """The choices, one a line: "A. …"."""
    return "\n".join(f"{letter}. {choice}" for letter, choice in zip(LETTERS, choices, strict=True))


def answer_text(choices: Sequence[str], answer: int, params: GenerateParams) -> str:
    """The right choice as an answer line: "정답: B. …"."""
    return words(params, "answer", "", letter=LETTERS[answer], choice=choices[answer])
