"""A Trainer whose loss is over answer tokens only, and whose updates are the same however they are cut into batches.

The mean is over all answer tokens of an update: over its batches and processes. transformers keeps the rest: optimiser,
schedule, checkpoints, noise on embeddings, several devices.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers import Trainer, TrainerCallback, TrainingArguments

from .answer_loss import TokenLosses
from .batches import AnswerLogits, Collate
from .checkpoints import is_first_process, last_whole_checkpoint
from .row_order import RowOrder


class AnswerTrainer(Trainer):
    """Trains `model` on the answers of `rows`; `validation` rows are only measured."""

    loss_is_scaled_for_ga = True  # compute_loss divides by the answer tokens of the whole update

    def __init__(
        self,
        model: Any,
        args: TrainingArguments,
        rows: Sequence[Any],
        validation: Sequence[Any],
        collate: Collate,
        callbacks: list[TrainerCallback],
    ) -> None:
        super().__init__(
            model=model, args=args, train_dataset=rows, eval_dataset=validation or None, callbacks=callbacks
        )
        self._collate = collate
        self._answer_logits = AnswerLogits(model)

    def go_on(self) -> None:
        """Trains to the end, from the last whole checkpoint where a kill has left one."""
        resumed = last_whole_checkpoint(Path(self.args.output_dir))
        if resumed and is_first_process():
            print(f"resuming from {resumed.name}", flush=True)
        self.train(resume_from_checkpoint=str(resumed) if resumed else None)

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Batches of this process alone; the library's sampler would draw from a generator that a resumed run lacks."""
        order = RowOrder(
            self.train_dataset,
            self.args.train_batch_size,
            self.args.gradient_accumulation_steps,
            self.args.seed,
            lambda: int(self.state.epoch or 0),
            self.args.process_index,
            self.args.world_size,
        )
        return self._loader(self.train_dataset, order)

    def get_eval_dataloader(self, eval_dataset: Any = None) -> DataLoader[Any]:
        """The validation rows' batches of this process."""
        rows = self.eval_dataset
        order = RowOrder(rows, self.args.eval_batch_size, 1, 0, int, self.args.process_index, self.args.world_size)
        return self._loader(rows, order)

    def _loader(self, rows: Any, order: RowOrder) -> DataLoader[Any]:
        return DataLoader(rows, batch_sampler=order, collate_fn=self.collated)

    def collated(self, rows: Sequence[Any]) -> dict[str, Any]:
        """A batch of rows: the fields of `batches.Batch`."""
        return self._collate(rows)._asdict()

    def counted(self, batch: dict[str, Any]) -> int:
        """What the mean is over: the answer tokens of a batch."""
        return len(batch["targets"])

    def _get_num_items_in_batch(self, batch_samples: list[Any], device: torch.device) -> torch.Tensor:
        """What the mean of an update is over: its batches in all processes."""
        mine = torch.tensor(sum(map(self.counted, batch_samples)), device=device)
        everyones: torch.Tensor = self.accelerator.gather(mine).sum()
        return everyones

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> torch.Tensor:
        """This batch's share of the update's mean loss; processes average theirs, hence the factor."""
        losses = self.losses(model, inputs)
        share: torch.Tensor = losses.sum() * (self.accelerator.num_processes / num_items_in_batch)
        return share

    def losses(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        """The losses of a batch, as many as `counted`."""
        return self.token_losses(model, inputs)

    def token_losses(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        """The negative log-likelihood (answer tokens,) of each target of a batch."""
        logits = self._answer_logits(model, inputs["predicts"], use_cache=False, **inputs["inputs"]).logits
        losses: torch.Tensor = TokenLosses.apply(logits, inputs["targets"])
        return losses

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """The mean loss over all answer tokens of the validation rows, whatever the batches."""
        model = self.model_wrapped.eval()
        totals = torch.zeros(2, dtype=torch.float64, device=self.args.device)
        with torch.no_grad():
            for batch in self.get_eval_dataloader():
                losses = self.token_losses(model, self._prepare_inputs(batch))
                totals += torch.stack([losses.double().sum(), torch.tensor(len(losses)).to(totals)])
        loss, tokens = self.accelerator.reduce(totals, reduction="sum").tolist()
        model.train()
        metrics = {"eval_loss": loss / tokens}
        self.log(metrics)
        self.control: Any = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        super()._load_from_checkpoint(resume_from_checkpoint, model)
        self._keep_dtype()

    def _load_best_model(self) -> None:
        super()._load_best_model()
        self._keep_dtype()

    def _keep_dtype(self) -> None:
        for parameter in self.model.parameters():
            if parameter.requires_grad:
                parameter.data = parameter.data.to(self.model.dtype)  # peft has loaded them in float32
