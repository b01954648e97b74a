"""Makes sure that a model keeps packed rows apart.

A model does where it takes positions that begin anew as the start of another row; most of transformers' do. One that
does not would learn from its neighbour's words in silence, so it is tried out before a training rests on it.
"""

from collections.abc import Sequence
from typing import Any

import torch

from finsmith.core.errors import ParamsError

from .batches import pack
from .chat_format import TokenizedRow

_TOLERANCE = 0.05  # bfloat16 alone gives differences of a hundredth; a row that reads its neighbour, of whole units


def check_packing(model: Any, rows: Sequence[TokenizedRow], pad_id: int) -> None:
    """Compares the last row's logits behind another row with those it has alone.

    Raises:
        ParamsError: they differ: the model mixes packed rows.
    """
    first, last = (TokenizedRow([row.prompt[0]], row.prompt[1:64]) for row in (rows[0], rows[-1]))
    was_training = model.training
    model.eval()
    with torch.no_grad():
        alone, behind = (
            model(**{name: ids.to(model.device) for name, ids in pack(some, pad_id).inputs.items()}, use_cache=False)
            .logits[0, -len(last) :]
            .float()
            .log_softmax(dim=-1)
            for some in ([last], [first, last])
        )
    model.train(was_training)
    worst = float((alone.exp() * (alone - behind)).sum(dim=-1).abs().max())
    if worst > _TOLERANCE:
        raise ParamsError(
            f"`train.packing`: this base model lets a packed row read the one before it (Kullback-Leibler divergence "
            f"{worst:.2f}). Set `train.packing: false`, or another `train.attention`."
        )
