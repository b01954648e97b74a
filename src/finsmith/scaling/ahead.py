"""What the curve in scaling.json says of other numbers of rows: accuracy, hours, and the rows an accuracy takes.

It is asked from the fewest rows that were trained on up to 64 times the most. Not covered: fitting; curve.py does that.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from finsmith.core.errors import ExperimentError

Interval = dict[str, float]
MaybeInterval = dict[str, float | None]


@dataclass(frozen=True)
class Ahead:
    """The curve of one general share, and the straight line over log2(rows) beside it.

    `reach` holds rows and the value, low and high of their accuracies; `aic` is that of `curve` and of `line`.
    """

    base: float
    ceiling: float
    exponent: float
    onset_rows: float
    reach: Mapping[str, list[float]]
    hours_per_row: float
    hours_without_rows: float
    line_height: float
    line_slope: float
    aic: Mapping[str, float]

    @property
    def fewest(self) -> int:
        """The fewest rows it is asked about."""
        return math.ceil(self.reach["rows"][0])

    @property
    def most(self) -> int:
        """The most rows it is asked about."""
        return math.floor(self.reach["rows"][-1])

    def accuracy(self, rows: float) -> Interval:
        """The curve's accuracy with its 95 % interval; between the points of `reach` the interval is drawn straight."""
        rest = (1 + rows / self.onset_rows) ** -self.exponent
        value = self.ceiling - (self.ceiling - self.base) * rest
        places = np.log(self.reach["rows"])
        low, high = (float(np.interp(math.log(rows), places, self.reach[end])) for end in ("low", "high"))
        return {"value": value, "low": min(low, value), "high": max(high, value)}

    def rows_for(self, accuracy: float) -> MaybeInterval:
        """The fewest rows of that accuracy, by the curve and by both ends of its interval; None is beyond reach.

        Each sample's curve rises, so the interval of rows is read off that of accuracies.
        """
        value = next((rows for rows in self._around(accuracy) if self.accuracy(rows)["value"] >= accuracy), None)
        low, high = (self._first(end, accuracy) for end in ("high", "low"))
        return {
            "value": value,
            "low": value if low is None else low if value is None else min(low, value),
            "high": None if high is None or value is None else max(high, value),
        }

    def line_accuracy(self, rows: float) -> float:
        """What the straight line says instead, 1 at most."""
        return min(1.0, self.line_height + self.line_slope * math.log2(rows))

    def line_rows_for(self, accuracy: float) -> int | None:
        """The fewest rows within reach by the straight line; None is beyond."""
        doublings = max(math.log2(self.fewest), (accuracy - self.line_height) / self.line_slope)
        return math.ceil(2**doublings) if doublings <= math.log2(self.most) else None

    def hours(self, rows: float) -> float:
        """Device hours of a training, by the straight line through those that were made."""
        return max(0.0, self.hours_without_rows + self.hours_per_row * rows)

    def _around(self, accuracy: float) -> range:
        """The whole numbers within reach next to where the curve has that accuracy: solved, then rounded."""
        if accuracy >= self.ceiling:
            return range(0)
        share = (self.ceiling - self.base) / (self.ceiling - max(accuracy, self.base))
        exact = self.onset_rows * (share ** (1 / self.exponent) - 1)
        if exact > self.most:
            return range(0)
        first = max(self.fewest, math.floor(exact))
        return range(first, min(first + 3, self.most + 1))

    def _first(self, end: str, accuracy: float) -> float | None:
        pairs = zip(self.reach["rows"], self.reach[end], strict=True)
        return next((float(math.ceil(rows)) for rows, at in pairs if at >= accuracy), None)


def ahead(content: Mapping[str, Any], general_share: float) -> Ahead:
    """The curve of a general share in scaling.json's content.

    Raises:
        ExperimentError: that share was not tried, has no curve, or was drawn by a version without its reach.
    """
    shares = {of["general_share"]: of for of in content["shares"]}
    if general_share not in shares:
        tried = ", ".join(f"{share:g}" for share in shares)
        raise ExperimentError(
            f"the trainings were at general shares {tried}, not at {general_share:g}: "
            f"`finsmith scaling --shares {general_share:g}`, or set `mix.general_share`."
        )
    of = shares[general_share]
    if of["cannot_tell"]:
        raise ExperimentError(
            f"there is no curve at general share {general_share:g}: {of['cannot_tell']}. More sizes, seeds or "
            "questions may show one: `finsmith scaling`."
        )
    law = of["power_law"]
    if "reach" not in law:
        raise ExperimentError(
            "reports/scaling/scaling.json lacks what the curve says beyond the next rows: an earlier version wrote it. "
            "`finsmith scaling` draws it anew; what was trained is kept."
        )
    sizes = of["sizes"]
    rows, hours, trainings = (
        np.array([one[name] for one in sizes], dtype=np.float64) for name in ("rows", "device_hours", "trainings")
    )
    slope, height = np.polyfit(rows, hours, 1, w=np.sqrt(trainings))
    if slope < 0:
        slope, height = 0.0, float(hours.max())
    (left, right), (begin, end) = np.log2(of["line"]["drawn"]["rows"]), of["line"]["drawn"]["value"]
    line_slope = (end - begin) / float(right - left)
    return Ahead(
        base=of["base"]["value"],
        **{name: law[name]["value"] for name in ("ceiling", "exponent", "onset_rows")},
        reach=law["reach"],
        hours_per_row=float(slope),
        hours_without_rows=float(height),
        line_height=begin - line_slope * float(left),
        line_slope=line_slope,
        aic={"curve": law["aic"], "line": of["line"]["aic"]},
    )
