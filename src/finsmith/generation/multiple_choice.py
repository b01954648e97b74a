"""A 4-choice question from a passage by the teacher; each gives a solving and a writing example.

Not covered: several questions per passage, solving checks by the teacher.
"""

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from finsmith.core.errors import TeacherReplyMalformed
from finsmith.core.records import Example, Passage, Provenance, Reply, Request

from .choices import answer_text, choices_text, place_answer
from .params import GenerateParams
from .prompting import passage_request

Choice = Annotated[str, Field(min_length=1, max_length=40)]


class Item(BaseModel):
    """What the teacher is asked to return; the order of the fields is the order it writes them in."""

    model_config = ConfigDict(extra="forbid")

    evidence: Annotated[str, Field(min_length=5, max_length=160)]
    question: Annotated[str, Field(min_length=8, max_length=100)]
    answer: Choice
    distractors: Annotated[list[Choice], Field(min_length=3, max_length=3)]
    explanation: Annotated[str, Field(min_length=5, max_length=120)]


_ORNAMENT = re.compile(r"[\s\"'`“”‘’「」『』,·]|\.(?!\d)")
SCHEMA: dict[str, Any] = Item.model_json_schema()


def build(passage: Passage, params: GenerateParams) -> list[Request]:
    """One request for one item."""
    return [passage_request("multiple_choice", passage, params.teacher, params.multiple_choice.max_tokens, SCHEMA)]


def parse(reply: Reply, request: Request, passage: Passage, params: GenerateParams) -> list[Example]:
    """A solving and a writing example.

    Raises:
        TeacherReplyMalformed: the reply is no item, or no question with four distinct choices.
    """
    try:
        item = Item.model_validate_json(reply.text)
    except ValidationError as error:
        first = error.errors()[0]
        raise TeacherReplyMalformed(f"{'.'.join(map(str, first['loc'])) or 'reply'}: {first['msg']}") from error
    _check(item)
    choices, answer = place_answer(item.answer, item.distractors, f"{params.seed}:{reply.key}")
    question = f"{item.question}\n\n{choices_text(choices)}"
    answered = f"{answer_text(choices, answer)}\n해설: {item.explanation}"
    source = Provenance(
        sources=(passage.id,), prompt_sha256=request.prompt_sha256, model=reply.model, request_key=reply.key
    )
    return [
        Example(
            recipe="multiple_choice.solve",
            instruction=f"다음 글을 읽고 물음에 알맞은 답을 고르세요.\n\n{question}",
            input=passage.text,
            output=answered,
            provenance=source,
        ),
        Example(
            recipe="multiple_choice.write",
            instruction="다음 글로 4지선다 문제를 하나 만들고 정답과 해설을 쓰세요.",
            input=passage.text,
            output=f"{question}\n\n{answered}",
            provenance=source,
        ),
    ]


def _check(item: Item) -> None:
    choices = [_plain(choice) for choice in (item.answer, *item.distractors)]
    if len(set(choices)) < 4 or "" in choices:
        raise TeacherReplyMalformed("the four choices are not distinct, or one is empty")
    if not item.question.rstrip().endswith("?"):
        raise TeacherReplyMalformed("the question does not ask: no question mark at its end")
    if choices[0] in _plain(item.question):
        raise TeacherReplyMalformed("the question holds its own answer")


def _plain(text: str) -> str:
    """The text without spaces, quotes, commas and full stops; 3.5% and 35%, AA+ and AA- stay apart."""
    return _ORNAMENT.sub("", text.lower())
