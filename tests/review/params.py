"""The delivered parameters with some of them changed."""

from pathlib import Path

import yaml

from finsmith.review.params import ReviewParams

ALL = yaml.safe_load((Path(__file__).parents[2] / "params.yaml").read_text("utf-8"))
DELIVERED = ALL["review"]


def params(**changes):
    return ReviewParams.model_validate(DELIVERED | changes)
