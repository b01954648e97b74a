"""Answers that are heard as they are written, against those that are written at once."""

import pytest

from finsmith.core.errors import SourceError
from finsmith.training.chat import ChatModels
from finsmith.training.lora import train_adapter

from .conftest import ROWS, example, train_params

ANSWER = "한국은행이 정하는 금리이다.\n돈의 값이다. 뷁"  # a line end, and a syllable of three tokens at the end


@pytest.fixture(scope="module")
def models(base, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    rows = [example(row.instruction, ANSWER) for row in ROWS]
    train_adapter(rows, base, folder / "adapter", folder / "checkpoints", train_params(epochs=10), lambda *_: None)
    return ChatModels(base, folder / "adapter", "float32")


def heard(models, question, with_adapter, max_tokens=60):
    pieces = []
    models.answer(question, with_adapter, max_tokens, pieces.append)
    return pieces


def test_the_adapters_answer_comes_in_whole_words(models):
    """The adapter's answer is what it was trained on, in pieces of whole words, without its end token."""
    pieces = heard(models, ROWS[0].instruction, True)
    assert "".join(pieces) == ANSWER
    assert len(pieces) >= 4 and all(pieces) and not any("�" in piece for piece in pieces)


def test_base_and_adapter_answer_as_themselves(models):
    """Whoever is asked answers, in any order, as when it writes its answer at once."""
    for with_adapter in (False, True, False):
        models.use_adapter(with_adapter)
        (expected,) = models.generate([models.prompt("국채란?")], 20)
        assert "".join(heard(models, "국채란?", with_adapter, 20)).lstrip(" ") == expected
    assert heard(models, "국채란?", False, 20) != heard(models, "국채란?", True, 20)


def test_a_long_answer_is_cut(models):
    """Not more than the allowed tokens are written."""
    assert ANSWER.startswith("".join(heard(models, ROWS[0].instruction, True, 3))) and heard(models, "국채란?", True, 1)


def test_before_the_training(base, tmp_path):
    """Without base or adapter a sentence says how to get them."""
    for given in ((tmp_path / "base", tmp_path / "adapter"), (base, tmp_path / "adapter")):
        with pytest.raises(SourceError, match=r"(base|adapter): not found.*dvc repro"):
            ChatModels(*given, "float32")
