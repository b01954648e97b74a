"""Whether a model keeps packed rows apart: one that does, and one that takes no notice of positions."""

import pytest
import torch
from transformers import AutoModelForCausalLM, BloomConfig, BloomForCausalLM

from finsmith.core.errors import ParamsError
from finsmith.training.chat_format import TokenizedRow
from finsmith.training.packing import check_packing

ROWS = [TokenizedRow([1, 20, 30, 45, 60], [40, 2]), TokenizedRow([1, 50, 33, 21], [60, 70, 80, 2])]


def test_a_model_that_keeps_rows_apart(base):
    """The tiny Gemma reads positions, so nothing is raised, and it is left in training mode as it was."""
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).train()
    check_packing(model, ROWS, 0)
    assert model.training


def test_a_model_that_mixes_rows_is_refused():
    """Bloom tells places apart by distance alone and takes no positions: the second row would read the first."""
    torch.manual_seed(0)
    config = BloomConfig(vocab_size=100, hidden_size=32, n_layer=2, n_head=2, initializer_range=0.5)
    with pytest.raises(ParamsError, match=r"`train.packing`.*Set `train.packing: false`"):
        check_packing(BloomForCausalLM(config), ROWS, 0)
