"""Commands about what comes from what: trace, impact, withdraw, audit. Not covered: the index; a stage builds it."""

from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import orjson

from finsmith.core.errors import ParamsError
from finsmith.core.io import read_jsonl, write_text
from finsmith.core.params import load_params
from finsmith.core.records import Passage
from finsmith.core.state import state_dir

from .places import CORPUS, PICTURES, documents_folder


def trace(record: str, json: bool = False, prov: bool = False, html: bool = False) -> None:
    """Shows where a row, question, prediction or metric comes from, up to the page; `--html` with its picture."""
    from finsmith.lineage.project import INDEX, Project
    from finsmith.lineage.trace import passages_in
    from finsmith.lineage.trace import trace as trace_record
    from finsmith.lineage.walk import Index
    from finsmith.reporting.lineage import lineage_page, print_tree
    from finsmith.tracking.pages import run_page

    with Index(INDEX) as index:
        tree = trace_record(record, index, Project(run_page=run_page))
    if json:
        print(orjson.dumps(asdict(tree), option=orjson.OPT_INDENT_2).decode())
        return
    if prov:
        from finsmith.lineage.prov import prov_json

        print(prov_json(tree))
        return
    print_tree(asdict(tree))
    if html:
        from finsmith.corpus.pdf.highlight import pages_of

        stood = {node.id for node in passages_in(tree)}
        pictures = pages_of(stood, CORPUS / "passages.jsonl", documents_folder())
        page = Path("reports/lineage") / f"{tree.id.replace('/', '_').replace(':', '_')}.html"
        write_text(page, lineage_page(asdict(tree), pictures))
        print(f"page      {page.resolve()}")


def impact(name: str, json: bool = False) -> None:
    """Shows all that descends from a document, term, prompt, reviewer or record, in every commit and experiment."""
    from finsmith.history.revisions import cache_folder, revisions
    from finsmith.lineage.impact import impact as find_impact
    from finsmith.reporting.lineage import impact_lines

    found = asdict(find_impact(name, revisions(), cache_folder()))
    print(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() if json else "\n".join(impact_lines(found)))


def withdraw(document: str, reason: str = "") -> None:
    """Withdraws a document (`--reason`), erases its text from every store; the next `dvc repro` does without it."""
    from finsmith.history.revisions import cache_folder, revisions
    from finsmith.lineage.holders import Holder, calls_holder, stores
    from finsmith.lineage.withdraw import adapter_hashes, everything_of, withdraw_everywhere, withdrawal_of
    from finsmith.lineage.withdrawals import NOTED
    from finsmith.reporting.lineage import erased_lines, impact_lines
    from finsmith.review.erasing import decision_texts, erase_decisions
    from finsmith.review.params import ReviewParams
    from finsmith.teacher.store import repository_store
    from finsmith.tracking.local_traces import LocalTraces

    if not reason.strip():
        raise ParamsError("--reason: say why; it is kept with the withdrawal and told wherever the document is missed.")
    today, cache = datetime.now(UTC).date().isoformat(), cache_folder()
    decisions = Path(load_params(ReviewParams).decisions)
    withdrawal = withdrawal_of(document, CORPUS / "documents.jsonl", NOTED, reason, today)
    versions = revisions()
    made = everything_of(withdrawal, versions, cache)
    if made:
        print("\n".join(impact_lines(asdict(made))))
    read = read_jsonl(CORPUS / "passages.jsonl", Passage)
    passages = {one.id for one in read if one.document_sha256 == withdrawal.sha256}
    with repository_store() as store:
        kept = [cache / "files", state_dir("runs"), Path("mlartifacts")]
        adapters = adapter_hashes(made, versions, cache)
        decided = Holder("people's decisions", partial(decision_texts, decisions), erase_decisions)
        traces, asked = calls_holder("MLflow's traces", LocalTraces()), store.asked_about(passages)
        holders = [decided, traces, *stores(store)]
        pictures = sorted(path for one in passages for path in PICTURES.glob(f"{one}-p*.png"))
        erased = withdraw_everywhere(withdrawal, adapters, asked, holders, kept, documents_folder(), pictures)
    print("\n".join(erased_lines(withdrawal.document, asdict(erased))))


def audit() -> None:
    """Checks the whole project: ids, counts, files, leaks, adapter, accuracies; exit status 1 where a check fails."""
    from finsmith.lineage.checks import Case
    from finsmith.lineage.checks import audit as check
    from finsmith.lineage.holders import outputs, stores
    from finsmith.lineage.project import INDEX, Project
    from finsmith.lineage.walk import Index
    from finsmith.lineage.withdrawals import NOTED, read_withdrawals
    from finsmith.reporting.lineage import verdict_lines
    from finsmith.teacher.store import repository_store
    from finsmith.testset.params import TestsetParams

    with Index(INDEX) as index, repository_store() as store:
        holders = [*stores(store), *outputs()]
        case = Case(
            index,
            Project(),
            withdrawals=read_withdrawals(NOTED),
            holders=holders,
            documents=documents_folder(),
            testset=Path(load_params(TestsetParams).source),
        )
        verdicts = check(case)
    print("\n".join(verdict_lines([asdict(one) for one in verdicts])))
    if not all(one.passed for one in verdicts):
        raise SystemExit(1)
