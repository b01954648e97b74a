"""The one MLflow run of a training: opened by `train`, completed by `report`.

Not covered: how a run is kept and sent; that is in runs.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from finsmith.core.errors import TrackingError

from .runs import Run, runs
from .versions import dvc_hashes, git_commit


def start_training_run(fingerprint: str, params: Path = Path("params.yaml")) -> Run:
    """The run of the training with this fingerprint: the one a killed training left open, else a new one."""
    for run in runs():
        if run.is_open and run.tags.get("fingerprint") == fingerprint:
            return run
    return _new_run(fingerprint, params)


def finish_training_run(
    identity: str,
    summary: Mapping[str, Any],
    reports: Sequence[Path],
    adapter: Path,
    params: Path = Path("params.yaml"),
) -> bool:
    """Adds figures, data versions, reports (files or folders) and adapter to the run; False where it waits for MLflow.

    A training made on another machine and pulled here has no run here; it gets one without a loss curve.
    """
    try:
        run = Run.open(identity)
    except TrackingError:
        run = _new_run(f"pulled-{identity}", params)
    evaluation, money, training = summary["evaluation"], summary["costs"], summary["training"]
    metrics = {
        "accuracy_before": evaluation["base"]["accuracy"],
        "accuracy_after": evaluation["adapter"]["accuracy"],
        "mcnemar_p": evaluation["mcnemar_p"],
        "general_accuracy_before": evaluation["general"]["base"]["accuracy"],
        "general_accuracy_after": evaluation["general"]["adapter"]["accuracy"],
        "forgetting_points": evaluation["forgetting"]["points"],
        "tokens_per_second": training["tokens_per_second"],
        "final_loss": training["final_loss"],
        "training_rows": summary["mixture"]["rows"],
        "rows_kept": summary["funnel"]["kept"],
        **{name: value for name, value in money.items() if isinstance(value, int | float)},
    }
    for name, scores in evaluation["by_evaluator"].items():
        metrics |= {f"{name}_before": scores["base"]["accuracy"], f"{name}_after": scores["adapter"]["accuracy"]}
    tags = {f"dvc.{path}": md5 for path, md5 in dvc_hashes().items()} | {"headline": evaluation["headline"]}
    return run.finish(metrics, tags, [*(_target(path) for path in reports), ("adapter", adapter)])


def _target(report: Path) -> tuple[str, Path]:
    """Where a report goes: a file into `reports`, a folder to one of its name in it."""
    return (f"reports/{report.name}" if report.is_dir() else "reports", report)


def _new_run(fingerprint: str, params: Path) -> Run:
    name = os.environ.get("DVC_EXP_NAME") or f"train-{fingerprint[:8]}"
    tags = {"fingerprint": fingerprint, "git_commit": git_commit(), "dvc_exp_name": os.environ.get("DVC_EXP_NAME", "")}
    return Run.start(name, yaml.safe_load(params.read_text("utf-8")), tags)
