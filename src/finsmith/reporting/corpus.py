"""The corpus as a table for the terminal: what each document gave, how large it all is, and what it can bear.

Not covered: the same in the HTML report, which is in its template.
"""

from collections.abc import Iterable, Mapping, Sequence

from rich.table import Table

from finsmith.core.records import DocumentCounts, SourceReject

from .console import console

# what the marks of `corpora_for` are called; tokens in brackets
SCALE_MARK_NAMES = {
    "bank_of_korea_outlook_2023": "one Bank of Korea outlook report of 2023, 68 pages (65,422)",
    "phi_1": "phi-1's training set (7 billion)",
    "bloomberggpt": "BloombergGPT's training set (700 billion)",
    "llama_2": "Llama 2's training set (2 trillion)",
}
_COLUMNS = (
    "pages",
    "characters",
    "tokens",
    "passages",
    "tables",
    "ocr_pages",
    "unread_pages",
    "respaced_pages",
    "respaced_paragraphs",
    "furniture",
    "masked",
)


def print_corpus(
    counts: Sequence[DocumentCounts],
    rejects: Sequence[SourceReject],
    corpora_for: Mapping[str, float],
    capacity: Mapping[str, int],
) -> None:
    """Prints the tables, as wide as the terminal; a file or a pager gets them wide enough to cut nothing."""
    screen = console()
    screen.print(documents_table(counts))
    if rejects:
        screen.print(unread_table(rejects))
    screen.print(scale_table(corpora_for))
    screen.print(capacity_table(capacity))


def documents_table(counts: Sequence[DocumentCounts]) -> Table:
    """A row for each file, and their sum."""
    table = Table(title="documents", title_justify="left", show_footer=True)
    table.add_column("document", "all", overflow="fold")
    for name in _COLUMNS:
        table.add_column(name.replace("_", " "), f"{sum(getattr(one, name) for one in counts):,}", justify="right")
    table.add_column("language")
    for one in counts:
        table.add_row(one.name, *(f"{getattr(one, name):,}" for name in _COLUMNS), one.language or "–")
    return table


def scale_table(corpora_for: Mapping[str, float]) -> Table:
    """How many such corpora make what published models were trained on."""
    table = Table(title="size", title_justify="left")
    table.add_column("to have as many tokens as")
    table.add_column("such corpora", justify="right")
    for mark, needed in corpora_for.items():
        table.add_row(SCALE_MARK_NAMES[mark], f"{needed:,.0f}" if needed >= 10 else f"{needed:.2g}")
    return table


def capacity_table(capacity: Mapping[str, int]) -> Table:
    """The rows each recipe could make of it."""
    table = Table(title="what it can bear", title_justify="left")
    table.add_column("recipe")
    table.add_column("rows, before filters", justify="right")
    for recipe, rows in capacity.items():
        table.add_row(recipe, f"{rows:,}")
    return table


def unread_table(rejects: Iterable[SourceReject]) -> Table:
    """What could not be used, and why."""
    table = Table(title="not used", title_justify="left")
    for heading in ("file", "place", "reason"):
        table.add_column(heading, overflow="fold")
    for row in by_reason(rejects):
        table.add_row(*row)
    return table


def by_reason(rejects: Iterable[SourceReject]) -> list[tuple[str, str, str]]:
    """File, places and reason; the places of one file with the same reason together, the first and last of many."""
    places: dict[tuple[str, str], list[str]] = {}
    for reject in rejects:
        places.setdefault((reject.source, reject.reason), []).append(reject.place)
    return [(source, _shortened(where), reason) for (source, reason), where in places.items()]


def _shortened(places: Sequence[str]) -> str:
    return ", ".join(places) if len(places) <= 3 else f"{places[0]} … {places[-1]} ({len(places)})"
