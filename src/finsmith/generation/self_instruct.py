"""The Self-Instruct loop: new instructions from seed tasks and earlier new ones, then their instances.

A round shows 6 instructions of people and 2 of its own, asks for eight more, keeps the fit and new ones, asks which are
classification tasks, and asks for instances: the output first for classification, the input first otherwise. Source:
Wang et al. 2022, arXiv 2212.10560, section 2 and appendix A. Beyond it, each of the eight is given a subject and a kind
of work, drawn evenly from grids; in some rounds a scenario takes the subjects' place. Every round depends on the
replies before it only, so a run that was killed goes on from the stored ones. Not covered: which instructions are kept,
that is `instructions`; judging the truth of an output.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

from pydantic import Field

from finsmith.core.dialogue import Dialogue
from finsmith.core.errors import ParamsError, TeacherReplyMalformed
from finsmith.core.records import Example, Reply, Request
from finsmith.korean.rouge_l import Encoder, nearest
from finsmith.text.faults import loop
from finsmith.text.quoting import repeats

from .answers import Answer, Made, answer, answers, read_json
from .grid import GRIDS, Cell, Grid, coverage, even_cells, read_grids
from .instructions import Pool, fault, listed_instructions, schema_for
from .material import Material
from .params import GenerateParams
from .prompting import examples_in, request
from .seeds.seed_tasks import seed_tasks
from .shapes import Shape, Words

_HUMAN, _MACHINE = 6, 2
_CLASSIFICATION_SHOWN, _OTHERS_SHOWN = 12, 19
_FINANCE, _EVERYDAY = 5, 3  # subjects of a round
_INSTANCE_EXAMPLES = 3
_MOST_INSTANCES = 5
_FEWEST_MORPHEMES = 8  # of a text that can be a copy; labels are not
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
    """An instance; where several may come, a small teacher copies the examples for the others."""

    instances: Annotated[list[InputFirst], Field(min_length=1, max_length=1)]


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
    pool = Pool(seed_tasks(), examples_in(params.language, "self_instruct.instructions"))
    grids = read_grids(GRIDS / f"scenarios.{params.language}.yaml")
    cells = _scenarios(grids, params)
    subjects = read_grids(GRIDS / f"subjects.{params.language}.yaml")
    shown, history = list[Cell](), list[tuple[int, int]]()
    why = "max_rounds"
    for number in range(settings.max_rounds):
        cell = cells[len(shown)] if int((number + 1) * settings.scenarios) > int(number * settings.scenarios) else None
        shown += [cell] if cell else []
        asked, new = yield from _round(number, cell, _slots(subjects, number, cell, params), pool, made, params)
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


def _round(
    number: int, cell: Cell | None, slots: Sequence[str], pool: Pool, made: Made, params: GenerateParams
) -> Dialogue[tuple[int, int]]:
    """How many instructions a round gave, and how many of them were new; its rows are in `made`."""
    rng = random.Random(f"{params.seed}:self_instruct:{number}")
    own = rng.sample(pool.kept, min(_MACHINE, len(pool.kept)))
    human = rng.sample(pool.seeds, _HUMAN + _MACHINE - len(own))
    examples = [*(seed.instruction for seed in human), *own]
    rng.shuffle(examples)
    sources = tuple(seed.id for seed in human)
    asked = _for_instructions(examples, cell, slots, sources, params)
    listed = yield from answer(asked, lambda reply: listed_instructions(reply, slots), made, params)
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
    examples: Sequence[str], cell: Cell | None, slots: Sequence[str], sources: tuple[str, ...], params: GenerateParams
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
        schema_for(slots),
        decoding=decoding,
        examples=examples,
        scenario=scenario,
        slots=slots,
    )


def _rows(
    new: Sequence[str], listed: Answer[list[str]], rng: random.Random, pool: Pool, made: Made, params: GenerateParams
) -> Dialogue[None]:
    """Asks which of the new instructions are classification tasks, then for the instances of each."""
    kinds = yield from answer(_for_labels(new, pool, params), _labels(len(new)), made, params)
    if not kinds:
        return
    asked: list[tuple[Request, Callable[[Reply], list[tuple[str, str]]]]] = [
        _for_instances(instruction, is_label, rng, pool, params)
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


def _for_instances(
    instruction: str, is_label: bool, rng: random.Random, pool: Pool, params: GenerateParams
) -> tuple[Request, Callable[[Reply], list[tuple[str, str]]]]:
    """The request for a task's instances, and how its reply is read: no instance is a copy of what the prompt shows."""
    shape: type[OutputFirstInstances | InputFirstInstances] = OutputFirstInstances if is_label else InputFirstInstances
    alike = [seed for seed in pool.seeds if seed.is_classification == is_label]
    shown = rng.sample(alike, _INSTANCE_EXAMPLES)
    asked = request(
        f"self_instruct.{'output_first' if is_label else 'input_first'}",
        tuple(seed.id for seed in shown),
        params,
        params.self_instruct,
        shape.schema_sent(),
        shown=shown,
        instruction=instruction,
    )
    known = [instruction, *(seed.instruction for seed in shown)]
    known += [text for seed in shown for one in seed.instances for text in (one.input, one.output)]

    def read(reply: Reply) -> list[tuple[str, str]]:
        pairs = [(one.input, one.output) for one in read_json(reply, shape).instances]
        return fit_instances(pairs, known, params.self_instruct.novelty_rouge_l)

    return asked, read


def fit_instances(pairs: Sequence[tuple[str, str]], known: Sequence[str], novelty: float) -> list[tuple[str, str]]:
    """The (input, output) pairs that are good instances of one task, without repeats, at most five.

    None of more than a few words is like a `known` text: its ROUGE-L to each is under `novelty`.

    Raises:
        TeacherReplyMalformed: none is left, or one input has different outputs: then all are dropped.
    """
    encoder = Encoder()
    codes = encoder.encode(known)
    if copied := next((text for pair in pairs for text in pair if _is_copy(text, encoder, codes, novelty)), ""):
        raise TeacherReplyMalformed(f"it copies the task or an example: {copied[:60]!r}")
    fit = [pair for pair in dict.fromkeys(pairs) if _is_fit(*pair)]
    if twice := [given for given, times in Counter(i for i, _ in fit).items() if times > 1]:
        raise TeacherReplyMalformed(f"the input {twice[0][:60]!r} has different outputs")
    if not fit:
        raise TeacherReplyMalformed(
            "no instance whose output is neither empty, nor its input, nor cut off at ':', nor said over and over"
        )
    return fit[:_MOST_INSTANCES]


def _is_fit(given: str, output: str) -> bool:
    says_input = given == output or repeats(output, given)
    return bool(output) and not says_input and not output.endswith(":") and not loop(f"{given}\n{output}")


def _is_copy(text: str, encoder: Encoder, codes: Sequence[str], novelty: float) -> bool:
    (code,) = encoder.encode([text])
    return len(code) >= _FEWEST_MORPHEMES and nearest(code, codes, novelty) is not None


def _scenarios(grids: Sequence[Grid], params: GenerateParams) -> list[Cell]:
    """Cells for all rounds there can be, from the grids in turn."""
    rounds = params.self_instruct.max_rounds
    columns = [even_cells(grid, -(-rounds // len(grids)), params.seed) for grid in grids]
    return [cell for row in zip(*columns, strict=True) for cell in row]


def _slots(subjects: Sequence[Grid], number: int, cell: Cell | None, params: GenerateParams) -> list[str]:
    """What each new instruction of a round is about: a subject and a work, or, within a scenario, a work of finance."""
    finance, _ = subjects
    if cell:
        *_, works = finance.axes.values()
        names = [work.name for work in works]
        return [names[(number + at) % len(names)] for at in range(_FINANCE + _EVERYDAY)]
    drawn = [
        one
        for grid, count in zip(subjects, (_FINANCE, _EVERYDAY), strict=True)
        for one in even_cells(grid, (number + 1) * count, params.seed)[number * count :]
    ]
    return [" - ".join(value.name for value in one.values.values()) for one in drawn]


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
