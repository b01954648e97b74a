"""Stage `ingest`: PDFs and glossaries → documents, passages and terms with provenance, rejects, corpus statistics."""

from pathlib import Path

from finsmith.core.io import write_json, write_jsonl
from finsmith.core.params import load_params
from finsmith.core.stage import run_stage
from finsmith.corpus.ingest import IngestParams, corpus_statistics, read_corpus
from finsmith.corpus.tokens import token_counter


def main(pdfs: Path, glossaries: Path, tokenizer: Path, corpus: Path, metrics: Path) -> None:
    """Reads two folders and writes the corpus folder."""
    read = read_corpus(pdfs, glossaries, load_params(IngestParams), token_counter(tokenizer))
    write_jsonl(corpus / "documents.jsonl", read.documents)
    write_jsonl(corpus / "passages.jsonl", read.passages)
    write_jsonl(corpus / "terms.jsonl", read.terms)
    write_jsonl(corpus / "rejects.jsonl", read.rejects)
    write_json(metrics, corpus_statistics(read))


if __name__ == "__main__":
    run_stage(main)
