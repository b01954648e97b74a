"""The adapter on its base as MLflow loads it: questions in, answers out.

Not covered: how such a model is written; that is in `tracking`. Sampled answers.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import AutoConfig

from finsmith.core.errors import ModelError
from finsmith.core.ids import file_sha256

from .predictor import LikelihoodPredictor


class AnsweringModel:
    """A loaded adapter that answers questions, each with the likeliest token after the other."""

    def __init__(self, predictor: LikelihoodPredictor, max_tokens: int) -> None:
        self._predictor, self._max_tokens = predictor, max_tokens

    def predict(self, model_input: Any, params: Mapping[str, Any] | None = None) -> list[str]:
        """An answer to each text in the column `question` of a frame, which MLflow makes and checks; no `params`."""
        prompts = [self._predictor.prompt(question) for question in model_input["question"]]
        return self._predictor.generate(prompts, self._max_tokens)


def _load_pyfunc(path: str, model_config: Mapping[str, Any]) -> AnsweringModel:
    """The model of an adapter's folder; MLflow calls it by this name.

    Raises:
        ModelError: the base is not where the configuration says, or is another than the adapter was trained on.
    """
    base = Path(model_config["base"])
    for name, sha256 in model_config["base_sha256"].items():
        if not (base / name).exists():
            raise ModelError(
                f"{base / name}: not found. Name the folder of the adapter's base: "
                "mlflow.pyfunc.load_model(uri, model_config={'base': folder}); `dvc pull models/base` fetches it."
            )
        if file_sha256(base / name) != sha256:
            raise ModelError(f"{base / name}: not the file that the adapter was trained on (sha256 {sha256} is wanted)")
    dtype = str(AutoConfig.from_pretrained(base).dtype or "float32").removeprefix("torch.")
    return AnsweringModel(LikelihoodPredictor(base, Path(path), dtype), int(model_config["max_tokens"]))
