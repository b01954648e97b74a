"""Mixing at an exact share."""

import random
from collections import Counter
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from finsmith.core.errors import SourceError
from finsmith.mixture.mix import in_turns, mix, mixture_statistics
from finsmith.mixture.params import MixParams
from finsmith.mixture.rows import Row

PARAMS = MixParams(general_share=0.5, max_rows=0, max_tokens=0, domain_fraction=1, pairs_from=(), seed=3)


def params(**changes):
    return MixParams.model_validate(PARAMS.model_dump() | changes)


def rows(count, recipe="glossary_qa.definition", sources=1, tokens=10):
    """Rows in turn from `sources` sources."""
    start = 10**6 if recipe == "general" else 0
    return [Row(start + n, recipe, f"s{n % sources:03}", tokens) for n in range(count)]


SHARES = [
    Fraction(n, d) for d in (1, 2, 3, 4, 5, 7, 10, 20, 100) for n in range(d) if Fraction(n, d) <= Fraction(99, 100)
]


@given(st.sampled_from(SHARES), st.integers(0, 160), st.integers(0, 160), st.integers(0, 300), st.integers(0, 9))
@settings(max_examples=200)
def test_the_share_is_exact_and_nothing_is_lost_or_doubled(share, domain_count, general_count, max_rows, seed):
    """The mixture is the largest that keeps the share to the row: only given rows, none twice; else a clear error."""
    domain, general = rows(domain_count, sources=7), rows(general_count, "general")
    # by trying every size, largest first
    most = max_rows or domain_count + general_count
    fitting = [
        total
        for total in range(1, most + 1)
        if (total * share).denominator == 1 and total * share <= general_count and total - total * share <= domain_count
    ]
    asked = params(general_share=float(share), max_rows=max_rows, seed=seed)
    if not fitting:
        with pytest.raises(
            SourceError, match=f"^{domain_count} domain and {general_count} general rows cannot be mixed"
        ):
            mix([*domain, *general], asked)
        return
    mixed = mix([*domain, *general], asked)
    assert len(mixed) == max(fitting)
    assert Fraction(sum(r.recipe == "general" for r in mixed), len(mixed)) == share
    assert not Counter(r for r in mixed) - Counter(r for r in (*domain, *general))
    assert mix([*domain, *general], asked) == mixed


def test_all_rows_are_used_where_the_share_allows():
    """At one half, 30 and 30 rows give all 60; nothing is left out."""
    domain, general = rows(30), rows(30, "general")
    assert sorted(r for r in mix([*domain, *general], PARAMS)) == sorted(r for r in (*domain, *general))


@pytest.mark.parametrize(("max_rows", "total"), [(0, 80), (80, 80), (79, 78), (20, 20), (1000, 80)])
def test_max_rows_bounds_the_total(max_rows, total):
    """At one half of 40 and 60 rows there are 80; a bound takes the largest exact total within it."""
    assert len(mix([*rows(40), *rows(60, "general")], params(max_rows=max_rows))) == total


def test_without_general_rows_the_share_is_none():
    """A share of 0 takes every domain row and asks for no general one."""
    domain = rows(11)
    assert sorted(r for r in mix(domain, params(general_share=0))) == sorted(r for r in domain)


@pytest.mark.parametrize(
    ("domain", "general", "changes", "says"),
    [
        (0, 10, {}, "0 domain and 10 general rows cannot be mixed at a general share of 1/2"),
        (10, 0, {}, "10 domain and 0 general rows"),
        (99, 99, {"general_share": 0.37, "max_rows": 99}, "share of 37/100 in at most 99 rows"),
        (62, 99, {"general_share": 0.37}, "share of 37/100 in at most any number of rows"),
    ],
)
def test_too_few_rows_are_an_error_with_a_way_out(domain, general, changes, says):
    """The error names both counts, the share and the bound, and the keys to change."""
    with pytest.raises(SourceError, match=says) as raised:
        mix([*rows(domain), *rows(general, "general")], params(**changes))
    assert "`mix.general_share`" in str(raised.value) and "`mix.max_rows`" in str(raised.value)


@pytest.mark.parametrize("share", [-0.1, 0.995, 1.0])
def test_a_share_that_cannot_be_met_is_refused_by_the_section(share):
    """Shares beyond 0 to 0.99 have no such mixture: at 0.995 a denominator of 100 would leave no domain row."""
    with pytest.raises(ValidationError, match="general_share"):
        params(general_share=share)


def test_the_order_is_shuffled_by_the_seed():
    """Domain and general rows stand mixed, the same seed gives the same order, another seed another."""
    domain, general = rows(50), rows(50, "general")
    first = mix([*domain, *general], PARAMS)
    assert mix([*domain, *general], params(seed=4)) != first
    changes = sum(a.recipe != b.recipe for a, b in pairwise(first))
    assert changes > 20  # about 50 of 99 by chance; 1 unshuffled


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(0, 99))
@settings(max_examples=50)
def test_in_turns_takes_one_of_every_source_before_any_again(sources, seed):
    """At every place, the sources still holding rows have been taken equally often, give or take one; none is lost."""
    examples = [Row(n, "r", f"s{source}", 1) for n, source in enumerate(sources)]
    ordered = in_turns(examples, random.Random(seed))
    assert sorted(ordered) == sorted(examples)
    left, taken = Counter(f"s{s}" for s in sources), Counter()
    for example in ordered:
        source = example.source
        assert taken[source] == min(taken[s] for s in left if left[s])
        taken[source] += 1
        left[source] -= 1


def test_a_small_mixture_covers_every_source():
    """20 domain rows of 200 that stand source by source, from 20 sources: one of each."""
    by_source = sorted(rows(200, sources=20), key=lambda r: r.source)
    mixed = mix([*by_source, *rows(20, "general")], params(max_rows=40))
    assert Counter(r.source for r in mixed if r.recipe != "general") == {f"s{n:03}": 1 for n in range(20)}


def test_statistics_count_rows_and_tokens():
    """Two rows counted by hand: 1 of 2 by rows, 4 of 11 by tokens."""
    both = [*rows(1, tokens=7), *rows(1, "general", tokens=4)]
    assert mixture_statistics(both, params(domain_fraction=0.25)) == {
        "rows": 2,
        "domain_fraction": 0.25,
        "domain_rows": 1,
        "general_rows": 1,
        "general_share": 0.5,
        "tokens": 11,
        "general_share_by_tokens": 0.3636,
    }


def test_max_tokens_bounds_the_whole_mixture():
    """With rows of 10 counted tokens each and half of them general, 55 tokens hold four rows and 9 hold none."""
    both = [*rows(40), *rows(60, "general")]
    assert len(mix(both, params(max_tokens=55))) == 4
    with pytest.raises(SourceError, match="and 9 tokens"):
        mix(both, params(max_tokens=9))


def of_domain(mixed):
    return {row for row in mixed if row.recipe != "general"}


def test_a_smaller_fraction_lies_whole_in_a_larger_one():
    """With one seed 1/16 lies in 1/8, and so on to the whole; general rows nest too; another seed draws others."""
    both = [*rows(100, sources=40), *rows(100, "general")]
    fractions = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)
    taken = [set(mix(both, params(domain_fraction=fraction))) for fraction in fractions]
    assert [len(of_domain(one)) for one in taken] == [6, 12, 25, 50, 100]  # 100 / 16 = 6.25
    assert all(small < large for small, large in pairwise(taken))
    other = of_domain(mix(both, params(domain_fraction=1 / 16, seed=4)))
    assert len(other) == 6 and other != of_domain(taken[0])


@given(st.sampled_from(SHARES), st.integers(1, 200), st.integers(1, 16), st.integers(1, 16))
@settings(max_examples=100)
def test_a_fraction_keeps_the_share_to_the_row(share, domain_count, above, below):
    """As many domain rows as the share can be met with, none fewer; no such mixture is an error that names the key."""
    fraction = Fraction(min(above, below), below)
    both = [*rows(domain_count, sources=7), *rows(20000, "general")]
    step = share.denominator - share.numerator  # domain rows come by so many
    whole = domain_count // step * step
    wanted = int(whole * fraction) // step * step
    asked = params(general_share=float(share), domain_fraction=float(fraction))
    if not wanted:
        with pytest.raises(SourceError, match=r"`mix\.domain_fraction`"):
            mix(both, asked)
        return
    mixed = mix(both, asked)
    assert len(of_domain(mixed)) == wanted
    assert Fraction(len(mixed) - wanted, len(mixed)) == share
    assert mix(both, asked) == mixed


def test_a_fraction_is_of_what_the_bound_on_tokens_lets_in():
    """100 tokens hold five domain rows of ten; two fifths of them are two, not all that would fit."""
    both = [*rows(40), *rows(60, "general")]
    assert len(mix(both, params(max_tokens=100))) == 10
    part = mix(both, params(max_tokens=100, domain_fraction=0.4))
    assert (len(part), len(of_domain(part))) == (4, 2)
    assert of_domain(part) < of_domain(mix(both, params(max_tokens=100)))


def test_a_fraction_is_met_exactly_in_spite_of_floating_point():
    """0.29 of 100 rows are 29, although 0.29 * 100 is 28.999999999999996."""
    assert len(mix(rows(100), params(general_share=0, domain_fraction=0.29))) == 29


def test_a_fraction_is_drawn_from_all_rows_of_a_source():
    """10 sources of 10 rows each: half of the rows are of no equal number a source, as they would be in turn."""
    drawn = mix(rows(100, sources=10), params(general_share=0, domain_fraction=0.5))
    assert len(set(Counter(row.source for row in drawn).values())) > 1


@pytest.mark.parametrize("fraction", [0, -0.5, 1.01])
def test_a_fraction_beyond_0_to_1_is_refused_by_the_section(fraction):
    """There is no mixture of none of the rows, nor of more than all."""
    with pytest.raises(ValidationError, match="domain_fraction"):
        params(domain_fraction=fraction)
