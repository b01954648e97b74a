"""The registry of filters, and the one loop that applies them: kept + rejected = candidates, always.

Add a filter: write the function, list it here, name it in `filter.enabled`, or in `filter.flagging` to mark rows only.
Rows stream through all filters; what is kept in memory is told by each. Not covered: what the rows are read from.
"""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from finsmith.core.errors import ParamsError
from finsmith.core.io import read_jsonl, write_jsonl
from finsmith.core.records import Example, Flagged, Rejected

from . import answers, copies, duplicates, four_choice, grounding, judgements, reach, size, wording
from .finding import Context, Filter, each, each_written
from .meaning import same_meaning
from .novelty import novelty
from .params import FilterParams

FILTERS: dict[str, Filter] = {
    "empty": each(size.empty),
    "length": each(size.length),
    "repeats_input": each(copies.repeats_input),
    "repeats_instruction": each_written(copies.repeats_instruction),
    "loops": each_written(copies.loops),
    "unanswerable": each_written(reach.unanswerable),
    "leans_on_unseen": each_written(reach.leans_on_unseen),
    "refuses": each_written(answers.refuses),
    "breaks_off": each_written(answers.breaks_off),
    "foreign": each_written(wording.foreign),
    "leaks_prompt": each_written(wording.leaks_prompt),
    "breaks_markdown": each_written(wording.breaks_markdown),
    "mixes_politeness": each(wording.mixes_politeness),
    "personal_data": each(wording.holds_personal_data),
    "bad_choices": each(four_choice.bad_choices),
    "answer_not_in_passage": each(four_choice.answer_not_in_passage),
    "foreign_figures": each(grounding.foreign_figures),
    "wrong_direction": each(grounding.wrong_direction),
    "foreign_names": each(grounding.foreign_names),
    "weak_support": each(grounding.weak_support),
    "answer_in_hard_negative": each(grounding.answer_in_hard_negative),
    "disputed_answer": each(judgements.disputed_answer),
    "solved_without_passage": each(judgements.solved_without_passage),
    "unfaithful": each(judgements.unfaithful),
    "exact_duplicates": duplicates.exact_duplicates,
    "superseded": duplicates.superseded,
    "conflicting_outputs": duplicates.conflicting_outputs,
    "similar_stems": four_choice.similar_stems,
    "novelty": novelty,
    "same_meaning": same_meaning,
    "near_test": lambda rows, context: context.near_test(rows),
}
_TWO_PASSES = {"superseded", "conflicting_outputs"}  # read all rows before they judge the first

Reject = Callable[[Rejected], None]
Flag = Callable[[Flagged], None]


@dataclass
class Funnel:
    """Counts of what came, went and stayed, by filter and by recipe."""

    candidates: int = 0
    kept: Counter[str] = field(default_factory=Counter)  # by recipe
    rejected: Counter[str] = field(default_factory=Counter)  # by filter
    rejected_by_recipe: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    flagged: Counter[str] = field(default_factory=Counter)  # by filter

    def metrics(self, params: FilterParams) -> dict[str, object]:
        """The counts for the metrics file."""
        return {
            "candidates": self.candidates,
            "kept": self.kept.total(),
            "rejected": self.rejected.total(),
            "rejected_by_filter": {name: self.rejected[name] for name in params.enabled},
            "rejected_by_recipe": {
                name: dict(sorted(of.items())) for name, of in sorted(self.rejected_by_recipe.items())
            },
            "kept_by_recipe": dict(sorted(self.kept.items())),
            "flagged_by_filter": {name: self.flagged[name] for name in params.flagging},
        }

    def steps(self, params: FilterParams) -> list[dict[str, object]]:
        """The rows left after each filter, in order, for the plot."""
        left, steps = self.candidates, [{"step": "0 candidates", "rows": self.candidates}]
        for number, name in enumerate(params.enabled, 1):
            left -= self.rejected[name]
            steps.append({"step": f"{number} {name}", "rows": left})
        return steps


def apply_filters(
    candidates: Iterable[Example], context: Context, funnel: Funnel, reject: Reject, flag: Flag
) -> Iterator[Example]:
    """The rows that pass `enabled` in order, in candidate order; a row stops at the first filter that rejects it.

    Rejected rows go to `reject`; what `flagging` finds in a kept row goes to `flag`, and the row stays.

    Raises:
        ParamsError: a filter that is not in the registry, or is named twice.
    """
    params = context.params
    names = [*params.enabled, *params.flagging]
    if unknown := [name for name in names if name not in FILTERS]:
        raise ParamsError(f"`filter.enabled`: unknown {', '.join(unknown)}; there are: {', '.join(FILTERS)}")
    if twice := sorted(name for name, times in Counter(names).items() if times > 1):
        raise ParamsError(f"`filter.enabled`, `filter.flagging`: {', '.join(twice)} stands there twice.")
    return _apply(candidates, context, funnel, reject, flag)


def _apply(
    candidates: Iterable[Example], context: Context, funnel: Funnel, reject: Reject, flag: Flag
) -> Iterator[Example]:
    def rejecting(name: str, rows: Iterable[Example]) -> Iterator[Example]:
        for row, finding in FILTERS[name](rows, context):
            if finding:
                funnel.rejected[name] += 1
                funnel.rejected_by_recipe[row.recipe.partition(".")[0]][name] += 1
                reject(Rejected(example=row, filter=name, **finding._asdict()))
            else:
                yield row

    def flagging(name: str, rows: Iterable[Example]) -> Iterator[Example]:
        for row, finding in FILTERS[name](rows, context):
            if finding:
                funnel.flagged[name] += 1
                flag(Flagged(example_id=row.id, filter=name, **finding._asdict()))
            yield row

    def counted(rows: Iterable[Example]) -> Iterator[Example]:
        for row in tqdm(rows, desc="filtering", unit="row"):
            funnel.candidates += 1
            yield row

    with tempfile.TemporaryDirectory() as folder:
        rows: Iterable[Example] = counted(candidates)
        for names, step in ((context.params.enabled, rejecting), (context.params.flagging, flagging)):
            for name in names:
                rows = step(name, _OnDisk(rows, Path(folder) / name) if name in _TWO_PASSES else rows)
        for row in rows:
            funnel.kept[row.recipe] += 1
            yield row


class _OnDisk:
    """Rows that can be read several times: written to a file when they are first read."""

    def __init__(self, rows: Iterable[Example], path: Path) -> None:
        self._rows, self._path = rows, path

    def __iter__(self) -> Iterator[Example]:
        if not self._path.exists():
            write_jsonl(self._path, self._rows)
        return read_jsonl(self._path, Example)
