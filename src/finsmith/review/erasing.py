"""Texts of a withdrawn document in what people decided: finding and erasing them; the decisions themselves stay.

A decision whose reason or edit holds such a text loses both and keeps its id, so that all that follow it still do. Not
covered: git's history, in which the file stands as it was.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path

from finsmith.core.io import write_bytes

from .course import parse_line, reviewer_of
from .decisions import Decision
from .journal import locked


def decision_texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Every reason and edited text with its place (file:line); of a line that is no decision, the whole line."""
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_bytes().splitlines(keepends=True), 1):
            for text in _texts(parse_line(line, reviewer_of(path)), line):
                yield f"{path}:{number}", text


def erase_decisions(places: Collection[str]) -> None:
    """Erases the texts at the places, durably; a line that is no decision goes as a whole.

    Raises:
        OutputError: a file cannot be written; it is as it was.
    """
    by_file: dict[Path, set[int]] = defaultdict(set)
    for place in places:
        name, _, number = place.rpartition(":")
        by_file[Path(name)].add(int(number))
    for path, numbers in by_file.items():
        with locked(path):
            lines = path.read_bytes().splitlines(keepends=True)
            left = (_erased(line, path) if at in numbers else line for at, line in enumerate(lines, 1))
            write_bytes(path, b"".join(left))


def _texts(found: Decision | str, line: bytes) -> Iterator[str]:
    if isinstance(found, str):
        yield line.decode("utf-8", errors="replace")
        return
    yield found.reason
    for value in (found.edit.changes if found.edit else {}).values():
        yield from value if isinstance(value, tuple) else [str(value)]


def _erased(line: bytes, path: Path) -> bytes:
    found = parse_line(line, reviewer_of(path))
    return b"" if isinstance(found, str) else found.without_texts().line()
