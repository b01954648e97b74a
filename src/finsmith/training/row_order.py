"""Which rows make an update, and which of them each process reads.

Not covered: what a batch looks like; that is in batches.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence, Sized

import torch

_POOL = 50  # updates from which like rows are put together


class RowOrder(torch.utils.data.Sampler[list[int]]):
    """The batches of one process, in an order in which neighbours are alike in length and need little padding.

    Rows are drawn into pools, sorted inside each and cut into updates, and the updates shuffled. It depends on seed and
    epoch alone, so that a resumed epoch has it too, and an update's rows are the same however many processes and
    batches share them. Where an epoch's last rows do not suffice for all, a process reads an empty batch.
    """

    def __init__(
        self,
        rows: Sequence[Sized],
        batch_size: int,
        accumulation: int,
        seed: int,
        epoch: Callable[[], int],
        process: int = 0,
        processes: int = 1,
    ) -> None:
        self._lengths = [len(row) for row in rows]
        self._batch_size, self._accumulation = batch_size, accumulation
        self._seed, self._epoch = seed, epoch
        self._process, self._processes = process, processes

    def __len__(self) -> int:
        """The batches that each process reads in an epoch."""
        return math.ceil(len(self._lengths) / (self._batch_size * self._processes))

    def __iter__(self) -> Iterator[list[int]]:
        for update in self._updates():
            for begin in range(0, len(update), self._batch_size * self._processes):
                mine = begin + self._process * self._batch_size
                yield list(update[mine : mine + self._batch_size])

    def _updates(self) -> list[Sequence[int]]:
        """The rows of each update; only the last one may be short, and it stays last."""
        size = self._batch_size * self._accumulation * self._processes
        chance = random.Random(f"{self._seed}:{self._epoch()}")
        drawn = chance.sample(range(len(self._lengths)), len(self._lengths))
        ordered = [at for pool in _slices(drawn, _POOL * size) for at in sorted(pool, key=self._lengths.__getitem__)]
        *full, last = _slices(ordered, size)
        chance.shuffle(full)
        return [*full, last]


def _slices(items: Sequence[int], size: int) -> list[Sequence[int]]:
    return [items[at : at + size] for at in range(0, len(items), size)]
