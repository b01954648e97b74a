"""How varied the kept rows are: what they ask for, how long they are, where they come from, how alike they are.

Rows are looked at one by one; what is kept of them are counts and a seeded sample. Not covered: whether they are good.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from finsmith.core.records import Example
from finsmith.korean.morphemes import stems
from finsmith.korean.rouge_l import Encoder
from finsmith.korean.verb_object import verb_object

_VERBS, _OBJECTS = 20, 4  # shown, as in Self-Instruct's figure
_SAMPLE = 1000  # rows that are compared with each other
_BINS = 20  # of ROUGE-L, 0 to 1
_SEED = 0
_CHARS = (0, 10, 20, 50, 100, 200, 500, 1000, 2000)  # lower ends of the classes of length


class Diversity:
    """Collects rows; `told` says what they were."""

    def __init__(self) -> None:
        self._objects: dict[str, Counter[str]] = defaultdict(Counter)
        self._lengths: dict[str, Counter[int]] = {field: Counter() for field in ("instruction", "input", "output")}
        self._recipes: Counter[str] = Counter()
        self._sources: Counter[str] = Counter()
        self._sample: list[str] = []
        self._chance = random.Random(_SEED)

    def counted(self, rows: Iterable[Example]) -> Iterator[Example]:
        """The rows as they pass, each counted."""
        for row in rows:
            self.add(row)
            yield row

    def add(self, row: Example) -> None:
        """Counts a row."""
        found = verb_object(row.instruction)
        self._objects[found.verb or "?"][found.object or "?"] += 1
        for field, counts in self._lengths.items():
            counts[max(low for low in _CHARS if len(getattr(row, field)) >= low)] += 1
        at = self._recipes.total()
        self._recipes[row.recipe] += 1
        self._sources[row.provenance.sources[0]] += row.recipe != "general"
        if len(self._sample) < _SAMPLE:
            self._sample.append(row.instruction)
        elif (place := self._chance.randrange(at + 1)) < _SAMPLE:  # every row has the same chance to be in it
            self._sample[place] = row.instruction

    def told(self) -> dict[str, Any]:
        """The counts; `overlap` counts sampled rows by ROUGE-L F1 of their instruction's stems to the nearest other."""
        verbs = sorted(self._objects.items(), key=lambda item: (-item[1].total(), item[0]))[:_VERBS]
        sources = [count for count in self._sources.values() if count]
        return {
            "rows": self._recipes.total(),
            "verbs": [
                {"verb": verb, "rows": objects.total(), "objects": objects.most_common(_OBJECTS)}
                for verb, objects in verbs
            ],
            "different_verbs": len(self._objects),
            "different_verb_objects": sum(len(objects) for objects in self._objects.values()),
            "chars_from": _CHARS,
            "chars": {field: [counts[low] for low in _CHARS] for field, counts in self._lengths.items()},
            "recipes": dict(sorted(self._recipes.items())),
            "domain_sources": len(sources),
            "most_rows_of_a_source": max(sources, default=0),
            "overlap": self._overlap(),
            "overlap_sample": len(self._sample),
        }

    def _overlap(self) -> list[int]:
        codes = Encoder(stems).encode(self._sample)
        if len(codes) < 2:
            return [0] * _BINS
        scores = cdist(codes, codes, scorer=Indel.normalized_similarity, dtype=np.float32, workers=-1)
        np.fill_diagonal(scores, -1)
        counts, _ = np.histogram(scores.max(axis=1), bins=_BINS, range=(0, 1))
        return [int(count) for count in counts]
