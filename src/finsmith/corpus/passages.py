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
    text: str
    start: int
    box: Box
    tokens: int


def cut_passages(document: Document, max_tokens: int, count_tokens: CountTokens) -> Iterator[Passage]:
    """The document's passages in order; every character is in exactly one of them.

    A paragraph over `max_tokens` is cut at sentence ends; a single sentence over it stays whole.
    """
    held: list[_Piece] = []
    for piece in _pieces(document, max_tokens, count_tokens):
        if held and sum(p.tokens for p in held) + piece.tokens > max_tokens:
            yield _passage(document, held, count_tokens)
            held = []
        held.append(piece)
    if held:
        yield _passage(document, held, count_tokens)


def _pieces(document: Document, max_tokens: int, count_tokens: CountTokens) -> Iterator[_Piece]:
    for paragraph in document.paragraphs:
        tokens = count_tokens(paragraph.text)
        if tokens <= max_tokens:
            yield _Piece(paragraph.text, paragraph.start, paragraph.box, tokens)
            continue
        start = paragraph.start
        for sentence in _SENTENCE_END.split(paragraph.text):
            yield _Piece(sentence, start, paragraph.box, count_tokens(sentence))
            start += len(sentence) + 1


def _passage(document: Document, pieces: list[_Piece], count_tokens: CountTokens) -> Passage:
    text = "\n".join(piece.text for piece in pieces)
    boxes = tuple(dict.fromkeys(piece.box for piece in pieces))
    return Passage(
        document=document.name,
        document_sha256=document.sha256,
        pages=tuple(sorted({box.page for box in boxes})),
        span=(pieces[0].start, pieces[-1].start + len(pieces[-1].text)),
        boxes=boxes,
        text=text,
        tokens=count_tokens(text),
    )
