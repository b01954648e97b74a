"""Reads what the paragraphs of a DOCX file get from its styles and numberings: outline levels, labels, hidden text.

Not covered: list pictures, levels that never restart or are forced to digits (legal numbering).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from .numbering import BULLET, Counters, Level

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OFF = frozenset({"0", "false", "off"})
_NUMBER_STYLES = {
    "decimal": "decimal",
    "decimalZero": "decimal_zero",
    "decimalEnclosedCircle": "circled",
    "decimalEnclosedParen": "parenthesised",
    "upperRoman": "roman_upper",
    "lowerRoman": "roman_lower",
    "upperLetter": "latin_upper",
    "lowerLetter": "latin_lower",
    "ganada": "syllable",
    "chosung": "jamo",
    "koreanCounting": "hangul",
    "koreanDigital": "hangul",
    "koreanDigital2": "hanja",
    "ideographDigital": "hanja",
    "chineseCounting": "hanja",
    "chineseCountingThousand": "hanja",
    "none": "none",
    "bullet": "none",
}


@dataclass(frozen=True)
class Looks:
    """What a style or a paragraph sets; None is what it leaves to the style it is based on."""

    name: str = ""
    outline: int | None = None
    num_id: str | None = None
    depth: int | None = None
    hidden: bool | None = None


@dataclass(frozen=True)
class _Numbering:
    key: str  # lists of the same definition count on from each other
    levels: tuple[Level, ...]
    starts: Mapping[int, int]  # depths at which this list begins anew
    depths: Mapping[str, int]  # of the styles that a level is tied to


@dataclass
class Styles:
    """The styles and numberings of a document, and the numbers given so far."""

    looks: Mapping[str, Looks]
    numberings: Mapping[str, _Numbering]
    default: str = ""
    counters: Counters = field(default_factory=Counters)
    begun: set[tuple[str, int]] = field(default_factory=set)

    def of(self, paragraph_looks: Looks, style: str) -> Looks:
        """What a paragraph of that style looks like, once what it sets itself is on top."""
        below = self.looks.get(style or self.default, Looks())
        return Looks(
            below.name,
            below.outline if paragraph_looks.outline is None else paragraph_looks.outline,
            below.num_id if paragraph_looks.num_id is None else paragraph_looks.num_id,
            below.depth if paragraph_looks.depth is None else paragraph_looks.depth,
            below.hidden if paragraph_looks.hidden is None else paragraph_looks.hidden,
        )

    def depth(self, looks: Looks, style: str) -> int:
        """How deep a paragraph that looks so stands in its list, 0 outermost; 0 as well where it is in none."""
        numbering = self.numberings.get(looks.num_id or "")
        if numbering is None:
            return 0
        return min(numbering.depths.get(style, 0) if looks.depth is None else looks.depth, 8)

    def label(self, looks: Looks, style: str) -> str:
        """The number or bullet of the next paragraph that looks so; counts on."""
        numbering = self.numberings.get(looks.num_id or "")
        if numbering is None:
            return ""
        depth = self.depth(looks, style)
        if depth in numbering.starts and (looks.num_id or "", depth) not in self.begun:
            self.begun.add((looks.num_id or "", depth))
            self.counters.restart(numbering.key, depth, numbering.starts[depth])
        return self.counters.label(numbering.key, depth, numbering.levels)


def value(element: etree._Element | None, path: str, name: str = "val") -> str | None:
    """The attribute of the element at a path of names (`pPr/numPr/numId`); None where there is no such element."""
    found = None if element is None else element.find("/".join(W + step for step in path.split("/")))
    return None if found is None else found.get(W + name) or ""


def whole(text: str | None) -> int | None:
    """The text as a whole number; None where it is none."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else None


def is_on(text: str | None) -> bool | None:
    """What a switch says; None where it is not there."""
    return None if text is None else text not in _OFF


def looks_of(element: etree._Element) -> Looks:
    """What a style or paragraph sets itself."""
    return Looks(
        (value(element, "name") or "").lower(),
        whole(value(element, "pPr/outlineLvl")),
        value(element, "pPr/numPr/numId"),
        whole(value(element, "pPr/numPr/ilvl")),
        is_on(value(element, "rPr/vanish")),
    )


def read_styles(styles: etree._Element | None, numbering: etree._Element | None) -> Styles:
    """The styles of a `styles.xml` with the numberings of a `numbering.xml`."""
    by_id = {} if styles is None else {_id(style, "styleId"): style for style in styles.iter(f"{W}style")}
    default = next((key for key, x in by_id.items() if x.get(f"{W}default") == "1" and _is_paragraph(x)), "")
    looks = {key: _inherited(key, by_id) for key in by_id}
    return Styles(looks, dict(_numberings(numbering, looks)), default)


def _id(element: etree._Element, name: str) -> str:
    return element.get(W + name) or ""


def _is_paragraph(style: etree._Element) -> bool:
    return style.get(f"{W}type") == "paragraph"


def _inherited(key: str, by_id: Mapping[str, etree._Element]) -> Looks:
    looks = looks_of(by_id[key])
    name, seen = looks.name, {key}
    while (key := value(by_id[key], "basedOn") or "") in by_id and key not in seen:
        seen.add(key)
        looks = Styles({key: looks_of(by_id[key])}, {}).of(looks, key)
    return replace(looks, name=name)


def _numberings(root: etree._Element | None, looks: Mapping[str, Looks]) -> Iterator[tuple[str, _Numbering]]:
    if root is None:
        return
    abstract = {_id(x, "abstractNumId"): x for x in root.iter(f"{W}abstractNum")}
    definition = {_id(x, "numId"): value(x, "abstractNumId") or "" for x in root.iter(f"{W}num")}
    for num in root.iter(f"{W}num"):
        key = definition[_id(num, "numId")]
        linked = looks.get(value(abstract.get(key), "numStyleLink") or "", Looks()).num_id
        key = definition.get(linked or "", key)
        if key in abstract:
            yield _id(num, "numId"), _numbering(key, abstract[key], num)


def _numbering(key: str, abstract: etree._Element, num: etree._Element) -> _Numbering:
    levels = {_id(level, "ilvl"): level for level in abstract.iter(f"{W}lvl")}
    levels |= {_id(level, "ilvl"): level for level in num.iter(f"{W}lvl")}
    starts = {}
    for override in num.iter(f"{W}lvlOverride"):
        depth, start = whole(_id(override, "ilvl")), whole(value(override, "startOverride"))
        if depth is not None and start is not None:
            starts[depth] = start
    ordered = [levels[str(depth)] for depth in range(9) if str(depth) in levels]
    depths = {value(level, "pStyle") or "": at for at, level in enumerate(ordered)}
    return _Numbering(key, tuple(map(_level, ordered)), starts, depths)


def _level(level: etree._Element) -> Level:
    style, text = value(level, "numFmt") or "decimal", value(level, "lvlText") or ""
    start = whole(value(level, "start"))
    if style == "bullet":
        return Level(text if text.isprintable() and text.strip() and text.isascii() is False else BULLET, "none")
    template = text
    for number in range(1, 10):
        template = template.replace(f"%{number}", f"{{{number}}}")
    return Level(template, _NUMBER_STYLES.get(style, "decimal"), 1 if start is None else start)
