"""Puts the lines of a page together into paragraphs.

The PDF library gives blocks of lines; a wide line spacing makes every line a block of its own, and a list may be one
block. Not covered: tables.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from finsmith.korean.morphemes import ends_sentence, join_lines

from ..outline import mark
from .page import Line
from .seen_words import SeenWords

# What begins a paragraph beside a mark, where a new block begins with it.
_BEGIN = re.compile(r"[\[(<【〈]|표 \d|그림 \d|주:")
_SAME_SIZE = 0.1  # of a line's size may another differ
_PARAGRAPH_END = re.compile(r"[.?!:;」』)\]>〉】]$")
_NEARLY_FULL = 2.5  # line heights that a full line may lack: the next word was longer
_MAY_GO_ON = re.compile(r"[가-힣\d]$")
_UNIT = re.compile(r"%|bp|[조억만천원년월일개명회위배호건]|분기|포인트|달러")


@dataclass(frozen=True)
class Block:
    """Lines of one paragraph, one below the other."""

    lines: tuple[Line, ...]

    def text(self, seen: SeenWords) -> str:
        """The lines as one; a full line may break a word, which the words seen in the document and morphology tell."""
        runs: list[list[str]] = [[]]
        for line in self.lines:
            run = runs[-1]
            if run and _cuts_number(run[-1], line.text):
                run[-1] += line.text
            else:
                run.append(line.text)
            column = [other for other in self.lines if _is_in_column(other, line)]
            if not _reaches(line, column) or not _MAY_GO_ON.search(line.text):
                runs.append([])
        return " ".join(_joined(run, seen) for run in runs if run)

    @property
    def size(self) -> float:
        """The type size of its lines, in points."""
        return median(line.size for line in self.lines)


def paragraphs(lines: Sequence[Line]) -> list[Block]:
    """The lines in their order, put together where one goes on in the next."""
    blocks = list(_blocks(lines))
    joined: list[Block] = []
    for block in blocks:
        if joined and (_continues(joined[-1].lines[-1], block, lines) or _in_next_column(joined[-1], block)):
            joined[-1] = Block(joined[-1].lines + block.lines)
        else:
            joined.append(block)
    return joined


def _blocks(lines: Sequence[Line]) -> Iterator[Block]:
    """The library's blocks, cut where an item of a list begins."""
    held: list[Line] = []
    for line in lines:
        if held and (line.block != held[-1].block or line.y0 < held[-1].y0 or _is_item(line, held[-1], lines)):
            yield Block(tuple(held))
            held = []
        held.append(line)
    if held:
        yield Block(tuple(held))


def _continues(last: Line, block: Block, lines: Sequence[Line]) -> bool:
    """Whether the block goes on with what the line above it says."""
    first, height = block.lines[0], last.height
    same_type = abs(first.height - height) < 0.25 * height
    follows = -0.5 * height < first.y0 - last.y1 < 1.2 * height
    aligned = abs(first.x0 - last.x0) < 2.5 * height
    # a line that was squeezed in has another size; so has a heading, but the text below it reaches farther
    was_full = _is_full(last, lines) if _same_size(first, last) else _reaches(last, _aligned(last, lines))
    return same_type and follows and aligned and was_full and not _begins(first.text, last.text)


def _in_next_column(last: Block, first: Block) -> bool:
    """Whether the block goes on at the top of the next column with what the one before says."""
    line, next_line = last.lines[-1], first.lines[0]
    return next_line.y1 < line.y0 and next_line.x0 > line.x1 and len(last.lines) > 1 and goes_on(last, first, 0.0)


def _is_item(line: Line, above: Line, lines: Sequence[Line]) -> bool:
    """Whether an item begins with the line; only a full line above it may end in a word that goes on."""
    return bool(mark(line.text)) and not (_ends(line.text, above.text) and _is_full(above, lines))


def _begins(text: str, full: str) -> bool:
    """Whether a paragraph begins below a full line: an item, a caption, a note or the like."""
    return (bool(mark(text)) and not _ends(text, full)) or _opens(text, full)


def _ends(text: str, full: str) -> bool:
    """Whether the text begins with the end of the sentence in the full line above: there "다." is no third item."""
    return text.startswith("다.") and ends_sentence(f"{full.split()[-1]}다.")


def _opens(text: str, above: str) -> bool:
    """Whether a caption, note or the like begins here; a parenthesis does not, unless a sentence ends above it."""
    return bool(_BEGIN.match(text)) and (not text.startswith("(") or bool(_PARAGRAPH_END.search(above)))


def _is_full(line: Line, lines: Sequence[Line]) -> bool:
    """Whether the line reaches as far as any of its type that begin where it does."""
    like = [other for other in _aligned(line, lines) if _same_size(other, line)]
    return _reaches(line, like)


def _aligned(line: Line, lines: Sequence[Line]) -> list[Line]:
    """The lines of the page that begin about where this one does, itself among them."""
    return [other for other in lines if other.page == line.page and abs(other.x0 - line.x0) < 3 * line.height]


def _same_size(one: Line | Block, other: Line | Block) -> bool:
    return abs(one.size - other.size) < _SAME_SIZE * other.size


def _reaches(line: Line, column: Sequence[Line]) -> bool:
    return line.x1 > max(other.x1 for other in column) - _NEARLY_FULL * line.height


def _is_in_column(other: Line, line: Line) -> bool:
    return other.page == line.page and other.x0 < line.x1 and line.x0 < other.x1


def _joined(run: Sequence[str], seen: SeenWords) -> str:
    """A run of full lines as one; only Hangul at a line's end is a matter of morphology."""
    parts: list[list[str]] = []
    for text in run:
        if parts and seen.goes_on(parts[-1][-1], text):
            parts[-1][-1] += text
        elif parts and not parts[-1][-1][-1].isdigit():
            parts[-1].append(text)
        else:
            parts.append([text])
    return " ".join(join_lines(part) for part in parts)


def _cuts_number(last: str, text: str) -> bool:
    """Whether a line end stands inside a number with its unit, or inside 제3조."""
    return bool((last[-1].isdigit() and _UNIT.match(text)) or (last[-1] == "제" and text[0].isdigit()))


def goes_on(last: Block, first: Block, page_width: float) -> bool:
    """Whether a paragraph is cut by the end of its page: no sentence ends, its line is full, and none begins anew."""
    line = last.lines[-1]
    ended = _PARAGRAPH_END.search(line.text)
    widest = max(other.x1 for other in last.lines) if len(last.lines) > 1 else 0.8 * page_width
    was_full = line.x1 > widest - _NEARLY_FULL * line.height
    return was_full and _same_size(first, last) and not ended and not _begins(first.lines[0].text, line.text)
