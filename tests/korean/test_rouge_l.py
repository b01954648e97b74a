"""ROUGE-L over morphemes against rouge_score and exact fractions."""

import json
from fractions import Fraction
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge_score import rouge_scorer

from finsmith.core.errors import ParamsError
from finsmith.korean.morphemes import morphemes
from finsmith.korean.rouge_l import TOKENIZERS, Encoder, nearest, rouge_l

GENERAL = Path(__file__).parents[2] / "data/raw/general/instructions.jsonl"


class MorphemeTokenizer:
    """rouge_score's tokenizer interface over our morphemes."""

    def tokenize(self, text):
        """The text's morphemes."""
        return list(morphemes([text])[0])


def reworded(text):
    """A near copy: another word comes first, and the end of the output goes."""
    instruction, output = text.split("\n", 1)
    return f"그러면 {instruction}\n{output[: len(output) * 2 // 3]}"


@pytest.fixture(scope="module")
def texts():
    with GENERAL.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in islice(lines, 26)]
    originals = [f"{r['instruction']}\n{r['output']}" for r in rows]
    return originals + [reworded(text) for text in originals]


def test_scores_equal_rouge_scores_on_hundreds_of_pairs(texts):
    """ROUGE-L of 1,326 pairs of real Korean rows, near copies among them, is rouge_score's to 9 digits."""
    codes = Encoder().encode(texts)
    scorer = rouge_scorer.RougeScorer(["rougeL"], tokenizer=MorphemeTokenizer())
    pairs = [(a, b) for a in range(len(texts)) for b in range(a)]
    expected = [scorer.score(texts[a], texts[b])["rougeL"].fmeasure for a, b in pairs]
    assert [rouge_l(codes[a], codes[b]) for a, b in pairs] == pytest.approx(expected, abs=1e-9)
    assert len(pairs) == 1326 and max(expected) > 0.7 and min(expected) < 0.1


def lcs(a, b):
    """Length of the longest common subsequence, by the textbook table."""
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


@given(
    st.lists(st.sampled_from("가나다라"), min_size=1, max_size=24),
    st.lists(st.sampled_from("가나다라"), min_size=1, max_size=24),
    st.sampled_from(["0.3", "0.5", "0.6", "0.7", "0.75", "0.8", "0.9", "1.0"]),
)
@settings(max_examples=50)
def test_a_score_equal_to_the_threshold_is_reached(first, second, threshold):
    """Whether 2·LCS/(m+n) reaches a threshold is decided as exact fractions decide it, also at equality."""
    exact = Fraction(2 * lcs(first, second), len(first) + len(second))
    hit = nearest("".join(first), ["".join(second)], float(threshold))
    assert (hit is not None) == (exact >= Fraction(threshold))


@pytest.mark.parametrize("seven", range(1, 30))
def test_exactly_seven_tenths_is_not_under_seven_tenths(seven):
    """7k of 10k tokens in common is 0.7 exactly, at every length, and so not under 0.7."""
    first, second = "가" * 7 * seven + "나" * 3 * seven, "가" * 7 * seven + "다" * 3 * seven
    assert nearest(first, [second], 0.7) is not None
    assert nearest(first + "라", [second], 0.7) is None


def test_nearest_gives_place_and_score_of_the_best():
    """Of three others, the identical one is named: not the first above the threshold."""
    assert nearest("가나다", ["가나라", "가나다", "마"], 0.5) == (1, 1.0)


def test_texts_without_morphemes_are_like_nothing():
    """Punctuation alone encodes to nothing; two such texts have nothing in common."""
    dots, dashes = Encoder().encode(["...!?", "---"])
    assert (dots, dashes) == ("", "")
    assert rouge_l(dots, dashes) == 0.0
    assert nearest(dots, [dashes], 0.7) is None


def test_one_encoder_gives_a_morpheme_one_code_and_different_ones_different_codes():
    """Codes agree over calls, and also past the surrogates they stay distinct and encodable."""
    encoder = Encoder()
    first, second = encoder.encode(["기준금리를 동결"]), encoder.encode(["기준금리를 동결"])
    assert first == second
    codes = [encoder._code(f"m{number}") for number in range(0xD800 + 100)]
    assert len(set(codes)) == len(codes)
    assert all(code.encode() for code in codes)


def test_rouge_scores_default_tokenizer_would_be_blind():
    """The reason for morphemes: by default identical Hangul scores 0, and two sentences sharing only ETF score 1."""
    default = rouge_scorer.RougeScorer(["rougeL"])
    assert default.score("금리를 동결하였다", "금리를 동결하였다")["rougeL"].fmeasure == 0.0
    assert default.score("ETF를 팔았다", "새 ETF가 상장되었다")["rougeL"].fmeasure == 1.0
    same_a, same_b, sold, listed = Encoder().encode(
        ["금리를 동결하였다", "금리를 동결하였다", "ETF를 팔았다", "새 ETF가 상장되었다"]
    )
    assert rouge_l(same_a, same_b) == 1.0
    assert rouge_l(sold, listed) < 0.7


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("stems", ("한도", "절반", "줄이", "것", "알리", "etf", "3.5")),
        ("words", ("한도를", "절반으로", "줄였다는", "것을", "알려", "etf", "3.5%")),
        ("characters", tuple("한도를절반으로줄였다는것을알려etf3.5%")),
    ],
)
def test_each_kind_of_token(name, tokens):
    """Stems are without particles, endings and auxiliaries; words stand between spaces; characters are all others."""
    assert TOKENIZERS[name](["한도를 절반으로 줄였다는 것을 알려 ETF 3.5%"]) == [tokens]


def test_too_many_different_tokens_are_an_error_that_tells_the_way_out():
    """There are 1,112,064 code points; one token more is refused, not mixed up with another."""
    encoder = Encoder(lambda texts: [tuple(map(str, range(1_112_065)))])
    with pytest.raises(ParamsError, match=r"1,112,064 different tokens .* `tokens: stems`"):
        encoder.encode(["x"])
