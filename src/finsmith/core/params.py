"""Reads one section of params.yaml into its frozen model. Not covered: defaults; every value stands in the file."""

import difflib
from pathlib import Path
from typing import ClassVar, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import ParamsError


class Params(BaseModel):
    """A group of parameters; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Section(Params):
    """A top-level section of params.yaml, named like its stage."""

    section: ClassVar[str]


S = TypeVar("S", bound=Section)


def load_params(cls: type[S], path: Path = Path("params.yaml")) -> S:
    """The validated section of the file that belongs to `cls`.

    Raises:
        ParamsError: the file or section is absent, a key is unknown or missing, or a value is out of range.
    """
    try:
        sections = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ParamsError(f"{path}: not found. Run from the repository's root.") from error
    except yaml.YAMLError as error:
        raise ParamsError(f"{path}: not valid YAML: {error}") from error
    if not isinstance(sections, dict) or cls.section not in sections:
        raise ParamsError(f"{path}: the section `{cls.section}` is missing.")
    try:
        return cls.model_validate(sections[cls.section])
    except ValidationError as error:
        raise ParamsError("\n".join(_sentences(error, cls, path))) from error


def _sentences(error: ValidationError, cls: type[Section], path: Path) -> list[str]:
    sentences = []
    for problem in error.errors():
        key = ".".join(map(str, (cls.section, *problem["loc"])))
        if problem["type"] == "extra_forbidden":
            close = difflib.get_close_matches(str(problem["loc"][-1]), _keys(cls), n=1)
            hint = f" Did you mean `{close[0]}`?" if close else ""
            sentences.append(f"{path}: unknown key `{key}`.{hint}")
        elif problem["type"] == "missing":
            sentences.append(f"{path}: the key `{key}` is missing.")
        else:
            sentences.append(f"{path}: `{key}`: {problem['msg']} (got {problem['input']!r}).")
    return sentences


def _keys(cls: type[Params]) -> list[str]:
    keys: list[str] = []
    for name, field in cls.model_fields.items():
        keys.append(name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, Params):
            keys += _keys(field.annotation)
    return keys
