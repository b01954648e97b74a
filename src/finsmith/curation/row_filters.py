"""Filters that judge a row by itself: (Example, FilterParams) -> Finding, or None to keep.

Not covered: filters that compare rows; they are in set_filters.
"""

from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from finsmith.core.records import Example

from .params import FilterParams


class Finding(NamedTuple):
    """Why a row is rejected, its score where there is one, and what it clashed with (an id or a text)."""

    reason: str
    score: float | None = None
    against: str = ""


def empty(example: Example, params: FilterParams) -> Finding | None:
    """Rejects a row without an instruction or without an output."""
    for field in ("instruction", "output"):
        if not getattr(example, field).strip():
            return Finding(f"{field} is empty")
    return None


def length(example: Example, params: FilterParams) -> Finding | None:
    """Rejects an instruction or output that is too short or too long, in characters."""
    for field, low, high in (
        ("instruction", params.min_instruction_chars, params.max_instruction_chars),
        ("output", params.min_output_chars, params.max_output_chars),
    ):
        size = len(getattr(example, field).strip())
        if size < low:
            return Finding(f"{field} has {size} characters, fewer than {low}", size)
        if size > high:
            return Finding(f"{field} has {size} characters, more than {high}", size)
    return None


def repeats_input(example: Example, params: FilterParams) -> Finding | None:
    """Rejects an output that is mostly copied: the longest common subsequence with the input covers too much of it."""
    if not example.input.strip() or not example.output.strip():
        return None
    share = LCSseq.similarity(example.output, example.input) / len(example.output)
    in_one_piece = example.output.strip() in example.input or example.input.strip() in example.output
    if in_one_piece or (example.recipe.startswith("summary") and share > params.max_input_share):
        return Finding(f"{share:.0%} of the output repeats the input", round(share, 4))
    return None
