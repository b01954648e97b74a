"""Draws rows of other recipes for those that work on rows. Not covered: what is done with them."""

from collections.abc import Sequence

from finsmith.core.ids import content_id
from finsmith.core.records import Example

from .material import Material


def draw_rows(material: Material, purpose: str, recipes: Sequence[str], count: int) -> list[Example]:
    """A seeded sample of the rows of these recipes (`family` or `family.task`), taken from each task in turn.

    A row's place in the draw depends on the row alone, so that new rows change little of it.
    """
    tasks: dict[str, list[Example]] = {}
    for row in sorted(material.rows, key=lambda r: content_id([purpose, material.params.seed, r.id])):
        if row.recipe in recipes or row.recipe.split(".")[0] in recipes:
            tasks.setdefault(row.recipe, []).append(row)
    queues = [tasks[name] for name in sorted(tasks)]
    turns = [queue[turn] for turn in range(max(map(len, queues), default=0)) for queue in queues if turn < len(queue)]
    return turns[:count]
