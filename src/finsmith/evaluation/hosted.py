"""Hosted models on the same test: the written answers of any OpenAI-compatible endpoint, or of the embedded teacher.

They are asked and read exactly as the evaluator `generation` asks and reads our own. Not covered: sending; the stage
passes what drives the dialogues.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import ConfigDict, ValidationError

from finsmith.core.dialogue import Converse, Dialogue
from finsmith.core.errors import ParamsError
from finsmith.core.ids import sha256_of
from finsmith.core.params import Section
from finsmith.core.records import REFUSED, Question, Reply, Request
from finsmith.core.teacher_params import BudgetParams, PriceParams, TeacherParams

from .evaluate import EvaluateParams, Sitting
from .evaluators import TASK, Answer, Setting, instruction
from .predictions import Prediction, orders, predictions_of
from .reply_parser import read_choice

Answered = list[tuple[Prediction, Reply]]


class TeacherSection(Section):
    """What the section `generate` says of teachers; its other keys are checked where they are used."""

    model_config = ConfigDict(extra="ignore")
    section: ClassVar[str] = "generate"
    teacher: TeacherParams
    budget: BudgetParams
    prices: PriceParams


def hosted_models(params: EvaluateParams, teacher: TeacherParams) -> dict[str, TeacherParams]:
    """The models of `params.hosted` by name; each differs from `generate.teacher` at temperature 0 in what it says.

    Raises:
        ParamsError: a name that is taken, a key that no teacher has, or a value out of range.
    """
    models = {}
    for name, changes in params.hosted.items():
        if name in ("base", "adapter"):
            raise ParamsError(f"`evaluate.hosted`: {name!r} is our own model's name; take another.")
        try:
            models[name] = TeacherParams.model_validate(teacher.model_dump() | {"temperature": 0.0} | changes)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(map(str, (name, *first["loc"])))
            raise ParamsError(f"`evaluate.hosted.{key}`: {first['msg']} (got {first['input']!r})") from error
    return models


def sit(
    questions: Sequence[Question],
    models: Mapping[str, TeacherParams],
    setting: Setting,
    params: EvaluateParams,
    converse: Converse[Answered],
) -> list[Sitting]:
    """What each model answered, with USD per 1,000 questions, each asked once, at the price of `generate.prices`.

    Raises:
        TeacherError, BudgetExceeded: from `converse`.
    """
    sittings = []
    for name, model in models.items():
        answered = converse(_talk(question, name, model, setting, params) for question in questions)
        pairs = [pair for of_question in answered for pair in of_question]
        usd = 1000 * sum(reply.cost_usd for _, reply in pairs) / len(pairs)
        sittings.append(Sitting(name, [one for one, _ in pairs], usd_per_1000_questions=round(usd, 4)))
    return sittings


def _talk(
    question: Question, name: str, model: TeacherParams, setting: Setting, params: EvaluateParams
) -> Dialogue[Answered]:
    """All orders of a question at once."""
    asked = orders([question], params.permutations)
    replies = yield [_request(one, name, model, setting) for one, _ in asked]
    answers = [_answer(one, reply) for (one, _), reply in zip(asked, replies, strict=True)]
    predictions = predictions_of(asked, answers, "generation", name)
    return [
        (one if reply.finish_reason == REFUSED else one.model_copy(update={"request_key": reply.key}), reply)
        for one, reply in zip(predictions, replies, strict=True)
    ]


def _answer(question: Question, reply: Reply) -> Answer:
    place = None if reply.finish_reason == REFUSED else read_choice(reply.text, question.choices)
    return Answer(place, reply=reply.text)


def _request(question: Question, name: str, model: TeacherParams, setting: Setting) -> Request:
    return Request(
        recipe="evaluate.generation",
        sources=(question.id,),
        prompt_sha256=sha256_of(TASK),
        model=model.model,
        messages=(("user", instruction(question, setting)),),
        temperature=model.temperature,
        max_tokens=setting.max_answer_tokens,
        seed=model.seed,
        teacher=name,
    )
