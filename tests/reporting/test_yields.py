"""What each recipe gave and cost, checked by hand."""

from finsmith.reporting.yields import yields

from .metrics import METRICS


def test_a_recipe_with_a_teacher_tells_its_way_from_question_to_kept_row():
    """20 asked, 6 read, 3 kept after 3 rejects; 1.5 USD are 0.5 a kept row; the commonest reason comes first."""
    found = yields(METRICS["generate"], METRICS["filter"])["summary"]
    assert (found["asked"], found["parsed"], found["mended"], found["rows"], found["kept"]) == (20, 6, 2, 6, 3)
    assert (found["usd_per_kept_row"], found["reference_usd_per_kept_row"]) == (0.5, 0.75)
    assert list(found["reasons"].items()) == [
        ("a sentence stands twice", 14),
        ("filter novelty", 2),
        ("filter empty", 1),
    ]


def test_a_recipe_without_a_teacher_has_rows_and_no_calls():
    """Its kept rows are counted over all its tasks; nothing was asked or paid."""
    found = yields(METRICS["generate"], METRICS["filter"])["glossary_qa"]
    assert (found["asked"], found["calls"], found["kept"], found["usd_per_kept_row"]) == (0, 0, 4, 0.0)


def test_a_recipe_that_kept_nothing_has_no_price_a_row():
    """Money spent for nothing is shown as money, and the price of a kept row as none."""
    funnel = METRICS["filter"] | {"kept_by_recipe": {}, "rejected_by_recipe": {}}
    found = yields(METRICS["generate"], funnel)["summary"]
    assert (found["usd"], found["kept"], found["usd_per_kept_row"]) == (1.5, 0, None)
