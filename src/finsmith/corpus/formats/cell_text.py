"""Cell values as a person reads them in a spreadsheet: number formats, dates, percent.

Not covered: colours, conditions in number formats (`[>100]`), fractions, exponents, month and day names of other
languages than Korean and English; such a value is told as it is stored.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.')
_CURRENCY = re.compile(r"\[\$([^\]\-]*)[^\]]*\]")
_BRACKETS = re.compile(r"\[[^\]]*\]")
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.[#0?]+)?,*|\.[#0?]+")
_GENERAL_DIGITS = 11  # as many as a spreadsheet shows of a number without a format
_DATE_PIECE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|AM/PM|A/P|오전/오후|y+|m+|d+|h+|s+|a{3,4}|\.0+|.', re.IGNORECASE)
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
    amount = abs(value) if is_signed else value
    rounded = _digits(amount * 100 if "%" in bare else amount, digits[0])
    shown = f"{bare[: digits.start()]}{rounded}{_DIGITS.sub('', bare[digits.end() :])}"
    for literal in literals:
        shown = shown.replace(_MARK, literal, 1)
    return " ".join(shown.split())


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
    sign = "-" if head.startswith("-") and rounded else ""
    head = head.removeprefix("-")
    if "0" not in whole and head == "0":
        head = ""
    width = whole.replace(",", "").count("0")
    return f"{sign}{head.zfill(width) if ',' not in whole else head}{point if tail else ''}{tail}"


def _general(value: Decimal) -> str:
    if value == value.to_integral_value():
        return f"{value:f}".partition(".")[0]
    digits = max(_GENERAL_DIGITS - 1 - len(str(abs(int(value)))), 0)
    return f"{value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}".rstrip("0").rstrip(".")


def _elapsed(value: timedelta) -> str:
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


def _moment(value: datetime | date | time, number_format: str) -> str:
    pieces = _DATE_PIECE.findall(number_format.partition(";")[0])
    shown = [_date_piece(value, piece, _is_minute(pieces, at)) for at, piece in enumerate(pieces)]
    if not any(shown) or None in shown:
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return " ".join("".join(piece or "" for piece in shown).split())


def _is_minute(pieces: list[str], at: int) -> bool:
    """Whether an `m` means minutes: it follows hours or stands before seconds."""
    letters = [(place, piece[0].lower()) for place, piece in enumerate(pieces) if piece[0].lower() in "ymdhs"]
    place = next((index for index, (where, _) in enumerate(letters) if where == at), None)
    if place is None:
        return False
    after = letters[place + 1][1] if place + 1 < len(letters) else ""
    return (place > 0 and letters[place - 1][1] == "h") or after == "s"


def _date_piece(value: datetime | date | time, piece: str, is_minute: bool) -> str | None:
    """What a piece of a date format shows; None where it cannot be shown of such a value."""
    low = piece.lower()
    if piece.startswith(('"', "\\")):
        return piece.strip('"').removeprefix("\\")
    if piece.startswith("["):
        return ""
    letter = "n" if low[0] == "m" and is_minute else low[0]
    if letter in "ymd" or re.fullmatch("a{3,4}", low):
        return _of_date(value, low) if isinstance(value, date) else None
    if letter in "hns" or low in ("am/pm", "a/p", "오전/오후"):
        return _of_time(value, letter, low) if isinstance(value, datetime | time) else None
    return "" if re.fullmatch(r"\.0+", piece) else piece


def _of_date(value: date, low: str) -> str:
    weekday = _WEEKDAYS[value.weekday()]
    if low[0] == "a" or low in ("dddd", "ddd"):
        return f"{weekday}요일" if len(low) == 4 else weekday
    if low[0] == "y":
        return f"{value.year:04d}" if len(low) > 2 else f"{value.year % 100:02d}"
    number = value.month if low[0] == "m" else value.day
    return f"{number:02d}" if len(low) == 2 else str(number)


def _of_time(value: datetime | time, letter: str, low: str) -> str:
    if low in ("am/pm", "a/p", "오전/오후"):
        return "오전" if value.hour < 12 else "오후"
    number = {"h": value.hour, "n": value.minute, "s": value.second}[letter]
    return f"{number:02d}" if len(low) > 1 else str(number)
