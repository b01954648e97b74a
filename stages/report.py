"""Stage `report`: the stages' metrics → summary.json and the HTML report; the MLflow run gets them all."""

from pathlib import Path

from finsmith.core.io import read_json, write_json, write_text
from finsmith.core.params import load_params
from finsmith.core.stage import run_stage
from finsmith.economics.params import RoiParams
from finsmith.economics.roi import figures, headline, roi
from finsmith.reporting.costs import ReportParams, p4d_equivalent_usd
from finsmith.reporting.html import render_report
from finsmith.reporting.summary import summarise
from finsmith.teacher.budget import close_run
from finsmith.teacher.store import repository_store
from finsmith.tracking.training_run import finish_training_run


def main(
    metrics: Path,
    plots: Path,
    corpus: Path,
    calls: Path,
    filtered: Path,
    data_docs: Path,
    run: Path,
    adapter: Path,
    summary: Path,
    report: Path,
) -> None:
    """Writes the summary and the report, and completes the training's run."""
    stages = {path.stem: read_json(path) for path in sorted(metrics.glob("*.json"))}
    prices, assumed = load_params(ReportParams), load_params(RoiParams)
    content = summarise(stages, prices)
    made = figures(assumed, content)
    content["roi"] = headline(roi(assumed, made, content, p4d_equivalent_usd(1, prices)))
    write_json(summary, content)
    write_text(report, render_report(content, plots, corpus, calls, filtered, data_docs))
    finish_training_run(read_json(run)["run_id"], content, [summary, report, data_docs], adapter)
    with repository_store() as store:
        close_run(store)  # the run's caps begin anew


if __name__ == "__main__":
    run_stage(main)
