"""What the summary says, under the names of the pipeline's MLflow run. Not covered: where the figures come from."""

from collections.abc import Mapping
from typing import Any


def pipeline_figures(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Accuracies with intervals, gain, p, costs, rows, review; accuracies are shares, `…_points` percentages."""
    evaluation, training, funnel = summary["evaluation"], summary["training"], summary["funnel"]
    return {
        **_scores(evaluation, ""),
        **_scores(evaluation["general"], "general_"),
        "mcnemar_p": evaluation["mcnemar_p"],
        "gain_points": summary["costs"]["gain_points"],
        "forgetting_points": evaluation["forgetting"]["points"],
        "questions": evaluation["n"],
        **{
            f"{name}/{figure}": value
            for name, scores in evaluation["by_evaluator"].items()
            for figure, value in {**_scores(scores, ""), "mcnemar_p": scores["mcnemar_p"]}.items()
        },
        "tokens_per_second": training["tokens_per_second"],
        "final_loss": training["final_loss"],
        "training_rows": summary["mixture"]["rows"],
        "rows_kept": funnel["kept"],
        "rows_rejected": funnel["rejected"],
        **{f"rows_kept/{name}": recipe["kept"] for name, recipe in summary["recipes"].items()},
        **{f"rows_made/{name}": recipe["rows"] for name, recipe in summary["recipes"].items()},
        **{f"review/{name}": value for name, value in _reviewed(summary["review"]).items()},
        **summary["costs"],
    }


def _reviewed(review: Mapping[str, Any]) -> dict[str, Any]:
    """What people decided, how far they agree, and how many rows were wrong; what is not defined is left out."""
    counts = ("accepted", "edited", "rejected", "waiting", "conflicts", "decisions", "reviewer_hours")
    agreed, found = review["agreement"], review["yield"]
    coefficients = {"alpha": agreed["krippendorffs_alpha"]}
    coefficients |= {f"kappa/{names}": of for names, of in agreed["cohens_kappa"].items()}
    shares = {f"wrong_{name}": found[name] for name in ("doubtful", "others")}
    return {
        **{name: review[name] for name in counts},
        "decided": sum(review[name] for name in ("accepted", "edited", "rejected")),
        "alike": agreed["alike"],
        **{
            f"{name}{bound}": of[figure]
            for name, of in (coefficients | shares).items()
            for bound, figure in (("", "share" if name in shares else "value"), ("_low", "low"), ("_high", "high"))
        },
    }


def _scores(scores: Mapping[str, Any], prefix: str) -> dict[str, float]:
    """Accuracy and interval of base and adapter; the adapter's are the run's own."""
    names = {"accuracy": "accuracy", "low": "accuracy_low", "high": "accuracy_high"}
    return {
        f"{prefix}{whose}{name}": scores[model][figure]
        for model, whose in (("adapter", ""), ("base", "base_"))
        for figure, name in names.items()
    }
