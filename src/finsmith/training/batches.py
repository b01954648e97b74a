"""Batches of rows, padded or packed, and logits at the answer tokens alone.

The output layer of a small model with a large vocabulary costs as much as all the rest; computing it only where an
answer token is predicted makes training several times faster and changes no number.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch

from .chat_format import TokenizedRow


class Batch(NamedTuple):
    """Tensors of a batch.

    inputs: what the model reads, each (rows, longest); of a packed batch (1, all tokens). predicts: of that shape, true
    where the next token is an answer token. targets: (answer tokens,), those tokens in row order. lengths: (rows,), the
    answer tokens of each row.
    """

    inputs: dict[str, torch.Tensor]
    predicts: torch.Tensor
    targets: torch.Tensor
    lengths: torch.Tensor


Collate = Callable[[Sequence[TokenizedRow]], Batch]


def pad(rows: Sequence[TokenizedRow], pad_id: int) -> Batch:
    """The rows as one batch, padded on the right; no rows give a batch that predicts nothing."""
    longest = max((len(row) for row in rows), default=1)
    shape = (max(1, len(rows)), longest)
    ids = torch.full(shape, pad_id, dtype=torch.long)
    mask = torch.zeros_like(ids)
    predicts = torch.zeros_like(ids, dtype=torch.bool)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = torch.tensor(row.prompt + row.answer)
        mask[number, : len(row)] = 1
        predicts[number, len(row.prompt) - 1 : len(row) - 1] = True
    mask[:, 0] = 1  # a row of padding alone would attend to nothing
    return Batch({"input_ids": ids, "attention_mask": mask}, predicts, *_answers(rows))


def pack(rows: Sequence[TokenizedRow], pad_id: int) -> Batch:
    """The rows one after the other in a single row without padding.

    Positions begin anew with each of them; by that the model keeps them apart (`check_packing`).
    """
    if not rows:
        return pad(rows, pad_id)
    ids = torch.tensor([token for row in rows for token in row.prompt + row.answer])
    positions = torch.cat([torch.arange(len(row)) for row in rows])
    predicts = torch.tensor(
        [len(row.prompt) - 1 <= at < len(row) - 1 for row in rows for at in range(len(row))], dtype=torch.bool
    )
    return Batch({"input_ids": ids[None], "position_ids": positions[None]}, predicts[None], *_answers(rows))


def _answers(rows: Sequence[TokenizedRow]) -> tuple[torch.Tensor, torch.Tensor]:
    targets = torch.tensor([token for row in rows for token in row.answer], dtype=torch.long)
    return targets, torch.tensor([len(row.answer) for row in rows], dtype=torch.long)


class AnswerLogits:
    """Makes a causal model compute its output layer at chosen positions only.

    A hook before the output layer keeps the chosen hidden states, so whatever the model does after that layer still
    happens, and a wrapper for several devices still sees its own forward pass. A model called by itself, as when it
    generates, computes all of its logits.
    """

    def __init__(self, model: Any) -> None:
        self._chosen: torch.Tensor | None = None
        model.get_output_embeddings().register_forward_pre_hook(self._keep_chosen)

    def __call__(self, model: Any, chosen: torch.Tensor, **inputs: Any) -> Any:
        """The model's output for `inputs`; its logits are (chosen positions, vocabulary), in row order."""
        self._chosen = chosen
        try:
            return model(**inputs)
        finally:
            self._chosen = None

    def _keep_chosen(self, _: torch.nn.Module, args: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        return args if self._chosen is None else (args[0][self._chosen], *args[1:])
