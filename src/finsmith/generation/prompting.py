"""Fills the prompt files and builds requests in which all recipes over one passage share their prefix.

A prompt is `prompts/<language>/<task>.j2`; `rows.yaml` beside it words the rows a student is trained on. Not covered:
sending; only the driver of dialogues talks to a teacher.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, meta

from finsmith.core.ids import content_id, sha256_of
from finsmith.core.records import Passage, Request
from finsmith.korean.particles import with_particle

from .names import nameless_definition
from .params import GenerateParams, TeacherRecipeParams

PROMPTS = Path(__file__).with_name("prompts")
_WARM = 0.8
# The first characters of closing tags, and of the marks that chat templates put around turns.
_MARK = re.compile(r"<(?=[/|｜]|<SYS|(?:start|end)_of_turn|(?:s|bos|eos)>)|\[(?=/?INST\])|[|｜](?=>)")


def passage_request(
    task: str,
    passage: Passage,
    params: GenerateParams,
    settings: TeacherRecipeParams,
    schema: dict[str, Any] | None = None,
    **values: Any,
) -> Request:
    """The request of a task about a passage: system, passage, then the task; so the longest part is shared."""
    fenced = _fill(params.language, "passage", passage=passage.text, place=" > ".join(passage.headings))
    text = f"{fenced}\n\n{_fill(params.language, task, **values)}"
    return _request(task, (passage.id,), text, params, settings, schema, ("system", "passage"))


def request(
    task: str,
    sources: tuple[str, ...],
    params: GenerateParams,
    settings: TeacherRecipeParams,
    schema: dict[str, Any] | None = None,
    decoding: Mapping[str, float] | None = None,
    **values: Any,
) -> Request:
    """The request of a task that is about no passage: system, then the task; `decoding` replaces the teacher's."""
    text = _fill(params.language, task, **values)
    made = _request(task, sources, text, params, settings, schema, ("system",))
    return made.model_copy(update=dict(decoding or {}))


def again(asked: Request, error: str, params: GenerateParams) -> Request:
    """The same question once more, with what was wrong with the first reply, and warmer.

    The bad reply is not shown: shown it, the embedded teacher repeated 15 of 18 to the letter.
    """
    *before, (role, text) = asked.messages
    remark = _fill(params.language, "mend", error=fenced(error))
    return asked.model_copy(
        update={
            "prompt_sha256": sha256_of([asked.prompt_sha256, prompt_sha256(params.language, ("mend",))]),
            "messages": (*before, (role, f"{text}\n\n{remark}")),
            "temperature": max(asked.temperature, _WARM),
        }
    )


def words(params: GenerateParams, key: str, pick: str, **values: Any) -> str:
    """A wording of `rows.yaml`; of several variants the one that `pick` hashes to."""
    variants = _rows(params.language)[key]
    at = int(content_id([key, pick]), 16) % len(variants)
    return _environment().from_string(variants[at]).render(**values).strip()


@cache
def template(language: str, task: str) -> str:
    """A task's prompt as it is written, with its examples."""
    return _file(language, task).read_text("utf-8")


@cache
def examples_in(language: str, task: str) -> tuple[str, ...]:
    """The texts in the JSON objects that a task's prompt shows as examples, each object on a line of its own."""
    lines = template(language, task).splitlines()
    shown = [orjson.loads(line) for line in lines if line.startswith('{"')]
    return tuple(value for one in shown for value in one.values() if isinstance(value, str))


def prompt_sha256(language: str, tasks: tuple[str, ...]) -> str:
    """The hash of the prompt files a request is made from, included ones too."""
    return _sha256_in(PROMPTS, language, tasks)


@cache
def _sha256_in(folder: Path, language: str, tasks: tuple[str, ...]) -> str:
    """The files are read once, not for every request."""
    texts = [_file(language, task).read_text("utf-8") for task in tasks]
    for text in texts:  # it grows by what is included
        included = meta.find_referenced_templates(_environment().parse(text))
        texts += [(folder / name).read_text("utf-8") for name in included if name]
    return sha256_of(texts)


def _request(
    task: str,
    sources: tuple[str, ...],
    text: str,
    params: GenerateParams,
    settings: TeacherRecipeParams,
    schema: dict[str, Any] | None,
    prefix: tuple[str, ...],
) -> Request:
    teacher = params.all_teachers[settings.teacher]
    return Request(
        recipe=task,
        sources=sources,
        prompt_sha256=prompt_sha256(params.language, (*prefix, task)),
        teacher=settings.teacher,
        model=teacher.model,
        messages=(("system", _fill(params.language, "system")), ("user", text)),
        temperature=teacher.temperature,
        max_tokens=settings.max_tokens,
        seed=teacher.seed,
        response_schema=schema if teacher.json_schema else None,
    )


def fenced(text: str) -> str:
    """A document's text so that it can neither close a fence nor speak as another turn of the talk."""
    return _MARK.sub(r"\g<0> ", text)


def _file(language: str, task: str) -> Path:
    return PROMPTS / language / f"{task.replace('.', '_')}.j2"


def _fill(language: str, task: str, **values: Any) -> str:
    template = _environment().get_template(str(_file(language, task).relative_to(PROMPTS)))
    return template.render(**values).strip()


@cache
def _rows(language: str) -> dict[str, list[str]]:
    rows = yaml.safe_load((PROMPTS / language / "rows.yaml").read_text("utf-8"))
    return {key: value if isinstance(value, list) else [value] for key, value in rows.items()}


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _output_first(instance: Any) -> dict[str, str]:
    return {"output": instance.output, "input": instance.input}


@cache
def _environment() -> Environment:
    made = Environment(loader=FileSystemLoader(PROMPTS), undefined=StrictUndefined, autoescape=False, trim_blocks=True)
    made.filters |= {"particle": with_particle, "fenced": fenced, "json": _json, "output_first": _output_first}
    made.filters |= {"nameless_definition": nameless_definition}
    return made
