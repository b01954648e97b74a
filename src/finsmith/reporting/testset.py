"""The closed test for the terminal: what was imported, how it is balanced, its versions, what waits for people.

Not covered: what the versions are made of.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from .console import console

_SHOWN = 20  # rejects of a file, values of an attribute
_COUNTS = ("accepted", "before", "wanted", "picked")


def imported_lines(files: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What became of each file, with the rows that are no candidates."""
    for one in files:
        written, rejects = one["written"], one["rejects"]
        gone = f", {one['gone']} of before are there no more" if one["gone"] else ""
        yield f"{one['source']}: {one['questions']} candidates in {written}, {one['new']} new{gone}"
        if one["unused"]:
            yield f"  nothing was read of the columns {', '.join(one['unused'])}"
        if rejects:
            yield f"  {len(rejects)} rows are no candidates ({written.parent / 'rejects' / written.name}):"
        for reject in rejects[:_SHOWN]:
            yield f"  {reject.place}: {reject.reason}"
        if len(rejects) > _SHOWN:
            yield f"  and {len(rejects) - _SHOWN} more"


def print_balance(rows: Sequence[Mapping[str, Any]]) -> None:
    """Prints how many of each value are accepted, stood in the test, were wanted and picked."""
    table = _table("balance", ("", "", *_COUNTS))
    for attribute in dict.fromkeys(row["attribute"] for row in rows):
        of = sorted((row for row in rows if row["attribute"] == attribute), key=lambda row: -row["picked"])
        for number, row in enumerate(of[:_SHOWN]):
            table.add_row("" if number else attribute, escape(row["value"]), *(f"{row[name]:,}" for name in _COUNTS))
        if rest := of[_SHOWN:]:
            sums = (f"{sum(row[name] for row in rest):,}" for name in _COUNTS)
            table.add_row("", f"{len(rest)} others", *sums, end_section=True)
        else:
            table.add_section()
    console().print(table)


def print_counts(counts: Mapping[str, Mapping[str, int]]) -> None:
    """Prints how many questions there are of each value."""
    table = _table("questions", ("", "", "questions"))
    for attribute, of in counts.items():
        by_number = sorted(of.items(), key=lambda item: -item[1]) if attribute != "answer" else list(of.items())
        for number, (name, count) in enumerate(by_number[:_SHOWN]):
            table.add_row("" if number else attribute, escape(name), f"{count:,}")
        if rest := by_number[_SHOWN:]:
            table.add_row("", f"{len(rest)} others", f"{sum(count for _, count in rest):,}")
        table.add_section()
    console().print(table)


def built_lines(told: Mapping[str, int]) -> Iterator[str]:
    """How many candidates were decided how, and how many wait for people."""
    decided = f"{told['approved']:,} accepted ({told['edited']:,} of them edited), {told['rejected']:,} rejected"
    waits = f"{told['waiting']:,} wait for people ({told['conflicts']:,} in conflict)"
    yield f"candidates: {told['rows']:,}; {decided}, {waits} and are not taken"
    if told["unread"]:
        yield f"{told['unread']:,} lines in the folder of decisions are none (data/reviewed/unread.jsonl)"


def version_lines(versions: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The changelog, a line for each version."""
    for one in versions:
        changed = ", ".join(f"{len(one[name])} {name}" for name in ("added", "removed", "replaced") if one[name])
        yield (
            f"version {one['number']} of {one['at']}: {one['questions']:,} questions, {changed}; "
            f"digest {one['digest'][:12]}; {one['reason'] or 'no reason given'}"
        )


def _table(title: str, headings: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number > 1 else "left", overflow="fold")
    return table
