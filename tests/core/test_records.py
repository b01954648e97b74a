"""Tests of records."""

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from finsmith.core.records import Document, Example, Paragraph, Provenance, Question, Request, Term

WORDS = st.text(max_size=20)


def _question(**changes):
    fields = {
        "stem": "기준금리를 정하는 곳은?",
        "choices": ("금융통화위원회", "금융위원회", "국회", "예금보험공사"),
        "answer": 0,
        "explanation": "",
        "source": "",
        "evidence": "",
    }
    return Question(**{**fields, **changes})


def _request(**changes):
    fields = {
        "recipe": "summary",
        "sources": ("p1",),
        "prompt_sha256": "0" * 64,
        "model": "teacher",
        "messages": (("system", "은행 직원을 돕는다."), ("user", "요약하라.")),
        "temperature": 0.3,
        "max_tokens": 100,
        "seed": 1,
    }
    return Request(**{**fields, **changes})


def _example(instruction="환율이란?", output="두 통화의 교환 비율", sources=("t1",)):
    return Example(
        recipe="general", instruction=instruction, input="", output=output, provenance=Provenance(sources=sources)
    )


@settings(max_examples=50)
@given(WORDS, WORDS, st.lists(WORDS, max_size=3))
def test_id_is_stable_over_json(instruction, output, sources):
    """A record written and read again is the same record with the same id."""
    example = _example(instruction, output, tuple(sources))
    assert Example.model_validate_json(example.model_dump_json()) == example


@pytest.mark.parametrize(
    "other",
    [_example(output="두 통화의 교환 비율."), _example(instruction="환율이란"), _example(sources=("t2",))],
    ids=["output", "instruction", "provenance"],
)
def test_every_field_is_in_the_id(other):
    """A change of any field, provenance included, gives another id."""
    assert other.id != _example().id


def test_wrong_id_is_refused():
    """A record that claims an id which its content does not have is refused, naming both ids."""
    example = _example()
    edited = example.model_dump() | {"output": "다른 답"}
    expected = _example(output="다른 답").id
    with pytest.raises(ValidationError, match=f"{example.id}.*{expected}.*edited"):
        Example.model_validate(edited)


def test_record_is_frozen_and_closed():
    """A record cannot be changed and takes no unknown field."""
    with pytest.raises(ValidationError, match="frozen"):
        _example().output = "다른 답"
    with pytest.raises(ValidationError, match="Extra inputs"):
        Term.model_validate({"term": "환율", "뜻": "비율"})


@pytest.mark.parametrize("answer", [-1, 4, 17])
def test_answer_outside_the_choices_is_refused(answer):
    """An answer index that names no choice is refused."""
    with pytest.raises(ValidationError, match="answer"):
        _question(answer=answer)


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        (("가", "나", "다", "가"), "not distinct"),
        (("가", "나", "다", " 가 "), "not distinct"),
        (("가", "나", "다"), "choices"),
        (("가", "나", "다", "라", "마", "바"), "choices"),
        (("가", "나", "다", "라", "라"), "not distinct"),
    ],
)
def test_question_has_four_or_five_distinct_choices(choices, reason):
    """Three, six, or two equal choices (outer white space ignored) are refused."""
    with pytest.raises(ValidationError, match=reason):
        _question(choices=choices)


def test_the_fifth_choice_may_be_right():
    """The index of the last of five choices is an answer; the next is none."""
    five = ("가", "나", "다", "라", "마")
    assert _question(choices=five, answer=4).choices[4] == "마"
    with pytest.raises(ValidationError, match="5 is none of 5 choices"):
        _question(choices=five, answer=5)


def test_labels_are_not_in_the_id():
    """A question that gets a kind or a recipe keeps its id, which is that of the record without such fields."""
    content = {"stem": "기준금리를 정하는 곳은?", "answer": 0, "explanation": "", "source": "", "evidence": ""}
    content["choices"] = ["금융통화위원회", "금융위원회", "국회", "예금보험공사"]
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    expected = hashlib.sha256(canonical.encode()).hexdigest()[:16]
    assert {_question().id, _question(kind="fact").id, _question(recipe="web").id} == {expected}


def test_characters_count_the_paragraphs():
    """A document's characters are those of its paragraphs without the newlines between."""
    paragraphs = (
        Paragraph(text="금리", start=0, kind="text", headings=(), boxes=()),
        Paragraph(text="환율과 물가", start=3, kind="text", headings=(), boxes=()),
    )
    assert Document(name="a.pdf", sha256="", pages=1, paragraphs=paragraphs).characters == 8


@pytest.mark.parametrize(
    "change",
    [
        {"model": "other"},
        {"messages": (("user", "요약하라."),)},
        {"temperature": 0.4},
        {"max_tokens": 101},
        {"seed": 2},
        {"response_schema": {"type": "object"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_decides_the_reply_is_in_the_key(change):
    """Each field that can change the reply changes the request's key."""
    assert _request(**change).key != _request().key


@pytest.mark.parametrize(
    "change",
    [{"recipe": "other"}, {"sources": ("p2",)}, {"prompt_sha256": "1" * 64}],
    ids=lambda change: next(iter(change)),
)
def test_book_keeping_is_not_in_the_key(change):
    """The same call asked for by another recipe or passage has the same key, so it is paid once."""
    assert _request(**change).key == _request().key
