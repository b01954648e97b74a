"""Versions of a frozen test: which questions each has, why, and what changed; a change that is no version is refused.

They stand in `versions.json` beside the questions. A version is noted before its questions are written: a command that
is cut off between the two leaves a set that is refused, never one that passes for another. Not covered: changes of the
worked examples.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import orjson
from pydantic import TypeAdapter, ValidationError

from finsmith.core.errors import SourceError
from finsmith.core.ids import sha256_of
from finsmith.core.io import write_bytes, write_json
from finsmith.core.records import CHOICE_LETTERS, Question, Record, SourceReject

from .changes import Noted, Replaced, changes, noted, told
from .questions import UNLABELLED, digest_of, line_of

VERSIONS, QUESTIONS = "versions.json", "questions.jsonl"
_SHOWN = 3  # rejects in a message


class Version(Record):
    """What a version is, and what it changes in the one before it.

    `digest` is the sha256 of the sorted ids of its questions, `before` that of what stood in the folder when it was
    made. `at` is the day in UTC. `built` of candidates, or else frozen as it stood.
    """

    number: int
    at: str
    reason: str
    digest: str
    before: str
    built: bool
    questions: int
    counts: Mapping[str, Mapping[str, int]]
    added: tuple[Noted, ...] = ()
    removed: tuple[Noted, ...] = ()
    replaced: tuple[Replaced, ...] = ()


_FILE = TypeAdapter(tuple[Version, ...])


def read_versions(folder: Path) -> tuple[Version, ...]:
    """The versions in order; none where the set is not frozen.

    Raises:
        SourceError: the file is broken, or a version is not what its changes come to.
    """
    path = folder / VERSIONS
    if not path.exists():
        return ()
    try:
        versions = _FILE.validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise SourceError(f"{path}: {place}: {first['msg']}. Restore it with git.") from error
    for number in range(1, len(versions) + 1):
        one = versions[number - 1]
        if (one.number, one.digest) != (number, sha256_of(sorted(held(versions[:number])))):
            raise SourceError(
                f"{path}: version {one.number} is not what its changes come to: the file was changed by hand or by a "
                "merge. Restore it with git."
            )
    return versions


def held(versions: Sequence[Version]) -> dict[str, Noted]:
    """The questions of the last version by id."""
    found: dict[str, Noted] = {}
    for one in versions:
        for identity in (*(gone.id for gone in one.removed), *(pair.old for pair in one.replaced)):
            found.pop(identity, None)
        found |= {new.id: new for new in (*one.added, *(pair.new for pair in one.replaced))}
    return found


def next_version(
    versions: Sequence[Version], questions: Sequence[Question], reason: str, at: str, before: Sequence[Question] | None
) -> Version | None:
    """The version that these questions are; None where they are those of the last one.

    `before` is what stands now; None where the questions are that, and are frozen as they stand.
    """
    digest = digest_of(questions)
    if versions and digest == versions[-1].digest:
        return None
    added, removed, replaced = changes(held(versions).values(), map(noted, questions))
    return Version(
        number=len(versions) + 1,
        at=at,
        reason=" ".join(reason.split()),
        digest=digest,
        before=digest if before is None else digest_of(before),
        built=before is not None,
        questions=len(questions),
        counts=counts(questions),
        added=tuple(added),
        removed=tuple(removed),
        replaced=tuple(replaced),
    )


def counts(questions: Sequence[Question]) -> dict[str, dict[str, int]]:
    """How many questions there are of each kind, difficulty and right letter."""
    found = {
        "kind": Counter(one.kind or UNLABELLED for one in questions),
        "difficulty": Counter(one.difficulty or UNLABELLED for one in questions),
        "answer": Counter(CHOICE_LETTERS[one.answer] for one in questions),
    }
    return {name: dict(sorted(of.items())) for name, of in found.items()}


def write_versions(folder: Path, versions: Iterable[Version]) -> None:
    """Writes the file atomically."""
    write_json(folder / VERSIONS, [one.model_dump(mode="json") for one in versions])


def write_questions(folder: Path, questions: Iterable[Question]) -> None:
    """Writes the questions of a test atomically, sorted by id, in the form in which people write them."""
    lines = (orjson.dumps(line_of(one)) + b"\n" for one in sorted(questions, key=lambda one: one.id))
    write_bytes(folder / QUESTIONS, b"".join(lines))


def refuse_changed(
    folder: Path, versions: Sequence[Version], questions: Sequence[Question], rejects: Sequence[SourceReject]
) -> None:
    """Makes sure that the questions are those of the last version.

    Raises:
        SourceError: they are not; says what was changed, added or is gone, and the ways out.
    """
    last, digest = versions[-1], digest_of(questions)
    if digest == last.digest:
        return
    if digest == last.before:
        raise SourceError(
            f"{folder}: version {last.number} is noted in {VERSIONS}, but its questions are not there: the command was "
            "cut off, or the ones before were put back. Run `finsmith build-testset` again, or restore them with git."
        )
    said = told(held(versions).values(), map(noted, questions))
    said += [f"{one.source}, {one.place}: {one.reason}" for one in rejects[:_SHOWN]]
    raise SourceError(
        f"{folder}: these are not the questions of version {last.number} of {last.at}. {'; '.join(said)}. A frozen "
        "test changes by a new version only: restore the files with git, or make what stands there a version with "
        "`finsmith freeze-testset --reason ...`. `finsmith build-testset` makes one of what people accepted."
    )
