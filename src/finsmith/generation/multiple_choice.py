"""4-choice questions of several kinds from a passage by the teacher; each gives a solving and a writing example.

A calculation's answer is worked out here from the teacher's expression, whose numbers must stand in the row of the
table. Not covered: whether the question can be solved without the passage.
"""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import Field
from simpleeval import InvalidExpression, SimpleEval

from finsmith.core.dialogue import Dialogue
from finsmith.core.errors import TeacherReplyMalformed
from finsmith.core.records import Example, Passage, Reply, Request
from finsmith.text.faults import is_whole
from finsmith.text.quoting import foreign_numbers, numbers, plain, stands_in

from .answers import Answer, Made, answers, read_json
from .choices import answer_text, choices_text, place_answer
from .focus import Focus, draw
from .material import Material
from .params import GenerateParams
from .prompting import passage_request, template, words
from .prose import check_prose
from .questions import check_asking, leans, polished
from .shapes import Line, Question, Shape, Words


class Item(Shape):
    """A question; answer and interrogative come before it, since a teacher that has them asks for them.

    One distractor more than needed: a small teacher puts the answer among them.
    """

    answer: Words
    asks: Words
    question: Question
    distractors: Annotated[list[Words], Field(min_length=4, max_length=4)]
    explanation: Line


class Calculation(Shape):
    """A question whose answer is an expression of numbers in a table's row, in a unit."""

    expression: Annotated[str, Field(pattern=r"^[0-9.,()+*/ -]{3,60}$")]
    unit: Annotated[str, Field(pattern=r"^[^\"\\\n0-9]{0,20}$")]
    question: Question
    explanation: Line


_OPERATORS = re.compile(r"[-+*/]")
_OTHER_OPERATORS = re.compile(r"\*\s*\*|/\s*/")
_BELOW_ZERO = re.compile(r"\|\s*[-−△▲]\s*\d[\d,.]*")  # a row's cell
_WORD = re.compile(r"[A-Za-z]{3}")  # begins a unit that a space goes before: 30 million dollars, but 30억 원, 30bp


def most(material: Material) -> int:
    """A solving and a writing example for each item of each passage."""
    return sum(2 * len(_foci(passage, material.params)) for passage in material.usable)


def talk(passage: Passage, material: Material) -> Dialogue[Made]:
    """Items of the kinds the passage bears, each on a sentence of its own, as a solving and as a writing example."""
    params, made = material.params, Made()
    foci = _foci(passage, params)
    asked = [(_request(focus, passage, params), _reader(focus, passage, material)) for focus in foci]
    for focus, answer in zip(foci, (yield from answers(asked, made, params)), strict=True):
        if answer:
            made.examples += _examples(focus, answer, passage, params)
    return made


def _foci(passage: Passage, params: GenerateParams) -> list[Focus]:
    settings = params.multiple_choice
    return draw(passage, settings.kinds, settings.per_passage, f"{params.seed}:multiple_choice:{passage.text}")


def _request(focus: Focus, passage: Passage, params: GenerateParams) -> Request:
    task, shape = (
        ("multiple_choice.calculation", Calculation) if focus.kind == "calculation" else ("multiple_choice", Item)
    )
    how = words(params, f"multiple_choice_{focus.kind}_rule", "")
    return passage_request(task, passage, params, params.multiple_choice, shape.schema_sent(), how=how, focus=focus)


def _reader(focus: Focus, passage: Passage, material: Material) -> Callable[[Reply], Item]:
    def read(reply: Reply) -> Item:
        if focus.kind == "calculation":
            item = _worked_out(read_json(reply, Calculation), focus)
            check_asking(item.question, item.answer, focus, passage)
        else:
            item = read_json(reply, Item)
            answer = focus.answer or item.answer
            question = polished(item.question, answer, focus, passage)
            item = item.model_copy(update={"answer": answer, "question": question})
        wrong: list[str] = []
        for choice in item.distractors:
            alike = any(_alike(choice, other) for other in (item.answer, *wrong))
            if plain(choice) and not alike and not _is_copied(choice, material):
                wrong.append(choice)
        if len(wrong) < 3:
            raise TeacherReplyMalformed("distractors: fewer than three that differ from answer, example and each other")
        explanation = _explanation(item.explanation, focus, passage, material.params.language)
        return item.model_copy(update={"distractors": wrong[:3], "explanation": explanation})

    return read


def _is_copied(choice: str, material: Material) -> bool:
    """Whether a choice is the prompt's example's and of another field: an office the corpus does not know."""
    example = template(material.params.language, "multiple_choice")
    return not numbers(choice) and stands_in(choice, example) and plain(choice) not in material.plain_text


def _alike(one: str, other: str) -> bool:
    """Whether one begins with the whole of the other: 1년 and 1년간, 신분증 제시 and 신분증 제시 요청."""
    short, long = sorted((plain(one), plain(other)), key=len)
    return long.startswith(short) and not long[len(short) : len(short) + 1].isdigit()


def _explanation(explanation: str, focus: Focus, passage: Passage, language: str) -> str:
    """The teacher's where it states something of the passage; else the sentence it is about."""
    try:
        check_prose(explanation, language)
    except TeacherReplyMalformed:
        return focus.evidence
    asks = explanation.rstrip().endswith("?") or not is_whole(explanation)
    calculated = focus.kind == "calculation"
    invents = not calculated and bool(foreign_numbers(explanation, passage.text, *passage.headings))
    return focus.evidence if asks or invents or leans(explanation, focus) else explanation


def _worked_out(calculation: Calculation, focus: Focus) -> Item:
    """The item whose answer is the expression's value; the distractors are what common slips would give.

    Raises:
        TeacherReplyMalformed: the expression is none, or uses numbers that the row has not; those below zero are not
            taken, since a sign is soon lost.
    """
    expression, unit = calculation.expression.replace(",", ""), calculation.unit.strip()
    row = numbers(_BELOW_ZERO.sub("|", focus.evidence))
    operands = [n for n in re.findall(r"\d+(?:\.\d+)?", expression) if n != "100" or "100" in row]
    if foreign := sorted(set().union(*map(numbers, operands)) - row):
        raise TeacherReplyMalformed(f"expression: numbers that are not in the row: {', '.join(foreign)}")
    if len(operands) < 2 or not _OPERATORS.search(expression) or _OTHER_OPERATORS.search(expression):
        raise TeacherReplyMalformed(f"expression: {calculation.expression!r} is no calculation with + - * /")
    value = _value(expression)
    answer = _shown(value, unit)
    if not numbers(answer) - {"0"}:
        raise TeacherReplyMalformed(f"expression: {calculation.expression!r} gives {answer}, which asks nothing")
    first, second = float(operands[0]), float(operands[1])
    slips = (
        first + second,
        abs(first - second),
        value * 10,
        value / 10,
        2 * first - second,
        max(first, second),
        value * 2,
    )
    return Item.model_construct(
        answer=answer,
        asks="-",
        question=calculation.question,
        distractors=list(dict.fromkeys(_shown(slip, unit) for slip in slips)),
        explanation=f"{calculation.explanation} ({calculation.expression} = {answer})",
    )


def _value(expression: str) -> float:
    try:
        return float(SimpleEval().eval(expression))
    except (InvalidExpression, SyntaxError, ArithmeticError, ValueError, TypeError) as error:
        raise TeacherReplyMalformed(f"expression: {expression!r} cannot be worked out ({error})") from error


def _shown(value: float, unit: str) -> str:
    """To two decimals at most: 1234.5 and 억 원 give 1,234.5억 원."""
    decimals = f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{'0' if decimals == '-0' else decimals}{' ' if _WORD.match(unit) else ''}{unit}"


def _examples(focus: Focus, found: Answer[Item], passage: Passage, params: GenerateParams) -> list[Example]:
    item, key = found.value, found.reply.key
    choices, answer = place_answer(item.answer, item.distractors, f"{params.seed}:{key}")
    question = f"{item.question}\n\n{choices_text(choices)}"
    solved = words(
        params,
        "multiple_choice_answer",
        key,
        answer=answer_text(choices, answer, params),
        explanation=item.explanation,
        evidence=focus.evidence,
    )
    rows = (
        ("solve", f"{words(params, 'multiple_choice_solve', key)}\n\n{question}", solved),
        ("write", words(params, f"multiple_choice_write_{focus.kind}", key), f"{question}\n\n{solved}"),
    )
    return [
        Example(
            recipe=f"multiple_choice.{task}",
            instruction=instruction,
            input=passage.text,
            output=output,
            provenance=found.provenance((passage.id,)),
        )
        for task, instruction, output in rows
    ]
