"""Padding, and logits and loss at answer tokens alone against the model's own full logits and loss."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM

from finsmith.training.answer_loss import AnswerLoss
from finsmith.training.batches import AnswerLogits, pad
from finsmith.training.chat_format import TokenizedRow

ROWS = [TokenizedRow([1, 20, 30], [40, 2]), TokenizedRow([1, 50], [60, 70, 80, 2]), TokenizedRow([1], [90])]


def test_padding_by_hand():
    """Rows are filled on the right; a position predicts where the next token is an answer token."""
    batch = pad(ROWS, 0)
    assert batch.input_ids.tolist() == [[1, 20, 30, 40, 2, 0], [1, 50, 60, 70, 80, 2], [1, 90, 0, 0, 0, 0]]
    assert batch.attention_mask.tolist() == [[1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1], [1, 1, 0, 0, 0, 0]]
    assert batch.predicts.int().tolist() == [[0, 0, 1, 1, 0, 0], [0, 1, 1, 1, 1, 0], [1, 0, 0, 0, 0, 0]]
    assert batch.targets.tolist() == [40, 2, 60, 70, 80, 2, 90]


tokens = st.lists(st.integers(0, 400), min_size=1, max_size=12)


@settings(max_examples=50)
@given(st.lists(st.builds(TokenizedRow, tokens, tokens), min_size=1, max_size=6), st.integers(0, 400))
def test_padding_loses_nothing(rows, pad_id):
    """Prompt and answer of every row can be read back from the batch, whatever token fills it up."""
    batch = pad(rows, pad_id)
    for number, row in enumerate(rows):
        length = int(batch.attention_mask[number].sum())
        assert batch.input_ids[number, :length].tolist() == row.prompt + row.answer
        following = batch.predicts[number].nonzero()[:, 0] + 1
        assert batch.input_ids[number, following].tolist() == row.answer
    assert batch.targets.tolist() == [token for row in rows for token in row.answer]


@pytest.fixture
def model(base):
    return AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()


def test_answer_logits_are_the_full_logits_at_those_positions(base, model):
    """Computing the output layer at chosen positions only changes no logit there, and computes no other."""
    batch = pad(ROWS, 0)
    with torch.no_grad():
        read = {"input_ids": batch.input_ids, "attention_mask": batch.attention_mask}
        full, chosen = model(**read).logits, AnswerLogits(model)(model, batch.predicts, **read).logits
    assert chosen.shape == (7, model.config.vocab_size)
    torch.testing.assert_close(chosen, full[batch.predicts])


def test_the_loss_is_transformers_own(base, model):
    """The answer loss over the answer logits is the loss transformers gives with labels of -100 outside the answers."""
    batch = pad(ROWS, 0)
    labels = torch.tensor(
        [[-100, -100, -100, 40, 2, -100], [-100, -100, 60, 70, 80, 2], [-100, 90, -100, -100, -100, -100]]
    )
    with torch.no_grad():
        read = {"input_ids": batch.input_ids, "attention_mask": batch.attention_mask}
        expected = model(**read, labels=labels).loss
        logits = AnswerLogits(model)(model, batch.predicts, **read).logits
    torch.testing.assert_close(AnswerLoss.apply(logits, batch.targets), expected)
