"""Questions that may come into the test: a file of them for each that was imported, what could not be used beside it.

Not covered: reading rows (table, json_lines), what people say of them (the package review).
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from finsmith.core.errors import SourceError
from finsmith.core.io import read_jsonl, write_jsonl
from finsmith.core.records import Question, SourceReject
from finsmith.text.sheets import NoTable, read_tables

from .columns import header_of
from .found import Found
from .json_lines import add_lines
from .questions import stem_key
from .table import add_tables

REJECTS = "rejects"  # the folder beside, in which no candidates are looked for


@dataclass(frozen=True)
class Imported:
    """What became of a file: how many of its questions are new, stood there before, and are there no more."""

    source: Path
    written: Path
    questions: int
    new: int
    gone: int
    rejects: tuple[SourceReject, ...]
    unused: tuple[str, ...]


def candidate_files(folder: Path) -> list[Path]:
    """The files that candidates stand in."""
    return sorted(folder.glob("*.jsonl"))


def read_candidates(folder: Path) -> list[Question]:
    """All candidates, in the order of their files and lines; of two with one id the first.

    Raises:
        RecordError: a line is no question with its id.
    """
    found = {one.id: one for path in reversed(candidate_files(folder)) for one in reversed(list(_questions(path)))}
    return list(reversed(found.values()))


def import_questions(sources: Sequence[Path], folder: Path) -> list[Imported]:
    """Writes the questions of each file into a file of its name; one that was imported before takes its place.

    A question whose stem stands earlier in the file, or in another one, is a reject that names the place.

    Raises:
        SourceError: a file holds no usable question, or two would have one name; nothing is written then.
    """
    names = [_name(source) for source in sources]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        both = " and ".join(str(source) for source in sources if _name(source) == twice)
        raise SourceError(f"{both}: both would be written to {folder / twice}. Rename one.")
    read = [read_questions(source) for source in sources]
    standing = [path for path in candidate_files(folder) if path.name not in names]
    stems = {stem_key(one.stem): place for path in standing for place, one in _placed(path)}
    kept = [_without_repeats(one, stems) for one in read]
    return [
        _write(source, folder / name, questions, one)
        for source, name, questions, one in zip(sources, names, kept, read, strict=True)
    ]


def read_questions(path: Path) -> Found:
    """The file's questions in order.

    Raises:
        SourceError: it cannot be read, has no header, or no usable question; names what is missing and what was found.
    """
    found = Found(unicodedata.normalize("NFC", path.name))
    try:
        if path.suffix.lower() == ".jsonl":
            add_lines(path.read_bytes(), found)
        else:
            add_tables(read_tables(path, lambda row: not header_of(row).missing), found)
    except (NoTable, OSError) as error:
        raise SourceError(f"{path}: {error}.") from error
    if not found.questions:
        faults = (f"{one.place}: {one.reason}" for one in found.rejects)
        raise SourceError(f"{path}: no usable question; the first fault: {next(faults, 'the file is empty')}.")
    return found


def _name(source: Path) -> str:
    return unicodedata.normalize("NFC", source.stem) + ".jsonl"


def _without_repeats(read: Found, stems: dict[str, str]) -> list[Question]:
    """The questions whose stems are none of `stems`, which are added to them; the others become rejects."""
    kept: list[Question] = []
    for place, question in read.questions:
        key = stem_key(question.stem)
        if key in stems:
            earlier = stems[key].removeprefix(f"{read.name}, ")
            read.reject(place, f"the same question stands in {earlier}", question.stem)
        else:
            stems[key] = f"{read.name}, {place}"
            kept.append(question)
    if not kept:
        raise SourceError(f"{read.name}: no new question; the first fault: {read.rejects[0].reason}.")
    return kept


def _write(source: Path, path: Path, questions: Sequence[Question], read: Found) -> Imported:
    before = {one.id for one in _questions(path)} if path.exists() else set()
    after = {one.id for one in questions}
    rejected = path.parent / REJECTS / path.name
    if read.rejects:
        write_jsonl(rejected, read.rejects)
    else:
        rejected.unlink(missing_ok=True)
    write_jsonl(path, questions)
    new, gone = len(after - before), len(before - after)
    return Imported(source, path, len(questions), new, gone, tuple(read.rejects), tuple(read.unused))


def _questions(path: Path) -> Iterator[Question]:
    return read_jsonl(path, Question)


def _placed(path: Path) -> Iterator[tuple[str, Question]]:
    for number, question in enumerate(_questions(path), 1):
        yield f"{path.name}, line {number}", question
