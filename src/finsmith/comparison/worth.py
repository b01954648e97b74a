"""What is worth its money: the Pareto front over cost and accuracy, and the price of a point more.

Not covered: what the costs are made of.
"""

from collections.abc import Sequence

Place = tuple[float, float]  # cost, accuracy as a share of 1


def front(places: Sequence[Place]) -> list[bool]:
    """Of each place whether no other beats it: is at most as dear, at least as accurate, and better in one."""
    return [not any(_dominates(other, one) for other in places) for one in places]


def _dominates(other: Place, one: Place) -> bool:
    return other[0] <= one[0] and other[1] >= one[1] and other != one


def cheapest(places: Sequence[Place]) -> int:
    """The index of the cheapest, of several the most accurate."""
    return min(range(len(places)), key=lambda at: (places[at][0], -places[at][1]))


def most_accurate(places: Sequence[Place]) -> int:
    """The index of the most accurate, of several the cheapest."""
    return min(range(len(places)), key=lambda at: (-places[at][1], places[at][0]))


def usd_per_point(of: Place, to: Place) -> float | None:
    """What a percentage point more costs on the way to a dearer and more accurate place; None where it is not both."""
    usd, points = to[0] - of[0], 100 * (to[1] - of[1])
    return usd / points if usd > 0 and points > 0 else None
