"""Stage `leaks`: the training set against the closed test; a row or a pair's answer too near stops the pipeline."""

from pathlib import Path

from finsmith.core.io import read_json, read_jsonl, write_json
from finsmith.core.params import load_params
from finsmith.core.records import Example, Pair
from finsmith.core.stage import run_stage
from finsmith.curation.contamination import Background, read_near_test
from finsmith.curation.leaks import count_leaks
from finsmith.curation.params import DecontaminationParams


def main(mixed: Path, background: Path, testset: Path, corpus: Path, metrics: Path) -> None:
    """Counts the rows that were looked at."""
    known = Background(**read_json(background))
    near_test = read_near_test(testset, corpus, known, load_params(DecontaminationParams))
    train, pairs = mixed / "train.jsonl", mixed / "pairs.jsonl"
    found = count_leaks(read_jsonl(train, Example), near_test, train)
    rejected = count_leaks((pair.rejected for pair in read_jsonl(pairs, Pair)), near_test, pairs)
    write_json(metrics, found | {"pairs": rejected["rows"]})


if __name__ == "__main__":
    run_stage(main)
