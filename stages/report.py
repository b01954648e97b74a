"""Stage `report`: the stages' metrics → summary.json and the HTML report; the execution's MLflow run gets them all."""

from pathlib import Path

from finsmith.core.io import read_json, read_jsonl, write_json, write_text
from finsmith.core.params import load_params
from finsmith.core.records import LedgerEntry
from finsmith.core.stage import run_stage
from finsmith.economics.params import RoiParams
from finsmith.economics.roi import figures, headline, roi
from finsmith.reporting.costs import ReportParams, p4d_equivalent_usd
from finsmith.reporting.report.report import Folders, render_report
from finsmith.reporting.summary import summarise
from finsmith.teacher.budget import close_run
from finsmith.teacher.store import repository_store
from finsmith.tracking.executions import finish_execution


def main(
    metrics: Path,
    plots: Path,
    corpus: Path,
    calls: Path,
    filtered: Path,
    data_docs: Path,
    samples: Path,
    sample: Path,
    answers: Path,
    run: Path,
    summary: Path,
    pictures: Path,
    report: Path,
) -> None:
    """Writes the summary, the pictures and the report, and completes the execution's run."""
    stages = {path.stem: read_json(path) for path in sorted(metrics.glob("*.json"))}
    params, assumed = load_params(ReportParams), load_params(RoiParams)
    content = summarise(stages, params)
    money = roi(assumed, figures(assumed, content), content, p4d_equivalent_usd(1, params))
    content["roi"] = headline(money)
    folders = Folders(plots, corpus, calls, filtered, data_docs)
    page, drawn = render_report(content, money, read_json(samples), folders)
    write_json(summary, content)
    write_text(report, page)
    for name, picture in drawn.items():
        write_text(pictures / f"{name}.svg", picture)
    artifacts = [("reports", summary), ("reports", report), ("reports", answers), ("reports/data_docs", data_docs)]
    artifacts += [("plots", plots), ("plots", pictures), ("samples", sample)]
    keys = [entry.request_key for entry in read_jsonl(calls / "ledger.jsonl", LedgerEntry)]
    with repository_store() as store:
        finish_execution(content, artifacts, read_json(run)["run_id"], store.calls(keys[: params.trace_calls]))
        close_run(store)  # the run's caps begin anew


if __name__ == "__main__":
    run_stage(main)
