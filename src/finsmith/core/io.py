"""Files in and out: JSON Lines of records, JSON, text. An output appears complete or not at all.

Not covered: formats of the outside world (PDF, XLSX, CSV), which live with their readers.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from .errors import OutputError, RecordError, SourceError
from .records import Record

R = TypeVar("R", bound=Record)


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A path to write aside; renamed onto `path` when the block ends, removed when it fails.

    Raises:
        OutputError: the system refused the write (disk full, no permission); `path` is as it was.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield aside
        with aside.open("rb") as file:
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written ({error.strerror or error}). Free some space or fix its permissions "
            "and run again; nothing that stood there before was touched."
        ) from error
    finally:
        with suppress(OSError):  # what stopped the write (no folder, no permission) must not hide behind its removal
            aside.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Writes the bytes atomically."""
    with atomic_path(path) as aside:
        aside.write_bytes(content)


def write_bytes_of(path: Path, parts: Iterable[bytes]) -> None:
    """Writes the parts one after the other, streamed and atomically."""
    with atomic_path(path) as aside, aside.open("wb") as out:
        out.writelines(parts)


def write_text(path: Path, text: str) -> None:
    """Writes the text atomically as UTF-8 with LF line ends."""
    write_bytes(path, text.encode())


def write_json(path: Path, content: Any) -> None:
    """Writes indented JSON with sorted keys atomically."""
    write_bytes(path, orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")


def read_json(path: Path) -> Any:
    """The parsed JSON of a file.

    Raises:
        RecordError: the file is no JSON.
    """
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise RecordError(f"{path}: not valid JSON ({error})") from error


@contextmanager
def jsonl_writer(path: Path) -> Iterator[Callable[[Record], None]]:
    """A function that writes one record a line; the file appears when the block ends, not when it fails."""
    with atomic_path(path) as aside, aside.open("wb") as out:

        def write(record: Record) -> None:
            out.write(orjson.dumps(record.model_dump(mode="json")) + b"\n")

        yield write


def write_jsonl(path: Path, records: Iterable[Record]) -> None:
    """Writes one record a line, streamed and atomically."""
    with jsonl_writer(path) as write:
        for record in records:
            write(record)


def read_jsonl(path: Path, record: type[R]) -> Iterator[R]:
    """The records of a file, one a line, in order.

    Raises:
        SourceError: the file is absent.
        RecordError: a line is no such record; the message names file:line and the field.
    """
    if not path.exists():
        raise SourceError(f"{path}: not found. It is written by an earlier stage: run `dvc repro`.")
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield record.model_validate_json(line)
            except ValidationError as error:
                first = error.errors()[0]
                field = ".".join(map(str, first["loc"])) or "the line"
                raise RecordError(f"{path}:{number}: {field}: {first['msg']}") from error
