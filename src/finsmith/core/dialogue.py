"""How a recipe talks with a teacher it does not know.

A dialogue is a generator: it yields requests, is sent their replies in the same order, and so on until it returns its
result. It sends nothing itself, so a recipe is tested by hand-written replies, and whoever drives it may ask one by
one, many at once or in batches. Not covered: the driving; that is the teacher's.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from .records import Observed, Reply, Request

T = TypeVar("T")
Dialogue = Generator[Sequence[Request], Sequence[Reply], T]

# Drives dialogues to their ends; the results are in their order. Those near each other share prompts, and are asked so.
Converse = Callable[[Iterable[Dialogue[T]]], list[T]]


class Rates(NamedTuple):
    """What is known of a teacher before it is asked: USD for tokens of prompt and reply, calls under way at once, and
    what earlier replies of its model took, by task."""

    cost_usd: Callable[[float, float], float]
    slots: int
    observed: Mapping[str, Observed]
