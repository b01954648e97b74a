"""Limits on the time and memory of one step of reading, kept by the operating system.

A library that hangs or swells inside its own code hears no Python. So the system ends the process when a step's time is
over, or refuses it memory, and the note of what it was at stays in a file; the next attempt leaves that step out.
Outside of a worker process nothing is limited. Not covered: starting the next attempt, which is `document_pool`.
"""

import resource
import signal
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

_STATM = Path("/proc/self/statm")  # sizes of this process, in pages of memory; Linux has it
_WHOLE_FILE = 10  # times a page's seconds, for what is done to all pages at once
_BY_THE_CLOCK = 10  # times the processor's seconds, so that a busy machine loses no page


@dataclass(frozen=True)
class Step:
    """What is done to one page; page 0 is the whole file."""

    what: str
    page: int

    @property
    def place(self) -> str:
        """Where in the file, as rejects tell it."""
        return f"page {self.page}" if self.page else "file"


@dataclass(frozen=True)
class _Watch:
    note: Path
    left_out: Collection[Step]
    seconds: float


_watch: ContextVar[_Watch | None] = ContextVar("watch", default=None)


def begin(what: str, page: int = 0) -> bool:
    """Whether this step is to be done, whose time then begins; False where it broke a limit before."""
    watch, step = _watch.get(), Step(what, page)
    if watch is None:
        return True
    if step in watch.left_out:
        return False
    watch.note.write_text(f"{page} {what}", encoding="utf-8")
    _set_timers(watch.seconds * (1 if page else _WHOLE_FILE))
    return True


def _set_timers(seconds: float) -> None:
    """Ends the process after so many seconds of work; 0 lets it go on for ever."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, _BY_THE_CLOCK * seconds)


def noted_step(note: Path) -> Step:
    """The step that the process which wrote the note was at."""
    page, _, what = note.read_text(encoding="utf-8").partition(" ") if note.exists() else ("0", "", "reading")
    return Step(what, int(page))


@contextmanager
def limited(note: Path, left_out: Collection[Step], seconds: float) -> Iterator[None]:
    """Within it each step is noted in the file and has so many seconds of processor time; then the process ends."""
    for over in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(over, signal.SIG_DFL)  # a handler in Python would wait for the library to return
    token = _watch.set(_Watch(note, left_out, seconds))
    try:
        yield
    finally:
        _set_timers(0)
        _watch.reset(token)


def limit_memory(megabytes: int) -> None:
    """Lets this process take so much address space beyond what it has now; more is a MemoryError."""
    has = int(_STATM.read_text().split()[0]) * resource.getpagesize() if _STATM.exists() else 0
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (has + megabytes * 2**20, hard))
