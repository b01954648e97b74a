"""Prints both tables of docs/curation.md; run as `python -m benchmarks.curation [inputs folder]`.

`labels.json` names rows by their number in the public files, never by their text. `rows` are labelled keep, form (a
fault that shows in the words), meaning or duplicate, by two readers; `pairs` are two instructions, by their place among
all different ones of both files, and whether one of them is enough.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import orjson

from finsmith.core.params import load_params
from finsmith.core.records import Example, Provenance, Rejected
from finsmith.corpus.privacy import kinds_in
from finsmith.curation.filters import Funnel, apply_filters
from finsmith.curation.finding import Context
from finsmith.curation.params import FilterParams
from finsmith.korean.rouge_l import TOKENIZERS, Encoder, rouge_l

LABELS = orjson.loads((Path(__file__).parent / "labels.json").read_bytes())
ON_INSTRUCTIONS = ("leaks_prompt", "unanswerable", "exact_duplicates", "novelty")  # of rows that have no output yet
THRESHOLD = 0.7


def read(inputs: Path) -> tuple[list[Example], list[Example]]:
    """The general rows, and the machine-written instructions as rows without output; sources are row numbers."""
    general = orjson.loads((inputs / "general/ko_alpaca_1500.json").read_bytes())
    machine = (inputs / "self-instruct/machine_generated_instructions_ko.jsonl").read_bytes().splitlines()
    written = [orjson.loads(line)["instruction"] for line in machine]
    return (
        [_row("general", at, row["instruction"], row["input"], row["output"]) for at, row in enumerate(general)],
        [_row("self_instruct.instruction", at, text, "", "") for at, text in enumerate(written)],
    )


def _row(recipe: str, at: int, instruction: str, given: str, output: str) -> Example:
    return Example(
        recipe=recipe, instruction=instruction, input=given, output=output, provenance=Provenance(sources=(str(at),))
    )


def rejected(rows: Sequence[Example], enabled: tuple[str, ...]) -> dict[str, Rejected]:
    """The rejects by row number."""
    params = load_params(FilterParams).model_copy(update={"enabled": enabled, "flagging": ()})
    context = Context(params, lambda rows: ((row, None) for row in rows), lambda text: len(text.split()), kinds_in, {})
    found: dict[str, Rejected] = {}

    def reject(one: Rejected) -> None:
        found[one.example.provenance.sources[0]] = one

    for _ in apply_filters(rows, context, Funnel(), reject, print):
        pass
    return found


def show_rows(name: str, found: dict[str, Rejected]) -> None:
    """Precision and recall against the first reader's labels, and every mistake."""
    labels, second = LABELS["rows"][name]["first"], LABELS["rows"][name]["second"]
    bad = {at for at, label in labels.items() if label != "keep"}
    hit = bad & found.keys()
    told = sum(at in found for at in labels)
    print(f"{name}: {len(bad)} of {len(labels)} labelled drop, {told} rejected, {len(hit)} of them right")
    print(
        "  found by kind:", {k: f"{sum(labels[a] == k for a in hit)}/{n}" for k, n in Counter(labels.values()).items()}
    )
    print("  rejected, labelled keep:", {at: found[at].filter for at in labels if at in found and at not in bad})
    print("  kept, labelled drop:", {at: labels[at] for at in labels if at in bad - hit})
    agree = sum((labels[at] == "keep") == (second[at] == "keep") for at in labels) / len(labels)
    by_chance = _by_chance([*labels.values()], [*second.values()])
    print(f"  the readers agree on {agree:.0%}, kappa {(agree - by_chance) / (1 - by_chance):.2f}")


def _by_chance(first: Sequence[str], second: Sequence[str]) -> float:
    one, other = (sum(label == "keep" for label in labels) / len(labels) for labels in (first, second))
    return one * other + (1 - one) * (1 - other)


def show_pairs(instructions: Sequence[str]) -> None:
    """For each kind of tokens, the labelled pairs it rejects, and how many of them one instruction would do for."""
    same = sum(is_same for _, _, is_same in LABELS["pairs"])
    print(f"{len(LABELS['pairs'])} pairs, in {same} of them one is enough")
    for name, tokenizer in TOKENIZERS.items():
        codes = Encoder(tokenizer).encode(instructions)
        alike = [s for a, b, s in LABELS["pairs"] if rouge_l(codes[a], codes[b]) >= THRESHOLD - 1e-9]
        print(f"  {name:12} rejects {len(alike):3}, right {sum(alike):3}")


def main(inputs: str = "../shared/inputs") -> None:
    """Prints the tables."""
    general, machine = read(Path(inputs))
    show_rows("general", rejected(general, load_params(FilterParams).enabled))
    show_rows("machine_written", rejected(machine, ON_INSTRUCTIONS))
    texts = [row.instruction for row in general if row.instruction.strip()] + [row.instruction for row in machine]
    show_pairs(list(dict.fromkeys(texts)))


if __name__ == "__main__":
    main(*sys.argv[1:])
