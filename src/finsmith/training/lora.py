"""Trains a LoRA adapter on the answers of instruction rows, resumable after a kill.

Checkpoints live outside DVC's outputs, under the fingerprint of everything that decides the training, so that a killed
run goes on where it was and another run never picks up its pieces. Not covered: several machines, quantised bases.
"""

import json
import math
import random
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainerCallback, TrainingArguments

from finsmith.core.errors import OutputError, SourceError
from finsmith.core.io import read_json, write_json
from finsmith.core.records import Example

from .answer_loss import AnswerLoss
from .batches import AnswerLogits, pad
from .chat_format import ChatFormat, TokenizedRow
from .memory import keep_freed_memory
from .params import TrainParams

OnLog = Callable[[int, dict[str, float]], None]
_CLOCK = "device_seconds.json"
_POOL = 50  # batches from which like rows are put together
_WHOLE = "whole"  # marks a checkpoint that was written to its end


@dataclass(frozen=True)
class TrainingRecord:
    """What a training took and reached; `device_hours` are wall hours times devices, `gpu_hours` those on GPUs."""

    rows: int
    left_out: int
    steps: int
    tokens: int
    tokens_per_second: float
    final_loss: float
    device: str
    devices: int
    device_hours: float
    gpu_hours: float
    dtype: str
    trainable_parameters: int


@dataclass(frozen=True)
class Trained:
    """The record of a training, and its loss curve as (step, loss) pairs."""

    record: TrainingRecord
    losses: list[tuple[int, float]]


def train_adapter(
    rows: Sequence[Example], base: Path, adapter: Path, checkpoints: Path, params: TrainParams, on_log: OnLog
) -> Trained:
    """Trains the adapter and writes it to `adapter`; `on_log` hears of step, loss and learning rate as they come.

    Raises:
        SourceError: no row is short enough for `max_tokens`.
        OutputError: the adapter cannot be written; the next call has only that left to do.
    """
    keep_freed_memory()
    tokenizer = AutoTokenizer.from_pretrained(base)
    chat = ChatFormat(tokenizer)
    tokenized = [chat.row(row.instruction, row.input, row.output) for row in rows]
    fit = [row for row in tokenized if len(row.prompt) + len(row.answer) <= params.max_tokens]
    if not fit:
        raise SourceError(
            f"none of {len(rows)} training rows has at most `train.max_tokens` = {params.max_tokens} tokens."
        )
    torch.manual_seed(params.seed)
    model = get_peft_model(
        AutoModelForCausalLM.from_pretrained(base, dtype=getattr(torch, params.dtype)),
        LoraConfig(
            r=params.lora.r,
            lora_alpha=params.lora.alpha,
            lora_dropout=params.lora.dropout,
            target_modules=params.lora.target_modules
            if isinstance(params.lora.target_modules, str)
            else list(params.lora.target_modules),
            task_type="CAUSAL_LM",
        ),
        autocast_adapter_dtype=False,  # the whole model in one dtype: on a CPU twice as fast as mixed float32
    )
    watch = _Watch(checkpoints, on_log)
    trainer = _AnswerTrainer(
        model=model,
        args=_arguments(params, checkpoints, len(fit)),
        train_dataset=fit,
        data_collator=lambda batch: pad(batch, tokenizer.pad_token_id or 0)._asdict(),
        callbacks=[watch],
    )
    resumed = _last_whole_checkpoint(checkpoints)
    if resumed:
        print(f"resuming from {resumed.name}", flush=True)
    trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)
    try:
        model.save_pretrained(adapter)
        _forget_paths(adapter)
    except (OSError, SafetensorError) as error:
        raise OutputError(f"{adapter}: cannot be written ({error}). The training is kept: run again.") from error
    shutil.rmtree(checkpoints, ignore_errors=True)
    losses = [(entry["step"], entry["loss"]) for entry in trainer.state.log_history if "loss" in entry]
    return Trained(_record(trainer, watch.seconds, losses, fit, len(rows), params), losses)


def _last_whole_checkpoint(checkpoints: Path) -> Path | None:
    """The newest checkpoint written to its end; those a kill has torn are removed."""
    whole = []
    for folder in checkpoints.glob("checkpoint-*"):
        if (folder / _WHOLE).exists():
            whole.append(folder)
        else:
            shutil.rmtree(folder)
    return max(whole, key=lambda folder: int(folder.name.rpartition("-")[2]), default=None)


class _LikeRowsTogether(torch.utils.data.Sampler[int]):
    """An order in which neighbours are alike in length, so that batches need little padding.

    Rows are drawn into pools, sorted inside each and cut into batches, and the batches shuffled. It depends on seed and
    epoch alone, so that a resumed epoch has it too. Answers need no pad: the output layer sees their tokens only.
    """

    def __init__(self, rows: Sequence[TokenizedRow], batch_size: int, seed: int, epoch: Callable[[], int]) -> None:
        self._lengths = [len(row.prompt) + len(row.answer) for row in rows]
        self._batch_size, self._seed, self._epoch = batch_size, seed, epoch

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        chance = random.Random(f"{self._seed}:{self._epoch()}")
        drawn = chance.sample(range(len(self)), len(self))
        ordered = [
            at
            for pool in _slices(drawn, _POOL * self._batch_size)
            for at in sorted(pool, key=self._lengths.__getitem__)
        ]
        *full, last = _slices(ordered, self._batch_size)  # only the last one may be short, and it stays last
        chance.shuffle(full)
        return (at for batch in (*full, last) for at in batch)


def _slices(items: Sequence[int], size: int) -> list[Sequence[int]]:
    return [items[at : at + size] for at in range(0, len(items), size)]


class _AnswerTrainer(Trainer):
    """Trainer whose loss is over answer tokens only, with logits computed for no other position."""

    loss_is_scaled_for_ga = False  # it is a mean over one batch: to be divided by the batches of a step

    def __init__(self, *, model: Any, **rest: Any) -> None:
        super().__init__(model=model, **rest)
        self._answer_logits = AnswerLogits(model)

    def _get_train_sampler(self, train_dataset: Any = None) -> _LikeRowsTogether:
        together = self.args.train_batch_size * self.args.gradient_accumulation_steps
        # the library's own sampler draws from the global generator, which a resumed epoch finds in another state
        return _LikeRowsTogether(self.train_dataset, together, self.args.seed, lambda: int(self.state.epoch or 0))

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        super()._load_from_checkpoint(resume_from_checkpoint, model)
        for parameter in self.model.parameters():
            if parameter.requires_grad:
                parameter.data = parameter.data.to(self.model.dtype)  # peft has loaded them in float32

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        read = {"input_ids": inputs["input_ids"], "attention_mask": inputs["attention_mask"], "use_cache": False}
        return AnswerLoss.apply(self._answer_logits(model, inputs["predicts"], **read).logits, inputs["targets"])


class _Watch(TrainerCallback):
    """Keeps the device clock over kills, marks whole checkpoints and passes logs on."""

    def __init__(self, checkpoints: Path, on_log: OnLog) -> None:
        self._checkpoints = checkpoints
        self._on_log = on_log
        clock = checkpoints / _CLOCK
        self._earlier: float = read_json(clock) if clock.exists() else 0.0
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds of training in all; those before a kill, up to its last log or checkpoint, included."""
        return self._earlier + time.monotonic() - self._started

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._started = time.monotonic()

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        if logs and "loss" in logs:
            values = {name: float(logs[name]) for name in ("loss", "learning_rate", "grad_norm") if name in logs}
            self._on_log(state.global_step, values)
        write_json(self._checkpoints / _CLOCK, self.seconds)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        (self._checkpoints / f"checkpoint-{state.global_step}" / _WHOLE).touch()
        write_json(self._checkpoints / _CLOCK, self.seconds)


def _arguments(params: TrainParams, checkpoints: Path, rows: int) -> TrainingArguments:
    steps_per_epoch = math.ceil(rows / (params.batch_size * params.gradient_accumulation))
    total = math.ceil(steps_per_epoch * params.epochs)
    arguments = TrainingArguments(
        output_dir=str(checkpoints),
        num_train_epochs=params.epochs,
        per_device_train_batch_size=params.batch_size,
        gradient_accumulation_steps=params.gradient_accumulation,
        learning_rate=params.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=min(params.warmup_steps, total),
        weight_decay=params.weight_decay,
        max_grad_norm=params.max_grad_norm,
        logging_steps=min(params.log_every_steps, total),
        save_steps=params.save_every_steps,
        save_total_limit=2,
        seed=params.seed,
        data_seed=params.seed,
        remove_unused_columns=False,
        dataloader_pin_memory=torch.cuda.is_available(),
        report_to=[],
        disable_tqdm=False,
    )
    arguments._n_gpu = min(1, arguments.n_gpu)  # DataParallel would tear a batch's rows and answers apart
    return arguments


def _record(
    trainer: Trainer,
    seconds: float,
    losses: Sequence[tuple[int, float]],
    fit: Sequence[TokenizedRow],
    rows: int,
    params: TrainParams,
) -> TrainingRecord:
    args = trainer.args
    hours = seconds / 3600 * args.world_size
    on_gpu = args.device.type == "cuda"
    tokens = round(sum(len(r.prompt) + len(r.answer) for r in fit) * params.epochs)
    return TrainingRecord(
        rows=len(fit),
        left_out=rows - len(fit),
        steps=trainer.state.global_step,
        tokens=tokens,
        tokens_per_second=round(tokens / seconds, 1),
        final_loss=losses[-1][1],
        device=torch.cuda.get_device_name() if on_gpu else "cpu",
        devices=args.world_size,
        device_hours=round(hours, 5),
        gpu_hours=round(hours, 5) if on_gpu else 0.0,
        dtype=params.dtype,
        trainable_parameters=sum(p.numel() for p in trainer.model.parameters() if p.requires_grad),
    )


def _forget_paths(adapter: Path) -> None:
    """Makes the files the same on every machine: the base as a name, no path, no generated readme."""
    config = adapter / "adapter_config.json"
    content = json.loads(config.read_text("utf-8"))
    content["base_model_name_or_path"] = "models/base"
    if isinstance(content["target_modules"], list):
        content["target_modules"].sort()  # a set before, in an order of its own in each process
    config.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", "utf-8")
    (adapter / "README.md").unlink(missing_ok=True)
