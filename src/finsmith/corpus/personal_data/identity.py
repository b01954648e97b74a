"""Numbers of identity papers: resident and foreigner registration, driving licence, passport.

Not covered: other papers, which are seldom written down. The only home of stdnum's resident numbers.
"""

import re

from stdnum.exceptions import InvalidComponent
from stdnum.kr import rrn

from .found import UNIT, Found, Rule, is_serial, is_something_else, label, number, words

_RESIDENT = number(r"[\d*]{6}\s?-\s?(?:[\d*xX]{7}|[1-8]\d{0,4}[*xX]{2,6}|[1-8](?!\d))", r"\d{6} ?\d{7}")
_RESIDENT_WORDS = words("주민", r"외국인\s?등록", "거소", "실명", "resident")
_CORPORATE_LABEL = label(r"법인\)?\s?(?:등록)?\s?번호", r"등기\s?번호")
_BIRTH_YEARS = range(1920, 2046)


def _is_resident_number(found: Found) -> bool:
    bare = re.sub(r"[\s-]", "", found.text).lower().replace("x", "*")
    front, back = bare[:6], bare[6:]
    if is_serial(found):
        return False
    if "*" in front:
        return sum(sign.isdigit() for sign in back) >= 4
    named = found.near(_RESIDENT_WORDS, 40, 15) and not found.follows(_CORPORATE_LABEL)
    if not any(_is_birth_date(front, century, named) for century in back[0].replace("*", "13")):
        return False
    return named or found.hidden or (len(back) == 7 and _is_unnamed_resident_number(found, bare))


def _is_unnamed_resident_number(found: Found, bare: str) -> bool:
    """With a hyphen it is one unless it must be a corporation's; without, the check digit has to hold."""
    if "-" in found.text and not found.follows(_CORPORATE_LABEL):
        return _has_resident_check_digit(bare) or not _is_corporate_number(bare)
    both = found.near(_RESIDENT_WORDS, 20)  # a form's 주민(법인)등록번호
    return _has_resident_check_digit(bare) and (both or not is_something_else(found))


def _is_birth_date(front: str, century: str, named: bool) -> bool:
    """Whether it is a date, and of our time where nothing names it: companies of Seoul begin like a birth of 1911."""
    try:
        year = rrn.get_birth_date(front + century).year
    except InvalidComponent:
        return False
    return named or year in _BIRTH_YEARS


def _has_resident_check_digit(bare: str) -> bool:
    """Whether the check digit holds: numbers issued before October 2020; a foreigner's is two more than a citizen's."""
    expected = int(rrn.calc_check_digit(bare[:12]))
    return int(bare[12]) == (expected + 2 * (bare[6] in "5678")) % 10


# a registry's code and a class of corporation; only those that are a date too matter here
_CORPORATE = re.compile(r"(?:1[1-9]|2[0-8])\d\d(?:1[1-5]|2[12]|3[01])\d{7}")


def _is_corporate_number(bare: str) -> bool:
    """Whether it is a corporate registration number (법인등록번호), which is public and grouped the same."""
    total = sum(int(digit) * (1 + at % 2) for at, digit in enumerate(bare[:12]))
    return bool(_CORPORATE.fullmatch(bare)) and int(bare[12]) == -total % 10


_LICENCE = number(r"(?:\d\d ?- ?)?\d\d ?- ?\d{6} ?- ?\d\d", r"\d{12}")
_LICENCE_REGION = re.compile(r"(?:1[1-9]|2[0-68]) ?- ?\d\d ?-")
_LICENCE_WORDS = words("면허", r"driver.{0,3}licen[cs]e")


def _is_driver_license(found: Found) -> bool:
    return bool(_LICENCE_REGION.match(found.text)) or (found.near(_LICENCE_WORDS, 20) and not UNIT.match(found.after))


_PASSPORT = re.compile(
    r"(?<![\w*-])(?:[A-Z]{1,2}[ -]?\d[\d*]{6,7}|[A-Z]\d{3}[A-Z][\d*]{4}|\d{9})(?![\w*-])", re.ASCII | re.IGNORECASE
)
_PASSPORT_SINCE_2021 = re.compile(r"[MSRODG]\d{3}[A-Z]\d{4}")
_PASSPORT_WORDS = words("여권", "passport")
_PASSPORT_LABEL = label(r"여권\s?번호", r"passport\s?(?:no|number)")


def _is_passport_number(found: Found) -> bool:
    if found.text.isdigit():
        return found.follows(_PASSPORT_LABEL)
    return bool(_PASSPORT_SINCE_2021.fullmatch(found.text)) or found.near(_PASSPORT_WORDS, 25, 12)


RESIDENT = Rule("resident_number", "주민등록번호", _RESIDENT, _is_resident_number)
LICENCE = Rule("driver_license", "운전면허번호", _LICENCE, _is_driver_license)
PASSPORT = Rule("passport_number", "여권번호", _PASSPORT, _is_passport_number)
