"""All points of a study put together for scaling.json: by general share the sizes, the curve, and what more would cost.

Not covered: words and figures; reporting has those.
"""

from collections import defaultdict
from collections.abc import Sequence
from statistics import mean
from typing import Any

from .curve import study
from .points import Point, by_fraction, measured, usd_of_more_rows


def result(points: Sequence[Point], worth: float, more_rows: int, usd_per_device_hour: float) -> dict[str, Any]:
    """The content of scaling.json; `worth` is the least gain of a doubling that counts, as a share of 1."""
    by_share: dict[float, list[Point]] = defaultdict(list)
    for point in points:
        by_share[point.general_share].append(point)
    return {
        "worth": worth,
        "more_rows": more_rows,
        "usd_per_device_hour": usd_per_device_hour,
        "devices": sorted({point.device for point in points}),
        "questions": len(points[0].right),
        "shares": [
            {"general_share": share, **_of_share(of, worth, more_rows, usd_per_device_hour)}
            for share, of in sorted(by_share.items())
        ],
    }


def _of_share(points: Sequence[Point], worth: float, more_rows: int, usd_per_device_hour: float) -> dict[str, Any]:
    told = study(measured(points), worth, more_rows)
    sizes = [
        _size(of, usd_per_device_hour) | {"accuracy": {name: at[name] for name in ("value", "low", "high")}}
        for of, at in zip(by_fraction(points), told["sizes"], strict=True)
    ]
    return told | {"sizes": sizes, "usd_of_more_rows": usd_of_more_rows(points, more_rows, usd_per_device_hour)}


def _size(points: Sequence[Point], usd_per_device_hour: float) -> dict[str, Any]:
    """The trainings on one fraction: means over them."""
    hours, api = mean(p.device_hours for p in points), mean(p.api_usd for p in points)
    return {
        "fraction": points[0].fraction,
        "trainings": len(points),
        "accuracies": [p.accuracy for p in points],
        "rows": mean(p.domain_rows for p in points),
        "tokens": mean(p.tokens for p in points),
        "device_hours": hours,
        "api_usd": api,
        "usd": api + hours * usd_per_device_hour,
    }
