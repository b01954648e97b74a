"""What a training took and reached: for the metrics, the run in MLflow and the plot of its loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .answer_trainer import AnswerTrainer
from .chat_format import TokenizedRow
from .checkpoints import Watch
from .devices import device_name
from .params import TrainParams
from .preference import Preferred

Curve = list[tuple[int, float]]  # (step, loss)


@dataclass(frozen=True)
class TrainingRecord:
    """What a training took and reached.

    `device_hours` are hours held times devices, those on GPUs are `gpu_hours`, the others `cpu_hours`. `mean_watts` is
    what one device drew, and `kwh` what all did; None where the machine does not tell. `validation_loss` is the kept
    adapter's, None without validation rows. `preference_pairs` were trained on afterwards (0: none);
    `preference_accuracy_before` and `preference_accuracy` are the share of them whose chosen answer is the likelier.
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
    preference_pairs: int = 0
    preference_steps: int = 0
    preference_accuracy_before: float | None = None
    preference_accuracy: float | None = None


@dataclass(frozen=True)
class Trained:
    """The record of a training and its curves; the steps on pairs go on where those on rows end."""

    record: TrainingRecord
    losses: Curve
    validation_losses: Curve
    preference_losses: Curve


def loss_rows(trained: Trained) -> list[dict[str, float]]:
    """Rows for the plot of the curves: a step with the losses that it has."""
    curves = {
        "loss": trained.losses,
        "validation_loss": trained.validation_losses,
        "preference_loss": trained.preference_losses,
    }
    rows: dict[int, dict[str, float]] = {}
    for name, curve in curves.items():
        for step, loss in curve:
            rows.setdefault(step, {"step": step})[name] = loss
    return [rows[step] for step in sorted(rows)]


def curve(trainer: AnswerTrainer, name: str, first_step: int = 0) -> Curve:
    """What a trainer has logged under a name."""
    logged = trainer.state.log_history
    return [(first_step + entry["step"], entry[name]) for entry in logged if name in entry]


def trained_by(
    trainer: AnswerTrainer,
    watch: Watch,
    fit: Sequence[TokenizedRow],
    measured: Sequence[TokenizedRow],
    left_out: int,
    params: TrainParams,
    preferred: Preferred,
) -> Trained:
    """What a trainer has done with the rows `fit`, measured by others; the clock is read now."""
    state, devices = trainer.state, trainer.args.world_size
    losses, validation_losses = curve(trainer, "loss"), curve(trainer, "eval_loss")
    hours = round(watch.held_seconds / 3600 * devices, 5)
    on_gpu = trainer.args.device.type == "cuda"
    tokens = sum(map(len, fit)) * params.epochs * state.global_step / state.max_steps
    speed = tokens / state.global_step * (state.global_step - watch.first_step) / watch.train_seconds
    drawn = watch.mean_watts
    best = state.best_metric if params.validation.patience else None
    record = TrainingRecord(
        rows=len(fit),
        left_out=left_out,
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
        preference_pairs=preferred.pairs,
        preference_steps=preferred.steps,
        preference_accuracy_before=preferred.accuracy_before,
        preference_accuracy=preferred.accuracy,
    )
    return Trained(record, losses, validation_losses, preferred.losses)


def _trainable(model: Any) -> int:
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
