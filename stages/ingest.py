"""Stage `ingest`: documents and glossaries → documents, passages and terms with provenance, rejects, statistics."""

from pathlib import Path

from finsmith.core.io import write_json
from finsmith.core.params import load_params
from finsmith.core.stage import run_stage
from finsmith.corpus.ingest import ingest
from finsmith.corpus.params import IngestParams


def main(documents: Path, glossaries: Path, tokenizer: Path, corpus: Path, metrics: Path) -> None:
    """Reads two folders and writes the corpus folder."""
    write_json(metrics, ingest(documents, glossaries, tokenizer, load_params(IngestParams), corpus))


if __name__ == "__main__":
    run_stage(main)
