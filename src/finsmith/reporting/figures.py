"""Pictures of the report as inline SVG; letters stay text, so a browser shows Korean with its own fonts.

The only home of matplotlib. Not covered: interactive plots; `dvc plots show` has those.
"""

import io
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.fonttype"] = "none"
matplotlib.rcParams["svg.hashsalt"] = "finsmith"  # the same figures give the same bytes
matplotlib.rcParams["font.family"] = ["sans-serif"]

from matplotlib.figure import Figure  # noqa: E402 - after the backend is chosen

_BASE, _ADAPTER = "#9aa5b1", "#1f6feb"


def loss_curve(points: Sequence[Mapping[str, float]]) -> str:
    """Training loss over steps."""
    figure = Figure(figsize=(6.4, 2.8), layout="tight")
    axes = figure.add_subplot()
    axes.plot([p["step"] for p in points], [p["loss"] for p in points], color=_ADAPTER)
    axes.set(xlabel="step", ylabel="loss")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    return _svg(figure)


def funnel_bars(steps: Sequence[Mapping[str, Any]]) -> str:
    """Rows left after each filter."""
    figure = Figure(figsize=(6.4, 0.36 * len(steps) + 0.6), layout="tight")
    axes = figure.add_subplot()
    names, rows = [str(s["step"]) for s in steps][::-1], [s["rows"] for s in steps][::-1]
    bars = axes.barh(names, rows, color=_ADAPTER)
    axes.bar_label(bars, padding=3)
    axes.set_xlim(0, max([1, *rows]) * 1.12)
    axes.spines[["top", "right"]].set_visible(False)
    return _svg(figure)


def accuracy_bars(by_evaluator: Mapping[str, Mapping[str, Any]]) -> str:
    """Accuracy of base and adapter with 95 % intervals, and the line of random guessing."""
    figure = Figure(figsize=(6.4, 0.9 * len(by_evaluator) + 0.9), layout="tight")
    axes = figure.add_subplot()
    for row, (name, scores) in enumerate(by_evaluator.items()):
        for shift, (model, colour) in enumerate((("base", _BASE), ("adapter", _ADAPTER))):
            score, at = scores[model], -(row * 3 + shift)
            error = [[score["accuracy"] - score["low"]], [score["high"] - score["accuracy"]]]
            axes.barh(at, score["accuracy"], xerr=error, color=colour, capsize=3)
            axes.text(score["high"] + 0.015, at, f"{name} · {model} {score['accuracy']:.1%}", va="center")
        axes.plot([scores["baseline"]] * 2, [-(row * 3) + 0.6, -(row * 3) - 1.6], color="#d1242f", linestyle=":")
    axes.set_xlim(0, 1.25)
    axes.set_yticks([])
    axes.spines[["top", "right", "left"]].set_visible(False)
    return _svg(figure)


def _svg(figure: Figure) -> str:
    out = io.StringIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)  # the browser has the glyph, matplotlib not
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return text[text.index("<svg") :]
