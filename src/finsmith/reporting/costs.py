"""What a run cost: API USD new and in all, the hours devices were held, and what those hours cost.

GPU hours are told twice: at the price of the device that was held, and at that of a p4d.24xlarge, in which published
builds are counted. Not covered: people's hours, electricity.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from finsmith.core.errors import ParamsError
from finsmith.core.params import Section

_SPENT = ("usd_new", "usd_lost", "usd_total", "usd_at_reference_price", "calls_new", "calls_total")


class ReportParams(Section):
    """The section `report`."""

    section: ClassVar[str] = "report"
    p4d_usd_per_hour: Annotated[float, Field(ge=0)]
    p4d_gpus: Annotated[int, Field(ge=1)]
    device_usd_per_hour: Mapping[str, Annotated[float, Field(ge=0)]]


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


def costs(teachers: Sequence[Mapping[str, Any]], training: Mapping[str, Any], params: ReportParams) -> dict[str, float]:
    """The section `costs` of the summary, from the metrics of the stages that ask a teacher, and of `train`."""
    hours = training["device_hours"]
    device_usd = hours * device_usd_per_hour(training["device"], params)
    spent = {name: sum(of[name] for of in teachers) for name in _SPENT}
    return {
        "openai_usd_new": spent["usd_new"],
        "openai_usd_lost": spent["usd_lost"],
        "openai_usd_total": spent["usd_total"],
        "openai_usd_at_reference_price": spent["usd_at_reference_price"],
        "teacher_calls_new": spent["calls_new"],
        "teacher_calls_total": spent["calls_total"],
        "gpu_hours": training["gpu_hours"],
        "cpu_hours": training["cpu_hours"],
        "device_hours": hours,
        "device_usd": round(device_usd, 4),
        "p4d_equivalent_usd": round(p4d_equivalent_usd(training["gpu_hours"], params), 4),
        "total_usd": round(spent["usd_total"] + device_usd, 4),
    }
