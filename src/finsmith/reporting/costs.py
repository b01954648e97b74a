"""What a run cost: API USD new and in all, device and GPU hours, and the GPU hours at p4d.24xlarge price.

Not covered: people's hours, electricity.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from finsmith.core.params import Section

_SPENT = ("usd_new", "usd_lost", "usd_total", "usd_at_reference_price", "calls_new", "calls_total")


class ReportParams(Section):
    """The section `report`."""

    section: ClassVar[str] = "report"
    p4d_usd_per_hour: Annotated[float, Field(ge=0)]
    p4d_gpus: Annotated[int, Field(ge=1)]


def p4d_equivalent_usd(gpu_hours: float, params: ReportParams) -> float:
    """GPU hours at the price of one GPU of a p4d.24xlarge, whatever the GPU was."""
    return gpu_hours * params.p4d_usd_per_hour / params.p4d_gpus


def costs(teachers: Sequence[Mapping[str, Any]], training: Mapping[str, Any], params: ReportParams) -> dict[str, float]:
    """The section `costs` of the summary, from the metrics of the stages that ask a teacher, and of `train`."""
    spent = {name: sum(of[name] for of in teachers) for name in _SPENT}
    return {
        "openai_usd_new": spent["usd_new"],
        "openai_usd_lost": spent["usd_lost"],
        "openai_usd_total": spent["usd_total"],
        "openai_usd_at_reference_price": spent["usd_at_reference_price"],
        "teacher_calls_new": spent["calls_new"],
        "teacher_calls_total": spent["calls_total"],
        "gpu_hours": training["gpu_hours"],
        "device_hours": training["device_hours"],
        "p4d_equivalent_usd": round(p4d_equivalent_usd(training["gpu_hours"], params), 4),
    }
