"""The audit: questions to the index, the metrics and dvc.lock, each with its verdict.

A check is a function from a `Case` to faults, and a line in CHECKS. Not covered: removing what must not be there.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from tqdm import tqdm

from finsmith.core.errors import LineageError, RecordError
from finsmith.core.ids import sha256_of
from finsmith.core.io import read_json
from finsmith.history.revisions import content_md5

from .holders import Holder, places_of
from .index import TRAINING_SET
from .kinds import GENERAL, OUR_MODELS
from .project import Project
from .trace import PREDICTIONS, QUESTIONS
from .walk import Index
from .withdraw import raw_files
from .withdrawals import Withdrawal

_ORIGINS = "('document', 'glossary', 'general file', 'seed task')"
_FOLDERS = {"generate": "calls", "judge": "judgements", "evaluate": "evaluation", "answers": "answers"}  # of ledgers
KEPT, REJECTED = "data/filtered/kept.jsonl", "data/filtered/rejected.jsonl"
APPROVED, BY_PEOPLE, WAITING = (f"data/reviewed/{name}.jsonl" for name in ("approved", "rejected", "waiting"))
_CENT = 0.01
_SHOWN = 20


@dataclass(frozen=True)
class Case:
    """What is audited; stages in `unfinished` are not looked at: they run after the audit.

    Nothing that `holders` hold may be of the withdrawn documents, nor may a file in the folder `documents` be one. The
    folder `testset` has the test's question files.
    """

    index: Index
    project: Project
    unfinished: frozenset[str] = frozenset()
    withdrawals: Sequence[Withdrawal] = ()
    holders: Sequence[Holder] = ()
    documents: Path = Path()
    testset: Path = Path()


@dataclass(frozen=True)
class Verdict:
    """What a check found; `faults` are the first of `count`."""

    check: str
    claim: str
    count: int
    faults: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.count


def audit(case: Case) -> list[Verdict]:
    """The verdict of every check, in the order of CHECKS; what cannot be read is a fault."""
    verdicts = []
    for name, (claim, check) in CHECKS.items():
        faults: list[str] = []
        try:
            faults += check(case)
        except (LineageError, RecordError, OSError) as error:
            faults.append(str(error))
        verdicts.append(Verdict(name, claim, len(faults), tuple(faults[:_SHOWN])))
    return verdicts


def _ids_resolve(case: Case) -> Iterator[str]:
    for missing, role, kind, identity in case.index.select(
        "SELECT missing.id, role, child.kind, child.id FROM records AS missing JOIN links ON parent = missing.record "
        "JOIN records AS child ON child.record = links.child WHERE missing.kind = '' ORDER BY 1, 4"
    ):
        yield f"{kind or 'record'} {identity} is {role} {missing}, which is nowhere"
    for identity, path, line in case.index.select("SELECT id, path, line FROM lines WHERE kind = ''"):
        yield f"{path}:{line} is about {identity}, which is nowhere"


def _rows_have_origins(case: Case) -> Iterator[str]:
    query = f"""
        WITH RECURSIVE up (row, record) AS (
            SELECT record, record FROM lines WHERE path = ?1
            UNION SELECT up.row, parent FROM up JOIN links ON child = up.record
        )
        SELECT id, line FROM lines WHERE path = ?1
        AND record NOT IN (SELECT row FROM up JOIN records USING (record) WHERE kind IN {_ORIGINS}) ORDER BY line
    """
    for identity, line in case.index.select(query, TRAINING_SET):
        yield f"{TRAINING_SET}:{line}: {identity} comes from no document, glossary, general file or seed task"


def _calls_are_in_ledgers(case: Case) -> Iterator[str]:
    query = """
        SELECT child.id, calls.id FROM links JOIN records AS calls ON calls.record = parent
        JOIN records AS child ON child.record = links.child WHERE calls.kind IN ('call', '')
        AND role IN ('written by', 'checked by', 'said in')
        AND calls.record NOT IN (SELECT record FROM lines WHERE path LIKE '%/ledger.jsonl')
    """
    for child, call in case.index.select(query):
        yield f"{child} rests on the call {call}, which is in no ledger"
    for stage, folder in _FOLDERS.items():
        path, metrics = f"data/{folder}/ledger.jsonl", case.project.metrics(stage)
        told = metrics.get("accounts", metrics).get("usd_total", 0.0)  # none where nobody was asked
        with (case.project.root / path).open("rb") as lines:
            usd = sum(orjson.loads(line)["cost_usd"] for line in lines)
        if abs(usd - told) > _CENT:
            yield f"{path} sums up to {usd:.2f} USD, `{stage}` says {told:.2f}"


def _counts_add_up(case: Case) -> Iterator[str]:
    rows, filtered, mixed = case.index.rows, case.project.metrics("filter"), case.project.metrics("mix")
    kept, rejected = rows(KEPT), rows(REJECTED)
    told = tuple(filtered[name] for name in ("candidates", "kept", "rejected"))
    if told != (kept + rejected, kept, rejected):
        yield (
            "`filter` says {} candidates, {} kept and {} rejected; ".format(*told) + f"there are {kept} and {rejected}"
        )
    query = """
        SELECT id, path, line FROM lines WHERE path LIKE 'data/candidates/%'
        AND record NOT IN (SELECT record FROM lines WHERE path IN (?, ?)) ORDER BY path, line
    """
    for identity, path, line in case.index.select(query, KEPT, REJECTED):
        yield f"{path}:{line}: {identity} is neither kept nor rejected"
    yield from _reviews_add_up(case)
    general = case.index.recipes().get(GENERAL, 0)
    domain = rows(TRAINING_SET) - general
    if (mixed["domain_rows"], mixed["general_rows"]) != (domain, general):
        said = f"{mixed['domain_rows']} domain and {mixed['general_rows']} general rows"
        yield f"`mix` says {said}, {TRAINING_SET} has {domain} and {general}"
    query = "SELECT id, line FROM lines WHERE path = ? AND record NOT IN (SELECT record FROM lines WHERE path = ?)"
    for identity, line in case.index.select(query, TRAINING_SET, APPROVED):
        yield f"{TRAINING_SET}:{line}: {identity} was not approved"


def _reviews_add_up(case: Case) -> Iterator[str]:
    """Every row that was kept is approved, as it is or edited, rejected by people, or waits; all others are new."""
    rows, told = case.index.rows, case.project.metrics("review")
    counted = tuple(told[name] for name in ("rows", "approved", "rejected", "waiting"))
    there = (rows(KEPT), rows(APPROVED), rows(BY_PEOPLE), rows(WAITING))
    said = "{} rows, {} approved, {} rejected and {} waiting"
    if counted != there:
        yield f"`review` says {said.format(*counted)}; there are {said.format(*there)}"
    if told["rows"] != told["approved"] + told["rejected"] + told["waiting_left_out"]:
        yield f"`review` says {said.format(*counted)}, {told['waiting_left_out']} of these left out, which is not all"
    query = """
        SELECT id, line FROM lines WHERE path = ?1
        AND record NOT IN (SELECT record FROM lines WHERE path IN (?2, ?3, ?4))
        AND record NOT IN (
            SELECT made.parent FROM links AS made JOIN links AS edited USING (child)
            JOIN lines ON record = child WHERE made.role = 'made from' AND edited.role = 'edited in' AND path = ?2
        ) ORDER BY line
    """
    for identity, line in case.index.select(query, KEPT, APPROVED, BY_PEOPLE, WAITING):
        yield f"{KEPT}:{line}: {identity} is neither approved nor rejected and does not wait"
    query = """
        SELECT id, line FROM lines WHERE path = ? AND record NOT IN (SELECT record FROM lines WHERE path = ?)
        AND record NOT IN (SELECT child FROM links WHERE role = 'edited in') ORDER BY line
    """
    for identity, line in case.index.select(query, APPROVED, KEPT):
        yield f"{APPROVED}:{line}: {identity} was neither kept by the filters nor edited by people"


def _files_are_those_of_the_lock(case: Case) -> Iterator[str]:
    lock = case.project.version
    stages = lock.stages.keys() - case.unfinished
    paths = {path: md5 for stage in stages for path, md5 in lock.inputs(stage).items()}
    paths |= {path: output.md5 for path, output in lock.outputs.items() if output.stage in stages}
    for path, md5 in tqdm(sorted(paths.items()), desc="hashing", unit="file", leave=False):
        file = case.project.root / path
        if not file.exists():
            yield f"{path} is gone"
        elif (found := content_md5(file)) != md5:
            yield f"{path} is {found}, dvc.lock says {md5}"


def _test_is_held_out(case: Case) -> Iterator[str]:
    found, lock = case.project.metrics("leaks"), case.project.version
    if found["leaks"]:
        yield f"`leaks` counts {found['leaks']} rows too near to the test"
    if found["rows"] != case.index.rows():
        yield f"`leaks` looked at {found['rows']} rows, {TRAINING_SET} has {case.index.rows()}"
    for path in ("data/mixed", "data/testset"):
        if lock.inputs("leaks").get(path) != case.project.md5(path):
            yield f"`leaks` looked at another {path} than today's"


def _test_is_the_version(case: Case) -> Iterator[str]:
    """The questions are those that were told, and where the test is frozen those of its last version."""
    told = case.project.metrics("testset")
    found = sha256_of(sorted(id for (id,) in case.index.select("SELECT id FROM lines WHERE path = ?", QUESTIONS)))
    if told.get("digest") != found:
        yield f"`testset` says that the test's digest is {told.get('digest')}, {QUESTIONS} has {found}"
    versions = case.project.root / case.testset / "versions.json"
    last = read_json(versions)[-1] if versions.exists() else {"number": 0, "digest": found}
    if (last["number"], last["digest"]) != (told.get("version"), found):
        yield f"{versions}: the last version is {last['number']}, `testset` asked version {told.get('version')}"


def _adapter_is_of_this_set(case: Case) -> Iterator[str]:
    lock, run, rows = case.project.version, case.project.run, case.index.rows()
    if lock.inputs("train").get("data/mixed") != case.project.md5("data/mixed"):
        yield "the adapter was trained on another data/mixed than today's"
    for stage in ("evaluate", "answers"):
        if lock.inputs(stage).get("models/adapter") != case.project.md5("models/adapter"):
            yield f"`{stage}` looked at another adapter than today's"
    if run["rows"] + run["validation_rows"] + run["left_out"] != rows:
        yield f"models/run.json accounts for {run['rows']} rows, {TRAINING_SET} has {rows}"


def _accuracies_are_those_of_the_predictions(case: Case) -> Iterator[str]:
    metrics = case.project.metrics("evaluate")
    asked = {identity for (identity,) in case.index.select("SELECT id FROM lines WHERE path = ?", QUESTIONS)}
    right: dict[tuple[str, str], list[bool]] = defaultdict(list)
    with (case.project.root / PREDICTIONS).open("rb") as lines:
        for line in map(orjson.loads, lines):
            if line["question_id"] in asked:
                right[line["evaluator"], line["model"]].append(line["predicted"] == line["answer"])
    for evaluator, of in metrics.items():
        if isinstance(of, dict) and {*OUR_MODELS, "mcnemar_p"} <= of.keys():
            for model in OUR_MODELS:
                found, told = right[evaluator, model], of[model]["accuracy"]
                share = sum(found) / len(found) if found else 0.0
                if not found or abs(share - told) > 1e-4:  # the metric has four digits
                    said = f"{share:.4f} of {len(found)} predictions are right, `evaluate` says {told}"
                    yield f"{model} by {evaluator}: {said}"


def _withdrawn_are_gone(case: Case) -> Iterator[str]:
    for withdrawal in case.withdrawals:
        if case.index.meant(withdrawal.sha256):
            yield f"{withdrawal.document} is in the corpus"
    for path in raw_files(case.withdrawals, case.documents) if case.withdrawals else ():
        yield f"{path} is a withdrawn document"
    for holder in case.holders if case.withdrawals else ():
        for place, document in places_of(case.withdrawals, holder).items():
            yield f"{holder.name}: {place} holds text of {document}"


CHECKS: dict[str, tuple[str, Callable[[Case], Iterable[str]]]] = {
    "ids": ("every id resolves", _ids_resolve),
    "origins": (
        "every training row comes from a document, a glossary, general data or a seed task",
        _rows_have_origins,
    ),
    "calls": ("every call stands in a ledger, and ledgers sum up to what was told", _calls_are_in_ledgers),
    "counts": ("candidates are kept or rejected, the mixture is domain and general rows", _counts_add_up),
    "files": ("every file is the one that dvc.lock names", _files_are_those_of_the_lock),
    "test": ("no question of the test was trained on", _test_is_held_out),
    "version": ("the test is the version that was told, unchanged since it was frozen", _test_is_the_version),
    "adapter": ("the adapter that was scored was trained on this training set", _adapter_is_of_this_set),
    "withdrawn": ("nothing is left of documents that were withdrawn", _withdrawn_are_gone),
    "accuracy": ("accuracies are those of the predictions", _accuracies_are_those_of_the_predictions),
}


def refuse_failed(verdicts: Iterable[Verdict], told: Path) -> None:
    """Makes sure that all checks passed.

    Raises:
        LineageError: one did not; names the first fault of each that failed, and where they stand.
    """
    failed = [one for one in verdicts if not one.passed]
    if failed:
        first = "\n".join(f"  {one.claim}: {one.count} faults, the first: {one.faults[0]}" for one in failed)
        raise LineageError(f"{len(failed)} checks of the audit failed (all in {told}):\n{first}")
