"""Questions to base and adapter in a terminal, the answers side by side; through a pipe, one below the other.

Each question is asked by itself: the models were trained on single turns, so what was said before would only confuse
them. Not covered: the models (`training/chat.py`).
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial

from rich import box
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

# question, name of the model, what to do with each piece of its answer
Ask = Callable[[str, str, Callable[[str], None]], None]
NAMES = ("base", "adapter")
_QUIT = "/quit"


def chat(ask: Ask) -> None:
    """Asks what people type, or what a pipe holds, line by line, until it ends or says /quit."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        console = Console()
        console.print(f"Each question is asked by itself. {_QUIT} or Ctrl-D ends.", style="dim")
        for question in _questions(_typed()):
            _side_by_side(question, ask, console)
    else:
        for question in _questions(sys.stdin):
            _one_below_the_other(question, ask)


def _questions(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        question = line.strip()
        if question == _QUIT:
            return
        if question:
            yield question


def _typed() -> Iterator[str]:
    with suppress(ModuleNotFoundError):  # not on Windows
        import readline  # noqa: F401 -- its import gives editing of whole syllables and earlier questions to `input`
    while True:
        try:
            yield input("> ")
        except (EOFError, KeyboardInterrupt):
            return


def _side_by_side(question: str, ask: Ask, console: Console) -> None:
    """Two columns that fill as the answers are written; Ctrl-C ends an answer, not the conversation."""
    said = dict.fromkeys(NAMES, "")
    with Live(_columns(said), console=console, vertical_overflow="visible") as live:

        def hear(name: str, text: str) -> None:
            said[name] += text
            live.update(_columns(said))

        try:
            for name in NAMES:
                ask(question, name, partial(hear, name))
        except KeyboardInterrupt:
            return


def _columns(said: dict[str, str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=True)
    for name in NAMES:
        table.add_column(name, ratio=1, overflow="fold")
    table.add_row(*(Text(said[name].strip()) for name in NAMES))
    return table


def _one_below_the_other(question: str, ask: Ask) -> None:
    print(f"> {question}")
    for name in NAMES:
        pieces: list[str] = []
        ask(question, name, pieces.append)
        print(f"{name}: {''.join(pieces).strip()}", flush=True)
    print(flush=True)
