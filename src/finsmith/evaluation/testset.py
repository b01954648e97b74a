"""Makes the closed test set from question files: checks every question of four or five choices, balances the letters.

Not covered: writing questions, and checking them against documents that are not part of the run.
"""

import random
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import orjson
from pydantic import ValidationError

from finsmith.core.errors import SourceError
from finsmith.core.params import Section
from finsmith.core.records import CHOICE_LETTERS, Question, SourceReject

UNLABELLED = "unlabelled"
EXAMPLES = Path("few_shot/examples.jsonl")


class TestsetParams(Section):
    """The section `testset`."""

    section: ClassVar[str] = "testset"
    source: str
    general: str
    balance_letters: bool
    seed: int


@dataclass(frozen=True)
class Testset:
    """The usable questions sorted by id, the worked examples as written, and the lines that are neither."""

    questions: list[Question]
    rejects: list[SourceReject]
    examples: list[Question] = field(default_factory=list)


def read_testset(folder: Path, params: TestsetParams, named_by: str = "source") -> Testset:
    """The questions of every .jsonl file of a folder; a bad or repeated one is a reject with its line.

    `few_shot/examples.jsonl` in it, if there is one, holds worked examples: no questions of the test, kept in order.
    `named_by` is the parameter that names the folder.

    Raises:
        SourceError: the folder is absent, has no .jsonl file, or no usable question; or an example is a question too.
    """
    files = sorted(folder.glob("*.jsonl")) if folder.is_dir() else []
    if not files:
        raise SourceError(f"{folder}: no .jsonl file with test questions. Set `testset.{named_by}`.")
    rejects: list[SourceReject] = []
    stems = _read(files, rejects)
    if not stems:
        faults = (f"{reject.source}, {reject.place}: {reject.reason}" for reject in rejects)
        raise SourceError(f"{folder}: no usable question; the first fault: {next(faults, 'the files are empty')}")
    questions = sorted(stems.values(), key=lambda q: q.id)
    if params.balance_letters:
        questions = sorted(_balanced(questions, params.seed), key=lambda q: q.id)
    examples = _read([path for path in [folder / EXAMPLES] if path.exists()], rejects)
    if both := stems.keys() & examples.keys():
        raise SourceError(
            f"{folder / EXAMPLES}: the example {min(both)!r} is a question of the test too: it would show its answer. "
            "Take it out of one of them."
        )
    return Testset(questions, rejects, list(examples.values()))


def testset_statistics(testset: Testset) -> dict[str, Any]:
    """Questions, rejects, how often each letter is right, each kind asked, the right choice alone the longest.

    `baseline` is the accuracy of guessing.
    """
    questions = testset.questions
    letters = Counter(q.answer for q in questions)
    longest = sum(all(len(q.choices[q.answer]) > len(c) for c in _wrong(q)) for q in questions)
    return {
        "questions": len(questions),
        "rejects": len(testset.rejects),
        "examples": len(testset.examples),
        "answers": {CHOICE_LETTERS[at]: letters[at] for at in range(max(len(q.choices) for q in questions))},
        "kinds": dict(sorted(Counter(q.kind or UNLABELLED for q in questions).items())),
        "baseline": round(baseline(questions), 4),
        "right_is_longest_share": round(longest / len(questions), 4),
    }


def baseline(questions: Sequence[Question]) -> float:
    """The accuracy of guessing: the mean of one over the number of choices."""
    return sum(1 / len(q.choices) for q in questions) / len(questions)


def _read(files: Sequence[Path], rejects: list[SourceReject]) -> dict[str, Question]:
    """The questions by stem, in order; what is none goes to `rejects`."""
    stems: dict[str, Question] = {}
    for path in files:
        for number, line in enumerate(path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
            if not line.strip():
                continue
            try:
                question = _question(orjson.loads(line))
                if question.stem in stems:
                    raise ValueError("the same question stands earlier")
                stems[question.stem] = question
            except (ValueError, KeyError, TypeError) as error:
                text = line.decode("utf-8", errors="replace")[:500]
                rejects.append(SourceReject(source=path.name, place=f"line {number}", reason=_reason(error), text=text))
    return stems


def _question(row: dict[str, Any]) -> Question:
    if not isinstance(row["choices"], list):
        raise TypeError("choices: not a list")
    choices = [_clean(choice) for choice in row["choices"]]
    if not all((_clean(row["question"]), *choices)):
        raise ValueError("the question or a choice is empty")
    return Question.model_validate(
        {
            "stem": _clean(row["question"]),
            "choices": choices,
            "answer": row["answer"],
            "explanation": _clean(row.get("explanation", "")),
            **{name: _clean(row.get(name, "")) for name in ("source", "evidence", *sorted(Question.labels))},
        }
    )


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
            choices = _wrong(question)
            chance.shuffle(choices)
            choices.insert(place, question.choices[question.answer])
            content = question.model_dump(exclude={"id"}) | {"choices": tuple(choices), "answer": place}
            yield Question.model_validate(content)


def _wrong(question: Question) -> list[str]:
    return [choice for at, choice in enumerate(question.choices) if at != question.answer]


def _clean(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'question'}: {first['msg']}"
    if isinstance(error, KeyError):
        return f"no field {error}"
    return str(error)
