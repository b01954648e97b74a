"""Commands about several runs: scaling, compare. Not covered: queuing other experiments; that is `dvc exp`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from finsmith.core.errors import ParamsError
from finsmith.core.io import read_json, read_jsonl, write_json, write_jsonl, write_text
from finsmith.core.params import load_params

if TYPE_CHECKING:
    from finsmith.scaling.trials import Trial


def scaling(
    fractions: str = "1/16,1/8,1/4,1/2,1",
    shares: str = "",
    seeds: str = "1,2,3",
    worth_points: float = 1.0,
    more_rows: int = 1000,
    usd_per_device_hour: float = 0.0,
    dry: bool = False,
) -> None:
    """Trains on parts of the data over seeds, as DVC experiments, and says how much data is enough."""
    from finsmith.mixture.params import MixParams
    from finsmith.reporting.costs import ReportParams, p4d_equivalent_usd
    from finsmith.reporting.scaling import scaling_figure, scaling_lines, scaling_page
    from finsmith.scaling.points import finished_points
    from finsmith.scaling.result import result
    from finsmith.scaling.trials import run_trials, to_run, trials

    price = usd_per_device_hour or p4d_equivalent_usd(1, load_params(ReportParams))
    wanted = trials(fractions, shares or str(load_params(MixParams).general_share), seeds)
    waiting = to_run(wanted)
    print(f"trainings: {len(wanted)}, of them done: {len(wanted) - len(waiting)}{_expected(waiting)}")
    if dry:
        print("\n".join(f"{trial.name}: {' '.join(trial.settings)}" for trial in waiting))
        return
    try:
        failed = run_trials(waiting) if waiting else {}
    except KeyboardInterrupt as error:
        print(
            "\nThe queue goes on without this command: run it again to watch. `dvc queue stop` makes the training "
            "under way the last one, `dvc queue kill NAME` ends that one too."
        )
        raise SystemExit(130) from error
    points, folder = finished_points(), Path("reports/scaling")
    content = result(points, worth_points / 100, more_rows, price)
    write_jsonl(folder / "points.jsonl", points)
    write_json(folder / "scaling.json", content)
    write_text(folder / "scaling.html", scaling_page(content, failed))
    write_text(folder / "scaling.svg", scaling_figure(content))
    print("\n".join(scaling_lines(content, failed)))
    print(f"page      {(folder / 'scaling.html').resolve()}")
    if failed:
        raise SystemExit(1)


def compare(*names: str, pair: str = "", usd_per_device_hour: float = 0.0) -> None:
    """Sets experiments side by side: accuracy, paired tests, costs; `--pair A,B` lists the questions they differ on."""
    from finsmith.comparison.entries import entries
    from finsmith.comparison.page import comparison_page
    from finsmith.comparison.result import comparison
    from finsmith.comparison.table import comparison_csv, print_comparison
    from finsmith.evaluation.predictions import Prediction
    from finsmith.evaluation.statistics import mcnemar_p
    from finsmith.history.named import current_revisions, named_revisions
    from finsmith.reporting.figures import pareto_front

    two = tuple(dict.fromkeys(name.strip() for name in pair.split(",") if name.strip()))
    if pair and len(two) != 2:
        raise ParamsError(f"--pair {pair}: it must be two names with a comma between them.")
    asked = (*names, *two)
    found = entries(named_revisions(asked) if asked else current_revisions(), lambda path: read_jsonl(path, Prediction))
    content, folder = comparison(found, mcnemar_p, usd_per_device_hour, two), Path("reports/compare")
    write_json(folder / "compare.json", content)
    write_text(folder / "compare.csv", comparison_csv(content))
    write_text(folder / "compare.html", comparison_page(content, pareto_front))
    print_comparison(content)
    print(f"page      {(folder / 'compare.html').resolve()}")


def _expected(waiting: "Sequence[Trial]") -> str:
    """The hours of training still to come, by those of the last run; nothing before there was one."""
    last = Path("reports/metrics/train.json")
    if not waiting or not last.exists():
        return ""
    hours = read_json(last)["device_hours"] * sum(trial.fraction for trial in waiting)
    return f"; the others take about {hours:.2g} device hours of training, by the last run"
