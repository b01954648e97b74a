"""Reads the paragraph heads, style names, numberings and bullets of an HWP 5 file's definitions.

Not covered: fonts, sizes and all other looks; levels 8 to 10 of a list, which newer versions know.
"""

from .hancom import STYLE_CODES, Head, Kind, Styles, template
from .hwp_records import Node, integer, text_at
from .numbering import Level

_NUMBERING, _BULLET, _PARAGRAPH_SHAPE, _STYLE = 23, 24, 25, 26
_KINDS: tuple[Kind, ...] = ("", "outline", "number", "bullet")
_LEVELS = 7
_LEVEL_HEAD = 12  # bytes before a level's template


def read_styles(definitions: list[Node]) -> Styles:
    """The definitions; their ids count from 0 for shapes and styles, from 1 for numberings and bullets."""
    records: dict[int, list[bytes]] = {}
    for node in _flat(definitions):
        records.setdefault(node.tag, []).append(node.data)
    return Styles(
        heads=dict(enumerate(map(_head, records.get(_PARAGRAPH_SHAPE, ())))),
        names={at: text_at(data, 0)[0] for at, data in enumerate(records.get(_STYLE, ()))},
        numberings=dict(enumerate(map(_levels, records.get(_NUMBERING, ())), 1)),
        bullets={at: chr(integer(data, 12)).strip("\0") for at, data in enumerate(records.get(_BULLET, ()), 1)},
    )


def _flat(nodes: list[Node]) -> list[Node]:
    return [inner for node in nodes for inner in (node, *_flat(node.children))]


def _head(data: bytes) -> Head:
    looks = integer(data, 0, 4)
    return Head(_KINDS[looks >> 23 & 3], looks >> 25 & 7, integer(data, 30))


def _levels(data: bytes) -> tuple[Level, ...]:
    found, at = [], 0
    for depth in range(_LEVELS):
        code = integer(data, at, 4) >> 5 & 0x1F
        text, at = text_at(data, at + _LEVEL_HEAD)
        found.append((template(text, depth), STYLE_CODES[code] if code < len(STYLE_CODES) else "decimal"))
    starts = [integer(data, at + 2 + 4 * depth, 4) or 1 for depth in range(_LEVELS)]
    return tuple(Level(text, style, start) for (text, style), start in zip(found, starts, strict=True))
