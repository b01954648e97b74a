"""Decisions on disk: one file of JSON Lines for each reviewer, only ever added to, versioned with git.

A decision is on the disk when `append` returns. Several servers, tabs and threads may append at once: the file itself
is locked meanwhile, and a decision is refused whose page had not seen the last one on the row. Not covered: reading a
folder that nobody writes to (decisions).
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path

from filelock import lock_descriptor

from finsmith.core.errors import DecisionOutdated, OutputError, ReviewError
from finsmith.core.records import SourceReject

from .course import Course, parse_line, reviewer_of, unread
from .decisions import Decision, Key, reviewer_name

_POLL_SECONDS = 0.002
Told = Callable[[SourceReject], object]


def _tell(line: SourceReject) -> None:
    print(f"{line.source}, {line.place}: {line.reason}", file=sys.stderr)


@dataclass
class _Known:
    """What has been read of a file so far: its inode, bytes and lines, what they come to, and where each stands."""

    inode: int = -1
    size: int = 0
    lines: int = 0
    tail: bytes = b""  # the last line
    course: Course = field(default_factory=Course)
    places: dict[str, int] = field(default_factory=dict)  # first byte, by id of the decision

    def took(self, decision: Decision, line: bytes) -> None:
        """Goes on with a decision's line."""
        self.course.take(decision)
        self.places[decision.id] = self.size
        self.passed(line)

    def passed(self, line: bytes) -> None:
        """Goes on behind a line."""
        self.size, self.lines, self.tail = self.size + len(line), self.lines + 1, line


class Journal:
    """The decisions of a folder. `told` hears of lines that are none, and of half a line that was cut off."""

    def __init__(self, folder: Path, told: Told = _tell) -> None:
        self._folder, self._told = folder, told
        self._turn = threading.Lock()
        self._known: dict[str, _Known] = {}

    def append(self, decision: Decision) -> None:
        """Writes a decision down, durably before it returns.

        Raises:
            DecisionOutdated: the reviewer's last decision on the row is not the one that this one has seen, or an undo
                names one that does not stand.
            ReviewError: another reviewer's file has this name but for its case, or its texts were erased.
            OutputError: it could not be written; nothing of it stands in the file.
        """
        if decision.erased:
            raise ReviewError(
                f"{decision.kind} {decision.row_id}: a decision without its reason or edit. Decide again."
            )
        line = decision.line()
        with self._turn, self._opened(decision.reviewer) as (file, known):
            if why := known.course.refusal(decision):
                raise DecisionOutdated(f"{decision.kind} {decision.row_id}: {why}. Look at the row again.")
            _write_durably(file, line, known.size, self._path(decision.reviewer))
            known.took(decision, line)

    def last(self, reviewer: str, key: Key) -> str:
        """The id of the reviewer's last decision on a row, which the next must have seen; "" where there is none."""
        if not self._path(reviewer).exists():
            return ""
        with self._turn, self._opened(reviewer) as (_, known):
            return known.course.last.get(key, "")

    def latest(self, reviewer: str, key: Key) -> Decision | None:
        """The reviewer's last decision on a row, which may be an undo; None where there is none."""
        return self._found(reviewer, lambda course: course.last.get(key, ""))

    def stands(self, reviewer: str, key: Key) -> Decision | None:
        """The reviewer's decision that stands on a row, None where there is none or it was undone."""
        return self._found(reviewer, lambda course: course.stands(key))

    def said(self, key: Key) -> dict[str, Decision]:
        """Each person's decision that stands on a row, by name."""
        names = sorted(map(reviewer_of, self._folder.glob("*.jsonl")))
        return {name: found for name in names if (found := self.stands(name, key))}

    def _found(self, reviewer: str, which: Callable[[Course], str]) -> Decision | None:
        if not self._path(reviewer).exists():
            return None
        with self._turn, self._opened(reviewer) as (_, known):
            if not (identity := which(known.course)):
                return None
            with self._path(reviewer).open("rb") as lines:
                lines.seek(known.places[identity])
                found = parse_line(lines.readline(), reviewer)
        assert isinstance(found, Decision)  # it was when its place was noted
        return found

    def _path(self, reviewer: str) -> Path:
        try:
            return self._folder / f"{reviewer_name(reviewer)}.jsonl"
        except ValueError as error:
            raise ReviewError(f"{reviewer!r}: {error}.") from error

    @contextmanager
    def _opened(self, reviewer: str) -> Iterator[tuple[FileIO, _Known]]:
        """The reviewer's file, locked, and what stands in it up to its end."""
        path = self._path(reviewer)
        try:
            if reviewer not in self._known:
                _make_folder(self._folder)
                self._refuse_twin(reviewer)
            file = locked(path)
        except OSError as error:
            raise OutputError(f"{path}: cannot be opened ({error.strerror}). Fix its permissions.") from error
        with file:
            if reviewer not in self._known:
                _sync_folder(self._folder)  # the file's name, too, must outlive a power cut
            known = self._known.setdefault(reviewer, _Known())
            self._catch_up(file, known, reviewer)
            yield file, known

    def _refuse_twin(self, reviewer: str) -> None:
        """Some systems take Kim.jsonl and kim.jsonl for one file."""
        for path in self._folder.glob("*.jsonl"):
            other = reviewer_of(path)
            if other != reviewer and other.casefold() == reviewer.casefold():
                raise ReviewError(f"{reviewer!r}: there is a reviewer {other!r}. Use one way of writing the name.")

    def _catch_up(self, file: FileIO, known: _Known, reviewer: str) -> None:
        """Takes what others added since, and all anew where the file was exchanged, as git does."""
        path, state = self._path(reviewer), os.fstat(file.fileno())
        with path.open("rb") as lines:
            lines.seek(max(0, known.size - len(known.tail)))
            if state.st_ino != known.inode or lines.read(len(known.tail)) != known.tail:
                known.__dict__.update(_Known(inode=state.st_ino).__dict__)
            lines.seek(known.size)
            for line in lines:
                found = parse_line(line, reviewer)
                why = found if isinstance(found, str) else known.course.refusal(found)
                if is_last := not line.endswith(b"\n"):
                    line = self._mend(file, known, path, line, why)
                if isinstance(found, Decision) and not why:
                    known.took(found, line)
                elif line:
                    self._told(unread(path, known.lines + 1, why, line))
                    known.passed(line)
                if is_last:  # the file has changed under the reader
                    break

    def _mend(self, file: FileIO, known: _Known, path: Path, line: bytes, why: str) -> bytes:
        """Cuts off a last line that breaks off, or ends it where only its end is missing; gives what then stands."""
        if not why:
            _write_durably(file, b"\n", known.size + len(line), path)
            return line + b"\n"
        self._told(unread(path, known.lines + 1, why, line))
        file.truncate(known.size)
        os.fsync(file.fileno())
        return b""


def locked(path: Path) -> FileIO:
    """The file, opened to be added to and locked until it is closed or the process is killed."""
    while True:
        file = path.open("a+b", buffering=0)
        try:
            lock_descriptor(file.fileno(), poll_interval=_POLL_SECONDS)
            with suppress(FileNotFoundError):  # it may have been exchanged before the lock was there
                if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                    return file
        except BaseException:
            file.close()
            raise
        file.close()


def _write_durably(file: FileIO, content: bytes, size: int, path: Path) -> None:
    """Adds to a file of `size` bytes; where that fails the file is as it was."""
    try:
        if file.write(content) != len(content):
            raise OSError(None, "the disk is full")
        os.fsync(file.fileno())
    except OSError as error:
        with suppress(OSError):
            file.truncate(size)
        raise OutputError(
            f"{path}: the decision cannot be written ({error.strerror or error}). Free some space and decide again."
        ) from error


def _make_folder(folder: Path) -> None:
    """Makes a folder and those above it, durably."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for made in missing:
        _sync_folder(made.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there; NTFS journals their entries
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
