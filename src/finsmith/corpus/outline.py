"""Tells what stands over what: headings by size or style, articles, numbered items and bullets by their marks.

Korean documents nest their marks in no fixed order (an article holds ①, which holds 1., while a report's 1. holds 가.),
so the order in which a document first uses them decides. Only chapters, articles and headings always begin anew.
Not covered: headings that differ from the text by colour or weight alone.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_KOREAN_COUNT = "[가나다라마바사아자차카타파하]"
# style -> how a paragraph of it begins. The first that fits counts.
_OUTER: Mapping[str, re.Pattern[str]] = {
    "편": re.compile(r"제\s?\d+\s?편(?=\s|$)"),
    "장": re.compile(r"제\s?\d+\s?장(?=\s|$)"),
    "절": re.compile(r"제\s?\d+\s?절(?=\s|$)"),
    "관": re.compile(r"제\s?\d+\s?관(?=\s|$)"),
    "조": re.compile(r"제\s?\d+\s?조(?:의\s?\d+)?\s?(?=[(（]|$)"),
    "부칙": re.compile(r"부\s?칙(?=\s|$|<)"),
    "별표": re.compile(r"\[별[표지첨]"),
    "Ⅰ": re.compile(r"[Ⅰ-Ⅹ]+(?=[.．\s])"),
}
_INNER: Mapping[str, re.Pattern[str]] = {
    "1.1": re.compile(r"\d{1,2}(?:\.\d{1,2})+\.?(?=\s+[가-힣A-Za-z「(])"),
    "1.": re.compile(r"\d{1,2}\.(?!\s?\d)"),
    "가.": re.compile(rf"{_KOREAN_COUNT}\.(?=\s)"),
    "1)": re.compile(r"\d{1,3}\)"),
    "가)": re.compile(rf"{_KOREAN_COUNT}\)(?=\s)"),
    "(1)": re.compile(r"\(\s?\d{1,2}\s?\)"),
    "(가)": re.compile(rf"\({_KOREAN_COUNT}\)"),
    "①": re.compile(r"[①-⑳]"),
    "□": re.compile(r"[□■◇◆▣]"),
    "○": re.compile(r"[○●◯❍]|o(?=\s)"),
    "▪": re.compile(r"[▪▶▷▸♦]"),
    "-": re.compile(r"[-–―‐−](?=\s)"),
    "·": re.compile(r"[·•∙‧◦](?=\s)"),
    "※": re.compile(r"[※*†](?=\s|[가-힣])"),
}
_RANK = {"편": 0, "장": 1, "부칙": 1, "별표": 1, "Ⅰ": 1, "절": 2, "관": 3, "조": 4}
_BULLETS = frozenset("□○▪-·※")
_LEAVES = frozenset("▪-·※")  # nothing numbered stands under these
_ARTICLE_TITLE = re.compile(r"제\s?\d+\s?조(?:의\s?\d+)?\s?[(（][^()（）]*[)）]")
_LARGE = 1.12  # of the size most of the text has
_HEAVIEST = 100.0  # over any level of a style
_LONGEST_HEADING = 80  # characters
_SENTENCE_END = re.compile(r"(?:다|요|음|함|까)\s?[.?!]$")
_SHOWN = 60  # characters of an item that stands over others


@dataclass(frozen=True)
class Shown:
    """What a paragraph shows of its place: its text and, for a heading, its type size or the level its style gives it.

    `depth` is how deep an item stands in its list, 0 outermost; it tells apart bullets that look alike.
    """

    text: str
    heading_size: float = 0.0
    level: int = 0
    depth: int = 0


@dataclass(frozen=True)
class Outlined:
    """How deep a paragraph stands (1 outermost, 0 plain text) and whether it is a heading, not an item with a text."""

    level: int
    heading: bool


@dataclass(frozen=True)
class _Above:
    style: str
    weight: float  # of a heading, the outer the heavier; 0 for what begins with a mark
    level: int


def mark(text: str) -> str:
    """The style of mark the text begins with; empty where there is none."""
    styles = (*_OUTER.items(), *_INNER.items())
    return next((style for style, begin in styles if begin.match(text)), "")


def heading_size(text: str, size: float, body_size: float) -> float:
    """The type size of a paragraph that is a heading by it; 0 for any other, and where the size is not known."""
    large = size > _LARGE * body_size and _is_short(text) and mark(text) not in _BULLETS
    return size if large else 0.0


def outline(paragraphs: Iterable[Shown]) -> Iterator[Outlined]:
    """The place of each paragraph of a document, in order."""
    above: list[_Above] = []
    for shown in paragraphs:
        own = mark(shown.text)
        weight = shown.heading_size or (_HEAVIEST - shown.level if shown.level else 0.0)
        style = f"heading {weight}" if weight else f"{own} {shown.depth}" if own in _BULLETS else own
        if not style:
            yield Outlined(0, heading=False)
            continue
        above = _still_above(above, style, own, weight)
        level = shown.level or (above[-1].level + 1 if above else 1)
        above.append(_Above(style, weight, level))
        yield Outlined(level, heading=(bool(weight) or own in _OUTER) and _is_short(shown.text))


def _still_above(above: list[_Above], style: str, own: str, weight: float) -> list[_Above]:
    """What stays over a paragraph of this style: the same style ends, and all that came under it."""
    styles = [one.style for one in above]
    if weight:
        return [one for one in above if one.weight > weight]
    if style in styles:
        return above[: styles.index(style)]
    if own in _OUTER:
        return [one for one in above if one.weight or _RANK.get(one.style, _RANK[own]) < _RANK[own]]
    return above if own in _LEAVES else [one for one in above if one.style.split()[0] not in _LEAVES]


def begins_article(text: str) -> bool:
    """Whether the text opens a chapter, an article or the like, which reaches to the next of its kind."""
    return mark(text) in _OUTER


def shown_heading(text: str) -> str:
    """What a heading path says of this paragraph: an article's title, or the text, cut where it is long."""
    if title := _ARTICLE_TITLE.match(text):
        return title.group()
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _is_short(text: str) -> bool:
    return len(text) <= _LONGEST_HEADING and not _SENTENCE_END.search(text)
