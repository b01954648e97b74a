"""Kept rows on disk, and what mixing must know of each: a million of them fit in memory.

Not covered: which rows are taken; `mix` decides that.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from sys import intern
from typing import NamedTuple

from finsmith.core.io import read_jsonl
from finsmith.core.records import Example

CountTokens = Callable[[str], int]
GENERAL = "general"


class Row(NamedTuple):
    """A row by where its line begins in the file, in bytes, with its recipe, first source and tokens."""

    offset: int
    recipe: str
    source: str
    tokens: int


def read_rows(path: Path, count_tokens: CountTokens) -> Iterator[Row]:
    """The rows of a file of examples, in order; each line is checked."""
    with path.open("rb") as lines:
        offset = 0
        for example in read_jsonl(path, Example):
            tokens = count_tokens(f"{example.instruction}\n{example.input}\n{example.output}")
            source = "" if example.recipe == GENERAL else intern(example.provenance.sources[0])
            yield Row(offset, intern(example.recipe), source, tokens)
            lines.seek(offset)
            offset += len(lines.readline())


def lines_of(path: Path, rows: Iterable[Row]) -> Iterator[bytes]:
    """The rows' lines as they stand in the file, in the order of the rows."""
    with path.open("rb") as lines:
        for row in rows:
            lines.seek(row.offset)
            yield lines.readline()
