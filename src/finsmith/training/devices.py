"""Runs a training on one process or on many, one for each device, and says which devices they are.

torch's elastic agent starts the processes, joins machines, and begins all of them anew where one dies. Not covered:
what they do together; transformers and accelerate see to that once the processes know of each other.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import torch
from accelerate import DistributedType
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from finsmith.core.errors import FinsmithError, ModelError

from .params import DevicesParams

T = TypeVar("T")
_MACHINE = "FINSMITH_MACHINE"
_JOIN_SECONDS = 900  # how long a machine waits for the others
_RAPL = Path("/sys/class/powercap")


def this_machine() -> int:
    """The number of this machine among those of a training, from 0; `FINSMITH_MACHINE` says it."""
    return int(os.environ.get(_MACHINE, "0"))


def run_on_devices(params: DevicesParams, work: Callable[..., T], *args: object) -> T | None:
    """What `work(*args)` gives in the first process of all; None on the other machines.

    `work` and `args` must be picklable where there are several processes. Of several machines none begins anew by
    itself: they must meet again, so all are to be started again.

    Raises:
        FinsmithError: what the first process raised.
        ModelError: a process died more often than `restarts` allows.
    """
    processes = processes_here(params)
    if processes * params.machines == 1:
        return work(*args)
    # processes begun anew would find the addresses of the dead in a store they share with them
    os.environ["TORCH_DISABLE_SHARE_RDZV_TCP_STORE"] = "1"
    if not torch.cuda.is_available():  # before torch counts its threads in each process
        os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // processes)))
    config = LaunchConfig(
        min_nodes=params.machines,
        max_nodes=params.machines,
        nproc_per_node=processes,
        run_id="finsmith",
        rdzv_backend="c10d" if params.machines == 1 else "static",
        rdzv_endpoint=params.rendezvous or "localhost:0",
        rdzv_configs={"rank": this_machine(), "timeout": _JOIN_SECONDS},
        max_restarts=params.restarts if params.machines == 1 else 0,
        monitor_interval=0.5,
    )
    try:
        results = elastic_launch(config, _worker)(work, *args)
    except ChildFailedError as error:
        raise ModelError(
            f"a process of the training died for good ({config.max_restarts} restarts): {_first_failure(error)}. Its "
            "checkpoints are kept: run again to go on from the last one."
        ) from error
    for result in results.values():
        if isinstance(result, FinsmithError):
            raise result
    first: T | None = results.get(0)
    return first


def processes_here(params: DevicesParams) -> int:
    """Processes on this machine: as many as asked for, or one for each GPU."""
    return params.processes or max(1, torch.cuda.device_count())


def _worker(work: Callable[..., T], *args: object) -> T | FinsmithError:
    try:
        return work(*args)
    except FinsmithError as error:
        return error  # a value, so that the agent neither starts it again nor wraps it
    finally:
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()


def _first_failure(error: ChildFailedError) -> str:
    rank, failure = error.get_first_failure()
    message = failure.message if isinstance(failure.message, str) else failure.message.get("message", "")
    return f"process {rank} ended with {failure.exitcode}: {message}"


def shard_on_cpus(arguments: Any) -> None:
    """Makes accelerate shard on processors too, so that a training can be tried out before GPUs are rented.

    It takes FSDP for kinds of device that it lists, and would silently copy the model to each process instead.
    """
    arguments.distributed_state._shared_state["distributed_type"] = DistributedType.MULTI_GPU


def device_name() -> str:
    """The GPU's name as its driver gives it, or "cpu"."""
    return str(torch.cuda.get_device_name()) if torch.cuda.is_available() else "cpu"


def watts() -> float | None:
    """What this process's GPU draws now, in watts; None where that cannot be read."""
    if not torch.cuda.is_available():
        return None
    try:
        return torch.cuda.power_draw() / 1000
    except (ModuleNotFoundError, RuntimeError):  # no NVML bindings, or a driver that does not tell
        return None


def cpu_joules(folder: Path = _RAPL) -> float | None:
    """What the processor packages have used since they were started; None where the machine does not tell.

    Source: Linux powercap, `energy_uj` of each package zone; readable by root alone on most systems.
    """
    packages = [zone for zone in folder.glob("intel-rapl:*") if zone.name.count(":") == 1]  # more are parts of one
    try:
        counters = [int((package / "energy_uj").read_text()) for package in packages]
    except OSError:
        return None
    return sum(counters) / 1e6 if counters else None
