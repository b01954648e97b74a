"""A process that decides on rows of its own, one after the other, and prints the id of each decision that it confirmed.

Started with folder, reviewer, first row's number and how many; run by tests that kill it or start several.
"""

import sys
from pathlib import Path

from finsmith.review.journal import Journal

from .made import decision


def main(folder: str, reviewer: str, first: str, count: str) -> None:
    journal = Journal(Path(folder))
    for number in range(int(first), int(first) + int(count)):
        one = decision(f"r{number}", "reject", reviewer, reason="만기가 다르다 " * 20)
        journal.append(one)
        print(one.id, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
