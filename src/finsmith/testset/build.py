"""Makes the next version of a test from the candidates that people accepted, and what stands of it already.

Not covered: which candidates people accepted; that is passed in.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from finsmith.core.errors import SourceError
from finsmith.core.records import Question

from .balance import Target, letter_targets, reordered_like, spread_letters
from .changes import short
from .pick import pick, targets, values_of
from .questions import cleaned, digest_of, fault_of, stem_key
from .read import EXAMPLES, Testset, question_files
from .versions import QUESTIONS, Version, held

_SHOWN = 3  # questions in a message


@dataclass(frozen=True)
class Accepted:
    """A candidate's id, and the question as people accepted it, which they may have edited."""

    candidate: str
    question: Question


@dataclass(frozen=True)
class Built:
    """The questions of the version; accepted ones that cannot be asked, with why; how many stayed; what was wanted."""

    questions: list[Question]
    left_out: list[tuple[Question, str]]
    stayed: int
    targets: list[Target]


def build(
    accepted: Sequence[Accepted],
    standing: Sequence[Question],
    present: Testset,
    documents: Mapping[str, str],
    size: int,
    seed: int,
) -> Built:
    """`size` of the accepted questions, or all where there are fewer; of `standing` all that are still accepted stay.

    Those that stay keep their order of choices, unless people edited them since. `documents` names the document of a
    source that is none, `present` is what is in the folder. The same input in any order gives the same questions.

    Raises:
        SourceError: no accepted question can be asked.
    """
    ids = {one.candidate for one in accepted}
    stood = {one.id if one.id in ids else one.parent: one for one in standing}
    by_candidate, left_out = _askable(accepted, stood, present.examples)
    if not by_candidate:
        raise SourceError("no accepted candidate for the test. `finsmith review` shows those that wait for people.")
    pool, chance = sorted(by_candidate), Random(seed)
    values = [values_of(by_candidate[candidate], documents) for candidate in pool]
    first = {at for at, candidate in enumerate(pool) if candidate in stood}
    picked = pick(values, first, size, chance)
    questions, fixed = [], []
    for candidate in (pool[at] for at in picked):
        question = by_candidate[candidate]
        as_it_stood = reordered_like(question, stood[candidate]) if candidate in stood else None
        questions.append(as_it_stood or question)
        fixed.append(as_it_stood is not None)
    spread = spread_letters(questions, fixed, chance)
    made = [_with_parent(one, pool[at]) for one, at in zip(spread, picked, strict=True)]
    made.sort(key=lambda one: one.id)
    even = targets(values, picked, size, [values_of(one, documents) for one in present.questions])
    letters = letter_targets(list(by_candidate.values()), present.questions, made)
    return Built(made, left_out, sum(fixed), [*even, *letters])


def staying(questions: Sequence[Question], versions: Sequence[Version]) -> list[Question]:
    """Which of the questions that stand in the folder the next version begins with.

    All where they are a version. Where the last one was noted and not written, those that it began with itself.
    """
    if not versions:
        return []
    digest, last = digest_of(questions), versions[-1]
    if any(digest == one.digest for one in versions):
        return list(questions)
    known = {} if digest == last.before else held(versions)
    return [one for one in questions if one.id in known]


def refuse_lost(folder: Path, present: Testset, versions: Sequence[Version], candidates: Sequence[Question]) -> None:
    """Makes sure that a built test takes the place of nothing that is nowhere else.

    Raises:
        SourceError: a question of the folder is no candidate and was never built of one, or a line is none.
    """
    known = {one.id for one in candidates}
    for number, version in enumerate(versions, 1):
        known |= held(versions[:number]).keys() if version.built else set()
    lost = [f"'{short(one.stem)}'" for one in present.questions if one.id not in known]
    lost += [f"{one.source}, {one.place} ({one.reason})" for one in present.rejects if one.source != EXAMPLES.name]
    if lost:
        shown = ", ".join(lost[:_SHOWN]) + (", …" if len(lost) > _SHOWN else "")
        raise SourceError(
            f"{folder}: what stands there is no candidate and would be lost: {shown} ({len(lost)} in all). "
            f"`finsmith import-questions {folder}/*.jsonl` makes candidates of it, the review page is where candidates "
            "are edited; `--afresh` gives it up."
        )


def refuse_beside(folder: Path) -> None:
    """Makes sure that the test is what is built alone.

    Raises:
        SourceError: there is another file with questions than the one that is written.
    """
    if others := [path.name for path in question_files(folder) if path.name != QUESTIONS]:
        raise SourceError(
            f"{folder}: {', '.join(others)} would be part of the test beside {QUESTIONS}, which is written. "
            "Move it out of the folder, or import its questions as candidates first."
        )


def _askable(
    accepted: Sequence[Accepted], stood: Collection[str], examples: Sequence[Question]
) -> tuple[dict[str, Question], list[tuple[Question, str]]]:
    """The questions by candidate, in the form in which they are read; and those that would be no question there.

    Of two with one stem that one is asked which `stood` in the test, or else the first by id.
    """
    stems = {stem_key(one.stem): "is a worked example" for one in examples}
    found: dict[str, Question] = {}
    left_out: list[tuple[Question, str]] = []
    for one in sorted(accepted, key=lambda one: (one.candidate not in stood, one.candidate)):
        try:
            question = cleaned(one.question)
        except ValueError as error:
            left_out.append((one.question, fault_of(error)))
            continue
        if reason := stems.get(key := stem_key(question.stem), ""):
            left_out.append((question, reason))
        else:
            stems[key] = "asks what another candidate asks"
            found[one.candidate] = question
    return found, left_out


def _with_parent(question: Question, candidate: str) -> Question:
    """Where it is not the candidate itself it names it."""
    return question if question.id == candidate else question.model_copy(update={"parent": candidate})
