"""Log-likelihoods of tokens over a large vocabulary, with their gradient made a few rows at a time.

A library's cross-entropy keeps several float32 copies of all logits; with a vocabulary of 262,144 they cost a quarter
of the output layer's time on a CPU. Here each copy is a few rows that stay in the processor's cache. Same arithmetic.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch.autograd.function import once_differentiable

_CPU_PIECE = 2**20  # floats: 4 MiB
_GPU_PIECE = 2**28  # a GPU wants few big pieces; this is 1 GiB


class TokenLosses(torch.autograd.Function):
    """The negative log-likelihood (tokens,), in nats, of each of `targets` under `logits` (tokens, vocabulary)."""

    @staticmethod
    def forward(ctx: Any, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Computes the losses, and keeps what the gradient is made from."""
        normalisers = torch.cat([some.float().logsumexp(dim=-1, keepdim=True) for (some,) in _pieces(logits)])
        ctx.save_for_backward(logits, targets, normalisers)
        return (normalisers - logits.gather(1, targets[:, None]).float())[:, 0]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, outer: torch.Tensor) -> tuple[torch.Tensor, None]:
        """The probabilities, less one at the target, times the outer gradient; in the dtype of the logits."""
        logits, targets, normalisers = ctx.saved_tensors
        gradient = torch.empty_like(logits)
        every = (logits, targets[:, None], normalisers, outer[:, None].float(), gradient)
        for some, right, normaliser, factor, theirs in _pieces(*every):
            probs = (some - normaliser).exp_()  # float32, as the normaliser is
            probs.scatter_add_(1, right, torch.full_like(right, -1.0, dtype=probs.dtype))
            theirs.copy_(probs.mul_(factor))
        return gradient, None


def _pieces(logits: torch.Tensor, *beside: torch.Tensor) -> Iterator[tuple[torch.Tensor, ...]]:
    """A few rows at a time of the logits and of what stands beside them."""
    piece = _CPU_PIECE if logits.device.type == "cpu" else _GPU_PIECE
    rows = max(1, piece // logits.shape[1])
    return zip(*(torch.split(tensor, rows) for tensor in (logits, *beside)), strict=True)
