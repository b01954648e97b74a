"""What a run will take and give, before anyone is called: calls, tokens, USD, minutes and rows of each recipe.

The first requests of a sample of dialogues are built and measured. What follows them, and how long replies are, is
expected from earlier replies of the same model where there are some, else from figures measured with the embedded
teacher. Not covered: discounts for prompts an endpoint has in its cache.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, get_args

from finsmith.core.dialogue import Dialogue, Rates
from finsmith.core.records import Observed, Record, Request

from .answers import Made
from .generate import Generated, Recipe, chosen_recipes
from .material import Material
from .params import Operation

_COMPARED = ("calls", "prompt_tokens", "completion_tokens", "usd", "rows")
_SAMPLE = 40  # dialogues of a recipe whose first requests are built
_BYTES_PER_TOKEN = 3.0  # of Korean prompts with the embedded teacher
_OPERATIONS = get_args(Operation)
_ROWS_PER_ROUND = 4.0  # of self_instruct, with the embedded teacher


class Task(NamedTuple):
    """Calls of a task for each first request of its recipe, and the tokens of its reply."""

    calls: float
    completion_tokens: float


class Expected(NamedTuple):
    """The tasks that a first request leads to, the rows it gives, and its tokens where no sample can be built."""

    tasks: Mapping[str, Task]
    rows: float
    prompt_tokens: float = 600


# Measured with the embedded teacher on the sample and on three real documents, questions asked twice included.
EXPECTED: dict[str, Expected] = {
    "summary": Expected({"summary": Task(1.1, 100)}, 0.95),
    "multiple_choice": Expected(
        {"multiple_choice": Task(1.2, 125), "multiple_choice.calculation": Task(0.1, 110)}, 1.6
    ),
    "rag": Expected({"rag.question": Task(1.1, 100), "rag.check": Task(2.5, 25), "rag.shorten": Task(2.0, 140)}, 0.6),
    "textbook": Expected({"textbook.passage": Task(0.6, 300), "textbook.term": Task(0.6, 300)}, 0.9),
    "self_instruct": Expected(
        {
            "self_instruct.instructions": Task(1.0, 300),
            "self_instruct.classification": Task(1.0, 40),
            "self_instruct.input_first": Task(4.0, 350),
            "self_instruct.output_first": Task(1.0, 250),
        },
        _ROWS_PER_ROUND,
        900,
    ),
    "evolve": Expected(
        {
            **{f"evolve.{operation}": Task(1.2 / len(_OPERATIONS), 80) for operation in _OPERATIONS},
            "evolve.compare": Task(0.8, 8),
            "evolve.answer": Task(0.8, 300),
        },
        0.7,
    ),
    "improve": Expected({"improve.answer": Task(1.1, 300)}, 0.9),
}


class Estimate(Record):
    """What a recipe will take and give; `minutes` is None where replies of the model have never been timed."""

    calls: float
    prompt_tokens: float
    completion_tokens: float
    usd: float
    minutes: float | None
    rows: float


def estimate(material: Material, rates: Mapping[str, Rates]) -> dict[str, Estimate]:
    """The estimate of each recipe that asks a teacher; `rates` are by the teacher's name.

    Raises:
        ParamsError: a recipe that is not in GENERATORS.
    """
    recipes = {name: recipe for name, recipe in chosen_recipes(material).items() if name in EXPECTED}
    return {
        name: _of_recipe(name, recipe, material, rates[getattr(material.params, name).teacher])
        for name, recipe in recipes.items()
    }


def _of_recipe(name: str, recipe: Recipe, material: Material, rates: Rates) -> Estimate:
    expected = EXPECTED[name]
    first, sampled, dialogues = _first_requests(recipe, material)
    units = _units(name, recipe, material, len(first) * dialogues / max(1, sampled))
    calls = prompt = completion = seconds = 0.0
    for task, (per_unit, tokens) in expected.tasks.items():
        seen = rates.observed.get(task)
        number = units * per_unit
        calls += number
        prompt += number * _prompt_tokens(first, seen, rates.observed, expected)
        completion += number * (seen.completion_tokens if seen else tokens)
        seconds += number * (seen.seconds if seen else float("nan"))
    return Estimate(
        calls=calls,
        prompt_tokens=prompt,
        completion_tokens=completion,
        usd=rates.cost_usd(prompt, completion),
        minutes=None if seconds != seconds else seconds / 60 / rates.slots,
        rows=units * expected.rows,
    )


def _units(name: str, recipe: Recipe, material: Material, first_requests: float) -> float:
    """How often the expected tasks come: once a first request, a round of the loop, or a drawn row."""
    if name == "self_instruct":
        settings = material.params.self_instruct
        return min(settings.max_rounds, settings.target / _ROWS_PER_ROUND)
    return recipe.most(material) if recipe.of_rows else first_requests


def _first_requests(recipe: Recipe, material: Material) -> tuple[list[Request], int, int]:
    """The first requests of a sample of the recipe's dialogues, how many were sampled, and how many there are."""
    dialogues = list(_dialogues(recipe, material))
    step = max(1, len(dialogues) // _SAMPLE)
    sample = dialogues[::step]
    return list(chain.from_iterable(_first(dialogue) for dialogue in sample)), len(sample), len(dialogues)


def _dialogues(recipe: Recipe, material: Material) -> Iterator[Dialogue[Made]]:
    if recipe.of_corpus:
        yield from recipe.of_corpus(material)
    if recipe.of_passage:
        yield from (recipe.of_passage(passage, material) for passage in material.chosen)


def _first(dialogue: Dialogue[Made]) -> Sequence[Request]:
    try:
        return next(dialogue)
    except StopIteration:
        return []
    finally:
        dialogue.close()


def _prompt_tokens(
    first: Sequence[Request], seen: Observed | None, observed: Mapping[str, Observed], expected: Expected
) -> float:
    """Tokens of a prompt: by the sample's bytes where there is one, else as they were before."""
    if not first:
        return seen.prompt_tokens if seen else expected.prompt_tokens
    known = list(observed.values())
    ratio = sum(one.bytes_per_prompt_token for one in known) / len(known) if known else _BYTES_PER_TOKEN
    size = sum(len(text.encode()) for request in first for _, text in request.messages) / len(first)
    return size / ratio


def told_after(guessed: Mapping[str, Estimate], made: Generated, accounts: Mapping[str, Any]) -> dict[str, Any]:
    """The estimates, and by how much they were off what came: printed as a table, and returned for the metrics."""
    came = {name: _came(one["rows"], accounts["by_recipe"].get(name, {})) for name, one in made.yields.items()}
    if guessed:
        print("\n".join(["what was estimated -> what came", *estimate_table(guessed, came)]))
    return {
        "guessed": {name: one.model_dump() for name, one in guessed.items()},
        "error": {
            name: {field: _error(getattr(one, field), getattr(came[name], field)) for field in _COMPARED}
            for name, one in guessed.items()
        },
    }


def _came(rows: int, spent: Mapping[str, float]) -> Estimate:
    return Estimate(
        calls=spent.get("calls", 0),
        prompt_tokens=spent.get("prompt_tokens", 0),
        completion_tokens=spent.get("completion_tokens", 0),
        usd=spent.get("usd", 0.0),
        minutes=None,
        rows=rows,
    )


def _error(guessed: float, came: float) -> float | None:
    """Estimated over real, minus 1; None where the real figure is 0."""
    return round(guessed / came - 1, 3) if came else None


def estimate_table(estimates: Mapping[str, Estimate], came: Mapping[str, Estimate] | None = None) -> list[str]:
    """The estimates as lines for people, each figure beside what came of it where that is known."""
    head = f"{'recipe':<16}{'calls':>16}{'prompt tokens':>22}{'reply tokens':>20}{'USD':>20}{'minutes':>10}{'rows':>14}"
    return [head, *(_line(name, one, came.get(name) if came else None) for name, one in estimates.items())]


def _line(name: str, guess: Estimate, came: Estimate | None) -> str:
    def cell(field: str, width: int, digits: int = 0) -> str:
        guessed = getattr(guess, field)
        text = "-" if guessed is None else f"{guessed:,.{digits}f}"
        if came is not None and getattr(came, field) is not None:
            text += f" -> {getattr(came, field):,.{digits}f}"
        return f"{text:>{width}}"

    figures = (("calls", 16), ("prompt_tokens", 22), ("completion_tokens", 20))
    told = "".join(cell(field, width) for field, width in figures)
    return f"{name:<16}{told}{cell('usd', 20, 4)}{cell('minutes', 10, 1)}{cell('rows', 14)}"
