"""Stage `validate_mixture`: the training set against its expectations, before an hour is trained on it."""

from fractions import Fraction
from pathlib import Path

from finsmith.core.params import load_params
from finsmith.core.records import Example
from finsmith.core.stage import run_stage
from finsmith.corpus.privacy import kinds_in
from finsmith.curation.expectations.suites import validate
from finsmith.curation.expectations.tables import placed, rows_table
from finsmith.curation.expectations.verdict import conclude
from finsmith.mixture.params import MixParams


def main(train: Path, suites: Path, gate: Path, metrics: Path, data_docs: Path) -> None:
    """Opens the gate that `train` waits for."""
    share = float(Fraction(load_params(MixParams).general_share).limit_denominator(100))  # as `mix` reads it
    mixture = rows_table("mixture", placed(train, Example), kinds_in, share)
    conclude(validate([mixture], suites), gate, metrics, data_docs)


if __name__ == "__main__":
    run_stage(main)
