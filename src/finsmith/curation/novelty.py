"""Rows too like an earlier kept one of their recipe. Not covered: rows that mean the same in other words."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import islice

from finsmith.core.records import Example
from finsmith.korean.rouge_l import TOKENIZERS, Encoder

from .finding import Context, Finding, Judged
from .novelty_join import Joiner, Rule
from .params import NoveltyParams

_BATCH = 2048  # rows in memory at once


def novelty(rows: Iterable[Example], context: Context) -> Iterator[Judged]:
    """Rejects a row too like an earlier kept one of its recipe, by ROUGE-L of instruction and output.

    The input is left out, since rows of different recipes share passages on purpose.
    """
    return judge_novelty(rows, context.params.novelty, lambda row: (row.instruction, row.output), "row")


def judge_novelty(
    rows: Iterable[Example], params: NoveltyParams, parts_of: Callable[[Example], tuple[str, ...]], what: str
) -> Iterator[Judged]:
    """Each row with a finding where its text is too like one kept before, of the same recipe; an empty text is new.

    A text may be in parts.
    """
    encoder = Encoder(TOKENIZERS[params.tokens])
    rule = Rule(Fraction(str(params.rouge_l)), params.above_only)
    joiners: dict[str, Joiner] = defaultdict(lambda: Joiner(rule))
    ids: dict[str, list[str]] = defaultdict(list)
    rest = iter(rows)
    while batch := list(islice(rest, _BATCH)):
        parts = zip(*map(parts_of, batch), strict=True)
        codes = ["".join(of_row) for of_row in zip(*map(encoder.encode, parts), strict=True)]
        findings: dict[int, Finding] = {}
        for recipe in dict.fromkeys(row.recipe for row in batch):
            places = [at for at, row in enumerate(batch) if row.recipe == recipe]
            ids[recipe] += [batch[at].id for at in places]
            for at, near in zip(places, joiners[recipe].add([codes[at] for at in places]), strict=True):
                if near:
                    reason = f"ROUGE-L {near.score:.3f} to an earlier {what}, not {params.told}"
                    findings[at] = Finding(reason, round(near.score, 4), ids[recipe][near.at])
        for at, row in enumerate(batch):
            yield row, findings.get(at)
