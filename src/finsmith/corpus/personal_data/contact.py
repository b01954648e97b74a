"""How to reach a person: telephone numbers, also of an office that a named officer answers, and e-mail addresses.

Not covered: company hotlines (1588-…), toll-free and paid numbers, which are nobody's. The only home of phonenumbers.
"""

import re

import phonenumbers
from phonenumbers import PhoneNumberType

from .found import Found, Rule, is_serial, is_something_else, words

_GAP = r"(?:\s?[-.]\s?|\s)"
_PHONE = re.compile(
    r"(?<!\d)(?<!\d[*-])(?:(?:"
    rf"(?:\(0\d{{1,3}}\){_GAP}?|0\d{{1,3}}(?:\){_GAP}?|{_GAP}))[\d*]{{3,4}}{_GAP}?[\d*]{{4}}"  # 02-345-6789
    r"|0\d[\d*]{7,9}"  # 023456789
    rf"|(?:\(\+?82\)|\+?82)[-. ]{{0,2}}(?:\(0\)|0)?\d{{1,3}}{_GAP}?[\d*]{{3,4}}{_GAP}?[\d*]{{4}}"  # +82-2-345-6789
    r")(?:~\d{1,4})?"
    r"|\+\d{1,3}[ ()-]{0,2}\d(?:[ ()-]{0,2}\d){6,12}"  # +44 20 7946 0958
    r"|[2-9]\d{2,3}-\d{4}"  # 345-6789
    r")(?!\d)(?!-\d)(?!,\d{3})",
    re.ASCII,
)
_LOCAL = re.compile(r"[2-9]\d{2,3}-\d{4}")
_HIDDEN = re.compile(r"\(?0(?:1\d|2|[3-6][1-5]|70|50\d)|\(?\+82")
_WORDS = words("전화", "연락처", "휴대", "핸드폰", "팩스", "전송", "문의", "tel", "fax", "phone", "mobile", "☎", "☏")
_LABEL = re.compile(  # before the number, or before others in a list that were masked
    r"(?:전화(?:번호)?|연락처|팩스(?:번호)?|전송|(?<![a-z])(?:tel|fax|phone|t|f)|☎|☏)[\s:.()]*(?:\0[\s,/]*)*$",
    re.IGNORECASE,
)
_PERSONAL = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.PAGER,
    }
)


def _is_phone_number(found: Found) -> bool:
    if is_serial(found):
        return False
    if _LOCAL.fullmatch(found.text):
        return found.follows(_LABEL)
    if found.hidden:
        return len(found.digits) >= 5 and bool(_HIDDEN.match(found.text))
    return _type(found.text) in _PERSONAL and _is_written_as_phone(found)


def _type(text: str) -> int:
    try:
        return phonenumbers.number_type(phonenumbers.parse(text.split("~")[0], "KR"))
    except phonenumbers.NumberParseException:
        return PhoneNumberType.UNKNOWN


def _is_written_as_phone(found: Found) -> bool:
    """Whether signs group it as they do phone numbers; one without groups, or with spaces alone, needs more."""
    if re.search(r"[-.)+]", found.text):
        return True
    if " " in found.text:
        return found.near(_WORDS, 15) or (found.text.startswith("0") and not found.in_row)
    if is_something_else(found):
        return False
    return bool(re.fullmatch(r"010\d{8}", found.text)) or found.near(_WORDS, 15, 10)


_EMAIL = re.compile(
    r"(?<![A-Z\d])[A-Z\d][\w%+*-]{0,63}(?:\.[\w%+*-]{1,63}){0,5}"
    r"(?:@(?:[A-Z\d-]{1,63}\.){1,5}[A-Z]{2,24}"
    r"|\s?(?:@|\(at\)|\[at\])\s?(?:[A-Z\d-]{1,63}\.){1,5}(?:com|net|org|info|io|kr)\b)",
    re.ASCII | re.IGNORECASE,
)


def _always(_: Found) -> bool:
    return True


PHONE = Rule("phone_number", "전화번호", _PHONE, _is_phone_number)
EMAIL = Rule("email", "이메일", _EMAIL, _always)
