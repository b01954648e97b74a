"""The tools that rows go to and answers come from."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from finsmith.core.errors import ReviewError
from finsmith.core.records import SourceReject

from ..decisions import Kind
from . import argilla, label_studio
from .answers import Answer
from .tasks import Task
from .words import Words


class Tool(NamedTuple):
    """How tasks of one kind are written into a folder for a tool, and how answers are read from its export."""

    write: Callable[[Path, Kind, Iterable[Task], Words], None]
    read: Callable[[Path], Iterator[Answer | SourceReject]]


TOOLS = {
    "label-studio": Tool(label_studio.write, label_studio.read),
    "argilla": Tool(argilla.write, argilla.read),
}


def tool_of(name: str) -> Tool:
    """The tool of a name.

    Raises:
        ReviewError: there is none of that name.
    """
    if name not in TOOLS:
        raise ReviewError(f"--tool {name!r}: it must be one of {', '.join(TOOLS)}.")
    return TOOLS[name]
