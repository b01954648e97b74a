"""Assumptions of a small case that is computed by hand in test_roi.py."""

import copy

from finsmith.economics.params import RoiParams
from finsmith.economics.roi import Figures


def fixed(value):
    return {"value": value, "low": value, "high": value}


SECTION = {
    "months": 5,
    "discount_rate": fixed(0),
    "krw_per_usd": fixed(1000),
    "krw_rate_of": "a day",
    "load": {
        "queries_per_month": fixed(100_000),
        "growth_per_year": fixed(0),
        "prompt_tokens": fixed(1000),
        "completion_tokens": fixed(1000),
        "busy_hours_per_month": fixed(100),
        "peak_factor": fixed(2),
    },
    "hosted": {
        "model": "gpt-4o",
        "usd_per_million_prompt_tokens": fixed(1),
        "usd_per_million_completion_tokens": fixed(3),
        "price_change_per_year": fixed(0),
    },
    "serving": {
        "usd_per_gpu_hour": fixed(0.5),
        "gpus_per_replica": 1,
        "least_replicas": fixed(1),
        "tokens_per_second": fixed(1000),
        "utilisation": fixed(0.5),
        "held_hours_per_month": fixed(100),
    },
    "people": {"day_rate_krw": fixed(100_000), "build_days": fixed(2), "run_days_per_month": fixed(1)},
    "review": {
        "checked_share": {"rag": 1.0, "summary": 0.5},
        "test_share": 0.5,
        "minutes_per_row": fixed(4),
        "hours_per_day": 8,
    },
    "build": {
        "api_usd": fixed(100),
        "gpu_usd": {"8B": 30, "13B": 20},
        "review_days": fixed(1),
        "trainings": fixed(2),
    },
    "retraining": {
        "per_quarter": fixed(1),
        "api_share": fixed(0.5),
        "gpu_share": fixed(0.25),
        "people_share": fixed(0.1),
    },
}
MADE = Figures(api_usd=0.0, gpu_usd={"8B": 30, "13B": 20}, gpu_hours=None, checked_rows=0.0)


def section(**changed):
    """The section with other values under keys like load__peak_factor; a number stands for itself at both ends."""
    content = copy.deepcopy(SECTION)
    for key, value in changed.items():
        *groups, name = key.split("__")
        holder = content
        for group in groups:
            holder = holder[group]
        was_assumed = isinstance(holder[name], dict) and "low" in holder[name]
        holder[name] = fixed(value) if was_assumed and isinstance(value, int | float) else value
    return content


def assumed(**changed):
    return RoiParams.model_validate(section(**changed))
