"""The section `generate`: which recipes, how much of each, and the teachers."""

from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, ValidationError, model_validator

from finsmith.core.params import Params, Section
from finsmith.core.teacher_params import BudgetParams, PriceParams, TeacherParams

Count = Annotated[int, Field(ge=0)]
AtLeastOne = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Pattern = Literal["definition", "term_from_definition", "full_name", "abbreviation", "english", "related", "difference"]
Length = Literal["one_sentence", "short", "bullets"]
QuestionKind = Literal["fact", "number", "cause", "exception", "term", "calculation"]
Operation = Literal["constraint", "deepen", "concretise", "reasoning", "complicate_input", "breadth"]


class GlossaryQaParams(Params):
    """Question patterns to fill from each term; `max_terms` 0 means all."""

    patterns: tuple[Pattern, ...]
    max_terms: Count


class GlossaryChoiceParams(Params):
    """How many 4-choice items to make from terms (0: one per term)."""

    max_items: Count
    max_definition_chars: AtLeastOne


class TeacherRecipeParams(Params):
    """Which teacher a recipe asks, and its longest reply in tokens."""

    teacher: str
    max_tokens: AtLeastOne


class SummaryParams(TeacherRecipeParams):
    """Lengths drawn for each passage, and whole sections up to so many tokens in so many characters."""

    per_passage: AtLeastOne
    lengths: tuple[Length, ...]
    section_tokens: Count
    section_chars: AtLeastOne


class MultipleChoiceParams(TeacherRecipeParams):
    """Items for each passage, of the kinds that it bears."""

    per_passage: AtLeastOne
    kinds: tuple[QuestionKind, ...]


class RagParams(TeacherRecipeParams):
    """Questions with three clues; `clue_tokens` bounds the three together, `unanswerable` is a share of the rows,
    `embedding_model` a folder or hub id, or nothing."""

    clue_tokens: AtLeastOne
    unanswerable: Share
    candidates: Annotated[int, Field(ge=3)]
    embedding_model: str


class SelfInstructParams(TeacherRecipeParams):
    """When the loop ends, what it shows, how it is novel, and the share of rounds that get a scenario."""

    target: AtLeastOne
    max_rounds: AtLeastOne
    min_yield: Share
    novelty_rouge_l: Share
    scenarios: Share
    temperature: Annotated[float, Field(ge=0, le=2)]
    top_p: Annotated[float, Field(gt=0, le=1)]
    presence_penalty: Annotated[float, Field(ge=-2, le=2)]


class EvolveParams(TeacherRecipeParams):
    """Which rows are evolved, how many of them, how often each, and by which operations."""

    of: tuple[str, ...]
    max_rows: Count
    rounds: AtLeastOne
    operations: tuple[Operation, ...]


class TextbookParams(TeacherRecipeParams):
    """Texts from seed passages and from terms, each for an audience and in a format of the grid."""

    passages: Count
    terms: Count


class ImproveParams(TeacherRecipeParams):
    """Which rows are answered anew, and how many of them."""

    of: tuple[str, ...]
    max_rows: Count


class GenerateParams(Section):
    """The section `generate`."""

    section: ClassVar[str] = "generate"
    seed: int
    language: Literal["ko", "en"]
    recipes: tuple[str, ...]
    max_passages: Count
    min_passage_tokens: Count
    min_ocr_confidence: Share
    glossary_qa: GlossaryQaParams
    glossary_choice: GlossaryChoiceParams
    summary: SummaryParams
    multiple_choice: MultipleChoiceParams
    rag: RagParams
    self_instruct: SelfInstructParams
    evolve: EvolveParams
    textbook: TextbookParams
    improve: ImproveParams
    teacher: TeacherParams
    teachers: dict[str, dict[str, Any]]
    budget: BudgetParams
    prices: PriceParams

    @cached_property
    def all_teachers(self) -> dict[str, TeacherParams]:
        """The teachers by name: `default`, and the others, which differ from it in what `teachers` says."""
        default = self.teacher.model_dump()
        others = {name: TeacherParams.model_validate(default | changes) for name, changes in self.teachers.items()}
        return {"default": self.teacher} | others

    @model_validator(mode="after")
    def _teachers_exist(self) -> Self:
        try:
            known = self.all_teachers
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(map(str, problem["loc"]))
            raise ValueError(f"`teachers`: {where}: {problem['msg']}") from error
        for name, group in self:
            if isinstance(group, TeacherRecipeParams) and group.teacher not in known:
                raise ValueError(f"`{name}.teacher`: no teacher {group.teacher!r}; there are: {', '.join(known)}")
        return self
