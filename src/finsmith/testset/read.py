"""Makes the closed test set from question files: checks every question of four or five choices, balances the letters.

A frozen set is asked in the order in which it was frozen. Not covered: writing questions, and checking them against
documents that are not part of the run.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from finsmith.core.errors import SourceError
from finsmith.core.records import CHOICE_LETTERS, Question, SourceReject

from .params import TestsetParams
from .questions import UNLABELLED, digest_of, fault_of, question_of, with_answer_at, wrong_choices
from .versions import read_versions, refuse_changed

EXAMPLES = Path("few_shot/examples.jsonl")


@dataclass(frozen=True)
class Testset:
    """The usable questions sorted by id, the worked examples as written, and the lines that are neither.

    `version` is that of a frozen set, 0 of one that is not.
    """

    questions: list[Question]
    rejects: list[SourceReject]
    examples: list[Question] = field(default_factory=list)
    version: int = 0

    @property
    def digest(self) -> str:
        """The hash of which questions are asked, each in its order of choices."""
        return digest_of(self.questions)


def read_testset(folder: Path, params: TestsetParams, named_by: str = "source") -> Testset:
    """The questions of every .jsonl file of a folder; a bad or repeated one is a reject with its line.

    `few_shot/examples.jsonl` in it, if there is one, holds worked examples: no questions of the test, kept in order.
    `versions.json` in it makes it a frozen set. `named_by` is the parameter that names the folder.

    Raises:
        SourceError: the folder is absent, has no .jsonl file, or no usable question; an example is a question too; or
            the questions are not those of the last version.
    """
    if not question_files(folder):
        raise SourceError(f"{folder}: no .jsonl file with test questions. Set `testset.{named_by}`.")
    read = as_written(folder)
    versions = read_versions(folder)
    if versions:
        refuse_changed(folder, versions, read.questions, read.rejects)
        return Testset(read.questions, read.rejects, read.examples, versions[-1].number)
    if not read.questions:
        faults = (f"{reject.source}, {reject.place}: {reject.reason}" for reject in read.rejects)
        raise SourceError(f"{folder}: no usable question; the first fault: {next(faults, 'the files are empty')}")
    questions = _balanced(read.questions, params.seed) if params.balance_letters else read.questions
    return Testset(sorted(questions, key=lambda q: q.id), read.rejects, read.examples)


def as_written(folder: Path) -> Testset:
    """The folder's questions with their choices as they stand there, whether frozen or not, be there any or none.

    Raises:
        SourceError: an example is a question too.
    """
    rejects: list[SourceReject] = []
    stems = _read(question_files(folder), rejects)
    examples = _read([path for path in [folder / EXAMPLES] if path.exists()], rejects)
    if both := stems.keys() & examples.keys():
        raise SourceError(
            f"{folder / EXAMPLES}: the example {min(both)!r} is a question of the test too: it would show its answer. "
            "Take it out of one of them."
        )
    return Testset(sorted(stems.values(), key=lambda q: q.id), rejects, list(examples.values()))


def question_files(folder: Path) -> list[Path]:
    """The files that a test's questions stand in."""
    return sorted(folder.glob("*.jsonl")) if folder.is_dir() else []


def testset_statistics(testset: Testset) -> dict[str, Any]:
    """Questions, rejects, how often each letter is right, each kind asked, the right choice alone the longest.

    `baseline` is the accuracy of guessing, `version` 0 where the set is not frozen.
    """
    questions = testset.questions
    letters = Counter(q.answer for q in questions)
    longest = sum(all(len(q.choices[q.answer]) > len(c) for c in wrong_choices(q)) for q in questions)
    return {
        "questions": len(questions),
        "rejects": len(testset.rejects),
        "examples": len(testset.examples),
        "answers": {CHOICE_LETTERS[at]: letters[at] for at in range(max(len(q.choices) for q in questions))},
        "kinds": dict(sorted(Counter(q.kind or UNLABELLED for q in questions).items())),
        "baseline": round(sum(1 / len(q.choices) for q in questions) / len(questions), 4),
        "right_is_longest_share": round(longest / len(questions), 4),
        "version": testset.version,
        "digest": testset.digest,
    }


def _read(files: Sequence[Path], rejects: list[SourceReject]) -> dict[str, Question]:
    """The questions by stem, in order; what is none goes to `rejects`."""
    stems: dict[str, Question] = {}
    for path in files:
        for number, line in enumerate(path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
            if not line.strip():
                continue
            try:
                question = question_of(orjson.loads(line))
                if question.stem in stems:
                    raise ValueError("the same question stands earlier")
                stems[question.stem] = question
            except (ValueError, KeyError, TypeError) as error:
                text = line.decode("utf-8", errors="replace")[:500]
                place = f"line {number}"
                rejects.append(SourceReject(source=path.name, place=place, reason=fault_of(error), text=text))
    return stems


def _balanced(questions: Sequence[Question], seed: int) -> Iterator[Question]:
    """The questions with choices reordered so that each letter is right equally often, give or take one.

    Those of four choices are balanced among themselves, and so are those of five.
    """
    chance = random.Random(seed)
    for size in sorted({len(question.choices) for question in questions}):
        alike = [question for question in questions if len(question.choices) == size]
        places = [number % size for number in range(len(alike))]
        chance.shuffle(places)
        for question, place in zip(alike, places, strict=True):
            yield with_answer_at(question, place, chance)
