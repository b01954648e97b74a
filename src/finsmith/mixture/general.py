"""Reads general instruction data (JSON Lines or JSON, alpaca fields) and leaves out what is no good row.

Not covered: judging whether a row is true or useful.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from finsmith.core.errors import SourceError
from finsmith.core.records import Example, Provenance, SourceReject

from .params import MixParams

FIELDS = ("instruction", "input", "output")


@dataclass(frozen=True)
class General:
    """The usable general examples in file order, and the rows left out."""

    examples: list[Example]
    rejects: list[SourceReject]


def read_general(folder: Path, params: MixParams) -> General:
    """The general examples of every .jsonl and .json file of a folder; a bad row is a reject with its line.

    Raises:
        SourceError: the folder is absent or has no such file.
    """
    files = sorted(p for p in folder.glob("*") if p.suffix in (".jsonl", ".json")) if folder.is_dir() else []
    if not files:
        raise SourceError(f"{folder}: no .jsonl or .json file with general instruction data.")
    examples: dict[tuple[str, str, str], Example] = {}  # by content, since an id also tells the line
    rejects = []
    for path in files:
        for place, row in _rows(path):
            example = _example(row, f"{path.name}:{place}") if isinstance(row, dict) else None
            reason = row if isinstance(row, str) else _fault(example, params) if example else "no instruction/output"
            if reason is None and example and _content(example) in examples:
                reason = "the same row stands earlier"
            if reason is not None:
                text = "" if isinstance(row, str) else orjson.dumps(row).decode()[:500]
                rejects.append(SourceReject(source=path.name, place=place, reason=reason, text=text))
            elif example:
                examples[_content(example)] = example
    return General(list(examples.values()), rejects)


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """Pairs of place and row; a row that is no JSON object is a sentence that says so."""
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    if path.suffix == ".json":
        try:
            rows = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            yield "file", f"not valid JSON ({error})"
            return
        for number, row in enumerate(rows if isinstance(rows, list) else [rows], 1):
            yield f"item {number}", row if isinstance(row, dict) else "not a JSON object"
        return
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            yield f"line {number}", _parsed(line)


def _parsed(line: bytes) -> dict[str, Any] | str:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return f"not valid JSON ({error})"
    return row if isinstance(row, dict) else "not a JSON object"


def _example(row: dict[str, Any], source: str) -> Example | None:
    if not {"instruction", "output"} <= row.keys() or any(isinstance(row.get(f), list | dict) for f in FIELDS):
        return None
    instruction, given, output = (unicodedata.normalize("NFC", str(row.get(field) or "")).strip() for field in FIELDS)
    return Example(
        recipe="general",
        instruction=instruction,
        input=given,
        output=output,
        provenance=Provenance(sources=(source,)),
    )


def _content(example: Example) -> tuple[str, str, str]:
    return example.instruction, example.input, example.output


def _fault(example: Example, params: MixParams) -> str | None:
    size = len(example.instruction) + len(example.input) + len(example.output)
    if not example.instruction:
        return "no instruction"
    if len(example.output) < params.min_output_chars:
        return f"output too short: {len(example.output)} characters, fewer than {params.min_output_chars}"
    if size > params.max_chars:
        return f"too long: {size} characters in all, more than {params.max_chars}"
    return None
