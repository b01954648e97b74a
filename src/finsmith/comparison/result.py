"""The comparison put together for compare.json: rows, paired tests, what a point costs, what cannot be compared.

Not covered: words, tables and figures; those are in table and page.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .entries import Entry
from .pairs import PairedTest, differing, paired_tests
from .worth import cheapest, front, most_accurate, usd_per_point

COSTS = {
    "openai_usd_new": "API USD, new",
    "openai_usd_total": "API USD, in all",
    "openai_usd_at_reference_price": "API USD at reference price",
    "device_hours": "device hours",
    "gpu_hours": "GPU hours",
    "device_usd": "device USD",
    "p4d_equivalent_usd": "USD at p4d price",
    "reviewer_usd": "reviewer USD",
    "total_usd": "total USD",
}
AXES = {  # of the pictures: their label, and the mark of the rows that no other beats
    "total_usd": ("total USD", "on_front"),
    "device_hours": ("device hours of the training", "on_hours_front"),
}
_PRICES = "report."  # the section of the price lists
_SIGNIFICANT = 0.05  # two-sided


def comparison(
    entries: Sequence[Entry],
    test: PairedTest,
    usd_per_device_hour: float = 0.0,
    pair: Sequence[str] = (),
) -> dict[str, Any]:
    """The content of compare.json; device hours cost `usd_per_device_hour` where it is above 0, else as reported.

    Front and price of a point are told of those entries that were asked the same test as most. On the front is nothing
    that the base model, which costs nothing, beats.
    """
    settings = _differing_settings(entries)
    rows = [_row(one, settings, usd_per_device_hour) for one in entries]
    same = _same_test(entries)
    for axis, (_, mark) in AXES.items():
        placed = [row for row, like in zip(rows, same, strict=True) if like and row.get(axis) is not None]
        for row, is_on in zip(placed, front([(row[axis], row["accuracy"]) for row in placed]), strict=True):
            row[mark] = is_on and row["accuracy"] > row["base_accuracy"]
    priced = [row for row in rows if "on_front" in row]
    pairs = paired_tests(entries, test)
    return {
        "settings": settings,
        "rows": rows,
        "pairs": pairs,
        "pairs_tested": sum("p" in one for one in pairs),
        "pairs_significant": sum(one.get("p_holm", 1.0) <= _SIGNIFICANT for one in pairs),
        "usd_per_device_hour": usd_per_device_hour,
        "differing": _differing(pairs, entries, pair),
        **_prices_of_points(priced),
        "notes": _notes(entries, rows, same, usd_per_device_hour),
    }


def _row(entry: Entry, settings: Sequence[str], usd_per_device_hour: float) -> dict[str, Any]:
    """What an entry has; what it lacks is None, but costs that its version did not count are left out."""
    evaluation = entry.evaluation
    adapter, base = evaluation.get("adapter", {}), evaluation.get("base", {})
    costs = {name: entry.costs[name] for name in COSTS if name in entry.costs}
    if usd_per_device_hour and costs:
        device_usd = round(costs["device_hours"] * usd_per_device_hour, 4)
        costs |= {
            "total_usd": round(costs["total_usd"] - costs["device_usd"] + device_usd, 4),
            "device_usd": device_usd,
        }
    return {
        "name": entry.name,
        "rev": entry.rev,
        "settings": {name: entry.settings.get(name) for name in settings},
        "evaluator": evaluation.get("evaluator"),
        "n": evaluation.get("n"),
        **{name: adapter.get(name) for name in ("accuracy", "low", "high")},
        "base_accuracy": base.get("accuracy"),
        "gain_points": round(100 * (adapter["accuracy"] - base["accuracy"]), 2) if adapter else None,
        "gain_p": evaluation.get("mcnemar_p"),
        "forgetting_points": (evaluation.get("forgetting") or {}).get("points"),
        **costs,
        "lacks": list(entry.lacks.values()),
    }


def _differing(
    pairs: Sequence[Mapping[str, Any]], entries: Sequence[Entry], names: Sequence[str]
) -> list[dict[str, Any]]:
    """The questions behind the pair of these names; none where no pair is asked for, or one has no answers."""
    sittings = {one.name: one.sitting for one in entries}
    for pair in pairs:
        first, second = sittings[pair["first"]], sittings[pair["second"]]
        if {pair["first"], pair["second"]} == set(names) and first and second:
            return differing(pair, first, second)
    return []


def _differing_settings(entries: Sequence[Entry]) -> list[str]:
    """Names of parameters that are not the same in all, in order."""
    names = {name for one in entries for name in one.settings}
    return sorted(n for n in names if any(one.settings.get(n) != entries[0].settings.get(n) for one in entries))


def _same_test(entries: Sequence[Entry]) -> list[bool]:
    """Of each entry whether it has an accuracy on the test that most of them were asked.

    Where answers are not in the cache, the test is known by its hash in dvc.lock.
    """
    by_answers = {one.test: _asked(one) for one in entries if one.sitting}
    tests = [(_asked(one) if one.sitting else by_answers.get(one.test, one.test)) for one in entries]
    counts = Counter(test for test, one in zip(tests, entries, strict=True) if one.evaluation)
    usual = counts.most_common(1)[0][0] if counts else None
    return [bool(one.evaluation) and test == usual for test, one in zip(tests, entries, strict=True)]


def _versions(entries: Sequence[Entry]) -> list[str]:
    return sorted({one.test_version for one in entries if one.test_version})


def _asked(entry: Entry) -> Any:
    return entry.sitting and (entry.sitting.evaluator, frozenset(entry.sitting.asked.items()))


def _prices_of_points(rows: Sequence[dict[str, Any]]) -> dict[str, str | None]:
    """The names of the cheapest and the most accurate; a row gets what a point costs from the one and to the other."""
    if not rows:
        return {"cheapest": None, "best": None}
    places = [(row["total_usd"], row["accuracy"]) for row in rows]
    low, best = cheapest(places), most_accurate(places)
    for row, place in zip(rows, places, strict=True):
        row["usd_per_point_over_cheapest"] = usd_per_point(places[low], place)
        row["usd_per_point_to_best"] = usd_per_point(place, places[best])
    return {"cheapest": rows[low]["name"], "best": rows[best]["name"]}


def _notes(
    entries: Sequence[Entry], rows: Sequence[Mapping[str, Any]], same: Sequence[bool], usd_per_device_hour: float
) -> list[str]:
    """What a reader must know before comparing."""
    notes = [f"{one.name}: {reason}" for one in entries for reason in one.lacks.values()]
    others = [one.name for one, like in zip(entries, same, strict=True) if one.evaluation and not like]
    if others:
        notes.append(
            f"{', '.join(others)}: asked another test than most, so without a place on the front or a price of a point"
        )
    versions = _versions(entries)
    if len(versions) > 1:
        told = (f"{', '.join(one.name for one in entries if one.test_version == said)}: {said}" for said in versions)
        notes.append(f"Not one test. {'; '.join(told)}")
    prices = {
        tuple(sorted((k, repr(v)) for k, v in one.settings.items() if k.startswith(_PRICES)))
        for one in entries
        if one.costs
    }
    if len(prices) > 1:
        notes.append("The price lists in the section `report` differ: part of the difference in USD is theirs")
    totals = {row["total_usd"] for row in rows if row.get("total_usd") is not None}
    if len(totals) == 1 and len(rows) > 1:
        way = "" if usd_per_device_hour else "; `--usd-per-device-hour` prices the hours of a device that has no price"
        notes.append(f"All cost the same, {totals.pop():.2f} USD: no point has a price{way}")
    return notes
