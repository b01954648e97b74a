"""What the working tree tells besides its records: hashes of outputs, metrics, the training, the order of filters.

Not covered: earlier versions; the package `history` reads those.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from finsmith.core.errors import LineageError
from finsmith.core.io import read_json
from finsmith.history.revisions import Revision, working_tree

INDEX = Path("data/lineage.sqlite")
RUN = Path("models/run.json")
_METRICS, _FUNNEL = Path("reports/metrics"), Path("reports/plots/funnel.json")


@dataclass(frozen=True)
class Project:
    """The repository at `root`; `run_page` says where a run of that id is seen."""

    root: Path = Path()
    run_page: Callable[[str], str] = lambda identity: ""

    @cached_property
    def version(self) -> Revision:
        """The working tree with its dvc.lock.

        Raises:
            LineageError: no stage has ended yet.
        """
        found = working_tree(self.root)
        if not found.lock:
            raise LineageError(f"{self.root / 'dvc.lock'}: not found. Run `dvc repro`.")
        return found

    @cached_property
    def run(self) -> Mapping[str, Any]:
        """The training's record, empty before there was one."""
        return self._json(RUN) or {}

    @cached_property
    def filters(self) -> list[str]:
        """The filters in the order in which rows pass them."""
        steps = self._json(_FUNNEL) or []
        return [step["step"].partition(" ")[2] for step in steps[1:]]

    def metrics(self, stage: str) -> Any:
        """The metrics of a stage.

        Raises:
            LineageError: it has written none.
        """
        if not (found := self._json(_METRICS / f"{stage}.json")):
            raise LineageError(f"{self.root / _METRICS / stage}.json: not found. Run `dvc repro {stage}`.")
        return found

    def stages(self) -> list[str]:
        """The stages with metrics."""
        return sorted(path.stem for path in (self.root / _METRICS).glob("*.json"))

    def md5(self, path: str) -> str:
        """The hash that dvc.lock has of an output, "" where it has none."""
        output = self.version.outputs.get(path)
        return output.md5 if output else ""

    def _json(self, path: Path) -> Any:
        file = self.root / path
        return read_json(file) if file.exists() else None
