"""Questions filled from terms, with the particles a reader would write."""

from typing import get_args

import pytest

from finsmith.generation.glossary_qa import HAS, build, most
from finsmith.generation.params import Pattern

from .made import material, term

ETF = term("ETF", "지수를 따르며 거래소에서 사고파는 펀드", full_name="상장지수펀드", english="Exchange Traded Fund")
DSR = term("DSR", "연 소득에 대한 빚 상환액의 비율", full_name="총부채원리금상환비율", english="Debt Service Ratio")
BOND = term("채권", "돈을 빌린 증서")
SHORT = term("공매도(Short Selling)", "빌린 주식을 파는 일", english="Short Selling")


def pairs(terms, *patterns, max_terms=0):
    options = {"patterns": patterns, "max_terms": max_terms}
    return [(e.instruction, e.output) for e in build(material(terms=terms, glossary_qa=options))]


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
    """Each pattern that params.yaml may name is known, and no other; a difference is told by two terms."""
    assert {*HAS, "difference"} == set(get_args(Pattern))


@pytest.mark.parametrize("pattern", ["full_name", "abbreviation", "english", "related", "difference"])
def test_a_term_without_the_field_gives_no_question(pattern):
    """A pattern that needs a field the term has not asks nothing."""
    assert pairs([BOND], pattern) == []


def test_terms_and_patterns_keep_their_order():
    """Term after term, and within a term pattern after pattern."""
    questions = [question for question, _ in pairs([BOND, ETF], "english", "definition")]
    assert questions == ["채권이란 무엇인가요?", "ETF를 영어로 무엇이라고 하나요?", "ETF란 무엇인가요?"]


def test_an_example_names_its_pattern_and_its_term():
    """The recipe names the pattern, the source is the term alone, and no teacher is named."""
    (example,) = build(material(terms=[ETF]))
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


def test_related_terms_are_listed_in_the_order_of_the_source():
    """The particle fits the term, the answer has the names with commas."""
    linked = term("ETF", "펀드", related=("지수", "상장"))
    assert pairs([linked], "related") == [("ETF와 관련된 용어는 무엇이 있나요?", "지수, 상장")]


def test_the_abbreviation_of_the_source_goes_before_the_term():
    """Where a column names the short form, that is the answer."""
    short = term("상장펀드", "펀드", full_name="상장지수펀드", abbreviation="ETF")
    assert pairs([short], "abbreviation") == [("상장지수펀드를 줄여서 무엇이라고 하나요?", "ETF")]


# --- differences ---

CALL = term("콜옵션", "살 권리", related=("풋옵션", "선물"))
PUT = term("풋옵션", "팔 권리", related=("콜옵션",))
FUTURE = term("선물", "살 의무", aliases=("선물거래",))


def test_a_difference_sets_two_entries_side_by_side():
    """Both definitions stand in the answer, both terms are the sources, and the particles fit."""
    terms = [FUTURE, term("옵션", "고를 권리", related=("선물",))]
    assert pairs(terms, "difference") == [
        ("옵션과 선물은 어떻게 다른가요?", "두 용어는 가리키는 것이 다릅니다.\n- 옵션: 고를 권리\n- 선물: 살 의무")
    ]
    (example,) = build(material(terms=terms, glossary_qa={"patterns": ("difference",)}))
    assert example.provenance.sources == (terms[1].id, FUTURE.id)


def test_a_pair_that_names_each_other_is_asked_once():
    """콜옵션 and 풋옵션 name each other: the first in the alphabet asks, whichever comes first in the file."""
    for terms in ([CALL, PUT, FUTURE], [FUTURE, PUT, CALL]):
        assert sorted(q for q, _ in pairs(terms, "difference")) == [
            "콜옵션과 선물은 어떻게 다른가요?",
            "콜옵션과 풋옵션은 어떻게 다른가요?",
        ]


def test_an_entry_is_found_by_its_other_name_and_compared_once():
    """선물거래 is 선물; named twice, it is compared once."""
    both = term("옵션", "고를 권리", related=("선물거래", "선물"))
    assert [q for q, _ in pairs([both, FUTURE], "difference")] == ["옵션과 선물은 어떻게 다른가요?"]


@pytest.mark.parametrize(
    "other", [term("선물", "고를 권리"), term("현물", "실물"), term("옵션", "고르는 권리", aliases=("선물",))]
)
def test_what_has_no_difference_to_tell_is_not_compared(other):
    """The same definition, no entry of that name, or the term itself by another name."""
    assert pairs([term("옵션", "고를 권리", related=("선물",)), other], "difference") == []


def test_the_most_counts_all_terms_and_the_chosen_patterns():
    """Three definitions and two differences, though only one term is to be used."""
    options = {"patterns": ("definition", "difference"), "max_terms": 1}
    assert most(material(terms=[CALL, PUT, FUTURE], glossary_qa=options)) == 5


def test_a_definition_does_not_say_the_term_it_asks_for():
    """The term is blank in the question, and stays in the answer that defines it."""
    bond = term("회사채", "회사가 내는 채권을 회사채라 한다.")
    assert pairs([bond], "term_from_definition") == [
        ("다음 설명에 해당하는 용어는 무엇인가요?\n회사가 내는 채권을 ○○라 한다.", "회사채")
    ]
    assert pairs([bond], "definition")[0][1] == bond.definition
