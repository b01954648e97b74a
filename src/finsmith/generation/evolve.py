"""Evol-Instruct: rows of other recipes made harder in depth, or followed by a new one in breadth, and answered anew.

An evolution is eliminated where it gains nothing, where the teacher cannot answer it, where the answer is empty words,
or where words of the prompt leaked. Source: Xu et al. 2023 (WizardLM), arXiv 2304.12244, section 3. Not covered:
whether the answer is right.
"""

import re
from collections.abc import Callable, Iterable
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from finsmith.core.dialogue import Dialogue
from finsmith.core.errors import TeacherReplyMalformed
from finsmith.core.ids import content_id
from finsmith.core.records import Example, Reply
from finsmith.korean.content_words import content_words
from finsmith.text.quoting import plain, stands_in

from .answers import Made, answer, read_json, read_text
from .free_answers import check_answer
from .material import Material
from .params import GenerateParams, Operation
from .prompting import examples_in, request
from .prose import check_prose
from .rows import draw_rows
from .shapes import Shape, Task, Words

_LEAKED = re.compile(
    r"(주어진|원래|원본|기존|다시 쓴|바꾼|새로운)\s*(지시문|지시|프롬프트)|지시문\s*[:：#]"
    r"|(주어진|다시 쓴|새로 쓴|본래|원래)(의)?\s*요청|새 요청|함께 주어진 자료"
    r"|(given|rewritten|original|new|created)[ _#]*(prompt|instruction)|(given|rewritten)[ _#]*request",
    re.IGNORECASE,
)
_TELLS = re.compile(r"\?|(?:세요|시오|줘요?|라|자|까요)(?:[.!]|$)")
_UNSEEN = re.compile(
    r"(?:다음|아래|위)의? ?(?:설명|글|표|문장|내용|지문|보기|자료|상황|문단)|위에서"
    r"|the (?:following|above) (?:text|passage|table|sentence|description)"
    r"|(?:text|passage|table|sentence|description) (?:below|above)",
    re.IGNORECASE,
)
_WITH_INPUT: tuple[Operation, ...] = ("complicate_input", "breadth")


class InDepth(Shape):
    """A new instruction; what is added comes before it, since a teacher that has not named it adds nothing."""

    added: Words
    instruction: Task


class WithInput(Shape):
    """The same with an input of its own, or none."""

    added: Words
    instruction: Task
    input: str


class Evolved(NamedTuple):
    """What came of a row before it is answered."""

    instruction: str
    input: str


class Compared(Shape):
    """What only the second instruction asks for, and whether it asks for the same as the first."""

    only_second: Annotated[str, Field(pattern=r"^[^\"\\\n]{0,40}$")]
    same: bool


def most(material: Material) -> int:
    """So many rows, each in so many rounds."""
    settings = material.params.evolve
    return settings.max_rows * settings.rounds


def talks(material: Material) -> Iterable[Dialogue[Made]]:
    """One dialogue for each drawn row."""
    settings = material.params.evolve
    for row in draw_rows(material, "evolve", settings.of, settings.max_rows):
        yield talk(row, material.params)


def talk(row: Example, params: GenerateParams) -> Dialogue[Made]:
    """Evolves a row, then what came of it, as often as asked; an eliminated evolution ends it."""
    made = Made()
    for number in range(params.evolve.rounds):
        evolved = yield from _round(row, number, made, params)
        if not evolved:
            break
        made.examples.append(evolved)
        row = evolved
    return made


def _round(row: Example, number: int, made: Made, params: GenerateParams) -> Dialogue[Example | None]:
    operations = params.evolve.operations
    operation = operations[int(content_id([params.seed, number, row.id]), 16) % len(operations)]
    settings, sources = params.evolve, row.provenance.sources
    shape = WithInput if operation in _WITH_INPUT else InDepth
    old: dict[str, Any] = {"instruction": row.instruction, "input": row.input}
    asked = request(f"evolve.{operation}", sources, params, settings, shape.schema_sent(), **old)
    evolved = yield from answer(asked, _evolved(row, operation, params.language), made, params)
    if not evolved:
        return None
    keys = [evolved.reply.key]
    new = evolved.value._asdict()
    if operation != "breadth":
        schema = Compared.schema_sent()
        asked = request("evolve.compare", sources, params, settings, schema, first=old, second=new)
        judged = yield from answer(asked, _same, made, params)
        if not judged or judged.value:
            made.rejected += [evolved.rejected("no information gain")] if judged else []
            return None
        keys.append(judged.reply.key)
    asked = request("evolve.answer", sources, params, settings, **new, known=row)
    answered = yield from answer(asked, _answered(evolved.value, params.language), made, params)
    if not answered:
        return None
    return Example(
        recipe=f"evolve.{operation}",
        output=answered.value,
        provenance=answered.provenance(sources, parents=(row.id,), other_keys=tuple(keys)),
        **new,
    )


def _evolved(row: Example, operation: Operation, language: str) -> Callable[[Reply], Evolved]:
    def read(reply: Reply) -> Evolved:
        if operation in _WITH_INPUT:
            written = read_json(reply, WithInput)
            found = Evolved(written.instruction, written.input)
        else:
            found = Evolved(read_json(reply, InDepth).instruction, row.input)
        check_prose(found.instruction, language)
        if leaked := _LEAKED.search(found.instruction):
            raise TeacherReplyMalformed(f"words of the task leaked into the instruction: {leaked[0]!r}")
        if plain(found.instruction) == plain(row.instruction) and plain(found.input) == plain(row.input):
            raise TeacherReplyMalformed("the instruction is unchanged")
        if any(stands_in(found.instruction, shown) for shown in examples_in(language, f"evolve.{operation}")):
            raise TeacherReplyMalformed("the instruction is the prompt's example")
        if language == "ko" and not _TELLS.search(found.instruction):
            raise TeacherReplyMalformed("the instruction asks and orders nothing")
        if not found.input and (unseen := _UNSEEN.search(found.instruction)):
            raise TeacherReplyMalformed(f"the instruction leans on something unseen: {unseen[0]!r}")
        if found.input and found.input != row.input and stands_in(found.input, row.output):
            raise TeacherReplyMalformed("the input is the old answer")
        same_input = operation == "breadth" or plain(found.input) == plain(row.input)
        if same_input and not content_words(found.instruction) - content_words(row.instruction):
            raise TeacherReplyMalformed("the instruction has no content word that the old one has not")
        return found

    return read


def _same(reply: Reply) -> bool:
    return read_json(reply, Compared).same


def _answered(evolved: Evolved, language: str) -> Callable[[Reply], str]:
    def read(reply: Reply) -> str:
        text = read_text(reply)
        check_answer(text, evolved.instruction, evolved.input, _LEAKED, language)
        return text

    return read
