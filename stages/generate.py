"""Stage `generate`: passages and terms → one candidates file per recipe, bad replies, the ledger of calls."""

from pathlib import Path

from finsmith.core.ids import fingerprint
from finsmith.core.io import read_jsonl, write_json, write_jsonl
from finsmith.core.params import load_params
from finsmith.core.records import Passage, Term
from finsmith.core.stage import run_stage
from finsmith.corpus.tokens import token_counter
from finsmith.generation.estimate import estimate, told_after
from finsmith.generation.generate import capacity, generate
from finsmith.generation.material import Material
from finsmith.generation.params import GenerateParams
from finsmith.teacher.teacher import open_teachers
from finsmith.tracking.executions import stage_run


def main(corpus: Path, tokenizer: Path, candidates: Path, calls: Path, metrics: Path) -> None:
    """Runs the recipes; every paid reply is in the response store before anything is written here."""
    params = load_params(GenerateParams)
    passages, terms = read_jsonl(corpus / "passages.jsonl", Passage), read_jsonl(corpus / "terms.jsonl", Term)
    material = Material(list(passages), list(terms), params, token_counter(tokenizer))
    decides = fingerprint(params.model_dump(mode="json"), [corpus / "passages.jsonl", corpus / "terms.jsonl"])
    with (
        stage_run("generate", decides, [corpus]) as run,
        open_teachers(params.all_teachers, params.prices, params.budget, "generate") as teachers,
    ):
        guessed = estimate(material, teachers.rates())
        teachers.expected_calls = round(sum(one.calls for one in guessed.values()))
        made = generate(material, teachers.converse)
        for recipe, examples in made.examples.items():
            write_jsonl(candidates / f"{recipe}.jsonl", examples)
        write_jsonl(calls / "rejected_replies.jsonl", made.rejected)
        write_jsonl(calls / "set_aside.jsonl", material.set_aside)
        write_jsonl(calls / "ledger.jsonl", teachers.ledger())
        accounts = teachers.accounts()
        accounts |= {"replies_rejected": len(made.rejected), "passages_set_aside": len(material.set_aside)}
        accounts |= {"yields": made.yields, "estimate": told_after(guessed, made, accounts)}
        write_json(metrics, accounts | {"capacity": capacity(material)})
        run.finish(accounts)
        teachers.finish()


if __name__ == "__main__":
    run_stage(main)
