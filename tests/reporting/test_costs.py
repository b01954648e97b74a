"""Costs, by hand."""

import pytest
from pydantic import ValidationError

from finsmith.core.errors import ParamsError
from finsmith.reporting.costs import ReportParams, costs, device_usd_per_hour, p4d_equivalent_usd

from .metrics import METRICS, PRICES

PEOPLE = [METRICS["review"], METRICS["quality"]]


@pytest.mark.parametrize(("gpu_hours", "usd"), [(8, 32.77), (1, 4.09625), (0, 0), (40, 163.85)])
def test_eight_gpu_hours_are_one_hour_of_a_p4d(gpu_hours, usd):
    """A p4d.24xlarge has 8 GPUs: 8 GPU hours cost 32.77 USD, one an eighth of it, whatever the GPU was."""
    assert p4d_equivalent_usd(gpu_hours, PRICES) == pytest.approx(usd, abs=1e-12)


def test_costs_tell_new_and_all_money_and_time():
    """What this run newly spent stands apart from what its data cost in all, judging too; hours are priced as p4d.

    37.5 points of accuracy for 1.75 of API, 8 hours at 4.10, half an hour of people who judged and a quarter of those
    who decided, at 20: 49.55 / 37.5.
    """
    asked = [METRICS["generate"], METRICS["judge"]]
    assert costs(asked, METRICS["train"], PEOPLE, METRICS["evaluate"]["choice_text"], PRICES) == {
        "openai_usd_new": 0.0125,
        "openai_usd_lost": 0.25,
        "openai_usd_total": 1.75,
        "openai_usd_saved": 1.7375,
        "openai_usd_at_reference_price": 2.75,
        "openai_usd_saved_at_reference_price": 2.5,
        "teacher_calls_new": 3,
        "teacher_calls_total": 32,
        "prompt_tokens": 980,
        "completion_tokens": 308,
        "reviewer_hours": 0.75,
        "reviewer_usd": 15.0,
        "verdicts_timed": 7,
        "gpu_hours": 8.0,
        "cpu_hours": 0.0,
        "device_hours": 8.0,
        "gpu_usd": 32.8,
        "device_usd": 32.8,
        "p4d_equivalent_usd": 32.77,
        "total_usd": 49.55,
        "gain_points": 37.5,
        "usd_per_point": 1.3213,
    }


@pytest.mark.parametrize("after", [0.25, 0.2])
def test_a_point_that_was_not_gained_has_no_price(after):
    """Without a gain, or with a loss, there is no USD by point, rather than an infinite or a negative one."""
    scores = {"base": {"accuracy": 0.25}, "adapter": {"accuracy": after}}
    found = costs([METRICS["generate"]], METRICS["train"], PEOPLE, scores, PRICES)
    assert found["usd_per_point"] is None and found["gain_points"] == round(100 * (after - 0.25), 2)


def test_training_without_a_gpu_costs_no_gpu_hours():
    """Two hours on a CPU are device hours at the price of `cpu`; their p4d price is 0."""
    training = {"gpu_hours": 0.0, "cpu_hours": 2.0, "device_hours": 2.0, "device": "cpu"}
    found = costs([METRICS["generate"]], training, PEOPLE, METRICS["evaluate"]["letter"], PRICES)
    assert (found["device_hours"], found["device_usd"], found["p4d_equivalent_usd"]) == (2.0, 0.1, 0.0)
    assert found["gpu_usd"] == 0


def test_a_device_has_the_price_of_the_longest_name_that_fits():
    """The 80 GB model has a price of its own; case does not matter; one without a price is an error."""
    params = PRICES.model_copy(update={"device_usd_per_hour": {"NVIDIA A100": 4, "nvidia a100-sxm4-80GB": 5}})
    assert device_usd_per_hour("NVIDIA A100-SXM4-40GB", params) == 4
    assert device_usd_per_hour("NVIDIA A100-SXM4-80GB", params) == 5
    with pytest.raises(ParamsError, match=r"no price for 'NVIDIA L4' \(NVIDIA A100, nvidia a100-sxm4-80GB\)\. Add one"):
        device_usd_per_hour("NVIDIA L4", params)


@pytest.mark.parametrize(
    "changes",
    [
        {"p4d_gpus": 0},
        {"p4d_usd_per_hour": -1},
        {"p4d_usd": 1},
        {"device_usd_per_hour": {"cpu": -1}},
        {"reviewer_usd_per_hour": -1},
        {"trace_calls": -1},
    ],
)
def test_prices_that_make_no_sense_are_refused(changes):
    """No GPUs, a negative price or an unknown key are errors of the section."""
    with pytest.raises(ValidationError, match=next(iter(changes))):
        ReportParams.model_validate(PRICES.model_dump() | changes)
