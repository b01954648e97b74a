"""Novelty decides as rouge_score does on real instructions, given the same tokens."""

import csv
import json
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from rouge_score import rouge_scorer, tokenizers
from scipy.sparse import csr_matrix

from finsmith.curation.finding import Finding
from finsmith.curation.novelty import novelty
from finsmith.curation.novelty_join import Joiner, Rule
from finsmith.korean.rouge_l import TOKENIZERS, Encoder

from .rows import context, row

ROOT = Path(__file__).parents[2]
INPUTS = ROOT.parent / "shared/inputs"
HAS_INPUTS = pytest.mark.skipif(not INPUTS.exists(), reason="the real inputs are not beside this checkout")
RULE = Rule(Fraction("0.7"))


class Same:
    """rouge_score's tokenizer interface over tokens that are there already."""

    def tokenize(self, text):
        return text


def by_rouge_score(tokens, threshold=0.7):
    """For each text None, or the nearest kept one and its F1, by rouge_score alone.

    F1 is at most twice the common tokens, in whatever order, by all tokens; pairs under the threshold by that bound are
    not scored.
    """
    places: dict[tuple[str, int], int] = {}
    rows, columns = [], []
    for at, text in enumerate(tokens):
        seen: Counter[str] = Counter()
        for token in text:
            rows.append(at)
            columns.append(places.setdefault((token, seen[token]), len(places)))
            seen[token] += 1
    bags = csr_matrix((np.ones(len(rows), np.int32), (rows, columns)), (len(tokens), max(1, len(places))))
    common = (bags @ bags.T).tocoo()
    lengths = np.array([len(text) for text in tokens])
    near = 2 * common.data >= (threshold - 1e-9) * (lengths[common.row] + lengths[common.col])
    pairs: dict[int, list[int]] = {}
    for one, other in zip(common.row[near].tolist(), common.col[near].tolist(), strict=True):
        if other < one:
            pairs.setdefault(one, []).append(other)
    scorer = rouge_scorer.RougeScorer(["rougeL"], tokenizer=Same())
    found, kept = [], set()
    for at, text in enumerate(tokens):
        scores = [(scorer.score(tokens[o], text)["rougeL"].fmeasure, -o) for o in pairs.get(at, []) if o in kept]
        score, other = max(scores, default=(0.0, 0))
        if score >= threshold - 1e-9:
            found.append((-other, pytest.approx(score)))
        else:
            found.append(None)
            kept.add(at)
    return found


def joined(tokens):
    """The decisions of the join over these tokens."""
    found = Joiner(RULE).add(Encoder(lambda texts: list(texts)).encode(tokens))
    return [one and (one.at, one.score) for one in found]


def korean():
    """Instructions of three public sets and of the sample."""
    general = json.loads((INPUTS / "general/ko_alpaca_1500.json").read_text("utf-8"))
    machine = (INPUTS / "self-instruct/machine_generated_instructions_ko.jsonl").read_text("utf-8").splitlines()
    with (INPUTS / "general/chatbot_500.csv").open(encoding="utf-8-sig", newline="") as file:
        chat = [next(iter(line.values())) for line in csv.DictReader(file)]
    own = (ROOT / "data/raw/general/instructions.jsonl").read_text("utf-8").splitlines()
    return [
        *(one["instruction"] for one in general),
        *(json.loads(line)["instruction"] for line in machine),
        *chat,
        *(str(json.loads(line).get("instruction", "")) for line in own if line.startswith("{") and line.endswith("}")),
    ]


@HAS_INPUTS
@pytest.mark.parametrize("name", ["stems", "morphemes", "characters", "words"])
def test_three_thousand_korean_instructions_are_decided_alike(name):
    """The same rows rejected, against the same nearest one, with the same score, over each kind of token."""
    tokens = TOKENIZERS[name](korean())
    assert len(tokens) >= 3000
    expected = by_rouge_score(tokens)
    assert joined(tokens) == expected
    assert sum(one is not None for one in expected) > 30


@HAS_INPUTS
def test_english_instructions_are_decided_alike_with_its_own_tokenizer():
    """The 175 English seed tasks, their inputs and outputs, and halves of them, by rouge_score's default tokens."""
    seeds = (INPUTS / "self-instruct/seed_tasks.jsonl").read_text("utf-8").splitlines()
    texts = []
    for seed in map(json.loads, seeds):
        parts = [seed["instruction"], seed["name"].replace("_", " ")]
        parts += [instance[field] for instance in seed["instances"] for field in ("input", "output")]
        texts += [*parts, *(" ".join(part.split()[: 3 * len(part.split()) // 4 + 1]) for part in parts)]
    tokens = [tuple(tokenizers.DefaultTokenizer(use_stemmer=False).tokenize(text)) for text in texts]
    expected = by_rouge_score(tokens)
    assert joined(tokens) == expected
    assert len(tokens) >= 1400 and sum(one is not None for one in expected) > 300


def test_rows_are_compared_within_their_recipe_by_instruction_and_output():
    """A row like one of another recipe stays; the reject names the nearest of its own, and 6 of 8 words."""
    first = row("기준금리 동결 배경 요약", "물가 안정 경기 둔화", recipe="general")
    like = row("기준금리 동결 배경 요약", "물가 안정 환율 상승", recipe="general")
    other = row("기준금리 동결 배경 요약", "물가 안정 경기 둔화", recipe="summary.short")
    findings = [finding for _, finding in novelty([first, like, other], context(novelty__tokens="words"))]
    assert findings == [None, Finding("ROUGE-L 0.750 to an earlier row, not under 0.7", 0.75, first.id), None]


def test_the_rule_of_the_public_code_is_a_parameter():
    """At 0.75 a score of exactly 0.75 is rejected, and kept where only what is above is."""
    pair = [row("기준금리 동결 배경 요약", f"물가 안정 {end}", recipe="general") for end in ("경기 둔화", "환율 상승")]
    for above_only, rejected in ((False, True), (True, False)):
        known = context(novelty__rouge_l=0.75, novelty__above_only=above_only, novelty__tokens="words")
        assert bool(list(novelty(pair, known))[1][1]) is rejected
