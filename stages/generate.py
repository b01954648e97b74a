"""Stage `generate`: passages and terms → one candidates file per recipe, rejected replies, the ledger of calls."""

from pathlib import Path

from finsmith.core.io import read_jsonl, write_json, write_jsonl
from finsmith.core.params import load_params
from finsmith.core.records import Passage, Term
from finsmith.core.stage import run_stage
from finsmith.generation.generate import capacity, generate
from finsmith.generation.params import GenerateParams
from finsmith.teacher.teacher import open_teacher


def main(corpus: Path, candidates: Path, calls: Path, metrics: Path) -> None:
    """Runs the recipes; every paid reply is in the response store before anything is written here."""
    params = load_params(GenerateParams)
    passages = list(read_jsonl(corpus / "passages.jsonl", Passage))
    terms = list(read_jsonl(corpus / "terms.jsonl", Term))
    with open_teacher(params.teacher) as teacher:
        made = generate(passages, terms, params, teacher.ask)
        for recipe, examples in made.examples.items():
            write_jsonl(candidates / f"{recipe}.jsonl", examples)
        write_jsonl(calls / "rejected_replies.jsonl", made.rejected)
        write_jsonl(calls / "ledger.jsonl", teacher.ledger(made.calls))
        told = {"replies_rejected": len(made.rejected), "capacity": capacity(passages, terms, params)}
        write_json(metrics, teacher.accounts(made.calls) | told)
        teacher.claim(made.calls)


if __name__ == "__main__":
    run_stage(main)
