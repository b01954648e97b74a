"""One line that says how far the asking is: calls done and left, rate, time left, USD so far and in the end.

Not covered: bars of other work.
"""

from typing import Any

from tqdm import tqdm

from .budget import Budget


class Progress:
    """The line; `expected` calls are a guess that is corrected as replies turn out to be stored or more are asked."""

    def __init__(self, expected: int, budget: Budget) -> None:
        self._budget, self._usd_before = budget, budget.settled_usd
        self._expected, self._waiting, self._done, self._stored = expected, 0, 0, 0
        self._bar: tqdm[Any] | None = None

    def stored(self) -> None:
        """A reply was there already."""
        self._stored += 1
        self._expected -= 1

    def shared(self) -> None:
        """A request was asked once more, and needs no call of its own."""
        self._expected -= 1

    def waits(self) -> None:
        """A call is to be sent."""
        self._waiting += 1
        if self._bar is None:
            self._bar = tqdm(desc="asking the teacher", unit="call", total=max(1, self._expected))

    def done(self) -> None:
        """A call has its reply."""
        assert self._bar is not None
        self._waiting -= 1
        self._done += 1
        self._bar.total = total = max(self._expected, self._done + self._waiting)
        self._bar.set_postfix_str(self._money(total), refresh=False)
        self._bar.update()

    def close(self) -> None:
        """Ends the line."""
        if self._bar is not None:
            self._bar.close()

    def _money(self, total: int) -> str:
        spent = self._budget.settled_usd - self._usd_before
        known = f", {self._stored} answers were stored" if self._stored else ""
        return f"{spent:.4f} USD so far, {spent * total / self._done:.4f} in the end{known}"
