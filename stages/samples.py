"""Stage `samples`: rows that were approved with all they come from and its pages, and wrong answers, for the report."""

from dataclasses import asdict
from pathlib import Path

from finsmith.core.io import read_json, read_jsonl, write_json
from finsmith.core.params import load_params
from finsmith.core.records import Question
from finsmith.core.stage import run_stage
from finsmith.corpus.pdf.highlight import pages_of
from finsmith.evaluation.predictions import Prediction
from finsmith.evaluation.wrong_answers import wrong_answers
from finsmith.lineage.project import Project
from finsmith.lineage.samples import SamplesParams, sample_trees
from finsmith.lineage.trace import passages_in


def main(
    approved: Path,
    lineage: Path,
    corpus: Path,
    documents: Path,
    testset: Path,
    predictions: Path,
    evaluate: Path,
    samples: Path,
) -> None:
    """Writes one file, so that a picture never stands without the text on it."""
    params = load_params(SamplesParams)
    rows = sample_trees(approved, lineage, Project(), params.rows)
    stood = {passage.id for row in rows for passage in passages_in(row)}
    pages = pages_of(stood, corpus / "passages.jsonl", documents, params.pages)
    questions, asked = read_jsonl(testset / "questions.jsonl", Question), read_jsonl(predictions, Prediction)
    wrong = wrong_answers(list(questions), asked, read_json(evaluate)["headline"], params.wrong_answers)
    write_json(samples, {"rows": [asdict(row) for row in rows], "pages": pages, "wrong": wrong})


if __name__ == "__main__":
    run_stage(main)
