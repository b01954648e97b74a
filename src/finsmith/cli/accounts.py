"""Commands about figures and money: the last run's summary, runs for MLflow, ROI, plans.

Not covered: what `generate` would cost; that is in data.
"""

from pathlib import Path

from finsmith.core.errors import ParamsError, SourceError
from finsmith.core.io import read_json, write_json, write_text
from finsmith.core.params import load_params

_SUMMARY = Path("reports/summary.json")


def summary() -> None:
    """Prints the last run's summary and where to look further."""
    from finsmith.reporting.summary import summary_lines

    if not _SUMMARY.exists():
        raise SourceError(f"{_SUMMARY}: not found. It is written by the pipeline: run `dvc repro`.")
    print("\n".join(summary_lines(read_json(_SUMMARY))))
    print(f"report    {_SUMMARY.with_name('report.html').resolve()}")
    print("runs      make mlflow, then open http://127.0.0.1:5000")


def track(action: str) -> None:
    """Sends what MLflow does not have of the runs on this machine: `track sync`."""
    if action != "sync":
        raise SourceError(f"{action!r} is nothing to do with runs; it must be: sync.")
    from finsmith.tracking.runs import send_waiting_runs

    sent = send_waiting_runs()
    print(f"{sent} waiting runs sent" if sent else "no run waits")


def roi(params: str = "params.yaml", out: str = "reports/roi") -> None:
    """Compares what the own model costs with a hosted one paid per query: payback, totals, what they hang on."""
    from finsmith.economics.params import RoiParams
    from finsmith.economics.roi import figures
    from finsmith.economics.roi import roi as compare
    from finsmith.reporting.costs import ReportParams, p4d_equivalent_usd
    from finsmith.reporting.roi import roi_csv, roi_lines, roi_page

    assumed, folder = load_params(RoiParams, Path(params)), Path(out)
    run = read_json(_SUMMARY) if assumed.build.needs_run and _SUMMARY.exists() else None
    price = p4d_equivalent_usd(1, load_params(ReportParams, Path(params)))
    content = compare(assumed, figures(assumed, run), run, price)
    write_json(folder / "roi.json", content)
    write_text(folder / "roi.csv", roi_csv(content))
    write_text(folder / "roi.html", roi_page(content))
    print("\n".join(roi_lines(content)))
    print(f"page      {(folder / 'roi.html').resolve()}")


def plan(accuracy: float = 0.0, budget_usd: float = 0.0) -> None:
    """Says what an accuracy takes, or what a budget brings: rows by recipe, calls, USD, days of review, GPU hours."""
    from finsmith.economics.params import RoiParams
    from finsmith.economics.plan import material, plan_accuracy, plan_budget
    from finsmith.mixture.params import MixParams
    from finsmith.reporting.roi import plan_lines
    from finsmith.scaling.ahead import ahead

    if bool(accuracy) == bool(budget_usd):
        raise ParamsError("give one of --accuracy (0.45 is 45 of 100) and --budget-usd.")
    study, judge = Path("reports/scaling/scaling.json"), Path("reports/metrics/judge.json")
    for path, writer in ((study, "finsmith scaling"), (_SUMMARY, "dvc repro"), (judge, "dvc repro")):
        if not path.exists():
            raise SourceError(f"{path}: not found. It is written by `{writer}`.")
    assumed, content = load_params(RoiParams), read_json(study)
    curve = ahead(content, load_params(MixParams).general_share)
    present = material(read_json(_SUMMARY), read_json(judge), assumed, content["usd_per_device_hour"])
    asked = plan_accuracy(accuracy, present, curve, assumed) if accuracy else None
    planned = asked or plan_budget(budget_usd, present, curve, assumed)
    write_json(Path("reports/plan.json"), planned)
    print("\n".join(plan_lines(planned)))
    print(f"figures   {Path('reports/plan.json').resolve()}")
