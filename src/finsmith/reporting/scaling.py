"""How much data is enough, in words: a table and sentences for the terminal, a page with figures.

Not covered: where the numbers come from; they are the content of scaling.json.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .figures import accuracy_over

_AXES = {
    "rows": "domain rows",
    "tokens": "tokens of the training set, domain and general",
    "usd": "USD of one training and its rows (API and device)",
}
_HEADINGS = ("fraction", "domain rows", "tokens", "trainings", "accuracy [95 %]", "device hours", "USD", "of it API")
_MARKED_AIC = 2  # a smaller difference decides nothing. Source: Burnham and Anderson 2002, section 2.6


def scaling_lines(content: Mapping[str, Any], failed: Mapping[str, str]) -> Iterator[str]:
    """The tables, and under each what follows from it."""
    for of in content["shares"]:
        yield f"general share {of['general_share']:.0%}, {content['questions']} questions"
        rows = [_HEADINGS, *size_rows(of["sizes"])]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        yield from ("  " + "  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in rows)
        yield from (*sentences(of, content), "")
    yield from (f"failed    {name}: {reason}" for name, reason in failed.items())


def size_rows(sizes: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """The cells of a table of sizes, as _HEADINGS names them."""
    return [
        (
            f"{one['fraction']:g}",
            f"{one['rows']:,.0f}",
            f"{one['tokens']:,.0f}",
            f"{one['trainings']}",
            _share(one["accuracy"]),
            f"{one['device_hours']:.3f}",
            f"{one['usd']:.2f}",
            f"{one['api_usd']:.4f}",
        )
        for one in sizes
    ]


def sentences(of: Mapping[str, Any], content: Mapping[str, Any]) -> list[str]:
    """What one general share says: the rise, where it flattens, what more rows would buy, and how sure that is."""
    first, last, usd = of["sizes"][0], of["sizes"][-1], of["usd_of_more_rows"]
    said = [
        f"The base model has {_share(of['base'])} right; {last['rows']:,.0f} rows bring {_share(last['accuracy'])}."
    ]
    if "line" in of:
        span = f"From {first['rows']:,.0f} to {last['rows']:,.0f} rows"
        said.append(f"{span} each doubling changed that by {_points(of['line']['gain_of_doubling'])} points.")
    cost = (
        f"{usd['api_usd'] + usd['device_usd']:.2f} USD ({usd['api_usd']:.2f} API, {usd['device_usd']:.2f} training at "
        f"{content['usd_per_device_hour']:.2f} a device hour)"
    )
    if usd["api_usd_at_reference_price"] and not usd["api_usd"]:
        cost += f"; the calls at the reference price {usd['api_usd_at_reference_price']:.2f}"
    more = f"The next {content['more_rows']:,} domain rows"
    if of["cannot_tell"]:
        said.append(f"Cannot tell where it flattens, nor what more rows would buy: {of['cannot_tell']}.")
        said.append(f"{more} would cost {cost}.")
        return said
    law, line = of["power_law"], of["line"]
    said.append(_flattening(law["flattens_at_rows"], first["rows"], last["rows"], content["worth"]))
    said.append(f"{more} would buy {_points(law['gain_of_more_rows'])} points for {cost}.")
    said.append(
        f"A straight line in log rows says {_points(line['gain_of_more_rows'])} points; "
        f"{which_fits(law['aic'], line['aic'])}."
    )
    return said


def which_fits(curve_aic: float, line_aic: float) -> str:
    """Whether the curve or the straight line beside it fits better, with both AIC."""
    better = (
        "neither fits better"
        if abs(curve_aic - line_aic) < _MARKED_AIC
        else f"the {'curve' if curve_aic < line_aic else 'line'} fits better"
    )
    return f"{better} (AIC {curve_aic:.1f} and {line_aic:.1f}, curve and line)"


def _flattening(at: Mapping[str, float | None], first: float, last: float, worth: float) -> str:
    what = f"a doubling buys less than {100 * worth:g} points" if worth != 0.01 else "a doubling buys less than 1 point"
    value, low, high = at["value"], at["low"], at["high"]
    span = f"95 % interval {_rows(low)} to {_rows(high)}"
    if value is None:
        return f"It does not flatten within reach of the curve: nowhere does it say that {what} ({span})."
    if value <= first:
        return f"It is flat from {first:,.0f} rows on: {what} ({span})."
    beyond = f", beyond the {last:,.0f} that were trained on" if value > last else ""
    return f"It flattens at about {value:,.0f} rows{beyond}: from there {what} ({span})."


def scaling_page(content: Mapping[str, Any], failed: Mapping[str, str]) -> str:
    """One HTML file that opens offline."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True, trim_blocks=True
    )
    return templates.get_template("scaling.html.j2").render(
        content=content,
        failed=failed,
        headings=_HEADINGS,
        figures={label: scaling_figure(content, axis) for axis, label in _AXES.items()},
        told=[(of, size_rows(of["sizes"]), sentences(of, content)) for of in content["shares"]],
    )


def scaling_figure(content: Mapping[str, Any], axis: str = "rows") -> str:
    """Accuracy over `axis` (rows, tokens or usd) as SVG."""
    return accuracy_over(axis, _AXES[axis], content["shares"])


def _share(of: Mapping[str, float]) -> str:
    return f"{of['value']:.1%} [{of['low']:.1%}, {of['high']:.1%}]"


def _points(of: Mapping[str, float]) -> str:
    return f"{100 * of['value']:+.1f} [{100 * of['low']:+.1f}, {100 * of['high']:+.1f}]"


def _rows(value: float | None) -> str:
    return "beyond reach" if value is None else f"{value:,.0f}"
