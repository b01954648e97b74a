"""The novelty join: which texts are like an earlier kept one by ROUGE-L F1, exactly, for one as for a million.

A text is kept if its F1 to every text kept before it is under a threshold (Self-Instruct's rule, arXiv 2212.10560,
section 2.2). Texts are strings of one code point per token, so that F1 = 2·LCS/(m + n) = 1 - d/(m + n) with the indel
distance d, a whole number: nothing is decided by rounding.

Before a distance is worked out, two bounds drop nearly all pairs: d is at least the difference in length, and at least
the number of bits in which two signatures differ. A signature has, for each hash of a token, the parity of how often
such tokens occur; a bit that differs is a token that only one text has. Rows come in blocks: a block is compared with
what was kept before it, then with itself. Not covered: texts that mean the same in other words.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cpdist

from .near_signatures import Bits, Ints, near_signatures, near_signatures_compiled

_FIRST_BLOCK, _BLOCK = 512, 8192  # rows; the first ones are few, since they are compared with each other
_ROWS = 128  # of like length, compared at once
_WORD = 64  # bits
_MOST_WORDS = 64
_CELLS = 1 << 22  # counters at once while signatures are made
_PAIRS = 1 << 18  # whose distances are worked out at once
_MANY = 50_000  # texts, from which on compiled code pays for its compiling
_WORKERS = os.cpu_count() or 1


class Nearest(NamedTuple):
    """The place of the nearest earlier text, and its ROUGE-L F1."""

    at: int
    score: float


@dataclass(frozen=True)
class Rule:
    """From which F1 a text is too like another: `threshold` itself, or only what is above it."""

    threshold: Fraction
    above_only: bool = False

    def most_apart(self, total: Ints) -> Ints:
        """The greatest distance of two texts too alike, by the sum of their lengths."""
        p, q = self.threshold.numerator, self.threshold.denominator
        apart = (q - p) * total
        return -(-apart // q) - 1 if self.above_only else apart // q

    def partners(self, shortest: int, longest: int) -> tuple[int, int]:
        """The lengths that a text too like one of `shortest` to `longest` tokens can have."""
        p, q = self.threshold.numerator, self.threshold.denominator
        return shortest * p // (2 * q - p), (-(-longest * (2 * q - p) // p) if p else 1 << 62)


class Joiner:
    """The texts kept so far; each call of `add` judges more of them."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._texts: list[str] = []
        self._shelves: dict[int, _Shelf] = {}

    def add(self, codes: Sequence[str]) -> list[Nearest | None]:
        """For each text, in order, None where it is kept, else the nearest kept one, of equals the first.

        Places count all texts ever given.
        """
        found: list[Nearest | None] = []
        with ThreadPoolExecutor(_WORKERS) as pool:
            for block in _blocks(codes, len(self._texts)):
                found += self._judge(block, pool)
        return found

    def _judge(self, codes: Sequence[str], pool: ThreadPoolExecutor) -> list[Nearest | None]:
        start = len(self._texts)
        self._texts += codes
        lengths = np.fromiter(map(len, codes), np.int64, len(codes))
        places = np.arange(start, start + len(codes))
        near = _Hits(len(codes), start)
        near.take(*self._alike(places, lengths, self._shelves, pool))
        fresh = places[(near.at < 0) & (lengths > 0)]
        own: dict[int, _Shelf] = {}
        self._shelve(own, fresh)
        rows, others, scores = self._alike(places, lengths, own, pool)
        before = others < rows
        kept = near.at < 0
        for row, other, score in sorted(
            zip(rows[before].tolist(), others[before].tolist(), scores[before].tolist(), strict=True)
        ):
            if kept[other - start]:
                near.better(row - start, other, score)
                kept[row - start] = False
        self._shelve(self._shelves, places[kept & (lengths > 0)])
        return [
            None if at < 0 else Nearest(at, score)
            for at, score in zip(near.at.tolist(), near.score.tolist(), strict=True)
        ]

    def _shelve(self, shelves: "dict[int, _Shelf]", places: Ints) -> None:
        lengths = np.fromiter((len(self._texts[at]) for at in places), np.int64, len(places))
        for size in np.unique(_size(lengths)).tolist():
            of_size = _size(lengths) == size
            texts = [self._texts[at] for at in places[of_size]]
            shelves.setdefault(size, _Shelf(_words(size))).add(
                places[of_size], lengths[of_size], _signatures(texts, _words(size))
            )

    def _alike(
        self, places: Ints, lengths: Ints, shelves: "dict[int, _Shelf]", pool: ThreadPoolExecutor
    ) -> tuple[Ints, Ints, NDArray[np.float64]]:
        """The pairs of a row and a shelved text that are too alike, with their F1."""
        none = np.empty(0, np.int64)
        parts = [(none, none), *pool.map(lambda job: self._compare(*job), self._jobs(places, lengths, shelves))]
        return self._measured(*map(np.concatenate, zip(*parts, strict=True)))

    def _jobs(
        self, places: Ints, lengths: Ints, shelves: "dict[int, _Shelf]"
    ) -> "Iterator[tuple[Ints, Ints, Bits, _Shelf, int, int]]":
        """Tiles' rows of like length, with the stretch of a shelf that their length allows."""
        order = np.argsort(lengths, kind="stable")
        order = order[lengths[order] > 0]
        for size in np.unique(_size(lengths[order])).tolist():
            of_size = order[_size(lengths[order]) == size]
            low, high = self._rule.partners(int(lengths[of_size[0]]), int(lengths[of_size[-1]]))
            reached = [shelf for key, shelf in shelves.items() if (1 << key) > low and (1 << key >> 1) <= high]
            if not reached:
                continue
            widest = max(shelf.words for shelf in reached)
            bits = _signatures([self._texts[at] for at in places[of_size]], widest)
            for shelf in reached:
                folded = _folded(bits, shelf.words)
                for begin in range(0, len(of_size), _ROWS):
                    part = of_size[begin : begin + _ROWS]
                    low, high = self._rule.partners(int(lengths[part[0]]), int(lengths[part[-1]]))
                    first, last = np.searchsorted(shelf.lengths, [low, high + 1]).tolist()
                    if first < last:
                        yield places[part], lengths[part], folded[:, begin : begin + _ROWS], shelf, first, last

    def _compare(
        self, places: Ints, lengths: Ints, bits: Bits, shelf: "_Shelf", first: int, last: int
    ) -> tuple[Ints, Ints]:
        """The pairs of these rows and this stretch of the shelf that their signatures do not tell apart."""
        most = self._rule.most_apart(lengths[-1] + shelf.lengths[first:last])
        near = near_signatures_compiled if len(self._texts) >= _MANY else near_signatures
        row, column = near(bits, shelf.bits, first, np.clip(most, 0, _MOST_WORDS * _WORD).astype(np.uint16))
        return places[row], shelf.places[column]

    def _measured(self, rows: Ints, others: Ints) -> tuple[Ints, Ints, NDArray[np.float64]]:
        """Those of the pairs that are too alike, with their F1."""
        near, score = [np.empty(0, np.int64)], [np.empty(0)]
        for begin in range(0, len(rows), _PAIRS):
            first = [self._texts[at] for at in rows[begin : begin + _PAIRS].tolist()]
            second = [self._texts[at] for at in others[begin : begin + _PAIRS].tolist()]
            total = np.fromiter(map(len, first), np.int64) + np.fromiter(map(len, second), np.int64)
            most = self._rule.most_apart(total)
            distance = cpdist(
                first,
                second,
                scorer=Indel.distance,
                score_cutoff=max(0, int(most.max())),
                dtype=np.int64,
                workers=_WORKERS,
            )
            alike = np.flatnonzero(distance <= most)
            near.append(alike + begin)
            score.append(1 - distance[alike] / total[alike])
        pairs = np.concatenate(near)
        return rows[pairs], others[pairs], np.concatenate(score)


@dataclass
class _Shelf:
    """Kept texts of like length, the shortest first: their places, lengths and signatures (words x texts)."""

    words: int
    places: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    lengths: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    bits: Bits = field(init=False)

    def __post_init__(self) -> None:
        self.bits = np.empty((self.words, 0), np.uint64)

    def add(self, places: Ints, lengths: Ints, bits: Bits) -> None:
        all_lengths = np.concatenate([self.lengths, lengths])
        order = np.argsort(all_lengths, kind="stable")
        self.lengths = all_lengths[order]
        self.places = np.concatenate([self.places, places])[order]
        self.bits = np.ascontiguousarray(np.concatenate([self.bits, bits], axis=1)[:, order])


class _Hits:
    """The nearest text of each row of a block so far; -1 where there is none."""

    def __init__(self, rows: int, start: int) -> None:
        self.at = np.full(rows, -1, np.int64)
        self.score = np.zeros(rows)
        self._start = start

    def take(self, rows: Ints, others: Ints, scores: NDArray[np.float64]) -> None:
        for row, other, score in zip((rows - self._start).tolist(), others.tolist(), scores.tolist(), strict=True):
            self.better(row, other, score)

    def better(self, row: int, other: int, score: float) -> None:
        if self.at[row] < 0 or (score, -other) > (self.score[row], -self.at[row]):
            self.at[row], self.score[row] = other, score


def _blocks(codes: Sequence[str], known: int) -> Iterator[Sequence[str]]:
    """The texts in blocks that grow with what is known."""
    at = 0
    while at < len(codes):
        size = min(_BLOCK, max(_FIRST_BLOCK, known + at))
        yield codes[at : at + size]
        at += size


def _size(lengths: Ints) -> Ints:
    """The bits of a length: lengths that differ by less than two times share a shelf."""
    return np.frexp(lengths.astype(np.float64))[1].astype(np.int64)


def _words(size: int) -> int:
    """The words of a signature for texts of that size: eight bits a token, so that most bits are of one token."""
    return min(_MOST_WORDS, max(1, (8 << size) // _WORD))


def _signatures(texts: Sequence[str], words: int) -> Bits:
    """The signatures of the texts (words x texts)."""
    bits = words * _WORD
    step = max(1, _CELLS // bits)
    parts = [_some_signatures(texts[at : at + step], bits) for at in range(0, len(texts), step)]
    return np.ascontiguousarray(np.concatenate(parts).T) if parts else np.empty((words, 0), np.uint64)


def _some_signatures(texts: Sequence[str], bits: int) -> Bits:
    tokens = np.frombuffer("".join(texts).encode("utf-32-le"), "<u4").astype(np.uint64)
    mixed = tokens * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    owner = np.repeat(np.arange(len(texts)), np.fromiter(map(len, texts), np.int64, len(texts)))
    cells = owner * bits + (mixed & np.uint64(bits - 1)).astype(np.int64)
    odd = (np.bincount(cells, minlength=len(texts) * bits) & 1).astype(np.uint8)
    return np.packbits(odd, bitorder="little").view("<u8").reshape(len(texts), bits // _WORD)


def _folded(bits: Bits, words: int) -> Bits:
    """The signatures as they were with fewer words: parities of hashes that become one add up."""
    while len(bits) > words:
        half = len(bits) // 2
        bits = bits[:half] ^ bits[half:]
    return bits
