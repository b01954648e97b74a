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
from matplotlib.ticker import LogLocator, MaxNLocator  # noqa: E402

_BASE, _ADAPTER, _DROP = "#9aa5b1", "#1f6feb", "#d1242f"
_SHARES = (_ADAPTER, "#bc4c00", "#1a7f37", "#8250df", "#bf3989", "#57606a")  # one after the other
_KOREAN = {  # of the words in the report's pictures
    "step": "학습 단계",
    "loss": "손실",
    "training": "학습",
    "validation": "검증",
    "pairs": "쌍",
    "candidates": "후보",
    "kept": "남김",
    "rows": "행",
    "guessing": "찍기",
    "own model": "자체 모델",
    "hosted model": "외부 모델",
    "month": "개월",
    "USD so far": "누적 비용 (USD)",
    "low": "낮은 값",
    "high": "높은 값",
    "saving in USD; dotted: none": "절감액 (USD). 점선은 본전",
    "times named": "고른 횟수",
}


def _say(word: str, language: str) -> str:
    return _KOREAN[word] if language == "ko" else word


def loss_curve(points: Sequence[Mapping[str, float]], language: str = "ko") -> str:
    """Training loss over steps, and where there are any the losses of validation rows and of pairs."""
    figure = Figure(figsize=(6.4, 2.8), layout="tight")
    axes = figure.add_subplot()
    curves = (
        ("loss", "training", _ADAPTER),
        ("validation_loss", "validation", _DROP),
        ("preference_loss", "pairs", _BASE),
    )
    for name, label, colour in curves:
        if of_it := [point for point in points if name in point]:
            axes.plot([p["step"] for p in of_it], [p[name] for p in of_it], color=colour, label=_say(label, language))
    if len(axes.lines) > 1:
        axes.legend(frameon=False)
    axes.set(xlabel=_say("step", language), ylabel=_say("loss", language))
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    return _svg(figure)


def funnel_waterfall(steps: Sequence[Mapping[str, Any]], language: str = "ko") -> str:
    """What came, what each filter took away, and what was left; filters that took nothing are left out."""
    left = [int(step["rows"]) for step in steps]
    names = [str(step["step"]).partition(" ")[2] for step in steps]
    drops = [
        (name, before, after) for name, before, after in zip(names[1:], left, left[1:], strict=False) if after < before
    ]
    bars = [(_say("candidates", language), 0, left[0]), *drops, (_say("kept", language), 0, left[-1])]
    figure = Figure(figsize=(6.4, 0.32 * len(bars) + 0.6), layout="tight")
    axes = figure.add_subplot()
    for at, (_, start, end) in enumerate(bars):
        is_drop = end < start
        axes.barh(-at, abs(end - start), left=min(start, end), color=_DROP if is_drop else _ADAPTER)
        told = f"-{start - end:,}" if is_drop else f"{end:,}"
        axes.text(max(start, end) + max(left[0], 1) * 0.01, -at, told, va="center")
    axes.set_yticks([-at for at in range(len(bars))], [name for name, _, _ in bars])
    axes.set_xlim(0, max(1, left[0]) * 1.12)
    axes.spines[["top", "right"]].set_visible(False)
    return _svg(figure)


def verb_bars(verbs: Sequence[Mapping[str, Any]]) -> str:
    """What instructions ask for: a bar for each verb, parted by its commonest objects; the rest is grey."""
    figure = Figure(figsize=(6.4, 0.32 * len(verbs) + 0.6), layout="tight")
    axes = figure.add_subplot()
    most = max((verb["rows"] for verb in verbs), default=1)
    for at, verb in enumerate(verbs):
        start = 0
        for shade, (name, count) in enumerate(verb["objects"]):
            axes.barh(-at, count, left=start, color=_ADAPTER, alpha=0.9 - 0.2 * shade)
            if count > most / 20:
                axes.text(start + count / 2, -at, name, ha="center", va="center", fontsize=8)
            start += count
        axes.barh(-at, verb["rows"] - start, left=start, color=_BASE, alpha=0.4)
        axes.text(verb["rows"] + most * 0.01, -at, f"{verb['rows']:,}", va="center")
    axes.set_yticks([-at for at in range(len(verbs))], [verb["verb"] for verb in verbs])
    axes.set_xlim(0, most * 1.12)
    axes.spines[["top", "right"]].set_visible(False)
    return _svg(figure)


def overlap_histogram(counts: Sequence[int], language: str = "ko") -> str:
    """Rows by ROUGE-L to the nearest other row, in equal classes from 0 to 1."""
    figure = Figure(figsize=(6.4, 2.4), layout="tight")
    axes = figure.add_subplot()
    width = 1 / len(counts)
    axes.bar([at * width for at in range(len(counts))], counts, width=width, align="edge", color=_ADAPTER)
    axes.set(xlabel="ROUGE-L", ylabel=_say("rows", language), xlim=(0, 1))
    axes.spines[["top", "right"]].set_visible(False)
    return _svg(figure)


def accuracy_bars(by_evaluator: Mapping[str, Mapping[str, Any]], baseline: float, language: str = "ko") -> str:
    """Accuracy of base and adapter with 95 % intervals, and the line of random guessing."""
    figure = Figure(figsize=(6.4, 0.9 * len(by_evaluator) + 0.9), layout="tight")
    axes = figure.add_subplot()
    for row, (name, scores) in enumerate(by_evaluator.items()):
        for shift, (model, colour) in enumerate((("base", _BASE), ("adapter", _ADAPTER))):
            score, at = scores[model], -(row * 3 + shift)
            error = [[score["accuracy"] - score["low"]], [score["high"] - score["accuracy"]]]
            axes.barh(at, score["accuracy"], xerr=error, color=colour, capsize=3)
            axes.text(score["high"] + 0.015, at, f"{name} · {model} {score['accuracy']:.1%}", va="center")
        label = _say("guessing", language) if row == 0 else None
        axes.plot([baseline] * 2, [-(row * 3) + 0.6, -(row * 3) - 1.6], color=_DROP, linestyle=":", label=label)
    axes.set_xlim(0, 1.25)
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    axes.legend(frameon=False, loc="lower right", fontsize=8)
    axes.set_yticks([])
    axes.spines[["top", "right", "left"]].set_visible(False)
    return _svg(figure)


def accuracy_over(axis: str, label: str, shares: Sequence[Mapping[str, Any]]) -> str:
    """Accuracy over `axis` (rows, tokens or usd), a line for each general share; over rows with what was fitted."""
    figure = Figure(figsize=(6.4, 3.6), layout="tight")
    axes = figure.add_subplot()
    for at, of in enumerate(shares):
        colour, sizes = _SHARES[at % len(_SHARES)], of["sizes"]
        places, scores = [size[axis] for size in sizes], [size["accuracy"] for size in sizes]
        value = [score["value"] for score in scores]
        error = [
            [score["value"] - score["low"] for score in scores],
            [score["high"] - score["value"] for score in scores],
        ]
        curve = of["power_law"]["drawn"] if axis == "rows" and "power_law" in of else None
        joined = "none" if curve else "-"
        name = f"{of['general_share']:.0%} general"
        axes.errorbar(places, value, yerr=error, color=colour, linestyle=joined, marker="o", capsize=3, label=name)
        for place, size in zip(places, sizes, strict=True):
            axes.plot([place] * len(size["accuracies"]), size["accuracies"], ".", color=colour, alpha=0.4)
        if curve:
            axes.plot(curve["rows"], curve["value"], color=colour)
            axes.fill_between(curve["rows"], curve["low"], curve["high"], color=colour, alpha=0.15, linewidth=0)
            line = of["line"]["drawn"]
            axes.plot(line["rows"], line["value"], color=colour, linestyle="--", linewidth=1, label="straight line")
    axes.axhline(shares[0]["base"]["value"], color=_DROP, linestyle=":", label="base")
    if all(size[axis] > 0 for of in shares for size in of["sizes"]):
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter("{x:,g}")
        axes.xaxis.set_minor_formatter("")
    axes.set(xlabel=label, ylabel="accuracy")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return _svg(figure)


def pareto_front(axis: str, label: str, rows: Sequence[Mapping[str, Any]], mark: str) -> str:
    """Accuracy with 95 % intervals over `axis`, each row by its `number`; those with `mark` are joined as the front."""
    figure = Figure(figsize=(6.4, 3.8), layout="tight")
    axes = figure.add_subplot()
    for row in rows:
        colour = _ADAPTER if row[mark] else _BASE
        error = [[row["accuracy"] - row["low"]], [row["high"] - row["accuracy"]]]
        axes.errorbar(row[axis], row["accuracy"], yerr=error, color=colour, marker="o", capsize=2, elinewidth=0.8)
        place = (row[axis], row["accuracy"])
        axes.annotate(str(row["number"]), place, (4, 3), textcoords="offset points", fontsize=9)
    steps = sorted((row[axis], row["accuracy"]) for row in rows if row[mark])
    axes.step([x for x, _ in steps], [y for _, y in steps], where="post", color=_ADAPTER, label="Pareto front")
    if len(bases := {row["base_accuracy"] for row in rows}) == 1:
        axes.axhline(bases.pop(), color=_DROP, linestyle=":", label="base")
    axes.set(xlabel=label, ylabel="accuracy")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="lower right")
    return _svg(figure)


def letter_bars(rows: Sequence[Mapping[str, Any]], language: str = "ko") -> str:
    """How often each model named each choice by its letter, a group of bars for each model and way to ask."""
    models = list(dict.fromkeys(row["model"] for row in rows))
    figure = Figure(figsize=(6.4, 2.8), layout="tight")
    axes = figure.add_subplot()
    letters = sorted({row["choice"] for row in rows})
    for at, letter in enumerate(letters):
        times = {row["model"]: row["times"] for row in rows if row["choice"] == letter}
        places = [number + (at - (len(letters) - 1) / 2) * 0.8 / len(letters) for number in range(len(models))]
        colour = _SHARES[at % len(_SHARES)]
        axes.bar(places, [times.get(model, 0) for model in models], 0.8 / len(letters), color=colour, label=letter)
    axes.set_xticks(range(len(models)), [model.replace(" (", "\n(") for model in models], fontsize=9)
    axes.set(ylabel=_say("times named", language))
    axes.spines[["top", "right"]].set_visible(False)
    if letters:
        axes.legend(frameon=False, ncols=len(letters), loc="lower center", bbox_to_anchor=(0.5, 1), fontsize=8)
    return _svg(figure)


def cumulative_costs(content: Mapping[str, Any], language: str = "ko") -> str:
    """What both models have cost up to each month, and the month from which on the own one has cost no more."""
    figure = Figure(figsize=(6.4, 3.2), layout="tight")
    axes = figure.add_subplot()
    months = content["monthly"]
    numbers = [of["month"] for of in months]
    hosted_name = f"{_say('hosted model', language)} {content['hosted_model']}"
    for key, label, colour in (("own", _say("own model", language), _ADAPTER), ("hosted", hosted_name, _DROP)):
        axes.plot(numbers, [of[f"{key}_cumulative_usd"] for of in months], color=colour, label=label)
    if (month := content["payback_month"]) is not None:
        axes.plot([month], [months[month]["own_cumulative_usd"]], "o", color="black")
        axes.axvline(month, color="black", linestyle=":", linewidth=1)
        side = "right" if month > content["months"] / 2 else "left"
        told = f"회수 {month}개월째" if language == "ko" else f"pays back in month {month}"
        axes.text(month, 1.02, told, ha=side, transform=axes.get_xaxis_transform())
    axes.set(xlabel=_say("month", language), ylabel=_say("USD so far", language), xlim=(0, None), ylim=(0, None))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return _svg(figure)


def tornado_bars(bars: Sequence[Mapping[str, Any]], saving_usd: float, language: str = "ko") -> str:
    """The saving with each assumption at its low and its high, from the saving at all values."""
    figure = Figure(figsize=(6.4, 0.3 * len(bars) + 1.1), layout="tight")
    axes = figure.add_subplot()
    for at, bar in enumerate(bars):
        for end, colour in (("low", _BASE), ("high", _ADAPTER)):
            reached = bar["at"][end]["saving_usd"]
            label = _say(end, language) if at == 0 else None
            axes.barh(-at, reached - saving_usd, left=saving_usd, color=colour, alpha=0.85, label=label)
    axes.axvline(saving_usd, color="black", linewidth=0.8)
    axes.axvline(0, color=_DROP, linestyle=":", linewidth=1)
    axes.set_yticks([-at for at in range(len(bars))], [bar["name"] for bar in bars])
    axes.set(xlabel=_say("saving in USD; dotted: none", language))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    if bars:
        axes.legend(frameon=False, loc="lower right", fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    return _svg(figure)


def _svg(figure: Figure) -> str:
    out = io.StringIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)  # the browser has the glyph, matplotlib not
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return text[text.index("<svg") :]
