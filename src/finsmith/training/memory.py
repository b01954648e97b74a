"""Makes the C library keep freed memory: training frees and asks for the same large blocks at every step.

Measured on two cores: 238 -> 265 tokens/s. Not covered: other C libraries than glibc; there nothing is changed.
"""

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_LARGEST_MMAP_THRESHOLD = 32 * 2**20  # bytes; glibc takes no more
_NEVER_TRIM = 2**31 - 1  # bytes at the heap's end, the most an int says


def keep_freed_memory() -> bool:
    """Whether the C library keeps freed blocks from now on."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if not mallopt:
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, _LARGEST_MMAP_THRESHOLD) and mallopt(_M_TRIM_THRESHOLD, _NEVER_TRIM))
