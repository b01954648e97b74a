"""What leaves for another tool: a row or question with its texts, what filters and judges said, and its sources.

Its texts are single strings, of a question each choice by itself and the answer as a letter, and an edit comes back by
the same names. Not covered: the tools' formats.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from finsmith.core.io import write_bytes_of
from finsmith.core.records import CHOICE_LETTERS, Passage, Term

from ..decisions import Edit, Kind
from ..page.library import Library
from ..queue import Item, Queue
from ..queue_file import Line

AUDIT = ("instruction_valid", "input_fits", "output_right")  # the audit's questions, in the order of `answers`
TEXTS: dict[Kind, tuple[str, ...]] = {
    "row": ("instruction", "input", "output"),
    "question": (
        "stem",
        *(f"choice_{at}" for at, _ in enumerate(CHOICE_LETTERS, 1)),
        "answer",
        "explanation",
        "evidence",
    ),
    "sample": ("instruction", "input", "output"),
}
NEW = "new_"  # before the name of a text, what a person left of it
FOLDERS: dict[Kind, str] = {"row": "rows", "question": "questions", "sample": "sample"}


@dataclass(frozen=True)
class Task:
    """A row or question that a person looks at in another tool; `texts` are those of TEXTS, "" where it has none."""

    item: Item
    texts: Mapping[str, str]
    marks: str
    sources: str

    @property
    def named(self) -> str:
        """What it is called above its texts."""
        return f"{self.item.recipe or self.item.kind} · {self.item.id}"


def tasks(queue: Queue, library: Library, items: Iterable[Item]) -> Iterator[Task]:
    """The tasks of items, read where they stand."""
    for item in items:
        line = queue.read(item)
        marks = "\n".join(map(_mark, queue.marks(item)))
        sources = "\n\n".join(map(_source, library.sources(line)))
        yield Task(item, texts_of(item.kind, line), marks, sources)


def texts_of(kind: Kind, line: Line) -> dict[str, str]:
    """The texts of a row or question by name."""
    texts = dict.fromkeys(TEXTS[kind], "") | {name: line[name] for name in TEXTS[kind] if name in line}
    if kind == "question":
        texts |= {f"choice_{at}": text for at, text in enumerate(line["choices"], 1)}
        texts["answer"] = CHOICE_LETTERS[line["answer"]]
    return texts


def edit_of(shown: Mapping[str, str], said: Mapping[str, str]) -> Edit | None:
    """The edit that leads from texts as shown to those that a person left; a text that is not named is unchanged."""
    after = dict(shown) | {name: text for name, text in said.items() if name in shown}
    changed: dict[str, Any] = {name: text for name, text in after.items() if text != shown[name]}
    choices = {name: changed.pop(name) for name in list(changed) if name.startswith("choice_")}
    if choices:
        changed["choices"] = tuple(text for name, text in after.items() if name.startswith("choice_") and text)
    if choices or "answer" in changed:
        changed["answer"] = CHOICE_LETTERS.index(after["answer"])
    return Edit(**changed) if changed else None


def write_array(path: Path, values: Iterable[Mapping[str, Any]]) -> None:
    """Writes a JSON array of the values, streamed and atomically."""
    lines = ((b",\n" if at else b"") + orjson.dumps(value) for at, value in enumerate(values))
    write_bytes_of(path, chain([b"[\n"], lines, [b"\n]\n"]))


def _mark(line: Line) -> str:
    if "filter" in line:
        return f"{line['filter']}: {line['reason']}"
    return f"{line['kind']}: {line['right']}/{line['votes']}"


def _source(one: Passage | Term) -> str:
    if isinstance(one, Term):
        return f"[{one.source}, {one.row}] {one.term}: {one.definition}"
    pages = "–".join(str(page) for page in (one.pages[0], one.pages[-1])[: 1 if len(one.pages) == 1 else 2])
    return "\n".join((f"[{one.document}, {pages}] {' > '.join(one.headings)}", one.text))
