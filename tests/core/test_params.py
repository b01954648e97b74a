"""Tests of reading params.yaml."""

from typing import Annotated, ClassVar

import pytest
from pydantic import Field, ValidationError

from finsmith.core.errors import ParamsError
from finsmith.core.params import Params, Section, load_params


class Lora(Params):
    """A nested group."""

    alpha: int
    target_modules: str


class Train(Section):
    """A small section."""

    section: ClassVar[str] = "train"
    epochs: Annotated[int, Field(ge=1)]
    learning_rate: float
    lora: Lora


GOOD = """
train:
  epochs: 3
  learning_rate: 1.0e-3
  lora: {alpha: 16, target_modules: 전부}
mix: {seed: 1}
"""


def _load(tmp_path, text):
    path = tmp_path / "params.yaml"
    path.write_text(text, encoding="utf-8")
    return load_params(Train, path)


def test_section_is_read_and_frozen(tmp_path):
    """A section comes with its values, other sections are not looked at, and it cannot be changed."""
    params = _load(tmp_path, GOOD)
    assert params == Train(epochs=3, learning_rate=0.001, lora=Lora(alpha=16, target_modules="전부"))
    with pytest.raises(ValidationError, match="frozen"):
        params.epochs = 4


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("  epochs:", "  epochs: 3\n  epoch:", "unknown key `train.epoch`. Did you mean `epochs`?"),
        ("alpha: 16", "alpha: 16, alhpa: 8", "unknown key `train.lora.alhpa`. Did you mean `alpha`?"),
        (
            "  epochs:",
            "  target_module: a\n  epochs:",
            "unknown key `train.target_module`. Did you mean `target_modules`?",
        ),
        ("  epochs:", "  zzz: 1\n  epochs:", "unknown key `train.zzz`."),
        ("  epochs: 3\n", "", "the key `train.epochs` is missing."),
        ("epochs: 3", "epochs: 0", "`train.epochs`: Input should be greater than or equal to 1 (got 0)."),
        ("alpha: 16", "alpha: 많이", "`train.lora.alpha`: Input should be a valid integer"),
    ],
)
def test_wrong_key_or_value_is_named(tmp_path, old, new, sentence):
    """The message names the file, the full key and what is wrong, and suggests the near key where there is one."""
    assert old in GOOD
    with pytest.raises(ParamsError) as caught:
        _load(tmp_path, GOOD.replace(old, new))
    assert str(caught.value).startswith(f"{tmp_path / 'params.yaml'}: {sentence}")
    assert "\n" not in str(caught.value)


def test_no_hint_where_no_key_is_near(tmp_path):
    """A key like no other gets no suggestion."""
    with pytest.raises(ParamsError) as caught:
        _load(tmp_path, GOOD.replace("  epochs:", "  zzz: 1\n  epochs:"))
    assert "Did you mean" not in str(caught.value)


def test_every_fault_has_its_line(tmp_path):
    """Two faults make a message of two lines."""
    with pytest.raises(ParamsError) as caught:
        _load(tmp_path, GOOD.replace("epochs: 3", "epochs: 0").replace("1.0e-3", "빠르게"))
    lines = str(caught.value).splitlines()
    assert [line.split("`")[1] for line in lines] == ["train.epochs", "train.learning_rate"]


@pytest.mark.parametrize("text", ["", "mix: {seed: 1}\n", "- train\n", "train"])
def test_missing_section_is_named(tmp_path, text):
    """A file without the section, an empty one included, is an error that names the section."""
    with pytest.raises(ParamsError, match=r"params\.yaml: the section `train` is missing"):
        _load(tmp_path, text)


def test_file_that_is_no_yaml_is_named(tmp_path):
    """A file that cannot be parsed is an error that names it and the place."""
    with pytest.raises(ParamsError, match=r"params\.yaml: not valid YAML: (.|\n)*line 1"):
        _load(tmp_path, "train: {epochs: 3")


def test_absent_file_is_named(tmp_path):
    """An absent file is an error that says where to run."""
    with pytest.raises(ParamsError, match=r"params\.yaml: not found\. Run from the repository's root"):
        load_params(Train, tmp_path / "params.yaml")
