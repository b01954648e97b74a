"""Rows of each recipe for the report, from the small project."""

from finsmith.lineage.project import INDEX
from finsmith.lineage.samples import sample_trees
from finsmith.lineage.trace import passages_in

from .projects import EVOLVED, GENERAL, GLOSSED, PASSAGES, ROWS


def recipes(trees):
    return [tree.facts["recipe"] for tree in trees]


def test_the_first_rows_of_each_recipe_come_with_all_they_come_from(made, project):
    """In the order of the file, as many as asked for, each with its passages."""
    kept = made / "data/filtered/kept.jsonl"
    rows = [*ROWS, EVOLVED, GLOSSED, *GENERAL]
    one = sample_trees(kept, made / INDEX, project, 1)
    assert recipes(one) == list(dict.fromkeys(row.recipe for row in rows))
    assert one[0].id == ROWS[0].id and PASSAGES[0].id in {passage.id for passage in passages_in(one[0])}
    assert [tree.id for tree in sample_trees(kept, made / INDEX, project, 99)] == [row.id for row in rows]
    assert sample_trees(kept, made / INDEX, project, 0) == []
