"""Evol-Instruct: rows of other recipes made harder in depth, or followed by a new one in breadth, and answered anew.

An evolution is eliminated where it gains nothing, where the teacher cannot answer it, where the answer is empty words,
or where words of the prompt leaked. Source: Xu et al. 2023 (WizardLM), arXiv 2304.12244, section 3. Not covered:
whether the answer is right.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from finsmith.core.dialogue import Dialogue
from finsmith.core.errors import TeacherReplyMalformed
from finsmith.core.ids import content_id
from finsmith.core.records import Example, Reply
from finsmith.korean.morphemes import tagged

from .answers import Made, answer, read_json, read_text
from .material import Material
from .params import GenerateParams, Operation
from .prompting import request
from .prose import check_prose
from .quoting import plain, stands_in
from .rows import draw_rows
from .shapes import Line, Shape

_LEAKED = re.compile(
    r"(주어진|원래|원본|기존|다시 쓴|바꾼|새로운)\s*(지시문|지시|프롬프트)|지시문\s*[:：#]"
    r"|(주어진|다시 쓴|새로 쓴|본래|원래)(의)?\s*요청|새 요청|함께 주어진 자료"
    r"|(given|rewritten|original|new|created)[ _#]*(prompt|instruction)|(given|rewritten)[ _#]*request",
    re.IGNORECASE,
)
# 해지할 수 없습니다 is no refusal: only what an assistant does counts.
_REFUSAL = re.compile(
    r"죄송|(?:답|도움|작성|요약|번역|분류|생성)[을를변]*\s?(?:해\s?)?(?:할|줄) 수(?:가|는)? 없|드릴 수(?:가|는)? 없"
    r"|(?:정보|자료|내용|지문)(?:만으로|으로|로|에서)?는?\s?알 수 없"
    r"|\b(?:sorry|as an ai|i (?:cannot|can['’]t|can not)|i(?: am|['’]m) (?:unable|not able))\b",
    re.IGNORECASE,
)
_REFUSAL_WORDS = 80  # a refusal is shorter
_TELLS = re.compile(r"\?|(?:세요|시오|줘요?|라|자|까요)(?:[.!]|$)")
_UNSEEN = re.compile(
    r"(?:다음|아래|위)의? ?(?:설명|글|표|문장|내용|지문|보기|자료|상황|문단)|위에서"
    r"|the (?:following|above) (?:text|passage|table|sentence|description)"
    r"|(?:text|passage|table|sentence|description) (?:below|above)",
    re.IGNORECASE,
)
_SHOWN = 15  # characters after a question or an order that can be what it points at
_LONGEST_QUOTE = 20  # characters; a short answer may stand in its question
_CONTENT = ("NNG", "NNP", "NR", "VV", "VA", "SL", "SN", "XR", "MAG")
_STOP_WORD = re.compile(
    r"an?|and|are|as|at|be|but|by|for|if|in|is|it|no|not|of|on|or|so|that|the|then|this|to|was|yes", re.IGNORECASE
)


class Evolved(Shape):
    """A new instruction, and its input where it needs one."""

    instruction: Line
    input: str


class Compared(Shape):
    """Whether the second instruction asks for the same as the first."""

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
    settings, sources, schema = params.evolve, row.provenance.sources, Evolved.schema_sent()
    old: dict[str, Any] = {"instruction": row.instruction, "input": row.input, "output": row.output}
    asked = request(f"evolve.{operation}", sources, params, settings, schema, **old)
    evolved = yield from answer(asked, _evolved(row, operation, params.language), made, params)
    if not evolved:
        return None
    keys = [evolved.reply.key]
    new: dict[str, Any] = {"instruction": evolved.value.instruction, "input": evolved.value.input}
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
        found = read_json(reply, Evolved)
        if operation not in ("complicate_input", "breadth"):
            found = found.model_copy(update={"input": row.input})
        check_prose(found.instruction, language)
        if leaked := _LEAKED.search(found.instruction):
            raise TeacherReplyMalformed(f"words of the task leaked into the instruction: {leaked[0]!r}")
        if plain(found.instruction) == plain(row.instruction) and plain(found.input) == plain(row.input):
            raise TeacherReplyMalformed("the instruction is unchanged")
        if language == "ko" and not _TELLS.search(found.instruction):
            raise TeacherReplyMalformed("the instruction asks and orders nothing")
        if not found.input and (unseen := _unseen(found.instruction)):
            raise TeacherReplyMalformed(f"the instruction leans on something unseen: {unseen!r}")
        if found.input and found.input != row.input and stands_in(found.input, row.output):
            raise TeacherReplyMalformed("the input is the old answer")
        same_input = operation == "breadth" or plain(found.input) == plain(row.input)
        if same_input and not _content(found.instruction) - _content(row.instruction):
            raise TeacherReplyMalformed("the instruction has no content word that the old one has not")
        return found

    return read


def _content(text: str) -> set[str]:
    """The content words of a text, by their stems."""
    return {form for form, tag in tagged(text) if tag.startswith(_CONTENT) and not _STOP_WORD.fullmatch(form)}


def _same(reply: Reply) -> bool:
    return read_json(reply, Compared).same


def _unseen(instruction: str) -> str:
    """What an instruction points at that it does not show (the description below), or ""."""
    found = _UNSEEN.search(instruction)
    if not found:
        return ""
    after = re.split(r"[?.:\n]", instruction[found.end() :], maxsplit=1)[1:]
    return "" if after and len(after[0].strip("?.:\n ")) >= _SHOWN else found[0]


def _answered(evolved: Evolved, language: str) -> Callable[[Reply], str]:
    def read(reply: Reply) -> str:
        text = read_text(reply)
        check_prose(text, language)
        if _REFUSAL.search(text) and len(text.split()) < _REFUSAL_WORDS:
            raise TeacherReplyMalformed("the answer is a refusal")
        if leaked := _LEAKED.search(text):
            raise TeacherReplyMalformed(f"words of the task leaked into the answer: {leaked[0]!r}")
        if plain(text) in plain(evolved.instruction) and len(plain(text)) > _LONGEST_QUOTE:
            raise TeacherReplyMalformed("the answer repeats the instruction")
        if not _content(text):
            raise TeacherReplyMalformed("the answer is nothing but stop words and punctuation")
        return text

    return read
