"""What outlives a kill: checkpoints written to their end, and the clock of the devices held.

Not covered: what is in a checkpoint; transformers writes it.
"""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback

from finsmith.core.io import read_json, write_json

from .devices import cpu_joules, watts

OnLog = Callable[[int, dict[str, float]], None]
_CLOCK = "held.json"
_WHOLE = "whole"  # marks a checkpoint that was written to its end
_HEARD = ("loss", "learning_rate", "grad_norm", "eval_loss")


def is_first_process() -> bool:
    """Whether this is the only process of a training, or the first of them all."""
    return os.environ.get("RANK", "0") == "0"


def last_whole_checkpoint(checkpoints: Path) -> Path | None:
    """The newest checkpoint written to its end; those a kill has torn are removed."""
    whole = []
    for folder in checkpoints.glob("checkpoint-*"):
        if (folder / _WHOLE).exists():
            whole.append(folder)
        elif is_first_process():
            shutil.rmtree(folder)
    return max(whole, key=lambda folder: int(folder.name.rpartition("-")[2]), default=None)


class Watch(TrainerCallback):
    """Keeps the clock over kills, marks whole checkpoints and passes logs on.

    `held_since` (seconds of the epoch) is when this launch took the devices; processes that are begun anew share it.
    The clock lies in the folder `clock`, that of the checkpoints if not given.
    """

    def __init__(self, checkpoints: Path, on_log: OnLog | None, held_since: float, clock: Path | None = None) -> None:
        self._checkpoints, self._on_log = checkpoints, on_log
        self._launch, self._held_since = str(held_since), held_since
        self._clock = (clock or checkpoints) / _CLOCK
        launches: dict[str, float] = read_json(self._clock) if self._clock.exists() else {}
        self._earlier = {launch: held for launch, held in launches.items() if launch != self._launch}
        self._joules, self._watts = cpu_joules(), list[float]()
        self.first_step, self._began, self.train_seconds = 0, time.monotonic(), 0.0

    @property
    def held_seconds(self) -> float:
        """Seconds the devices were held, those before a kill (up to its last log or checkpoint) included."""
        return sum(self._earlier.values()) + time.time() - self._held_since

    @property
    def mean_watts(self) -> float | None:
        """What one device drew on average in this process: a GPU by samples, a processor by its counter."""
        if self._watts:
            return sum(self._watts) / len(self._watts)
        used = cpu_joules()
        if used is None or self._joules is None:
            return None
        return (used - self._joules) / (time.monotonic() - self._began)

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Notes where this process begins."""
        self.first_step, self._began = state.global_step, time.monotonic()

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Notes how long this process has trained."""
        self.train_seconds = time.monotonic() - self._began

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Passes what is worth hearing on, and reads the meters."""
        values = {name: float(logs[name]) for name in _HEARD if name in (logs or {})}
        if values and self._on_log and state.is_world_process_zero:
            self._on_log(state.global_step, values)
        if (drawn := watts()) is not None:
            self._watts.append(drawn)
        self._write_clock(state)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Marks the checkpoint as whole once every process has written its part."""
        if torch.distributed.is_initialized():
            torch.distributed.barrier()  # each process writes a file of its own
        if state.is_world_process_zero:
            (self._checkpoints / f"checkpoint-{state.global_step}" / _WHOLE).touch()
        self._write_clock(state)

    def _write_clock(self, state: Any) -> None:
        if state.is_world_process_zero:
            write_json(self._clock, self._earlier | {self._launch: time.time() - self._held_since})
