"""Compiles the layers of a model, so that what lies between their matrix products is done in one go.

The layers of a model share their code: it is compiled once for all of them. Not covered: embeddings and output layer.
"""

import shutil
import sysconfig
from pathlib import Path
from typing import Any

import torch

from finsmith.core.errors import ParamsError

_COMPILERS = ("g++", "clang++")


def compile_layers(model: Any) -> None:
    """Has each layer compiled when it is first called, for batches of any shape; names of weights stay as they are.

    Raises:
        ParamsError: there is nothing to compile with, or the model does not say what its layers are.
    """
    _refuse_without_compiler()
    names = set(model.get_base_model()._no_split_modules or ())  # what transformers keeps whole on one device
    layers = [module for module in model.modules() if type(module).__name__ in names]
    if not layers:
        raise ParamsError("train.compile: the base model does not say what its layers are; set it to false.")
    for layer in layers:
        layer.compile(dynamic=True)


def _refuse_without_compiler() -> None:
    if torch.cuda.is_available():
        return  # there Triton looks for one, and says what it lacks; untried
    header = Path(sysconfig.get_path("include")) / "Python.h"
    lacks = "" if header.exists() else f"Python's headers (python3-dev; {header} is missing)"
    if not any(map(shutil.which, _COMPILERS)):
        lacks = f"a C++ compiler ({' or '.join(_COMPILERS)})"
    if lacks:
        raise ParamsError(f"train.compile: needs {lacks}; install it, or set it to false.")
