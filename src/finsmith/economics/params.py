"""Assumptions on money, load and people, each a value and the ends it may lie between.

Not covered: what a run measured.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from finsmith.core.params import Params, Section


class Assumption(Params):
    """What is computed with, and the least and most it may be; low <= value <= high."""

    value: float
    low: float
    high: float

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise ValueError("low <= value <= high must hold")
        return self


def _within(least: float, most: float, what: str) -> Callable[[Assumption], Assumption]:
    def check(assumption: Assumption) -> Assumption:
        if assumption.low < least or assumption.high > most:
            raise ValueError(f"must be {what}")
        return assumption

    return check


_MANY = 1e15  # refuses infinity
Amount = Annotated[Assumption, AfterValidator(_within(0, _MANY, "0 or more"))]
Positive = Annotated[Assumption, AfterValidator(_within(1e-9, _MANY, "above 0"))]
Count = Annotated[Assumption, AfterValidator(_within(1, 1e6, "1 or more"))]
Share = Annotated[Assumption, AfterValidator(_within(0, 1, "a share from 0 to 1"))]
PositiveShare = Annotated[Assumption, AfterValidator(_within(1e-9, 1, "a share above 0, 1 at most"))]
Hours = Annotated[Assumption, AfterValidator(_within(1, 744, "hours of a month, 1 to 744"))]
Change = Annotated[Assumption, AfterValidator(_within(-0.99, 100, "a change of -0.99 or more"))]


class LoadParams(Params):
    """What is asked of the model."""

    queries_per_month: Positive
    growth_per_year: Change
    prompt_tokens: Amount
    completion_tokens: Positive
    busy_hours_per_month: Hours
    peak_factor: Count


class HostedParams(Params):
    """The model that is paid per query."""

    model: str
    usd_per_million_prompt_tokens: Amount
    usd_per_million_completion_tokens: Amount
    price_change_per_year: Change


class ServingParams(Params):
    """The GPUs the own model answers from."""

    usd_per_gpu_hour: Amount
    gpus_per_replica: Annotated[int, Field(ge=1)]
    least_replicas: Count
    tokens_per_second: Positive
    utilisation: PositiveShare
    held_hours_per_month: Hours


class PeopleParams(Params):
    """Days of people and what a day costs."""

    day_rate_krw: Amount
    build_days: Amount
    run_days_per_month: Amount


class ReviewParams(Params):
    """Rows and test questions that people check, and how long one takes."""

    checked_share: Mapping[str, Annotated[float, Field(ge=0, le=1)]]
    test_share: Annotated[float, Field(ge=0, le=1)]
    minutes_per_row: Amount
    hours_per_day: Annotated[float, Field(gt=0, le=24)]


class BuildParams(Params):
    """What making the model cost; None is taken from the last run."""

    api_usd: Amount | None
    gpu_usd: Mapping[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] | None
    review_days: Amount | None
    trainings: Count

    @property
    def needs_run(self) -> bool:
        """Whether a figure is to come from a run."""
        return None in (self.api_usd, self.gpu_usd, self.review_days)


class RetrainingParams(Params):
    """How often the model is made anew, and the shares of the build's cost that each time takes again."""

    per_quarter: Amount
    api_share: Share
    gpu_share: Share
    people_share: Share


class RoiParams(Section):
    """The section `roi`."""

    section: ClassVar[str] = "roi"
    months: Annotated[int, Field(ge=1, le=120)]
    discount_rate: Amount
    krw_per_usd: Positive
    krw_rate_of: date | str
    load: LoadParams
    hosted: HostedParams
    serving: ServingParams
    people: PeopleParams
    review: ReviewParams
    build: BuildParams
    retraining: RetrainingParams


def assumptions(params: Params, above: str = "") -> Iterator[tuple[str, Assumption]]:
    """Every assumption under its dotted key, in the order of the file."""
    for name in type(params).model_fields:
        found = getattr(params, name)
        if isinstance(found, Assumption):
            yield f"{above}{name}", found
        elif isinstance(found, Params):
            yield from assumptions(found, f"{above}{name}.")


def with_value(params: RoiParams, key: str, value: float) -> RoiParams:
    """The same parameters but for the value of one assumption."""
    group, _, name = key.rpartition(".")
    holder: Params = getattr(params, group) if group else params
    assumed = getattr(holder, name).model_copy(update={"value": value})
    changed = {group: holder.model_copy(update={name: assumed})} if group else {name: assumed}
    return params.model_copy(update=changed)
