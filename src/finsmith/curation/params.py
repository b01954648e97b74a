"""The section `filter`."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from finsmith.core.params import Params, Section

Share = Annotated[float, Field(ge=0, le=1)]


def _in_order(limits: tuple[int, int]) -> tuple[int, int]:
    if limits[0] < 0 or (limits[1] and limits[1] < limits[0]):
        raise ValueError("must be [lowest, highest] with 0 <= lowest <= highest; a highest of 0 sets no limit")
    return limits


Limits = Annotated[tuple[int, int], AfterValidator(_in_order)]


class LengthParams(Params):
    """Lowest and highest sizes; a highest of 0 sets no limit."""

    instruction_chars: Limits
    instruction_words: Limits
    output_chars: Limits
    output_words: Limits
    row_tokens: Limits


class NoveltyParams(Params):
    """From which ROUGE-L F1 on two texts are too alike, over which tokens."""

    rouge_l: Share
    above_only: bool
    tokens: Literal["stems", "morphemes", "characters", "words"]

    @property
    def told(self) -> str:
        """What a text must be to be kept."""
        return f"at most {self.rouge_l}" if self.above_only else f"under {self.rouge_l}"


class FourChoiceParams(Params):
    """Gates for 4-choice items."""

    max_length_ratio: Annotated[float, Field(ge=1)]
    stem_novelty: NoveltyParams


class GroundingParams(Params):
    """Gates for rows that answer from a given text."""

    recipes: tuple[str, ...]
    min_support: Share


class MeaningParams(Params):
    """From which cosine on rows mean the same, by which embedding model; "" is none."""

    embedding_model: str
    cosine: Annotated[float, Field(gt=0, le=1)]


class JudgedParams(Params):
    """From which shares of a teacher's judgements rows are rejected, or marked."""

    min_solved: Share
    too_easy: Share
    min_faithful: Share


class DecontaminationParams(Section):
    """What is too near to a question of the closed test."""

    section: ClassVar[str] = "leaks"
    rouge_l: Share
    ngram: Annotated[int, Field(ge=2)]
    reworded: Share
    reworded_general: Share
    split: Literal["passage", "document"]


class FilterParams(Section):
    """Which filters run, in order, and their thresholds."""

    section: ClassVar[str] = "filter"
    general: str
    enabled: tuple[str, ...]
    flagging: tuple[str, ...]
    length: LengthParams
    max_input_share: Share
    unanswerable_words: tuple[str, ...]
    may_refuse: tuple[str, ...]
    four_choice: FourChoiceParams
    grounding: GroundingParams
    judged: JudgedParams
    novelty: NoveltyParams
    meaning: MeaningParams
