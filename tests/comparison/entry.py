"""Entries as they would be read, for tests of what is made of them."""

from finsmith.comparison.entries import PREDICTIONS, Entry, Sitting
from finsmith.core.records import Question


def question(at):
    choices = ("가", "나", "다", "라")
    return Question(stem=f"{at}번?", choices=choices, answer=0, explanation="", source="", evidence="")


def sitting(right, evaluator="letter", **changed):
    """Of questions 0, 1, …: "1" where the answer was right, "0" where the second choice was named."""
    asked = {(f"q{at}", 0): 0 for at in range(len(right))} | changed.get("asked", {})
    return Sitting(
        evaluator=evaluator,
        asked=asked,
        right={f"q{at}": float(digit) for at, digit in enumerate(right)},
        chosen={f"q{at}": (1 - int(digit),) for at, digit in enumerate(right)},
        questions={f"q{at}": question(at) for at in range(len(right))},
    )


def entry(name, right="", usd=0.0, hours=0.0, **changed):
    """An entry whose answers are those of `sitting`; without any it lacks its predictions."""
    answers = changed.pop("sitting", sitting(right) if right else None)
    accuracy = changed.pop("accuracy", answers.accuracy if answers else 0.5)
    adapter = {"accuracy": accuracy, "low": accuracy - 0.1, "high": accuracy + 0.1}
    evaluation = {
        "evaluator": "letter",
        "n": len(right),
        "adapter": adapter,
        "base": adapter | {"accuracy": 0.25},
        "mcnemar_p": 0.04,
        "forgetting": {"points": 2.5},
    }
    costs = {"openai_usd_total": usd, "device_hours": hours, "device_usd": 0.0, "total_usd": usd}
    fields = {
        "rev": f"{name}-rev",
        "settings": {"train.seed": 1},
        "evaluation": evaluation,
        "costs": costs,
        "test": ("md5", "letter"),
        "lacks": {} if answers else {PREDICTIONS: f"{PREDICTIONS}: not in the cache; `dvc fetch`"},
    }
    return Entry(**{"name": name, "sitting": answers} | fields | changed)
