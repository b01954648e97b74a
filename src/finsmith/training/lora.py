"""Trains a LoRA adapter on the answers of instruction rows, resumable after a kill, on one device or on many.

Checkpoints live outside DVC's outputs, under the fingerprint of everything that decides the training, so that a killed
run goes on where it was and another run never picks up its pieces. Not covered: full fine-tuning.
"""

import json
import math
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from safetensors import SafetensorError
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    EarlyStoppingCallback,
    TrainerCallback,
    TrainingArguments,
)

from finsmith.core.errors import OutputError, SourceError
from finsmith.core.records import Example

from .answer_trainer import AnswerTrainer
from .batches import pack, pad
from .chat_format import ChatFormat, TokenizedRow
from .checkpoints import OnLog, Watch, is_first_process, last_whole_checkpoint
from .devices import device_name, shard_on_cpus
from .memory import keep_freed_memory
from .packing import check_packing
from .params import TrainParams
from .validation_split import split_off

_ADAPTER_FILES = {"adapter_config.json", "adapter_model.safetensors"}


@dataclass(frozen=True)
class TrainingRecord:
    """What a training took and reached.

    `device_hours` are hours held times devices, those on GPUs are `gpu_hours`, the others `cpu_hours`. `mean_watts` is
    what one device drew, and `kwh` what all did; None where the machine does not tell. `validation_loss` is the kept
    adapter's, None without validation rows.
    """

    rows: int
    left_out: int
    steps: int
    tokens: int
    tokens_per_second: float
    final_loss: float
    validation_rows: int
    validation_loss: float | None
    device: str
    devices: int
    device_hours: float
    gpu_hours: float
    cpu_hours: float
    mean_watts: float | None
    kwh: float | None
    dtype: str
    quantization: str
    trainable_parameters: int


@dataclass(frozen=True)
class Trained:
    """The record of a training, and its curves: loss, and loss of the validation rows, as (step, loss) pairs."""

    record: TrainingRecord
    losses: list[tuple[int, float]]
    validation_losses: list[tuple[int, float]]


def loss_rows(trained: Trained) -> list[dict[str, float]]:
    """Rows for the plot of both curves: a step with its loss, its validation loss, or both."""
    rows: dict[int, dict[str, float]] = {}
    for name, curve in (("loss", trained.losses), ("validation_loss", trained.validation_losses)):
        for step, loss in curve:
            rows.setdefault(step, {"step": step})[name] = loss
    return [rows[step] for step in sorted(rows)]


def train_adapter(
    rows: Sequence[Example],
    base: Path,
    adapter: Path,
    checkpoints: Path,
    params: TrainParams,
    on_log: OnLog | None,
    held_since: float | None = None,
) -> Trained:
    """Trains the adapter and writes it to `adapter`; `on_log` hears of step, loss and learning rate as they come.

    Several processes each call it; the first one writes and logs. `held_since` is when the devices were taken (seconds
    of the epoch), now if not given.

    Raises:
        ParamsError: `packing` with a model that mixes packed rows.
        SourceError: no row is short enough for `max_tokens`.
        OutputError: the adapter cannot be written; the next call has only that left to do.
    """
    keep_freed_memory()
    tokenizer = AutoTokenizer.from_pretrained(base)
    pad_id = tokenizer.pad_token_id or 0
    training, validation = split_off(rows, params.validation.share, params.seed)
    fit, measured = (_tokenized(some, tokenizer, params) for some in (training, validation))
    if not fit:
        raise SourceError(
            f"none of {len(rows)} training rows has at most `train.max_tokens` = {params.max_tokens} tokens."
        )
    torch.manual_seed(params.seed)
    model = _adapted(base, params)
    if params.packing:
        check_packing(model, fit, pad_id)
    watch = Watch(checkpoints, on_log, held_since or time.time())
    trainer = AnswerTrainer(
        model=model,
        args=_arguments(params, checkpoints, len(fit), bool(measured)),
        rows=fit,
        validation=measured,
        collate=partial(pack if params.packing else pad, pad_id=pad_id),
        callbacks=[watch, *_early_stopping(params, measured)],
    )
    resumed = last_whole_checkpoint(checkpoints)
    if resumed and is_first_process():
        print(f"resuming from {resumed.name}", flush=True)
    trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)
    _write_adapter(trainer, adapter)
    trained = _trained(trainer, watch, fit, measured, len(rows), params)
    if is_first_process():
        shutil.rmtree(checkpoints, ignore_errors=True)
    return trained


def _tokenized(rows: Sequence[Example], tokenizer: Any, params: TrainParams) -> list[TokenizedRow]:
    """The rows that are short enough, as tokens."""
    chat = ChatFormat(tokenizer)
    tokenized = (chat.row(row.instruction, row.input, row.output) for row in rows)
    return [row for row in tokenized if len(row) <= params.max_tokens]


def _adapted(base: Path, params: TrainParams) -> Any:
    """The base model with a fresh adapter, all of it in one dtype: on a CPU twice as fast as mixed with float32."""
    dtype = getattr(torch, params.dtype)
    how: dict[str, Any] = {"dtype": dtype, "attn_implementation": params.attention}
    if params.quantization == "nf4":
        how["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=dtype,
            bnb_4bit_quant_storage=dtype,  # FSDP shards parameters of one dtype only
        )
    lora = LoraConfig(
        r=params.lora.r,
        lora_alpha=params.lora.alpha,
        lora_dropout=params.lora.dropout,
        target_modules=params.lora.target_modules
        if isinstance(params.lora.target_modules, str)
        else list(params.lora.target_modules),
        task_type="CAUSAL_LM",
    )
    model = AutoModelForCausalLM.from_pretrained(base, **how)
    if params.activation_checkpointing:
        model.enable_input_require_grads()  # else nothing that is recomputed has a gradient
    return get_peft_model(model, lora, autocast_adapter_dtype=False)


def _early_stopping(params: TrainParams, validation: Sequence[TokenizedRow]) -> list[TrainerCallback]:
    if not (validation and params.validation.patience):
        return []
    return [EarlyStoppingCallback(params.validation.patience)]


def _arguments(params: TrainParams, checkpoints: Path, rows: int, validates: bool) -> TrainingArguments:
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
        **({"save_steps": params.save_every_steps} | (measures if validates else {}))
        | (keeps_best if validates and params.validation.patience else {}),
    )
    if arguments.fsdp and arguments.use_cpu:
        shard_on_cpus(arguments)
    arguments._n_gpu = min(1, arguments.n_gpu)  # DataParallel would tear a batch's rows and answers apart
    update = params.batch_size * params.gradient_accumulation * arguments.world_size
    total = math.ceil(math.ceil(rows / update) * params.epochs)
    arguments.warmup_steps = min(params.warmup_steps, total)
    arguments.logging_steps = min(params.log_every_steps, total)
    return arguments


def _write_adapter(trainer: AnswerTrainer, adapter: Path) -> None:
    """Writes weights and config, the same on every machine: the base as a name, no path, no generated readme."""
    try:
        trainer.save_model(str(adapter))
        if not is_first_process():
            return
        for file in adapter.iterdir():
            if file.name not in _ADAPTER_FILES:
                file.unlink()
        config = adapter / "adapter_config.json"
        content = json.loads(config.read_text("utf-8"))
        content["base_model_name_or_path"] = "models/base"
        if isinstance(content["target_modules"], list):
            content["target_modules"].sort()  # a set before, in an order of its own in each process
        config.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", "utf-8")
    except (OSError, SafetensorError) as error:
        raise OutputError(f"{adapter}: cannot be written ({error}). The training is kept: run again.") from error


def _trained(
    trainer: AnswerTrainer,
    watch: Watch,
    fit: Sequence[TokenizedRow],
    measured: Sequence[TokenizedRow],
    rows: int,
    params: TrainParams,
) -> Trained:
    state, devices = trainer.state, trainer.args.world_size
    losses, validation_losses = (
        [(entry["step"], entry[name]) for entry in state.log_history if name in entry] for name in ("loss", "eval_loss")
    )
    hours = round(watch.held_seconds / 3600 * devices, 5)
    on_gpu = trainer.args.device.type == "cuda"
    tokens = sum(map(len, fit)) * params.epochs * state.global_step / state.max_steps
    speed = tokens / state.global_step * (state.global_step - watch.first_step) / (time.monotonic() - watch.began)
    drawn = watch.mean_watts
    best = state.best_metric if params.validation.patience else None
    record = TrainingRecord(
        rows=len(fit),
        left_out=rows - len(fit) - len(measured),
        steps=state.global_step,
        tokens=round(tokens),
        tokens_per_second=round(speed, 1),
        final_loss=losses[-1][1],
        validation_rows=len(measured),
        validation_loss=best or (validation_losses[-1][1] if validation_losses else None),
        device=device_name(),
        devices=devices,
        device_hours=hours,
        gpu_hours=hours if on_gpu else 0.0,
        cpu_hours=0.0 if on_gpu else hours,
        mean_watts=drawn,
        kwh=None if drawn is None else round(drawn * hours / 1000, 5),
        dtype=params.dtype,
        quantization=params.quantization,
        trainable_parameters=_trainable(trainer.model),
    )
    return Trained(record, losses, validation_losses)


def _trainable(model: Any) -> int:
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
