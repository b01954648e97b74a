"""Finds the passages nearest to a question by BM25 over morphemes. Not covered: meaning without shared words."""

from collections.abc import Sequence
from heapq import nsmallest

import bm25s

from finsmith.core.records import Passage
from finsmith.korean.morphemes import morphemes


class PassageIndex:
    """An index of passages, made once for a corpus."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._bm25 = bm25s.BM25()
        tokens = [list(one) or [""] for one in morphemes(f"{' '.join(p.headings)}\n{p.text}" for p in passages)]
        self._bm25.index(tokens, show_progress=False)

    def nearest(self, question: str, count: int) -> list[Passage]:
        """Up to `count` passages that share words with the question, the nearest first."""
        (tokens,) = morphemes([question])
        if not tokens:
            return []
        scores = self._bm25.get_scores(list(tokens)).tolist()
        shared = (at for at, score in enumerate(scores) if score > 0)
        # of equals the first in the corpus, which the library's own top would leave to chance
        return [self._passages[at] for at in nsmallest(count, shared, key=lambda at: (-scores[at], at))]
