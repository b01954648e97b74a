"""Puts the blocks of a page together into paragraphs: a wide line spacing makes every line a block of its own.

Not covered: column order, running heads, footnotes, tables; a table row stays a line.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

# How an item of a list, an article or a bullet begins: such a line starts a paragraph.
_ITEM = re.compile(
    r"^(?:[-–•·▪□■○●◦※▶*]|[①-⑳]|[(\[<【]|제\s?\d+\s?[장절조관]"
    r"|\d+[.)](?!\d)|\d+(?:\.\d+)+\.?\s|[가나다라마바사아자차카타파하][.)]|표 \d|그림 \d|주:)"
)


@dataclass(frozen=True)
class Block:
    """Lines of text and the box around them, in points."""

    lines: tuple[str, ...]
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def line_height(self) -> float:
        """Height of one line."""
        return (self.y1 - self.y0) / len(self.lines)


def join_blocks(blocks: Sequence[Block]) -> list[Block]:
    """The blocks in order, each joined to the one before where that one's last line ran to the edge of its column."""
    joined: list[Block] = []
    last: Block | None = None
    for block in blocks:
        if last and joined and _continues(last, block, _right_edge(last, blocks)):
            whole = joined[-1]
            joined[-1] = replace(
                whole,
                lines=whole.lines + block.lines,
                x0=min(whole.x0, block.x0),
                x1=max(whole.x1, block.x1),
                y1=block.y1,
            )
        else:
            joined.append(block)
        last = block
    return joined


def _continues(last: Block, block: Block, right_edge: float) -> bool:
    height = last.line_height
    same_type = abs(block.line_height - height) < 0.25 * height
    follows = -0.5 * height < block.y0 - last.y1 < 1.2 * height
    aligned = abs(block.x0 - last.x0) < 2.5 * height
    was_full = last.x1 > right_edge - 2.5 * height
    return same_type and follows and aligned and was_full and not _ITEM.match(block.lines[0])


def _right_edge(block: Block, blocks: Sequence[Block]) -> float:
    """The right edge of the column: the farthest of the blocks that begin about where this one does."""
    return max(b.x1 for b in blocks if abs(b.x0 - block.x0) < 3 * block.line_height)
