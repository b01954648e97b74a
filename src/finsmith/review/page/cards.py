"""A row with all that helps to judge it, as the page is told of it.

Not covered: which row is next, and whose it is (desk).
"""

from typing import Any

from finsmith.core.records import Passage, Term
from finsmith.text.clues import named, numbered

from ..decisions import FIELDS, Key
from ..journal import Journal
from ..queue import Item, Queue
from ..queue_file import Line
from .library import Library

Card = dict[str, Any]
_OF_TERM = ("id", "term", "full_name", "english", "definition", "source", "row")
_OF_PASSAGE = ("id", "document", "pages", "headings", "text", "ocr_confidence")


class Cards:
    """Rows, what stands behind them, and what their reviewer has said of them so far."""

    def __init__(self, library: Library, journal: Journal, adjudicator: str) -> None:
        self._library, self._journal, self._adjudicator = library, journal, adjudicator

    def card(self, queue: Queue, reviewer: str, item: Item) -> Card:
        """All about an item; `seen` is what a decision on it must have seen, `own` the one that stands."""
        line, own = queue.read(item), self._journal.stands(reviewer, item.key)
        fields = FIELDS["question" if item.kind == "question" else "row"]
        return {
            "kind": item.kind,
            "id": item.id,
            "recipe": item.recipe,
            "rank": item.rank,
            "doubt": item.doubt,
            "fields": {name: line[name] for name in sorted(fields)},
            "clues": _clues(line),
            "marks": [dict(mark) for mark in queue.marks(item)],
            "sources": [_source(one) for one in self._library.sources(line)],
            "near": self._library.near(item.id),
            "seen": self._journal.last(reviewer, item.key),
            "own": own and own.model_dump(mode="json", exclude_defaults=True),
            "sides": self._sides(reviewer, item.key),
        }

    def _sides(self, reviewer: str, key: Key) -> list[dict[str, Any]]:
        """For the adjudicator what others said, in an order that tells nothing of who they are."""
        if reviewer != self._adjudicator:
            return []
        others = [one for name, one in self._journal.said(key).items() if name != reviewer and one.decides]
        return [
            {"says": one.says, "reason": one.reason, "edit": one.edit.changes if one.edit else None}
            for one in sorted(others, key=lambda one: one.id)
        ]


def _clues(line: Line) -> list[dict[str, Any]]:
    """The clues of a row with retrieval, and which of them its answer names."""
    if not line.get("recipe", "").startswith("rag"):
        return []
    cited, clues = named(line["output"]), numbered(line["input"])
    return [{"number": int(number), "text": text.strip(), "named": int(number) in cited} for number, text in clues]


def _source(one: Passage | Term) -> dict[str, Any]:
    if isinstance(one, Term):
        return {"kind": "term"} | {name: getattr(one, name) for name in _OF_TERM}
    pictured = sorted({box.page for box in one.boxes})
    return {"kind": "passage", "pictured": pictured} | {name: getattr(one, name) for name in _OF_PASSAGE}
