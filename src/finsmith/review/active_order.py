"""What people find by looking at doubtful rows first: how many of them are wrong, and how many of the others.

A row is wrong where people rejected or edited it. Not covered: the order itself (queue_file).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from finsmith.core.ids import content_id
from finsmith.core.records import Example

from .decisions import Key
from .doubt import Doubts, is_listed
from .params import ReviewParams
from .standing import Standing

_POINTS = 200  # of the curve at most
Interval = Callable[[int, int], tuple[float, float, float]]  # share, low and high of so many among so many


@dataclass
class ActiveOrder:
    """Counts the rows that people are asked about as they pass, and what people found on them."""

    doubts: Doubts
    standing: Mapping[Key, Standing]
    params: ReviewParams
    rows: Counter[bool] = field(default_factory=Counter)  # by whether they are doubtful
    found: list[tuple[float, str, bool]] = field(default_factory=list)  # turn in the queue, and whether it is wrong

    def watched(self, rows: Iterable[Example]) -> Iterator[Example]:
        """The rows, each counted."""
        for row in rows:
            if is_listed(row.recipe, self.params) or row.id in self.doubts.brought:
                doubt = self.doubts.of.get(row.id, 0.0)
                self.rows[doubt > 0] += 1
                wrong = _is_wrong(self.standing.get(("row", row.id)))
                if wrong is not None:
                    self.found.append((-doubt, content_id([self.params.seed, row.id]), wrong))
            yield row

    def metrics(self, interval: Interval) -> dict[str, Any]:
        """Of doubtful rows and of the others: rows, decided and wrong ones, the share of wrong ones with its interval.

        `by_chance` is how many wrong rows as many rows drawn by chance would have held, by these shares; None until
        both were looked at. The doubtful ones looked at first are the most doubtful, so it is rather too high.
        """
        parts = {"doubtful": self._part(True, interval), "others": self._part(False, interval)}
        shares = [(of["rows"], of["share"]) for of in parts.values() if of["rows"]]
        known = bool(shares) and all(share is not None for _, share in shares)
        chance = sum(rows * share for rows, share in shares) / self.rows.total() if known else None
        return {
            "decided": len(self.found),
            "wrong": sum(wrong for *_, wrong in self.found),
            "by_chance": None if chance is None else round(len(self.found) * chance, 2),
            **parts,
        }

    def curve(self) -> list[dict[str, float]]:
        """Wrong rows among the first so many decided ones, doubtful ones first, and by chance among the same rows."""
        wrong, points = 0, [{"rows": 0, "by_doubt": 0.0, "by_chance": 0.0}]
        total, count = sum(one for *_, one in self.found), len(self.found)
        step = max(1, -(-count // _POINTS))
        for number, (*_, one) in enumerate(sorted(self.found), 1):
            wrong += one
            if number % step == 0 or number == count:
                points.append({"rows": number, "by_doubt": wrong, "by_chance": round(number * total / count, 3)})
        return points

    def _part(self, doubtful: bool, interval: Interval) -> dict[str, Any]:
        of = [wrong for minus, _, wrong in self.found if (minus < 0) == doubtful]
        share, low, high = (round(one, 4) for one in interval(sum(of), len(of))) if of else (None, None, None)
        counts = {"rows": self.rows[doubtful], "decided": len(of), "wrong": sum(of)}
        return counts | {"share": share, "low": low, "high": high}


def _is_wrong(of: Standing | None) -> bool | None:
    """Whether people held a row to be wrong, by the decision that counts if one does; None where none decided."""
    if not of or not any(one.decides for one in of.said.values()):
        return None
    return of.counts.says in ("reject", "edit") if of.counts else of.doubted
