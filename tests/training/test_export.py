"""The merged folder, loaded as a server loads it, against plain peft on the base."""

import json
import shutil

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from finsmith.core.errors import ModelError, OutputError
from finsmith.training.chat_format import ChatFormat
from finsmith.training.export import export_model
from finsmith.training.lora import train_adapter
from finsmith.training.predictor import LikelihoodPredictor

from .chat_templates import FAMILIES, GEMMA, of_pieces
from .conftest import KOREAN, ROWS, example, train_params

FACTS = {"base model": "tiny", "training rows": 16}


@pytest.fixture(scope="module")
def adapter(base, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    train_adapter(ROWS, base, folder / "adapter", folder / "checkpoints", train_params(epochs=3), lambda *_: None)
    return folder / "adapter"


@pytest.fixture(scope="module")
def exported(base, adapter, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "merged"
    export_model(base, adapter, folder, "", FACTS)
    return folder


@pytest.fixture(scope="module")
def with_peft(base, adapter):
    """Base and adapter as anybody loads them, without finsmith."""
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    return PeftModel.from_pretrained(model, str(adapter)).eval()


def logits(model, tokenizer, text):
    with torch.inference_mode():
        return model(torch.tensor([tokenizer(text, add_special_tokens=False).input_ids])).logits[0]


def test_plain_peft_reads_the_adapter(base, adapter, with_peft):
    """`PeftModel.from_pretrained` on the adapter's folder gives the likelihoods that evaluation is made of."""
    predictor, tokenizer = LikelihoodPredictor(base, adapter, "float32"), AutoTokenizer.from_pretrained(base)
    for row in ROWS:
        prompt = predictor.prompt(row.instruction)
        asked = len(tokenizer(prompt, add_special_tokens=False).input_ids)
        answer = tokenizer(row.output, add_special_tokens=False).input_ids
        scores = logits(with_peft, tokenizer, prompt + row.output).double().log_softmax(dim=-1)
        expected = sum(float(scores[asked - 1 + at, token]) for at, token in enumerate(answer))
        assert predictor.log_likelihoods([prompt], [[row.output]])[0][0] == pytest.approx(expected, rel=1e-5)


def test_merged_is_base_and_adapter(base, exported, with_peft):
    """In float32 the merged model's logits are those of base and adapter, and no longer the base's."""
    tokenizer = AutoTokenizer.from_pretrained(exported)
    merged = AutoModelForCausalLM.from_pretrained(exported).eval()
    plain = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()
    assert merged.dtype == torch.float32
    for text in KOREAN:
        found = logits(merged, tokenizer, text)
        torch.testing.assert_close(found, logits(with_peft, tokenizer, text), rtol=1e-4, atol=1e-4)
        assert (found - logits(plain, tokenizer, text)).abs().max() > 0.1


def test_merged_answers_stop_by_themselves(base, tmp_path):
    """Asked through its own files alone, the merged model writes what the adapter writes, and ends it."""
    rows = [example(row.instruction, "예.") for row in ROWS]
    train_adapter(rows, base, tmp_path / "adapter", tmp_path / "checkpoints", train_params(epochs=5), lambda *_: None)
    export_model(base, tmp_path / "adapter", tmp_path / "merged", "", FACTS)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "merged")
    merged = AutoModelForCausalLM.from_pretrained(tmp_path / "merged").eval()
    predictor = LikelihoodPredictor(base, tmp_path / "adapter", "float32")
    written = predictor.generate([predictor.prompt(row.instruction) for row in ROWS], 20)
    assert written == ["예."] * len(ROWS)
    for row in ROWS:
        asked = tokenizer.apply_chat_template([{"role": "user", "content": row.instruction}], return_tensors="pt")
        tokens = merged.generate(**asked, max_new_tokens=20, do_sample=False)[0, asked["input_ids"].shape[1] :]
        assert tokenizer.decode(tokens) == "예.<eos>"


def test_the_plain_format_is_written_as_a_template(base, exported):
    """The base has no template; the folder's asks and answers letter for letter as the rows were trained."""
    assert not AutoTokenizer.from_pretrained(base).chat_template
    tokenizer = AutoTokenizer.from_pretrained(exported)
    chat = ChatFormat(AutoTokenizer.from_pretrained(base))
    for row in ROWS:
        asked = f"{row.instruction}\n\n{row.input}" if row.input else row.instruction
        turns = [{"role": "user", "content": asked}, {"role": "assistant", "content": row.output}]
        text = tokenizer.apply_chat_template(turns[:1], tokenize=False, add_generation_prompt=True)
        assert text == f"<bos>### 질문\n{asked}\n\n### 답변\n" == chat.prompt(row.instruction, row.input)
        trained = chat.row(row.instruction, row.input, row.output)
        assert tokenizer.apply_chat_template(turns, return_dict=False) == trained.prompt + trained.answer


def test_a_bases_own_template_is_kept(base, tmp_path):
    """The template of the base is the folder's, and its end of turn stops an answer beside the end of text."""
    given = tmp_path / "base"
    shutil.copytree(base, given)
    tokenizer = of_pieces(FAMILIES["gemma"])
    tokenizer.save_pretrained(given)
    model = AutoModelForCausalLM.from_pretrained(base)
    model.resize_token_embeddings(len(tokenizer))
    model.save_pretrained(given)
    train_adapter(ROWS[:4], given, tmp_path / "adapter", tmp_path / "checkpoints", train_params(epochs=1), lambda *_: 0)
    export_model(given, tmp_path / "adapter", tmp_path / "merged", "", FACTS)
    assert AutoTokenizer.from_pretrained(tmp_path / "merged").chat_template == GEMMA
    stops = json.loads((tmp_path / "merged/generation_config.json").read_text())["eos_token_id"]
    assert sorted(tokenizer.convert_ids_to_tokens(stops)) == ["<end_of_turn>", "<eos>"]
    assert "`<eos>` or `<end_of_turn>`" in (tmp_path / "merged/README.md").read_text("utf-8")


def test_a_base_in_several_shards(base, adapter, with_peft, tmp_path):
    """A base of several weight files is merged whole; the asked number format is that of the weights."""
    given = tmp_path / "base"
    shutil.copytree(base, given)
    (given / "model.safetensors").unlink()
    AutoModelForCausalLM.from_pretrained(base).save_pretrained(given, max_shard_size="100KB")
    assert len(list(given.glob("*.safetensors"))) > 2
    export_model(given, adapter, tmp_path / "merged", "bfloat16", FACTS)
    merged = AutoModelForCausalLM.from_pretrained(tmp_path / "merged")
    assert merged.dtype == torch.bfloat16
    whole = with_peft.base_model.model
    for name in ("model.layers.0.self_attn.q_proj", "model.layers.1.mlp.down_proj"):
        module = whole.get_submodule(name)
        expected = module.base_layer.weight + 2 * module.lora_B["default"].weight @ module.lora_A["default"].weight
        assert torch.equal(
            merged.get_submodule(name).weight, expected.to(torch.bfloat16)
        )  # rounded once; alpha / r = 2


def test_the_readme(exported):
    """The README tells the given facts, the number format, the prompt and the end, and no template language is left."""
    text = (exported / "README.md").read_text("utf-8")
    rows = ["| base model | tiny |", "| training rows | 16 |", "| weights | float32 |"]
    assert all(row in text.splitlines() for row in rows)
    assert "```\n<bos>### 질문\n{question}\n\n### 답변\n\n```" in text and "An answer ends at `<eos>`;" in text
    assert "{%" not in text and "enable_thinking" not in text


def test_an_earlier_export_is_replaced(base, adapter, tmp_path):
    """A second export leaves nothing of the first, nothing beside it, and files that others may read."""
    folder = tmp_path / "models" / "merged"
    export_model(base, adapter, folder, "", FACTS)
    (folder / "old.safetensors").write_text("old")
    export_model(base, adapter, folder, "float16", FACTS)
    assert not (folder / "old.safetensors").exists() and [one.name for one in folder.parent.iterdir()] == ["merged"]
    assert AutoModelForCausalLM.from_pretrained(folder).dtype == torch.float16
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o644}


def test_a_folder_of_something_else_stays(base, adapter, tmp_path):
    """What no export has made is not replaced, be it a folder or a file; a file in the way is a sentence."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "README.md").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for name in ("mine", "file"):
        with pytest.raises(OutputError, match=f"{name}: holds something that is no export"):
            export_model(base, adapter, tmp_path / name, "", FACTS)
    with pytest.raises(OutputError, match="merged: the merged model cannot be written"):
        export_model(base, adapter, tmp_path / "file" / "merged", "", FACTS)
    assert (tmp_path / "mine/README.md").read_text() == (tmp_path / "file").read_text() == "mine"


def test_an_adapter_of_another_base(base, adapter, tmp_path):
    """An adapter whose shapes are not the base's is a sentence, and nothing is written."""
    config = AutoModelForCausalLM.from_pretrained(base).config
    config.intermediate_size = 96
    shutil.copytree(base, tmp_path / "other")
    AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path / "other")
    with pytest.raises(ModelError, match=r"adapter: cannot be merged into .*other"):
        export_model(tmp_path / "other", adapter, tmp_path / "merged", "", FACTS)
    assert not (tmp_path / "merged").exists()
