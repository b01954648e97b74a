"""The base model as it is written for the other stages."""

import shutil

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from finsmith.core.errors import ModelError, OutputError
from finsmith.training.base_model import write_base_model
from finsmith.training.params import BaseParams

from .conftest import KOREAN

ids = torch.tensor([[1, 20, 30, 40]])


def test_a_folder_becomes_a_base_model(base, tmp_path):
    """A local folder gives a folder with the same model and tokenizer, in which no path of the machine stands."""
    written = tmp_path / "models" / "base"
    write_base_model(BaseParams(model=str(base), dtype="float32"), written)
    given, got = (AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32) for folder in (base, written))
    torch.testing.assert_close(got(ids).logits, given(ids).logits, rtol=0, atol=0)
    tokenizer = AutoTokenizer.from_pretrained(written)
    assert [tokenizer.decode(tokenizer(text).input_ids) for text in KOREAN] == KOREAN
    content = b"".join(file.read_bytes() for file in written.iterdir())
    assert str(base).encode() not in content and str(tmp_path).encode() not in content
    assert [folder.name for folder in written.parent.iterdir()] == ["base"]


def test_the_asked_number_format(base, tmp_path):
    """Weights are stored in the format that `base.dtype` names."""
    write_base_model(BaseParams(model=str(base), dtype="bfloat16"), tmp_path / "base")
    assert AutoModelForCausalLM.from_pretrained(tmp_path / "base").dtype == torch.bfloat16


def test_an_unknown_model(tmp_path):
    """A model that is neither embedded nor a folder nor a hub id is an error that names key, value and the choice."""
    with pytest.raises(ModelError, match=r"`base.model` 'no/such/model'.*gemma-3-270m-q4_k_m"):
        write_base_model(BaseParams(model="no/such/model", dtype="float32"), tmp_path / "base")
    assert not (tmp_path / "base").exists()


def cut_weights(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])


def spoil_config(folder):
    (folder / "config.json").write_text("{")


def drop_weights(folder):
    (folder / "model.safetensors").unlink()


def drop_tokenizer(folder):
    for file in folder.glob("tokenizer*"):
        file.unlink()


@pytest.mark.parametrize("spoil", [cut_weights, spoil_config, drop_weights, drop_tokenizer])
def test_a_spoilt_folder(base, tmp_path, spoil):
    """Cut weights, a broken config, no weights and no tokenizer are errors that name the folder."""
    shutil.copytree(base, tmp_path / "spoilt")
    spoil(tmp_path / "spoilt")
    with pytest.raises(ModelError, match=r"`base.model` .*spoilt"):
        write_base_model(BaseParams(model=str(tmp_path / "spoilt"), dtype="float32"), tmp_path / "base")


def test_a_folder_that_cannot_be_written(base, tmp_path):
    """A file where the folder should be is an error that names it."""
    (tmp_path / "base").write_text("")
    with pytest.raises(OutputError, match="base: the base model cannot be written"):
        write_base_model(BaseParams(model=str(base), dtype="float32"), tmp_path / "base")


@pytest.mark.slow
def test_the_embedded_model(tmp_path):
    """The embedded GGUF becomes a model that loads, has its tokenizer, and prefers Korean to noise."""
    write_base_model(BaseParams(model="gemma-3-270m-q4_k_m", dtype="bfloat16"), tmp_path / "base")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "base")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "base").eval()
    sentence = tokenizer(KOREAN[0], add_special_tokens=False).input_ids
    assert len(tokenizer(KOREAN[0]).input_ids) == 26 and not tokenizer.chat_template  # <bos> included
    assert model.dtype == torch.bfloat16 and model.config.vocab_size == 262144
    losses = []
    for tokens in (sentence, sentence[::-1]):
        given = torch.tensor([[tokenizer.bos_token_id, *tokens]])
        with torch.no_grad():
            losses.append(float(model(given, labels=given).loss))
    assert losses[0] < losses[1]
