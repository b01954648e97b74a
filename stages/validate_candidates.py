"""Stage `validate_candidates`: the rows that the recipes made against their expectations, before they are filtered."""

from itertools import chain
from pathlib import Path

from finsmith.core.records import Example
from finsmith.core.stage import run_stage
from finsmith.corpus.privacy import kinds_in
from finsmith.curation.expectations.suites import validate
from finsmith.curation.expectations.tables import placed, rows_table
from finsmith.curation.expectations.verdict import conclude


def main(candidates: Path, suites: Path, gate: Path, metrics: Path, data_docs: Path) -> None:
    """Opens the gate that `filter` waits for."""
    rows = chain.from_iterable(placed(path, Example) for path in sorted(candidates.glob("*.jsonl")))
    conclude(validate([rows_table("candidates", rows, kinds_in)], suites), gate, metrics, data_docs)


if __name__ == "__main__":
    run_stage(main)
