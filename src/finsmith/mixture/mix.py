"""Mixes domain and general examples at exactly the asked share.

Not covered: weighting by tokens; the share is by examples, the tokens are reported.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import accumulate

from finsmith.core.errors import SourceError
from finsmith.core.records import Example

from .params import MixParams

CountTokens = Callable[[str], int]


def mix(
    domain: Sequence[Example], general: Sequence[Example], params: MixParams, count_tokens: CountTokens
) -> list[Example]:
    """The largest shuffled mixture with exactly `general_share` general rows within `max_rows` and `max_tokens`.

    The share is read as a fraction with a denominator of at most 100, so that it can be met exactly. Domain rows are
    taken in turn from every source (term or passage), so that a smaller mixture still covers all of them.

    Raises:
        SourceError: too few rows of one kind, or too tight a limit, for even the smallest such mixture.
    """
    share = Fraction(params.general_share).limit_denominator(100)
    chance = random.Random(params.seed)
    turns, shuffled = in_turns(domain, chance), chance.sample(list(general), len(general))
    total = _largest_total(len(domain), len(general), share, params.max_rows)
    if params.max_tokens:
        domain_tokens, general_tokens = (_running_tokens(rows, count_tokens) for rows in (turns, shuffled))
        while domain_tokens[total - int(total * share)] + general_tokens[int(total * share)] > params.max_tokens:
            total -= share.denominator
    if total == 0:
        raise SourceError(
            f"{len(domain)} domain and {len(general)} general rows cannot be mixed at a general share of {share} in at "
            f"most {params.max_rows or 'any number of'} rows and {params.max_tokens or 'any number of'} tokens: add "
            "rows of the kind that lacks, or change `mix.general_share`, `mix.max_rows` or `mix.max_tokens`."
        )
    general_rows = shuffled[: int(total * share)]
    rows = [*turns[: total - len(general_rows)], *general_rows]
    chance.shuffle(rows)
    return rows


def _largest_total(domain: int, general: int, share: Fraction, max_rows: int) -> int:
    limits = [Fraction(domain, 1) / (1 - share), *([Fraction(general, 1) / share] if share else [])]
    total = int(min(limits))
    total = min(total, max_rows) if max_rows else total
    return total - total % share.denominator


def _running_tokens(rows: Sequence[Example], count_tokens: CountTokens) -> list[int]:
    """The tokens of the first 0, 1, 2, … rows."""
    return list(accumulate((_tokens(row, count_tokens) for row in rows), initial=0))


def _tokens(row: Example, count_tokens: CountTokens) -> int:
    return count_tokens(f"{row.instruction}\n{row.input}\n{row.output}")


def in_turns(examples: Sequence[Example], chance: random.Random) -> list[Example]:
    """The examples in rounds: in each round one of every first source, sources and rows in seeded random order."""
    by_source: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_source[example.provenance.sources[0]].append(example)
    queues = [by_source[key] for key in sorted(by_source)]
    for queue in queues:
        chance.shuffle(queue)
    chance.shuffle(queues)
    longest = max(map(len, queues), default=0)
    return [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]


def mixture_statistics(rows: Sequence[Example], count_tokens: CountTokens) -> dict[str, float]:
    """Rows and tokens of the mixture and the general share of each."""
    tokens = [_tokens(row, count_tokens) for row in rows]
    general = [r.recipe == "general" for r in rows]
    general_tokens = sum(t for t, g in zip(tokens, general, strict=True) if g)
    return {
        "rows": len(rows),
        "domain_rows": len(rows) - sum(general),
        "general_rows": sum(general),
        "general_share": sum(general) / len(rows),
        "tokens": sum(tokens),
        "general_share_by_tokens": round(general_tokens / sum(tokens), 4),
    }
