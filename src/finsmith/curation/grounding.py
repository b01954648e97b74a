"""Gates for rows that answer from a given text (summaries, RAG, 4-choice on a passage): is what they say in it?

Not covered: sense; a teacher may judge that.
"""

from finsmith.core.records import Example
from finsmith.text import grounding
from finsmith.text.clues import marked, numbered, without_marks
from finsmith.text.four_choice import read_item
from finsmith.text.quantities import foreign_quantities, quantities
from finsmith.text.quoting import stands_in

from .finding import Context, Finding


def foreign_figures(row: Example, context: Context) -> Finding | None:
    """Rejects an answer with an amount, share, date or article that its text does not have."""
    item = read_item(row)
    if not _is_grounded(row, context) or (item and item.is_worked_out):
        return None
    asked = item.stem if item else row.instruction
    if foreign := foreign_quantities(_claims(row), without_marks(row.input), asked):
        return Finding("figures that are not in the text", len(foreign), ", ".join(foreign))
    return None


def wrong_direction(row: Example, context: Context) -> Finding | None:
    """Rejects an answer that says rise where the sentence it rests on says fall."""
    if not _is_grounded(row, context):
        return None
    support = context.params.grounding.min_support
    if found := grounding.against_direction(_claims(row), without_marks(row.input), support):
        return Finding("the other direction than its text", None, " / ".join(found))
    return None


def foreign_names(row: Example, context: Context) -> Finding | None:
    """Rejects an answer with a proper noun or an acronym that neither its text nor its instruction has."""
    if not _is_grounded(row, context):
        return None
    if foreign := grounding.foreign_names(_claims(row), row.input, row.instruction):
        return Finding("names that are not in the text", len(foreign), ", ".join(foreign))
    return None


def weak_support(row: Example, context: Context) -> Finding | None:
    """Rejects an answer with a sentence that its text hardly bears: too few of its content words stand there."""
    if not _is_grounded(row, context):
        return None
    score, sentence = grounding.least_supported(_claims(row), row.input, row.instruction)
    if score < context.params.grounding.min_support:
        return Finding("a sentence is not supported by the text", round(score, 4), sentence)
    return None


def answer_in_hard_negative(row: Example, context: Context) -> Finding | None:
    """Rejects a RAG row where a clue that the answer does not name says the answer too."""
    cited = marked(row.output)
    if not row.recipe.startswith("rag.") or not cited:
        return None
    answer = _claims(row)
    figures = {(one.value, one.unit) for one in quantities(answer)}
    for number, clue in numbered(row.input):
        if number in cited:
            continue
        if stands_in(answer, clue) or (figures and figures <= {(one.value, one.unit) for one in quantities(clue)}):
            return Finding("a clue that is to hold no answer holds it", None, number)
    return None


def _is_grounded(row: Example, context: Context) -> bool:
    params = context.params  # an answer that there is none says nothing of the text
    grounded = row.recipe.partition(".")[0] in params.grounding.recipes and row.recipe not in params.may_refuse
    return grounded and bool(row.input.strip())


def _claims(row: Example) -> str:
    """What the row says of its text: of a 4-choice item the answer and its explanation, not the distractors."""
    item = read_item(row)
    return f"{item.choices[item.answer]}\n{item.explanation}" if item else without_marks(row.output).strip()
