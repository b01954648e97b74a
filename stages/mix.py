"""Stage `mix`: kept rows → the training set, domain and general at the asked share, and its card."""

from pathlib import Path

from finsmith.core.io import write_bytes_of, write_json, write_text
from finsmith.core.params import load_params
from finsmith.core.stage import run_stage
from finsmith.corpus.tokens import token_counter
from finsmith.mixture.card import dataset_card
from finsmith.mixture.mix import mix, mixture_statistics
from finsmith.mixture.params import MixParams
from finsmith.mixture.rows import lines_of, read_rows


def main(kept: Path, tokenizer: Path, mixed: Path, metrics: Path) -> None:
    """Writes the training set's folder."""
    params = load_params(MixParams)
    rows = mix(list(read_rows(kept, token_counter(tokenizer))), params)
    statistics = mixture_statistics(rows, params)
    write_bytes_of(mixed / "train.jsonl", lines_of(kept, rows))
    write_text(mixed / "README.md", dataset_card(rows, statistics))
    write_json(metrics, statistics)


if __name__ == "__main__":
    run_stage(main)
