"""The command `finsmith`: what is no pipeline stage. Not covered: the pipeline; that is `dvc repro`.

Commands import what they need when they run: readers of documents and morphology take seconds to load, and `finsmith
summary` needs neither.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING

from finsmith.core.embedded_models import EMBEDDED_MODELS, embedded_model
from finsmith.core.errors import FinsmithError, ParamsError, SourceError
from finsmith.core.io import read_json, read_jsonl, write_json, write_jsonl, write_text
from finsmith.core.params import load_params
from finsmith.core.records import DocumentCounts, Passage, SourceReject, Term

if TYPE_CHECKING:
    from finsmith.generation.material import Material
    from finsmith.scaling.trials import Trial

_BASE, _ADAPTER, _RECORD = Path("models/base"), Path("models/adapter"), Path("models/run.json")


def models() -> None:
    """Fetches and checks the embedded models; does nothing where they are."""
    for name in EMBEDDED_MODELS:
        print(f"{name}: {embedded_model(name)}")


def summary() -> None:
    """Prints the last run's summary and where to look further."""
    from finsmith.reporting.summary import summary_lines

    path = Path("reports/summary.json")
    if not path.exists():
        raise SourceError(f"{path}: not found. It is written by the pipeline: run `dvc repro`.")
    print("\n".join(summary_lines(read_json(path))))
    print(f"report    {path.with_name('report.html').resolve()}")
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
    from finsmith.corpus.params import IngestParams
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
    documents = Path(load_params(IngestParams).source) / "pdf"
    for picture in passage_pictures(passage, documents, Path("reports/passages")):
        print(picture)


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


def _expected(waiting: "Sequence[Trial]") -> str:
    """The hours of training still to come, by those of the last run; nothing before there was one."""
    last = Path("reports/metrics/train.json")
    if not waiting or not last.exists():
        return ""
    hours = read_json(last)["device_hours"] * sum(trial.fraction for trial in waiting)
    return f"; the others take about {hours:.2g} device hours of training, by the last run"


COMMANDS: dict[str, Callable[..., None]] = {
    "models": models,
    "summary": summary,
    "track": track,
    "show": show,
    "corpus": corpus,
    "estimate": estimate,
    "evaluate": evaluate,
    "rejects": rejects,
    "scaling": scaling,
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
            if argument.default is argument.empty:
                added.add_argument(argument.name)
            elif argument.default is False:
                added.add_argument(option, action="store_true")
            else:
                kind = type(argument.default)
                added.add_argument(option, default=argument.default, type=kind, metavar=argument.name.upper())
    arguments = vars(parser.parse_args())
    try:
        COMMANDS[arguments.pop("command")](**arguments)
    except FinsmithError as error:
        print(f"finsmith: {error}", file=sys.stderr)
        raise SystemExit(1) from error
