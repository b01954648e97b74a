"""Words that tell which way something went: 증가 and 감소, 상승 and 하락, rose and fell.

Not covered: a direction told by numbers alone; a negated one, which is left out.
"""

import re

# axis: words of the one way, words of the other
_AXES: dict[str, tuple[str, str]] = {
    "amount": (r"증가|늘어|늘었|늘린|늘리|늘고|늘며|급증", r"감소|줄어|줄었|줄인|줄이|줄고|줄며|급감"),
    "level": (r"상승|올랐|오르|오른|올라|급등|높아|높였", r"하락|내렸|내리|내린|내려|급락|낮아|낮췄|떨어"),
    "rate": (r"인상", r"인하"),
    "pace": (r"확대|가속|커졌|커지", r"둔화|축소|작아졌|작아지"),
    "state": (r"개선|호전|회복", r"악화|부진"),
    "rule": (r"강화", r"완화"),
    "balance": (r"흑자|순매수|순유입|초과", r"적자|순매도|순유출|미달"),
    "amount_en": (r"\b(?:increas\w+|grew|growth|gain\w*)\b", r"\b(?:decreas\w+|declin\w+|shrank|reduc\w+|loss\w*)\b"),
    "level_en": (r"\b(?:rose|rise[sn]?|rising|higher|up)\b", r"\b(?:fell|fall\w*|dropp?\w*|lower|down)\b"),
    "pace_en": (r"\b(?:expand\w*|accelerat\w+|widen\w*)\b", r"\b(?:slow\w*|decelerat\w+|narrow\w*|contract\w*)\b"),
}
_PATTERNS = {axis: (re.compile(up, re.I), re.compile(down, re.I)) for axis, (up, down) in _AXES.items()}
_NEGATED = re.compile(r"^\S{0,4}\s?(?:않|못|없|아니)|^\S{0,3}지\s?(?:않|못)")
_NOT = re.compile(r"\b(?:not|no|never|n['’]t)\s+(?:\w+\s)?$", re.IGNORECASE)


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
