"""ROUGE-L F1 over Korean morphemes or other tokens, exactly and fast: each token becomes one code point.

ROUGE-L F1 = 2·LCS/(m+n), which is the normalised indel similarity of the two sequences. Source: Lin 2004, section 3.1;
the novelty rule (keep if < 0.7 against all kept) is Self-Instruct's, arXiv 2212.10560, section 2.1. Not covered:
many thousands of rows; the loop is quadratic.
"""

from collections.abc import Callable, Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import Indel

from finsmith.core.errors import ParamsError
from finsmith.korean.morphemes import morphemes, stems

Nearest = tuple[int, float]


def words(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """What stands between spaces, lower-cased."""
    return [tuple(text.lower().split()) for text in texts]


def characters(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """The characters that are no space, lower-cased."""
    return [tuple("".join(text.lower().split())) for text in texts]


Tokenizer = Callable[[Iterable[str]], list[tuple[str, ...]]]
TOKENIZERS: dict[str, Tokenizer] = {
    "stems": stems,
    "morphemes": morphemes,
    "characters": characters,
    "words": words,
}


class Encoder:
    """Turns texts into strings of one code point per token; the same token is always the same code point."""

    def __init__(self, tokenizer: Tokenizer = morphemes) -> None:
        self._tokenizer = tokenizer
        self._codes: dict[str, str] = {}

    def encode(self, texts: Iterable[str]) -> list[str]:
        """One string per text, as long as the text has tokens.

        Raises:
            ParamsError: more different tokens than there are code points, which only `words` of millions of rows have.
        """
        try:
            return ["".join(map(self._code, tokens)) for tokens in self._tokenizer(texts)]
        except ValueError as error:
            raise ParamsError(
                f"{len(self._codes):,} different tokens are more than can be compared: take `tokens: stems`."
            ) from error

    def _code(self, token: str) -> str:
        if not (code := self._codes.get(token)):
            at = len(self._codes)
            code = self._codes[token] = chr(at if at < 0xD800 else at + 0x800)  # past the surrogates, no characters
        return code


def rouge_l(first: str, second: str) -> float:
    """ROUGE-L F1 of two encoded texts, 0 to 1; two empty ones have nothing in common."""
    return Indel.normalized_similarity(first, second) if first and second else 0.0


def nearest(encoded: str, others: Sequence[str], threshold: float) -> Nearest | None:
    """The place and ROUGE-L of the most similar of the others at or above the threshold, or None."""
    if not encoded:
        return None
    cutoff = max(0.0, threshold - 1e-6)  # rapidfuzz takes 4 of 5 to be under a cutoff of 0.8
    hit = process.extractOne(encoded, others, scorer=Indel.normalized_similarity, score_cutoff=cutoff)
    return (hit[2], hit[1]) if hit and reaches(hit[1], threshold) else None


def reaches(score: float, threshold: float) -> bool:
    """Whether a score is at or above a threshold, rounding errors apart; real shares lie further from it."""
    return score >= threshold - 1e-9
