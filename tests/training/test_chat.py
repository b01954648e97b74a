"""Answers that are heard as they are written, against those that are written at once."""

import pytest
from transformers import AutoTokenizer

from finsmith.training.chat import ChatModels
from finsmith.training.lora import train_adapter

from .conftest import ROWS, example, train_params

ANSWER = "예 참.\n뷁 웨"  # a line end, and syllables of several tokens


@pytest.fixture(scope="module")
def models(base, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    rows = [example(row.instruction, ANSWER) for row in ROWS]
    train_adapter(rows, base, folder / "adapter", folder / "checkpoints", train_params(epochs=10), lambda *_: None)
    return ChatModels(base, folder / "adapter", "float32")


def heard(models, question, with_adapter, max_tokens=40):
    pieces = []
    models.answer(question, with_adapter, max_tokens, pieces.append)
    return pieces


def test_the_adapters_answer_comes_in_whole_words(models):
    """The adapter's answer is what it was trained on, in pieces of whole words, without its end token."""
    pieces = heard(models, ROWS[0].instruction, True)
    assert "".join(pieces) == ANSWER
    assert len(pieces) >= 3 and all(pieces) and not any("�" in piece for piece in pieces)


def test_base_and_adapter_answer_as_themselves(models):
    """Whoever is asked answers, in any order, as when it writes its answer at once."""
    for with_adapter in (False, True, False):
        models.use_adapter(with_adapter)
        (expected,) = models.generate([models.prompt("국채란?")], 20)
        assert "".join(heard(models, "국채란?", with_adapter, 20)).lstrip(" ") == expected.rstrip("�")
    assert heard(models, "국채란?", False, 20) != heard(models, "국채란?", True, 20)


def test_a_long_answer_is_cut(models, base):
    """Not more than the allowed tokens are written; a syllable that the cut falls into is left out."""
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokens = tokenizer(ANSWER, add_special_tokens=False).input_ids
    cut = {number: tokenizer.decode(tokens[:number]) for number in range(1, len(tokens))}
    assert any(text.endswith("�") for text in cut.values())
    for number, text in cut.items():
        assert "".join(heard(models, ROWS[0].instruction, True, number)) == text.rstrip("�")
