"""What the filters rejected and marked, for the terminal: counts by filter, the rows of one, one row in full.

Not covered: replies that gave no row, which are in `data/calls`; the HTML report, which shows some of each filter.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from finsmith.core.errors import SourceError
from finsmith.core.io import read_jsonl
from finsmith.core.records import Example, Flagged, Rejected

_LISTED = 30
_WIDE = 90  # characters of a text in a list


def overview(filtered: Path) -> Iterator[str]:
    """A line for each filter that rejected or marked rows, the busiest first, with its commonest reason."""
    counts: Counter[tuple[str, str]] = Counter()
    reasons: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    rejected = (("rejected", one) for one in read_jsonl(filtered / "rejected.jsonl", Rejected))
    marked = (("marked", one) for one in read_jsonl(filtered / "flagged.jsonl", Flagged))
    found: Iterator[tuple[str, Rejected | Flagged]] = chain(rejected, marked)
    for kind, one in found:
        counts[kind, one.filter] += 1
        reasons[kind, one.filter][one.reason] += 1
    if not counts:
        yield "no row was rejected or marked"
    for (kind, name), count in counts.most_common():
        ((reason, times),) = reasons[kind, name].most_common(1)
        yield f"{count:7,} {kind:8} {name:24} {reason} ({times:,})"


def of_filter(filtered: Path, name: str) -> Iterator[str]:
    """The rows that a filter rejected or marked: id, recipe, reason, and the row's first words.

    Raises:
        SourceError: it rejected and marked nothing.
    """
    flags = {flag.example_id: flag for flag in read_jsonl(filtered / "flagged.jsonl", Flagged) if flag.filter == name}
    rejected = ((r.example, r) for r in read_jsonl(filtered / "rejected.jsonl", Rejected) if r.filter == name)
    marked = ((e, flags[e.id]) for e in read_jsonl(filtered / "kept.jsonl", Example) if e.id in flags)
    count = 0
    for found in (rejected, marked):
        for example, finding in found:
            count += 1
            if count <= _LISTED:
                yield f"{example.id} {example.recipe}: {finding.reason}{_told(finding)}"
                yield f"    {_short(example.instruction)} -> {_short(example.output)}"
    if not count:
        raise SourceError(
            f"{filtered}: the filter {name!r} rejected and marked no row. Run `finsmith rejects` for those that did."
        )
    if count > _LISTED:
        yield f"and {count - _LISTED:,} more"
    yield "one of them whole: finsmith rejects --example ID"


def of_example(filtered: Path, example_id: str) -> Iterator[str]:
    """A row whole, what every filter found in it, and what it clashed with.

    Raises:
        SourceError: no such row came to the filters.
    """
    findings: list[Rejected | Flagged] = []
    example = None
    for reject in read_jsonl(filtered / "rejected.jsonl", Rejected):
        if reject.example.id == example_id:
            example = reject.example
            findings.append(reject)
    findings += [flag for flag in read_jsonl(filtered / "flagged.jsonl", Flagged) if flag.example_id == example_id]
    wanted = {example_id, *(finding.against for finding in findings)}
    known = {e.id: e for e in read_jsonl(filtered / "kept.jsonl", Example) if e.id in wanted}
    known |= {
        r.example.id: r.example for r in read_jsonl(filtered / "rejected.jsonl", Rejected) if r.example.id in wanted
    }
    example = example or known.get(example_id)
    if not example:
        raise SourceError(
            f"{filtered}: no row {example_id} came to the filters. `finsmith rejects --filter NAME` lists ids."
        )
    yield from _whole(example)
    if not findings:
        yield "kept; no filter found anything"
    for finding in findings:
        verb = "rejected" if isinstance(finding, Rejected) else "marked"
        yield f"{verb} by {finding.filter}: {finding.reason}{_told(finding)}"
        if other := known.get(finding.against):
            yield from _whole(other)


def _whole(example: Example) -> Iterator[str]:
    yield f"{example.id} {example.recipe}, from {', '.join(example.provenance.sources)}"
    for field in ("instruction", "input", "output"):
        if text := getattr(example, field):
            yield from (f"  {field + ':':13}{text}".replace("\n", "\n" + " " * 15), "")


def _told(finding: Rejected | Flagged) -> str:
    return f" [{finding.against}]" if finding.against else ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDE else f"{line[: _WIDE - 1]}…"
