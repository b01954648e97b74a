"""A teacher beside the models that answer in writing: it answers too, and it says which of two answers is better.

A pair is judged in both orders, so that a liking for a place shows. Not covered: what follows from a verdict, and
whether the judge is to be trusted; both are counted elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from finsmith.core.answer_records import Asked, Comparison, Model, OpenQuestion, QuestionSet, Verdict
from finsmith.core.dialogue import Converse, Dialogue
from finsmith.core.errors import ParamsError
from finsmith.core.records import RejectedReply, Reply, Request
from finsmith.text.quoting import plain

from .answers import Made, answer, answers, read_json
from .params import GenerateParams, TeacherRecipeParams
from .prompting import request
from .shapes import Shape

_VERDICT_TOKENS = 160


class Better(Shape):
    """Which of two answers is better, after the reason."""

    reason: Annotated[str, Field(pattern=r"^[^\"\\\n]{0,160}$")]
    better: Literal["1", "2", "same"]


@dataclass(frozen=True)
class Taught:
    """A teacher's answers by set of questions, in their order, and its replies that were none."""

    answers: dict[QuestionSet, list[str]]
    rejected: list[RejectedReply]


@dataclass(frozen=True)
class Compared:
    """Comparisons in the order of the questions, those left out that the judge gave no usable verdict on."""

    comparisons: list[Comparison]
    rejected: list[RejectedReply]


def taught(
    asked: Mapping[QuestionSet, Sequence[Asked]],
    max_tokens: Mapping[QuestionSet, int],
    teacher: str,
    generate: GenerateParams,
    converse: Converse[Made],
) -> Taught:
    """The teacher's answers; "" where its reply was empty twice. One that was cut off at `max_tokens` stays so.

    A teacher without a name is nobody, and answers nothing.

    Raises:
        ParamsError: `generate` has no such teacher. TeacherError, BudgetExceeded: from `converse`.
    """
    if not teacher:
        return Taught({}, [])
    settings = {name: _settings(teacher, "teacher", max_tokens[name], generate) for name in asked}
    made = converse(_answering(one, settings[name], generate) for name, of in asked.items() for one in of)
    texts = iter(one.figures["text"] for one in made)
    answers_of = {name: [next(texts) for _ in of] for name, of in asked.items()}
    return Taught(answers_of, [reject for part in made for reject in part.rejected])


def compared(
    questions: Sequence[OpenQuestion],
    texts: Mapping[Model, Mapping[QuestionSet, Sequence[str]]],
    judge: str,
    generate: GenerateParams,
    converse: Converse[Made],
) -> Compared:
    """The judge's verdicts on the answers of `base` and `adapter`; two that are the same are not shown to it.

    A judge without a name is nobody, and says nothing.

    Raises:
        ParamsError: `generate` has no such teacher. TeacherError, BudgetExceeded: from `converse`.
    """
    if not judge:
        return Compared([], [])
    settings = _settings(judge, "judge", _VERDICT_TOKENS, generate)
    pairs = zip(questions, texts["base"]["open"], texts["adapter"]["open"], strict=True)
    made = converse(_comparing(question, base, adapter, settings, generate) for question, base, adapter in pairs)
    return Compared(
        [part.figures["comparison"] for part in made if "comparison" in part.figures],
        [reject for part in made for reject in part.rejected],
    )


def _settings(teacher: str, key: str, max_tokens: int, generate: GenerateParams) -> TeacherRecipeParams:
    if teacher not in generate.all_teachers:
        known = ", ".join(generate.all_teachers)
        raise ParamsError(f"`answers.{key}`: no teacher {teacher!r}; there are: {known}. Empty asks nobody.")
    return TeacherRecipeParams(teacher=teacher, max_tokens=max_tokens)


def _answering(asked: Asked, settings: TeacherRecipeParams, generate: GenerateParams) -> Dialogue[Made]:
    made = Made()
    instruction, given = asked
    asks = request("written.answer", (), generate, settings, instruction=instruction, given=given)
    found = yield from answer(asks, lambda reply: reply.text.strip(), made, generate)
    made.figures["text"] = found.value if found else ""
    return made


def _comparing(
    question: OpenQuestion, base: str, adapter: str, settings: TeacherRecipeParams, generate: GenerateParams
) -> Dialogue[Made]:
    made = Made()
    if plain(base) == plain(adapter):
        made.figures["comparison"] = Comparison(
            question_id=question.id, base_first="same", adapter_first="same", request_keys=(), model=""
        )
        return made
    asked = [
        (_compare_request(question, base, adapter, settings, generate), _verdict("base", "adapter")),
        (_compare_request(question, adapter, base, settings, generate), _verdict("adapter", "base")),
    ]
    first_said, second_said = yield from answers(asked, made, generate)
    if first_said and second_said:
        made.figures["comparison"] = Comparison(
            question_id=question.id,
            base_first=first_said.value,
            adapter_first=second_said.value,
            request_keys=(first_said.reply.key, second_said.reply.key),
            model=first_said.reply.model,
        )
    return made


def _compare_request(
    question: OpenQuestion, first: str, second: str, settings: TeacherRecipeParams, generate: GenerateParams
) -> Request:
    return request(
        "written.compare",
        (question.id,),
        generate,
        settings,
        Better.schema_sent(),
        question=question.question,
        reference=question.reference,
        first=first,
        second=second,
        without_schema=not generate.all_teachers[settings.teacher].json_schema,
    )


def _verdict(first: Verdict, second: Verdict) -> Callable[[Reply], Verdict]:
    def read(reply: Reply) -> Verdict:
        better = read_json(reply, Better).better
        return {"1": first, "2": second}.get(better, "same")

    return read
