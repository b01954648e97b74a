"""The loss made in pieces against torch's own cross-entropy: value and gradient."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from finsmith.training import answer_loss
from finsmith.training.answer_loss import TokenLosses


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

    loss, expected = TokenLosses.apply(ours, targets).mean(), cross_entropy(theirs.float(), targets)
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
    loss = TokenLosses.apply(logits, targets).mean()
    loss.backward()
    step = 1e-2
    lower = TokenLosses.apply(logits.detach() - step * logits.grad, targets).mean()
    torch.testing.assert_close(loss - lower, step * (logits.grad**2).sum(), rtol=0.02, atol=1e-6)


def test_each_token_has_a_loss_and_a_gradient_of_its_own():
    """Weights of the tokens from outside, a zero and a negative one among them, reach each its own row."""
    torch.manual_seed(1)
    ours = torch.randn(4, 50, requires_grad=True)
    theirs = ours.detach().clone().requires_grad_()
    targets, weights = torch.randint(0, 50, (4,)), torch.tensor([2.0, 0.0, -1.0, 0.5])
    losses, expected = TokenLosses.apply(ours, targets), cross_entropy(theirs, targets, reduction="none")
    (losses * weights).sum().backward()
    (expected * weights).sum().backward()
    torch.testing.assert_close(losses, expected)
    torch.testing.assert_close(ours.grad, theirs.grad)


def test_no_token_has_no_loss():
    """A batch without answer tokens has an empty loss, whose sum is 0 and has a gradient of zeros."""
    logits = torch.randn(0, 50, requires_grad=True)
    loss = TokenLosses.apply(logits, torch.empty(0, dtype=torch.long)).sum()
    loss.backward()
    assert loss.item() == 0 and logits.grad.shape == (0, 50)
