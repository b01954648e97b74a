"""The loss made in pieces against torch's own cross-entropy: value and gradient."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from finsmith.training import answer_loss
from finsmith.training.answer_loss import AnswerLoss


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("tokens", [1, 4, 7])
@pytest.mark.parametrize("piece", [1, 300, 10_000])
def test_value_and_gradient_are_those_of_cross_entropy(dtype, tokens, piece, monkeypatch):
    """Whether a piece is one row, some rows or all, and under any scale from outside, as accumulation sets it."""
    monkeypatch.setattr(answer_loss, "_CPU_PIECE", piece)
    torch.manual_seed(tokens)
    ours = (5 * torch.randn(tokens, 100)).to(dtype).requires_grad_()
    theirs = ours.detach().clone().requires_grad_()
    targets = torch.randint(0, 100, (tokens,))

    loss, expected = AnswerLoss.apply(ours, targets), cross_entropy(theirs.float(), targets)
    (loss / 4).backward()
    (expected / 4).backward()

    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(ours.grad, theirs.grad)
    assert float(ours.grad.float().abs().sum()) > 0


def test_the_gradient_is_the_slope_of_the_loss():
    """A step down the gradient lowers the loss as it says."""
    torch.manual_seed(0)
    logits = torch.randn(6, 50, requires_grad=True)
    targets = torch.randint(0, 50, (6,))
    loss = AnswerLoss.apply(logits, targets)
    loss.backward()
    step = 1e-2
    lower = AnswerLoss.apply(logits.detach() - step * logits.grad, targets)
    torch.testing.assert_close(loss - lower, step * (logits.grad**2).sum(), rtol=0.02, atol=1e-6)
