"""Trains a LoRA adapter on the answers of instruction rows, resumable after a kill.

Checkpoints live outside DVC's outputs, under the fingerprint of everything that decides the training, so that a killed
run goes on where it was and another run never picks up its pieces. Not covered: several machines, quantised bases.
"""

import json
import math
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_utils import get_last_checkpoint

from finsmith.core.errors import SourceError
from finsmith.core.records import Example

from .batches import AnswerLogits, pad
from .chat_format import ChatFormat, TokenizedRow
from .params import TrainParams

OnLog = Callable[[int, dict[str, float]], None]
_CLOCK = "device_seconds.json"


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
    """
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
        train_dataset=_Rows(fit),
        data_collator=lambda items: pad([item["row"] for item in items], tokenizer.pad_token_id or 0)._asdict(),
        callbacks=[watch],
    )
    resumed = get_last_checkpoint(str(checkpoints)) if checkpoints.exists() else None
    if resumed:
        print(f"resuming from {Path(resumed).name}", flush=True)
    trainer.train(resume_from_checkpoint=resumed)
    model.save_pretrained(adapter)
    _forget_paths(adapter)
    shutil.rmtree(checkpoints, ignore_errors=True)
    return Trained(_record(trainer, watch, fit, len(rows), params), watch.losses)


class _Rows(torch.utils.data.Dataset[dict[str, Any]]):
    """Rows with a length that stands for their cost, by which like rows are batched together."""

    def __init__(self, rows: Sequence[TokenizedRow]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, at: int) -> dict[str, Any]:
        row = self._rows[at]
        return {"row": row, "input_ids": row.prompt + row.answer + row.answer}  # the sampler takes its length


class _AnswerTrainer(Trainer):
    """Trainer whose loss is over answer tokens only, with logits computed for no other position."""

    def __init__(self, *, model: Any, **rest: Any) -> None:
        super().__init__(model=model, **rest)
        self._answer_logits = AnswerLogits(model)

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        logits = self._answer_logits(model, inputs["input_ids"], inputs["attention_mask"], inputs["predicts"])
        return cross_entropy(logits, inputs["targets"])


class _Watch(TrainerCallback):
    """Keeps the loss curve and the device clock over kills, and passes logs on."""

    def __init__(self, checkpoints: Path, on_log: OnLog) -> None:
        self._file = checkpoints / _CLOCK
        self._on_log = on_log
        saved: dict[str, Any] = {"seconds": 0.0, "losses": []}
        if self._file.exists():
            saved = json.loads(self._file.read_text())
        self._earlier: float = saved["seconds"]
        self._started = time.monotonic()
        self.losses: list[tuple[int, float]] = [(step, loss) for step, loss in saved["losses"]]

    @property
    def seconds(self) -> float:
        """Seconds of training in all, those before a kill (up to its last checkpoint) included."""
        return self._earlier + time.monotonic() - self._started

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._started = time.monotonic()

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        if logs and "loss" in logs:
            self.losses.append((state.global_step, float(logs["loss"])))
            values = {name: float(logs[name]) for name in ("loss", "learning_rate", "grad_norm") if name in logs}
            self._on_log(state.global_step, values)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._file.write_text(json.dumps({"seconds": self.seconds, "losses": self.losses}))


def _arguments(params: TrainParams, checkpoints: Path, rows: int) -> TrainingArguments:
    steps_per_epoch = math.ceil(rows / (params.batch_size * params.gradient_accumulation))
    total = math.ceil(steps_per_epoch * params.epochs)
    return TrainingArguments(
        output_dir=str(checkpoints),
        num_train_epochs=params.epochs,
        per_device_train_batch_size=params.batch_size,
        gradient_accumulation_steps=params.gradient_accumulation,
        learning_rate=params.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=min(params.warmup_steps, total),
        weight_decay=params.weight_decay,
        max_grad_norm=params.max_grad_norm,
        train_sampling_strategy="group_by_length",
        logging_steps=params.log_every_steps,
        save_steps=params.save_every_steps,
        save_total_limit=2,
        seed=params.seed,
        data_seed=params.seed,
        remove_unused_columns=False,
        dataloader_pin_memory=torch.cuda.is_available(),
        report_to=[],
        disable_tqdm=False,
    )


def _record(
    trainer: Trainer, watch: _Watch, fit: Sequence[TokenizedRow], rows: int, params: TrainParams
) -> TrainingRecord:
    args = trainer.args
    devices = args.world_size * max(1, args.n_gpu)
    hours = watch.seconds / 3600 * devices
    on_gpu = args.device.type == "cuda"
    tokens = round(sum(len(r.prompt) + len(r.answer) for r in fit) * params.epochs)
    return TrainingRecord(
        rows=len(fit),
        left_out=rows - len(fit),
        steps=trainer.state.global_step,
        tokens=tokens,
        tokens_per_second=round(tokens / watch.seconds, 1),
        final_loss=watch.losses[-1][1] if watch.losses else math.nan,
        device=torch.cuda.get_device_name() if on_gpu else "cpu",
        devices=devices,
        device_hours=round(hours, 5),
        gpu_hours=round(hours, 5) if on_gpu else 0.0,
        dtype=params.dtype,
        trainable_parameters=sum(p.numel() for p in trainer.model.parameters() if p.requires_grad),
    )


def _forget_paths(adapter: Path) -> None:
    """Writes the base as a name, not as a path of this machine, and drops the generated readme."""
    config = adapter / "adapter_config.json"
    content = json.loads(config.read_text("utf-8"))
    content["base_model_name_or_path"] = "models/base"
    config.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", "utf-8")
    (adapter / "README.md").unlink(missing_ok=True)
