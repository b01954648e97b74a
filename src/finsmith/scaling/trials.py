"""The trainings to compare, over parts of the data, general shares and seeds: each a DVC experiment named after them.

DVC's worker runs them one after the other and outlives this process: a second call finds what is done, under way or
left behind by a kill, and does the rest. Not covered: what their results say; that is in points and curve.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from tqdm import tqdm

from finsmith.core.errors import ExperimentError, ParamsError
from finsmith.history import experiments
from finsmith.history.experiments import Experiment

PREFIX = "scaling-"
TARGET = "report"  # with it the run in MLflow is whole: accuracies, costs and the adapter
_BESIDES = 0.2  # what a trial takes besides training, in trainings on all the data; for the time left only
_BAR = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"
_TRIES = 2


@dataclass(frozen=True)
class Trial:
    """A training on a part of the domain rows (0 to 1), at a general share (0 to 0.99), by a seed."""

    fraction: float
    general_share: float
    seed: int

    @property
    def name(self) -> str:
        """E.g. scaling-f0.25-g0.5-s1."""
        return f"{PREFIX}f{self.fraction:g}-g{self.general_share:g}-s{self.seed}"

    @property
    def settings(self) -> tuple[str, ...]:
        """What it changes; the seed decides which rows it draws and how the adapter begins.

        Choices stand in one order, and no answers are written.
        """
        return (
            f"mix.domain_fraction={self.fraction:g}",
            f"mix.general_share={self.general_share:g}",
            f"mix.seed={self.seed}",
            f"train.seed={self.seed}",
            "evaluate.permutations=false",
            "answers.ask=[]",
        )


def trials(fractions: str, shares: str, seeds: str) -> list[Trial]:
    """Every combination of the comma-separated values, without doubles; `1/16` and `0.0625` are the same fraction.

    Raises:
        ParamsError: a value that is no number or out of range.
    """
    read = [
        _numbers("fractions", fractions, lambda value: 0 < value <= 1, "above 0 to 1, e.g. 1/16,1/4,1"),
        _numbers("shares", shares, lambda value: 0 <= value <= Fraction(99, 100), "from 0 to 0.99, e.g. 0,0.5"),
        _numbers("seeds", seeds, lambda value: value.denominator == 1, "whole numbers, e.g. 1,2,3"),
    ]
    return list(dict.fromkeys(Trial(float(f), float(g), int(s)) for f, g, s in product(*read)))


def _numbers(option: str, text: str, fits: Callable[[Fraction], bool], wanted: str) -> list[Fraction]:
    try:
        values = [Fraction(part.strip()) for part in text.split(",")]
    except (ValueError, ZeroDivisionError) as error:
        raise ParamsError(f"--{option} {text}: must be numbers {wanted}.") from error
    if wrong := [str(value) for value in values if not fits(value)]:
        raise ParamsError(f"--{option}: {', '.join(wrong)} is out of range; must be {wanted}.")
    return values


def to_run(wanted: Sequence[Trial]) -> list[Trial]:
    """Those of which the current commit has no finished experiment."""
    found = experiments.experiments()
    return [trial for trial in wanted if trial.name not in found or found[trial.name].state != "success"]


def run_trials(
    wanted: Sequence[Trial], target: str = TARGET, poll_seconds: float = 30, lost_seconds: float = 90
) -> dict[str, str]:
    """Queues and runs what is not done; the reasons of those that failed, by name.

    What failed in an earlier call is tried again; what fails now does not stop the others. One whose process is gone
    for `lost_seconds`, as after a power cut, is queued anew, once.

    Raises:
        ExperimentError: DVC or git refuses.
    """
    waiting, failed = list(wanted), dict[str, str]()
    runner = _Runner(target, lost_seconds)
    with tqdm(total=sum(map(_weight, waiting)), desc="scaling", bar_format=_BAR) as bar:
        while waiting:
            found = experiments.experiments()
            for trial in list(waiting):
                outcome = runner.see_to(trial, found.get(trial.name))
                if outcome is None:
                    continue
                waiting.remove(trial)
                bar.update(_weight(trial))
                if outcome:
                    failed[trial.name] = outcome
                    bar.write(f"{trial.name} failed: {outcome}")
            if waiting:
                now = [one.name for one in found.values() if one.state == "running"]
                bar.set_postfix_str(f"{len(waiting)} to go" + (f", now {now[0]}" if now else ""))
                if not now:
                    experiments.start()
                time.sleep(poll_seconds)
    return failed


def _weight(trial: Trial) -> float:
    return trial.fraction + _BESIDES


class _Runner:
    """Sees to one trial at a time: queues it, clears a broken try away, says how it ended."""

    def __init__(self, target: str, lost_seconds: float) -> None:
        self._target, self._lost_seconds = target, lost_seconds
        self._tries: Counter[str] = Counter()
        self._lost_since: dict[str, float] = {}
        self._cleared: set[str] = set()
        self._resisted: set[str] = set()

    def see_to(self, trial: Trial, found: Experiment | None) -> str | None:
        """The reason why it has failed, an empty one where it is done, None where it is under way."""
        tries = self._tries[trial.name]
        if found and found.rev not in self._cleared:
            if found.state == "success":
                return ""
            if found.state == "failed" and tries:
                return found.reason
            if found.state in ("running", "queued") or (found.state == "lost" and not self._is_lost(found)):
                return None
            if not self._clear(found):
                return None
        if tries == _TRIES:
            return f"its process was lost {_TRIES} times; DVC's own logs are in .dvc/tmp/exps/celery"
        if not self._tries.total():
            experiments.refuse_changes()
        experiments.add(trial.name, trial.settings, self._target)
        self._tries[trial.name] += 1
        return None

    def _clear(self, found: Experiment) -> bool:
        """Takes a broken try off DVC's list; where DVC will not, it has perhaps just ended: looked at anew."""
        try:
            experiments.forget(found)
        except ExperimentError:
            if found.rev in self._resisted:
                raise
            self._resisted.add(found.rev)
            self._lost_since.pop(found.rev, None)
            return False
        self._cleared.add(found.rev)
        return True

    def _is_lost(self, found: Experiment) -> bool:
        since = self._lost_since.setdefault(found.rev, time.monotonic())
        return time.monotonic() - since >= self._lost_seconds
