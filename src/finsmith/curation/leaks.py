"""The last look at a training set before it is trained on. Not covered: lineage."""

from collections.abc import Iterable
from pathlib import Path

from tqdm import tqdm

from finsmith.core.errors import LineageError
from finsmith.core.records import Example

from .contamination import NearTest

_SHOWN = 5


def count_leaks(rows: Iterable[Example], near_test: NearTest, path: Path) -> dict[str, int]:
    """The number of rows and of leaks, which is 0.

    Raises:
        LineageError: rows too near to the test; names the first of them by line.
    """
    leaks, count = [], 0
    for count, (row, finding) in enumerate(near_test.judge(tqdm(rows, desc="looking for leaks", unit="row")), 1):
        if finding:
            leaks.append(f"  line {count}: {finding.reason} ({finding.against}): {row.instruction[:60]!r}")
    if leaks:
        more = f"\n  and {len(leaks) - _SHOWN} more" if len(leaks) > _SHOWN else ""
        raise LineageError(
            f"{path}: {len(leaks)} of {count} rows are too near to the closed test:\n"
            + "\n".join(leaks[:_SHOWN])
            + f"{more}\nTake them out of their source, or where the file was changed by hand run `dvc repro -f mix`."
        )
    return {"rows": count, "leaks": 0}
