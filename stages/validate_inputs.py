"""Stage `validate_inputs`: corpus, general rows and closed test against their expectations, before a call is paid."""

from pathlib import Path

from finsmith.core.io import read_jsonl
from finsmith.core.records import DocumentCounts, Passage, Question, Term
from finsmith.core.stage import run_stage
from finsmith.corpus.privacy import kinds_in
from finsmith.curation.expectations import tables
from finsmith.curation.expectations.suites import validate
from finsmith.curation.expectations.verdict import conclude
from finsmith.curation.general import read_general


def main(corpus: Path, general: Path, testset: Path, suites: Path, gate: Path, metrics: Path, data_docs: Path) -> None:
    """Opens the gate that `generate` waits for."""
    sets = [
        tables.documents_table(read_jsonl(corpus / "counts.jsonl", DocumentCounts)),
        tables.passages_table(read_jsonl(corpus / "passages.jsonl", Passage), kinds_in),
        tables.terms_table(read_jsonl(corpus / "terms.jsonl", Term)),
        tables.rows_table("general", ((row.provenance.sources[0], row) for row in read_general(general)), kinds_in),
        tables.questions_table(tables.placed(testset / "questions.jsonl", Question)),
    ]
    conclude(validate(sets, suites), gate, metrics, data_docs)


if __name__ == "__main__":
    run_stage(main)
