"""Stage `ingest`: documents and glossaries → documents, passages and terms with provenance, rejects, statistics."""

from pathlib import Path

from finsmith.core.io import write_json
from finsmith.core.params import load_params
from finsmith.core.stage import run_stage
from finsmith.corpus.ingest import ingest
from finsmith.corpus.params import IngestParams
from finsmith.lineage.withdrawals import withdrawn_files


def main(documents: Path, glossaries: Path, tokenizer: Path, withdrawn: Path, corpus: Path, metrics: Path) -> None:
    """Reads two folders, but for documents that were withdrawn, and writes the corpus folder."""
    params, refused = load_params(IngestParams), withdrawn_files(withdrawn)
    write_json(metrics, ingest(documents, glossaries, tokenizer, params, corpus, refused))


if __name__ == "__main__":
    run_stage(main)
