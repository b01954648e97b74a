"""A teacher as judge of rows: it solves 4-choice items with their passage and without, and votes on faithfulness.

An item is asked in several orders of its choices, so that a liking for a letter counts for nothing; a vote on
faithfulness is repeated. What was said is kept as it is, so that thresholds can be changed without a call. Rows that
share an item share its judgement. Not covered: what follows from a judgement; filters decide that.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from finsmith.core.dialogue import Converse, Dialogue
from finsmith.core.errors import ParamsError
from finsmith.core.ids import content_id
from finsmith.core.params import Section
from finsmith.core.records import Example, Judgement, JudgementKind, RejectedReply, Reply, Request
from finsmith.text.four_choice import LETTERS, Item, read_item

from .answers import Made, answers, read_json
from .params import GenerateParams, TeacherRecipeParams
from .prompting import request
from .shapes import Shape

_NEITHER = "E"
_NEITHER_SAID = "E (none, or more than one)"  # no choice reads so; one may read "E"


class JudgeParams(TeacherRecipeParams, Section):
    """Who judges; in how many orders of its choices an item is solved; how many votes a row of `faithful_to_input`
    (recipes or their tasks) gets, and at which temperature. 0 turns either off."""

    section: ClassVar[str] = "judge"
    solve_orders: Annotated[int, Field(ge=0, le=4)]
    faithfulness_votes: Annotated[int, Field(ge=0)]
    faithful_to_input: tuple[str, ...]
    temperature: Annotated[float, Field(ge=0, le=2)]


class Solved(Shape):
    """The letter of the right choice; E where there is none or more than one."""

    answer: Literal["A", "B", "C", "D", "E"]


class SolvedBlind(Shape):
    """The letter of the likeliest choice."""

    answer: Literal["A", "B", "C", "D"]


class Faithful(Shape):
    """Whether all that an answer says follows from its text, after what does not."""

    unsupported: Annotated[str, Field(pattern=r"^[^\"\\\n]{0,80}$")]
    faithful: bool


Asked = tuple[Request, Callable[[Reply], str]]  # a question, and what its reply says in one word


@dataclass
class Task:
    """One thing to judge: the questions on it, what a right answer says, and the rows it is said of."""

    kind: JudgementKind
    right: str
    asked: list[Asked]
    row_ids: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Judged:
    """Judgements sorted by row and kind, and replies that say nothing usable."""

    judgements: list[Judgement]
    rejected: list[RejectedReply]


def judging_tasks(rows: Iterable[Example], generate: GenerateParams, params: JudgeParams) -> list[Task]:
    """Everything that `params` asks of these rows; what shares a passage stands together.

    Raises:
        ParamsError: `generate` has no such teacher.
    """
    if params.teacher not in generate.all_teachers:
        known = ", ".join(generate.all_teachers)
        raise ParamsError(f"`judge.teacher`: no teacher {params.teacher!r}; there are: {known}")
    tasks: dict[str, Task] = {}
    for row in rows:
        for key, task in _tasks(row, generate, params):
            tasks.setdefault(key, task).row_ids.append(row.id)
    return [tasks[key] for key in sorted(tasks)]


def judge(tasks: Sequence[Task], generate: GenerateParams, converse: Converse[Made]) -> Judged:
    """What the teacher says.

    Raises:
        TeacherError, BudgetExceeded: from `converse`.
    """
    made = converse(_talk(task, generate) for task in tasks)
    judgements = [one for task, part in zip(tasks, made, strict=True) for one in _judgements(task, part)]
    return Judged(
        sorted(judgements, key=lambda one: (one.example_id, one.kind)),
        [reject for part in made for reject in part.rejected],
    )


def judging_statistics(judged: Judged) -> dict[str, Any]:
    """By kind: rows judged, and the mean share of right answers; and replies without a usable word."""
    kinds = {kind: [one.share for one in judged.judgements if one.kind == kind] for kind in get_args(JudgementKind)}
    told = {kind: {"rows": len(of), "right": round(sum(of) / len(of), 4)} for kind, of in kinds.items() if of}
    return {"judged": told, "replies_rejected": len(judged.rejected)}


def _tasks(row: Example, generate: GenerateParams, params: JudgeParams) -> Iterator[tuple[str, Task]]:
    """What is to be judged of a row, each with a key that begins with its passage's hash."""
    item, passage = read_item(row), content_id(row.input)
    if params.solve_orders and item and item.passage.strip():
        right = item.choices[item.answer]
        key = f"{passage} {content_id([item.stem, item.choices, item.answer])}"
        turns = range(params.solve_orders)
        yield f"{key} solved", Task("solved", right, [_solve(row, item, turn, generate, params) for turn in turns])
        blind = [_solve_blind(row, item, turn, generate, params) for turn in turns]
        yield f"{key} solved_blind", Task("solved_blind", right, blind)
    voted_on = {row.recipe, row.recipe.partition(".")[0]} & set(params.faithful_to_input)
    if params.faithfulness_votes and voted_on and row.input.strip():
        asked = [_faithful(row, vote, generate, params) for vote in range(params.faithfulness_votes)]
        yield f"{passage} {row.id}", Task("faithful", "true", asked)


def _solve(row: Example, item: Item, turn: int, generate: GenerateParams, params: JudgeParams) -> Asked:
    choices = _turned(item, turn)
    asked = _request("judge.solve", row, generate, params, Solved, stem=item.stem, choices=choices)

    def said(reply: Reply) -> str:
        letter = read_json(reply, Solved).answer
        return _NEITHER_SAID if letter == _NEITHER else choices[LETTERS.index(letter)]

    return asked, said


def _solve_blind(row: Example, item: Item, turn: int, generate: GenerateParams, params: JudgeParams) -> Asked:
    choices = _turned(item, turn)
    asked = _request("judge.solve_blind", row, generate, params, SolvedBlind, stem=item.stem, choices=choices)
    return asked, lambda reply: choices[LETTERS.index(read_json(reply, SolvedBlind).answer)]


def _faithful(row: Example, vote: int, generate: GenerateParams, params: JudgeParams) -> Asked:
    asked = _request("judge.faithful", row, generate, params, Faithful)
    warm = {"temperature": params.temperature, "seed": asked.seed + vote}
    return asked.model_copy(update=warm), lambda reply: str(read_json(reply, Faithful).faithful).lower()


def _turned(item: Item, turn: int) -> tuple[str, ...]:
    return item.choices[turn:] + item.choices[:turn]


def _request(
    task: str, row: Example, generate: GenerateParams, params: JudgeParams, shape: type[Shape], **values: Any
) -> Request:
    without_schema = not generate.all_teachers[params.teacher].json_schema
    values |= {"row": row, "passage": row.input, "place": "", "without_schema": without_schema}
    return request(task, row.provenance.sources, generate, params, shape.schema_sent(), **values)


def _talk(task: Task, generate: GenerateParams) -> Dialogue[Made]:
    """All questions of a task at once; what was said, and by which calls, is left in the figures."""
    made = Made()
    found = yield from answers(task.asked, made, generate)
    told = [one for one in found if one]
    made.figures |= {"said": tuple(one.value for one in told), "calls": tuple(one.reply.key for one in told)}
    made.figures |= {"model": told[0].reply.model if told else ""}
    return made


def _judgements(task: Task, made: Made) -> Iterator[Judgement]:
    said = made.figures["said"]
    if not said:
        return
    for row_id in task.row_ids:
        yield Judgement(
            example_id=row_id,
            kind=task.kind,
            right=sum(one == task.right for one in said),
            votes=len(said),
            said=said,
            request_keys=made.figures["calls"],
            model=made.figures["model"],
        )
