"""Stage `testset`: question files → all that is held out: closed 4-choice questions, and those answered in writing."""

from pathlib import Path

from finsmith.core.io import write_json, write_jsonl
from finsmith.core.params import load_params
from finsmith.core.stage import run_stage
from finsmith.evaluation.written_questions import read_written_questions
from finsmith.testset.params import TestsetParams
from finsmith.testset.read import read_testset, testset_statistics


def main(source: Path, general: Path, answers: Path, testset: Path, metrics: Path) -> None:
    """Writes the folder of the domain's questions, those on general ability and those answered in writing."""
    params = load_params(TestsetParams)
    read, ability = read_testset(source, params), read_testset(general, params, "general")
    written = read_written_questions(answers)
    write_jsonl(testset / "questions.jsonl", read.questions)
    write_jsonl(testset / "examples.jsonl", read.examples)
    write_jsonl(testset / "general.jsonl", ability.questions)
    write_jsonl(testset / "general_rejects.jsonl", ability.rejects)
    write_jsonl(testset / "rag.jsonl", written.rag)
    write_jsonl(testset / "open.jsonl", written.open)
    write_jsonl(testset / "rejects.jsonl", [*read.rejects, *written.rejects])
    counts = {"rag": len(written.rag), "open": len(written.open), "rejects": len(written.rejects)}
    write_json(metrics, testset_statistics(read) | {"general": testset_statistics(ability), "written": counts})


if __name__ == "__main__":
    run_stage(main)
