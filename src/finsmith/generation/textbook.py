"""Textbook-like texts by the teacher, each for an audience and in a format, on seed passages and on terms.

Audience and format are drawn evenly from a grid, and each comes with a description of how to write, since naming the
audience alone gives little variety. Source: Cosmopedia (Ben Allal et al. 2024). Not covered: whether a text says more
than its seed does.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Annotated, Any

from pydantic import Field

from finsmith.core.dialogue import Dialogue
from finsmith.core.errors import TeacherReplyMalformed
from finsmith.core.ids import content_id
from finsmith.core.records import Example, Passage, Reply, Request, Term
from finsmith.korean.rouge_l import Encoder, nearest
from finsmith.text.faults import uncut
from finsmith.text.quoting import stands_in

from .answers import Made, answer, read_json
from .focus import says_enough
from .grid import GRIDS, Cell, Grid, Value, coverage, even_cells, read_grids
from .material import Material
from .params import GenerateParams
from .prompting import passage_request, request, words
from .prose import check_of_itself, check_own, check_prose
from .shapes import LONGEST_WORDS, Paragraph, Shape, Words

_FEWEST = 2  # different paragraphs of a text
_SAME = 0.7  # ROUGE-L from which two paragraphs are the same
_LEAK = 12  # characters of a description of the grid that must not stand in a text


class Text(Shape):
    """A title and the paragraphs under it; bounded, since a small teacher that may go on repeats itself without end."""

    title: Words
    paragraphs: Annotated[list[Paragraph], Field(min_length=2, max_length=5)]


def most(material: Material) -> int:
    """One text for each passage that says enough and each term."""
    return len(material.telling) + len(material.terms)


def talk(passage: Passage, material: Material) -> Dialogue[Made]:
    """A text on the passage, where it is one of the drawn seeds."""
    params = material.params
    at = material.places[passage.id]
    if at >= params.textbook.passages or not says_enough(passage.text):
        return Made()
    cell = _cells(params)[at]
    how = list(cell.values.values())
    schema = Text.schema_sent()
    asked = passage_request("textbook.passage", passage, params, params.textbook, schema, how=how)
    return (yield from _written(asked, cell, passage, params))


def talks_on_terms(material: Material) -> Iterable[Dialogue[Made]]:
    """A text on each drawn term."""
    params = material.params
    drawn = sorted(material.terms, key=lambda t: content_id(["textbook", params.seed, t.term]))
    cells = _cells(params)[params.textbook.passages :]
    for term, cell in zip(drawn, cells, strict=False):
        yield _on_term(term, cell, params)


def _on_term(term: Term, cell: Cell, params: GenerateParams) -> Dialogue[Made]:
    how = list(cell.values.values())
    schema, settings = Text.schema_sent(), params.textbook
    asked = request("textbook.term", (term.id,), params, settings, schema, term=term, how=how)
    return (yield from _written(asked, cell, term, params))


def _written(asked: Request, cell: Cell, seed: Passage | Term, params: GenerateParams) -> Dialogue[Made]:
    made = Made()
    source, place = (seed.text, " > ".join(seed.headings)) if isinstance(seed, Passage) else (seed.definition, "")
    found = yield from answer(asked, _reader(cell, source, place, params.language), made, params)
    if found:
        audience, form = (value.name for value in cell.values.values())
        title, body = found.value.title, "\n\n".join(found.value.paragraphs)
        made.examples.append(
            Example(
                recipe="textbook.text",
                instruction=words(params, "textbook_instruction", seed.id, title=title, audience=audience, form=form),
                input="",
                output=body,
                provenance=found.provenance((seed.id, cell.id)),
            )
        )
    return made


def _reader(cell: Cell, source: str, place: str, language: str) -> Callable[[Reply], Text]:
    def read(reply: Reply) -> Text:
        text = read_json(reply, Text)
        if len(text.title) == LONGEST_WORDS:
            raise TeacherReplyMalformed(f"title: it is cut off, be shorter: {text.title!r}")
        different = _different([whole for paragraph in text.paragraphs if (whole := uncut(paragraph))])
        if len(different) < _FEWEST:
            raise TeacherReplyMalformed("all paragraphs say the same")
        body = "\n".join(different)
        check_prose(body, language)
        check_own(body, source)
        check_of_itself(f"{text.title}\n{body}", source)
        if " > " in place and place in body:
            raise TeacherReplyMalformed(f"it speaks of the place in the document: {place!r}")
        text = text.model_copy(update={"paragraphs": different})
        for value in cell.values.values():
            if any(stands_in(value.description[at : at + _LEAK], "".join(text.paragraphs)) for at in _starts(value)):
                raise TeacherReplyMalformed(f"it repeats how to write for {value.name!r} instead of doing so")
        return text

    return read


def _different(paragraphs: Sequence[str]) -> list[str]:
    """The paragraphs without those that are like one before."""
    kept: list[str] = []
    codes = Encoder().encode(paragraphs)
    for at, paragraph in enumerate(paragraphs):
        if nearest(codes[at], codes[:at], _SAME) is None:
            kept.append(paragraph)
    return kept


def _starts(value: Value) -> range:
    return range(0, max(1, len(value.description) - _LEAK), 4)


def figures(rows: Sequence[Example], material: Material) -> dict[str, Any]:
    """How evenly the rows cover the grid."""
    params = material.params
    written = {source for row in rows for source in row.provenance.sources}
    cells = [cell for cell in _cells(params) if cell.id in written]
    return {"grid": coverage(cells, [_grid(params.language)])}


def _cells(params: GenerateParams) -> list[Cell]:
    """A cell for each text there can be: first the passages', then the terms'."""
    return _drawn(params.language, params.textbook.passages + params.textbook.terms, params.seed)


@cache
def _drawn(language: str, count: int, seed: int) -> list[Cell]:
    """Drawn once, not for every passage."""
    return even_cells(_grid(language), count, seed)


@cache
def _grid(language: str) -> Grid:
    (grid,) = read_grids(GRIDS / f"textbook.{language}.yaml")
    return grid
