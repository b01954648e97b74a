"""Reads the paragraph heads, style names, numberings and bullets of an HWPX file's header.

Not covered: fonts, sizes and all other looks.
"""

from collections.abc import Iterator, Mapping

from lxml import etree

from .hancom import Head, Kind, Styles, template
from .numbering import Level
from .reading import local_name

_KINDS: Mapping[str, Kind] = {"OUTLINE": "outline", "NUMBER": "number", "BULLET": "bullet"}
NUMBER_STYLES = {
    "DIGIT": "decimal",
    "CIRCLED_DIGIT": "circled",
    "ROMAN_CAPITAL": "roman_upper",
    "ROMAN_SMALL": "roman_lower",
    "LATIN_CAPITAL": "latin_upper",
    "LATIN_SMALL": "latin_lower",
    "CIRCLED_LATIN_CAPITAL": "circled_latin_upper",
    "CIRCLED_LATIN_SMALL": "circled_latin_lower",
    "HANGUL_SYLLABLE": "syllable",
    "CIRCLED_HANGUL_SYLLABLE": "circled_syllable",
    "HANGUL_JAMO": "jamo",
    "CIRCLED_HANGUL_JAMO": "circled_jamo",
    "HANGUL_PHONETIC": "hangul",
    "IDEOGRAPH": "hanja",
    "CIRCLED_IDEOGRAPH": "circled_hanja",
}


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """The element's children of that name."""
    return (child for child in element if local_name(child) == name)


def number(element: etree._Element | None, name: str, missing: int = 0) -> int:
    """An attribute as a whole number."""
    text = "" if element is None else element.get(name) or ""
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 10 else missing


def read_styles(header: etree._Element) -> Styles:
    """The definitions of a `header.xml`."""
    by_name: dict[str, list[etree._Element]] = {}
    for element in header.iter():
        by_name.setdefault(local_name(element), []).append(element)
    return Styles(
        heads={number(shape, "id"): _head(shape) for shape in by_name.get("paraPr", ())},
        names={number(style, "id"): style.get("name") or "" for style in by_name.get("style", ())},
        numberings={number(item, "id"): _levels(item) for item in by_name.get("numbering", ())},
        bullets={number(item, "id"): item.get("char") or "" for item in by_name.get("bullet", ())},
    )


def _head(shape: etree._Element) -> Head:
    for element in shape.iter():
        if local_name(element) == "heading":
            kind = _KINDS.get(element.get("type") or "", "")
            return Head(kind, max(number(element, "level"), 0), number(element, "idRef"))
    return Head()


def _levels(numbering: etree._Element) -> tuple[Level, ...]:
    levels = []
    for depth, head in enumerate(children(numbering, "paraHead")):
        style = NUMBER_STYLES.get(head.get("numFormat") or "", "decimal")
        levels.append(Level(template(head.text or "", depth), style, number(head, "start", 1)))
    return tuple(levels)
