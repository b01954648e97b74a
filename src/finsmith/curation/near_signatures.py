"""Which of two sets of bit signatures differ in few bits, by numpy for a few and by compiled code for many.

Both give the same pairs. numba's import and compiling take two seconds; after them a pair takes a third of the time.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint64]  # (words, texts)
Ints = NDArray[np.int64]

_COLUMNS = 8192  # at once


def near_signatures(rows: Bits, columns: Bits, first: int, most: NDArray[np.uint16]) -> tuple[Ints, Ints]:
    """The pairs of a row and a column that differ in no more bits than the column's `most`, row by row.

    `most` is of the columns from `first` on; the others are not looked at.
    """
    found = []
    for at in range(0, len(most), _COLUMNS):
        bounds = most[at : at + _COLUMNS]
        apart = np.zeros((rows.shape[1], len(bounds)), np.uint16)
        for row, column in zip(rows, columns[:, first + at : first + at + len(bounds)], strict=True):
            apart += np.bitwise_count(row[:, None] ^ column)
        near, by = np.nonzero(apart <= bounds)
        found.append((near, by + (first + at)))
    return np.concatenate([near for near, _ in found]), np.concatenate([by for _, by in found])


def near_signatures_compiled(rows: Bits, columns: Bits, first: int, most: NDArray[np.uint16]) -> tuple[Ints, Ints]:
    """As `near_signatures`; threads may run it side by side."""
    row, column = _compiled()(np.ascontiguousarray(rows), columns, first, most)
    return row, column


@cache
def _compiled() -> Callable[..., Any]:
    """The loop below, compiled."""
    from numba import njit

    types = "Tuple((int64[::1], int64[::1]))(uint64[:, ::1], uint64[:, ::1], int64, uint16[::1])"
    compiled: Callable[..., Any] = njit(types, nogil=True)(_loop)
    return compiled


_ONE, _TWO, _FOUR, _TOP = map(np.uint64, (1, 2, 4, 56))
_PAIRS, _NIBBLES, _BYTES, _SUM = map(
    np.uint64, (0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F, 0x0101010101010101)
)


def _loop(rows: Bits, columns: Bits, first: int, most: NDArray[np.uint16]) -> tuple[Ints, Ints]:
    width = len(most)
    apart = np.empty(width, np.uint16)
    found = np.empty((2, width), np.int64)
    count = 0
    for row in range(rows.shape[1]):
        apart[:] = 0
        for word in range(rows.shape[0]):
            bits = rows[word, row]
            line = columns[word, first : first + width]
            for column in range(width):
                odd = bits ^ line[column]
                odd = odd - ((odd >> _ONE) & _PAIRS)
                odd = (odd & _NIBBLES) + ((odd >> _TWO) & _NIBBLES)
                odd = (odd + (odd >> _FOUR)) & _BYTES
                apart[column] += (odd * _SUM) >> _TOP
        if count + width > found.shape[1]:
            wider = np.empty((2, 2 * found.shape[1]), np.int64)
            wider[:, :count] = found[:, :count]
            found = wider
        for column in range(width):
            if apart[column] <= most[column]:
                found[0, count], found[1, count] = row, first + column
                count += 1
    return found[0, :count].copy(), found[1, :count].copy()
