"""Stage `lineage`: all records → an index of where each stands and what it comes from."""

from pathlib import Path

from finsmith.core.io import read_json, write_json
from finsmith.core.stage import run_stage
from finsmith.generation.seeds.seed_tasks import SEED_TASKS
from finsmith.lineage.index import build_index, files_in, trained_entries


def main(
    corpus: Path,
    candidates: Path,
    calls: Path,
    judgements: Path,
    filtered: Path,
    reviewed: Path,
    mixed: Path,
    quality: Path,
    testset: Path,
    predictions: Path,
    evaluation: Path,
    answers: Path,
    run: Path,
    index: Path,
    metrics: Path,
) -> None:
    """Writes the index and counts its records by kind."""
    made = [corpus, candidates, calls, judgements, filtered, reviewed, mixed, quality, testset, predictions]
    files = files_in({path.name: path for path in (*made, evaluation, answers, SEED_TASKS)})
    write_json(metrics, build_index(index, files, trained_entries(read_json(run))))


if __name__ == "__main__":
    run_stage(main)
