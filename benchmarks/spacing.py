"""Measures both ways of getting lost spaces back; run as `python -m benchmarks.spacing [folder]`.

By morphology: documents as pypdfium2 reads them lose all their spaces, sentence by sentence, and get them back. By the
page: the minutes, whose text layer has none, as our reader takes them from the gaps, against pypdfium2.
Borders count where Hangul stands on one side at least; those at line ends do not count, for there a word may be torn.
Not covered: lines with few syllables (tables, running heads).
"""

import re
import sys
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import pymupdf
import pypdfium2

from finsmith.corpus.pdf.page import read_pages
from finsmith.korean.spacing import restore_spaces

_FEW = 10  # syllables
_HANGUL = re.compile(r"[가-힣]")
_SENTENCE_END = re.compile(r"[.:]$")
_UNIT = r"%p?|bp|[억만천백]*원|조|억|년|월|일|항|호|분기"
_FIGURE = re.compile(rf"(?:제?\d(?:[\d,./]*\d)?(?:{_UNIT})?)+|[\w.]+@[\w.]+|[A-Z]{{2,}}")


@dataclass
class Borders:
    """Counts of word borders: found by both, only by ours, only in the original."""

    both: int = 0
    ours: int = 0
    original: int = 0

    def add(self, ours: set[int], original: set[int]) -> None:
        """Counts the borders of one more text."""
        self.both += len(ours & original)
        self.ours += len(ours - original)
        self.original += len(original - ours)

    def __str__(self) -> str:
        """Precision, recall and F1."""
        precision, recall = self.both / (self.both + self.ours), self.both / (self.both + self.original)
        return f"{precision:9.4f} {recall:9.4f} {2 * precision * recall / (precision + recall):9.4f}"


@dataclass(frozen=True)
class Sentence:
    """A text without white space, and before which of its characters a space or a line end stood."""

    text: str
    spaces: set[int]
    ends: set[int]

    def judged(self, borders: set[int]) -> set[int]:
        """Of the borders those that count."""
        return {at for at in borders - self.ends if _HANGUL.search(self.text[at - 1 : at + 1])}


def sentence(text: str) -> Sentence:
    """The sentence in a text with line ends."""
    kept: list[str] = []
    spaces: set[int] = set()
    ends: set[int] = set()
    for char in unicodedata.normalize("NFC", text):
        if char in "\r\n":
            ends.add(len(kept))
        elif char.isspace():
            spaces.add(len(kept))
        elif char != "\ufffe":  # pypdfium2's sign for a hyphen at a line end
            kept.append(char)
    return Sentence("".join(kept), spaces - {0, len(kept)}, ends)


def pages_of(path: Path) -> list[str]:
    """The text of each page as pypdfium2 reads it."""
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(path)]


def sentences(path: Path) -> Iterator[Sentence]:
    """The lines of running text, put together up to a sentence's end."""
    held = ""
    for line in (line.strip() for page in pages_of(path) for line in page.splitlines()):
        if len(_HANGUL.findall(line)) >= _FEW:
            held += f"{line}\n"
            if _SENTENCE_END.search(line):
                yield sentence(held)
                held = ""
    yield sentence(held)


def by_morphology(path: Path) -> str:
    """One row: precision, recall, F1, figures left whole of all, characters per second of the processor."""
    borders, whole, figures, characters, seconds = Borders(), 0, 0, 0, 0.0
    for original in sentences(path):
        start = time.process_time()
        restored = sentence(restore_spaces(original.text))
        seconds += time.process_time() - start
        characters += len(original.text)
        borders.add(original.judged(restored.spaces), original.judged(original.spaces))
        found = [range(figure.start() + 1, figure.end()) for figure in _FIGURE.finditer(original.text)]
        figures += len(found)
        whole += sum(restored.spaces.isdisjoint(figure) for figure in found)
    return f"{borders} {whole:6}/{figures:<6} {characters / seconds:7.0f}/s"


def by_gaps(path: Path) -> str:
    """One row: precision, recall, F1 of the borders that our reader sees on the page, against pypdfium2's."""
    borders = Borders()
    with pymupdf.open(path) as pdf:
        read = ["\n".join(line.text for line in page.lines) for page in read_pages(pdf)]
    for ours, theirs in zip(map(sentence, read), map(sentence, pages_of(path)), strict=True):
        blocks = SequenceMatcher(None, ours.text, theirs.text, autojunk=False).get_matching_blocks()
        place = {block.b + step: block.a + step for block in blocks for step in range(1, block.size)}
        open_places = {at: mine for at, mine in place.items() if at not in theirs.ends and mine not in ours.ends}
        borders.add({at for at, mine in open_places.items() if mine in ours.spaces}, theirs.spaces & open_places.keys())
    return str(borders)


def main(folder: str = "../shared/inputs/pdf") -> None:
    """Prints a row per document."""
    paths = [path for place in (folder, "data/raw/pdf") for path in sorted(Path(place).glob("*.pdf"))]
    restore_spaces("모형을읽는다")  # loads the model
    print("by morphology: precision, recall, F1, figures left whole, characters")
    for path in paths:
        print(by_morphology(path), path.name[:40])
    print("by the gaps between glyphs: precision, recall, F1")
    for path in (path for path in paths if "의사록" in unicodedata.normalize("NFC", path.name)):
        print(by_gaps(path), path.name[:40])


if __name__ == "__main__":
    main(*sys.argv[1:])
