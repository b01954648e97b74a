"""One training on several processes: the same curve as on one, and what the death of a process costs."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import torch
from safetensors.torch import load_file

from finsmith.core.errors import ModelError, RecordError
from finsmith.core.io import read_json
from finsmith.training import answer_trainer
from finsmith.training.devices import cpu_joules, device_name, run_on_devices, watts
from finsmith.training.lora import train_adapter
from finsmith.training.params import DevicesParams
from finsmith.training.training_record import Trained

from .conftest import ROWS, train_params
from .test_preference import PAIRS


def devices(**changes: object) -> dict[str, object]:
    """The section `devices` for two processes on this machine."""
    return {"processes": 2, "machines": 1, "rendezvous": "", "strategy": "ddp", "restarts": 0} | changes


def train(base: Path, folder: Path, on_log=None, pairs=(), **changes: object) -> Trained:
    """Trains into `folder`/adapter with checkpoints beside it, on the devices that `changes` ask for."""
    params = train_params(**changes)
    job = (ROWS, base, folder / "adapter", folder / "checkpoints", params, on_log, time.time(), pairs)
    trained = run_on_devices(params.devices, train_adapter, *job)
    assert trained is not None
    return trained


def adapter_weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "adapter/adapter_model.safetensors")


def close(folder: Path, expected: Path) -> None:
    """The adapters of two folders have the same weights, but for the order of sums."""
    found, wanted = adapter_weights(folder), adapter_weights(expected)
    assert found.keys() == wanted.keys()
    for name, weight in wanted.items():
        torch.testing.assert_close(found[name].float(), weight.float(), atol=2e-4, rtol=1e-3)


class NoteBegin:
    """Writes down when the first step was logged, seconds of the epoch."""

    def __init__(self, note: Path) -> None:
        self._note = note

    def __call__(self, step: int, values: dict[str, float]) -> None:
        if step == 1:
            self._note.write_text(repr(time.time()))


class KillTheOther:
    """Kills, with SIGKILL, the process beside the one that logs, at step 8 and once; then waits for its own end."""

    def __init__(self, once: Path) -> None:
        self._once = once

    def __call__(self, step: int, values: dict[str, float]) -> None:
        if step < 8 or self._once.exists():
            return
        self._once.touch()
        for process in psutil.Process(os.getppid()).children():
            if process.pid != os.getpid() and "spawn_main" in " ".join(process.cmdline()):
                process.send_signal(signal.SIGKILL)
        time.sleep(60)


KILLED = {"batch_size": 2, "save_every_steps": 3}  # 12 steps of 2 x 2 rows; killed at 8, checkpoint of 6


@pytest.fixture(scope="module")
def alone(base, tmp_path_factory) -> tuple[Trained, Path]:
    """The training on one process, 12 steps of 4 rows."""
    folder = tmp_path_factory.mktemp("alone")
    return train(base, folder, batch_size=4, devices=devices(processes=1)), folder


def test_two_processes_have_the_curve_of_one(base, tmp_path, alone):
    """With 2 x 2 rows an update the losses and the adapter are those of 4 rows on one process; hours count twice."""
    started, begun = time.time(), tmp_path / "begun.txt"
    trained = train(base, tmp_path, NoteBegin(begun), batch_size=2, devices=devices())
    elapsed, before = time.time() - started, float(begun.read_text()) - started
    assert len(trained.losses) == 12
    assert [loss for _, loss in trained.losses] == pytest.approx([loss for _, loss in alone[0].losses], rel=1e-4)
    close(tmp_path, alone[1])
    assert trained.record.devices == 2
    # from launch on, which takes longer than the twelve steps
    assert 2 * (before + 0.1) <= trained.record.device_hours * 3600 <= 2 * elapsed
    assert trained.record.cpu_hours == trained.record.device_hours and trained.record.gpu_hours == 0


def test_two_processes_prefer_as_one(base, tmp_path):
    """Trained on pairs too, with 2 x 2 pairs an update, the losses are those of 4 pairs on one process."""
    preference = {"epochs": 1, "beta": 0.3, "learning_rate": 1e-2}
    how = {"epochs": 1, "preference": preference}
    both, one = (
        train(base, tmp_path / str(count), batch_size=4 // count, devices=devices(processes=count), pairs=PAIRS, **how)
        for count in (2, 1)
    )
    assert [step for step, _ in both.preference_losses] == [5, 6, 7]
    assert [loss for _, loss in both.preference_losses] == pytest.approx(
        [loss for _, loss in one.preference_losses], rel=1e-3
    )
    assert both.record.preference_accuracy_before == one.record.preference_accuracy_before
    close(tmp_path / "2", tmp_path / "1")


@pytest.mark.parametrize("quantization", ["none", "nf4"])
def test_a_sharded_model_has_the_curve_of_a_whole_one(base, tmp_path, monkeypatch, quantization):
    """Under FSDP each process holds a shard of every layer; losses and adapter are those of one process."""
    how = {"batch_size": 8, "epochs": 1, "quantization": quantization}
    if quantization == "nf4":
        how["dtype"] = "bfloat16"
    whole = train(base, tmp_path / "whole", devices=devices(processes=1), **how)
    halved = how | {"batch_size": 4, "devices": devices(strategy="fsdp")}
    told = tmp_path / "sharded.txt"
    monkeypatch.setenv("TOLD", str(told))
    sharded = train(base, tmp_path / "sharded", on_log=tell_shards, **halved)
    tolerance = 1e-4 if quantization == "none" else 1e-2
    assert [loss for _, loss in sharded.losses] == pytest.approx([loss for _, loss in whole.losses], rel=tolerance)
    assert told.read_text() == "sharded"
    if quantization == "none":
        close(tmp_path / "sharded", tmp_path / "whole")


def tell_shards(step: int, values: dict[str, float]) -> None:
    """Writes whether a living trainer's layers are sharded; runs inside the first process."""
    import gc

    trainers = [one for one in gc.get_objects() if type(one) is answer_trainer.AnswerTrainer]
    kinds = {type(p).__name__ for one in trainers for p in one.model.parameters()}
    Path(os.environ["TOLD"]).write_text("sharded" if kinds == {"DTensor"} else f"not sharded: {kinds}")


def test_a_killed_process_costs_no_more_than_since_the_last_checkpoint(base, tmp_path, alone, capfd):
    """After SIGKILL of one of two, both begin anew from the checkpoint; curve and adapter are the undisturbed ones."""
    trained = train(base, tmp_path, KillTheOther(tmp_path / "killed"), devices=devices(restarts=1), **KILLED)
    assert (tmp_path / "killed").exists()
    assert "resuming from checkpoint-6" in capfd.readouterr().out
    assert [step for step, _ in trained.losses] == list(range(1, 13))
    assert [loss for _, loss in trained.losses] == pytest.approx([loss for _, loss in alone[0].losses], rel=1e-4)
    close(tmp_path, alone[1])


def test_without_restarts_the_next_run_goes_on(base, tmp_path, alone, capfd):
    """Where no restart is allowed the error says that checkpoints are kept; run again, it ends as if undisturbed."""
    with pytest.raises(ModelError, match=r"died for good \(0 restarts\): process 1 ended with -9.*kept: run again"):
        train(base, tmp_path, KillTheOther(tmp_path / "killed"), devices=devices(), **KILLED)
    trained = train(base, tmp_path, KillTheOther(tmp_path / "killed"), devices=devices(), **KILLED)
    assert "resuming from checkpoint-6" in capfd.readouterr().out
    assert [loss for _, loss in trained.losses] == pytest.approx([loss for _, loss in alone[0].losses], rel=1e-4)
    close(tmp_path, alone[1])


MACHINE = """
import sys, time
from pathlib import Path
from finsmith.training.devices import run_on_devices
from finsmith.training.lora import train_adapter
from tests.training.conftest import ROWS, train_params
from tests.training.test_devices import devices

if __name__ == "__main__":
    base, folder, rendezvous = sys.argv[1:]
    params = train_params(batch_size=2, devices=devices(processes=1, machines=2, rendezvous=rendezvous))
    paths = Path(base), Path(folder) / "adapter", Path(folder) / "checkpoints"
    trained = run_on_devices(params.devices, train_adapter, ROWS, *paths, params, None, time.time())
    print("losses", trained and [loss for _, loss in trained.losses])
"""


def test_two_machines_have_the_curve_of_one(base, tmp_path, alone):
    """Two launches that meet at a port train together; the first has the result, the second none and writes nothing."""
    (tmp_path / "machine.py").write_text(MACHINE)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, str(tmp_path / "machine.py"), str(base), str(tmp_path), f"127.0.0.1:{free_port()}"]
    machines = [
        subprocess.Popen(
            command, env=environment | {"FINSMITH_MACHINE": str(number)}, stdout=subprocess.PIPE, text=True
        )
        for number in range(2)
    ]
    said = [machine.communicate(timeout=300)[0] for machine in machines]
    assert [machine.returncode for machine in machines] == [0, 0]
    first, second = (next(line for line in out.splitlines() if line.startswith("losses")) for out in said)
    losses = [float(loss) for loss in first.removeprefix("losses [").removesuffix("]").split(",")]
    assert losses == pytest.approx([loss for _, loss in alone[0].losses], rel=1e-4)
    assert second == "losses None"
    close(tmp_path, alone[1])


def free_port() -> int:
    import socket

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def test_an_expected_error_comes_through(tmp_path):
    """What a process says about its input is raised as it is, from one process and from two."""
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    for processes in (1, 2):
        with pytest.raises(RecordError, match=r"broken\.json: not valid JSON"):
            run_on_devices(DevicesParams.model_validate(devices(processes=processes)), read_json, broken)


def test_what_a_processor_has_used(tmp_path):
    """The counters of all packages are summed in joules; subzones are part of their package; without any it is None."""
    for zone, microjoules in (("intel-rapl:0", 2_500_000), ("intel-rapl:1", 500_000), ("intel-rapl:0:0", 9)):
        (tmp_path / zone).mkdir()
        (tmp_path / zone / "energy_uj").write_text(f"{microjoules}\n")
    assert cpu_joules(tmp_path) == 3.0
    assert cpu_joules(tmp_path / "absent") is None


@pytest.mark.skipif(torch.cuda.is_available(), reason="says what is so without a GPU")
def test_without_a_gpu():
    """The device is the processor, and no GPU draws power."""
    assert device_name() == "cpu"
    assert watts() is None
