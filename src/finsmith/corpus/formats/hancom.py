"""What Hancom's two formats share: paragraph heads (outline, number, bullet), style names, labels.

본 제품은 한글과컴퓨터의 한글 문서 파일(.hwp) 공개 문서를 참고하여 개발하였습니다.
Not covered: numbers set by hand for a single paragraph.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .numbering import BULLET, STYLES, Counters, Level

# the numbers by which the binary format names number styles; OWPML's names for the same are in hwpx_styles
STYLE_CODES = (
    "decimal",
    "circled",
    "roman_upper",
    "roman_lower",
    "latin_upper",
    "latin_lower",
    "circled_latin_upper",
    "circled_latin_lower",
    "syllable",
    "circled_syllable",
    "jamo",
    "circled_jamo",
    "hangul",
    "hanja",
    "circled_hanja",
)
Kind = Literal["", "outline", "number", "bullet"]
_HEADING_STYLE = re.compile(r"(?:개요|제목|outline|heading)\s*(\d)", re.IGNORECASE)
_CONTENTS_STYLE = re.compile(r"(?:차례|목차|toc)\s*(?:\d|제목|heading)", re.IGNORECASE)


@dataclass(frozen=True)
class Head:
    """What stands at the head of a paragraph: the list's kind, the depth in it (0 outermost), the list's id."""

    kind: Kind = ""
    depth: int = 0
    list_id: int = 0


@dataclass(frozen=True)
class Styles:
    """The definitions a document's paragraphs refer to by id."""

    heads: Mapping[int, Head] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    numberings: Mapping[int, tuple[Level, ...]] = field(default_factory=dict)
    bullets: Mapping[int, str] = field(default_factory=dict)


@dataclass
class Story:
    """A document as far as it is read; `outline` is the numbering that the section's headings use."""

    styles: Styles
    counters: Counters = field(default_factory=Counters)
    outline: int = 0
    furniture: int = 0

    def is_contents(self, style: int) -> bool:
        """Whether a paragraph of this style is a line of the table of contents, which only repeats the headings."""
        return bool(_CONTENTS_STYLE.match(self.styles.names.get(style, "")))

    def level(self, shape: int, style: int) -> int:
        """The level of a heading, 1 outermost; 0 for a paragraph that is none."""
        head = self.styles.heads.get(shape, Head())
        if head.kind == "outline":
            return head.depth + 1
        named = _HEADING_STYLE.fullmatch(self.styles.names.get(style, "").strip())
        return int(named[1]) if named else 0

    def depth(self, shape: int) -> int:
        """How deep paragraphs of this shape stand in their list, 0 outermost."""
        return self.styles.heads.get(shape, Head()).depth

    def label(self, shape: int) -> str:
        """The number or bullet of the next paragraph of this shape; counts on."""
        head = self.styles.heads.get(shape, Head())
        if head.kind == "bullet":
            return self.styles.bullets.get(head.list_id) or BULLET
        if not head.kind:
            return ""
        list_id = self.outline if head.kind == "outline" else head.list_id
        levels = self.styles.numberings.get(list_id, ())
        if not levels and head.kind == "outline":
            return ""  # headings without a number
        return self.counters.label(str(list_id), head.depth, levels)


def template(hancom: str, depth: int) -> str:
    """Hancom's template of a label (`^1.`, `제^1장`, `^n` for the path of numbers) as `numbering.Level` has it."""
    path = ".".join(f"{{{at}}}" for at in range(1, depth + 2))
    text = hancom.replace("^n", path).replace("^N", f"{path}.")
    return re.sub(r"\^(10|\d)", r"{\1}", text)


def automatic_number(number: int, style: str, before: str, after: str) -> str:
    """The text of a number that the word processor counts itself (captions, notes), with its decoration."""
    return f"{before}{STYLES.get(style, str)(number)}{after}".replace("\0", "")
