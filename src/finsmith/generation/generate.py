"""The registry of recipes and the one driver that lines up their dialogues.

Not covered: how a reply is got and paid; that is the `converse` the stage passes in.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from finsmith.core.dialogue import Converse, Dialogue
from finsmith.core.errors import ParamsError
from finsmith.core.records import Example, Passage, RejectedReply

from . import evolve, glossary_choice, glossary_qa, improve, multiple_choice, rag, self_instruct, summary, textbook
from .answers import Made
from .material import Material


class Recipe(NamedTuple):
    """The most rows a recipe gives before any is filtered, and what it does, one or several of these:

    `build` makes examples without a teacher; `of_passage` talks about one passage at a time, beside the other recipes
    that do; `of_corpus` about the corpus as a whole; `of_rows` about `material.rows`, when all other recipes are done.
    `figures` tells more of the rows than their number.
    """

    most: Callable[[Material], int]
    build: Callable[[Material], list[Example]] | None = None
    of_passage: Callable[[Passage, Material], Dialogue[Made]] | None = None
    of_corpus: Callable[[Material], Iterable[Dialogue[Made]]] | None = None
    of_rows: Callable[[Material], Iterable[Dialogue[Made]]] | None = None
    figures: Callable[[Sequence[Example], Material], dict[str, Any]] | None = None


GENERATORS: dict[str, Recipe] = {
    "glossary_qa": Recipe(glossary_qa.most, build=glossary_qa.build),
    "glossary_choice": Recipe(glossary_choice.most, build=glossary_choice.build),
    "summary": Recipe(summary.most, of_passage=summary.talk),
    "multiple_choice": Recipe(multiple_choice.most, of_passage=multiple_choice.talk),
    "rag": Recipe(rag.most, of_passage=rag.talk),
    "textbook": Recipe(
        textbook.most, of_passage=textbook.talk, of_corpus=textbook.talks_on_terms, figures=textbook.figures
    ),
    "self_instruct": Recipe(self_instruct.most, of_corpus=self_instruct.talks),
    "evolve": Recipe(evolve.most, of_rows=evolve.talks),
    "improve": Recipe(improve.most, of_rows=improve.talks),
}


@dataclass(frozen=True)
class Generated:
    """Examples by recipe, each sorted by id; replies that gave none; and by recipe how many answers were wanted, how
    many were got, and figures of its own."""

    examples: dict[str, list[Example]]
    rejected: list[RejectedReply]
    yields: dict[str, dict[str, Any]]


def generate(material: Material, converse: Converse[Made]) -> Generated:
    """Runs the recipes of `params.recipes`: first those on the corpus, then those on the rows these made.

    Raises:
        ParamsError: a recipe that is not in GENERATORS.
        TeacherError, BudgetExceeded: from `converse`.
    """
    recipes = chosen_recipes(material)
    made: dict[str, list[Made]] = {name: [] for name in recipes}
    for name, recipe in recipes.items():
        if recipe.build:
            made[name].append(Made(recipe.build(material)))
    for talks in (_on_corpus, _on_rows):
        material.rows = [row for parts in made.values() for part in parts for row in part.examples]
        named = list(talks(recipes, material))
        for (name, _), part in zip(named, converse(talk for _, talk in named), strict=True):
            made[name].append(part)
    return Generated(
        {name: sorted((e for m in parts for e in m.examples), key=lambda e: e.id) for name, parts in made.items()},
        [reject for parts in made.values() for m in parts for reject in m.rejected],
        {name: _yield(recipes[name], parts, material) for name, parts in made.items() if not recipes[name].build},
    )


def chosen_recipes(material: Material) -> dict[str, Recipe]:
    """The recipes of `params.recipes` by name, in that order.

    Raises:
        ParamsError: one that is not in GENERATORS.
    """
    names = material.params.recipes
    if unknown := [name for name in names if name not in GENERATORS]:
        raise ParamsError(f"`generate.recipes`: unknown {', '.join(unknown)}; there are: {', '.join(GENERATORS)}")
    return {name: GENERATORS[name] for name in names}


def _on_corpus(recipes: dict[str, Recipe], material: Material) -> Iterator[tuple[str, Dialogue[Made]]]:
    """The long talks first; then passage by passage what all recipes ask about it, since they share its prompt."""
    for name, recipe in recipes.items():
        if recipe.of_corpus:
            yield from ((name, talk) for talk in recipe.of_corpus(material))
    for passage in material.chosen:
        for name, recipe in recipes.items():
            if recipe.of_passage:
                yield name, recipe.of_passage(passage, material)


def _on_rows(recipes: dict[str, Recipe], material: Material) -> Iterator[tuple[str, Dialogue[Made]]]:
    for name, recipe in recipes.items():
        if recipe.of_rows:
            yield from ((name, talk) for talk in recipe.of_rows(material))


def _yield(recipe: Recipe, parts: Sequence[Made], material: Material) -> dict[str, Any]:
    """Answers wanted and got, those got by asking twice, rows, what was wrong with bad replies, and own figures."""
    rejected = [reject for part in parts for reject in part.rejected]
    rows = [row for part in parts for row in part.examples]
    figures = recipe.figures(rows, material) if recipe.figures else {}
    for part in parts:
        figures |= part.figures
    return {
        "asked": sum(part.asked for part in parts),
        "parsed": sum(part.parsed for part in parts),
        "mended": sum(reject.mended for reject in rejected),
        "rows": len(rows),
        "bad_replies": dict(Counter(reject.reason for reject in rejected).most_common()),
        **figures,
    }


def capacity(material: Material) -> dict[str, int]:
    """The rows each recipe could make of the whole corpus without the limits in `params`, before any is filtered.

    Where a recipe is bounded by its own target and not by the corpus, that target.
    """
    return {name: recipe.most(material) for name, recipe in GENERATORS.items()}
