"""What the parameters mean to transformers' Trainer. Not covered: which rows; data order is in row_order."""

import math
from pathlib import Path
from typing import Any

import torch
from transformers import TrainingArguments

from .devices import shard_on_cpus
from .params import TrainParams


def training_arguments(params: TrainParams, checkpoints: Path, rows: int, validates: bool = False) -> TrainingArguments:
    """The arguments of a training on so many rows, on this machine's devices."""
    many = params.devices.processes != 1 or params.devices.machines > 1
    measures = {
        "eval_strategy": "steps",
        "eval_steps": params.validation.every_steps,
        "per_device_eval_batch_size": params.batch_size,
    }
    keeps_best = {
        "save_steps": params.validation.every_steps,  # the best can only be kept where it is measured
        "load_best_model_at_end": True,
        "metric_for_best_model": "eval_loss",
        "greater_is_better": False,
        "restore_callback_states_from_checkpoint": True,
    }
    how: dict[str, Any] = {"save_steps": params.save_every_steps}
    if validates:
        how |= measures | (keeps_best if params.validation.patience else {})
    arguments = TrainingArguments(
        output_dir=str(checkpoints),
        num_train_epochs=params.epochs,
        per_device_train_batch_size=params.batch_size,
        gradient_accumulation_steps=params.gradient_accumulation,
        learning_rate=params.learning_rate,
        lr_scheduler_type="cosine",
        weight_decay=params.weight_decay,
        max_grad_norm=params.max_grad_norm,
        neftune_noise_alpha=params.neftune_alpha or None,
        activation_checkpointing=params.activation_checkpointing,
        save_total_limit=2,
        seed=params.seed,
        data_seed=params.seed,
        remove_unused_columns=False,
        report_to=[],
        disable_tqdm=False,
        use_cpu=not torch.cuda.is_available(),
        ddp_backend=None if torch.cuda.is_available() or not many else "gloo",
        ddp_find_unused_parameters=False,
        fsdp=params.devices.strategy == "fsdp" and many,
        **how,
    )
    if arguments.fsdp and arguments.use_cpu:
        shard_on_cpus(arguments)
    arguments._n_gpu = min(1, arguments.n_gpu)  # DataParallel would tear a batch's rows and answers apart
    update = params.batch_size * params.gradient_accumulation * arguments.world_size
    total = math.ceil(math.ceil(rows / update) * params.epochs)
    arguments.warmup_steps = min(params.warmup_steps, total)
    arguments.logging_steps = min(params.log_every_steps, total)
    return arguments
