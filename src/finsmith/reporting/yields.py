"""What each recipe gave and cost: answers asked for and got, rows made and kept, USD for a kept row, and why not more.

Not covered: whether a kept row is good; people and gates judge that.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

_REASONS_SHOWN = 5


def yields(generate: Mapping[str, Any], funnel: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """One entry for each recipe that made or asked for anything, from the metrics of `generate` and `filter`.

    `usd_per_kept_row` is None where nothing was kept; `reasons` are the commonest of bad replies and rejected rows.
    """
    kept = _by_family(funnel["kept_by_recipe"])
    rejected = funnel["rejected_by_recipe"]
    names = sorted({*generate["yields"], *kept, *rejected})
    return {
        name: _entry(
            generate["yields"].get(name, {}), generate["by_recipe"].get(name, {}), kept[name], rejected.get(name, {})
        )
        for name in names
    }


def _entry(made: Mapping[str, Any], spent: Mapping[str, Any], kept: int, rejected: Mapping[str, int]) -> dict[str, Any]:
    usd, reference = spent.get("usd", 0.0), spent.get("usd_at_reference_price", 0.0)
    reasons = Counter(made.get("bad_replies", {})) + Counter({f"filter {name}": n for name, n in rejected.items()})
    return {
        "asked": made.get("asked", 0),
        "parsed": made.get("parsed", 0),
        "mended": made.get("mended", 0),
        "rows": kept + sum(rejected.values()),
        "kept": kept,
        "calls": spent.get("calls", 0),
        "usd": usd,
        "usd_per_kept_row": usd / kept if kept else None,
        "reference_usd_per_kept_row": reference / kept if kept else None,
        "reasons": dict(reasons.most_common(_REASONS_SHOWN)),
    }


def _by_family(by_recipe: Mapping[str, int]) -> Counter[str]:
    families: Counter[str] = Counter()
    for recipe, count in by_recipe.items():
        families[recipe.split(".")[0]] += count
    return families
