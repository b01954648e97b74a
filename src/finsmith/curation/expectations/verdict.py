"""What follows from a validation: pages, counts, warnings, and the gate that later stages wait for.

The gate's content never changes, so that a stage behind it runs anew only where its own inputs changed, not where a
suite did. Not covered: looking; that is in suites.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from finsmith.core.errors import ExpectationError
from finsmith.core.io import write_json

from .pages import write_data_docs
from .suites import SEVERITIES, Outcome


def conclude(outcomes: Sequence[Outcome], gate: Path, metrics: Path, data_docs: Path) -> None:
    """Writes Data Docs and counts, tells warnings, and opens the gate where every critical expectation is met.

    Raises:
        ExpectationError: one is not; names each, with rows. The pages are there all the same.
    """
    write_data_docs(data_docs, outcomes)
    write_json(metrics, counts(outcomes))
    failed = [one for one in outcomes if not one.met]
    for one in failed:
        if one.severity == "warning":
            print(f"warning: {one.told}", file=sys.stderr)
    if critical := [f"  {one.told}" for one in failed if one.severity == "critical"]:
        raise ExpectationError(
            f"{len(critical)} critical expectation{'s' if len(critical) > 1 else ''} not met:\n"
            + "\n".join(critical)
            + f"\nAll that was looked at stands in {data_docs / 'index.html'}. Mend the data; or, where it asks too "
            "much, the suite in expectations/."
        )
    write_json(gate, {"critical_failed": 0})


def counts(outcomes: Sequence[Outcome]) -> dict[str, dict[str, int]]:
    """By set: rows, expectations, and those not met by severity."""
    told: dict[str, dict[str, int]] = {}
    for one in outcomes:
        nothing = {"rows": one.rows, "expectations": 0, **{f"{severity}_failed": 0 for severity in SEVERITIES}}
        of = told.setdefault(one.table, nothing)
        of["expectations"] += 1
        of[f"{one.severity}_failed"] += not one.met
    return told
