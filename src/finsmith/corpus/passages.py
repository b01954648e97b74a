"""Cuts documents into passages of whole paragraphs under a token limit; a table is a passage of its own.

Not covered: overlap; each character is in one passage.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from finsmith.core.records import Document, Paragraph, Passage

CountTokens = Callable[[str], int]
_SENTENCE_END = re.compile(r"(?<=[.?!。])\s+")
_LONG_ENOUGH = 1 / 3  # of the limit; a shorter passage takes the next section too


@dataclass(frozen=True)
class _Piece:
    """A paragraph, or a part of one, by its span."""

    start: int
    end: int
    paragraph: Paragraph

    @property
    def stands_alone(self) -> bool:
        """Whether it is a passage by itself."""
        return self.paragraph.kind == "table"


def cut_passages(document: Document, max_tokens: int, count_tokens: CountTokens) -> Iterator[Passage]:
    """The document's passages in order; each character is in exactly one of them, white space between two in none.

    A passage's text is the document's at its span. A paragraph over `max_tokens` is cut at sentence ends; a single
    sentence over it stays whole, and so does a table. A heading begins a passage, unless the one before is short.
    """
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    held: list[_Piece] = []
    for piece in _pieces(document, max_tokens, count_tokens):
        if held and _ends(held, piece, text, max_tokens, count_tokens):
            yield _passage(document, text, held, count_tokens)
            held = []
        held.append(piece)
    if held:
        yield _passage(document, text, held, count_tokens)


def _ends(held: list[_Piece], piece: _Piece, text: str, max_tokens: int, count_tokens: CountTokens) -> bool:
    """Whether the passage ends before the piece."""
    begin, last = held[0].start, held[-1]
    if count_tokens(text[begin : piece.end]) > max_tokens:
        return True
    if all(one.paragraph.kind == "heading" for one in held):
        return False
    if last.stands_alone or piece.stands_alone:
        return True
    return (
        piece.paragraph.kind == "heading"
        and last.paragraph.kind != "heading"
        and count_tokens(text[begin : last.end]) > _LONG_ENOUGH * max_tokens
    )


def _pieces(document: Document, max_tokens: int, count_tokens: CountTokens) -> Iterator[_Piece]:
    for paragraph in document.paragraphs:
        start = paragraph.start
        end = start + len(paragraph.text)
        is_long = paragraph.kind != "table" and count_tokens(paragraph.text) > max_tokens
        gaps = _SENTENCE_END.finditer(paragraph.text) if is_long else ()
        for gap in gaps:
            yield _Piece(start, paragraph.start + gap.start(), paragraph)
            start = paragraph.start + gap.end()
        yield _Piece(start, end, paragraph)


def _passage(document: Document, document_text: str, pieces: list[_Piece], count_tokens: CountTokens) -> Passage:
    span = (pieces[0].start, pieces[-1].end)
    text = document_text[slice(*span)]
    boxes = tuple(dict.fromkeys(box for piece in pieces for box in piece.paragraph.boxes))
    confidences = [p.paragraph.ocr_confidence for p in pieces if p.paragraph.ocr_confidence is not None]
    return Passage(
        document=document.name,
        document_sha256=document.sha256,
        pages=tuple(sorted({box.page for box in boxes})),
        span=span,
        boxes=boxes,
        headings=_shared([piece.paragraph.headings for piece in pieces]),
        text=text,
        tokens=count_tokens(text),
        ocr_confidence=min(confidences, default=None),
    )


def _shared(paths: list[tuple[str, ...]]) -> tuple[str, ...]:
    """What all heading paths begin with."""
    return tuple(level[0] for level in takewhile(lambda level: len(set(level)) == 1, zip(*paths, strict=False)))
