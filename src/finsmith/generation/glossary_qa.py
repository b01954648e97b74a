"""Question and answer pairs filled from glossary terms by patterns; no teacher, nothing to pay.

Not covered: related terms and differences between terms.
"""

from collections.abc import Callable, Iterator, Sequence

from finsmith.core.records import Example, Provenance, Term
from finsmith.korean.particles import with_particle

from .params import GenerateParams, Pattern

QuestionAnswer = tuple[str, str]


def build(terms: Sequence[Term], params: GenerateParams) -> list[Example]:
    """One example per term and pattern that the term has the fields for, in the order of the terms."""
    return [
        Example(
            recipe=f"glossary_qa.{pattern}",
            instruction=pair[0],
            input="",
            output=pair[1],
            provenance=Provenance(sources=(term.id,)),
        )
        for term, pattern, pair in _pairs(terms[: params.glossary_qa.max_terms or None], params)
    ]


def unlimited(terms: Sequence[Term], params: GenerateParams) -> int:
    """How many examples all terms give by the patterns of `params`."""
    return sum(1 for _ in _pairs(terms, params))


def _pairs(terms: Sequence[Term], params: GenerateParams) -> Iterator[tuple[Term, Pattern, QuestionAnswer]]:
    for term in terms:
        for pattern in params.glossary_qa.patterns:
            if pair := PATTERNS[pattern](term):
                yield term, pattern, pair


def _definition(term: Term) -> QuestionAnswer:
    return f"{with_particle(term.term, '이란/란')} 무엇인가요?", term.definition


def _term_from_definition(term: Term) -> QuestionAnswer:
    return f"다음 설명에 해당하는 용어는 무엇인가요?\n{term.definition}", term.term


def _full_name(term: Term) -> QuestionAnswer | None:
    if not term.full_name:
        return None
    return (
        f"{with_particle(term.term, '은/는')} 무엇의 약어인가요?",
        f"{with_particle(term.full_name, '을/를')} 줄인 말입니다.",
    )


def _abbreviation(term: Term) -> QuestionAnswer | None:
    return (
        (f"{with_particle(term.full_name, '을/를')} 줄여서 무엇이라고 하나요?", term.term) if term.full_name else None
    )


def _english(term: Term) -> QuestionAnswer | None:
    return (f"{with_particle(term.term, '을/를')} 영어로 무엇이라고 하나요?", term.english) if term.english else None


PATTERNS: dict[Pattern, Callable[[Term], QuestionAnswer | None]] = {
    "definition": _definition,
    "term_from_definition": _term_from_definition,
    "full_name": _full_name,
    "abbreviation": _abbreviation,
    "english": _english,
}
