"""Amounts, shares and dates of a text in one form: 3조 2,000억원 is 3.2조원, 25bp is 0.25%p, 2024. 3. is 2024년 3월.

Not covered: numbers in words (석 달, three months), and what a number counts.
"""

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_SCALES = {"천": 10**3, "만": 10**4, "십만": 10**5, "백만": 10**6, "천만": 10**7, "억": 10**8, "십억": 10**9}
_SCALES |= {"백억": 10**10, "천억": 10**11, "조": 10**12}
_ENGLISH_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "bn": 10**9, "mn": 10**6}
_SCALE = "|".join(sorted(_SCALES, key=len, reverse=True))
_PART = rf"{_NUMBER}\s?(?:{_SCALE})"
_UNITS = {
    **dict.fromkeys(
        ("%p", "%포인트", "퍼센트포인트", "퍼센트 포인트", "percentage points", "percentage point", "pp"), "%p"
    ),
    **dict.fromkeys(("bps", "bp", "basis points", "basis point", "베이시스포인트"), "bp"),
    **dict.fromkeys(("%", "퍼센트", "percent", "프로"), "%"),
    **dict.fromkeys(("원", "krw", "won"), "원"),
    **dict.fromkeys(("달러", "불", "usd", "dollars", "dollar"), "달러"),
    **dict.fromkeys(("개월", "달", "months", "month"), "개월"),
    **dict.fromkeys(("영업일", "business days", "business day"), "영업일"),
    **dict.fromkeys(("시간", "hours", "hour"), "시간"),
    **dict.fromkeys(("년", "years", "year"), "년"),
    **dict.fromkeys(("일", "days", "day"), "일"),
    **{
        unit: unit
        for unit in (
            "유로",
            "엔",
            "위안",
            "월",
            "주",
            "분기",
            "반기",
            "배",
            "명",
            "인",
            "건",
            "개",
            "회",
            "차",
            "호",
            "항",
        )
    },
}
_UNIT = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_DATE = re.compile(
    r"(?<![\d.])((?:19|20)\d{2})\s?[.\-/]\s?(1[0-2]|0?[1-9])(?:\s?[.\-/]\s?(3[01]|[12]\d|0?[1-9]))?(?![\d%])"
)
_ARTICLE = re.compile(r"제\s?(\d+)\s?(조|항|호|장|절|관)(?:의\s?(\d+))?")
_QUANTITY = re.compile(
    rf"(?P<currency>[$₩€¥]\s?)?(?:(?P<parts>{_PART}(?:\s?{_PART})*(?:\s?{_NUMBER})?)|(?P<number>{_NUMBER}))"
    rf"\s?(?:(?P<english>{'|'.join(_ENGLISH_SCALES)})\b\s?)?(?P<unit>{_UNIT})?",
    re.IGNORECASE,
)
_CURRENCIES = {"$": "달러", "₩": "원", "€": "유로", "¥": "엔"}
_SMALL = 10  # a bare number under it is often counting


class Quantity(NamedTuple):
    """A value and its unit, "" where it has none, and how it is written; bp are told in %p."""

    value: Decimal
    unit: str
    written: str


def quantities(text: str) -> list[Quantity]:
    """The quantities of a text: dates part by part, then articles of law, then all others in order."""
    text = unicodedata.normalize("NFKC", text)
    found = []
    for date in _DATE.finditer(text):
        parts = zip(date.groups(), ("년", "월", "일"), strict=True)
        found += [Quantity(Decimal(number), unit, date[0].strip()) for number, unit in parts if number]
    text = _DATE.sub(" ; ", text)
    for article in _ARTICLE.finditer(text):
        found.append(Quantity(Decimal(article[1]), f"제{article[2]}", article[0]))
    text = _ARTICLE.sub(" ; ", text)
    return found + [_quantity(match) for match in _QUANTITY.finditer(text)]


def _quantity(match: re.Match[str]) -> Quantity:
    value = _value(match["parts"] or match["number"])
    if match["english"]:
        value *= _ENGLISH_SCALES[match["english"].lower()]
    unit = _UNITS.get((match["unit"] or "").lower(), "")
    if match["currency"] and not unit:
        unit = _CURRENCIES[match["currency"].strip()]
    if unit == "bp":
        value, unit = value / 100, "%p"
    return Quantity(value.normalize(), unit, match[0].strip())


def _value(written: str) -> Decimal:
    """The value of 1,200, 3조 2,000억, 1억 5천만 or 5천 3."""
    total = Decimal(0)
    for number, scale in re.findall(rf"({_NUMBER})\s?({_SCALE})?", written):
        total += Decimal(number.replace(",", "")) * _SCALES.get(scale, 1)
    return total


def foreign_quantities(text: str, *sources: str) -> list[str]:
    """The quantities of a text, as written, that no source has.

    A bare number may take its unit from a table's head, so a value without unit fits any unit on the other side. Small
    bare numbers pass: they count, or number a list.
    """
    known = [quantity for source in sources for quantity in quantities(source)]
    exact = {(quantity.value, quantity.unit) for quantity in known}
    values = {quantity.value for quantity in known}
    bare = {quantity.value for quantity in known if not quantity.unit}
    return [
        one.written
        for one in quantities(text)
        if (one.value, one.unit) not in exact
        and not (one.unit == "" and (one.value in values or one.value < _SMALL))
        and one.value not in bare
        and not (_digits(one.written) in bare and one.unit)
    ]


def _digits(written: str) -> Decimal | None:
    """The number as it stands in a cell whose column tells unit and scale."""
    found = re.findall(_NUMBER, written)
    return Decimal(found[0].replace(",", "")).normalize() if len(found) == 1 else None
