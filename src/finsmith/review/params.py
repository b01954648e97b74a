"""The section `review`."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from finsmith.core.params import Params, Section

from .decisions import ReviewerName

Rule = Literal["require", "allow", "drop"]
DEFAULT = "default"
Weight = Annotated[float, Field(ge=0)]


class OverlapParams(Params):
    """Which share of the rows several people decide on, each without seeing the others, and how many people."""

    share: Annotated[float, Field(ge=0, le=1)]
    reviewers: Annotated[int, Field(ge=2)]


class ReviewParams(Section):
    """What people are asked about, who they are, and what happens to what nobody has decided on."""

    section: ClassVar[str] = "review"
    decisions: str
    recipes: tuple[str, ...]
    flags: Mapping[str, Weight]
    judged: Mapping[Literal["solved", "faithful"], Weight]
    reviewers: tuple[ReviewerName, ...]
    overlap: OverlapParams
    adjudicator: ReviewerName | Literal[""]
    unreviewed: Mapping[str, Rule]
    resamples: Annotated[int, Field(ge=100)]
    seed: int

    def rule(self, recipe: str) -> Rule:
        """What a row of a recipe does that nobody has decided on."""
        return self.unreviewed.get(recipe.partition(".")[0], self.unreviewed[DEFAULT])

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if DEFAULT not in self.unreviewed:
            raise ValueError(f"unreviewed: it says nothing of recipes that are not named; add `{DEFAULT}`")
        folded = [name.casefold() for name in self.reviewers]
        if len(set(folded)) < len(folded):
            raise ValueError("reviewers: a name stands there twice")
        if self.adjudicator.casefold() in folded:
            raise ValueError(
                f"adjudicator: {self.adjudicator} is a reviewer too, and would settle conflicts of their own; "
                "name somebody else, or leave one of the two out"
            )
        return self
