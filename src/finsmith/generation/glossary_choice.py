"""4-choice items between terms and definitions, with near terms as distractors; no teacher.

Not covered: distractors from outside the glossary.
"""

import random
from collections.abc import Sequence

from rapidfuzz import fuzz, process

from finsmith.core.records import Example, Provenance, Term

from .choices import answer_text, choices_text, place_answer
from .material import Material
from .names import nameless_definition
from .params import GenerateParams
from .prompting import words


def build(material: Material) -> list[Example]:
    """Items for a seeded sample of the terms, asking in turn for the definition and for the term."""
    params = material.params
    usable = _usable(material)
    count = min(params.glossary_choice.max_items or len(usable), len(usable))
    sample = random.Random(params.seed).sample(usable, count)
    items = (_item(term, usable, params, ask_term=bool(number % 2)) for number, term in enumerate(sample))
    return [item for item in items if item]


def most(material: Material) -> int:
    """One item for each term that is short enough."""
    return len(_usable(material))


def _usable(material: Material) -> list[Term]:
    longest = material.params.glossary_choice.max_definition_chars
    usable = [t for t in material.terms if len(t.definition) <= longest]
    return usable if len({t.term for t in usable}) >= 4 else []


def near_terms(term: Term, terms: Sequence[Term], count: int) -> list[Term]:
    """The `count` other terms that are easiest to confuse with this one: same category first, then alike in wording.

    No two of them share a definition; there are fewer than `count` where the glossary has no more.
    """
    others = {t.term: t for t in terms if t.term != term.term and t.definition != term.definition}
    texts = {name: f"{t.term} {t.definition}" for name, t in others.items()}
    ranked = process.extract(f"{term.term} {term.definition}", texts, scorer=fuzz.token_set_ratio, limit=None)
    ranked.sort(key=lambda hit: (others[hit[2]].category != term.category, -hit[1], hit[2]))
    by_definition: dict[str, Term] = {}
    for _, _, name in ranked:
        by_definition.setdefault(others[name].definition, others[name])
    return list(by_definition.values())[:count]


def _item(term: Term, terms: Sequence[Term], params: GenerateParams, ask_term: bool) -> Example | None:
    near = near_terms(term, terms, 3)
    if len(near) < 3:
        return None
    if ask_term:
        stem = words(params, "glossary_choice_term", term.id, definition=nameless_definition(term))
        right, wrong = term.term, [t.term for t in near]
    else:
        stem = words(params, "glossary_choice_definition", term.id, term=term.term)
        right, *wrong = map(nameless_definition, (term, *near))
    choices, answer = place_answer(right, wrong, f"{params.seed}:{term.id}")
    return Example(
        recipe=f"glossary_choice.{'term' if ask_term else 'definition'}",
        instruction=f"{stem}\n\n{choices_text(choices)}",
        input="",
        output=answer_text(choices, answer, params),
        provenance=Provenance(sources=(term.id, *(t.id for t in near))),
    )
