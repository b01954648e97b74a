"""What a summary reply becomes: one example, or a reason."""

import pytest

from finsmith.core.errors import TeacherReplyMalformed
from finsmith.core.records import Example, Provenance
from finsmith.generation import summary
from finsmith.generation.prompting import prompt_sha256

from .made import TEXT, generate_params, passage, reply_to

PARAMS = generate_params()
PASSAGE = passage()
(REQUEST,) = summary.build(PASSAGE, PARAMS)


def parse(text, finish_reason="stop"):
    return summary.parse(reply_to(REQUEST, text, finish_reason), REQUEST, PASSAGE, PARAMS)


def test_a_good_reply_gives_one_example():
    """The reply without its outer spaces is the output; passage, prompt, model and request are kept."""
    assert parse("\n 심사 결과는 7영업일 안에 알린다. \n") == [
        Example(
            recipe="summary.short",
            instruction="다음 글을 한두 문장으로 요약하세요.",
            input=TEXT,
            output="심사 결과는 7영업일 안에 알린다.",
            provenance=Provenance(
                sources=(PASSAGE.id,),
                prompt_sha256=prompt_sha256("summary"),
                model="teacher-large-2024-07-18",
                request_key=REQUEST.key,
            ),
        )
    ]


@pytest.mark.parametrize(
    ("text", "finish_reason", "reason"),
    [
        (" \n", "stop", "empty"),
        ("심사 결과는 7영업", "length", "cut off at 160 tokens"),
        (TEXT, "stop", "no shorter than the passage"),
        ("가" * (len(TEXT) + 1), "stop", f"({len(TEXT) + 1} characters) is no shorter"),
    ],
    ids=["empty", "cut_off", "copied", "longer"],
)
def test_a_bad_reply_is_malformed_with_its_reason(text, finish_reason, reason):
    """An empty, cut-off or over-long summary is refused with its reason."""
    with pytest.raises(TeacherReplyMalformed) as caught:
        parse(text, finish_reason)
    assert reason in str(caught.value)


def test_one_character_less_than_the_passage_is_a_summary():
    """The limit is the passage's own length."""
    assert len(parse("가" * (len(TEXT) - 1))) == 1
