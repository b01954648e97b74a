"""Cuts documents into passages of whole paragraphs under a token limit.

Not covered: headings as context; a passage is what stands between two cuts.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from finsmith.core.records import Box, Document, Passage

CountTokens = Callable[[str], int]
_SENTENCE_END = re.compile(r"(?<=[.?!。])\s+")


@dataclass(frozen=True)
class _Piece:
    start: int
    end: int
    box: Box


def cut_passages(document: Document, max_tokens: int, count_tokens: CountTokens) -> Iterator[Passage]:
    """The document's passages in order; each character is in exactly one of them, white space between two in none.

    A passage's text is the document's at its span. A paragraph over `max_tokens` is cut at sentence ends; a single
    sentence over it stays whole.
    """
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    held: list[_Piece] = []
    for piece in _pieces(document, max_tokens, count_tokens):
        if held and count_tokens(text[held[0].start : piece.end]) > max_tokens:
            yield _passage(document, text, held, count_tokens)
            held = []
        held.append(piece)
    if held:
        yield _passage(document, text, held, count_tokens)


def _pieces(document: Document, max_tokens: int, count_tokens: CountTokens) -> Iterator[_Piece]:
    for paragraph in document.paragraphs:
        start = paragraph.start
        end = start + len(paragraph.text)
        gaps = _SENTENCE_END.finditer(paragraph.text) if count_tokens(paragraph.text) > max_tokens else ()
        for gap in gaps:
            yield _Piece(start, paragraph.start + gap.start(), paragraph.box)
            start = paragraph.start + gap.end()
        yield _Piece(start, end, paragraph.box)


def _passage(document: Document, document_text: str, pieces: list[_Piece], count_tokens: CountTokens) -> Passage:
    span = (pieces[0].start, pieces[-1].end)
    text = document_text[slice(*span)]
    boxes = tuple(dict.fromkeys(piece.box for piece in pieces))
    return Passage(
        document=document.name,
        document_sha256=document.sha256,
        pages=tuple(sorted({box.page for box in boxes})),
        span=span,
        boxes=boxes,
        text=text,
        tokens=count_tokens(text),
    )
