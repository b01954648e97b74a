"""The command `finsmith`: what is no pipeline stage. Not covered: the pipeline; that is `dvc repro`.

Commands import what they need when they run: readers of documents and morphology take seconds to load, and `finsmith
summary` needs neither.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from finsmith.core.embedded_models import EMBEDDED_MODELS, embedded_model
from finsmith.core.errors import FinsmithError, ParamsError, SourceError
from finsmith.core.io import read_json, read_jsonl, write_json, write_jsonl, write_text
from finsmith.core.params import load_params
from finsmith.core.records import DocumentCounts, Passage, SourceReject, Term
from finsmith.core.state import state_dir

if TYPE_CHECKING:
    from finsmith.generation.material import Material
    from finsmith.scaling.trials import Trial

_CORPUS, _BASE, _ADAPTER, _RECORD = map(Path, ("data/corpus", "models/base", "models/adapter", "models/run.json"))
_MANY = "any number"  # where the parser keeps what a command takes as *names
_SUMMARY = Path("reports/summary.json")


def models() -> None:
    """Fetches and checks the embedded models; does nothing where they are."""
    for name in EMBEDDED_MODELS:
        print(f"{name}: {embedded_model(name)}")


def summary() -> None:
    """Prints the last run's summary and where to look further."""
    from finsmith.reporting.summary import summary_lines

    if not _SUMMARY.exists():
        raise SourceError(f"{_SUMMARY}: not found. It is written by the pipeline: run `dvc repro`.")
    print("\n".join(summary_lines(read_json(_SUMMARY))))
    print(f"report    {_SUMMARY.with_name('report.html').resolve()}")
    print("runs      make mlflow, then open http://127.0.0.1:5000")


def track(action: str) -> None:
    """Sends what MLflow does not have of the runs on this machine: `track sync`."""
    if action != "sync":
        raise SourceError(f"{action!r} is nothing to do with runs; it must be: sync.")
    from finsmith.tracking.runs import send_waiting_runs

    sent = send_waiting_runs()
    print(f"{sent} waiting runs sent" if sent else "no run waits")


def show(kind: str, record_id: str) -> None:
    """Shows a record by its id: `show passage ID` prints the text and draws its place on the pages as PNG."""
    from finsmith.corpus.pdf.highlight import passage_pictures

    if kind != "passage":
        raise SourceError(f"{kind!r} cannot be shown; it must be: passage.")
    path = Path("data/corpus/passages.jsonl")
    if not path.exists():
        raise SourceError(f"{path}: not found. It is written by the pipeline: run `dvc repro ingest`.")
    passage = next((one for one in read_jsonl(path, Passage) if one.id == record_id), None)
    if not passage:
        raise SourceError(f"{path}: no passage {record_id}. Rows name theirs under `provenance.sources`.")
    print(" > ".join((passage.document, *passage.headings)))
    print(f"\n{passage.text}\n")
    for picture in passage_pictures(passage, _documents(), Path("reports/passages")):
        print(picture)


def _documents() -> Path:
    """The folder that documents are read from."""
    from finsmith.corpus.params import IngestParams

    return Path(load_params(IngestParams).source) / "pdf"


def corpus() -> None:
    """Shows what each document gave, what could not be read, and what the corpus can bear."""
    from finsmith.corpus.ingest import corpus_statistics
    from finsmith.generation.generate import capacity
    from finsmith.reporting.corpus import print_corpus

    folder = Path("data/corpus")
    counts = list(read_jsonl(folder / "counts.jsonl", DocumentCounts))
    material = _material()
    rejects = list(read_jsonl(folder / "rejects.jsonl", SourceReject))
    statistics = corpus_statistics(counts, len(material.terms), len(rejects))
    print_corpus(counts, rejects, statistics["corpora_for"], capacity(material))


def rejects(filter: str = "", example: str = "") -> None:
    """Shows what the filters rejected or marked: all, the rows of one filter, or one row with what it clashed with."""
    from finsmith.reporting.rejects import of_example, of_filter, overview

    folder = Path("data/filtered")
    lines = of_example(folder, example) if example else of_filter(folder, filter) if filter else overview(folder)
    print("\n".join(lines))


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
        from finsmith.corpus.pdf.highlight import pictures_of

        documents, wanted = _documents(), {node.id for node in passages_in(tree)}
        passages = (one for one in read_jsonl(_CORPUS / "passages.jsonl", Passage) if one.id in wanted)
        pictures = {one.id: [png for _, png in pictures_of(one, documents)] for one in passages}
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
    from finsmith.lineage.holders import calls_holder, stores
    from finsmith.lineage.withdraw import adapter_hashes, everything_of, withdraw_everywhere, withdrawal_of
    from finsmith.lineage.withdrawals import NOTED
    from finsmith.reporting.lineage import erased_lines, impact_lines
    from finsmith.teacher.store import repository_store
    from finsmith.tracking.local_traces import LocalTraces

    if not reason.strip():
        raise ParamsError("--reason: say why; it is kept with the withdrawal and told wherever the document is missed.")
    today, cache = datetime.now(UTC).date().isoformat(), cache_folder()
    withdrawal = withdrawal_of(document, _CORPUS / "documents.jsonl", NOTED, reason, today)
    versions = revisions()
    made = everything_of(withdrawal, versions, cache)
    if made:
        print("\n".join(impact_lines(asdict(made))))
    read = read_jsonl(_CORPUS / "passages.jsonl", Passage)
    passages = {one.id for one in read if one.document_sha256 == withdrawal.sha256}
    with repository_store() as store:
        kept = [cache / "files", state_dir("runs"), Path("mlartifacts")]
        adapters = adapter_hashes(made, versions, cache)
        holders, asked = [calls_holder("MLflow's traces", LocalTraces()), *stores(store)], store.asked_about(passages)
        erased = withdraw_everywhere(withdrawal, adapters, asked, holders, kept, _documents())
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

    with Index(INDEX) as index, repository_store() as store:
        holders = [*stores(store), *outputs()]
        case = Case(index, Project(), withdrawals=read_withdrawals(NOTED), holders=holders, documents=_documents())
        verdicts = check(case)
    print("\n".join(verdict_lines([asdict(one) for one in verdicts])))
    if not all(one.passed for one in verdicts):
        raise SystemExit(1)


def estimate() -> None:
    """Says what `generate` would ask for now, without asking: calls, tokens, USD, minutes and rows by recipe."""
    from finsmith.generation.estimate import estimate as estimate_recipes
    from finsmith.generation.estimate import estimate_table
    from finsmith.teacher.teacher import open_teachers

    material = _material()
    params = material.params
    with open_teachers(params.all_teachers, params.prices, params.budget, "generate") as teachers:
        estimates = estimate_recipes(material, teachers.rates())
    total = sum(one.usd for one in estimates.values())
    print("\n".join(estimate_table(estimates)))
    print(f"{total:.4f} USD in all where nothing is stored; the stage may spend {params.budget.stage_usd:.2f} USD")


def evaluate(export: str = "", out: str = "reports/lm_eval") -> None:
    """Writes the closed test for another program, to check our figures: `--export lm-eval`; `--out` names a folder."""
    from finsmith.core.records import Question
    from finsmith.evaluation.evaluate import EvaluateParams
    from finsmith.evaluation.harness import METRICS, Models, write_tasks

    if export != "lm-eval":
        raise SourceError(f"--export {export!r}: it must be: lm-eval. What scores the models is `dvc repro evaluate`.")
    testset, folder, params = Path("data/testset"), Path(out), load_params(EvaluateParams)
    if not (testset / "questions.jsonl").exists():
        raise SourceError(
            f"{testset}/questions.jsonl: not found. It is written by the pipeline: run `dvc repro testset`."
        )
    evaluators = [name for name in params.evaluators if name in METRICS]
    if not evaluators:
        raise ParamsError(f"`evaluate.evaluators`: lm-evaluation-harness needs one of {', '.join(METRICS)}.")
    questions, examples = (list(read_jsonl(testset / f"{name}.jsonl", Question)) for name in ("questions", "examples"))
    from finsmith.training.chat_format import ChatFormat

    chat, models = ChatFormat.of_model(_BASE), Models(_BASE, _ADAPTER, params.dtype)
    otherwise = write_tasks(folder, questions, params.setting(examples), evaluators, chat, models)
    print(f"{len(questions)} questions for {', '.join(evaluators)}; how to run them: {folder / 'README.md'}")
    if otherwise:
        print(f"{otherwise} prompts are read as other tokens there: their numbers may differ")


def chat(tokens: int = 256) -> None:
    """Asks base and adapter what you type, side by side; in a pipe, a question a line; `--tokens` bound an answer."""
    _check_trained()
    from finsmith.reporting.chat import chat as converse
    from finsmith.training.chat import ChatModels
    from finsmith.training.params import BaseParams

    models = ChatModels(_BASE, _ADAPTER, load_params(BaseParams).dtype)
    converse(lambda question, name, on_text: models.answer(question, name == "adapter", tokens, on_text))


def export(folder: str, dtype: str = "") -> None:
    """Merges the adapter into the base: a folder that servers load, in the base's number format or in `--dtype`."""
    _check_trained()
    from finsmith.training.export import export_model
    from finsmith.training.params import BaseParams

    model, record = load_params(BaseParams).model, read_json(_RECORD) if _RECORD.exists() else {}
    told = [name for name in ("rows", "steps", "final_loss", "fingerprint") if name in record]
    facts = {"base model": Path(model).name if Path(model).is_absolute() else model}
    facts |= {name.replace("_", " "): record[name] for name in told}
    export_model(_BASE, _ADAPTER, Path(folder), dtype, facts)
    print(f"{folder}: written; docs/serving.md tells how to serve it")


def _check_trained() -> None:
    """Raises a sentence before a library is loaded for seconds."""
    for folder, file in ((_BASE, "config.json"), (_ADAPTER, "adapter_config.json")):
        if not (folder / file).exists():
            raise SourceError(f"{folder}: not found. It is written by the pipeline: run `dvc repro`.")


def _material() -> "Material":
    """What `generate` would work on now; tokens of clues are not counted before there are clues."""
    from finsmith.generation.material import Material
    from finsmith.generation.params import GenerateParams

    folder = Path("data/corpus")
    passages, terms = read_jsonl(folder / "passages.jsonl", Passage), read_jsonl(folder / "terms.jsonl", Term)
    return Material(list(passages), list(terms), load_params(GenerateParams), count_tokens=len)


def scaling(
    fractions: str = "1/16,1/8,1/4,1/2,1",
    shares: str = "",
    seeds: str = "1,2,3",
    worth_points: float = 1.0,
    more_rows: int = 1000,
    usd_per_device_hour: float = 0.0,
    dry: bool = False,
) -> None:
    """Trains on parts of the data over seeds, as DVC experiments, and says how much data is enough."""
    from finsmith.mixture.params import MixParams
    from finsmith.reporting.costs import ReportParams, p4d_equivalent_usd
    from finsmith.reporting.scaling import scaling_figure, scaling_lines, scaling_page
    from finsmith.scaling.points import finished_points
    from finsmith.scaling.result import result
    from finsmith.scaling.trials import run_trials, to_run, trials

    price = usd_per_device_hour or p4d_equivalent_usd(1, load_params(ReportParams))
    wanted = trials(fractions, shares or str(load_params(MixParams).general_share), seeds)
    waiting = to_run(wanted)
    print(f"trainings: {len(wanted)}, of them done: {len(wanted) - len(waiting)}{_expected(waiting)}")
    if dry:
        print("\n".join(f"{trial.name}: {' '.join(trial.settings)}" for trial in waiting))
        return
    try:
        failed = run_trials(waiting) if waiting else {}
    except KeyboardInterrupt as error:
        print(
            "\nThe queue goes on without this command: run it again to watch. `dvc queue stop` makes the training "
            "under way the last one, `dvc queue kill NAME` ends that one too."
        )
        raise SystemExit(130) from error
    points, folder = finished_points(), Path("reports/scaling")
    content = result(points, worth_points / 100, more_rows, price)
    write_jsonl(folder / "points.jsonl", points)
    write_json(folder / "scaling.json", content)
    write_text(folder / "scaling.html", scaling_page(content, failed))
    write_text(folder / "scaling.svg", scaling_figure(content))
    print("\n".join(scaling_lines(content, failed)))
    print(f"page      {(folder / 'scaling.html').resolve()}")
    if failed:
        raise SystemExit(1)


def compare(*names: str, pair: str = "", usd_per_device_hour: float = 0.0) -> None:
    """Sets experiments side by side: accuracy, paired tests, costs; `--pair A,B` lists the questions they differ on."""
    from finsmith.comparison.entries import entries
    from finsmith.comparison.page import comparison_page
    from finsmith.comparison.result import comparison
    from finsmith.comparison.table import comparison_csv, print_comparison
    from finsmith.evaluation.predictions import Prediction
    from finsmith.evaluation.statistics import mcnemar_p
    from finsmith.history.named import current_revisions, named_revisions
    from finsmith.reporting.figures import pareto_front

    two = tuple(dict.fromkeys(name.strip() for name in pair.split(",") if name.strip()))
    if pair and len(two) != 2:
        raise ParamsError(f"--pair {pair}: it must be two names with a comma between them.")
    asked = (*names, *two)
    found = entries(named_revisions(asked) if asked else current_revisions(), lambda path: read_jsonl(path, Prediction))
    content, folder = comparison(found, mcnemar_p, usd_per_device_hour, two), Path("reports/compare")
    write_json(folder / "compare.json", content)
    write_text(folder / "compare.csv", comparison_csv(content))
    write_text(folder / "compare.html", comparison_page(content, pareto_front))
    print_comparison(content)
    print(f"page      {(folder / 'compare.html').resolve()}")


def _expected(waiting: "Sequence[Trial]") -> str:
    """The hours of training still to come, by those of the last run; nothing before there was one."""
    last = Path("reports/metrics/train.json")
    if not waiting or not last.exists():
        return ""
    hours = read_json(last)["device_hours"] * sum(trial.fraction for trial in waiting)
    return f"; the others take about {hours:.2g} device hours of training, by the last run"


def card(push: str = "", data: bool = False) -> None:
    """Writes cards of training set and adapter from the run's facts; `--push ORG/NAME` sends the adapter to the Hub."""
    from finsmith.cards.cards import dataset_card, model_card
    from finsmith.cards.facts import ADAPTER, ROWS, facts
    from finsmith.cards.hub import push as push_to_hub
    from finsmith.cards.params import CardParams

    if data and not push:
        raise ParamsError("--data sends the training set along with the adapter: name a place with --push ORG/NAME.")
    found, params, folder = facts(), load_params(CardParams), Path("reports/cards")
    cards = {"model": model_card(found, params), "dataset": dataset_card(found, params)}
    for kind, text in cards.items():
        write_text(folder / kind / "README.md", text)
        print(folder / kind / "README.md")
    if push:
        adapter = {file.name: file for file in sorted(Path(ADAPTER).iterdir())}
        print(push_to_hub(push, "model", adapter | {"README.md": folder / "model/README.md"}))
    if push and data:
        rows = Path(ROWS)
        print(push_to_hub(push, "dataset", {rows.name: rows, "README.md": folder / "dataset/README.md"}))


def roi(params: str = "params.yaml", out: str = "reports/roi") -> None:
    """Compares what the own model costs with a hosted one paid per query: payback, totals, what they hang on."""
    from finsmith.economics.params import RoiParams
    from finsmith.economics.roi import figures
    from finsmith.economics.roi import roi as compare
    from finsmith.reporting.costs import ReportParams, p4d_equivalent_usd
    from finsmith.reporting.roi import roi_csv, roi_lines, roi_page

    assumed, folder = load_params(RoiParams, Path(params)), Path(out)
    run = read_json(_SUMMARY) if assumed.build.needs_run and _SUMMARY.exists() else None
    price = p4d_equivalent_usd(1, load_params(ReportParams, Path(params)))
    content = compare(assumed, figures(assumed, run), run, price)
    write_json(folder / "roi.json", content)
    write_text(folder / "roi.csv", roi_csv(content))
    write_text(folder / "roi.html", roi_page(content))
    print("\n".join(roi_lines(content)))
    print(f"page      {(folder / 'roi.html').resolve()}")


def plan(accuracy: float = 0.0, budget_usd: float = 0.0) -> None:
    """Says what an accuracy takes, or what a budget brings: rows by recipe, calls, USD, days of review, GPU hours."""
    from finsmith.economics.params import RoiParams
    from finsmith.economics.plan import material, plan_accuracy, plan_budget
    from finsmith.mixture.params import MixParams
    from finsmith.reporting.roi import plan_lines
    from finsmith.scaling.ahead import ahead

    if bool(accuracy) == bool(budget_usd):
        raise ParamsError("give one of --accuracy (0.45 is 45 of 100) and --budget-usd.")
    study, judge = Path("reports/scaling/scaling.json"), Path("reports/metrics/judge.json")
    for path, writer in ((study, "finsmith scaling"), (_SUMMARY, "dvc repro"), (judge, "dvc repro")):
        if not path.exists():
            raise SourceError(f"{path}: not found. It is written by `{writer}`.")
    assumed, content = load_params(RoiParams), read_json(study)
    curve = ahead(content, load_params(MixParams).general_share)
    present = material(read_json(_SUMMARY), read_json(judge), assumed, content["usd_per_device_hour"])
    asked = plan_accuracy(accuracy, present, curve, assumed) if accuracy else None
    planned = asked or plan_budget(budget_usd, present, curve, assumed)
    write_json(Path("reports/plan.json"), planned)
    print("\n".join(plan_lines(planned)))
    print(f"figures   {Path('reports/plan.json').resolve()}")


COMMANDS: dict[str, Callable[..., None]] = {
    "models": models,
    "summary": summary,
    "track": track,
    "show": show,
    "corpus": corpus,
    "estimate": estimate,
    "evaluate": evaluate,
    "trace": trace,
    "impact": impact,
    "withdraw": withdraw,
    "audit": audit,
    "rejects": rejects,
    "scaling": scaling,
    "compare": compare,
    "card": card,
    "roi": roi,
    "plan": plan,
    "chat": chat,
    "export": export,
}


def main() -> None:
    """Runs one command; an expected error is a sentence and exit status 1."""
    parser = argparse.ArgumentParser(prog="finsmith", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        added = commands.add_parser(name, help=command.__doc__)
        for argument in signature(command).parameters.values():
            option = f"--{argument.name.replace('_', '-')}"
            if argument.kind is argument.VAR_POSITIONAL:
                added.add_argument(_MANY, nargs="*", metavar=argument.name.upper())
            elif argument.default is argument.empty:
                added.add_argument(argument.name)
            elif argument.default is False:
                added.add_argument(option, action="store_true")
            else:
                kind = type(argument.default)
                added.add_argument(option, default=argument.default, type=kind, metavar=argument.name.upper())
    arguments = vars(parser.parse_args())
    try:
        COMMANDS[arguments.pop("command")](*arguments.pop(_MANY, ()), **arguments)
    except FinsmithError as error:
        print(f"finsmith: {error}", file=sys.stderr)
        raise SystemExit(1) from error
