"""Cell values as a person reads them in a spreadsheet: number formats, dates, percent.

Not covered: conditions in number formats (`[>100]`), fractions, exponents: there the number is told without a format;
names of months, which are told as numbers.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.')
_CURRENCY = re.compile(r"\[\$([^\]\-]*)[^\]]*\]")
_BRACKETS = re.compile(r"\[[^\]]*\]")
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.[#0?]+)?,*|\.[#0?]+")
_GENERAL_DIGITS = 11  # as many as a spreadsheet shows of a number without a format
_PIECE = re.compile(
    r'"[^"]*"|\\.|\[[^\]]*\]|AM/PM|A/P|오전/오후|y+|m+|d+|h+|s+|a{3,4}|\.0+|.', re.IGNORECASE | re.DOTALL
)
_HALVES = ("am/pm", "a/p", "오전/오후")
_LETTERS: Mapping[str, Callable[[datetime], int]] = {
    "y": lambda moment: moment.year,
    "m": lambda moment: moment.month,
    "d": lambda moment: moment.day,
    "h": lambda moment: moment.hour,
    "i": lambda moment: (moment.hour - 1) % 12 + 1,
    "n": lambda moment: moment.minute,
    "s": lambda moment: moment.second,
}
_NO_DATE = date(1900, 1, 1)
_WEEKDAYS = "월화수목금토일"
_MARK = "\0"  # stands for a literal while the digits are looked for


def cell_text(value: object, number_format: str) -> str:
    """The value as its format shows it; empty cells are empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number(Decimal(str(value)), number_format or "General")
    if isinstance(value, timedelta):
        return _elapsed(value)
    if isinstance(value, datetime | date | time):
        return _moment(value, number_format)
    return str(value)


def _number(value: Decimal, number_format: str) -> str:
    if not value.is_finite():
        return str(value)
    section, is_signed = _section(value, number_format)
    if section.strip().lower() in ("general", "@", "g/표준", ""):
        return _general(value)
    text = _CURRENCY.sub(r'"\1"', section)
    text = _BRACKETS.sub("", text)
    literals = [quoted or escaped for quoted, escaped in _LITERAL.findall(text)]
    bare = _LITERAL.sub(_MARK, text)
    digits = _DIGITS.search(bare)
    if digits is None or re.search(r"[Ee][+-]|/", bare):
        return "".join(literals) if digits is None and literals else _general(value)
    rounded = _digits(abs(value) * (100 if "%" in bare else 1), digits[0])
    sign = "-" if value < 0 and not is_signed and rounded.strip("0.,") else ""
    shown = f"{bare[: digits.start()]}{rounded}{_DIGITS.sub('', bare[digits.end() :])}"
    for literal in literals:
        shown = shown.replace(_MARK, literal, 1)
    return sign + " ".join(shown.split())


def _section(value: Decimal, number_format: str) -> tuple[str, bool]:
    """The part of the format that is for such a value, and whether it shows the sign itself."""
    sections = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', number_format)
    if value < 0 and len(sections) > 1:
        return sections[1], True
    if value == 0 and len(sections) > 2:
        return sections[2], True
    return sections[0], False


def _digits(value: Decimal, pattern: str) -> str:
    scale = len(pattern) - len(pattern.rstrip(","))
    whole, _, decimals = pattern.rstrip(",").partition(".")
    rounded = (value / Decimal(1000) ** scale).quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    text = f"{rounded:{',' if ',' in whole else ''}f}"
    optional = len(decimals) - len(decimals.rstrip("#"))
    head, point, tail = text.partition(".")
    tail = tail[: len(tail) - optional] + tail[len(tail) - optional :].rstrip("0") if optional else tail
    if "0" not in whole and head == "0":
        head = ""
    width = whole.replace(",", "").count("0")
    return f"{head.zfill(width) if ',' not in whole else head}{point if tail else ''}{tail}"


def _general(value: Decimal) -> str:
    if value == value.to_integral_value():
        return f"{value:f}".partition(".")[0]
    digits = max(_GENERAL_DIGITS - 1 - len(str(abs(int(value)))), 0)
    return f"{value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}".rstrip("0").rstrip(".")


def _elapsed(value: timedelta) -> str:
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


def _moment(value: datetime | date | time, number_format: str) -> str:
    if isinstance(value, datetime):
        moment = value
    else:
        moment = datetime.combine(_NO_DATE, value) if isinstance(value, time) else datetime.combine(value, time())
    pieces = _told_apart(_PIECE.findall(number_format.partition(";")[0]))
    if not any(piece[0] in _LETTERS for piece in pieces):  # no date format: the value is told whole
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return " ".join("".join(_piece_text(moment, piece) for piece in pieces).split())


def _told_apart(pieces: list[str]) -> list[str]:
    """The pieces in small letters, minutes as `n` instead of `m`, hours of half a day as `i` instead of `h`."""
    low = [piece if piece[0] in '"\\[' else piece.lower() for piece in pieces]
    if any(piece in _HALVES for piece in low):
        low = [piece.replace("h", "i") if piece[0] == "h" else piece for piece in low]
    lettered = [at for at, piece in enumerate(low) if piece[0] in _LETTERS and piece not in _HALVES]
    for before, at, after in zip([None, *lettered], lettered, [*lettered[1:], None], strict=False):
        follows_hours = before is not None and low[before][0] in "hi"
        precedes_seconds = after is not None and low[after][0] == "s"
        if low[at][0] == "m" and (follows_hours or precedes_seconds):
            low[at] = low[at].replace("m", "n")
    return low


def _piece_text(moment: datetime, piece: str) -> str:
    if piece[0] in '"\\':
        return piece.strip('"').removeprefix("\\")
    if piece[0] == "[" or piece.startswith(".0"):
        return ""
    if piece in _HALVES:
        return "오전" if moment.hour < 12 else "오후"
    if piece in ("aaa", "ddd", "aaaa", "dddd"):
        return _WEEKDAYS[moment.weekday()] + ("요일" if len(piece) == 4 else "")
    if piece[0] not in _LETTERS:
        return piece
    return _written(moment, piece)


def _written(moment: datetime, piece: str) -> str:
    if piece[0] == "y":
        return f"{moment.year:04d}" if len(piece) > 2 else f"{moment.year % 100:02d}"
    return f"{_LETTERS[piece[0]](moment):0{min(len(piece), 2)}d}"
