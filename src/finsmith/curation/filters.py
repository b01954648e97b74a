"""The registries of filters, and the one loop that applies them: kept + rejected = candidates, always.

Add a filter: write the function, list it here, name it in `filter.enabled`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tqdm import tqdm

from finsmith.core.errors import ParamsError
from finsmith.core.records import Example, Question, Rejected

from . import row_filters, set_filters
from .params import FilterParams
from .row_filters import Finding

RowFilter = Callable[[Example, FilterParams], Finding | None]
SetFilter = Callable[[Sequence[Example], Sequence[Question], FilterParams], dict[str, Finding]]

ROW_FILTERS: dict[str, RowFilter] = {
    "empty": row_filters.empty,
    "length": row_filters.length,
    "repeats_input": row_filters.repeats_input,
}
SET_FILTERS: dict[str, SetFilter] = {
    "exact_duplicates": set_filters.exact_duplicates,
    "superseded": set_filters.superseded,
    "conflicting_outputs": set_filters.conflicting_outputs,
    "novelty": set_filters.novelty,
    "test_overlap": set_filters.test_overlap,
}


@dataclass(frozen=True)
class Filtered:
    """The rows that passed every filter and those that did not, each group in candidate order."""

    kept: list[Example]
    rejected: list[Rejected]


def apply_filters(examples: Sequence[Example], questions: Sequence[Question], params: FilterParams) -> Filtered:
    """Passes the rows through `params.enabled` in order; a row stops at the first filter that rejects it.

    Raises:
        ParamsError: a filter that is in no registry.
    """
    known = [*ROW_FILTERS, *SET_FILTERS]
    if unknown := [name for name in params.enabled if name not in known]:
        raise ParamsError(f"`filter.enabled`: unknown {', '.join(unknown)}; there are: {', '.join(known)}")
    kept, rejected = list(examples), []
    for name in tqdm(params.enabled, desc="filtering", unit="filter"):
        verdicts = _verdicts(name, kept, questions, params)
        rejected += [
            Rejected(example=e, filter=name, reason=v.reason, score=v.score, against=v.against)
            for e, v in zip(kept, verdicts, strict=True)
            if v
        ]
        kept = [e for e, v in zip(kept, verdicts, strict=True) if not v]
    return Filtered(kept, rejected)


def _verdicts(
    name: str, examples: Sequence[Example], questions: Sequence[Question], params: FilterParams
) -> list[Finding | None]:
    """One verdict per row. Rows with one id are one row twice: the first is judged, every later one is a duplicate."""
    if name in ROW_FILTERS:
        return [ROW_FILTERS[name](example, params) for example in examples]
    unique = list({example.id: example for example in examples}.values())
    found = SET_FILTERS[name](unique, questions, params)
    seen: set[str] = set()
    verdicts: list[Finding | None] = []
    for example in examples:
        again = example.id in seen and name in ("exact_duplicates", "novelty")
        verdicts.append(Finding("the same as an earlier row", 1.0, example.id) if again else found.get(example.id))
        seen.add(example.id)
    return verdicts


def funnel(candidates: Sequence[Example], filtered: Filtered, params: FilterParams) -> dict[str, object]:
    """Counts for the metrics file: candidates, kept, rejected, and both by filter and by recipe."""
    recipes = sorted({e.recipe for e in candidates})
    families: dict[str, Counter[str]] = defaultdict(Counter)
    for reject in filtered.rejected:
        families[reject.example.recipe.split(".")[0]][reject.filter] += 1
    return {
        "candidates": len(candidates),
        "kept": len(filtered.kept),
        "rejected": len(filtered.rejected),
        "rejected_by_filter": {n: sum(r.filter == n for r in filtered.rejected) for n in params.enabled},
        "rejected_by_recipe": {name: dict(sorted(found.items())) for name, found in sorted(families.items())},
        "kept_by_recipe": {n: sum(e.recipe == n for e in filtered.kept) for n in recipes},
    }


def funnel_steps(counts: dict[str, object], params: FilterParams) -> list[dict[str, object]]:
    """The rows left after each filter, in order, for the plot."""
    by_filter = counts["rejected_by_filter"]
    assert isinstance(by_filter, dict) and isinstance(counts["candidates"], int)
    left = counts["candidates"]
    steps: list[dict[str, object]] = [{"step": "0 candidates", "rows": left}]
    for number, name in enumerate(params.enabled, 1):
        left -= by_filter[name]
        steps.append({"step": f"{number} {name}", "rows": left})
    return steps
