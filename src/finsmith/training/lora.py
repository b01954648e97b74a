"""Trains a LoRA adapter on the answers of instruction rows, resumable after a kill, on one device or on many.

Checkpoints live outside DVC's outputs, under the fingerprint of everything that decides the training, so that a killed
run goes on where it was and another run never picks up its pieces. Not covered: full fine-tuning.
"""

import json
import shutil
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from safetensors import SafetensorError
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    EarlyStoppingCallback,
    TrainerCallback,
)

from finsmith.core.errors import OutputError, SourceError
from finsmith.core.records import Example, Pair

from .answer_trainer import AnswerTrainer
from .arguments import training_arguments
from .batches import pack, pad
from .chat_format import ChatFormat, TokenizedRow
from .checkpoints import OnLog, Watch, is_first_process
from .compiled import compile_layers
from .memory import keep_freed_memory
from .packing import check_packing
from .params import TrainParams
from .preference import TokenizedPair, prefer
from .training_record import Trained, trained_by
from .validation_split import split_off

_ADAPTER_FILES = {"adapter_config.json", "adapter_model.safetensors"}


def train_adapter(
    rows: Sequence[Example],
    base: Path,
    adapter: Path,
    checkpoints: Path,
    params: TrainParams,
    on_log: OnLog | None,
    held_since: float | None = None,
    pairs: Sequence[Pair] = (),
) -> Trained:
    """Trains the adapter and writes it to `adapter`; `on_log` hears of step, loss and learning rate as they come.

    Several processes each call it; the first one writes and logs. `held_since` is when the devices were taken (seconds
    of the epoch), now if not given. `pairs` are trained on after the rows where `preference.epochs` asks for it.

    Raises:
        ParamsError: `packing` with a model that mixes packed rows; `compile` without a compiler.
        SourceError: no row, or of the pairs asked for none, is short enough for `max_tokens`.
        OutputError: the adapter cannot be written; the next call has only that left to do.
    """
    keep_freed_memory()
    tokenizer = AutoTokenizer.from_pretrained(base)
    pad_id = tokenizer.pad_token_id or 0
    training, validation = split_off(rows, params.validation.share, params.seed)
    fit, measured = (_tokenized(some, tokenizer, params) for some in (training, validation))
    if not fit:
        raise SourceError(
            f"none of {len(rows)} training rows has at most `train.max_tokens` = {params.max_tokens} tokens."
        )
    compared = _tokenized_pairs(pairs, validation, tokenizer, params) if params.preference.epochs else []
    torch.manual_seed(params.seed)
    model = _adapted(base, params)
    if params.packing:
        check_packing(model, fit, pad_id)
    held_since = held_since or time.time()
    watch = Watch(checkpoints, on_log, held_since)
    collate = partial(pack if params.packing else pad, pad_id=pad_id)
    trainer = AnswerTrainer(
        model=model,
        args=training_arguments(params, checkpoints, len(fit), bool(measured)),
        rows=fit,
        validation=measured,
        collate=collate,
        callbacks=[watch, *_early_stopping(params, measured)],
    )
    trainer.go_on()
    preferred = prefer(trainer, compared, collate, checkpoints, params, on_log, held_since)
    _write_adapter(trainer, adapter)
    trained = trained_by(trainer, watch, fit, measured, len(rows) - len(fit) - len(measured), params, preferred)
    if is_first_process():
        shutil.rmtree(checkpoints, ignore_errors=True)
    return trained


def _tokenized(rows: Sequence[Example], tokenizer: Any, params: TrainParams) -> list[TokenizedRow]:
    """The rows that are short enough, as tokens."""
    chat = ChatFormat(tokenizer)
    tokenized = (chat.row(row.instruction, row.input, row.output) for row in rows)
    return [row for row in tokenized if len(row) <= params.max_tokens]


def _tokenized_pairs(
    pairs: Sequence[Pair], validation: Sequence[Example], tokenizer: Any, params: TrainParams
) -> list[TokenizedPair]:
    """The pairs that are short enough and not of a validation row, as tokens."""
    chat, aside = ChatFormat(tokenizer), {row.id for row in validation}
    found = []
    for pair in pairs:
        chosen, rejected = (chat.row(one.instruction, one.input, one.output) for one in (pair.chosen, pair.rejected))
        if pair.chosen.id not in aside and max(len(chosen), len(rejected)) <= params.max_tokens:
            found.append(TokenizedPair(chosen, rejected))
    if not found:
        raise SourceError(
            f"`train.preference.epochs` asks to train on pairs, but of {len(pairs)} none can be used (at most "
            f"`train.max_tokens` = {params.max_tokens} tokens an answer with its prompt). docs/training.md tells where "
            "pairs come from; 0 trains without."
        )
    return found


def _adapted(base: Path, params: TrainParams) -> Any:
    """The base model with a fresh adapter, all of it in one dtype: on a CPU twice as fast as mixed with float32."""
    dtype = getattr(torch, params.dtype)
    how: dict[str, Any] = {"dtype": dtype, "attn_implementation": params.attention}
    if params.quantization == "nf4":
        how["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=dtype,
            bnb_4bit_quant_storage=dtype,  # FSDP shards parameters of one dtype only
        )
    lora = LoraConfig(
        r=params.lora.r,
        lora_alpha=params.lora.alpha,
        lora_dropout=params.lora.dropout,
        target_modules=params.lora.target_modules
        if isinstance(params.lora.target_modules, str)
        else list(params.lora.target_modules),
        task_type="CAUSAL_LM",
    )
    model = AutoModelForCausalLM.from_pretrained(base, **how)
    if params.activation_checkpointing:
        model.enable_input_require_grads()  # else nothing that is recomputed has a gradient
    adapted = get_peft_model(model, lora, autocast_adapter_dtype=False)
    if params.compile:
        compile_layers(adapted)
    return adapted


def _early_stopping(params: TrainParams, validation: Sequence[TokenizedRow]) -> list[TrainerCallback]:
    if not (validation and params.validation.patience):
        return []
    return [EarlyStoppingCallback(params.validation.patience)]


def _write_adapter(trainer: AnswerTrainer, adapter: Path) -> None:
    """Writes weights and config, the same on every machine: the base as a name, no path, no generated readme."""
    try:
        trainer.save_model(str(adapter))
        if not is_first_process():
            return
        for file in adapter.iterdir():
            if file.name not in _ADAPTER_FILES:
                file.unlink()
        config = adapter / "adapter_config.json"
        content = json.loads(config.read_text("utf-8"))
        content["base_model_name_or_path"] = "models/base"
        if isinstance(content["target_modules"], list):
            content["target_modules"].sort()  # a set before, in an order of its own in each process
        config.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", "utf-8")
    except (OSError, SafetensorError) as error:
        raise OutputError(f"{adapter}: cannot be written ({error}). The training is kept: run again.") from error
