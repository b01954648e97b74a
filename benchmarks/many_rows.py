"""Streams many rows from `filter` to `leaks`; run as `python -m benchmarks.many_rows ROWS FOLDER [inputs]`.

The rows are made of public general ones by exchanging six of ten words at random, half of them under the name of a
recipe and with a source. Run it where a pipeline has been run: it takes that one's test set, corpus and tokenizer. It
prints seconds and the most memory of each stage, each in a process of its own.
"""

import random
import resource
import sys
import time
from collections.abc import Iterator
from multiprocessing import Process
from pathlib import Path

from finsmith.core.io import jsonl_writer, write_bytes_of, write_jsonl
from finsmith.core.records import Example, Provenance

from .curation.__main__ import read


def rows(inputs: Path, count: int) -> Iterator[Example]:
    """So many rows, every other one of a recipe."""
    general, _ = read(inputs)
    real = [row for row in general if row.instruction.strip() and row.output.strip()]
    chance = random.Random(0)
    words = [word for row in real for word in f"{row.instruction} {row.output}".split()]

    def exchanged(text: str) -> str:
        return " ".join(chance.choice(words) if chance.random() < 0.6 else word for word in text.split())

    for at in range(count):
        row = chance.choice(real)
        yield Example(
            recipe="general" if at % 2 else "textbook.text",
            instruction=exchanged(row.instruction),
            input=row.input,
            output=exchanged(row.output),
            provenance=Provenance(sources=(f"s{at // 20}",)),
        )


def make(inputs: Path, count: int, folder: Path) -> None:
    """Writes the rows as candidates and as general data."""
    made = rows(inputs, count)
    with jsonl_writer(folder / "candidates/textbook.jsonl") as write:
        lines = []
        for row in made:
            if row.recipe != "general":
                write(row)
            else:
                lines.append(row.model_dump_json(include={"instruction", "input", "output"}).encode() + b"\n")
    write_bytes_of(folder / "general/made.jsonl", lines)


def stage(name: str, paths: list[Path]) -> None:
    """Runs one stage in a process of its own and prints what it took."""

    def run() -> None:
        start = time.perf_counter()
        module = __import__(f"stages.{name}", fromlist=["main"])
        module.main(*paths)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{name}: {time.perf_counter() - start:,.0f} s, at most {peak:,} MB", flush=True)

    process = Process(target=run)
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(f"{name} failed")


def main(count: str, folder: str, inputs: str = "../shared/inputs") -> None:
    """Prints a line for each stage."""
    at, data, tokenizer = Path(folder), Path("data"), Path("models/base/tokenizer.json")
    making = Process(target=make, args=(Path(inputs), int(count), at))
    making.start()
    making.join()
    filtered, mixed, suites = at / "filtered", at / "mixed", Path("expectations")
    write_jsonl(at / "judgements/judgements.jsonl", [])
    checked = [suites, at / "gate.json", at / "validate.json", at / "data_docs"]
    stage("validate_candidates", [at / "candidates", *checked])
    given = [at / "candidates", at / "judgements", at / "general", data / "testset", data / "corpus", tokenizer]
    stage("filter", [*given, filtered, at / "filter.json", at / "funnel.json"])
    stage("mix", [filtered / "kept.jsonl", filtered / "rejected.jsonl", tokenizer, mixed, at / "mix.json"])
    stage("validate_mixture", [mixed / "train.jsonl", *checked])
    looked_at = [mixed / "train.jsonl", filtered / "background.json", data / "testset", data / "corpus"]
    stage("leaks", [*looked_at, at / "leaks.json"])
    print(f"{sum(path.stat().st_size for path in filtered.glob('*.jsonl')) // 2**20:,} MB written by filter")


if __name__ == "__main__":
    main(*sys.argv[1:])
