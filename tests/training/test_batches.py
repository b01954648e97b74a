"""Padding, and logits and loss at answer tokens alone against the model's own full logits and loss."""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM

from finsmith.training.answer_loss import TokenLosses
from finsmith.training.batches import AnswerLogits, pack, pad
from finsmith.training.chat_format import TokenizedRow

ROWS = [TokenizedRow([1, 20, 30], [40, 2]), TokenizedRow([1, 50], [60, 70, 80, 2]), TokenizedRow([1], [90])]


def test_padding_by_hand():
    """Rows are filled on the right; a position predicts where the next token is an answer token."""
    batch = pad(ROWS, 0)
    assert batch.inputs["input_ids"].tolist() == [[1, 20, 30, 40, 2, 0], [1, 50, 60, 70, 80, 2], [1, 90, 0, 0, 0, 0]]
    assert batch.inputs["attention_mask"].tolist() == [[1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1], [1, 1, 0, 0, 0, 0]]
    assert batch.predicts.int().tolist() == [[0, 0, 1, 1, 0, 0], [0, 1, 1, 1, 1, 0], [1, 0, 0, 0, 0, 0]]
    assert batch.targets.tolist() == [40, 2, 60, 70, 80, 2, 90]


tokens = st.lists(st.integers(0, 400), min_size=1, max_size=12)


@settings(max_examples=50)
@given(st.lists(st.builds(TokenizedRow, tokens, tokens), min_size=1, max_size=6), st.integers(0, 400))
def test_padding_loses_nothing(rows, pad_id):
    """Prompt and answer of every row can be read back from the batch, whatever token fills it up."""
    batch = pad(rows, pad_id)
    for number, row in enumerate(rows):
        length = int(batch.inputs["attention_mask"][number].sum())
        assert batch.inputs["input_ids"][number, :length].tolist() == row.prompt + row.answer
        following = batch.predicts[number].nonzero()[:, 0] + 1
        assert batch.inputs["input_ids"][number, following].tolist() == row.answer
    assert batch.targets.tolist() == [token for row in rows for token in row.answer]


@pytest.fixture
def model(base):
    return AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()


def test_answer_logits_are_the_full_logits_at_those_positions(base, model):
    """Computing the output layer at chosen positions only changes no logit there, and computes no other."""
    batch = pad(ROWS, 0)
    with torch.no_grad():
        full = model(**batch.inputs).logits
        chosen = AnswerLogits(model)(model, batch.predicts, **batch.inputs).logits
    assert chosen.shape == (7, model.config.vocab_size)
    torch.testing.assert_close(chosen, full[batch.predicts])


def test_the_loss_is_transformers_own(base, model):
    """The answer loss over the answer logits is the loss transformers gives with labels of -100 outside the answers."""
    batch = pad(ROWS, 0)
    labels = torch.tensor(
        [[-100, -100, -100, 40, 2, -100], [-100, -100, 60, 70, 80, 2], [-100, 90, -100, -100, -100, -100]]
    )
    with torch.no_grad():
        expected = model(**batch.inputs, labels=labels).loss
        logits = AnswerLogits(model)(model, batch.predicts, use_cache=False, **batch.inputs).logits
    torch.testing.assert_close(TokenLosses.apply(logits, batch.targets).mean(), expected)


def token_losses(model, batch):
    """The loss of each answer token of a batch."""
    with torch.no_grad():
        logits = AnswerLogits(model)(model, batch.predicts, use_cache=False, **batch.inputs).logits
    return TokenLosses.apply(logits, batch.targets)


def test_packing_by_hand():
    """Rows follow each other without padding; positions begin anew; a row's last token predicts nothing."""
    batch = pack(ROWS, 0)
    assert batch.inputs["input_ids"].tolist() == [[1, 20, 30, 40, 2, 1, 50, 60, 70, 80, 2, 1, 90]]
    assert batch.inputs["position_ids"].tolist() == [[0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 0, 1]]
    assert batch.predicts.int().tolist() == [[0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0]]
    assert batch.targets.tolist() == [40, 2, 60, 70, 80, 2, 90]
    assert batch.lengths.tolist() == pad(ROWS, 0).lengths.tolist() == [2, 4, 1]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.builds(TokenizedRow, tokens, tokens), min_size=1, max_size=5))
def test_a_packed_rows_loss_is_that_of_the_row_alone(model, rows):
    """Each answer token's loss is the same packed among others, padded among others, and alone."""
    alone = torch.cat([token_losses(model, pad([row], 0)) for row in rows])
    torch.testing.assert_close(token_losses(model, pack(rows, 0)), alone, atol=2e-4, rtol=1e-4)
    torch.testing.assert_close(token_losses(model, pad(rows, 0)), alone, atol=2e-4, rtol=1e-4)


@pytest.mark.parametrize("collate", [pad, pack])
def test_a_batch_without_rows(model, collate):
    """A process without rows reads a batch that predicts nothing and has no loss."""
    batch = collate([], 7)
    assert batch.inputs["input_ids"].tolist() == [[7]] and not batch.predicts.any()
    assert token_losses(model, batch).shape == (0,)
