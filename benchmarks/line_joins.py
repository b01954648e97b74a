"""Measures how often a line end in a paragraph is joined rightly; run as `python -m benchmarks.line_joins [folder]`.

The other documents judge. Where the last word of a line and the first of the next stand inside their lines as one word
and never as two, no space is right; the other way round a space is. Both or neither is not judged: `--unjudged` shows a
sample of these to check by eye.
Not covered: line ends beside figures, Latin words and punctuation; lines of tables are not told from others.
"""

import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pymupdf

from finsmith.corpus.pdf.furniture import furniture
from finsmith.corpus.pdf.layout import Block, paragraphs
from finsmith.corpus.pdf.page import read_pages
from finsmith.corpus.pdf.reading_order import reading_order
from finsmith.corpus.pdf.seen_words import MARKS, SeenWords, seen_words

_SHOWN = 60
_SEED = 0


@dataclass(frozen=True)
class LineEnd:
    """A line end between Hangul and Hangul in a paragraph: whether ours, and morphology alone, put a space there."""

    above: str
    below: str
    ours: bool
    morphology: bool


@dataclass(frozen=True)
class Judge:
    """The words, and the words side by side, that stand inside lines."""

    words: frozenset[str]
    pairs: frozenset[tuple[str, str]]

    def spaced(self, end: LineEnd) -> bool | None:
        """Whether a space belongs there; none where that is not known."""
        last, first = end.above.split()[-1].strip(MARKS), end.below.split()[0].strip(MARKS)
        apart, together = (last, first) in self.pairs, last + first in self.words
        return None if apart == together else apart


def read_blocks(path: Path) -> list[Block]:
    """The paragraphs of a PDF without its running heads, page by page."""
    with pymupdf.open(path) as pdf:
        pages = read_pages(pdf)
    kept = [
        [line for at, line in enumerate(page.lines) if at not in dropped]
        for page, dropped in zip(pages, furniture(pages), strict=True)
    ]
    return [block for lines in kept for block in paragraphs(reading_order(lines))]


def lines_of(blocks: Sequence[Block]) -> list[str]:
    """The text of their lines."""
    return [line.text for block in blocks for line in block.lines]


def judge(lines: Sequence[str]) -> Judge:
    """What the insides of the lines tell; the first and the last word of a line may be torn."""
    inside = [[word.strip(MARKS) for word in line.split()[1:-1]] for line in lines]
    words = frozenset(word for line in inside for word in line)
    return Judge(words, frozenset(pair for line in inside for pair in pairwise(line)))


def line_ends(block: Block, seen: SeenWords) -> Iterator[LineEnd]:
    """The line ends of a paragraph between Hangul and Hangul."""
    ours, morphology = _spaces(block.text(seen)), _spaces(block.text(SeenWords()))
    end = 0
    for above, below in pairwise(line.text for line in block.lines):
        end += len(above.replace(" ", ""))
        if _is_hangul(above[-1]) and _is_hangul(below[0]):
            yield LineEnd(above, below, end in ours, end in morphology)


def _spaces(text: str) -> set[int]:
    """Before which characters, not counting spaces, a space stands."""
    words = text.split(" ")
    return {sum(map(len, words[:count])) for count in range(1, len(words))}


def _is_hangul(char: str) -> bool:
    return "가" <= char <= "힣"


def row(ends: Sequence[LineEnd], judge: Judge) -> tuple[int, ...]:
    """Counts: line ends, judged, right, wrongly glued, wrongly split; right by morphology, by a space always, never."""
    judged = [(end, known) for end in ends if (known := judge.spaced(end)) is not None]
    return (
        len(ends),
        len(judged),
        sum(end.ours == known for end, known in judged),
        sum(known and not end.ours for end, known in judged),
        sum(end.ours and not known for end, known in judged),
        sum(end.morphology == known for end, known in judged),
        sum(known for _, known in judged),
        sum(not known for _, known in judged),
    )


def main(folder: str = "../shared/inputs/pdf", *options: str) -> None:
    """Prints a row of counts per document, and where asked a sample of line ends that were not judged."""
    read = {path.name: read_blocks(path) for path in sorted(Path(folder).glob("*.pdf"))}
    rows: list[tuple[int, ...]] = []
    unjudged: list[LineEnd] = []
    print("line ends, judged, right, wrongly glued, wrongly split | right: morphology, always a space, never a space")
    for name, blocks in read.items():
        others = judge([line for other, made in read.items() if other != name for line in lines_of(made)])
        seen = seen_words(lines_of(blocks))
        ends = [end for block in blocks for end in line_ends(block, seen)]
        rows.append(row(ends, others))
        unjudged += [end for end in ends if others.spaced(end) is None]
        print(*(f"{count:6}" for count in rows[-1]), name[:40])
    print(*(f"{sum(column):6}" for column in zip(*rows, strict=True)), "all")
    if "--unjudged" in options:
        for end in random.Random(_SEED).sample(unjudged, min(_SHOWN, len(unjudged))):
            print(f"…{end.above[-25:]}{' ' if end.ours else '+'}{end.below[:25]}…")


if __name__ == "__main__":
    main(*sys.argv[1:])
