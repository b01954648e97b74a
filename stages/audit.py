"""Stage `audit`: lineage index, metrics, all files of dvc.lock → a verdict for each check; a failed one stops all."""

from dataclasses import asdict
from pathlib import Path

from finsmith.core.io import write_json
from finsmith.core.stage import run_stage
from finsmith.lineage.checks import Case, audit, refuse_failed
from finsmith.lineage.project import Project
from finsmith.lineage.walk import Index

LATER = frozenset({"audit", "report"})  # their outputs are not made yet


def main(index: Path, verdicts: Path, metrics: Path) -> None:
    """Writes what each check found, then fails where one found something."""
    with Index(index) as opened:
        found = audit(Case(opened, Project(), LATER))
    write_json(verdicts, [asdict(one) for one in found])
    write_json(metrics, {one.check: one.count for one in found})
    refuse_failed(found, verdicts)


if __name__ == "__main__":
    run_stage(main)
