"""The novelty join decides as the plain loop over all kept texts does, and names the same nearest one."""

import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Indel

from finsmith.curation.novelty_join import Joiner, Nearest, Rule


def by_loop(texts, rule):
    """Each text against every kept one, in whole numbers."""
    kept, found = [], []
    for at, text in enumerate(texts):
        best = None
        for other in kept:
            total, apart = len(text) + len(texts[other]), Indel.distance(text, texts[other])
            share = 1 - Fraction(apart, total)
            alike = share > rule.threshold if rule.above_only else share >= rule.threshold
            if alike and (best is None or share > best[1]):
                best = (other, share)
        found.append(best and Nearest(best[0], float(best[1])))
        if best is None and text:
            kept.append(at)
    return found


def reworded(rng, texts, count, letters):
    """Texts made of others by dropping and adding up to half of their tokens."""
    made = []
    for _ in range(count):
        text = list(rng.choice(texts))
        for _ in range(rng.randrange(1 + len(text) // 2)):
            if rng.random() < 0.5 and text:
                text.pop(rng.randrange(len(text)))
            else:
                text.insert(rng.randrange(len(text) + 1), chr(rng.randrange(letters)))
        made.append("".join(text))
    return made


@pytest.mark.parametrize("threshold", ["0.5", "0.66", "0.7", "0.9", "1"])
@pytest.mark.parametrize("above_only", [False, True])
def test_it_decides_as_the_loop_does(threshold, above_only):
    """Over 900 texts of 0 to 140 tokens in two calls: the same rows, the same nearest, the same scores."""
    rng = random.Random(threshold)
    seeds = [
        "".join(chr(rng.randrange(60)) for _ in range(rng.choice([0, 1, 2, 5, 9, 17, 33, 70, 140]))) for _ in range(60)
    ]
    texts = reworded(rng, seeds, 900, 60)
    rule = Rule(Fraction(threshold), above_only)
    joiner = Joiner(rule)
    found = joiner.add(texts[:350]) + joiner.add(texts[350:])
    assert [one and (one.at, pytest.approx(one.score)) for one in by_loop(texts, rule)] == found


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("abcd", max_size=12), max_size=40), st.booleans())
def test_any_texts_are_decided_alike(texts, above_only):
    """Short texts of few letters are alike in many ways, and often as near to two others."""
    rule = Rule(Fraction(7, 10), above_only)
    found = Joiner(rule).add(texts)
    assert [one and (one.at, pytest.approx(one.score)) for one in by_loop(texts, rule)] == found


def test_a_score_at_the_threshold_is_decided_exactly():
    """7 of 10 tokens shared is 0.7, which as a float lies beside it: rejected from 0.7 on, kept by what is above."""
    texts = ["abcdefghij", "abcdefgxyz"]
    assert Joiner(Rule(Fraction("0.7"))).add(texts) == [None, Nearest(0, pytest.approx(0.7))]
    assert Joiner(Rule(Fraction("0.7"), above_only=True)).add(texts) == [None, None]


def test_what_was_rejected_rejects_nothing():
    """The third is like the second only, which was not kept."""
    assert [bool(one) for one in Joiner(Rule(Fraction("0.7"))).add(["abcdefghij", "abcdefghxy", "cdefghxyzw"])] == [
        False,
        True,
        False,
    ]
