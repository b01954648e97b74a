"""The registry of recipes and the one driver that runs them; only it holds the teacher.

Not covered: how a reply is got and paid; that is the `ask` the stage passes in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from finsmith.core.errors import ParamsError, TeacherReplyMalformed
from finsmith.core.ids import content_id
from finsmith.core.records import Example, Passage, RejectedReply, Reply, Request, Term

from . import glossary_choice, glossary_qa, multiple_choice, summary
from .params import GenerateParams


class PassageRecipe(NamedTuple):
    """A recipe with a teacher: requests from a passage, examples from a reply, at most so many of a passage."""

    build: Callable[[Passage, GenerateParams], list[Request]]
    parse: Callable[[Reply, Request, Passage, GenerateParams], list[Example]]
    per_passage: int = 1


class TermRecipe(NamedTuple):
    """A recipe without a teacher: examples from the terms; where it has a limit, how many there would be without."""

    build: Callable[[Sequence[Term], GenerateParams], list[Example]]
    unlimited: Callable[[Sequence[Term], GenerateParams], int] | None = None


GENERATORS: dict[str, TermRecipe | PassageRecipe] = {
    "glossary_qa": TermRecipe(glossary_qa.build, glossary_qa.unlimited),
    "glossary_choice": TermRecipe(glossary_choice.build, glossary_choice.unlimited),
    "multiple_choice": PassageRecipe(multiple_choice.build, multiple_choice.parse, per_passage=2),
    "summary": PassageRecipe(summary.build, summary.parse),
}

Ask = Callable[[Sequence[Request]], Sequence[Reply]]


@dataclass(frozen=True)
class Generated:
    """Examples by recipe, each sorted by id; replies that gave none; and every request with its reply."""

    examples: dict[str, list[Example]]
    rejected: list[RejectedReply]
    calls: list[tuple[Request, Reply]]


def generate(passages: Sequence[Passage], terms: Sequence[Term], params: GenerateParams, ask: Ask) -> Generated:
    """Runs the recipes of `params.recipes`; requests for one passage stand together.

    Raises:
        ParamsError: a recipe that is not in GENERATORS.
        TeacherError, BudgetExceeded: from `ask`.
    """
    if unknown := [name for name in params.recipes if name not in GENERATORS]:
        raise ParamsError(f"`generate.recipes`: unknown {', '.join(unknown)}; there are: {', '.join(GENERATORS)}")
    examples: dict[str, list[Example]] = {name: [] for name in params.recipes}
    asked: list[tuple[str, Passage, Request]] = []
    chosen = choose_passages(passages, params)
    for name in params.recipes:
        if isinstance(recipe := GENERATORS[name], TermRecipe):
            examples[name] = recipe.build(terms, params)
    for passage in chosen:
        for name in params.recipes:
            if isinstance(recipe := GENERATORS[name], PassageRecipe):
                asked += [(name, passage, request) for request in recipe.build(passage, params)]
    replies = ask([request for _, _, request in asked]) if asked else []
    rejected = []
    for (name, passage, request), reply in zip(asked, replies, strict=True):
        recipe = GENERATORS[name]
        assert isinstance(recipe, PassageRecipe)
        try:
            examples[name] += recipe.parse(reply, request, passage, params)
        except TeacherReplyMalformed as error:
            rejected.append(_rejected(request, reply, str(error)))
    calls = [(request, reply) for (_, _, request), reply in zip(asked, replies, strict=True)]
    return Generated({n: sorted(e, key=lambda x: x.id) for n, e in examples.items()}, rejected, calls)


def choose_passages(passages: Sequence[Passage], params: GenerateParams) -> list[Passage]:
    """A seeded sample of the passages that are long enough and surely read; `max_passages` 0 takes all, in order.

    A passage's place in the draw depends on its own text alone, so that a new document changes the sample only where
    it enters it, and what was paid for the others stays of use.
    """
    usable = usable_passages(passages, params)
    if not params.max_passages or params.max_passages >= len(usable):
        return usable
    drawn = {p.id for p in sorted(usable, key=lambda p: content_id([params.seed, p.text]))[: params.max_passages]}
    return [p for p in usable if p.id in drawn]


def usable_passages(passages: Sequence[Passage], params: GenerateParams) -> list[Passage]:
    """The passages to ask about: long enough, and surely read where OCR read them."""
    return [
        p
        for p in passages
        if p.tokens >= params.min_passage_tokens
        and (p.ocr_confidence is None or p.ocr_confidence >= params.min_ocr_confidence)
    ]


def capacity(passages: Sequence[Passage], terms: Sequence[Term], params: GenerateParams) -> dict[str, int]:
    """The rows each recipe could make of the whole corpus without the limits in `params`, before any is filtered."""
    usable = len(usable_passages(passages, params))
    return {
        name: usable * recipe.per_passage if isinstance(recipe, PassageRecipe) else _count(recipe, terms, params)
        for name, recipe in GENERATORS.items()
    }


def _count(recipe: TermRecipe, terms: Sequence[Term], params: GenerateParams) -> int:
    return recipe.unlimited(terms, params) if recipe.unlimited else len(recipe.build(terms, params))


def _rejected(request: Request, reply: Reply, reason: str) -> RejectedReply:
    return RejectedReply(
        request_key=reply.key, recipe=request.recipe, sources=request.sources, reason=reason, reply=reply.text
    )
