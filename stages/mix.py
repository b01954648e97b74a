"""Stage `mix`: approved rows → the training set, domain and general at the asked share, and pairs of answers."""

from pathlib import Path

from finsmith.core.io import read_jsonl, write_bytes_of, write_json, write_jsonl
from finsmith.core.params import load_params
from finsmith.core.records import Example, Rejected
from finsmith.core.stage import run_stage
from finsmith.corpus.privacy import kinds_in
from finsmith.corpus.tokens import token_counter
from finsmith.mixture.mix import mix, mixture_statistics
from finsmith.mixture.pairs import find_pairs
from finsmith.mixture.params import MixParams
from finsmith.mixture.rows import lines_of, read_rows


def main(approved: Path, rejected: Path, tokenizer: Path, mixed: Path, metrics: Path) -> None:
    """Writes the training set's folder."""
    params, train = load_params(MixParams), mixed / "train.jsonl"
    rows = mix(list(read_rows(approved, token_counter(tokenizer))), params)
    statistics = mixture_statistics(rows, params)
    write_bytes_of(train, lines_of(approved, rows))
    others = read_jsonl(rejected, Rejected)
    pairs = list(find_pairs(read_jsonl(train, Example), others, params.pairs_from, kinds_in))
    write_jsonl(mixed / "pairs.jsonl", pairs)
    write_json(metrics, statistics | {"pairs": len(pairs)})


if __name__ == "__main__":
    run_stage(main)
