"""The base model as it is written for the other stages."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    ByT5Tokenizer,
    Gemma3Config,
    Gemma3ForConditionalGeneration,
)

from finsmith.core.errors import ModelError, OutputError
from finsmith.training.base_model import write_base_model
from finsmith.training.params import BaseParams

from .chat_templates import FAMILIES, GEMMA, of_pieces
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


def copy_of(base, folder):
    shutil.copytree(base, folder)
    return folder


def written(given, tmp_path):
    write_base_model(BaseParams(model=str(given), dtype="float32"), tmp_path / "base")
    return tmp_path / "base"


def change_json(file, **changes):
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | changes), "utf-8")


def test_weights_in_shards_and_no_pad_token(base, tmp_path):
    """Weights of several files become a whole model; a tokenizer without a pad token is taken."""
    given = copy_of(base, tmp_path / "given")
    (given / "model.safetensors").unlink()
    model = AutoModelForCausalLM.from_pretrained(base)
    model.save_pretrained(given, max_shard_size="100KB")
    assert len(list(given.glob("*.safetensors"))) > 2
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.pad_token = None
    tokenizer.save_pretrained(given)
    again = AutoModelForCausalLM.from_pretrained(written(given, tmp_path))
    torch.testing.assert_close(again(ids).logits, model(ids).logits, rtol=0, atol=0)


@pytest.mark.parametrize("where", ["chat_template.jinja", "tokenizer_config.json"])
def test_a_chat_template_is_kept(base, tmp_path, where):
    """A template in a file of its own, or in the tokenizer's, is the written base's."""
    given = copy_of(base, tmp_path / "given")
    if where.endswith("jinja"):
        (given / where).write_text(GEMMA.replace("<end_of_turn>", "<eos>"), "utf-8")
    else:
        change_json(given / where, chat_template=GEMMA.replace("<end_of_turn>", "<eos>"))
    tokenizer = AutoTokenizer.from_pretrained(written(given, tmp_path))
    assert tokenizer.chat_template == GEMMA.replace("<end_of_turn>", "<eos>")


def test_an_earlier_base_leaves_nothing(base, tmp_path):
    """Another base in the same place has no chat template and no shard of the earlier one."""
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    write_base_model(BaseParams(model=str(base), dtype="float32"), folder)
    assert not AutoTokenizer.from_pretrained(folder).chat_template
    assert [one.name for one in tmp_path.iterdir()] == ["base"]


def bring_code(folder):
    change_json(folder / "config.json", auto_map={"AutoModelForCausalLM": "modeling_own.OwnForCausalLM"})
    (folder / "modeling_own.py").write_text("raise SystemExit('this code was run')")


def quantise(folder):
    change_json(folder / "config.json", quantization_config={"quant_method": "gptq", "bits": 4, "group_size": 128})


def lose_a_layer(folder):
    weights = load_file(folder / "model.safetensors")
    kept = {name: weight for name, weight in weights.items() if "layers.1.mlp" not in name}
    save_file(kept, folder / "model.safetensors", {"format": "pt"})


def drop_the_answer(folder):
    (folder / "chat_template.jinja").write_text("{% for m in messages %}{{ m.role }}{% endfor %}")


def cut_the_vocabulary(folder):
    model = AutoModelForCausalLM.from_pretrained(folder)
    model.resize_token_embeddings(300)
    model.save_pretrained(folder)


def forget_the_end(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.eos_token = None
    tokenizer.save_pretrained(folder)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (bring_code, "given': it brings code of its own, which is not run"),
        (quantise, "given': it is quantised.*name its original"),
        (lose_a_layer, r"given': 3 of its weights are not there, model\.layers\.1\.mlp\.down_proj\.weight first"),
        (cut_the_vocabulary, "given': its tokenizer has more tokens than the model"),
        (drop_the_answer, "the chat template of `base.model`.*"),
        (forget_the_end, "tokenizer of `base.model` has no end-of-text token"),
    ],
)
def test_models_that_cannot_be_trained(base, tmp_path, spoil, says):
    """Code of its own, quantised, lost or too few weights, a format without answers or end: a sentence, no base."""
    given = copy_of(base, tmp_path / "given")
    spoil(given)
    with pytest.raises(ModelError, match=says):
        written(given, tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["given"]


def test_a_tokenizer_without_its_file(base, tmp_path):
    """A tokenizer that is a program and has no tokenizer.json is a sentence: other stages could not count by it."""
    given = copy_of(base, tmp_path / "given")
    for file in given.glob("tokenizer*"):
        file.unlink()
    ByT5Tokenizer(extra_ids=0).save_pretrained(given)
    with pytest.raises(ModelError, match=r"no form of one file, tokenizer\.json"):
        written(given, tmp_path)
    assert not (tmp_path / "base").exists()


def test_the_language_part_of_a_model_that_sees(tmp_path, capsys):
    """Of a Gemma 3 with eyes the language model is taken, with the same logits and no weight of the eyes."""
    tokenizer = of_pieces(FAMILIES["gemma"])
    language = {
        **{"vocab_size": len(tokenizer), "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2},
        **{"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 32, "initializer_range": 0.2},
    }
    eyes = {
        **{"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2},
        **{"image_size": 28, "patch_size": 14},
    }
    whole = Gemma3ForConditionalGeneration(
        Gemma3Config(text_config=language, vision_config=eyes, mm_tokens_per_image=4)
    ).eval()
    whole.save_pretrained(tmp_path / "given")
    tokenizer.save_pretrained(tmp_path / "given")
    folder = written(tmp_path / "given", tmp_path)
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    assert type(model).__name__ == "Gemma3ForCausalLM"
    assert "taking the language model out of Gemma3ForConditionalGeneration" in capsys.readouterr().out
    with torch.inference_mode():
        torch.testing.assert_close(model(ids).logits, whole(ids).logits, rtol=0, atol=1e-6)
    assert not any("vision" in name for name in load_file(folder / "model.safetensors"))
