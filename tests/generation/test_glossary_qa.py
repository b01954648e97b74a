"""Questions filled from terms, with the particles a reader would write."""

from typing import get_args

import pytest

from finsmith.generation.glossary_qa import PATTERNS, build
from finsmith.generation.params import Pattern

from .made import generate_params, term

ETF = term("ETF", "지수를 따르며 거래소에서 사고파는 펀드", full_name="상장지수펀드", english="Exchange Traded Fund")
DSR = term("DSR", "연 소득에 대한 빚 상환액의 비율", full_name="총부채원리금상환비율", english="Debt Service Ratio")
BOND = term("채권", "돈을 빌린 증서")
SHORT = term("공매도(Short Selling)", "빌린 주식을 파는 일", english="Short Selling")


def pairs(terms, *patterns, max_terms=0):
    options = {"patterns": patterns, "max_terms": max_terms}
    return [(e.instruction, e.output) for e in build(terms, generate_params(glossary_qa=options))]


@pytest.mark.parametrize(
    ("pattern", "source", "question", "answer"),
    [
        ("definition", ETF, "ETF란 무엇인가요?", ETF.definition),
        ("definition", DSR, "DSR이란 무엇인가요?", DSR.definition),
        ("definition", BOND, "채권이란 무엇인가요?", BOND.definition),
        ("definition", SHORT, "공매도(Short Selling)란 무엇인가요?", SHORT.definition),
        (
            "term_from_definition",
            BOND,
            "다음 설명에 해당하는 용어는 무엇인가요?\n돈을 빌린 증서",
            "채권",
        ),
        ("full_name", ETF, "ETF는 무엇의 약어인가요?", "상장지수펀드를 줄인 말입니다."),
        ("full_name", DSR, "DSR은 무엇의 약어인가요?", "총부채원리금상환비율을 줄인 말입니다."),
        ("abbreviation", ETF, "상장지수펀드를 줄여서 무엇이라고 하나요?", "ETF"),
        ("abbreviation", DSR, "총부채원리금상환비율을 줄여서 무엇이라고 하나요?", "DSR"),
        ("english", ETF, "ETF를 영어로 무엇이라고 하나요?", "Exchange Traded Fund"),
        ("english", DSR, "DSR을 영어로 무엇이라고 하나요?", "Debt Service Ratio"),
        ("english", SHORT, "공매도(Short Selling)를 영어로 무엇이라고 하나요?", "Short Selling"),
    ],
)
def test_each_pattern_reads_as_korean(pattern, source, question, answer):
    """The question of a pattern has the particle that fits the word as it is read aloud."""
    assert pairs([source], pattern) == [(question, answer)]


def test_every_pattern_of_the_parameters_is_there():
    """Each pattern that params.yaml may name has its function, and no other."""
    assert set(PATTERNS) == set(get_args(Pattern))


@pytest.mark.parametrize("pattern", ["full_name", "abbreviation", "english"])
def test_a_term_without_the_field_gives_no_question(pattern):
    """A pattern that needs a field the term has not asks nothing."""
    assert pairs([BOND], pattern) == []


def test_terms_and_patterns_keep_their_order():
    """Term after term, and within a term pattern after pattern."""
    questions = [question for question, _ in pairs([BOND, ETF], "english", "definition")]
    assert questions == ["채권이란 무엇인가요?", "ETF를 영어로 무엇이라고 하나요?", "ETF란 무엇인가요?"]


def test_an_example_names_its_pattern_and_its_term():
    """The recipe names the pattern, the source is the term alone, and no teacher is named."""
    (example,) = build([ETF], generate_params())
    assert (example.recipe, example.input) == ("glossary_qa.definition", "")
    assert example.provenance.sources == (ETF.id,)
    assert (example.provenance.model, example.provenance.request_key) == ("", "")


def test_the_number_of_terms_is_bounded():
    """The first max_terms terms are used, 0 uses all."""
    assert [q for q, _ in pairs([ETF, BOND, DSR], "definition", max_terms=2)] == [
        "ETF란 무엇인가요?",
        "채권이란 무엇인가요?",
    ]
    assert len(pairs([ETF, BOND, DSR], "definition")) == 3
