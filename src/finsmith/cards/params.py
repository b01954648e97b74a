"""The section `card`. Not covered: facts about the run; nobody types those."""

from typing import Annotated, ClassVar

from pydantic import Field

from finsmith.core.params import Section


class CardParams(Section):
    """What only the owner knows: names, licences, whom to ask."""

    section: ClassVar[str] = "card"
    name: Annotated[str, Field(min_length=1)]
    language: Annotated[tuple[str, ...], Field(min_length=1)]
    model_license: Annotated[str, Field(min_length=1)]
    data_license: Annotated[str, Field(min_length=1)]
    contact: str
