"""Reads documents in parallel processes; a page that hangs, swells or crashes costs that page, not the run.

The only home of pebble. A worker that dies leaves a note of what it was at; its file is read again without that step.
"""

import errno
import multiprocessing
import os
import signal
import tempfile
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pebble import ProcessExpired, ProcessFuture, ProcessPool
from tqdm import tqdm

from finsmith.core.errors import FinsmithError
from finsmith.core.ids import file_sha256
from finsmith.core.records import SourceReject

from .document_entry import make_entry, read_file
from .document_store import DocumentEntry, entry_path, read_entry, write_entry
from .limits import Step, limit_memory, limited, noted_step
from .params import IngestParams
from .tokens import token_counter

_MOST_LOST = 20  # steps of one file that may fail before the file is given up
_MUPDF_NO_MEMORY = "code=2"  # how its RuntimeError begins where the system refused it something
_FILES_PER_PROCESS = 50  # then a new one takes its place, without the memory that libraries keep
_counter = cache(token_counter)  # loaded once in each process
Attempt = Callable[["_Reading"], "ProcessFuture[None]"]


@dataclass
class _Reading:
    """A file on its way to its entry: the attempt under way, and what failed in earlier ones, and why."""

    file: Path
    stored: Path
    aside: Path
    failed: dict[Step, str] = field(default_factory=dict)
    attempt: "ProcessFuture[None] | None" = None

    @property
    def written(self) -> Path:
        """Where the attempt writes the entry; one that lacks something is not stored: another run may read it."""
        return self.aside if self.failed else self.stored

    @property
    def note(self) -> Path:
        """Where the attempt notes the step it is at."""
        return self.aside.with_suffix(".note")

    @property
    def is_given_up(self) -> bool:
        """Whether another attempt would be of no use."""
        return len(self.failed) >= _MOST_LOST or any(not step.page for step in self.failed)


def read_documents(files: Sequence[Path], params: IngestParams, tokenizer_json: Path) -> Iterator[DocumentEntry]:
    """The entry of each file in order, from the store where the file was read before.

    What broke a limit or failed unexpectedly is a reject.

    Raises:
        ModelError: the file of the tokenizer is none.
        OutputError: the store cannot be written.
    """
    with tempfile.TemporaryDirectory() as folder, _pool(params) as pool:

        def attempt(reading: _Reading) -> "ProcessFuture[None]":
            left_out = frozenset(reading.failed)
            return pool.schedule(_read, (reading.file, params, tokenizer_json, reading.written, reading.note, left_out))

        tokenizer_sha256 = file_sha256(tokenizer_json)
        readings = [
            _reading(file, params, tokenizer_sha256, Path(folder) / f"{at}.json") for at, file in enumerate(files)
        ]
        for reading in readings:
            if isinstance(reading, _Reading) and not reading.stored.exists():
                reading.attempt = attempt(reading)
        for reading in tqdm(readings, desc="reading documents", unit="file"):
            yield _finished(reading, attempt, params) if isinstance(reading, _Reading) else reading


def _reading(file: Path, params: IngestParams, tokenizer_sha256: str, aside: Path) -> _Reading | DocumentEntry:
    try:
        return _Reading(file, entry_path(file, params, tokenizer_sha256), aside)
    except OSError as error:
        why = f"cannot be opened ({error.strerror})"
        return make_entry(_name(file), 0, None, (), [SourceReject(source=_name(file), place="file", reason=why)])


def _finished(reading: _Reading, attempt: "Attempt", params: IngestParams) -> DocumentEntry:
    """The entry, once the file is read or given up."""
    while reading.attempt and (error := reading.attempt.exception()):
        if isinstance(error, FinsmithError):
            raise error
        reading.failed[noted_step(reading.note)] = _why(error, params)
        reading.attempt = None if reading.is_given_up else attempt(reading)
    lost = [
        SourceReject(source=_name(reading.file), place=step.place, reason=f"{step.what} failed: {why}")
        for step, why in reading.failed.items()
    ]
    if reading.is_given_up:
        return make_entry(_name(reading.file), 0, None, (), lost)
    read = read_entry(reading.written)
    counts = read.counts
    return make_entry(counts.name, counts.pages, read.document, read.passages, (*read.rejects, *lost)) if lost else read


def _name(file: Path) -> str:
    return unicodedata.normalize("NFC", file.name)


def _why(error: BaseException, params: IngestParams) -> str:
    """Which limit was broken, as the user can change it."""
    if isinstance(error, ProcessExpired) and error.exitcode in (-signal.SIGPROF, -signal.SIGALRM):
        return f"it took longer than {params.page_seconds:g} s a page allow (`ingest.page_seconds`)"
    if isinstance(error, ProcessExpired) and error.exitcode == errno.ENOMEM:
        return f"it needs more than {params.process_memory_mb} MB (`ingest.process_memory_mb`)"
    if isinstance(error, ProcessExpired):
        return f"the reader crashed (exit status {error.exitcode})"
    return f"{type(error).__name__}: {error}"


@contextmanager
def _pool(params: IngestParams) -> Iterator[ProcessPool]:
    """Worker processes that start with the first file and end with the block, whatever they are at."""
    context = multiprocessing.get_context("forkserver")  # forks of this process would copy its threads' locks
    context.set_forkserver_preload([read_file.__module__])
    pool = ProcessPool(
        max_workers=params.processes or os.cpu_count() or 1,
        max_tasks=_FILES_PER_PROCESS,
        initializer=limit_memory,
        initargs=(params.process_memory_mb,),
        context=context,
    )
    try:
        yield pool
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def _read(
    file: Path, params: IngestParams, tokenizer_json: Path, target: Path, note: Path, left_out: Collection[Step]
) -> None:
    """The work of one attempt, in a worker; one that ran out of memory may have none left for the next file."""
    try:
        with limited(note, left_out, params.page_seconds):
            write_entry(target, read_file(file, params, _counter(tokenizer_json)))
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, MemoryError) or _MUPDF_NO_MEMORY in str(error):
            os._exit(errno.ENOMEM)
        raise
