"""Trains an adapter further on pairs of answers, of which one is chosen: direct preference optimisation (DPO).

A pair's margin is the log-likelihood of the chosen answer less that of the rejected one. The loss is
-log sigmoid(beta * (margin - reference margin)), its mean over all pairs of an update; the reference is the adapter as
the rows have left it, whose margins are computed once. Source: Rafailov et al., arXiv 2305.18290, equation 7. Not
covered: where pairs come from; they are found by the stage `mix`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import logsigmoid
from tqdm import tqdm

from .answer_trainer import AnswerTrainer
from .arguments import training_arguments
from .batches import Collate
from .chat_format import TokenizedRow
from .checkpoints import OnLog, Watch, is_first_process
from .params import TrainParams


@dataclass(frozen=True)
class TokenizedPair:
    """Two answers to one prompt; `reference_margin` is theirs before the pairs are trained on."""

    chosen: TokenizedRow
    rejected: TokenizedRow
    reference_margin: float = 0.0

    def __len__(self) -> int:
        return len(self.chosen) + len(self.rejected)


@dataclass(frozen=True)
class Preferred:
    """What training on pairs took and reached; accuracies are the share of pairs with a margin above 0."""

    pairs: int
    steps: int
    losses: list[tuple[int, float]]
    accuracy_before: float | None
    accuracy: float | None


class PreferenceTrainer(AnswerTrainer):
    """Trains on pairs; a batch is the chosen answers of its pairs, then the rejected ones."""

    beta: float

    def collated(self, rows: Sequence[Any]) -> dict[str, Any]:
        """A batch of pairs, with their reference margins."""
        batch = super().collated([pair.chosen for pair in rows] + [pair.rejected for pair in rows])
        return batch | {"reference": torch.tensor([pair.reference_margin for pair in rows])}

    def counted(self, batch: dict[str, Any]) -> int:
        """The pairs of a batch."""
        return len(batch["reference"])

    def losses(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        """The loss (pairs,) of each pair of a batch."""
        return -logsigmoid(self.beta * (self.margins(model, inputs) - inputs["reference"]))

    def margins(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        """The margin (pairs,) of each pair of a batch, in nats."""
        losses, lengths = self.token_losses(model, inputs), inputs["lengths"]
        answers = torch.repeat_interleave(torch.arange(len(lengths), device=losses.device), lengths)
        chosen, rejected = losses.new_zeros(len(lengths)).index_add(0, answers, losses).chunk(2)
        return rejected - chosen

    def all_margins(self) -> list[float]:
        """The margins of all pairs in order, each process computing its share."""
        process, processes, size = self.args.process_index, self.args.world_size, self.args.eval_batch_size
        mine = self.train_dataset[process::processes]
        model, found = self.model.eval().to(self.args.device), list[float]()
        with torch.no_grad():
            for at in tqdm(range(0, len(mine), size), desc="comparing answers", disable=not is_first_process()):
                batch = self._prepare_inputs(self.collated(mine[at : at + size]))
                found += self.margins(model, batch).tolist()
        shares = [found]
        if processes > 1:
            shares = [list[float]() for _ in range(processes)]
            torch.distributed.all_gather_object(shares, found)
        return [shares[at % processes][at // processes] for at in range(len(self.train_dataset))]


def prefer(
    tuned: AnswerTrainer,
    pairs: Sequence[TokenizedPair],
    collate: Collate,
    checkpoints: Path,
    params: TrainParams,
    on_log: OnLog | None,
    held_since: float,
) -> Preferred:
    """Trains the adapter of `tuned` further where there are pairs; the steps heard of count from where its own end.

    A killed training on pairs goes on like one on rows: the adapter of `tuned`, which its checkpoint gives back, is the
    reference each time.
    """
    if not pairs:
        return Preferred(0, 0, [], None, None)
    done = tuned.state.global_step
    preference = params.preference
    how = params.model_copy(
        update={"epochs": preference.epochs, "learning_rate": preference.learning_rate, "neftune_alpha": 0.0}
    )

    def heard(step: int, values: dict[str, float]) -> None:
        if on_log:
            on_log(done + step, {f"preference_{name}": value for name, value in values.items()})

    folder = checkpoints / "preference"
    trainer = PreferenceTrainer(
        model=tuned.model,
        args=training_arguments(how, folder, len(pairs)),
        rows=pairs,
        validation=[],
        collate=collate,
        callbacks=[Watch(folder, heard, held_since, clock=checkpoints)],
    )
    trainer.beta = preference.beta
    before = trainer.all_margins()
    trainer.train_dataset = [
        TokenizedPair(pair.chosen, pair.rejected, margin) for pair, margin in zip(pairs, before, strict=True)
    ]
    trainer.go_on()
    losses = [(done + entry["step"], entry["loss"]) for entry in trainer.state.log_history if "loss" in entry]
    after = trainer.all_margins()
    return Preferred(len(pairs), trainer.state.global_step, losses, _accuracy(before), _accuracy(after))


def _accuracy(margins: Sequence[float]) -> float:
    return round(sum(margin > 0 for margin in margins) / len(margins), 4)
