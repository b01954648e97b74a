"""Brings the base model into the Hugging Face layout once: the embedded GGUF, a folder, or a hub id.

Not covered: quantised training; an embedded GGUF is de-quantised to the asked dtype.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

from finsmith.core.embedded_models import EMBEDDED_MODELS, embedded_model
from finsmith.core.errors import ModelError, OutputError

from .params import BaseParams

_HANGUL = "금융"
_WAY_OUT = (
    f"Name an embedded model ({', '.join(EMBEDDED_MODELS)}), a folder with weights, config and tokenizer in the "
    "Hugging Face layout, or a hub id."
)


def write_base_model(params: BaseParams, folder: Path) -> None:
    """Writes weights (safetensors), config and tokenizer of the base model into `folder`.

    Raises:
        ModelError: the model cannot be fetched or read, or knows no Hangul.
        OutputError: the folder cannot be written.
    """
    source: str | Path = params.model
    how: dict[str, Any] = {"dtype": getattr(torch, params.dtype)}
    from_gguf: dict[str, Any] = {}
    if params.model in EMBEDDED_MODELS:
        gguf = embedded_model(params.model)
        source, from_gguf = gguf.parent, {"gguf_file": gguf.name}
        how |= {"quantization_config": GgufConfig(dequantize=True)}
        print(f"converting {gguf.name} to {params.dtype} (about a minute, once) ...", flush=True)
    try:
        model = AutoModelForCausalLM.from_pretrained(source, **how, **from_gguf)
        tokenizer = AutoTokenizer.from_pretrained(source, **from_gguf)
    except (OSError, ValueError, SafetensorError) as error:
        reason = str(error).rstrip(".")
        raise ModelError(f"`base.model` {params.model!r} cannot be loaded: {reason}. {_WAY_OUT}") from error
    if _HANGUL not in tokenizer.decode(tokenizer(_HANGUL, add_special_tokens=False).input_ids):
        # a folder without tokenizer files loads with an empty vocabulary
        raise ModelError(f"`base.model` {params.model!r}: its tokenizer cannot write {_HANGUL!r}. {_WAY_OUT}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as aside:
            model.save_pretrained(aside)
            tokenizer.save_pretrained(aside)
            folder.mkdir(exist_ok=True)
            for file in Path(aside).iterdir():
                file.replace(folder / file.name)
    except OSError as error:
        raise OutputError(f"{folder}: the base model cannot be written ({error})") from error
