"""Brings the base model into the Hugging Face layout once: the embedded GGUF, a folder, or a hub id.

Of a model that also sees or hears, the part that reads and writes is taken. Not covered: quantised bases; an embedded
GGUF is de-quantised to the asked dtype.
"""

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig, PreTrainedConfig

from finsmith.core.embedded_models import EMBEDDED_MODELS, embedded_model
from finsmith.core.errors import ModelError

from .chat_format import ChatFormat
from .params import BaseParams
from .whole_folder import whole_folder

_HANGUL = "금융"
_WAY_OUT = (
    f"Name an embedded model ({', '.join(EMBEDDED_MODELS)}), a folder with weights, config and tokenizer in the "
    "Hugging Face layout, or a hub id."
)


def write_base_model(params: BaseParams, folder: Path) -> None:
    """Writes weights (safetensors), config and tokenizer of the base model into `folder`.

    Raises:
        ModelError: the model cannot be fetched or read, is none that can be trained, or knows no Hangul.
        OutputError: the folder cannot be written.
    """
    try:
        model, tokenizer = _embedded(params) if params.model in EMBEDDED_MODELS else _other(params)
    except (OSError, ValueError, ImportError, SafetensorError) as error:
        raise _refused(params, f"cannot be loaded: {str(error).rstrip('.')}") from error
    if _HANGUL not in tokenizer.decode(tokenizer(_HANGUL, add_special_tokens=False).input_ids):
        # a folder without tokenizer files loads with an empty vocabulary
        raise _refused(params, f"its tokenizer cannot write {_HANGUL!r}")
    if len(tokenizer) > model.get_input_embeddings().num_embeddings:
        raise _refused(params, "its tokenizer has more tokens than the model")
    ChatFormat(tokenizer).row(tokenizer.eos_token, "", tokenizer.eos_token)  # a format that fails is to fail here
    with whole_folder(folder, "the base model") as whole:
        model.save_pretrained(whole)
        tokenizer.save_pretrained(whole)
        if not (whole / "tokenizer.json").exists():
            raise _refused(params, "its tokenizer has no form of one file, tokenizer.json, which other stages read")


def _embedded(params: BaseParams) -> tuple[Any, Any]:
    gguf = embedded_model(params.model)
    print(f"converting {gguf.name} to {params.dtype} (about a minute, once) ...", flush=True)
    how = {"gguf_file": gguf.name, "dtype": getattr(torch, params.dtype)}
    model = AutoModelForCausalLM.from_pretrained(gguf.parent, quantization_config=GgufConfig(dequantize=True), **how)
    return model, AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)


def _other(params: BaseParams) -> tuple[Any, Any]:
    """Model and tokenizer of a folder or hub id, without running code that comes with it."""
    config, _ = PreTrainedConfig.get_config_dict(params.model)
    if config.get("auto_map"):
        raise _refused(params, "it brings code of its own, which is not run")
    if config.get("quantization_config"):
        raise _refused(params, "it is quantised, and an adapter is merged into whole weights: name its original")
    model, loaded = AutoModelForCausalLM.from_pretrained(
        params.model, dtype=getattr(torch, params.dtype), trust_remote_code=False, output_loading_info=True
    )
    if missing := sorted(loaded["missing_keys"]):
        raise _refused(params, f"{len(missing)} of its weights are not there, {missing[0]} first")
    return _language_part(model), AutoTokenizer.from_pretrained(params.model, trust_remote_code=False)


def _language_part(model: Any) -> Any:
    """The model itself, or the language model inside one that also sees or hears."""
    config = model.config.get_text_config(decoder=True)
    if config is model.config:
        return model
    print(f"taking the language model out of {type(model).__name__} ...", flush=True)
    with torch.device("meta"):  # a frame without weights
        language = AutoModelForCausalLM.from_config(config)
    setattr(language, language.base_model_prefix, model.get_decoder())
    language.set_output_embeddings(model.get_output_embeddings())
    language.generation_config = model.generation_config
    return language


def _refused(params: BaseParams, why: str) -> ModelError:
    return ModelError(f"`base.model` {params.model!r}: {why}. {_WAY_OUT}")
