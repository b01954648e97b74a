"""How many rows an accuracy or a budget stands for, and what they take: calls, USD, days of review, device hours.

The curve of accuracy over rows is passed in; a kept row takes what it took in the last run. Rows go to recipes in the
proportion the last run kept them in, and past what the corpus bears to those recipes that bear more. Not covered: rows
of a recipe that kept none in the last run; a test set.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from finsmith.core.errors import ParamsError, SourceError

from .params import RoiParams
from .roi import review_days

GENERAL = "general"


class Ahead(Protocol):
    """What the trainings say of other numbers of rows."""

    @property
    def fewest(self) -> int:
        """The fewest rows it is asked about."""

    @property
    def most(self) -> int:
        """The most rows it is asked about."""

    def accuracy(self, rows: float) -> dict[str, float]:
        """Value, low and high."""

    def rows_for(self, accuracy: float) -> dict[str, float | None]:
        """Value, low and high; None is beyond reach."""

    def hours(self, rows: float) -> float:
        """Device hours of a training."""

    def line_accuracy(self, rows: float) -> float:
        """What the straight line beside the curve says."""

    def line_rows_for(self, accuracy: float) -> int | None:
        """Rows by the straight line; None is beyond reach."""

    @property
    def aic(self) -> Mapping[str, float]:
        """How well `curve` and `line` fit; less is better."""


@dataclass(frozen=True)
class Yield:
    """What the last run says of a recipe: rows kept, how many the corpus bears after the filters, what a row takes."""

    kept: int
    bears: int
    calls_per_row: float
    usd_per_row: float
    checked_share: float
    asks_teacher: bool


@dataclass(frozen=True)
class Material:
    """The last run as a plan needs it; `judge_` is what the judging of a row took."""

    yields: Mapping[str, Yield]
    judge_calls_per_row: float
    judge_usd_per_row: float
    at_reference_price: bool
    pages: int
    terms: int
    usd_per_device_hour: float


def material(
    summary: Mapping[str, Any], judge: Mapping[str, Any], params: RoiParams, usd_per_device_hour: float
) -> Material:
    """The last run's yields, from summary.json and the metrics of `judge`; a free teacher's at the reference price.

    Raises:
        SourceError: the last run kept no domain row, or its figures are those of another version.
    """
    try:
        return _material(summary, judge, params, usd_per_device_hour)
    except KeyError as error:
        raise SourceError(
            f"reports/summary.json or reports/metrics/judge.json lacks {error}: another version wrote it. `dvc repro`."
        ) from error


def _material(
    summary: Mapping[str, Any], judge: Mapping[str, Any], params: RoiParams, usd_per_device_hour: float
) -> Material:
    recipes = {name: one for name, one in summary["recipes"].items() if name != GENERAL and one["kept"]}
    if not recipes:
        raise SourceError("reports/summary.json: the last run kept no domain row, so there is no yield to plan with.")
    free = not any(one["usd"] for one in recipes.values())
    per_row, in_all = (
        ("reference_usd_per_kept_row", "usd_at_reference_price") if free else ("usd_per_kept_row", "usd_total")
    )
    kept = sum(one["kept"] for one in recipes.values())
    capacity = summary["capacity"]
    return Material(
        yields={
            name: Yield(
                kept=one["kept"],
                bears=max(one["kept"], int(capacity.get(name, 0) * one["kept"] / one["rows"])),
                calls_per_row=one["calls"] / one["kept"],
                usd_per_row=one[per_row],
                checked_share=params.review.checked_share.get(name, 0.0),
                asks_teacher=one["asked"] > 0,
            )
            for name, one in recipes.items()
        },
        judge_calls_per_row=judge["calls_total"] / kept,
        judge_usd_per_row=judge[in_all] / kept,
        at_reference_price=free,
        pages=summary["corpus"]["pages"],
        terms=summary["corpus"]["terms"],
        usd_per_device_hour=usd_per_device_hour,
    )


def split(rows: int, yields: Mapping[str, Yield]) -> dict[str, int]:
    """Rows by recipe, `rows` in all: in the proportion kept, a recipe that is full giving its share to the others.

    What no recipe bears goes to those that ask a teacher, or where none does to all, in the same proportion: it is what
    the corpus must grow for.
    """
    given = dict.fromkeys(yields, 0.0)
    left = float(rows)
    while left > 1e-9 and (open_ := [name for name in yields if given[name] < yields[name].bears - 1e-9]):
        kept = sum(yields[name].kept for name in open_)
        for name, wanted in [(name, left * yields[name].kept / kept) for name in open_]:
            took = min(wanted, yields[name].bears - given[name])
            given[name] += took
            left -= took
    growing = _growing(yields)
    kept = sum(yields[name].kept for name in growing)
    for name in growing:
        given[name] += max(left, 0.0) * yields[name].kept / kept
    whole = {name: int(amount + 1e-9) for name, amount in given.items()}
    by_rest = sorted(yields, key=lambda name: whole[name] - given[name])
    for name in by_rest[: rows - sum(whole.values())]:
        whole[name] += 1
    return whole


def cost(rows: int, of: Material, ahead: Ahead, params: RoiParams) -> dict[str, Any]:
    """What so many domain rows take: by recipe, and in all. Rows that the last run kept are paid for already."""
    planned = split(rows, of.yields)
    recipes = {name: _of_recipe(planned[name], one, params) for name, one in of.yields.items()}
    new = sum(one["new_rows"] for one in recipes.values())
    over = sum(one["beyond_corpus"] for one in recipes.values())
    judge = {"calls": of.judge_calls_per_row * new, "usd": of.judge_usd_per_row * new}
    hours = ahead.hours(rows)
    api = sum(one["usd"] for one in recipes.values()) + judge["usd"]
    return {
        "rows": rows,
        "new_rows": new,
        "recipes": recipes,
        "judge": judge,
        "calls": sum(one["calls"] for one in recipes.values()) + judge["calls"],
        "api_usd": api,
        "review_days": sum(one["review_days"] for one in recipes.values()),
        "device_hours": hours,
        "device_usd": hours * of.usd_per_device_hour,
        "usd": api + hours * of.usd_per_device_hour,
        "beyond_corpus": over,
        "more": _more(over, of),
    }


def plan_accuracy(accuracy: float, of: Material, ahead: Ahead, params: RoiParams) -> dict[str, Any]:
    """The plan for an accuracy: the rows the curve asks for, with their interval; where beyond reach the best in reach.

    Raises:
        ParamsError: it is no accuracy.
    """
    if not 0 < accuracy <= 1:
        raise ParamsError(f"--accuracy {accuracy:g}: must be above 0, 1 at most; 0.45 is 45 of 100.")
    wanted = ahead.rows_for(accuracy)
    found = None if wanted["value"] is None else int(wanted["value"])
    asked = {"asked": {"accuracy": accuracy}, "reached": found is not None, "rows_interval": wanted}
    asked["line_rows"] = ahead.line_rows_for(accuracy)
    return asked | _told(found or ahead.most, of, ahead, params)


def plan_budget(usd: float, of: Material, ahead: Ahead, params: RoiParams) -> dict[str, Any]:
    """The plan that a budget of calls and device hours pays for; people's days are told beside it.

    Raises:
        ParamsError: it does not pay for the fewest rows that the curve is asked about.
    """
    least = cost(ahead.fewest, of, ahead, params)["usd"]
    if usd < least:
        cents = math.ceil(least * 100)
        raise ParamsError(
            f"--budget-usd {usd:g}: a training on {ahead.fewest:,} rows, the fewest that were tried, takes "
            f"{cents / 100:.2f} USD."
        )
    rows = _most_where(lambda n: cost(n, of, ahead, params)["usd"] <= usd, ahead.fewest, ahead.most)
    return {"asked": {"budget_usd": usd}, "reached": rows < ahead.most} | _told(rows, of, ahead, params)


def _told(rows: int, of: Material, ahead: Ahead, params: RoiParams) -> dict[str, Any]:
    return {
        "accuracy": ahead.accuracy(rows),
        "line_accuracy": ahead.line_accuracy(rows),
        "aic": dict(ahead.aic),
        "most_rows": ahead.most,
        "at_reference_price": of.at_reference_price,
        "usd_per_device_hour": of.usd_per_device_hour,
        **cost(rows, of, ahead, params),
    }


def _of_recipe(rows: int, one: Yield, params: RoiParams) -> dict[str, float]:
    new = max(0, rows - one.kept)
    return {
        "rows": rows,
        "new_rows": new,
        "bears": one.bears,
        "beyond_corpus": max(0, rows - one.bears),
        "calls": new * one.calls_per_row,
        "usd": new * one.usd_per_row,
        "review_days": review_days(new * one.checked_share, params),
    }


def _growing(yields: Mapping[str, Yield]) -> list[str]:
    return [name for name, one in yields.items() if one.asks_teacher] or list(yields)


def _more(over: float, of: Material) -> dict[str, Any] | None:
    """What the corpus must have more of for so many rows, at the present yield; None where it bears all."""
    if not over:
        return None
    growing = _growing(of.yields)
    unit, present = ("pages", of.pages) if of.yields[growing[0]].asks_teacher else ("terms", of.terms)
    per_unit = sum(of.yields[name].bears for name in growing) / present if present else 0.0
    return {"unit": unit, "count": -int(-over // per_unit) if per_unit else None, "present": present}


def _most_where(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The last number from `low` to `high` for which it holds; it must hold at `low`."""
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low
