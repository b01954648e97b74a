"""Stage `train`: training set and base model → LoRA adapter, loss curve, the run's record."""

import time
from dataclasses import asdict
from pathlib import Path

from finsmith.core.ids import file_sha256, sha256_of
from finsmith.core.io import read_jsonl, write_json
from finsmith.core.params import load_params
from finsmith.core.records import Example, Pair
from finsmith.core.stage import run_stage
from finsmith.core.state import state_dir
from finsmith.tracking.training_run import start_training_run
from finsmith.training.devices import run_on_devices, this_machine
from finsmith.training.lora import train_adapter
from finsmith.training.params import TrainParams
from finsmith.training.training_record import loss_rows


def main(mixed: Path, base: Path, adapter: Path, run_record: Path, metrics: Path, plot: Path) -> None:
    """Trains the adapter; a killed run goes on from its last checkpoint when started again."""
    held_since = time.time()
    params, rows, pairs = load_params(TrainParams), mixed / "train.jsonl", mixed / "pairs.jsonl"
    decides = [rows, pairs, *sorted(base.glob("*.safetensors"))]
    fingerprint = sha256_of([params.model_dump(), *map(file_sha256, decides)])[:16]
    run = start_training_run(fingerprint) if this_machine() == 0 else None
    checkpoints = state_dir("checkpoints") / fingerprint
    job = (list(read_jsonl(rows, Example)), base, adapter, checkpoints, params, run and run.log, held_since)
    trained = run_on_devices(params.devices, train_adapter, *job, list(read_jsonl(pairs, Pair)))
    if trained and run:  # on the other machines of several there is neither
        record = asdict(trained.record)
        write_json(run_record, {"run_id": run.id, "fingerprint": fingerprint} | record)
        write_json(metrics, record)
        write_json(plot, loss_rows(trained))


if __name__ == "__main__":
    run_stage(main)
