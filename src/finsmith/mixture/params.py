"""The section `mix`."""

from typing import Annotated, ClassVar

from pydantic import Field

from finsmith.core.params import Section


class MixParams(Section):
    """How much general data goes with the domain data, how many rows and tokens in all, and what part of that."""

    section: ClassVar[str] = "mix"
    general_share: Annotated[float, Field(ge=0, le=0.99)]
    domain_fraction: Annotated[float, Field(gt=0, le=1)]
    max_rows: Annotated[int, Field(ge=0)]
    max_tokens: Annotated[int, Field(ge=0)]
    seed: int
