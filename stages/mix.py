"""Stage `mix`: kept domain rows and general rows → the training set, its card, the general rows left out."""

from pathlib import Path

from finsmith.core.io import read_jsonl, write_json, write_jsonl, write_text
from finsmith.core.params import load_params
from finsmith.core.records import Example
from finsmith.core.stage import run_stage
from finsmith.corpus.tokens import token_counter
from finsmith.mixture.card import dataset_card
from finsmith.mixture.general import read_general
from finsmith.mixture.mix import mix, mixture_statistics
from finsmith.mixture.params import MixParams


def main(kept: Path, general: Path, tokenizer: Path, mixed: Path, metrics: Path) -> None:
    """Writes the training set's folder."""
    params = load_params(MixParams)
    read = read_general(general, params)
    count_tokens = token_counter(tokenizer)
    rows = mix(list(read_jsonl(kept, Example)), read.examples, params, count_tokens)
    statistics = mixture_statistics(rows, count_tokens) | {"general_left_out": len(read.rejects)}
    write_jsonl(mixed / "train.jsonl", rows)
    write_jsonl(mixed / "rejects.jsonl", read.rejects)
    write_text(mixed / "README.md", dataset_card(rows, statistics, len(read.rejects)))
    write_json(metrics, statistics)


if __name__ == "__main__":
    run_stage(main)
