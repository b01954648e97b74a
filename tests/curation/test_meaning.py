"""Rows that mean the same are told by a real embedding model; a figure or a direction sets them apart."""

import numpy as np
import pytest

from finsmith.core.errors import ParamsError
from finsmith.curation.meaning import same_meaning
from finsmith.text.embedding import Embedding

from .rows import context, row

ROSE = row("What happened to deposits in March?", "Deposits rose by 3% in March.")
INCREASED = row("How did deposits move in March?", "In March, deposits increased by 3%.")
FELL = row("What happened to deposits in March?", "Deposits fell by 3% in March.")
ROSE_MORE = row("What happened to deposits in March?", "Deposits rose by 4% in March.")
VAULT = row("Who opens the vault?", "Two employees open the vault together.")
NEAR = {"meaning__cosine": 0.85}


def judged(rows, model, **values):
    """Each row's finding."""
    return [finding for _, finding in same_meaning(rows, context(meaning__embedding_model=model, **values))]


def test_the_same_in_other_words_is_rejected(minilm):
    """The second of two rows is rejected with the cosine of their vectors, and names the first."""
    first, second = judged([ROSE, INCREASED], minilm, **NEAR)
    one, other = Embedding(minilm, "key").of_texts([f"{r.instruction}\n{r.output}" for r in (ROSE, INCREASED)])
    assert first is None
    assert second.against == ROSE.id
    assert second.score == pytest.approx(float(np.dot(one, other)), abs=1e-4)


@pytest.mark.parametrize("other", [FELL, ROSE_MORE], ids=["direction", "figure"])
def test_a_direction_or_a_figure_sets_rows_apart(minilm, other):
    """Rows nearer to each other than two that are the same are both kept: they say something else."""
    vectors = Embedding(minilm, "key").of_texts([f"{r.instruction}\n{r.output}" for r in (ROSE, INCREASED, other)])
    assert vectors[0] @ vectors[2] > vectors[0] @ vectors[1]
    assert judged([ROSE, other], minilm, **NEAR) == [None, None]


def test_a_figure_written_otherwise_is_the_same(minilm):
    """3 percent is 3%, so the row is rejected."""
    written = row("What happened to deposits in March?", "Deposits rose by 3 percent in March.")
    assert judged([ROSE, written], minilm, **NEAR)[1]


def test_strangers_and_other_recipes_are_kept(minilm):
    """A row on something else, and the same row under another recipe, are no duplicates."""
    elsewhere = row(INCREASED.instruction, INCREASED.output, recipe="summary.short")
    assert judged([ROSE, VAULT, elsewhere], minilm, **NEAR) == [None, None, None]


def test_rejected_rows_are_no_counterparts(minilm):
    """A third row names the kept first one, over the bounds of batches too."""
    third = row("How did deposits move in the month of March?", "In March, deposits increased by 3%.")
    fillers = [row(f"Who opens vault {n}?", f"Employee {n} opens vault {n}.") for n in range(1100)]
    found = judged([ROSE, INCREASED, *fillers, third], minilm, **NEAR)
    assert found[1].against == found[-1].against == ROSE.id


def test_nothing_is_rejected_without_a_model():
    """As delivered no model is named, and every row passes."""
    assert [finding for _, finding in same_meaning([ROSE, ROSE], context())] == [None, None]


def test_a_folder_without_a_model_is_named(tmp_path):
    """The error says which parameter it is."""
    with pytest.raises(ParamsError, match=r"filter\.meaning\.embedding_model"):
        judged([ROSE], str(tmp_path))
