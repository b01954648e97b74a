"""How often a line end inside a paragraph is joined rightly; run as `python -m benchmarks.line_joins [folder]`.

The documents judge themselves. Where the last word of a line and the first of the next stand inside lines elsewhere as
one word and never as two, no space is right; the other way round a space is. Both or neither is not judged.
Not covered: line ends beside figures, Latin words and punctuation; tables.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pymupdf

from finsmith.corpus.pdf.furniture import furniture
from finsmith.corpus.pdf.layout import Block, paragraphs
from finsmith.corpus.pdf.page import read_pages
from finsmith.corpus.pdf.reading_order import reading_order

_PUNCTUATION = "".join(map(chr, range(33, 48))) + ":;<=>?[]「」『』｢｣〈〉《》【】‘’“”…·ㆍ"
_SHOWN = 60
_SEED = 0


@dataclass(frozen=True)
class LineEnd:
    """A line end inside a paragraph between Hangul and Hangul, and whether our reading has a space there."""

    document: str
    above: str
    below: str
    spaced: bool

    @property
    def words(self) -> tuple[str, str]:
        """The words on both sides, without punctuation around them."""
        return self.above.split()[-1].lstrip(_PUNCTUATION), self.below.split()[0].rstrip(_PUNCTUATION)


@dataclass(frozen=True)
class Evidence:
    """The words, and the words side by side, that stand inside lines, where no line end can have torn them."""

    words: frozenset[str]
    pairs: frozenset[tuple[str, str]]

    def spaced(self, end: LineEnd) -> bool | None:
        """Whether a space belongs at the line end; none where that is not known."""
        apart, together = end.words in self.pairs, "".join(end.words) in self.words
        return None if apart == together else apart


def blocks(path: Path) -> Iterator[Block]:
    """The paragraphs of a PDF, page by page, without running heads."""
    with pymupdf.open(path) as pdf:
        pages = read_pages(pdf)
    for page, dropped in zip(pages, furniture(pages), strict=True):
        yield from paragraphs(reading_order([line for at, line in enumerate(page.lines) if at not in dropped]))


def evidence(lines: Sequence[str]) -> Evidence:
    """What the insides of the lines tell; the first and the last word of a line may be torn."""
    inside = [[word.strip(_PUNCTUATION) for word in line.split()[1:-1]] for line in lines]
    return Evidence(
        frozenset(word for words in inside for word in words),
        frozenset(pair for words in inside for pair in pairwise(words)),
    )


def line_ends(document: str, block: Block) -> Iterator[LineEnd]:
    """The line ends of a paragraph between Hangul and Hangul."""
    spaces, count = set(), 0
    for char in block.text:
        if char == " ":
            spaces.add(count)
        else:
            count += 1
    end = 0
    for above, below in pairwise(line.text for line in block.lines):
        end += len(above.replace(" ", ""))
        if _is_hangul(above[-1]) and _is_hangul(below[0]):
            yield LineEnd(document, above, below, end in spaces)


def _is_hangul(char: str) -> bool:
    return "가" <= char <= "힣"


def measure(found: Sequence[LineEnd], known: Evidence) -> str:
    """One row: line ends, judged ones, wrongly glued, wrongly split; shares right, and of two simple rules."""
    verdicts = Counter((known.spaced(end), end.spaced) for end in found)
    apart = verdicts[True, True] + verdicts[True, False]
    together = verdicts[False, True] + verdicts[False, False]
    judged = apart + together
    right = verdicts[True, True] + verdicts[False, False]
    shares = " ".join(f"{count / max(judged, 1):9.3f}" for count in (right, apart, together))
    return f"{len(found):7} {judged:7} {verdicts[True, False]:7} {verdicts[False, True]:7} {shares}"


def main(folder: str = "../shared/inputs/pdf", *options: str) -> None:
    """Prints a row per document; with `--unjudged` also a sample of line ends that were not judged, to check by eye."""
    read = {path.name: list(blocks(path)) for path in sorted(Path(folder).glob("*.pdf"))}
    known = evidence([line.text for made in read.values() for block in made for line in block.lines])
    found = {name: [end for block in made for end in line_ends(name, block)] for name, made in read.items()}
    print("line ends, judged, wrongly glued, wrongly split; right: ours, always a space, never a space")
    for name, ends in found.items():
        print(measure(ends, known), name[:40])
    together = [end for ends in found.values() for end in ends]
    print(measure(together, known), "all")
    if "--unjudged" in options:
        unjudged = [end for end in together if known.spaced(end) is None]
        for end in random.Random(_SEED).sample(unjudged, min(_SHOWN, len(unjudged))):
            print(f"…{end.above[-25:]}{' ' if end.spaced else '+'}{end.below[:25]}…")


if __name__ == "__main__":
    main(*sys.argv[1:])
