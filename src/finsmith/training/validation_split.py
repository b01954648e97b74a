"""Sets rows aside to measure a training by while it goes on.

The closed test takes no part: no row near one of its questions is in the training set to begin with.
"""

import random
from collections import defaultdict
from collections.abc import Sequence

from finsmith.core.records import Example


def split_off(rows: Sequence[Example], share: float, seed: int) -> tuple[list[Example], list[Example]]:
    """Rows to train on and rows to measure by, each in the order given; about `share` of them are the latter.

    Rows from one source (a passage, a term, a row of the general data) stay on one side, so that a validation row is
    not another wording of a training row.
    """
    by_source: defaultdict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        by_source[row.provenance.sources[0] if row.provenance.sources else row.id].append(at)
    groups = list(by_source.values())
    random.Random(seed).shuffle(groups)
    aside: set[int] = set()
    while groups and len(aside) + len(groups[-1]) <= share * len(rows):
        aside.update(groups.pop())
    train = [row for at, row in enumerate(rows) if at not in aside]
    return train, [row for at, row in enumerate(rows) if at in aside]
