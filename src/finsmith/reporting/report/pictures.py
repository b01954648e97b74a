"""The report's pictures as SVG, by name and in Korean or English; the page shows them and `dvc plots` lists them.

Not covered: how each is drawn.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from finsmith.core.io import read_json

from ..figures import (
    accuracy_bars,
    cumulative_costs,
    funnel_waterfall,
    letter_bars,
    loss_curve,
    overlap_histogram,
    tornado_bars,
    verb_bars,
)
from ..roi import NAMES


def report_pictures(
    summary: Mapping[str, Any], roi: Mapping[str, Any], plots: Path, diversity: Mapping[str, Any], language: str
) -> dict[str, str]:
    """By name; `roi` is the content of roi.json, `plots` the folder of the stages' plot files."""
    evaluation = summary["evaluation"]
    bars = [
        bar | {"name": NAMES[bar["assumption"]] if language == "ko" else bar["assumption"]} for bar in roi["tornado"]
    ]
    return {
        "funnel": funnel_waterfall(read_json(plots / "funnel.json"), language),
        "verbs": verb_bars(diversity["verbs"]),
        "overlap": overlap_histogram(diversity["overlap"], language),
        "loss": loss_curve(read_json(plots / "loss.json"), language),
        "accuracy": accuracy_bars(evaluation["by_evaluator"], evaluation["baseline"], language),
        "letters": letter_bars(read_json(plots / "letters.json"), language),
        "costs": cumulative_costs(roi, language),
        "tornado": tornado_bars(bars, roi["usd"]["saving"], language),
    }
