"""Words that tell which way something went: 증가 and 감소, 상승 and 하락, rose and fell.

Not covered: a direction told by numbers alone; a negated one, which is left out.
"""

import re

# axis: words of the one way, words of the other
_AXES: dict[str, tuple[str, str]] = {
    "amount": (r"증가|늘어|늘었|늘린|늘리|늘고|늘며|급증", r"감소|줄어|줄었|줄인|줄이|줄고|줄며|급감"),
    "level": (
        r"상승|올랐|올렸|오르|오른(?!쪽)|올라|올리|올린|올려|급등|높아|높였|높인|인상",
        # 결정을 내렸다 is no fall
        r"(?<!(?:결정을|결론을|판단을|명령을|처분을|지시를|평가를) )(?:내렸|내리|내린|내려)"
        r"|하락|급락|낮아|낮췄|낮춘|낮추|떨어|인하",
    ),
    "pace": (r"확대|가속|커졌|커지", r"둔화|축소|작아졌|작아지"),
    "state": (r"개선|호전|(?<!신용)(?<!신용 )회복", r"악화|부진"),
    "rule": (r"강화", r"완화"),
    "balance": (r"흑자", r"적자"),
    "flow": (r"순매수|순유입", r"순매도|순유출"),
    "limit": (r"초과|상회|웃돌|웃돈", r"미달|하회|밑돌|밑돈"),
    "way_en": (
        r"\b(?:increas\w+|grew|grown|growth|gained|rose|rise[sn]?|rising|rais(?:e[sd]?|ing)|hik(?:e[sd]?|ing)|higher"
        r"|(?:went|goes|going|moved|edged) up|up(?=\s(?:by|from|\d)))\b",
        r"\b(?:decreas\w+|declin\w+|shrank|shrunk|reduc\w+|drop(?:s|ped|ping)?|cuts?(?![ -]off)|cutting"
        r"|lower(?:s|ed|ing)?|(?:went|goes|going|moved|edged) down|down(?=\s(?:by|from|\d))"
        r"|(?:fell|falls?|fallen|falling)(?!\s(?:within|under|due|into|outside|on)\b))\b",
    ),
    "pace_en": (r"\b(?:expand\w*|accelerat\w+|widen\w*)\b", r"\b(?:slow\w*|decelerat\w+|narrow\w*|contraction)\b"),
}
_PATTERNS = {axis: (re.compile(up, re.I), re.compile(down, re.I)) for axis, (up, down) in _AXES.items()}
_NEGATED = re.compile(r"^\S{0,4}\s?(?:않|못|없|아니)|^\S{0,3}지\s?(?:않|못)")
_NOT = re.compile(r"(?:\b(?:not|no|never|cannot|nor|neither)|n['’]t)\s+(?:\w+\s)?$|(?<!\S)안\s$", re.IGNORECASE)


def directions(text: str) -> dict[str, set[int]]:
    """For each axis the text speaks of, the ways it names: 1, -1 or both; negated ones are left out."""
    found: dict[str, set[int]] = {}
    for axis, ways in _PATTERNS.items():
        for sign, pattern in zip((1, -1), ways, strict=True):
            for match in pattern.finditer(text):
                if not _NEGATED.search(text[match.end() :]) and not _NOT.search(text[: match.start()]):
                    found.setdefault(axis, set()).add(sign)
    return found


def opposed(text: str, source: str) -> str:
    """The axis on which a text goes one way and its source only the other, or ""."""
    theirs = directions(source)
    for axis, ways in directions(text).items():
        if axis in theirs and not ways & theirs[axis]:
            return axis
    return ""
