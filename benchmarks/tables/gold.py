"""The gold tables: where each stands, and a digest for each of its cells.

Not covered: the text of the cells, which belongs to the documents' owners; how the tables were made (`../README.md`).
"""

import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import orjson

Bbox = tuple[float, float, float, float]  # points from the page's top left corner
Grid = tuple[tuple[str, ...], ...]
_FILE = Path(__file__).with_name("gold.json")


@dataclass(frozen=True)
class Gold:
    """A table of a document, page from 1; each place of `cells` holds the digest of the cell that covers it.

    `rules` tells what is drawn between the cells: "all", "rows" (no or few vertical lines) or "none".
    """

    document: str
    page: int
    bbox: Bbox
    rules: str
    cells: Grid

    @property
    def size(self) -> int:
        """Places of the grid, empty ones too."""
        return len(self.cells) * len(self.cells[0])


def read_gold() -> list[Gold]:
    """All gold tables, those of a document together."""
    return [
        Gold(row["document"], row["page"], tuple(row["bbox"]), row["rules"], tuple(map(tuple, row["cells"])))
        for row in orjson.loads(_FILE.read_bytes())
    ]


def digest(text: str) -> str:
    """The first 16 hex digits of the SHA-256 of the text, NFC without white space; nothing for nothing."""
    bare = "".join(unicodedata.normalize("NFC", text).split())
    return sha256(bare.encode()).hexdigest()[:16] if bare else ""
