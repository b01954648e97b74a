"""Pairs of answers from rows of the training set and rejected ones."""

import pytest

from finsmith.core.records import Example, Provenance, Rejected
from finsmith.corpus.privacy import kinds_in
from finsmith.curation.filters import FILTERS
from finsmith.mixture.pairs import find_pairs
from finsmith.mixture.params import AnswerFilter


def row(instruction: str, output: str, input_text: str = "") -> Example:
    """A domain row."""
    return Example(
        recipe="improve.glossary_qa.definition",
        instruction=instruction,
        input=input_text,
        output=output,
        provenance=Provenance(sources=("term",)),
    )


def pairs(rows, rejected, filters=("superseded", "unfaithful")):
    """(chosen, rejected, filter) of what is found; `rejected` are (row, filter)."""
    told = [Rejected(example=one, filter=name, reason="because") for one, name in rejected]
    return [
        (pair.chosen.output, pair.rejected.output, pair.filter)
        for pair in find_pairs(rows, told, set(filters), kinds_in)
    ]


GOOD = row("예대마진이란?", "대출 금리와 예금 금리의 차이이다.")


def test_an_answer_that_was_superseded_stands_beside_the_one_that_did_it():
    """Two rejected answers to one question make two pairs, in their order; another question's makes none."""
    first, second, other = (
        row("예대마진이란?", "금리이다."),
        row("예대마진이란?", "예금의 이자이다."),
        row("콜금리란?", "콜."),
    )
    found = pairs([GOOD], [(first, "superseded"), (other, "superseded"), (second, "unfaithful")])
    assert found == [(GOOD.output, "금리이다.", "superseded"), (GOOD.output, "예금의 이자이다.", "unfaithful")]


def test_the_question_is_the_same_but_for_spaces_and_case():
    """Instruction and input both count; spaces and case do not."""
    asked = row("LTV 란 무엇인가", "담보인정비율이다.", "글 하나")
    same, elsewhere = row("ltv란  무엇인가", "비율이다.", "글하나"), row("LTV 란 무엇인가", "비율이다.", "글 둘")
    assert pairs([asked], [(same, "superseded"), (elsewhere, "superseded")]) == [
        (asked.output, "비율이다.", "superseded")
    ]


@pytest.mark.parametrize(
    ("answer", "filter_name"),
    [
        ("대출 금리와  예금 금리의 차이이다.", "superseded"),
        ("금리이다.", "near_test"),
        ("  ", "superseded"),
        ("담당자 010-9321-4478로 문의한다.", "superseded"),
    ],
    ids=["the same answer", "another filter", "no answer", "personal data"],
)
def test_what_makes_no_pair(answer, filter_name):
    """The same answer, one that another kind of filter rejected, an empty one, one with personal data."""
    assert pairs([GOOD], [(row("예대마진이란?", answer), filter_name)]) == []
    assert len(pairs([GOOD], [(row("예대마진이란?", "다른 답이다."), "superseded")])) == 1


def test_the_filters_that_can_be_named_are_there():
    """Every name that `mix.pairs_from` accepts is a filter's."""
    assert set(AnswerFilter.__args__) <= set(FILTERS)
