"""Question and answer pairs filled from glossary terms by patterns; no teacher, nothing to pay.

Not covered: differences that the two definitions do not tell by themselves.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from finsmith.core.records import Example, Provenance, Term

from .material import Material
from .params import Pattern
from .prompting import words


class Pair(NamedTuple):
    """What a pattern needs of a term and, for a difference, of another."""

    term: Term
    other: Term | None = None


def most(material: Material) -> int:
    """The examples all terms give by the chosen patterns."""
    return sum(1 for _ in _pairs(material.terms, material.params.glossary_qa.patterns))


def build(material: Material) -> list[Example]:
    """One example per term and pattern that the term has the fields for, in the order of the terms."""
    params = material.params
    terms = material.terms[: params.glossary_qa.max_terms or None]
    examples = []
    for pattern, (term, other) in _pairs(terms, params.glossary_qa.patterns):
        values = {"term": term, "other": other}
        examples.append(
            Example(
                recipe=f"glossary_qa.{pattern}",
                instruction=words(params, f"glossary_{pattern}", term.id, **values),
                input="",
                output=words(params, f"glossary_{pattern}_answer", term.id, **values),
                provenance=Provenance(sources=tuple(one.id for one in (term, other) if one)),
            )
        )
    return examples


def _pairs(terms: Sequence[Term], patterns: Sequence[Pattern]) -> Iterator[tuple[Pattern, Pair]]:
    by_name = {name: term for term in terms for name in (term.term, *term.aliases)}
    for term in terms:
        for pattern in patterns:
            if pattern == "difference":
                yield from ((pattern, Pair(term, other)) for other in _compared(term, by_name))
            elif HAS[pattern](term):
                yield pattern, Pair(term)


def _compared(term: Term, by_name: dict[str, Term]) -> Iterator[Term]:
    """The related terms that have an entry of their own; of a pair that names each other, the first one asks."""
    named = {by_name[name].id: by_name[name] for name in term.related if name in by_name}
    for other in named.values():
        if other.term != term.term and other.definition != term.definition:
            names_back = any(by_name.get(back) == term for back in other.related)
            if not names_back or term.term < other.term:
                yield other


# Whether a term has the fields of a pattern.
HAS: dict[Pattern, Callable[[Term], bool]] = {
    "definition": lambda term: True,
    "term_from_definition": lambda term: True,
    "full_name": lambda term: bool(term.full_name),
    "abbreviation": lambda term: bool(term.full_name),
    "english": lambda term: bool(term.english),
    "related": lambda term: bool(term.related),
}
