"""Stage `audit`: lineage index, metrics, all files of dvc.lock → a verdict for each check; a failed one stops all."""

from dataclasses import asdict
from pathlib import Path

from finsmith.core.io import write_json
from finsmith.core.stage import run_stage
from finsmith.lineage.checks import Case, audit, refuse_failed
from finsmith.lineage.holders import outputs, stores
from finsmith.lineage.project import Project
from finsmith.lineage.walk import Index
from finsmith.lineage.withdrawals import read_withdrawals
from finsmith.teacher.store import repository_store

LATER = frozenset({"audit", "samples", "report"})  # their outputs are not made yet


def main(index: Path, documents: Path, testset: Path, withdrawn: Path, verdicts: Path, metrics: Path) -> None:
    """Writes what each check found, then fails where one found something."""
    project = Project()
    later = [Path(path) for path, out in project.version.outputs.items() if out.stage in LATER]
    with Index(index) as opened, repository_store() as store:
        holders = [*stores(store), *outputs(later=later)]
        case = Case(opened, project, LATER, read_withdrawals(withdrawn), holders, documents, testset)
        found = audit(case)
    write_json(verdicts, [asdict(one) for one in found])
    write_json(metrics, {one.check: one.count for one in found})
    refuse_failed(found, verdicts)


if __name__ == "__main__":
    run_stage(main)
