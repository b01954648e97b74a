"""Rows set aside to measure by."""

from hypothesis import given
from hypothesis import strategies as st

from finsmith.core.records import Example, Provenance
from finsmith.training.validation_split import split_off


def row(number: int, source: str) -> Example:
    """A row from a source."""
    return Example(
        recipe="glossary_qa.definition",
        instruction=f"{number}번 물음",
        input="",
        output="답",
        provenance=Provenance(sources=(source,)),
    )


@given(
    sources=st.lists(st.integers(0, 12), min_size=1, max_size=60),
    share=st.floats(0, 0.9),
    seed=st.integers(0, 5),
)
def test_no_source_stands_on_both_sides(sources, share, seed):
    """Every row is on one side, in the order given; rows from one source stay together; never too many."""
    rows = [row(number, f"term-{source}") for number, source in enumerate(sources)]
    training, validation = split_off(rows, share, seed)
    assert sorted(training + validation, key=rows.index) == rows
    assert training == [one for one in rows if one in training]
    assert not {one.provenance.sources for one in training} & {one.provenance.sources for one in validation}
    assert len(validation) <= share * len(rows)
    assert (training, validation) == split_off(rows, share, seed)


def test_about_the_share_that_was_asked_for():
    """Of 100 rows from 50 sources a share of 0.2 sets 20 aside, others with another seed; 0 sets none aside."""
    rows = [row(number, f"term-{number // 2}") for number in range(100)]
    assert [len(side) for side in split_off(rows, 0.2, 1)] == [80, 20]
    assert split_off(rows, 0.2, 1) != split_off(rows, 0.2, 2)
    assert split_off(rows, 0.0, 1) == (rows, [])
