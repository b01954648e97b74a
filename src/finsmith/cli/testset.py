"""Commands about the closed test: candidates imported, a version built of them or frozen as it stands, what stands.

Not covered: judging candidates; that is in review. Asking the test; the pipeline does it.
"""

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from finsmith.core.errors import ParamsError, SourceError
from finsmith.core.io import read_jsonl
from finsmith.core.params import load_params
from finsmith.core.records import Question, Term

from .places import CORPUS

if TYPE_CHECKING:
    from finsmith.testset.build import Accepted


def import_questions(*files: str) -> None:
    """Makes candidates for the test of tables of questions: CSV, TSV, XLSX or JSON Lines; people then judge them."""
    from finsmith.reporting.testset import imported_lines
    from finsmith.testset.candidates import import_questions as import_files
    from finsmith.testset.params import TestsetParams

    if not files:
        raise ParamsError("FILES: name the tables to import, e.g. `finsmith import-questions questions.xlsx`.")
    if absent := [file for file in files if not Path(file).is_file()]:
        raise SourceError(f"{absent[0]}: no such file.")
    done = import_files(list(map(Path, files)), Path(load_params(TestsetParams).candidates))
    print("\n".join(imported_lines([asdict(one) for one in done])))
    print("`finsmith review` puts them before people, `finsmith build-testset` picks of those that they accept.")


def build_testset(size: int = 0, reason: str = "", afresh: bool = False, dry: bool = False) -> None:
    """Makes a version of the test (`--reason`) of candidates that people accepted: `--size` of them, balanced."""
    from finsmith.reporting.testset import built_lines, print_balance, version_lines
    from finsmith.testset.build import build, refuse_beside, refuse_lost, staying
    from finsmith.testset.candidates import read_candidates
    from finsmith.testset.params import TestsetParams
    from finsmith.testset.read import as_written
    from finsmith.testset.versions import next_version, read_versions, write_questions, write_versions

    params = load_params(TestsetParams)
    why, size = "" if dry else _given(reason), size or params.size
    if size < 1:
        raise ParamsError(f"--size {size}: it must be 1 or more.")
    folder, candidates = Path(params.source), read_candidates(Path(params.candidates))
    versions, present = read_versions(folder), as_written(folder)
    refuse_beside(folder)
    if not afresh:
        refuse_lost(folder, present, versions, candidates)
    accepted, told = _accepted(candidates)
    print("\n".join(built_lines(told)))
    stays = [] if afresh else staying(present.questions, versions)
    built = build(accepted, stays, present, _documents(), size, params.seed)
    print_balance([asdict(one) for one in built.targets])
    for one, reason in built.left_out:
        print(f"left out: '{one.stem}' {reason}")
    if len(built.questions) < size:
        print(f"{size} were asked for: all {len(built.questions)} that can be asked are taken.")
    version = next_version(versions, built.questions, why, _today(), present.questions)
    if not dry:
        if version:
            write_versions(folder, [*versions, version])
        write_questions(folder, built.questions)
    print("\n".join(version_lines([one.model_dump() for one in [version or versions[-1]]])))
    if dry:
        print("Nothing was written.")
    elif not version:
        print("Nothing has changed.")
    else:
        print(f"Commit {folder} with git; `dvc repro` asks it.")


def freeze_testset(reason: str = "") -> None:
    """Makes what stands in the test's folder a version (`--reason`), asked in the order in which it stands."""
    from finsmith.reporting.testset import version_lines
    from finsmith.testset.balance import letter_targets
    from finsmith.testset.params import TestsetParams
    from finsmith.testset.read import as_written
    from finsmith.testset.versions import next_version, read_versions, write_versions

    folder, why = Path(load_params(TestsetParams).source), _given(reason)
    versions, present = read_versions(folder), as_written(folder)
    if not present.questions:
        raise SourceError(f"{folder}: no usable question to freeze. Set `testset.source`.")
    for one in present.rejects:
        print(f"no part of it: {one.source}, {one.place}: {one.reason}")
    letters = letter_targets([], [], present.questions)
    for of in dict.fromkeys(one.attribute for one in letters):
        times = {one.value: one.picked for one in letters if one.attribute == of}
        if max(times.values()) - min(times.values()) > 1:
            told = ", ".join(f"{letter} {count}" for letter, count in times.items())
            print(f"not each letter is right as often ({told}) and they are asked so: `build-testset` spreads them.")
    version = next_version(versions, present.questions, why, _today(), None)
    if version:
        write_versions(folder, [*versions, version])
    print("\n".join(version_lines([one.model_dump() for one in [version or versions[-1]]])))
    print(f"Commit {folder} with git; `dvc repro` asks it." if version else "Nothing has changed.")


def testset() -> None:
    """Shows the test as it stands, its balance and its versions, and which candidates wait for people."""
    from finsmith.reporting.testset import built_lines, print_counts, version_lines
    from finsmith.testset.candidates import read_candidates
    from finsmith.testset.params import TestsetParams
    from finsmith.testset.read import as_written
    from finsmith.testset.versions import counts, read_versions, refuse_changed

    params = load_params(TestsetParams)
    folder, documents = Path(params.source), _documents()
    versions, present = read_versions(folder), as_written(folder)
    named = Counter(documents.get(one.source, one.source) or "unlabelled" for one in present.questions)
    print_counts({"document": dict(sorted(named.items()))} | counts(present.questions))
    for one in present.rejects:
        print(f"no part of it: {one.source}, {one.place}: {one.reason}")
    print("\n".join(version_lines([one.model_dump() for one in versions])))
    print("\n".join(built_lines(_accepted(read_candidates(Path(params.candidates)))[1])))
    if versions:
        refuse_changed(folder, versions, present.questions, present.rejects)
    else:
        print(f"{folder} is not frozen: `finsmith build-testset` or `finsmith freeze-testset` makes a version.")


def _given(reason: str) -> str:
    if not reason.strip():
        raise ParamsError("--reason: say why; it stands in the test's changelog.")
    return reason


def _accepted(candidates: list[Question]) -> tuple["list[Accepted]", Counter[str]]:
    """Those that people accepted, as they accepted them, and how many were decided how."""
    from finsmith.review.apply import Outcome, approve_questions
    from finsmith.review.course import read_decisions
    from finsmith.review.params import ReviewParams
    from finsmith.review.standing import standings
    from finsmith.testset.build import Accepted

    params = load_params(ReviewParams)
    decided = read_decisions(Path(params.decisions))
    standing, outcome = standings(decided.decisions, params), Outcome(_ignore, _ignore, _ignore)
    accepted = [
        Accepted(candidate.id, question)
        for candidate in candidates
        for question in approve_questions([candidate], standing, outcome)
    ]
    return accepted, outcome.counts["question"] + Counter(unread=len(decided.rejects))


def _ignore(_: object) -> None:
    """The stage `review` tells of rows; a command only counts."""


def _documents() -> dict[str, str]:
    """The glossary of each term that there is; a question on a term is one of its glossary."""
    terms = CORPUS / "terms.jsonl"
    return {term.term: term.source for term in reversed(list(read_jsonl(terms, Term)))} if terms.exists() else {}


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
