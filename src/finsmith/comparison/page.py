"""A comparison as one HTML file that opens offline. Not covered: drawing; that is passed in."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from finsmith.core.records import CHOICE_LETTERS

from .pairs import by_names
from .result import AXES
from .table import accuracy_cells, choice_marks, cost_cells, findings, setting

Draw = Callable[[str, str, Sequence[Mapping[str, Any]], str], str]  # axis, its label, rows, the mark of the front: SVG
_SIGNIFICANT = 0.05  # two-sided


def comparison_page(content: Mapping[str, Any], draw: Draw) -> str:
    """The page; a picture of costs that are all the same is left out."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True, trim_blocks=True
    )
    return templates.get_template("compare.html.j2").render(
        content=content,
        figures=_figures(content, draw),
        findings=findings(content),
        tables={"Accuracy": accuracy_cells(content), "Costs": cost_cells(content)},
        names=[row["name"] for row in content["rows"]],
        setting=setting,
        matrix=matrix(content),
        letters=CHOICE_LETTERS,
        choice_marks=choice_marks,
    )


def matrix(content: Mapping[str, Any]) -> list[list[dict[str, Any] | None]]:
    """Of each row against each column: points it is better by, p, whether it is significant; None on the diagonal."""
    pairs, names = by_names(content["pairs"]), [row["name"] for row in content["rows"]]
    return [[None if row == column else _cell(pairs, row, column) for column in names] for row in names]


def _cell(pairs: Mapping[tuple[str, str], Mapping[str, Any]], row: str, column: str) -> dict[str, Any]:
    pair = pairs.get((column, row)) or pairs[row, column]
    if "reason" in pair:
        return {"reason": pair["reason"]}
    points = pair["points"] if pair["second"] == row else -pair["points"]
    return {
        "points": points,
        "p": pair["p"],
        "p_holm": pair["p_holm"],
        "significant": pair["p_holm"] <= _SIGNIFICANT,
    }


def _figures(content: Mapping[str, Any], draw: Draw) -> dict[str, str]:
    """The pictures by label; rows have the numbers of the table."""
    numbered = [row | {"number": number} for number, row in enumerate(content["rows"], 1)]
    found = {}
    for axis, (label, mark) in AXES.items():
        rows = [row for row in numbered if mark in row]
        if len({row[axis] for row in rows}) > 1:
            found[label] = draw(axis, label, rows, mark)
    return found
