"""Stage `base`: params → the base model in the Hugging Face layout, fetched and converted once."""

from pathlib import Path

from finsmith.core.params import load_params
from finsmith.core.stage import run_stage
from finsmith.training.base_model import write_base_model
from finsmith.training.params import BaseParams


def main(base: Path) -> None:
    """Writes the base model's folder."""
    write_base_model(load_params(BaseParams), base)


if __name__ == "__main__":
    run_stage(main)
