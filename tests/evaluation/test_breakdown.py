"""Accuracy by groups of questions."""

import pytest
from statsmodels.stats.proportion import proportion_confint

from finsmith.evaluation.breakdown import breakdown
from finsmith.evaluation.predictions import orders

from .tables import COIN, prediction


def questions(count, **changes):
    """Questions that differ by their stem."""
    start = changes.pop("start", 0)
    return [
        type(COIN).model_validate(COIN.model_dump(exclude={"id"}) | {"stem": f"물음 {start + n}?"} | changes)
        for n in range(count)
    ]


def answered(asked, rights, **changes):
    """An answer to each question, right or wrong."""
    return [
        prediction(one.id, one.answer if right else (one.answer + 1) % 4, one.answer, **changes)
        for one, right in zip(asked, rights, strict=True)
    ]


def rows_by(rows, by, model="base"):
    """(group, questions, accuracy) of a grouping, in order."""
    return [(r["group"], r["questions"], r["accuracy"]) for r in rows if (r["by"], r["model"]) == (by, model)]


def test_groups_have_their_own_accuracy_and_interval():
    """Six facts with three right and five terms with all right, each with Wilson's interval of its own number."""
    asked = [*questions(6, kind="fact"), *questions(5, kind="term", start=6)]
    rows = breakdown(answered(asked, [True] * 3 + [False] * 3 + [True] * 5), asked)
    assert rows_by(rows, "kind") == [("fact", 6, 0.5), ("term", 5, 1.0)]
    fact = next(row for row in rows if row["group"] == "fact")
    assert (fact["low"], fact["high"]) == pytest.approx(proportion_confint(3, 6, method="wilson"), abs=5.1e-5)


def test_small_groups_are_put_together_last():
    """Four of one source and two of another are six others; five of a third stand alone; nothing is lost."""
    asked = [
        *questions(4, source="가.pdf"),
        *questions(5, source="나.pdf", start=4),
        *questions(2, source="VALPX", start=9),
    ]
    rows = breakdown(answered(asked, [True] * 4 + [False] * 7), asked)
    assert rows_by(rows, "source") == [("나.pdf", 5, 0.0), ("other", 6, 0.6667)]
    assert rows_by(rows, "recipe") == [("unlabelled", 11, 0.3636)]


def test_a_group_called_other_is_not_overwritten():
    """Small groups join a large one of that name."""
    asked = [*questions(5, kind="other"), *questions(1, kind="fact", start=5)]
    assert rows_by(breakdown(answered(asked, [True] * 5 + [False]), asked), "kind") == [("other", 6, 0.8333)]


def test_letters_are_those_shown():
    """Asked in all orders, each question is in the group of each letter once; at A the model is right, else never."""
    asked = questions(5, kind="fact")
    predictions = [prediction(one.id, 0, one.answer, shift=shift) for one, shift in orders(asked, permutations=True)]
    rows = breakdown(predictions, asked)
    assert rows_by(rows, "letter") == [("A", 5, 1.0), ("B", 5, 0.0), ("C", 5, 0.0), ("D", 5, 0.0)]
    assert rows_by(rows, "kind") == [("fact", 5, 0.25)]


def test_models_and_evaluators_stand_apart():
    """Each pair has its own rows, sorted, however the predictions stand."""
    asked = questions(5, kind="fact")
    mixed = [*answered(asked, [True] * 5, model="base"), *answered(asked, [False] * 5, model="adapter")]
    mixed += answered(asked, [True] * 5, model="base", evaluator="choice_text")
    rows = [row for row in breakdown(mixed, asked) if row["by"] == "kind"]
    assert [(row["evaluator"], row["model"], row["accuracy"]) for row in rows] == [
        ("choice_text", "base", 1.0),
        ("letter", "adapter", 0.0),
        ("letter", "base", 1.0),
    ]
