"""Gates for rows that answer from a given text (summaries, RAG, 4-choice on a passage): is what they say in it?

Not covered: sense; a teacher may judge that.
"""

import re

from finsmith.core.records import Example
from finsmith.korean.content_words import content_words
from finsmith.korean.morphemes import tagged
from finsmith.text.directions import opposed
from finsmith.text.quantities import foreign_quantities
from finsmith.text.quoting import plain, says
from finsmith.text.sentences import sentences

from .finding import Context, Finding
from .four_choice import read_item

_CLUE = re.compile(r"^\[(?:단서|clue) (\d)\]", re.MULTILINE | re.IGNORECASE)
_MARK = re.compile(r"\[(?:단서|clue) \d\]", re.IGNORECASE)
_ACRONYM = re.compile(r"(?<![A-Za-z])[A-Z][A-Za-z]*[A-Z][A-Za-z0-9]*(?![A-Za-z])")
_FEW = 3  # content words; a shorter sentence is an answer of a word or two
_PROPER = "NNP"  # tag of a proper noun


def foreign_figures(row: Example, context: Context) -> Finding | None:
    """Rejects an answer with an amount, share, date or article that its text does not have."""
    if not _is_grounded(row, context) or _is_worked_out(row):
        return None
    if foreign := foreign_quantities(_MARK.sub(" ", _claims(row)), row.input, row.instruction):
        return Finding("figures that are not in the text", len(foreign), ", ".join(foreign))
    return None


def wrong_direction(row: Example, context: Context) -> Finding | None:
    """Rejects an answer that says rise where the sentence it rests on says fall."""
    if not _is_grounded(row, context):
        return None
    source = [(sentence, content_words(sentence)) for sentence in _sentences(row.input)]
    for sentence in _sentences(_claims(row)):
        own = content_words(sentence)
        rests_on = max(source, key=lambda one: len(own & one[1]), default=None)
        if rests_on and own & rests_on[1] and opposed(sentence, rests_on[0]):
            return Finding("the other direction than its text", None, f"{sentence} / {rests_on[0]}")
    return None


def foreign_names(row: Example, context: Context) -> Finding | None:
    """Rejects an answer with a proper noun or an acronym that neither its text nor its instruction has."""
    if not _is_grounded(row, context):
        return None
    claims, known = _claims(row), plain(f"{row.input}\n{row.instruction}")
    names = [form for form, tag in tagged(claims) if tag == _PROPER and len(form) > 1]
    names += _ACRONYM.findall(claims)
    if foreign := sorted({name for name in names if plain(name) not in known}):
        return Finding("names that are not in the text", len(foreign), ", ".join(foreign))
    return None


def weak_support(row: Example, context: Context) -> Finding | None:
    """Rejects an answer with a sentence that its text hardly bears: too few of its content words stand there."""
    if not _is_grounded(row, context):
        return None
    known = content_words(f"{row.input}\n{row.instruction}")
    scores = [
        (len(own & known) / len(own), sentence)
        for sentence in _sentences(_claims(row))
        if len(own := content_words(sentence)) >= _FEW
    ]
    score, sentence = min(scores, default=(1.0, ""))
    if score < context.params.grounding.min_support:
        return Finding("a sentence is not supported by the text", round(score, 4), sentence)
    return None


def answer_in_hard_negative(row: Example, context: Context) -> Finding | None:
    """Rejects a RAG row where a clue that the answer does not name says the answer too."""
    cited = {mark for mark in re.findall(r"\d", " ".join(_MARK.findall(row.output)))}
    if not row.recipe.startswith("rag.") or not cited:
        return None
    parts = _CLUE.split(row.input)  # what stands before, number, clue, number, clue …
    answer = _MARK.sub(" ", row.output).strip()
    for number, clue in zip(parts[1::2], parts[2::2], strict=True):
        if number not in cited and says(answer, clue):
            return Finding("a clue that is to hold no answer holds it", None, number)
    return None


def _is_grounded(row: Example, context: Context) -> bool:
    return bool(row.input.strip()) and row.recipe.partition(".")[0] in context.params.grounding.recipes


def _is_worked_out(row: Example) -> bool:
    """Whether the answer is the result of a calculation, whose figures are its own."""
    item = read_item(row)
    return bool(item and "|" in item.passage and re.search(r"\d\s*[-+×x*/÷=]\s*\d", item.explanation))


def _claims(row: Example) -> str:
    """What the row says of its text: of a 4-choice item the answer and its explanation, not the distractors."""
    item = read_item(row)
    return f"{item.choices[item.answer]}\n{item.explanation}" if item else row.output


def _sentences(text: str) -> list[str]:
    return [sentence for line in text.splitlines() for sentence in sentences(line)]
