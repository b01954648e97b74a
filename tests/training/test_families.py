"""Base, training, scoring and export of a tiny model of each public family, weights drawn at random."""

import json

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPTNeoXConfig,
    LlamaConfig,
    MistralConfig,
    Phi3Config,
    Qwen2Config,
    Qwen3Config,
)

from finsmith.training.base_model import write_base_model
from finsmith.training.export import export_model
from finsmith.training.lora import train_adapter
from finsmith.training.params import BaseParams
from finsmith.training.predictor import LikelihoodPredictor

from .chat_templates import FAMILIES, of_pieces
from .conftest import ROWS, train_params

SMALL = {
    **{"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2},
    **{"max_position_embeddings": 512, "initializer_range": 0.2},
}
FEW_KEYS = SMALL | {"num_key_value_heads": 1}
LLAMA_LAYERS = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}
# config, chat format, the linear layers of its blocks, the output layer
MODELS = {
    "llama": (LlamaConfig, FEW_KEYS, "llama 3", LLAMA_LAYERS),
    "qwen2": (Qwen2Config, FEW_KEYS, "qwen 2", LLAMA_LAYERS),
    "qwen3": (Qwen3Config, FEW_KEYS | {"head_dim": 32}, "qwen 3", LLAMA_LAYERS),
    "mistral": (MistralConfig, FEW_KEYS | {"sliding_window": 64}, "mistral", LLAMA_LAYERS),
    "gemma3": (Gemma3TextConfig, FEW_KEYS | {"head_dim": 32, "sliding_window": 64}, "gemma", LLAMA_LAYERS),
    "phi3": (Phi3Config, FEW_KEYS, "phi 3", {"qkv_proj", "o_proj", "gate_up_proj", "down_proj"}),
    "gpt_neox": (
        *(GPTNeoXConfig, SMALL, "plain"),
        {"query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h"},
    ),
    "gpt2": (
        *(GPT2Config, {"n_embd": 64, "n_layer": 2, "n_head": 2, "n_positions": 512, "initializer_range": 0.2}, "plain"),
        {"c_attn", "c_proj", "c_fc"},
    ),
}


@pytest.mark.filterwarnings("ignore:fan_in_fan_out is set to False:UserWarning")  # peft mends it for GPT-2 by itself
@pytest.mark.parametrize("name", MODELS)
def test_a_family_from_base_to_export(name, tmp_path):
    """An adapter sits on every linear layer but the output; scores are those of the exported model's full logits."""
    config, sizes, chat_format, layers = MODELS[name]
    tokenizer = of_pieces(FAMILIES[chat_format])
    torch.manual_seed(0)
    ends = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": None}
    AutoModelForCausalLM.from_config(config(vocab_size=len(tokenizer), **ends, **sizes)).save_pretrained(
        tmp_path / "of"
    )
    tokenizer.save_pretrained(tmp_path / "of")
    base, adapter, merged = (tmp_path / part for part in ("base", "adapter", "merged"))
    write_base_model(BaseParams(model=str(tmp_path / "of"), dtype="float32"), base)
    trained = train_adapter(ROWS[:8], base, adapter, tmp_path / "checkpoints", train_params(epochs=1), lambda *_: None)
    assert trained.record.steps == 2
    targets = json.loads((adapter / "adapter_config.json").read_text())["target_modules"]
    assert {target.rpartition(".")[2] for target in targets} == layers
    export_model(base, adapter, merged, "", {})
    predictor = LikelihoodPredictor(base, adapter, "float32")
    model = AutoModelForCausalLM.from_pretrained(merged).eval()
    for row in ROWS[:3]:
        turns = [{"role": "user", "content": row.instruction}, {"role": "assistant", "content": "그렇다"}]
        own = tokenizer.chat_template or (merged / "chat_template.jinja").read_text("utf-8")
        how = {"chat_template": own, "enable_thinking": False, "return_dict": False}
        asked = tokenizer.apply_chat_template(turns[:1], add_generation_prompt=True, **how)
        answered = tokenizer.apply_chat_template(turns, **how)
        words = len(tokenizer("▁그렇다" if name == "mistral" else "그렇다", add_special_tokens=False).input_ids)
        with torch.inference_mode():
            scores = model(torch.tensor([answered])).logits[0].double().log_softmax(dim=-1)
        expected = sum(float(scores[at - 1, answered[at]]) for at in range(len(asked), len(asked) + words))
        found = predictor.log_likelihoods([predictor.prompt(row.instruction)], [["그렇다"]])
        assert found[0][0] == pytest.approx(expected, rel=1e-4)
