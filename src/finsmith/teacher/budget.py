"""Caps on what is sent, asked before each call, and kept over crashes and restarts.

A call's worst case is noted as sent before it goes out, and corrected when its answer is there: what a killed run had
under way stays counted in full, since it may have been billed. A stage's sum begins anew when the stage has finished, a
run's when its report has. Runs in other workspaces (`dvc exp run --temp`, `--queue`) have sums of their own.
"""

from pathlib import Path

from finsmith.core.errors import BudgetExceeded
from finsmith.core.teacher_params import BudgetParams

from .store import ResponseStore


class Budget:
    """The caps of one stage and its run over all teachers; `spent_usd` and `calls` are the stage's own sums.

    `spent_usd` has what is under way at its worst case, `settled_usd` only what is known. One process at a time asks in
    one workspace; DVC sees to that.
    """

    def __init__(self, caps: BudgetParams, store: ResponseStore, stage: str) -> None:
        self._caps, self._store = caps, store
        self._stage, self._workspace = stage, str(Path.cwd())
        self.calls, self.spent_usd, self._others_calls, self._others_usd = 0, 0.0, 0, 0.0
        self._read_sums()
        self.settled_usd = self.spent_usd

    @property
    def lost_usd(self) -> float:
        """What was sent and may have been billed, but gave no reply: time-outs, broken answers, calls cut off."""
        mine = "workspace = ? AND stage = ? AND stage_open = 1 AND NOT good"
        return self._sums(mine, (self._workspace, self._stage))[1]

    def reserve(self, worst_usd: float, calls: int = 1) -> int:
        """Notes so many calls of that worst case in all as sent; the id to settle them by.

        Raises:
            BudgetExceeded: they could go over a cap; nothing is noted. OutputError: the note cannot be written.
        """
        self._check("stage_calls", self.calls, calls, "")
        self._check("stage_usd", self.spent_usd, worst_usd, " USD")
        self._check("run_calls", self._others_calls + self.calls, calls, "")
        self._check("run_usd", self._others_usd + self.spent_usd, worst_usd, " USD")
        with self._store.writing():
            row = self._store.unsynced.execute(
                "INSERT INTO sent (workspace, stage, calls, usd) VALUES (?, ?, ?, ?)",
                (self._workspace, self._stage, calls, worst_usd),
            )
        self.calls += calls
        self.spent_usd += worst_usd
        assert row.lastrowid is not None
        return row.lastrowid

    def settle(self, sent_id: int, worst_usd: float, actual_usd: float, good: bool = True) -> None:
        """Puts what the calls did cost in the place of their worst case; `good` where they gave replies.

        Raises:
            OutputError: it cannot be written; then the worst case stays.
        """
        with self._store.writing():
            self._store.unsynced.execute("UPDATE sent SET usd = ?, good = ? WHERE id = ?", (actual_usd, good, sent_id))
        self.spent_usd += actual_usd - worst_usd
        self.settled_usd += actual_usd

    def settle_batch(self, sent_id: int, calls: int, actual_usd: float, lost_usd: float = 0.0) -> None:
        """Settles calls that were noted as one, by whichever run, stage or workspace: `calls` of them were executed.

        `lost_usd` is what may have been billed for no reply.

        Raises:
            OutputError: it cannot be written; then the worst case stays.
        """
        db = self._store.unsynced
        with self._store.writing():
            db.execute("UPDATE sent SET calls = ?, usd = ?, good = 1 WHERE id = ?", (calls, actual_usd, sent_id))
            if lost_usd:
                db.execute(
                    "INSERT INTO sent (workspace, stage, calls, usd, stage_open) "
                    "SELECT workspace, stage, 0, ?, stage_open FROM sent WHERE id = ?",
                    (lost_usd, sent_id),
                )
        self._read_sums()
        self.settled_usd += actual_usd + lost_usd

    def close_stage(self) -> None:
        """Ends the stage's sums: it has finished, and its next run begins at zero."""
        self._store.db.execute(
            "UPDATE sent SET stage_open = 0 WHERE workspace = ? AND stage = ?", (self._workspace, self._stage)
        )
        self._others_calls, self._others_usd = self._others_calls + self.calls, self._others_usd + self.spent_usd
        self.calls, self.spent_usd, self.settled_usd = 0, 0.0, 0.0

    def _read_sums(self) -> None:
        run = self._sums("workspace = ?", (self._workspace,))
        self.calls, self.spent_usd = self._sums(
            "workspace = ? AND stage = ? AND stage_open = 1", (self._workspace, self._stage)
        )
        self._others_calls, self._others_usd = run[0] - self.calls, run[1] - self.spent_usd

    def _sums(self, where: str, values: tuple[str, ...]) -> tuple[int, float]:
        row = self._store.db.execute(
            f"SELECT coalesce(sum(calls), 0), coalesce(sum(usd), 0.0) FROM sent WHERE {where}",
            values,
        ).fetchone()
        return int(row[0]), float(row[1])

    def _check(self, cap: str, sent: float, more: float, unit: str) -> None:
        limit = getattr(self._caps, cap)
        if sent + more > limit + 1e-9:
            since = "this stage last finished" if cap.startswith("stage") else "the last finished report"
            raise BudgetExceeded(
                f"the next {'call could cost ' if unit else 'calls are '}{_number(more)}{unit}, and {_number(sent)}"
                f"{unit} of {_number(limit)}{unit} were sent since {since}. Every finished reply is kept: raise "
                f"`generate.budget.{cap}` and run again to go on from here."
            )


def close_run(store: ResponseStore) -> None:
    """Ends the sums of this workspace's run: its report is written, and the next run begins at zero."""
    store.db.execute("DELETE FROM sent WHERE workspace = ?", (str(Path.cwd()),))


def _number(value: float) -> str:
    return f"{value:,.4f}" if isinstance(value, float) else f"{value:,}"
