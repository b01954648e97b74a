"""DVC's experiments of the current commit: queued, started, looked at, read. The only home of dvc.

DVC is told what to do by its command line, and its state is read from `dvc exp show --json`: both are documented, while
the queue's Python classes are not. Not covered: which experiments there should be; that is in trials.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import psutil

from finsmith.core.errors import ExperimentError

# the surer answer first, where a name stands in DVC's list twice
_SUREST = ("success", "running", "queued", "failed", "lost")
_TRIES = 3


@dataclass(frozen=True)
class Experiment:
    """An experiment as DVC lists it.

    `state` is success, running, queued, failed, or lost: DVC takes it to be running, but no process works on it, for
    seconds before it begins and while its results are collected, for good after a kill. `rev` is its commit where it
    has ended well, else that of its place in the queue.
    """

    name: str
    state: str
    rev: str
    params: Mapping[str, Any]
    metrics: Mapping[str, Any]
    pid: int | None
    log: Path | None
    workspace: Path | None

    @property
    def reason(self) -> str:
        """Why it failed: what stands in its log before DVC's own sentence."""
        if not self.log or not self.log.exists():
            return "it did not begin; DVC's own logs are in .dvc/tmp/exps/celery"
        lines = [line.strip() for line in re.split(r"[\r\n]", self.log.read_text("utf-8", errors="replace"))]
        lines = [line for line in lines if line]
        errors = [at for at, line in enumerate(lines) if line.startswith("ERROR: ")]
        if not errors:
            return f"it was ended from outside; its log is {self.log}"
        said = lines[: errors[0]] if lines[errors[0]].startswith("ERROR: failed to reproduce") else lines[errors[0] :]
        ours = [at for at, line in enumerate(said) if line.startswith("finsmith: ")]
        return " ".join(said[ours[-1] :]).removeprefix("finsmith: ") if ours else (said or [f"see {self.log}"])[-1]


def experiments() -> dict[str, Experiment]:
    """The experiments of the current commit by name.

    Raises:
        ExperimentError: DVC cannot tell.
    """
    _git("rev-parse", "--verify", "HEAD")
    listed = json.loads(_dvc("exp", "show", "--json", "--hide-workspace"))
    found = [_experiment(one) for one in (listed[0]["experiments"] or [])]
    found.sort(key=lambda one: _SUREST.index(one.state), reverse=True)
    return {one.name: one for one in found}


def _experiment(listed: Mapping[str, Any]) -> Experiment:
    """From an entry of `dvc exp show --json`."""
    tip, executor = listed["revs"][0], listed["executor"] or {}
    local, data = executor.get("local") or {}, tip["data"] or {}
    state = executor.get("state") or "success"  # one that another machine ran has no executor here
    pid = local.get("pid") if state == "running" else None
    return Experiment(
        name=listed["name"] or tip["rev"],
        state="lost" if state == "running" and "exec-run" not in _process(pid) else state,
        rev=tip["rev"],
        params=(data.get("params") or {}).get("params.yaml", {}).get("data", {}),
        metrics={Path(path).stem: one["data"] for path, one in (data.get("metrics") or {}).items() if "data" in one},
        pid=pid,
        log=Path(local["log"]) if local.get("log") else None,
        workspace=Path(local["root"]) if local.get("root") else None,
    )


def add(name: str, settings: Sequence[str], target: str) -> None:
    """Queues an experiment: the current commit with these settings (`section.key=value`), up to the stage `target`."""
    overrides = [part for setting in settings for part in ("-S", setting)]
    _dvc("exp", "run", "--queue", "--name", name, *overrides, target)


def start() -> None:
    """Starts DVC's worker, which runs one experiment of the queue after the other; one that is there goes on."""
    _dvc("queue", "start", "--jobs", "1")


def forget(experiment: Experiment) -> None:
    """Takes one that failed, or whose process is gone, off the list, with the workspace that it left."""
    if experiment.state == "lost":
        if _process(experiment.pid):
            return  # the number is another process's by now, and DVC would end that one
        _dvc("queue", "kill", experiment.rev)
    _dvc("queue", "remove", experiment.rev)
    if experiment.workspace and experiment.workspace.resolve().parent == Path(".dvc/tmp/exps").resolve():
        shutil.rmtree(experiment.workspace, ignore_errors=True)


def read_output(experiment: Experiment, path: str) -> bytes:
    """An output of an experiment that has ended well, from DVC's cache.

    Raises:
        ExperimentError: it is neither in the cache nor in a remote.
    """
    import dvc.api
    from dvc.exceptions import DvcException

    try:
        content: bytes = dvc.api.read(path, rev=experiment.rev, mode="rb")
    except (DvcException, OSError) as error:
        raise ExperimentError(
            f"{experiment.name}: its {path} cannot be read ({error}). "
            f"`dvc exp remove {experiment.name}`, then run again."
        ) from error
    return content


def refuse_changes() -> None:
    """Makes sure that an experiment is what its commit says.

    Raises:
        ExperimentError: no commit, or tracked files that differ from it.
    """
    changed = [line[3:] for line in _git("status", "--porcelain", "--untracked-files=no").splitlines()]
    _git("rev-parse", "--verify", "HEAD")
    if changed:
        told = ", ".join(changed[:5]) + (f" and {len(changed) - 5} more" if len(changed) > 5 else "")
        raise ExperimentError(
            f"{told}: not as in the last commit. The experiments would hold these changes, and could not be told from "
            "those of the commit itself: commit them, or put them aside with `git stash`."
        )


def _git(*arguments: str) -> str:
    done = _run("git", *arguments)
    if done.returncode:
        raise ExperimentError(
            f"experiments need a git repository with a commit here ({done.stderr.strip()}): "
            "`git init`, `git add -A`, `git commit`."
        )
    return done.stdout


def _dvc(*arguments: str) -> str:
    """DVC's answer, asked for again where it has none: its worker may make or remove a workspace at the moment."""
    for at in range(_TRIES):
        time.sleep(at)
        done = _run(sys.executable, "-m", "dvc", *arguments)
        if not done.returncode:
            break
    else:
        errors = [line.removeprefix("ERROR: ") for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
        raise ExperimentError(f"`dvc {' '.join(arguments)}`: {'; '.join(errors) or done.stderr.strip()}")
    return done.stdout


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    """Runs to the end, after Ctrl-C too: DVC, queueing, has the working tree in its hands and puts it back."""
    # the worker looks for `dvc`, and the stages for `python`, on the path: those of this environment
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    with TemporaryFile() as out, TemporaryFile() as err:  # no pipes: a worker that goes on would hold them open
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=os.environ | {"PATH": path},
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise ExperimentError(f"`{command[0]}` is not on the path: install it.") from error
        try:
            process.wait()
        except KeyboardInterrupt:
            process.wait()
            raise
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode("utf-8", errors="replace"))
    return subprocess.CompletedProcess(command, process.returncode, *said)


def _process(pid: int | None) -> str:
    """The command of a running process, "" for none."""
    try:
        return " ".join(psutil.Process(pid).cmdline()) if pid else ""
    except psutil.AccessDenied:
        return "another user's"
    except psutil.NoSuchProcess:
        return ""
