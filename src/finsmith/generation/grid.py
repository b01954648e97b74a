"""Grids of scenario axes, and an even walk over their cells.

Not covered: whether the values of a cell go together; a grid's author sees to that.
"""

import itertools
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from math import gcd, lcm, prod
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from finsmith.core.errors import ParamsError
from finsmith.core.params import Params
from finsmith.core.records import Identified

GRIDS = Path(__file__).with_name("grids")
Name = Annotated[str, Field(min_length=1)]


class Value(Params):
    """A value of an axis; the description tells how to write for it, and may be empty."""

    name: Name
    description: str = ""


def _fields(written: Any) -> Any:
    """A value's fields from `name` or `{name: description}`; anything else as it is."""
    if isinstance(written, str):
        return {"name": written}
    if isinstance(written, dict) and len(written) == 1:
        return dict(zip(("name", "description"), *written.items(), strict=True))
    return written


def _distinct(named: Any) -> Any:
    if doubled := [name for name, times in Counter(each.name for each in named).items() if times > 1]:
        raise ValueError(f"stands twice: {doubled}")
    return named


T = TypeVar("T")
_Distinct = Annotated[tuple[T, ...], Field(min_length=1), AfterValidator(_distinct)]


class Grid(Params):
    """Named axes with their values; the title is for people."""

    name: Name
    title: Name
    axes: Annotated[dict[Name, _Distinct[Annotated[Value, BeforeValidator(_fields)]]], Field(min_length=1)]

    @property
    def size(self) -> int:
        """The number of its cells."""
        return prod(map(len, self.axes.values()))


class Cell(Identified):
    """One value for each axis of a grid."""

    grid: str
    values: dict[str, Value]


class _File(Params):
    grids: _Distinct[Grid]


def read_grids(path: Path) -> list[Grid]:
    """The grids of a YAML file, in its order.

    Raises:
        ParamsError: the file is absent or no YAML, or a key or value is not as it should be.
    """
    try:
        return list(_File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).grids)
    except FileNotFoundError as error:
        raise ParamsError(f"{path}: not found.") from error
    except yaml.YAMLError as error:
        raise ParamsError(f"{path}: not valid YAML: {error}") from error
    except ValidationError as error:
        places = [(".".join(map(str, problem["loc"])) or "top level", problem) for problem in error.errors()]
        faults = [f"{path}: `{place}`: {problem['msg']} (got {problem['input']!r})." for place, problem in places]
        raise ParamsError("\n".join(faults)) from error


def even_cells(grid: Grid, count: int, seed: int) -> list[Cell]:
    """`count` cells, of which those of a smaller count are the first.

    After any number of cells the uses of an axis' values differ by at most 1, and no cell comes twice before all have
    come once. Pairs of values are spread too: if no two axes' lengths share a factor, as evenly as single values.
    """
    return list(itertools.islice(_rounds(grid, seed), count))


def _rounds(grid: Grid, seed: int) -> Iterator[Cell]:
    """All cells, again and again, each time in another order."""
    for turn in itertools.count():
        rng = random.Random(f"{seed}:{grid.name}:{turn}")
        axes = {axis: rng.sample(values, len(values)) for axis, values in grid.axes.items()}
        for place in _walk([len(values) for values in axes.values()], rng):
            chosen = {axis: values[at] for (axis, values), at in zip(axes.items(), place, strict=True)}
            yield Cell(grid=grid.name, values=chosen)


def _walk(lengths: Sequence[int], rng: random.Random) -> Iterator[list[int]]:
    """Every place of a grid once: an index for each axis.

    If no two lengths share a factor, `step % length` is enough (Chinese remainder theorem). Else the axes before come
    round in phase with this one, and each of their places meets only every `shared`-th index. So the axis is cut into
    groups of `shared` indices. The order within a group is drawn for each `shared` places of the axes before, and moves
    on by one each time both have come round: whatever the orders, the walk is even and complete. They are drawn such
    that values meet those that they have met least.
    """
    orders: dict[tuple[int, int], list[int]] = {}
    pairs: Counter[tuple[int, ...]] = Counter()
    for step in range(prod(lengths)):
        place: list[int] = []
        before = 1
        for axis, length in enumerate(lengths):
            shared = gcd(before, length)
            first = step % length // shared * shared
            order = orders.setdefault((axis, step % before // shared), [])
            turn = (step + step // lcm(before, length)) % shared
            if turn == len(order):
                met = [sum(pairs[axis, first + k, *other] for other in enumerate(place)) for k in range(shared)]
                order.append(min(set(range(shared)) - set(order), key=lambda k: (met[k], rng.random())))
            pairs.update((axis, first + order[turn], *other) for other in enumerate(place))
            place.append(first + order[turn])
            before *= length
        yield place


def coverage(cells: Sequence[Cell], grids: Sequence[Grid]) -> dict[str, Any]:
    """By grid: cells drawn, different ones, and all there are; by axis the fewest and most uses of a value.

    `never` counts the values without a use. Cells of other grids are not looked at.
    """
    report: dict[str, Any] = {}
    for grid in grids:
        drawn = [cell for cell in cells if cell.grid == grid.name]
        axes = {}
        for axis, values in grid.axes.items():
            uses = {value.name: 0 for value in values} | Counter(cell.values[axis].name for cell in drawn)
            never = sum(not times for times in uses.values())
            axes[axis] = {"min": min(uses.values()), "max": max(uses.values()), "never": never}
        used = len({cell.id for cell in drawn})
        report[grid.name] = {"drawn": len(drawn), "used": used, "of": grid.size, "axes": axes}
    return report
