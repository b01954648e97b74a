"""What stands for a row when several people have decided: agreement, a conflict and who settles it, or too few.

Not covered: what follows for the row (apply), how far people agree (agreement).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from .assignment import needed
from .course import by_person
from .decisions import Decision, Key
from .params import ReviewParams

State = Literal["accepted", "rejected", "conflict", "waiting"]


@dataclass(frozen=True)
class Standing:
    """What stands for a row: its state, the decision that counts where one does, and what each person says, by name.

    `said` holds skips too, and decisions whose text was erased; they decide nothing.
    """

    state: State
    said: Mapping[str, Decision]
    counts: Decision | None = None
    adjudicated: bool = False

    @property
    def doubted(self) -> bool:
        """Whether somebody rejected or edited the row."""
        return any(one.says in ("reject", "edit") for one in self.said.values())


def standing_of(said: Mapping[str, Decision], people: int, adjudicator: str) -> Standing:
    """What stands for a row on which so many people must decide.

    The adjudicator's decision counts whatever others say; without one, those who differ in verdict or edit are in
    conflict, and reasons may differ.
    """
    last_word = said.get(adjudicator)
    if last_word and last_word.decides:
        return Standing(_state(last_word), said, last_word, adjudicated=len(said) > 1)
    decided = [one for one in said.values() if one.decides]
    if len({(one.verdict, one.edit) for one in decided}) > 1:
        return Standing("conflict", said)
    if len(decided) < people:
        return Standing("waiting", said)
    return Standing(_state(decided[0]), said, decided[0])


def standings(decisions: Iterable[Decision], params: ReviewParams) -> dict[Key, Standing]:
    """What stands for each row and question on which somebody's decision stands; audited samples are left out."""
    return {
        key: standing_of(said, needed(key[1], params), params.adjudicator)
        for key, said in by_person(decisions).items()
        if key[0] != "sample"
    }


def _state(decision: Decision) -> State:
    return "accepted" if decision.verdict == "accept" else "rejected"
