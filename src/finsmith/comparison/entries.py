"""What each experiment left: how its adapter answered the closed test, what it cost, and with which settings.

Not covered: which revisions there are, and where git and DVC keep their files; that is in history.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson
import yaml

from finsmith.core.errors import ExperimentError, FinsmithError
from finsmith.core.io import read_jsonl
from finsmith.core.records import Question
from finsmith.history.named import doubt, tracked_files
from finsmith.history.revisions import Revision, cache_folder, cached_file, is_whole

EVALUATION, SUMMARY, SETTINGS = "reports/metrics/evaluate.json", "reports/summary.json", "params.yaml"
PREDICTIONS, TESTSET, QUESTIONS = "data/predictions.jsonl", "data/testset", "data/testset/questions.jsonl"
_FETCH = "`dvc fetch --all-commits`, of an experiment `dvc exp pull REMOTE NAME`"
_ROUNDED = 1e-4  # accuracies in metrics have four digits


class Answered(Protocol):
    """A model's answer to a question in one order of its choices: the fields of a prediction that are needed here."""

    question_id: str
    evaluator: str
    model: str
    shift: int
    answer: int

    @property
    def right(self) -> bool:
        """Whether the predicted choice is the right one."""
        ...

    @property
    def chosen(self) -> int | None:
        """The index of the predicted choice among the question's own; None where none was named."""
        ...


ReadAnswers = Callable[[Path], Iterable[Answered]]


@dataclass(frozen=True)
class Sitting:
    """What one adapter answered to the closed test, as its headline asks.

    `asked` has the place of the right choice by question and order. `right` is the share of a question's orders
    that were answered right, `chosen` the choices named.
    """

    evaluator: str
    asked: Mapping[tuple[str, int], int]
    right: Mapping[str, float]
    chosen: Mapping[str, tuple[int | None, ...]]
    questions: Mapping[str, Question]

    @property
    def accuracy(self) -> float:
        """The mean of the questions' shares."""
        return sum(self.right.values()) / len(self.right)


@dataclass(frozen=True)
class Entry:
    """One experiment, commit or working tree.

    `evaluation` and `costs` are empty, and `sitting` is None, where the file behind them is absent or not to be
    trusted; `lacks` says why, by file. `test` is how the test was put, as far as dvc.lock and the metrics tell, and
    `version` which frozen version it is, 0 where it is none, None where nothing tells.
    """

    name: str
    rev: str
    settings: Mapping[str, Any]
    evaluation: Mapping[str, Any]
    costs: Mapping[str, Any]
    sitting: Sitting | None
    test: tuple[Any, ...]
    lacks: Mapping[str, str]
    version: int | None = None

    @property
    def test_version(self) -> str:
        """The version in words."""
        return {None: "", 0: "a test that is not frozen"}.get(self.version, f"version {self.version} of the test")


def entries(revisions: Sequence[Revision], read_answers: ReadAnswers, root: Path = Path()) -> list[Entry]:
    """An entry for each revision, in order.

    Raises:
        ExperimentError: git cannot tell, or a dvc.lock is broken.
    """
    files = tracked_files(revisions, (EVALUATION, SUMMARY, SETTINGS), root)
    cache = cache_folder(root)
    return [_entry(one, of, cache, read_answers) for one, of in zip(revisions, files, strict=True)]


def _entry(revision: Revision, files: Mapping[str, str], cache: Path, read_answers: ReadAnswers) -> Entry:
    lacks: dict[str, str] = {}
    evaluation, summary = (_metrics(revision, files, path, lacks) for path in (EVALUATION, SUMMARY))
    try:
        headline = evaluation["headline"]
        evaluation = {name: evaluation.get(name) for name in ("n", "forgetting")} | {
            "evaluator": headline,
            **{name: evaluation[headline][name] for name in ("base", "adapter", "mcnemar_p")},
        }
    except (KeyError, TypeError) as error:
        lacks.setdefault(EVALUATION, f"{EVALUATION}: it lacks {error}; another version of the stages made it")
        evaluation = {}
    test = revision.outputs.get(TESTSET)
    return Entry(
        name=revision.label,
        rev=revision.rev,
        settings=_flat(yaml.safe_load(files.get(SETTINGS, "")) or {}),
        evaluation=evaluation,
        costs=summary.get("costs", {}),
        sitting=_sitting(revision, evaluation, cache, read_answers, lacks),
        test=(test.md5 if test else revision.label, evaluation.get("evaluator")),
        lacks=lacks,
        version=summary.get("testset", {}).get("version"),
    )


def _metrics(revision: Revision, files: Mapping[str, str], path: str, lacks: dict[str, str]) -> Mapping[str, Any]:
    """The content of a metrics file; {} where it is absent or not that of the run, with the reason in `lacks`."""
    if path not in files:
        lacks[path] = f"{path}: not there; `dvc repro` writes it"
    elif reason := doubt(revision, path, files[path]):
        lacks[path] = reason
    else:
        try:
            content: Mapping[str, Any] = orjson.loads(files[path])
            return content
        except orjson.JSONDecodeError as error:
            lacks[path] = f"{path}: not valid JSON ({error})"
    return {}


def _sitting(
    revision: Revision,
    evaluation: Mapping[str, Any],
    cache: Path,
    read_answers: ReadAnswers,
    lacks: dict[str, str],
) -> Sitting | None:
    """The adapter's answers; None, with the reason in `lacks`, where there are none or not those of its accuracy."""
    if not evaluation:
        return None
    try:
        predictions, questions = (_file(revision, path, cache) for path in (PREDICTIONS, QUESTIONS))
        sitting = _answers(predictions, questions, evaluation["evaluator"], read_answers)
    except FinsmithError as error:
        lacks[PREDICTIONS] = str(error)
        return None
    told = evaluation["adapter"]["accuracy"]
    if not sitting.right or abs(sitting.accuracy - told) > _ROUNDED:
        share = f"{sitting.accuracy:.4f} right" if sitting.right else "no answer of the adapter"
        lacks[PREDICTIONS] = f"{PREDICTIONS}: it has {share} by {sitting.evaluator}, the metrics say {told}"
        return None
    return sitting


def _file(revision: Revision, path: str, cache: Path) -> Path:
    """The file that the revision's stages made at this path.

    Raises:
        ExperimentError: it is not in the cache, or has another content there than it was made with.
    """
    file = cached_file(revision, path, cache)
    if not file:
        raise ExperimentError(f"{path}: not in the cache; {_FETCH if revision.rev else '`dvc fetch`'}")
    if not is_whole(file):
        raise ExperimentError(f"{path}: its file in the cache is damaged; remove {file} and `dvc fetch` it")
    return file


def _answers(predictions: Path, questions: Path, evaluator: str, read_answers: ReadAnswers) -> Sitting:
    of_test = {one.id: one for one in read_jsonl(questions, Question)}  # general questions are predicted, too
    answers = [
        one
        for one in read_answers(predictions)
        if one.model == "adapter" and one.evaluator == evaluator and one.question_id in of_test
    ]
    of_question: dict[str, list[Answered]] = {}
    for one in answers:
        of_question.setdefault(one.question_id, []).append(one)
    return Sitting(
        evaluator=evaluator,
        asked={(one.question_id, one.shift): one.answer for one in answers},
        right={id: sum(one.right for one in of) / len(of) for id, of in of_question.items()},
        chosen={id: tuple(one.chosen for one in of) for id, of in of_question.items()},
        questions=of_test,
    )


def _flat(settings: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Parameters by their dotted names; lists are values."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            found |= _flat(value, f"{above}{name}.")
        else:
            found[f"{above}{name}"] = value
    return found
