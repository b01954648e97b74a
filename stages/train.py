"""Stage `train`: training set and base model → LoRA adapter, loss curve, the run's record."""

import time
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

from finsmith.core.ids import fingerprint
from finsmith.core.io import read_jsonl, write_json
from finsmith.core.params import load_params
from finsmith.core.records import Example, Pair
from finsmith.core.stage import run_stage
from finsmith.core.state import state_dir
from finsmith.tracking.executions import finish_training, stage_run
from finsmith.training.devices import run_on_devices, this_machine
from finsmith.training.lora import train_adapter
from finsmith.training.params import TrainParams
from finsmith.training.training_record import loss_rows


def main(mixed: Path, base: Path, adapter: Path, run_record: Path, metrics: Path, plot: Path) -> None:
    """Trains the adapter; a killed run goes on from its last checkpoint when started again."""
    held_since = time.time()
    params, rows, pairs = load_params(TrainParams), mixed / "train.jsonl", mixed / "pairs.jsonl"
    decides = fingerprint(params.model_dump(), [rows, pairs, *sorted(base.glob("*.safetensors"))])
    # of several machines the first one tells
    with stage_run("train", decides, [mixed]) if this_machine() == 0 else nullcontext() as run:
        checkpoints = state_dir("checkpoints") / decides
        job = (list(read_jsonl(rows, Example)), base, adapter, checkpoints, params, run and run.log, held_since)
        trained = run_on_devices(params.devices, train_adapter, *job, list(read_jsonl(pairs, Pair)))
        if trained and run:
            record = asdict(trained.record)
            write_json(run_record, {"run_id": run.id, "fingerprint": decides} | record)
            write_json(metrics, record)
            write_json(plot, loss_rows(trained))
            finish_training(run, record, adapter, base)


if __name__ == "__main__":
    run_stage(main)
