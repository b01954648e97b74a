"""Prints how many cells of the gold tables each reader gets right, and how long it takes.

Run as `python -m benchmarks.tables [folder of the PDFs]`. Not covered: the rest of the documents.
"""

import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from time import perf_counter

from .gold import Gold, read_gold
from .readers import READERS, Found
from .score import Score, extra, score, total

_FOLDER = Path("../shared/inputs/pdf")
_COLUMN = 24


def main(folder: Path) -> None:
    """Prints a line per table, the totals by the kind of rules, and the totals."""
    paths = {unicodedata.normalize("NFC", path.name): path for path in folder.glob("*.pdf")}
    gold = [one for one in read_gold() if one.document in paths]
    if not gold:
        raise SystemExit(f"none of the documents of the gold tables is in {folder}")
    found, seconds = _read(gold, paths)
    scores = {name: [score(one, found[name][one.document, one.page]) for one in gold] for name in READERS}
    _print("exact / cells, found anywhere", READERS)
    for at, one in enumerate(gold):
        size = f"{len(one.cells)}x{len(one.cells[0])}"
        _print(
            f"{one.document[:20]:20} p. {one.page:2} {one.rules:4} {size}", [scores[name][at].line for name in READERS]
        )
    for rules in dict.fromkeys(one.rules for one in gold):
        kept = [at for at, one in enumerate(gold) if one.rules == rules]
        _print(f"{len(kept)} tables, rules: {rules}", _totals(scores, kept))
    _print(f"all {len(gold)} tables", _totals(scores, range(len(gold))))
    _print("tables wholly exact", [f"{total(scores[name]).whole:4d}" for name in READERS])
    _print("tables where none is", [f"{_extra(gold, found[name]):4d}" for name in READERS])
    _print("seconds", [f"{seconds[name]:6.1f}" for name in READERS])


_Pages = dict[tuple[str, int], list[Found]]


def _read(gold: Sequence[Gold], paths: dict[str, Path]) -> tuple[dict[str, _Pages], dict[str, float]]:
    """Each reader's tables on the pages that have gold tables, and its seconds."""
    found: dict[str, _Pages] = {name: {} for name in READERS}
    seconds = dict.fromkeys(READERS, 0.0)
    for document, rows in groupby(gold, lambda one: one.document):
        pages = sorted({one.page for one in rows})
        for name, reader in READERS.items():
            start = perf_counter()
            tables = reader(paths[document], pages)
            seconds[name] += perf_counter() - start
            found[name] |= {(document, page): tables[page] for page in pages}
    return found, seconds


def _totals(scores: dict[str, list[Score]], kept: Sequence[int]) -> Iterator[str]:
    return (total(scores[name][at] for at in kept).line for name in READERS)


def _extra(gold: Sequence[Gold], found: _Pages) -> int:
    return sum(
        extra([one for one in gold if (one.document, one.page) == place], tables) for place, tables in found.items()
    )


def _print(label: str, cells: Iterable[str]) -> None:
    print(f"{label:40}", *(f"{cell:{_COLUMN}}" for cell in cells))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else _FOLDER)
