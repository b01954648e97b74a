"""Tokens a second, share of the GPU's arithmetic and memory of a LoRA training of an 8B or 13B model of random weights.

    python -m benchmarks.large_model 8b [rows a batch [tokens a row [updates]]]      # or 13b; tiny runs on a processor

The updates are those of finsmith's own trainer. Rows are of one length and nine tenths prompt, ids and weights random:
time and memory are those of a real model of that shape, the loss means nothing. Not covered: several GPUs, quantised
weights, and the teacher's part of a build.
"""

import json
import statistics
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, LlamaConfig, TrainerCallback

from finsmith.core.params import load_params
from finsmith.training.answer_trainer import AnswerTrainer
from finsmith.training.arguments import training_arguments
from finsmith.training.batches import pad
from finsmith.training.chat_format import TokenizedRow
from finsmith.training.params import TrainParams

# Shapes of Llama 3.1 8B and Llama 2 13B, from their published configurations.
SHAPES: dict[str, dict[str, int]] = {
    "8b": {
        "vocab_size": 128_256,
        "hidden_size": 4096,
        "intermediate_size": 14_336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
    },
    "13b": {
        "vocab_size": 32_000,
        "hidden_size": 5120,
        "intermediate_size": 13_824,
        "num_hidden_layers": 40,
        "num_attention_heads": 40,
        "num_key_value_heads": 40,
    },
    "tiny": {
        "vocab_size": 2_000,
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
    },
}
# Dense bf16 FLOP/s by NVIDIA's data sheets, by the beginning of the device's name.
PEAK_FLOPS = {"NVIDIA H100": 989e12, "NVIDIA H200": 989e12, "NVIDIA A100": 312e12}
WARM_UP = 3  # updates that are not counted


@dataclass
class Seconds(TrainerCallback):
    """How long each update took; a GPU is waited for."""

    updates: list[float]
    _began: float = 0.0

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        """Starts the clock."""
        self._began = self._now()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Stops it."""
        self.updates.append(self._now() - self._began)

    @staticmethod
    def _now() -> float:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        return time.perf_counter()


def random_rows(count: int, tokens: int, vocabulary: int) -> list[TokenizedRow]:
    """Rows of `tokens` random ids each, a tenth of them the answer."""
    ids = torch.randint(3, vocabulary, (count, tokens), generator=torch.Generator().manual_seed(0)).tolist()
    prompt = tokens - max(1, tokens // 10)
    return [TokenizedRow(row[:prompt], row[prompt:]) for row in ids]


def random_model(shape: dict[str, int], params: TrainParams) -> Any:
    """The base with random weights on the device, its adapter on every linear layer but the output."""
    config = LlamaConfig(**shape, tie_word_embeddings=False, attn_implementation=params.attention)
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = AutoModelForCausalLM.from_config(config, dtype=getattr(torch, params.dtype))
    if params.activation_checkpointing:
        model.enable_input_require_grads()
    lora = LoraConfig(
        r=params.lora.r, lora_alpha=params.lora.alpha, target_modules=params.lora.target_modules, task_type="CAUSAL_LM"
    )
    return get_peft_model(model, lora, autocast_adapter_dtype=False)


def flops_per_update(model: Any, shape: dict[str, int], rows: int, tokens: int) -> float:
    """Multiplications and additions that an update of LoRA needs; what is computed twice to save memory counts once.

    A frozen weight costs 2 forward and 2 backward to its input for each token, one of the adapter 2 more for its own
    gradient; the output layer counts at answer tokens alone. Causal attention: half of the two products of queries,
    keys and values forward, twice that backward.
    """
    head: int = model.get_output_embeddings().weight.numel()
    layers = [one for one in model.modules() if isinstance(one, torch.nn.Linear)]
    frozen = sum(one.weight.numel() for one in layers if not one.weight.requires_grad) - head
    adapter = sum(one.weight.numel() for one in layers if one.weight.requires_grad)
    answers = max(1, tokens // 10)
    attention = shape["num_hidden_layers"] * 3 * 2 * tokens**2 * shape["hidden_size"]
    return rows * (tokens * (4 * frozen + 6 * adapter) + answers * 4 * head + attention)


def measure(name: str, batch: int, tokens: int, updates: int) -> dict[str, Any]:
    """Trains so many updates and returns what they took."""
    values = load_params(TrainParams).model_dump()
    values |= {"epochs": 1, "batch_size": batch, "gradient_accumulation": 1, "log_every_steps": 1, "dtype": "bfloat16"}
    params, shape = TrainParams.model_validate(values), SHAPES[name]
    rows = random_rows(batch * (updates + WARM_UP), tokens, shape["vocab_size"])
    model = random_model(shape, params)
    seconds = Seconds([])
    with TemporaryDirectory() as folder:
        arguments = training_arguments(params, Path(folder), len(rows))
        arguments.set_save(strategy="no")
        AnswerTrainer(model, arguments, rows, [], partial(pad, pad_id=0), [seconds]).train()
    took = statistics.median(seconds.updates[WARM_UP:])
    flops = flops_per_update(model, shape, batch, tokens)
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else ""
    peak = next((of for begins, of in PEAK_FLOPS.items() if gpu.startswith(begins)), None)
    return {
        "model": name,
        "device": gpu or "cpu",
        "rows_a_batch": batch,
        "tokens_a_row": tokens,
        "tokens_per_second": batch * tokens / took,
        "tflops": flops / took / 1e12,
        "utilisation": flops / took / peak if peak else None,
        "peak_gib": torch.cuda.max_memory_allocated() / 2**30 if gpu else None,
        "device_hours_per_million_tokens": 1e6 * took / (batch * tokens) / 3600,
    }


if __name__ == "__main__":
    asked = [*sys.argv[1:], *["tiny", "8", "512", "10"][len(sys.argv) - 1 :]]
    print(json.dumps(measure(asked[0], *map(int, asked[1:4])), indent=2))
