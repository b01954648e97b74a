"""Who decides on a row: it depends on the row's id, the seed and the list of reviewers alone.

So new rows leave those of before where they were, and a new reviewer takes over only what becomes theirs. Not covered:
the order in which people see their rows (queue).
"""

from finsmith.core.ids import content_id

from .params import ReviewParams


def reviewers_of(row_id: str, params: ReviewParams) -> tuple[str, ...]:
    """The reviewers of a row: one, or of the overlap's share several; none where no reviewers are named.

    By the highest of hashes of row and reviewer (rendezvous hashing). Source: Thaler and Ravishankar 1998, IEEE/ACM
    Transactions on Networking 6.
    """
    highest = sorted(params.reviewers, key=lambda name: content_id([params.seed, row_id, name]), reverse=True)
    return tuple(highest[: params.overlap.reviewers if _is_shared(row_id, params) else 1])


def needed(row_id: str, params: ReviewParams) -> int:
    """How many people must have decided on a row."""
    return max(1, len(reviewers_of(row_id, params)))


def _is_shared(row_id: str, params: ReviewParams) -> bool:
    return int(content_id([params.seed, "overlap", row_id]), 16) < params.overlap.share * 2**64
