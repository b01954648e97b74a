"""Stage `testset`: question files → the closed test set, checked and with balanced letters, and worked examples."""

from pathlib import Path

from finsmith.core.io import write_json, write_jsonl
from finsmith.core.params import load_params
from finsmith.core.stage import run_stage
from finsmith.evaluation.testset import TestsetParams, read_testset, testset_statistics


def main(source: Path, testset: Path, metrics: Path) -> None:
    """Writes the test set's folder."""
    read = read_testset(source, load_params(TestsetParams))
    write_jsonl(testset / "questions.jsonl", read.questions)
    write_jsonl(testset / "rejects.jsonl", read.rejects)
    write_jsonl(testset / "examples.jsonl", read.examples)
    write_json(metrics, testset_statistics(read))


if __name__ == "__main__":
    run_stage(main)
