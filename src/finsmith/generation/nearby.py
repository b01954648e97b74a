"""Finds the texts nearest to a question by BM25 over morphemes. Not covered: meaning without shared words."""

from collections.abc import Sequence
from heapq import nsmallest

import bm25s

from finsmith.korean.morphemes import morphemes


class TextIndex:
    """An index of texts, made once."""

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
        shared = (at for at, score in enumerate(scores) if score > 0)
        # of equals the first, which the library's own top would leave to chance
        return nsmallest(count, shared, key=lambda at: (-scores[at], at))
