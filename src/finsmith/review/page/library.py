"""What stands behind a row: the passages and terms it is from, and rejected rows that clash with it.

Files are indexed by the bytes where lines begin and read where they stand, so no texts are held in memory. Not covered:
the row itself (queue), pictures of pages.
"""

import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from finsmith.core.errors import RecordError, ReviewError
from finsmith.core.records import Passage, Term

from ..queue_file import Line

_ID = re.compile(r"[0-9a-f]{16}")
_MOST_NEAR = 5
_SPACES = re.compile(r"\s+")


class Library:
    """The corpus and the rejected rows of a run, read anew when the pipeline has written them anew."""

    def __init__(self, passages: Path, terms: Path, rejected: Path) -> None:
        self._passages = _Lines(passages, lambda line: (line["id"], line["document"]))
        self._terms = _Lines(terms, lambda line: (line["id"], line["term"]))
        self._rejected = _Lines(rejected, lambda line: filter(_ID.fullmatch, (line["against"],)))

    def passage(self, identity: str) -> Passage | None:
        """The passage of an id."""
        found = next((line for line in self._passages.of(identity) if line["id"] == identity), None)
        return Passage.model_validate(found) if found else None

    def sources(self, line: Line) -> list[Passage | Term]:
        """The passages and terms of a row's provenance; of a question those that hold its evidence, and its choices."""
        if "provenance" in line:
            named = [self._named(identity) for identity in dict.fromkeys(line["provenance"]["sources"])]
            return [one for of in named for one in of]
        name, evidence = line["source"], squeezed(line["evidence"])
        in_document = (one for one in self._passages.of(name) if evidence and evidence in squeezed(one["text"]))
        terms = dict.fromkeys((name, *line["choices"]))  # wrong choices that are terms may be right too
        found = [Term.model_validate(one) for term in terms for one in self._terms.of(term)]
        passages = [Passage.model_validate(one) for one in in_document][:2]
        return [*passages, *found]

    def near(self, identity: str) -> list[dict[str, Any]]:
        """Rejected rows that a filter rejected because of this one, with why and how near, the nearest first."""
        found = sorted(self._rejected.of(identity), key=lambda one: -(one["score"] or 0))
        texts = ("id", "recipe", "instruction", "input", "output")
        return [
            {name: one[name] for name in ("filter", "reason", "score")} | {name: one["example"][name] for name in texts}
            for one in found[:_MOST_NEAR]
        ]

    def _named(self, identity: str) -> list[Passage | Term]:
        passage = self.passage(identity)
        return [passage] if passage else [Term.model_validate(one) for one in self._terms.of(identity)]


def squeezed(text: str) -> str:
    """The text without its white space, which readers of documents set as they like."""
    return _SPACES.sub("", text)


class _Lines:
    """The lines of a file of JSON Lines by the keys that they are looked up by."""

    def __init__(self, path: Path, keys: Callable[[Line], Iterable[str]]) -> None:
        self._path, self._keys = path, keys
        self._turn = threading.Lock()
        self._state: tuple[int, int] | None = None
        self._places: dict[str, list[int]] = {}

    def of(self, key: str) -> Iterator[Line]:
        """The lines of a key, none where the file is absent."""
        with self._turn:
            state = _state(self._path)
            if state != self._state:
                self._places, self._state = self._indexed() if state else {}, state
            places = self._places.get(key, [])
        if not places:
            return
        with self._path.open("rb") as lines:
            for place in places:
                lines.seek(place)
                line = self._parsed(lines.readline())
                if key not in self._keys(line):
                    raise ReviewError(f"{self._path}: it is being written anew. Try again when the pipeline is done.")
                yield line

    def _indexed(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = defaultdict(list)
        at = 0
        with self._path.open("rb") as lines:
            for content in lines:
                for key in self._keys(self._parsed(content)):
                    places[key].append(at)
                at += len(content)
        return dict(places)

    def _parsed(self, content: bytes) -> Line:
        try:
            line: Line = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise RecordError(f"{self._path}: a line is no JSON ({error}). Run the pipeline again.") from error
        return line


def _state(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return state.st_size, state.st_mtime_ns
