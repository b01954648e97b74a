"""Gates for rows that answer from a given text (summaries, RAG, 4-choice on a passage): is what they say in it?

Not covered: sense; a teacher may judge that.
"""

import re

from finsmith.core.records import Example
from finsmith.korean.content_words import content_words
from finsmith.korean.morphemes import tagged
from finsmith.text.directions import directions, opposed
from finsmith.text.four_choice import read_item
from finsmith.text.quantities import foreign_quantities, quantities
from finsmith.text.quoting import plain, stands_in
from finsmith.text.sentences import sentences

from .finding import Context, Finding

_CLUE = re.compile(r"^\[(?:단서|clue) (\d)\]", re.MULTILINE | re.IGNORECASE)
_MARK = re.compile(r"\[(?:단서|clue) \d\]", re.IGNORECASE)
_ACRONYM = re.compile(r"(?<![A-Za-z])([A-Z][A-Za-z]*[A-Z][A-Za-z0-9]*?)s?(?![A-Za-z0-9])")  # also of ETFs
_FEW = 3  # content words; a shorter sentence is an answer of a word or two
_PROPER = "NNP"  # tag of a proper noun
_WAYS = {"늘", "줄"}  # stems of 늘다 and 줄다


def foreign_figures(row: Example, context: Context) -> Finding | None:
    """Rejects an answer with an amount, share, date or article that its text does not have."""
    item = read_item(row)
    if not _is_grounded(row, context) or (item and item.is_worked_out):
        return None
    asked = item.stem if item else row.instruction
    if foreign := foreign_quantities(_claims(row), _MARK.sub(" ", row.input), asked):
        return Finding("figures that are not in the text", len(foreign), ", ".join(foreign))
    return None


def wrong_direction(row: Example, context: Context) -> Finding | None:
    """Rejects an answer that says rise where the sentence it rests on says fall."""
    if not _is_grounded(row, context):
        return None
    source = [(sentence, _topic(sentence)) for sentence in _sentences(_MARK.sub(" ", row.input))]
    for sentence in _sentences(_claims(row)):
        own = _topic(sentence)
        most = max((len(own & topic) for _, topic in source), default=0)
        if not most or most < context.params.grounding.min_support * len(own):
            continue
        rests_on = [text for text, topic in source if len(own & topic) == most]
        if all(opposed(sentence, text) for text in rests_on):
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
    known = _words(f"{row.input}\n{row.instruction}")
    scores = [
        (len(own & known) / len(own), sentence)
        for sentence in _sentences(_claims(row))
        if len(own := _words(sentence)) >= _FEW
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
    answer = _claims(row)
    figures = {(one.value, one.unit) for one in quantities(answer)}
    for number, clue in zip(parts[1::2], parts[2::2], strict=True):
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
    return f"{item.choices[item.answer]}\n{item.explanation}" if item else _MARK.sub(" ", row.output).strip()


def _sentences(text: str) -> list[str]:
    return [sentence for line in text.splitlines() for sentence in sentences(line)]


def _words(text: str) -> set[str]:
    """The content words of a text in small letters, without its figures, which have a gate of their own."""
    return {word.lower() for word in content_words(text) if not word[0].isdigit()}


def _topic(sentence: str) -> set[str]:
    """The words that tell what a sentence is about, whichever way that goes."""
    return {word for word in _words(sentence) if not directions(word)} - _WAYS
