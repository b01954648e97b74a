"""The section `generate`: which recipes, how much of each, and the teacher."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from finsmith.core.params import Params, Section
from finsmith.core.teacher_params import TeacherParams

Pattern = Literal["definition", "term_from_definition", "full_name", "abbreviation", "english"]


class GlossaryQaParams(Params):
    """Question patterns to fill from each term; `max_terms` 0 means all."""

    patterns: tuple[Pattern, ...]
    max_terms: Annotated[int, Field(ge=0)]


class GlossaryChoiceParams(Params):
    """How many 4-choice items to make from terms (0: one per term)."""

    max_items: Annotated[int, Field(ge=0)]
    max_definition_chars: Annotated[int, Field(ge=1)]


class TeacherRecipeParams(Params):
    """The longest reply of a recipe, in tokens."""

    max_tokens: Annotated[int, Field(ge=1)]


class GenerateParams(Section):
    """The section `generate`."""

    section: ClassVar[str] = "generate"
    seed: int
    recipes: tuple[str, ...]
    max_passages: Annotated[int, Field(ge=0)]
    min_passage_tokens: Annotated[int, Field(ge=0)]
    min_ocr_confidence: Annotated[float, Field(ge=0, le=1)]
    glossary_qa: GlossaryQaParams
    glossary_choice: GlossaryChoiceParams
    multiple_choice: TeacherRecipeParams
    summary: TeacherRecipeParams
    teacher: TeacherParams
