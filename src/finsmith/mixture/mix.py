"""Mixes domain and general rows at exactly the asked share.

Not covered: weighting by tokens; the share is by rows, the tokens are reported.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate

from finsmith.core.errors import SourceError

from .params import MixParams
from .rows import GENERAL, Row


def mix(rows: Sequence[Row], params: MixParams) -> list[Row]:
    """The largest shuffled mixture with exactly `general_share` general rows within `max_rows` and `max_tokens`.

    The share is read as a fraction with a denominator of at most 100, so that it can be met exactly. Domain rows are
    taken in turn from every source (term or passage), so that a smaller mixture still covers all of them. Of that
    mixture a `domain_fraction` below 1 leaves a sample of the domain rows, and as many general ones as keep the share.

    Raises:
        SourceError: too few rows of one kind, or too tight a limit, for even the smallest such mixture.
    """
    domain, general = ([row for row in rows if (row.recipe == GENERAL) is one] for one in (False, True))
    share = Fraction(params.general_share).limit_denominator(100)
    chance = random.Random(params.seed)
    turns, shuffled = in_turns(domain, chance), chance.sample(general, len(general))
    total = _largest_total(len(domain), len(general), share, params.max_rows)
    if params.max_tokens:
        domain_tokens, general_tokens = _running_tokens(turns), _running_tokens(shuffled)
        while domain_tokens[total - int(total * share)] + general_tokens[int(total * share)] > params.max_tokens:
            total -= share.denominator
    taken = _sample(turns[: total - int(total * share)], share, params)
    if not taken:
        raise SourceError(
            f"{len(domain)} domain and {len(general)} general rows cannot be mixed at a general share of {share} in at "
            f"most {params.max_rows or 'any number of'} rows and {params.max_tokens or 'any number of'} tokens, of "
            f"which {params.domain_fraction:g} is taken: add rows of the kind that lacks, or change "
            "`mix.general_share`, `mix.max_rows`, `mix.max_tokens` or `mix.domain_fraction`."
        )
    mixed = [*taken, *shuffled[: int(len(taken) * share / (1 - share))]]
    chance.shuffle(mixed)
    return mixed


def _sample(domain: Sequence[Row], share: Fraction, params: MixParams) -> list[Row]:
    """The sample of `domain_fraction`, in the order of the rows; with the same seed a smaller one lies in a larger.

    By chance and not in turn from the sources: a part of the data has fewer sources too, as a smaller corpus has.
    """
    count = int(len(domain) * Fraction(params.domain_fraction).limit_denominator(10_000))
    count -= count % (share.denominator - share.numerator)  # as many as the share can be met with
    drawn = random.Random(f"{params.seed}:domain_fraction").sample(range(len(domain)), len(domain))[:count]
    return [domain[at] for at in sorted(drawn)]


def _largest_total(domain: int, general: int, share: Fraction, max_rows: int) -> int:
    limits = [Fraction(domain, 1) / (1 - share), *([Fraction(general, 1) / share] if share else [])]
    total = int(min(limits))
    total = min(total, max_rows) if max_rows else total
    return total - total % share.denominator


def _running_tokens(rows: Sequence[Row]) -> list[int]:
    """The tokens of the first 0, 1, 2, … rows."""
    return list(accumulate((row.tokens for row in rows), initial=0))


def in_turns(rows: Sequence[Row], chance: random.Random) -> list[Row]:
    """The rows in rounds: in each round one of every first source, sources and rows in seeded random order."""
    by_source: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_source[row.source].append(row)
    queues = [by_source[key] for key in sorted(by_source)]
    for queue in queues:
        chance.shuffle(queue)
    chance.shuffle(queues)
    longest = max(map(len, queues), default=0)
    return [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]


def mixture_statistics(rows: Sequence[Row], params: MixParams) -> dict[str, float]:
    """Rows and tokens of the mixture, the general share of each, and the fraction of the domain rows it was to take."""
    tokens = sum(row.tokens for row in rows)
    general = [row for row in rows if row.recipe == GENERAL]
    return {
        "rows": len(rows),
        "domain_fraction": params.domain_fraction,
        "domain_rows": len(rows) - len(general),
        "general_rows": len(general),
        "general_share": len(general) / len(rows),
        "tokens": tokens,
        "general_share_by_tokens": round(sum(row.tokens for row in general) / tokens, 4),
    }
