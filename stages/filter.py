"""Stage `filter`: candidates → kept and rejected rows, each reject with its reason; the funnel."""

from pathlib import Path

from finsmith.core.io import read_jsonl, write_json, write_jsonl
from finsmith.core.params import load_params
from finsmith.core.records import Example, Question
from finsmith.core.stage import run_stage
from finsmith.curation.filters import apply_filters, funnel, funnel_steps
from finsmith.curation.params import FilterParams


def main(candidates: Path, testset: Path, filtered: Path, metrics: Path, plot: Path) -> None:
    """Filters the rows of every candidates file, in file name order."""
    params = load_params(FilterParams)
    rows = [row for path in sorted(candidates.glob("*.jsonl")) for row in read_jsonl(path, Example)]
    result = apply_filters(rows, list(read_jsonl(testset / "questions.jsonl", Question)), params)
    counts = funnel(rows, result, params)
    write_jsonl(filtered / "kept.jsonl", result.kept)
    write_jsonl(filtered / "rejected.jsonl", result.rejected)
    write_json(metrics, counts)
    write_json(plot, funnel_steps(counts, params))


if __name__ == "__main__":
    run_stage(main)
