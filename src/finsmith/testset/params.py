"""The section `testset`."""

from typing import Annotated, ClassVar

from pydantic import Field

from finsmith.core.params import Section


class TestsetParams(Section):
    """Where questions are, how many make a test, and how their letters are spread."""

    section: ClassVar[str] = "testset"
    source: str
    general: str
    balance_letters: bool
    candidates: str
    size: Annotated[int, Field(ge=1)]
    seed: int
