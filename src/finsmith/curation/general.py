"""Reads general instruction data (JSON Lines or JSON, alpaca fields) as candidates; filters judge them like all others.

JSON Lines are read line by line; a JSON file is read whole. Not covered: other layouts than instruction, input, output.
"""

import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from finsmith.core.errors import SourceError
from finsmith.core.records import Example, Provenance, SourceReject

FIELDS = ("instruction", "input", "output")


def read_general(folder: Path, reject: Callable[[SourceReject], None] = lambda reject: None) -> Iterator[Example]:
    """The rows of every .jsonl and .json file of a folder, in order; what is no row goes to `reject` with its line.

    Raises:
        SourceError: the folder is absent or has no such file.
    """
    files = sorted(p for p in folder.glob("*") if p.suffix in (".jsonl", ".json")) if folder.is_dir() else []
    if not files:
        raise SourceError(f"{folder}: no .jsonl or .json file with general instruction data.")
    return (row for path in files for place, found in _rows(path) if (row := _example(path.name, place, found, reject)))


def _rows(path: Path) -> Iterator[tuple[str, Any]]:
    """Pairs of place and what stands there; a sentence where it is no JSON."""
    if path.suffix == ".json":
        whole = _parsed(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
        if isinstance(whole, str):
            yield "file", whole
            return
        for number, row in enumerate(whole if isinstance(whole, list) else [whole], 1):
            yield f"item {number}", "not a JSON object" if isinstance(row, str) else row
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line := line.removeprefix(b"\xef\xbb\xbf").strip():
                yield f"line {number}", _parsed(line)


def _parsed(content: bytes) -> Any:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        return f"not valid JSON ({error})"
    return "not a JSON object" if isinstance(found, str) else found


def _example(source: str, place: str, row: Any, reject: Callable[[SourceReject], None]) -> Example | None:
    if not isinstance(row, dict):
        reason = row if isinstance(row, str) else "not a JSON object"
        reject(SourceReject(source=source, place=place, reason=reason))
        return None
    if not {"instruction", "output"} <= row.keys() or any(isinstance(row.get(f), list | dict) for f in FIELDS):
        text = orjson.dumps(row).decode()[:500]
        reject(SourceReject(source=source, place=place, reason="no instruction/output", text=text))
        return None
    instruction, given, output = (unicodedata.normalize("NFC", str(row.get(field) or "")).strip() for field in FIELDS)
    return Example(
        recipe="general",
        instruction=instruction,
        input=given,
        output=output,
        provenance=Provenance(sources=(f"{source}:{place}",)),
    )
