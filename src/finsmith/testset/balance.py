"""How many of each are wanted: equal shares, as far as there are enough. Letters given so that each is right as often.

Not covered: which questions are picked (pick).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from finsmith.core.records import CHOICE_LETTERS, Question

from .questions import in_order, keeps_order, with_answer_at


@dataclass(frozen=True)
class Target:
    """Of a value of an attribute: how many accepted candidates there are, stood before, are wanted, were picked."""

    attribute: str
    value: str
    accepted: int
    before: int
    wanted: int
    picked: int


def equal_shares(available: Mapping[str, int], size: int) -> dict[str, int]:
    """How many of each name: as equal as what is available allows, `size` in all (or all there are).

    What cannot be split evenly goes to the names with most available, and of those to the last.
    """
    shares, left = dict[str, int](), min(size, sum(available.values()))
    by_number = sorted(available, key=lambda name: (available[name], name))
    for at, name in enumerate(by_number):
        shares[name] = min(available[name], left // (len(by_number) - at))
        left -= shares[name]
    return shares


def spread_letters(questions: Sequence[Question], fixed: Sequence[bool], chance: Random) -> list[Question]:
    """The questions with choices reordered so that each letter is right as often, give or take one, in each size.

    Those that are `fixed`, or whose choices speak of their places, stay as they are, so that more of one letter may be
    left over. Of the others as many as can keep their order.
    """
    given: list[Question] = list(questions)
    for size in sorted({len(one.choices) for one in questions}):
        alike = [at for at, one in enumerate(questions) if len(one.choices) == size]
        free = [at for at in alike if not (fixed[at] or keeps_order(questions[at]))]
        chance.shuffle(free)
        taken = Counter(questions[at].answer for at in alike if at not in set(free))
        wanted = _filled(taken, size, len(free))
        moved: list[int] = []
        for at in free:
            if wanted[questions[at].answer]:
                wanted[questions[at].answer] -= 1
            else:
                moved.append(at)
        for at, place in zip(moved, wanted.elements(), strict=True):
            given[at] = with_answer_at(questions[at], place, chance)
    return given


def letter_targets(
    accepted: Sequence[Question], before: Sequence[Question], picked: Sequence[Question]
) -> list[Target]:
    """How often each letter is right among what is accepted as written, what stood, and what was picked."""
    found = []
    for size in sorted({len(one.choices) for one in picked}):
        there, stood, got = (
            Counter(CHOICE_LETTERS[one.answer] for one in some if len(one.choices) == size)
            for some in (accepted, before, picked)
        )
        wanted = _filled({}, size, got.total())
        found += [
            Target(f"letter of {size}", one, there[one], stood[one], wanted[at], got[one])
            for at, one in enumerate(CHOICE_LETTERS[:size])
        ]
    return found


def _filled(taken: Mapping[int, int], size: int, count: int) -> Counter[int]:
    """How many more of each place make all as equal as can be: each time one of the rarest, the first of them."""
    wanted: Counter[int] = Counter()
    for _ in range(count):
        wanted[min(range(size), key=lambda place: (taken.get(place, 0) + wanted[place], place))] += 1
    return wanted


def reordered_like(question: Question, standing: Question) -> Question | None:
    """The question with its choices in the order of one that asks the same; None where that one asks something else."""
    same = ("stem", "explanation", "source", "evidence")
    if any(getattr(question, name) != getattr(standing, name) for name in same):
        return None
    if sorted(question.choices) != sorted(standing.choices):
        return None
    if question.choices[question.answer] != standing.choices[standing.answer]:
        return None
    return in_order(question, standing.choices)
