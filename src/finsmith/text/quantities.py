"""Amounts, shares and dates of a text in one form: 3조 2,000억원 is 3.2조원, 25bp is 0.25%p, 2024. 3. is 2024년 3월.

Not covered: numbers in words (석 달, three months), and what a number counts.
"""

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

_NUMBER = r"\d+(?:,\d{3}(?!\d))*(?:\.\d+)?"
_SCALES = {"": 1, "십": 10, "백": 100, "천": 10**3, "만": 10**4, "억": 10**8, "조": 10**12}
_ENGLISH_SCALES = {"thousand": 10**3, "million": 10**6, "mn": 10**6, "m": 10**6, "billion": 10**9, "bn": 10**9}
_ENGLISH_SCALES |= {"trillion": 10**12, "tn": 10**12}
_ENGLISH = "|".join(f"(?-i:{scale})" if scale == "m" else scale for scale in _ENGLISH_SCALES)  # $5m, but a 3M rate
_PART = rf"{_NUMBER}\s?(?:[십백천]?[만억조]|천|[십백](?=\d|원))"
_UNITS = {
    **dict.fromkeys(
        ("%p", "%포인트", "퍼센트포인트", "퍼센트 포인트", "percentage points", "percentage point", "pp"), "%p"
    ),
    **dict.fromkeys(("bps", "bp", "basis points", "basis point", "베이시스포인트", "베이시스 포인트"), "bp"),
    **dict.fromkeys(("%", "퍼센트", "percent", "프로"), "%"),
    **dict.fromkeys(("원", "krw", "won"), "원"),
    **dict.fromkeys(("달러", "불", "usd", "dollars", "dollar"), "달러"),
    **dict.fromkeys(("개월", "달", "months", "month"), "개월"),
    **dict.fromkeys(("영업일", "business days", "business day"), "영업일"),
    **dict.fromkeys(("시간", "hours", "hour"), "시간"),
    **dict.fromkeys(("년", "years", "year"), "년"),
    **dict.fromkeys(("일", "days", "day"), "일"),
    **dict.fromkeys(("주", "weeks", "week"), "주"),
    **dict.fromkeys(("유로", "euros", "euro"), "유로"),
    **dict.fromkeys(("엔", "yen"), "엔"),
    "항": "제항",
    "호": "제호",
    **{unit: unit for unit in ("위안", "월", "분기", "반기", "배", "명", "인", "건", "개", "회", "차")},
}
_UNIT = "|".join(re.escape(unit).replace(r"\ ", "[ -]") for unit in sorted(_UNITS, key=len, reverse=True))
# Numbers of a list's lines (1. or 1), and ① of a paragraph: no amounts, but what 제1호 and 제1항 refer to.
_MARK = re.compile(r"^[ \t]*(\d{1,3})[.)](?!\d)(?=[ \t]*\S)|([①-⑳])", re.MULTILINE)
_FORMS = (
    (re.compile(r"(?<!\w)['‘’]([0-4]\d)(?=\s?(?:년|\.\s?\d))"), r"20\1"),  # ’24년, ’24.3월
    (re.compile(r"(?<!\w)['‘’]([5-9]\d)(?=\s?(?:년|\.\s?\d))"), r"19\1"),
    (re.compile(r"([1-4])\s?/\s?4\s?분기"), r"\1분기"),
    (re.compile(r"((?:19|20)\d{2})\.\s?(?=[1-4]\s?분기)"), r"\1년 "),
)
_DATE = re.compile(
    r"(?<![\d.])((?:19|20)\d{2})\s?[.\-/]\s?(1[0-2]|0?[1-9])(?:\s?[.\-/]\s?(3[01]|[12]\d|0?[1-9]))?(?![\d%])"
)
_ARTICLE = re.compile(r"제\s?(\d+)\s?(조|항|호|장|절|관)(?:의\s?(\d+)(?!\d|\s?[항호]))?")
_QUANTITY = re.compile(
    r"(?P<currency>(?:[$₩€¥£]|(?<![A-Z])(?:USD|KRW|EUR|JPY|GBP))\s?)?"
    rf"(?:(?P<parts>{_PART}(?:\s?{_PART})*(?:\s?{_NUMBER})?)|(?P<number>{_NUMBER}))"
    rf"(?:[\s-]?(?P<english>{_ENGLISH})\b)?(?:[\s-]?(?P<unit>{_UNIT}))?",
    re.IGNORECASE,
)
_CURRENCIES = {"$": "달러", "USD": "달러", "₩": "원", "KRW": "원", "€": "유로", "EUR": "유로", "¥": "엔", "JPY": "엔"}
_CURRENCIES |= {"£": "파운드", "GBP": "파운드"}
_SMALL = range(10)  # such a bare number is often counting
_CELL_SCALES = (10**3, 10**4, 10**6, 10**8, 10**9, 10**12)
_LARGE = 100  # a cell under it is no 3조 2,000억원 in another scale


class Quantity(NamedTuple):
    """A value and its unit, "" where it has none, and how it is written; bp are told in %p."""

    value: Decimal
    unit: str
    written: str


def quantities(text: str) -> list[Quantity]:
    """The quantities of a text: marks of lists, dates part by part, articles of law, then all others in order."""
    found = []
    for mark in _MARK.finditer(text):
        number, unit = (int(mark[1]), "제호") if mark[1] else (int(unicodedata.numeric(mark[2])), "제항")
        found.append(Quantity(Decimal(number), unit, mark[0].strip()))
    text = unicodedata.normalize("NFKC", _MARK.sub(" ; ", text))
    for form, usual in _FORMS:
        text = form.sub(usual, text)
    for date in _DATE.finditer(text):
        parts = zip(date.groups(), ("년", "월", "일"), strict=True)
        found += [Quantity(Decimal(number), unit, date[0].strip()) for number, unit in parts if number]
    text = _DATE.sub(" ; ", text)
    for article in _ARTICLE.finditer(text):
        unit = f"제{article[2]}" + (f"의{article[3]}" if article[3] else "")
        found.append(Quantity(Decimal(article[1]), unit, article[0]))
    text = _ARTICLE.sub(" ; ", text)
    return found + [_quantity(match) for match in _QUANTITY.finditer(text)]


def _quantity(match: re.Match[str]) -> Quantity:
    value = _value(match["parts"] or match["number"])
    if match["english"]:
        value *= _ENGLISH_SCALES[match["english"].lower()]
    unit = _UNITS.get((match["unit"] or "").lower().replace("-", " "), "")
    if match["currency"] and not unit:
        unit = _CURRENCIES[match["currency"].strip().upper()]
    if unit == "bp":
        value, unit = value / 100, "%p"
    return Quantity(value.normalize(), unit, match[0].strip())


def _value(written: str) -> Decimal:
    """The value of 1,200, 3조 2,000억, 1억 5천만, 3천5백만 or 5천 3."""
    total = section = Decimal(0)
    for number, small, large in re.findall(rf"({_NUMBER})\s?([십백천]?)([만억조]?)", written):
        section += Decimal(number.replace(",", "")) * _SCALES[small]
        if large:
            total, section = total + section * _SCALES[large], Decimal(0)
    return total + section


def foreign_quantities(text: str, *sources: str) -> list[str]:
    """The quantities of a text, as written, that no source has.

    A bare number may take its unit from a table's head, so a value without unit fits any unit on the other side, and
    32,000 fits 3조 2,000억원. Small bare numbers pass: they count. So do the numbers of a list's lines.
    """
    known = [quantity for source in sources for quantity in quantities(source)]
    exact = {(quantity.value, quantity.unit) for quantity in known}
    values = {value for quantity in known for value in (quantity.value, _digits(quantity.written))}
    bare = {quantity.value for quantity in known if not quantity.unit}
    return [
        one.written
        for one in quantities(_MARK.sub(" ", text))
        if (one.value, one.unit) not in exact
        and not (bare & _cells(one) if one.unit else one.value in values or one.value in _SMALL)
    ]


def _cells(one: Quantity) -> set[Decimal | None]:
    """The numbers that a table may have for a quantity, where the head of the column tells unit and scale."""
    scaled = {one.value / scale for scale in _CELL_SCALES}
    return {one.value, _digits(one.written)} | {value for value in scaled if value >= _LARGE}


def _digits(written: str) -> Decimal | None:
    """The only number in it, as it stands in a cell whose column tells unit and scale."""
    found = re.findall(_NUMBER, written)
    return Decimal(found[0].replace(",", "")).normalize() if len(found) == 1 else None
