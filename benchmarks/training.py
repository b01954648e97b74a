"""Tokens a second of a LoRA training, beside TRL's SFTTrainer on the same batches and loss, and beside its matmuls.

    python -m benchmarks.training [rows] [rounds]      # needs models/base and data/mixed (dvc repro mix)

Each measurement is a process of its own, in turns. Not covered: several devices.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import SFTConfig, SFTTrainer

from finsmith.core.io import read_jsonl
from finsmith.core.params import load_params
from finsmith.core.records import Example
from finsmith.training.chat_format import ChatFormat, TokenizedRow
from finsmith.training.lora import train_adapter
from finsmith.training.memory import keep_freed_memory
from finsmith.training.params import TrainParams
from finsmith.training.row_order import RowOrder

BASE, ROWS = Path("models/base"), Path("data/mixed/train.jsonl")
BATCH = 8


def rows_and_params(count: int) -> tuple[list[Example], TrainParams]:
    """The first rows of the training set, and the project's parameters for one pass over them."""
    params = load_params(TrainParams).model_dump()
    params |= {"epochs": 1, "batch_size": BATCH, "gradient_accumulation": 1, "log_every_steps": 1, "max_tokens": 10**6}
    rows = [row for row, _ in zip(read_jsonl(ROWS, Example), range(count), strict=False)]
    return rows, TrainParams.model_validate(params)


def tokenized(rows: list[Example]) -> list[TokenizedRow]:
    """The rows as tokens."""
    chat = ChatFormat(AutoTokenizer.from_pretrained(BASE))
    return [chat.row(row.instruction, row.input, row.output) for row in rows]


def batches(rows: list[TokenizedRow], seed: int) -> list[list[int]]:
    """The batches in the order in which finsmith reads them."""
    return list(RowOrder(rows, BATCH, 1, seed, int))


def measure_finsmith(count: int) -> dict[str, Any]:
    """Speed and losses of `train_adapter`."""
    rows, params = rows_and_params(count)
    with tempfile.TemporaryDirectory() as folder:
        trained = train_adapter(rows, BASE, Path(folder) / "adapter", Path(folder) / "checkpoints", params, None)
    return {
        "tokens_per_second": trained.record.tokens_per_second,
        "losses": [loss for _, loss in trained.losses],
    }


class Clock(TrainerCallback):
    """Seconds from the first step to the last, as finsmith counts them."""

    seconds = 0.0

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        """Starts the clock."""
        self._started = time.monotonic()

    def on_train_end(self, *_: Any, **__: Any) -> None:
        """Stops it."""
        self.seconds = time.monotonic() - self._started


def measure_trl(count: int, mixed: bool = True) -> dict[str, Any]:
    """Speed and losses of TRL's SFTTrainer, with its defaults but for what makes the training the same one.

    By default it holds the adapter in float32 and computes under autocast; not `mixed`, in one dtype as finsmith.
    """
    keep_freed_memory()  # not TRL's doing, but it helps it as well
    rows, params = rows_and_params(count)
    read = tokenized(rows)
    ordered = [read[at] for batch in batches(read, params.seed) for at in batch]
    torch.manual_seed(params.seed)
    clock, model = Clock(), AutoModelForCausalLM.from_pretrained(BASE, dtype=getattr(torch, params.dtype))
    lora = LoraConfig(
        r=params.lora.r,
        lora_alpha=params.lora.alpha,
        lora_dropout=params.lora.dropout,
        target_modules=params.lora.target_modules,
        task_type="CAUSAL_LM",
    )
    with tempfile.TemporaryDirectory() as folder:
        trainer = SFTTrainer(
            model=model if mixed else get_peft_model(model, lora, autocast_adapter_dtype=False),
            args=SFTConfig(
                output_dir=folder,
                num_train_epochs=1,
                per_device_train_batch_size=BATCH,
                learning_rate=params.learning_rate,
                lr_scheduler_type="cosine",
                warmup_steps=params.warmup_steps,
                weight_decay=params.weight_decay,
                max_grad_norm=params.max_grad_norm,
                logging_steps=1,
                seed=params.seed,
                train_sampling_strategy="sequential",
                gradient_checkpointing=False,
                bf16=mixed and params.dtype == "bfloat16",
                max_length=None,
                completion_only_loss=True,
                save_strategy="no",
                report_to=[],
                use_cpu=not torch.cuda.is_available(),
                dataloader_pin_memory=torch.cuda.is_available(),
            ),
            train_dataset=Dataset.from_list(
                [
                    {
                        "input_ids": row.prompt + row.answer,
                        "completion_mask": [0] * len(row.prompt) + [1] * len(row.answer),
                    }
                    for row in ordered
                ]
            ),
            processing_class=AutoTokenizer.from_pretrained(BASE),
            peft_config=lora if mixed else None,
            callbacks=[clock],
        )
        trainer.train()
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    return {"tokens_per_second": sum(map(len, read)) / clock.seconds, "losses": losses}


def measure_matmuls(count: int) -> dict[str, Any]:
    """Tokens a second if a step were its matrix products alone: forward, and backward to the inputs.

    Each layer has its own weights, as in the model; LoRA's own products are left out, so the roof is a high one.
    """
    keep_freed_memory()
    rows, params = rows_and_params(count)
    read = tokenized(rows)
    model = AutoModelForCausalLM.from_pretrained(BASE, dtype=getattr(torch, params.dtype))
    head = model.get_output_embeddings()
    layers = [m for m in model.modules() if isinstance(m, torch.nn.Linear) and m is not head]
    flops, seconds = 0, 0.0
    with torch.no_grad():
        for number, batch in enumerate(batches(read, params.seed)):
            some = [read[at] for at in batch]
            padded, answers = len(some) * max(map(len, some)), sum(len(row.answer) for row in some)
            work = [(layer.weight, padded) for layer in layers] + [(head.weight, answers)]
            inputs = {
                (tokens, size): torch.randn(tokens, size).to(weight.dtype)
                for weight, tokens in work
                for size in weight.shape
            }
            started = time.perf_counter()
            for weight, tokens in work:
                torch.mm(inputs[tokens, weight.shape[1]], weight.T)
                torch.mm(inputs[tokens, weight.shape[0]], weight)
            if number:  # the first batch warms up
                seconds += time.perf_counter() - started
                flops += sum(4 * weight.numel() * tokens for weight, tokens in work)
    counted = sum(len(read[at]) for batch in batches(read, params.seed)[1:] for at in batch)
    return {"tokens_per_second": counted / seconds, "gflops": flops / seconds / 1e9}


MEASUREMENTS: dict[str, Callable[[int], dict[str, Any]]] = {
    "finsmith": measure_finsmith,
    "trl": measure_trl,
    "trl_one_dtype": partial(measure_trl, mixed=False),
    "matmuls": measure_matmuls,
}


def main(count: int = 160, rounds: int = 3) -> None:
    """Prints each round, the medians, their ratios, and whether the losses agree."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in MEASUREMENTS}
    for number in range(rounds):
        for name in list(MEASUREMENTS)[:: 1 if number % 2 == 0 else -1]:
            command = [sys.executable, "-m", "benchmarks.training", name, str(count)]
            said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            found[name].append(json.loads(said.strip().splitlines()[-1]))
            print(f"{name:<13} {found[name][-1]['tokens_per_second']:8.1f} tokens/s", flush=True)
    speed = {name: statistics.median(one["tokens_per_second"] for one in of) for name, of in found.items()}
    ours = found["finsmith"][0]["losses"]
    for name in ("trl", "trl_one_dtype"):
        theirs = found[name][0]["losses"]
        worst = max(abs(a - b) / b for a, b in zip(ours, theirs, strict=True))
        print(
            f"finsmith / {name} {speed['finsmith'] / speed[name]:.2f}; "
            f"loss of step 1: {ours[0]:.4f} and {theirs[0]:.4f}; the most they differ in {len(ours)} steps: {worst:.1%}"
        )
    print(f"of the matmuls alone {speed['finsmith'] / speed['matmuls']:.0%}")
    print(f"matmuls alone {statistics.median(one['gflops'] for one in found['matmuls']):.0f} GFLOP/s")


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in MEASUREMENTS:
        print(json.dumps(MEASUREMENTS[sys.argv[1]](int(sys.argv[2]))))
    else:
        main(*map(int, sys.argv[1:3]))
