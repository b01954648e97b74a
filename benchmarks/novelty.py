"""Times the novelty join; run as `python -m benchmarks.novelty [inputs folder] [numbers of rows]`.

First beside the plain loop over rouge_score, on the same tokens and with the same decisions; then over growing sets,
with the exponent of growth. There are not so many real instructions here, so larger sets are made of real ones by
exchanging six of ten words at random: as long as real ones, most of them new. Tokenising is timed apart.
"""

import random
import resource
import sys
import time
from collections.abc import Sequence
from fractions import Fraction
from math import log
from pathlib import Path

from rouge_score import rouge_scorer

from finsmith.curation.novelty_join import Joiner, Rule
from finsmith.korean.rouge_l import TOKENIZERS, Encoder

from .curation.__main__ import read

RULE = Rule(Fraction("0.7"))
BESIDE = 500
SIZES = (10_000, 20_000, 41_000, 82_000)


class Ready:
    """rouge_score's tokenizer interface over tokens that are there already."""

    def tokenize(self, text: Sequence[str]) -> Sequence[str]:
        """The tokens."""
        return text


def by_loop(tokens: Sequence[Sequence[str]]) -> list[bool]:
    """For each text whether it is new, by Self-Instruct's loop."""
    scorer = rouge_scorer.RougeScorer(["rougeL"], tokenizer=Ready())
    kept: list[Sequence[str]] = []
    decisions = []
    for text in tokens:
        is_new = all(scorer.score(other, text)["rougeL"].fmeasure < 0.7 - 1e-9 for other in kept)
        decisions.append(is_new)
        kept += [text] if is_new else []
    return decisions


def by_join(codes: Sequence[str]) -> tuple[float, list[bool]]:
    """Seconds, and for each text whether it is new."""
    start = time.perf_counter()
    found = Joiner(RULE).add(codes)
    return time.perf_counter() - start, [one is None for one in found]


def made(instructions: Sequence[str], count: int) -> list[str]:
    """So many texts of the instructions' words."""
    chance, words = random.Random(0), [word for text in instructions for word in text.split()]
    texts = (chance.choice(instructions).split() for _ in range(count))
    return [" ".join(chance.choice(words) if chance.random() < 0.6 else word for word in text) for text in texts]


def main(inputs: str = "../shared/inputs", *sizes: str) -> None:
    """Prints a line for each measurement."""
    general, machine = read(Path(inputs))
    instructions = [row.instruction for row in (*general, *machine) if row.instruction.strip()]
    by_join([chr(at) * 3 for at in range(60, 50_100)])  # compiles
    for name, tokenizer in TOKENIZERS.items():
        tokens = tokenizer(instructions[:BESIDE])
        start = time.perf_counter()
        decisions = by_loop(tokens)
        loop = time.perf_counter() - start
        seconds, same = by_join(Encoder(lambda texts: list(texts)).encode(tokens))  # type: ignore[arg-type]
        verdict = "same decisions" if decisions == same else "OTHER DECISIONS"
        print(f"{name}: {BESIDE} rows, loop {loop:.1f} s, join {seconds:.3f} s, {loop / seconds:,.0f} times, {verdict}")
    for name, tokenizer in TOKENIZERS.items():
        before: tuple[int, float] | None = None
        for size in map(int, sizes) if sizes else SIZES:
            texts = made(instructions, size)
            start = time.perf_counter()
            codes = Encoder(tokenizer).encode(texts)
            tokenising = time.perf_counter() - start
            seconds, new = by_join(codes)
            growth = f"growth {log(seconds / before[1]) / log(size / before[0]):.2f}, " if before else ""
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"{name}: {size:,} rows, {sum(new):,} new, join {seconds:.1f} s, {growth}", end="")
            print(f"tokens {tokenising:.1f} s, {peak:,} MB")
            before = (size, seconds)


if __name__ == "__main__":
    main(*sys.argv[1:])
