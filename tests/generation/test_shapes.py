"""The shapes of replies: schemas that every endpoint takes, and the same bounds held against what comes back."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from finsmith.generation import evolve, judging, multiple_choice, rag, self_instruct, summary, textbook, written_answers
from finsmith.generation.shapes import (
    Line,
    LongSentence,
    Paragraph,
    Question,
    Sentence,
    Shape,
    ShortSentence,
    Task,
    Words,
)

SHAPES = [
    *(multiple_choice.Item, multiple_choice.Calculation, rag.QuestionAnswer, rag.Verdict),
    rag.Shortened,
    *(summary.OneSentence, summary.Short, summary.Bullets, summary.Section),
    *(evolve.InDepth, evolve.WithInput, evolve.Compared, textbook.Text),
    *(self_instruct.Labels, self_instruct.InputFirstInstances, self_instruct.OutputFirstInstances),
    *(judging.Solved, judging.SolvedBlind, judging.Faithful),
    written_answers.Better,
]


class Every(Shape):
    """A field of each type."""

    words: Words
    line: Line
    paragraph: Paragraph
    question: Question
    sentence: Sentence
    short: ShortSentence
    long: LongSentence
    task: Task


GOOD = {
    "words": "7영업일",
    "line": "기한은 7영업일이다.",
    "paragraph": "심사 결과는 기한 안에 통지해야 합니다. 기한은 7영업일입니다.",
    "question": "기한은 며칠인가?",
    "sentence": "금리는 3.5% 안팎에서 움직인다.",
    "short": "금리는 3.5%이다.",
    "long": "금리는 3.5%이고, 한도는 5억 원이다.",
    "task": "금리가 어떻게 정해지는지 설명하세요.",
}


def keys(schema: Any) -> set[str]:
    """All keys of a schema but the names of its properties and definitions."""
    if isinstance(schema, list):
        return set().union(*map(keys, schema))
    if not isinstance(schema, dict):
        return set()
    named = {"properties", "$defs"}
    return set(schema).union(
        *(set().union(*map(keys, v.values())) if k in named else keys(v) for k, v in schema.items())
    )


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_a_schema_has_only_what_strict_endpoints_take(shape):
    """Bounds are pattern, enum, minItems and maxItems; objects are closed, their fields required; no docstring."""
    schema = shape.schema_sent()
    known = {"type", "properties", "required", "additionalProperties", "items", "$defs", "$ref"}
    assert keys(schema) <= known | {"pattern", "enum", "minItems", "maxItems"}
    for part in (schema, *schema.get("$defs", {}).values()):
        assert part["additionalProperties"] is False
        assert sorted(part["required"]) == sorted(part["properties"])


def test_every_shape_of_the_package_is_tried_here():
    """SHAPES has all shapes that are sent: those that are no part of another."""
    parts = {self_instruct.InputFirst, self_instruct.OutputFirst}
    assert {shape for shape in Shape.__subclasses__() if shape.__module__.startswith("finsmith.")} == {*SHAPES, *parts}


def test_patterns_hold_neither_quotation_mark_nor_backslash_that_json_would_escape():
    """Within a class a quotation mark or a backslash is excluded, and none is asked for: no text may hold one."""
    for field in GOOD:
        for mark in ('"', "\\", "\n"):
            with pytest.raises(ValidationError):
                Every(**GOOD | {field: GOOD[field][:3] + mark + GOOD[field][3:]})


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("words", ["가", "가" * 40, "AA+", "3.5%"], ["", "가" * 41]),
        ("line", ["가나다라", "가" * 160, "하나. 둘? 셋!"], ["가나다", "가" * 161]),
        ("paragraph", ["가" * 30, "가" * 260, "하나. 둘? 셋! " * 5 + "넷."], ["가" * 29, "가" * 261]),
        ("question", ["가" * 8 + "?", "가" * 110 + "?", "3.5%는 무엇인가?"], ["가" * 7 + "?", "가" * 111 + "?"]),
        ("question", [], ["무엇을 하여야 하는가.", "하나이다. 무엇인가?", "무엇인가? 왜인가?"]),
        (
            "sentence",
            ["가" * 8 + ".", "가" * 120 + ".", "1.5배에서 2.0배로 늘었다."],
            ["가" * 7 + ".", "가" * 121 + "."],
        ),
        ("sentence", [], ["한 문장이다. 두 문장이다.", "끝에 점이 없다고 본다", "무엇을 하는 것인가?"]),
        ("short", ["가" * 70 + "."], ["가" * 71 + "."]),
    ],
)
def test_bounds_by_hand(field, good, bad):
    """Lengths at and over the bounds; a sentence is one sentence, and a full stop between digits ends none."""
    for text in good:
        assert getattr(Every(**GOOD | {field: text}), field) == text
    for text in bad:
        with pytest.raises(ValidationError):
            Every(**GOOD | {field: text})


TEXTS = st.text(alphabet='가나1.?!"\\\n ', max_size=14) | st.sampled_from(
    ["가" * n for n in (40, 41, 140, 141, 160, 161, 260, 261)]
)


@settings(max_examples=80)
@given(st.sampled_from(list(GOOD)), TEXTS | st.sampled_from(list(GOOD.values())))
def test_what_is_checked_here_is_what_the_schema_says(field, text):
    """Python's re and pydantic agree on every text; spaces around it are taken off before it is checked."""
    text = text.strip()
    pattern = Every.schema_sent()["properties"][field]["pattern"]
    try:
        Every.model_validate_json(json.dumps(GOOD | {field: text}))
    except ValidationError:
        assert not re.fullmatch(pattern.removeprefix("^").removesuffix("$"), text)
    else:
        assert re.fullmatch(pattern.removeprefix("^").removesuffix("$"), text)


def test_fields_come_in_the_order_a_teacher_is_to_write_them():
    """Answer and interrogative stand before the question, a label before its text, a quotation before the verdict."""
    assert list(multiple_choice.Item.schema_sent()["properties"])[:3] == ["answer", "asks", "question"]
    assert list(rag.QuestionAnswer.schema_sent()["properties"]) == ["short_answer", "asks", "question", "answer"]
    assert list(rag.Verdict.schema_sent()["properties"]) == ["quote", "answers"]
    assert list(self_instruct.OutputFirst.schema_sent()["properties"]) == ["output", "input"]
    assert re.search("input.*output", json.dumps(self_instruct.InputFirst.schema_sent()["required"]))
