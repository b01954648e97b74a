"""The section `ingest`: where the inputs are, how they are read, and what reading one page may take."""

from typing import Annotated, ClassVar

from pydantic import Field

from finsmith.core.params import Section

from .glossary.columns import Field as GlossaryField


class IngestParams(Section):
    """The section `ingest`."""

    section: ClassVar[str] = "ingest"
    source: str
    max_documents: Annotated[int, Field(ge=0)]
    max_passage_tokens: Annotated[int, Field(ge=32)]
    mask_personal_data: bool
    glossary_columns: dict[GlossaryField, str]
    processes: Annotated[int, Field(ge=0)]
    page_seconds: Annotated[float, Field(gt=0)]
    process_memory_mb: Annotated[int, Field(ge=256)]
