"""Batches of rows, and logits at the answer tokens alone.

The output layer of a small model with a large vocabulary costs as much as all the rest; computing it only where an
answer token is predicted makes training several times faster and changes no number.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from .chat_format import TokenizedRow


class Batch(NamedTuple):
    """Tensors of a batch, padded on the right.

    input_ids, attention_mask: (rows, longest). predicts: (rows, longest), true where the next token is an answer token.
    targets: (answer tokens,), those tokens in row order.
    """

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    predicts: torch.Tensor
    targets: torch.Tensor


def pad(rows: Sequence[TokenizedRow], pad_id: int) -> Batch:
    """The rows as one batch."""
    longest = max(len(row.prompt) + len(row.answer) for row in rows)
    ids = torch.full((len(rows), longest), pad_id, dtype=torch.long)
    mask = torch.zeros_like(ids)
    predicts = torch.zeros_like(ids, dtype=torch.bool)
    for number, row in enumerate(rows):
        begin, end = len(row.prompt), len(row.prompt) + len(row.answer)
        ids[number, :end] = torch.tensor(row.prompt + row.answer)
        mask[number, :end] = 1
        predicts[number, begin - 1 : end - 1] = True
    targets = torch.tensor([token for row in rows for token in row.answer])
    return Batch(ids, mask, predicts, targets)


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
