"""Runs a stage from the command line: arguments are paths, an expected error is a sentence and exit status 1."""

import sys
from collections.abc import Callable
from pathlib import Path

from .errors import FinsmithError


def run_stage(main: Callable[..., None]) -> None:
    """Calls `main` with the command line's paths."""
    try:
        main(*map(Path, sys.argv[1:]))
    except FinsmithError as error:
        print(f"\nfinsmith: {error}", file=sys.stderr)
        raise SystemExit(1) from error
