"""Losses and pairs a second of the training on pairs, beside TRL's DPOTrainer on the same pairs in the same updates.

    python -m benchmarks.preference [pairs] [updates]      # needs models/base and data/mixed (dvc repro mix)

The pairs are made up: a row's answer is chosen, that of the next row is rejected. All of them make one update. Not
covered: whether pairs are of use.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer

from finsmith.training.arguments import training_arguments
from finsmith.training.batches import pad
from finsmith.training.chat_format import TokenizedRow
from finsmith.training.params import TrainParams
from finsmith.training.preference import PreferenceTrainer, TokenizedPair

from .training import BASE, rows_and_params, tokenized

BETA = 0.1


def adapted(params: TrainParams) -> Any:
    """The base with a fresh adapter, the same each time; in one dtype, as finsmith trains it."""
    torch.manual_seed(params.seed)
    model = AutoModelForCausalLM.from_pretrained(BASE, dtype=getattr(torch, params.dtype))
    lora = LoraConfig(r=params.lora.r, lora_alpha=params.lora.alpha, target_modules="all-linear", task_type="CAUSAL_LM")
    return get_peft_model(model, lora, autocast_adapter_dtype=False)


def losses_and_seconds(trainer: Any) -> tuple[list[float], float]:
    """What a training logs at each update, and how long it takes."""
    started = time.monotonic()
    trainer.train()
    seconds = time.monotonic() - started
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry], seconds


def measure_finsmith(pairs: Sequence[TokenizedPair], params: TrainParams, folder: Path) -> tuple[list[float], float]:
    """Losses and seconds of `PreferenceTrainer`, the reference margins included."""
    arguments = training_arguments(params, folder, len(pairs))
    trainer = PreferenceTrainer(adapted(params), arguments, pairs, [], partial(pad, pad_id=0), [])
    trainer.beta = BETA
    started = time.monotonic()
    margins = trainer.all_margins()
    trainer.train_dataset = [TokenizedPair(p.chosen, p.rejected, m) for p, m in zip(pairs, margins, strict=True)]
    before = time.monotonic() - started
    losses, seconds = losses_and_seconds(trainer)
    return losses, seconds + before


def measure_trl(pairs: Sequence[TokenizedPair], params: TrainParams, folder: Path) -> tuple[list[float], float]:
    """Losses and seconds of TRL's `DPOTrainer`, its reference computed beforehand."""
    tokenizer = AutoTokenizer.from_pretrained(BASE)
    texts = [
        {
            "prompt": tokenizer.decode(pair.chosen.prompt),
            "chosen": tokenizer.decode(pair.chosen.answer[:-1]),
            "rejected": tokenizer.decode(pair.rejected.answer[:-1]),
        }
        for pair in pairs
    ]
    arguments = DPOConfig(
        output_dir=str(folder),
        beta=BETA,
        precompute_ref_log_probs=True,
        num_train_epochs=params.epochs,
        per_device_train_batch_size=len(pairs),
        precompute_ref_batch_size=len(pairs),
        learning_rate=params.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=params.warmup_steps,
        weight_decay=params.weight_decay,
        max_grad_norm=params.max_grad_norm,
        logging_steps=1,
        seed=params.seed,
        gradient_checkpointing=False,
        bf16=False,
        max_length=None,
        save_strategy="no",
        report_to=[],
        use_cpu=not torch.cuda.is_available(),
    )
    started = time.monotonic()
    trainer = DPOTrainer(
        model=adapted(params), args=arguments, train_dataset=Dataset.from_list(texts), processing_class=tokenizer
    )
    before = time.monotonic() - started
    losses, seconds = losses_and_seconds(trainer)
    return losses, seconds + before


def main(count: int = 8, updates: int = 5) -> None:
    """Prints both curves and their ratio of speed."""
    rows, params = rows_and_params(count)
    params = params.model_copy(
        update={"epochs": updates, "batch_size": count, "learning_rate": 1e-4, "warmup_steps": 0, "dtype": "float32"}
    )
    read = tokenized(rows)
    others = [*read[1:], read[0]]
    pairs = [
        TokenizedPair(row, TokenizedRow(row.prompt, other.answer)) for row, other in zip(read, others, strict=True)
    ]
    found = {}
    for name, measure in (("finsmith", measure_finsmith), ("trl", measure_trl)):
        with tempfile.TemporaryDirectory() as folder:
            losses, seconds = measure(pairs, params, Path(folder))
        found[name] = seconds
        print(f"{name:<9} {', '.join(f'{loss:.5f}' for loss in losses)}; {count * updates / seconds:.2f} pairs/s")
    print(f"finsmith / trl {found['trl'] / found['finsmith']:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
