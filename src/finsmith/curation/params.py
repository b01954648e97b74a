"""The section `filter`."""

from typing import Annotated, ClassVar

from pydantic import Field

from finsmith.core.params import Section

Share = Annotated[float, Field(ge=0, le=1)]


class FilterParams(Section):
    """Which filters run, in order, and their thresholds."""

    section: ClassVar[str] = "filter"
    enabled: tuple[str, ...]
    min_instruction_chars: Annotated[int, Field(ge=0)]
    max_instruction_chars: Annotated[int, Field(ge=1)]
    min_output_chars: Annotated[int, Field(ge=0)]
    max_output_chars: Annotated[int, Field(ge=1)]
    max_input_share: Share
    novelty_rouge_l: Share
    test_rouge_l: Share
    test_ngram: Annotated[int, Field(ge=2)]
