"""The section `mix`."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from finsmith.core.params import Section

# filters that reject a row for its answer; personal data and nearness to the test are looked for anew
AnswerFilter = Literal[
    "superseded",
    "unfaithful",
    "foreign_figures",
    "wrong_direction",
    "foreign_names",
    "weak_support",
    "answer_in_hard_negative",
    "repeats_input",
    "repeats_instruction",
    "loops",
    "refuses",
    "breaks_off",
    "breaks_markdown",
]


class MixParams(Section):
    """How much general data goes with the domain data, how many rows and tokens in all, what part of that; pairs."""

    section: ClassVar[str] = "mix"
    general_share: Annotated[float, Field(ge=0, le=0.99)]
    domain_fraction: Annotated[float, Field(gt=0, le=1)]
    max_rows: Annotated[int, Field(ge=0)]
    max_tokens: Annotated[int, Field(ge=0)]
    pairs_from: tuple[AnswerFilter, ...]
    seed: int
