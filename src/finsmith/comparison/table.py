"""A comparison as tables for the terminal and as CSV. Not covered: the same as a page; that is in page."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from finsmith.core.records import CHOICE_LETTERS

from .result import COSTS

_WIDE = 240  # columns of text, where it is no terminal
_SHOWN_PAIRS, _SHOWN_SETTINGS = 10, 6
_NONE = "–"


def print_comparison(content: Mapping[str, Any]) -> None:
    """Prints rows, settings, paired tests and notes; a file or a pager gets the tables wide enough to cut nothing."""
    console = Console()
    if not console.is_terminal:
        console.width = _WIDE
    tables = [_table("accuracy", accuracy_cells(content)), _table("costs", cost_cells(content))]
    if content["settings"]:
        tables.append(settings_table(content))
    if content["pairs_tested"]:
        tables.append(pairs_table(content))
    for table in tables:
        console.print(table)
    for line in (*findings(content), *question_lines(content)):
        console.print(line, markup=False, highlight=False)


def _table(title: str, cells: Sequence[Sequence[str]]) -> Table:
    """Of cells whose first line has the headings."""
    table = Table(title=title, title_justify="left")
    for heading in cells[0]:
        table.add_column(heading, justify="left" if heading == "name" else "right", overflow="fold")
    for row in cells[1:]:
        table.add_row(*map(escape, row))
    return table


def accuracy_cells(content: Mapping[str, Any]) -> list[list[str]]:
    """A table's headings, and for each row accuracy, what was gained and forgotten, and what a point costs."""
    worth = ("USD a point over the cheapest", "USD a point to the best", "front")
    headings = ["#", "name", "accuracy [95 %]", "gain, points", "p of it", "forgotten, points", "total USD", *worth]
    return [headings, *(_accuracy(number, row) for number, row in enumerate(content["rows"], 1))]


def _accuracy(number: int, row: Mapping[str, Any]) -> list[str]:
    told = f"{row['accuracy']:.1%} [{row['low']:.1%}, {row['high']:.1%}]" if row["accuracy"] is not None else _NONE
    return [
        *(str(number), row["name"], told),
        _number(row["gain_points"], "+.1f"),
        _number(row["gain_p"], ".2g"),
        _number(row["forgetting_points"], "+.1f"),
        _number(row.get("total_usd"), ".4f"),
        *(_number(row.get(f"usd_per_point_{to}"), ".4f") for to in ("over_cheapest", "to_best")),
        "●" if row.get("on_front") else "",
    ]


def cost_cells(content: Mapping[str, Any]) -> list[list[str]]:
    """A table's headings, and for each row what its costs are made of; costs that no row has are left out."""
    names = _costs(content)
    rows = [
        [str(number), row["name"], *(_number(row.get(name), ".3f" if "hours" in name else ".4f") for name in names)]
        for number, row in enumerate(content["rows"], 1)
    ]
    return [["#", "name", *(COSTS[name] for name in names)], *rows]


def settings_table(content: Mapping[str, Any]) -> Table:
    """The parameters that are not the same in all; of many the first."""
    names = content["settings"]
    more = f", {_SHOWN_SETTINGS} of {len(names)}; compare.csv has all" if len(names) > _SHOWN_SETTINGS else ""
    table = Table(title=f"parameters that differ{more}", title_justify="left")
    for name in ("#", "name", *names[:_SHOWN_SETTINGS]):
        table.add_column(name, overflow="fold")
    for number, row in enumerate(content["rows"], 1):
        values = (setting(row["settings"][name]) for name in names[:_SHOWN_SETTINGS])
        table.add_row(str(number), *map(escape, (row["name"], *values)))
    return table


def pairs_table(content: Mapping[str, Any]) -> Table:
    """The tested pairs, the surest difference first; of many the first."""
    tested = sorted((pair for pair in content["pairs"] if "p" in pair), key=lambda pair: pair["p"])
    more = f", the {_SHOWN_PAIRS} surest of {len(tested)}" if len(tested) > _SHOWN_PAIRS else ""
    table = Table(title=f"paired tests{more}", title_justify="left")
    for heading in ("first", "second"):
        table.add_column(heading, overflow="fold")
    corrected = ("Holm p",) if len(tested) > 1 else ()
    for heading in ("questions", "points", "gained", "lost", "McNemar p", *corrected):
        table.add_column(heading, justify="right")
    for pair in tested[:_SHOWN_PAIRS]:
        counts = (f"{pair['n']}", f"{pair['points']:+.1f}", f"{pair['gained']}", f"{pair['lost']}")
        p_values = (f"{pair['p']:.2g}", *(f"{pair['p_holm']:.2g}" for _ in corrected))
        table.add_row(escape(pair["first"]), escape(pair["second"]), *counts, *p_values)
    return table


def findings(content: Mapping[str, Any]) -> list[str]:
    """What follows from the tables, and what must be known before comparing, a sentence each."""
    tested, differ = content["pairs_tested"], content["pairs_significant"]
    said = []
    if content["best"] and content["best"] != content["cheapest"]:
        said.append(f"The cheapest is {content['cheapest']}, the most accurate {content['best']}.")
    elif content["best"]:
        said.append(f"{content['best']} is the most accurate, and none is cheaper.")
    if tested:
        correction = " after Holm's correction" if tested > 1 else ""
        said.append(
            f"Of {tested} pairs {differ} differ{'s' if differ == 1 else ''} at 0.05{correction}."
            if tested > 1
            else f"The difference is {'significant' if differ else 'not significant'} at 0.05."
        )
        said.append("A test is of two trainings, not of their settings: another seed gives another adapter.")
    said += [f"{note}." for note in content["notes"]]
    for reason, pairs in untested(content).items():
        told = ", ".join(f"{first} and {second}" for first, second in pairs[:2])
        more = f" and {len(pairs) - 2} pairs more" if len(pairs) > 2 else ""
        said.append(f"Not tested ({told}{more}): {reason}.")
    return said


def untested(content: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """The pairs that were not tested, by reason; those with an entry of which the notes tell already are left out."""
    missing = {row["name"] for row in content["rows"] if row["lacks"]}
    found: dict[str, list[tuple[str, str]]] = {}
    for pair in content["pairs"]:
        if "reason" in pair and not missing & {pair["first"], pair["second"]}:
            found.setdefault(pair["reason"], []).append((pair["first"], pair["second"]))
    return found


def question_lines(content: Mapping[str, Any]) -> Iterator[str]:
    """The questions behind `--pair`, with what each chose."""
    for one in content["differing"]:
        yield ""
        yield f"{one['how']}  {one['stem']}  ({one['id']})"
        for at, choice in enumerate(one["choices"]):
            marks = [what for what, holds in choice_marks(one, at).items() if holds]
            yield f"  {CHOICE_LETTERS[at]} {choice}" + (f"  ← {', '.join(marks)}" if marks else "")


def choice_marks(question: Mapping[str, Any], at: int) -> dict[str, bool]:
    """Whether a choice is the right one, and whether the first and the second named it."""
    named = {who: at in question[who] for who in ("first", "second")}
    return {"right": at == question["answer"]} | named


def comparison_csv(content: Mapping[str, Any]) -> str:
    """The rows as CSV, with a column for each parameter that differs; spreadsheets read it as UTF-8."""
    plain = ("name", "rev", "evaluator", "n", "accuracy", "low", "high", "base_accuracy", "gain_points", "gain_p")
    worth = ("usd_per_point_over_cheapest", "usd_per_point_to_best", "on_front")
    names = [*plain, "forgetting_points", *_costs(content), *worth]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*names, *content["settings"], "lacks"])
    for row in content["rows"]:
        told = ["" if row.get(name) is None else row[name] for name in names]
        values = (setting(row["settings"][name]) for name in content["settings"])
        writer.writerow([*told, *values, "; ".join(row["lacks"])])
    return "\ufeff" + out.getvalue()


def setting(value: Any) -> str:
    """A parameter's value as it stands in params.yaml; one that is not there is a dash."""
    if isinstance(value, list):
        return f"[{', '.join(map(setting, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return _NONE if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _costs(content: Mapping[str, Any]) -> list[str]:
    return [name for name in COSTS if any(name in row for row in content["rows"])]


def _number(value: float | None, form: str) -> str:
    return _NONE if value is None else format(value, form)
