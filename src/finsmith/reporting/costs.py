"""What a run cost: API USD new, in all and saved, the hours of devices and people, what those cost, and a point gained.

GPU hours are told twice: at the price of the device that was held, and at that of a p4d.24xlarge, in which published
builds are counted. Not covered: electricity; people's hours that nobody noted.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from finsmith.core.errors import ParamsError
from finsmith.core.params import Section

_SPENT = (
    "usd_new",
    "usd_lost",
    "usd_total",
    "usd_at_reference_price",
    "usd_saved_at_reference_price",
    "calls_new",
    "calls_total",
    "prompt_tokens",
    "completion_tokens",
)


class ReportParams(Section):
    """The section `report`."""

    section: ClassVar[str] = "report"
    p4d_usd_per_hour: Annotated[float, Field(ge=0)]
    p4d_gpus: Annotated[int, Field(ge=1)]
    device_usd_per_hour: Mapping[str, Annotated[float, Field(ge=0)]]
    reviewer_usd_per_hour: Annotated[float, Field(ge=0)]
    trace_calls: Annotated[int, Field(ge=0)]


def p4d_equivalent_usd(gpu_hours: float, params: ReportParams) -> float:
    """GPU hours at the price of one GPU of a p4d.24xlarge, whatever the GPU was."""
    return gpu_hours * params.p4d_usd_per_hour / params.p4d_gpus


def device_usd_per_hour(device: str, params: ReportParams) -> float:
    """The price of an hour of one such device: that of the longest listed name its own begins with, in any case.

    Raises:
        ParamsError: no listed name fits.
    """
    prices = params.device_usd_per_hour
    fitting = [name for name in prices if device.lower().startswith(name.lower())]
    if not fitting:
        raise ParamsError(
            f"`report.device_usd_per_hour` has no price for {device!r} ({', '.join(prices) or 'it is empty'}). Add one "
            "and run `dvc repro` again; the training is kept."
        )
    return prices[max(fitting, key=len)]


def costs(
    teachers: Sequence[Mapping[str, Any]],
    training: Mapping[str, Any],
    people: Sequence[Mapping[str, Any]],
    scores: Mapping[str, Any],
    params: ReportParams,
) -> dict[str, float | None]:
    """The section `costs` of the summary, from the metrics of the stages that ask a teacher, and of `train`.

    `people` are the metrics of `review` and `quality`, for which people work. `scores` are those of base and adapter by
    the headline. Saved is what stored replies had cost when they were paid. `usd_per_point` is all the money by
    percentage point of accuracy gained, None where none was.
    """
    hours, price = training["device_hours"], device_usd_per_hour(training["device"], params)
    spent = {name: sum(of[name] for of in teachers) for name in _SPENT}
    reviewer_hours = round(sum(of["reviewer_hours"] for of in people), 5)
    reviewer_usd = reviewer_hours * params.reviewer_usd_per_hour
    total = spent["usd_total"] + hours * price + reviewer_usd
    gain = round(100 * (scores["adapter"]["accuracy"] - scores["base"]["accuracy"]), 2)
    return {
        "openai_usd_new": spent["usd_new"],
        "openai_usd_lost": spent["usd_lost"],
        "openai_usd_total": spent["usd_total"],
        "openai_usd_saved": spent["usd_total"] - spent["usd_new"],
        "openai_usd_at_reference_price": spent["usd_at_reference_price"],
        "openai_usd_saved_at_reference_price": spent["usd_saved_at_reference_price"],
        "teacher_calls_new": spent["calls_new"],
        "teacher_calls_total": spent["calls_total"],
        "prompt_tokens": spent["prompt_tokens"],
        "completion_tokens": spent["completion_tokens"],
        "reviewer_hours": reviewer_hours,
        "reviewer_usd": round(reviewer_usd, 4),
        "verdicts_timed": sum(of["verdicts_timed"] for of in people),
        "gpu_hours": training["gpu_hours"],
        "cpu_hours": training["cpu_hours"],
        "device_hours": hours,
        "gpu_usd": round(training["gpu_hours"] * price, 4),
        "device_usd": round(hours * price, 4),
        "p4d_equivalent_usd": round(p4d_equivalent_usd(training["gpu_hours"], params), 4),
        "total_usd": round(total, 4),
        "gain_points": gain,
        "usd_per_point": round(total / gain, 4) if gain > 0 else None,
    }
