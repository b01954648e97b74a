"""Merges an adapter into its base model: a folder that servers load without peft.

The sums are made in float32 and rounded once, to the asked number format. Not covered: GGUF, which llama.cpp's own
converter makes of the folder (docs/serving.md).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import torch
from jinja2 import Template
from peft import PeftModel
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from finsmith.core.errors import ModelError, OutputError, ParamsError

from .chat_format import ChatFormat
from .params import DtypeName
from .whole_folder import whole_folder

_README = """\
---
library_name: transformers
pipeline_tag: text-generation
---

# A tuned model

A LoRA adapter merged into its base model, {{ mark }}. The base model's licence holds for it too.

| | |
|---|---|
{%- for name, value in facts.items() %}
| {{ name }} | {{ value }} |
{%- endfor %}

Each question was trained as a conversation of its own, without a system message. `chat_template.jinja` writes it so:

```
{{ prompt }}
```

An answer ends at {% for end in ends %}`{{ end }}`{% if not loop.last %} or {% endif %}{%
endfor %}; `generation_config.json` says so to servers.
{%- if can_think %}

The model was trained not to think: ask with `chat_template_kwargs: {"enable_thinking": false}`.
{%- endif %}
"""
_MARK = "made by `finsmith export`"  # of a folder that may be replaced


def export_model(base: Path, adapter: Path, folder: Path, dtype: str, facts: Mapping[str, object]) -> None:
    """Writes weights (safetensors), config, tokenizer, chat template, stop tokens and a README with `facts`.

    `dtype` "" is that of the stored base. Takes four bytes of memory per parameter. An earlier export is replaced.

    Raises:
        ParamsError: no such number format.
        ModelError: the adapter is none of this base, or cannot be read.
        OutputError: `folder` holds something else, or cannot be written.
    """
    if dtype and dtype not in get_args(DtypeName):
        raise ParamsError(f"no number format {dtype!r}; it must be one of: {', '.join(get_args(DtypeName))}.")
    if folder.exists() and not _is_export(folder):
        raise OutputError(f"{folder}: holds something that is no export; it stays. Name another folder.")
    tokenizer = AutoTokenizer.from_pretrained(base)
    chat = ChatFormat(tokenizer)
    tokenizer.chat_template = tokenizer.chat_template or chat.template
    model = _merged(base, adapter).to(getattr(torch, dtype) if dtype else AutoConfig.from_pretrained(base).dtype)
    model.generation_config.eos_token_id = chat.end_tokens
    readme = Template(_README, keep_trailing_newline=True).render(
        facts={**facts, "weights": str(model.dtype).removeprefix("torch.")},
        mark=_MARK,
        prompt=chat.prompt("{question}"),
        ends=tokenizer.convert_ids_to_tokens(chat.end_tokens),
        can_think="enable_thinking" in chat.template,
    )
    with whole_folder(folder, "the merged model") as whole:
        model.save_pretrained(whole)
        tokenizer.save_pretrained(whole)
        (whole / "README.md").write_text(readme, "utf-8")


def _is_export(folder: Path) -> bool:
    readme = folder / "README.md"
    return folder.is_dir() and (not any(folder.iterdir()) or (readme.exists() and _MARK in readme.read_text("utf-8")))


def _merged(base: Path, adapter: Path) -> Any:
    """The base in float32 with the adapter's product added to each adapted weight."""
    try:
        model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
        return PeftModel.from_pretrained(model, str(adapter)).merge_and_unload(safe_merge=True)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ModelError(f"{adapter}: cannot be merged into {base} ({error}). Run `dvc repro`.") from error
