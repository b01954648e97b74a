"""Which rows an update has, and how processes share them."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsmith.training.chat_format import TokenizedRow
from finsmith.training.row_order import RowOrder

ROWS = [TokenizedRow([1] * (1 + at * 7 % 90), [2]) for at in range(202)]


def order(rows=ROWS, batch_size=4, accumulation=1, seed=1, epoch=0, process=0, processes=1) -> list[list[int]]:
    """The batches of a process."""
    batches = RowOrder(rows, batch_size, accumulation, seed, lambda: epoch, process, processes)
    found = list(batches)
    assert len(found) == len(batches)
    return found


def test_rows_of_like_length_come_together_in_an_order_of_seed_and_epoch():
    """Every row comes once, batches are alike in length, and seed and epoch alone decide the order."""

    def padded(batches):
        return sum(max(len(ROWS[at]) for at in batch) * len(batch) for batch in batches)

    assert sorted(chain(*order())) == list(range(202))
    assert order() == order() and order() != order(epoch=1) and order() != order(seed=2)
    tokens = sum(map(len, ROWS))
    in_file_order = [list(range(at, min(at + 4, 202))) for at in range(0, 202, 4)]
    assert padded(order()) < 1.06 * tokens < 1.3 * tokens < padded(in_file_order)


@given(
    rows=st.integers(1, 70),
    batch_size=st.integers(1, 5),
    accumulation=st.integers(1, 4),
    processes=st.integers(1, 4),
)
def test_an_update_has_the_same_rows_however_it_is_cut(rows, batch_size, accumulation, processes):
    """One process with one large batch sees update by update the rows that many processes and batches see together."""
    size = batch_size * accumulation * processes
    whole = order(ROWS[:rows], size)
    of_each = [order(ROWS[:rows], batch_size, accumulation, process=at, processes=processes) for at in range(processes)]
    assert len({len(batches) for batches in of_each}) == 1
    for number, update in enumerate(whole):
        begin = number * accumulation
        together = [row for batches in of_each for batch in batches[begin : begin + accumulation] for row in batch]
        assert sorted(together) == sorted(update)
    assert sorted(chain(*whole)) == list(range(rows))


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_a_short_last_update_leaves_processes_empty_batches(processes):
    """With 5 rows in batches of 4 the first process reads the fifth row, others an empty batch where they must wait."""
    of_each = [order(ROWS[:5], 4, process=at, processes=processes) for at in range(processes)]
    assert [[len(batch) for batch in batches] for batches in of_each] == {
        1: [[4, 1]],
        2: [[4], [1]],
        3: [[4], [1], [0]],
    }[processes]
