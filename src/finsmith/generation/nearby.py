"""Finds the texts nearest to a question: by words (BM25 over morphemes), by meaning (embeddings), or by both.

Not covered: how near they are; only the order is told.
"""

from collections.abc import Callable, Iterable, Sequence
from heapq import nsmallest

import bm25s

from finsmith.korean.morphemes import morphemes
from finsmith.text.embedding import Embedding

_RANK_CONSTANT = 60  # of reciprocal rank fusion. Source: Cormack et al. 2009


class TextIndex:
    """An index of texts by their words, made once."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._bm25 = bm25s.BM25()
        tokens = [list(one) or [""] for one in morphemes(texts)] or [[""]]
        self._bm25.index(tokens, show_progress=False)

    def nearest(self, question: str, count: int) -> list[int]:
        """The positions of up to `count` texts that share words with the question, the nearest first."""
        (tokens,) = morphemes([question])
        if not tokens:
            return []
        scores = self._bm25.get_scores(list(tokens)).tolist()
        return _best((at for at, score in enumerate(scores) if score > 0), scores.__getitem__, count)


class MeaningIndex:
    """An index of texts by their embeddings, made once."""

    def __init__(self, texts: Sequence[str], model: str) -> None:
        """`model` is a folder or hub id.

        Raises:
            ParamsError: it cannot be loaded.
        """
        self._embedding = Embedding(model, "generate.rag.embedding_model")
        self._texts = self._embedding.of_texts(texts, progress=True)

    def nearest(self, question: str, count: int) -> list[int]:
        """The positions of up to `count` texts, the one with the greatest cosine to the question first."""
        cosines = (self._texts @ self._embedding.of_question(question)).tolist()
        return _best(range(len(cosines)), cosines.__getitem__, count)


def fused(rankings: Sequence[Sequence[int]], count: int) -> list[int]:
    """Up to `count` positions of all the rankings, those first that stand high in many: reciprocal rank fusion."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, at in enumerate(ranking, 1):
            scores[at] = scores.get(at, 0.0) + 1 / (_RANK_CONSTANT + rank)
    return _best(scores, scores.__getitem__, count)


def _best(positions: Iterable[int], score: Callable[[int], float], count: int) -> list[int]:
    """Of equals the first, so that nothing is left to chance."""
    return nsmallest(count, positions, key=lambda at: (-score(at), at))
