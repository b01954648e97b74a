"""The command `finsmith`: what is no pipeline stage. Not covered: the pipeline; that is `dvc repro`."""

import argparse
import sys
from collections.abc import Callable
from inspect import signature
from pathlib import Path

from finsmith.core.embedded_models import EMBEDDED_MODELS, embedded_model
from finsmith.core.errors import FinsmithError, SourceError
from finsmith.core.io import read_json, read_jsonl
from finsmith.core.params import load_params
from finsmith.core.records import DocumentCounts, Passage, SourceReject, Term
from finsmith.corpus.ingest import corpus_statistics
from finsmith.corpus.params import IngestParams
from finsmith.corpus.pdf.highlight import passage_pictures
from finsmith.generation.generate import capacity
from finsmith.generation.params import GenerateParams
from finsmith.reporting.corpus import print_corpus
from finsmith.reporting.summary import summary_lines
from finsmith.tracking.runs import send_waiting_runs


def models() -> None:
    """Fetches and checks the embedded models; does nothing where they are."""
    for name in EMBEDDED_MODELS:
        print(f"{name}: {embedded_model(name)}")


def summary() -> None:
    """Prints the last run's summary and where to look further."""
    path = Path("reports/summary.json")
    if not path.exists():
        raise SourceError(f"{path}: not found. It is written by the pipeline: run `dvc repro`.")
    print("\n".join(summary_lines(read_json(path))))
    print(f"report    {path.with_name('report.html').resolve()}")
    print("runs      make mlflow, then open http://127.0.0.1:5000")


def send_runs() -> None:
    """Sends the finished runs that no MLflow server has taken yet."""
    sent = send_waiting_runs()
    print(f"{sent} waiting runs sent" if sent else "no run waits")


def show(kind: str, record_id: str) -> None:
    """Shows a record by its id: `show passage ID` prints the text and draws its place on the pages as PNG."""
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
    folder = Path("data/corpus")
    counts = list(read_jsonl(folder / "counts.jsonl", DocumentCounts))
    terms = list(read_jsonl(folder / "terms.jsonl", Term))
    rejects = list(read_jsonl(folder / "rejects.jsonl", SourceReject))
    statistics = corpus_statistics(counts, len(terms), len(rejects))
    passages = list(read_jsonl(folder / "passages.jsonl", Passage))
    able = capacity(passages, terms, load_params(GenerateParams))
    print_corpus(counts, rejects, statistics["corpora_for"], able)


COMMANDS: dict[str, Callable[..., None]] = {
    "models": models,
    "summary": summary,
    "send-runs": send_runs,
    "show": show,
    "corpus": corpus,
}


def main() -> None:
    """Runs one command; an expected error is a sentence and exit status 1."""
    parser = argparse.ArgumentParser(prog="finsmith", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        added = commands.add_parser(name, help=command.__doc__)
        for argument in signature(command).parameters:
            added.add_argument(argument)
    arguments = vars(parser.parse_args())
    try:
        COMMANDS[arguments.pop("command")](**arguments)
    except FinsmithError as error:
        print(f"finsmith: {error}", file=sys.stderr)
        raise SystemExit(1) from error
