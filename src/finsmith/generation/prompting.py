"""Fills the prompt files and builds requests in which all recipes over one passage share their prefix.

Not covered: sending; only the driver's `ask` talks to the teacher.
"""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from finsmith.core.ids import sha256_of
from finsmith.core.records import Passage, Request
from finsmith.core.teacher_params import TeacherParams

PROMPTS = Path(__file__).with_name("prompts")


def passage_request(
    recipe: str, passage: Passage, teacher: TeacherParams, max_tokens: int, schema: dict[str, Any] | None = None
) -> Request:
    """The request of a recipe for a passage: system, passage, then the task of `prompts/<recipe>.j2`."""
    source, place = _fenced(passage.text), _fenced(" > ".join(passage.headings))
    user = f"{_fill('passage', passage=source, place=place)}\n\n{_fill(recipe)}"
    return Request(
        recipe=recipe,
        sources=(passage.id,),
        prompt_sha256=prompt_sha256(recipe),
        model=teacher.model,
        messages=(("system", _fill("system")), ("user", user)),
        temperature=teacher.temperature,
        max_tokens=max_tokens,
        seed=teacher.seed,
        response_schema=schema,
    )


def prompt_sha256(recipe: str) -> str:
    """The hash of the prompt files a recipe's request is made from."""
    return sha256_of([(PROMPTS / f"{name}.j2").read_text("utf-8") for name in ("system", "passage", recipe)])


def _fenced(text: str) -> str:
    """The text so that it cannot close the fence it stands in."""
    return text.replace("</지문>", "</ 지문>")


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(PROMPTS), undefined=StrictUndefined, autoescape=False)


def _fill(name: str, **values: str) -> str:
    return _environment().get_template(f"{name}.j2").render(**values).strip()
