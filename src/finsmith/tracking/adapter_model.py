"""The adapter as an MLflow model: `mlflow.pyfunc.load_model` gives one that answers questions.

The base is not in it, since it is many times as large and the same for all adapters: the model holds the hash of each
of its files, and is told where it lies (`model_config={"base": …}`, without it `models/base`). The code that loads the
adapter is in it.
Not covered: adapter and base in one folder; `finsmith export` makes that.
"""

import shutil
import warnings
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from finsmith.core.errors import OutputError
from finsmith.core.ids import file_sha256

_LOADER = "finsmith.training.answering"
_NEEDS = ("mlflow", "numpy", "orjson", "peft", "pydantic", "pyyaml", "torch", "tqdm", "transformers")


def write_adapter_model(folder: Path, adapter: Path, base: Path) -> None:
    """Writes adapter, loading code and what they need into a folder that MLflow can load.

    Raises:
        OutputError: MLflow cannot write it.
    """
    # at its import and here MLflow warns of type hints of its own and of an example that would load the base
    with warnings.catch_warnings(action="ignore", category=UserWarning), TemporaryDirectory() as aside:
        import mlflow.pyfunc
        from mlflow.exceptions import MlflowException
        from mlflow.models import ModelSignature
        from mlflow.types import ColSpec, Schema

        try:
            mlflow.pyfunc.save_model(
                folder,
                loader_module=_LOADER,
                data_path=str(adapter),
                code_paths=[str(_code(Path(aside)))],
                pip_requirements=[f"{name}=={version(name)}" for name in _NEEDS],
                signature=ModelSignature(Schema([ColSpec("string", "question")]), Schema([ColSpec("string")])),
                model_config={"base": "models/base", "max_tokens": 256, "base_sha256": base_hashes(base)},
            )
        except (MlflowException, OSError) as error:
            raise OutputError(f"{folder}: the adapter cannot be written as an MLflow model ({error})") from error


def _code(folder: Path) -> Path:
    """A copy of the code that loads an adapter, in the folder."""
    package = Path(__file__).parents[1]
    code = folder / package.name
    code.mkdir()
    shutil.copy(package / "__init__.py", code)
    for name in ("core", "training"):
        shutil.copytree(package / name, code / name, ignore=shutil.ignore_patterns("__pycache__"))
    return code


def base_hashes(base: Path) -> dict[str, str]:
    """The sha256 of each file that decides what the base says, by name."""
    files = [base / "config.json", base / "tokenizer.json", *sorted(base.glob("*.safetensors"))]
    return {file.name: file_sha256(file) for file in files if file.exists()}
