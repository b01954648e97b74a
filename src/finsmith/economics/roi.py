"""What the own model costs month by month beside a hosted one that is paid per query, and what that hangs on.

Month 0 is the build; costs of a month fall at its end. Each quarter after the first begins with its retrainings. Costs
are compared at whatever accuracy either model has: a better answer is given no price. Not covered: words and figures.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from finsmith.core.errors import SourceError

from .params import RoiParams, assumptions, with_value

_QUARTER = 3
_FEWEST_QUERIES, _STEP, _STEPS = 1_000.0, 1.02, 700  # up to about a thousand million a month


@dataclass(frozen=True)
class Figures:
    """What a run or `roi.build` says of the build: USD of each training, and the hours of it where a run has them.

    `api_usd` and `checked_rows` (test questions too) are the run's, 0 where `roi.build` gives the USD or the days.
    """

    api_usd: float
    gpu_usd: Mapping[str, float]
    gpu_hours: float | None
    checked_rows: float


@dataclass(frozen=True)
class Month:
    """What falls in one month, discounted, and the sums up to it."""

    month: int
    gpus: int
    own_usd: float
    hosted_usd: float
    own_cumulative_usd: float
    hosted_cumulative_usd: float


def figures(params: RoiParams, summary: Mapping[str, Any] | None) -> Figures:
    """The build's figures: what `roi.build` gives, the rest from summary.json.

    Raises:
        SourceError: a figure is to come from a run, and there is none, or it lacks it.
    """
    build = params.build
    if build.needs_run and summary is None:
        missing = [name for name in ("api_usd", "gpu_usd", "review_days") if getattr(build, name) is None]
        raise SourceError(
            "reports/summary.json: not found, and no value is given for "
            f"{', '.join(f'`roi.build.{name}`' for name in missing)}. Run `dvc repro`, or give them."
        )
    run: Mapping[str, Any] = summary or {}
    try:
        return Figures(
            api_usd=0.0 if build.api_usd else run["costs"]["openai_usd_total"],
            gpu_usd=build.gpu_usd if build.gpu_usd is not None else {"adapter": run["costs"]["device_usd"]},
            gpu_hours=run["costs"]["device_hours"] if build.gpu_usd is None else None,
            checked_rows=0.0 if build.review_days else _checked_rows(run, params),
        )
    except KeyError as error:
        raise SourceError(
            f"reports/summary.json lacks {error}: another version wrote it. Run `dvc repro`, or give `roi.build`."
        ) from error


def _checked_rows(run: Mapping[str, Any], params: RoiParams) -> float:
    """How many of the kept rows and of the closed test's questions people check."""
    shares, questions = params.review.checked_share, run["testset"]["questions"]
    rows = sum(one["kept"] * shares.get(name, 0.0) for name, one in run["recipes"].items())
    return float(rows + questions * params.review.test_share)


def review_days(rows: float, params: RoiParams) -> float:
    """Person-days to check so many rows."""
    return rows * params.review.minutes_per_row.value / 60 / params.review.hours_per_day


def build_cost(params: RoiParams, made: Figures) -> dict[str, float]:
    """The build's days and USD."""
    given, days_given = params.build.api_usd, params.build.review_days
    checking = days_given.value if days_given else review_days(made.checked_rows, params)
    days = checking + params.people.build_days.value
    costs = {
        "api_usd": given.value if given else made.api_usd,
        "gpu_usd": sum(made.gpu_usd.values()) * params.build.trainings.value,
        "people_usd": days * _day_rate_usd(params),
    }
    return {"review_days": checking, "people_days": days, **costs, "usd": sum(costs.values())}


def gpus_needed(params: RoiParams, queries_per_month: float) -> int:
    """GPUs for the busiest moment: tokens a second then, over what a replica is planned to do."""
    load, serving = params.load, params.serving
    tokens = load.prompt_tokens.value + load.completion_tokens.value
    busy_seconds = load.busy_hours_per_month.value * 3600
    at_peak = queries_per_month * tokens / busy_seconds * load.peak_factor.value
    replicas = at_peak / (serving.tokens_per_second.value * serving.utilisation.value)
    return serving.gpus_per_replica * max(math.ceil(serving.least_replicas.value), math.ceil(replicas))


def retraining_cost(params: RoiParams, build: Mapping[str, float]) -> float:
    """USD of one retraining, from the build's."""
    again = params.retraining
    return (
        build["api_usd"] * again.api_share.value
        + build["gpu_usd"] * again.gpu_share.value
        + build["people_usd"] * again.people_share.value
    )


def hosted_query_usd(params: RoiParams) -> float:
    """USD of one query at the hosted model's price of today."""
    load, hosted = params.load, params.hosted
    return (
        load.prompt_tokens.value * hosted.usd_per_million_prompt_tokens.value
        + load.completion_tokens.value * hosted.usd_per_million_completion_tokens.value
    ) / 1e6


def outlook(params: RoiParams, made: Figures) -> list[Month]:
    """Month 0 and those after it."""
    build = build_cost(params, made)
    retraining = retraining_cost(params, build) * params.retraining.per_quarter.value
    months = [Month(0, 0, build["usd"], 0.0, build["usd"], 0.0)]
    for number in range(1, params.months + 1):
        years = (number - 1) / 12
        queries = params.load.queries_per_month.value * (1 + params.load.growth_per_year.value) ** years
        gpus = gpus_needed(params, queries)
        own = (
            gpus * params.serving.usd_per_gpu_hour.value * params.serving.held_hours_per_month.value
            + params.people.run_days_per_month.value * _day_rate_usd(params)
            + (retraining if number > 1 and number % _QUARTER == 1 else 0.0)
        )
        hosted = queries * hosted_query_usd(params) * (1 + params.hosted.price_change_per_year.value) ** years
        counts = (1 + params.discount_rate.value) ** (-number / 12)
        last = months[-1]
        own, hosted = own * counts, hosted * counts
        months.append(
            Month(number, gpus, own, hosted, last.own_cumulative_usd + own, last.hosted_cumulative_usd + hosted)
        )
    return months


def payback_month(months: list[Month]) -> int | None:
    """The first month after the build up to which the own model has cost no more; None where there is none."""
    return next((m.month for m in months[1:] if m.own_cumulative_usd <= m.hosted_cumulative_usd), None)


def roi(
    params: RoiParams, made: Figures, summary: Mapping[str, Any] | None, p4d_usd_per_gpu_hour: float
) -> dict[str, Any]:
    """The content of roi.json."""
    months, build, rate = outlook(params, made), build_cost(params, made), params.krw_per_usd.value
    last = months[-1]
    own, hosted = last.own_cumulative_usd, last.hosted_cumulative_usd
    money = {"build": build["usd"], "own": own, "hosted": hosted, "saving": hosted - own}
    return {
        "months": params.months,
        "payback_month": payback_month(months),
        "saving_each_month_usd": (hosted - (own - build["usd"])) / params.months,
        "usd": money,
        "krw": {name: usd * rate for name, usd in money.items()},
        "krw_per_usd": rate,
        "krw_rate_of": str(params.krw_rate_of),
        "discount_rate": params.discount_rate.value,
        "build": build | {"figures_from_run": params.build.needs_run},
        "trainings": {
            name: {"usd": usd, "gpu_hours": usd / p4d_usd_per_gpu_hour if made.gpu_hours is None else made.gpu_hours}
            for name, usd in made.gpu_usd.items()
        },
        "hours_are_implied_by_usd_per_gpu_hour": p4d_usd_per_gpu_hour if made.gpu_hours is None else None,
        "retraining_usd": retraining_cost(params, build),
        "gpus": months[1].gpus,
        "gpus_at_the_end": last.gpus,
        "gpu_month_usd": months[1].gpus
        * params.serving.usd_per_gpu_hour.value
        * params.serving.held_hours_per_month.value,
        "people_month_usd": params.people.run_days_per_month.value * _day_rate_usd(params),
        "hosted_month_usd": params.load.queries_per_month.value * hosted_query_usd(params),
        "hosted_query_usd": hosted_query_usd(params),
        "queries_per_month": params.load.queries_per_month.value,
        "break_even_queries_per_month": break_even_queries(params, made),
        "hosted_model": params.hosted.model,
        "accuracy": accuracies(params, summary),
        "assumptions": {key: assumed.model_dump() for key, assumed in assumptions(params)},
        "tornado": tornado(params, made),
        "monthly": [asdict(month) for month in months],
    }


def headline(content: Mapping[str, Any]) -> dict[str, Any]:
    """What summary.json keeps of it: figures only, to the cent and the won, so that `dvc exp show` can list them."""
    usd = {f"{name}_usd": round(value, 2) for name, value in content["usd"].items()}
    krw = {f"{name}_krw": round(value) for name, value in content["krw"].items()}
    told = {name: content[name] for name in ("months", "payback_month", "krw_per_usd", "hosted_model")}
    queries, even = content["queries_per_month"], content["break_even_queries_per_month"]
    told |= {"queries_per_month": queries, "break_even_queries_per_month": None if even is None else round(even)}
    return told | usd | krw


def accuracies(params: RoiParams, summary: Mapping[str, Any] | None) -> dict[str, Any]:
    """Both models' accuracies on the closed test; None where the model has not sat it."""
    evaluation = summary["evaluation"] if summary else {}
    return {
        "own": evaluation.get("adapter"),
        "hosted": evaluation.get("hosted", {}).get(params.hosted.model),
        "questions": evaluation.get("n"),
    }


def break_even_queries(params: RoiParams, made: Figures) -> float | None:
    """The fewest queries a month at which the own model has cost no more by the last month, all else as assumed.

    Looked for in steps of 2 %, as GPUs come one by one, then halved; None where a thousand million are too few.
    """

    def pays(queries: float) -> bool:
        last = outlook(with_value(params, "load.queries_per_month", queries), made)[-1]
        return last.own_cumulative_usd <= last.hosted_cumulative_usd

    tried = (_FEWEST_QUERIES * _STEP**step for step in range(_STEPS))
    high = next((queries for queries in tried if pays(queries)), None)
    if high is None:
        return None
    low = high / _STEP
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (low, middle) if pays(middle) else (middle, high)
    return high


def tornado(params: RoiParams, made: Figures) -> list[dict[str, Any]]:
    """Saving and payback with each assumption at its low and its high, the others at their values; widest first.

    Assumptions without a width, and those that change nothing here, are left out.
    """
    base = _ends(params, made)
    bars = []
    for key, assumed in assumptions(params):
        ends = {end: _ends(with_value(params, key, getattr(assumed, end)), made) for end in ("low", "high")}
        savings = [one["saving_usd"] for one in (base, *ends.values())]
        if (width := max(savings) - min(savings)) > 0:
            bars.append({"assumption": key, **assumed.model_dump(), "at": ends, "base": base, "width_usd": width})
    return sorted(bars, key=lambda bar: -bar["width_usd"])


def _ends(params: RoiParams, made: Figures) -> dict[str, Any]:
    months = outlook(params, made)
    last = months[-1]
    return {
        "saving_usd": last.hosted_cumulative_usd - last.own_cumulative_usd,
        "own_usd": last.own_cumulative_usd,
        "hosted_usd": last.hosted_cumulative_usd,
        "payback_month": payback_month(months),
    }


def _day_rate_usd(params: RoiParams) -> float:
    return params.people.day_rate_krw.value / params.krw_per_usd.value
