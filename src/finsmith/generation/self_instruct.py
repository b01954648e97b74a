"""The Self-Instruct loop: new instructions from seed tasks and earlier new ones, then their instances.

A round shows 6 instructions of people and 2 of its own, asks for more, keeps the fit and new ones, asks which are
classification tasks, and asks for instances: the output first for classification, the input first otherwise. Some
rounds are given a scenario, drawn evenly from grids. Source: Wang et al. 2022, arXiv 2212.10560, section 2 and
appendix A. Every round depends on the replies before it only, so a run that was killed goes on from the stored ones.
Not covered: which instructions are kept, that is `instructions`; judging the truth of an output.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

from pydantic import Field

from finsmith.core.dialogue import Dialogue
from finsmith.core.errors import ParamsError, TeacherReplyMalformed
from finsmith.core.records import Example, Reply, Request

from .answers import Answer, Made, answer, answers, read_json
from .grid import GRIDS, Cell, Grid, coverage, even_cells, read_grids
from .instructions import Instructions, Pool, fault, listed_instructions
from .material import Material
from .params import GenerateParams
from .prompting import request
from .seed_tasks import seed_tasks
from .shapes import Shape, Words

_HUMAN, _MACHINE = 6, 2
_CLASSIFICATION_SHOWN, _OTHERS_SHOWN = 12, 19
_INSTANCE_EXAMPLES = 3
_MOST_INSTANCES = 5
_LAST_ROUNDS = 3  # rounds over which a falling yield is judged


class Labels(Shape):
    """Whether each listed instruction is a classification task, in their order."""

    classification: list[bool]


class InputFirst(Shape):
    """An instance whose input the teacher writes before its output."""

    input: str
    output: str


class OutputFirst(Shape):
    """An instance of a classification task: the label is written before a text that deserves it."""

    output: Words
    input: str


class InputFirstInstances(Shape):
    """One to three instances."""

    instances: Annotated[list[InputFirst], Field(min_length=1, max_length=3)]


class OutputFirstInstances(Shape):
    """Two to five instances."""

    instances: Annotated[list[OutputFirst], Field(min_length=2, max_length=_MOST_INSTANCES)]


def most(material: Material) -> int:
    """The target."""
    return material.params.self_instruct.target


def talks(material: Material) -> Iterable[Dialogue[Made]]:
    """The one loop."""
    if material.params.language != "ko":
        raise ParamsError("`generate.recipes`: self_instruct has Korean seed tasks only, so it needs `language: ko`.")
    yield talk(material)


def talk(material: Material) -> Dialogue[Made]:
    """Rounds until there are `target` rows, or `max_rounds`, or the last rounds kept too small a share."""
    params, made = material.params, Made()
    settings = params.self_instruct
    pool = Pool(seed_tasks())
    grids = read_grids(GRIDS / f"scenarios.{params.language}.yaml")
    cells = _scenarios(grids, params)
    shown, history = list[Cell](), list[tuple[int, int]]()
    why = "max_rounds"
    for number in range(settings.max_rounds):
        cell = cells[len(shown)] if int((number + 1) * settings.scenarios) > int(number * settings.scenarios) else None
        shown += [cell] if cell else []
        asked, new = yield from _round(number, cell, pool, made, params)
        history.append((asked, new))
        last = history[-_LAST_ROUNDS:]
        if len(made.examples) >= settings.target:
            why = "target"
            break
        if len(last) == _LAST_ROUNDS and sum(n for _, n in last) < settings.min_yield * max(1, sum(a for a, _ in last)):
            why = "yield fell"
            break
    made.examples = made.examples[: settings.target]
    made.figures = _figures(history, why, pool, shown, grids)
    return made


def _round(number: int, cell: Cell | None, pool: Pool, made: Made, params: GenerateParams) -> Dialogue[tuple[int, int]]:
    """How many instructions a round gave, and how many of them were new; its rows are in `made`."""
    rng = random.Random(f"{params.seed}:self_instruct:{number}")
    own = rng.sample(pool.kept, min(_MACHINE, len(pool.kept)))
    human = rng.sample(pool.seeds, _HUMAN + _MACHINE - len(own))
    examples = [*(seed.instruction for seed in human), *own]
    rng.shuffle(examples)
    sources = tuple(seed.id for seed in human)
    listed = yield from answer(_for_instructions(examples, cell, sources, params), listed_instructions, made, params)
    if not listed:
        return 0, 0
    new = []
    for instruction in listed.value:
        why, score = fault(instruction, pool, params.self_instruct.novelty_rouge_l)
        if why:
            made.rejected.append(listed.rejected(why, instruction))
        else:
            pool.keep(instruction, score)
            new.append(instruction)
    if new:
        yield from _rows(new, listed, rng, pool, made, params)
    return len(listed.value), len(new)


def _for_instructions(
    examples: Sequence[str], cell: Cell | None, sources: tuple[str, ...], params: GenerateParams
) -> Request:
    settings = params.self_instruct
    decoding = {
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "presence_penalty": settings.presence_penalty,
    }
    scenario = {axis: value.name for axis, value in cell.values.items()} if cell else {}
    return request(
        "self_instruct.instructions",
        sources,
        params,
        settings,
        Instructions.schema_sent(),
        decoding=decoding,
        examples=examples,
        scenario=scenario,
    )


def _rows(
    new: Sequence[str], listed: Answer[list[str]], rng: random.Random, pool: Pool, made: Made, params: GenerateParams
) -> Dialogue[None]:
    """Asks which of the new instructions are classification tasks, then for the instances of each."""
    kinds = yield from answer(_for_labels(new, pool, params), _labels(len(new)), made, params)
    if not kinds:
        return
    asked: list[tuple[Request, Callable[[Reply], list[tuple[str, str]]]]] = [
        (_for_instances(instruction, is_label, rng, pool, params), _instances(is_label))
        for instruction, is_label in zip(new, kinds.value, strict=True)
    ]
    found = yield from answers(asked, made, params)
    other_keys = (listed.reply.key, kinds.reply.key)
    for instruction, is_label, instances in zip(new, kinds.value, found, strict=True):
        if instances:
            made.examples += [
                Example(
                    recipe=f"self_instruct.{'classification' if is_label else 'task'}",
                    instruction=instruction,
                    input=given,
                    output=output,
                    provenance=instances.provenance(listed.request.sources, other_keys=other_keys),
                )
                for given, output in instances.value
            ]


def _for_labels(new: Sequence[str], pool: Pool, params: GenerateParams) -> Request:
    """The same examples in every round, so that the server reads them once; temperature 0."""
    labelled = [seed for seed in pool.seeds if seed.is_classification][:_CLASSIFICATION_SHOWN]
    others = [seed for seed in pool.seeds if not seed.is_classification][:_OTHERS_SHOWN]
    shown = labelled + others
    random.Random("self_instruct").shuffle(shown)
    return request(
        "self_instruct.classification",
        tuple(seed.id for seed in shown),
        params,
        params.self_instruct,
        _labels_schema(len(new)),
        decoding={"temperature": 0.0},
        shown=shown,
        new=new,
    )


def _labels_schema(count: int) -> dict[str, Any]:
    """The schema with the list's length: a small teacher that may go on writes false without end."""
    schema = Labels.schema_sent()
    schema["properties"]["classification"] |= {"minItems": count, "maxItems": count}
    return schema


def _labels(count: int) -> Callable[[Reply], list[bool]]:
    def read(reply: Reply) -> list[bool]:
        labels = read_json(reply, Labels).classification
        if len(labels) != count:
            raise TeacherReplyMalformed(f"{len(labels)} values for {count} instructions")
        return labels

    return read


def _for_instances(instruction: str, is_label: bool, rng: random.Random, pool: Pool, params: GenerateParams) -> Request:
    shape = OutputFirstInstances if is_label else InputFirstInstances
    alike = [seed for seed in pool.seeds if seed.is_classification == is_label]
    shown = rng.sample(alike, _INSTANCE_EXAMPLES)
    return request(
        f"self_instruct.{'output_first' if is_label else 'input_first'}",
        tuple(seed.id for seed in shown),
        params,
        params.self_instruct,
        shape.schema_sent(),
        shown=shown,
        instruction=instruction,
    )


def _instances(is_label: bool) -> Callable[[Reply], list[tuple[str, str]]]:
    shape: type[OutputFirstInstances | InputFirstInstances] = OutputFirstInstances if is_label else InputFirstInstances

    def read(reply: Reply) -> list[tuple[str, str]]:
        return fit_instances([(one.input.strip(), one.output.strip()) for one in read_json(reply, shape).instances])

    return read


def fit_instances(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The (input, output) pairs that are good instances of one task, without repeats, at most five.

    Raises:
        TeacherReplyMalformed: none is left, or one input has different outputs: then all are dropped.
    """
    fit = [(i, o) for i, o in dict.fromkeys(pairs) if o and i != o and not o.endswith(":")]
    if twice := [given for given, times in Counter(i for i, _ in fit).items() if times > 1]:
        raise TeacherReplyMalformed(f"the input {twice[0][:60]!r} has different outputs")
    if not fit:
        raise TeacherReplyMalformed(
            "no instance with an output that is neither empty, nor its input, nor cut off at ':'"
        )
    return fit[:_MOST_INSTANCES]


def _scenarios(grids: Sequence[Grid], params: GenerateParams) -> list[Cell]:
    """Cells for all rounds there can be, from the grids in turn."""
    rounds = params.self_instruct.max_rounds
    columns = [even_cells(grid, -(-rounds // len(grids)), params.seed) for grid in grids]
    return [cell for row in zip(*columns, strict=True) for cell in row]


def _figures(
    history: Sequence[tuple[int, int]], why: str, pool: Pool, shown: Sequence[Cell], grids: Sequence[Grid]
) -> dict[str, Any]:
    """Rounds, instructions, why the loop ended, how like earlier ones the kept are, and which scenarios were used."""
    tenths = Counter(min(9, int(score * 10)) for score in pool.scores)
    return {
        "rounds": len(history),
        "ended_by": why,
        "instructions": sum(asked for asked, _ in history),
        "instructions_kept": len(pool.kept),
        "rouge_l_to_nearest": {f"{t / 10:.1f}": tenths[t] for t in range(10)},
        "scenarios": coverage(shown, grids),
    }
