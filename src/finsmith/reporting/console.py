"""The terminal that tables are printed to. Not covered: what stands in them."""

from rich.console import Console

_WIDE = 200  # columns of text, where it is no terminal


def console() -> Console:
    """As wide as the terminal; a file or a pager gets tables wide enough to cut nothing."""
    found = Console()
    if not found.is_terminal:
        found.width = _WIDE
    return found
