"""Numbers that money moves by: payment cards and bank accounts.

Not covered: account numbers abroad (IBAN). The only home of stdnum's Luhn check.
"""

import re

from stdnum import luhn

from .found import ACCOUNT_LABEL, OTHER_LABEL, UNIT, Found, Rule, is_serial, is_something_else, label, number, words

_CARD = number(
    r"[\d*xX]{4}(?P<sep>[-. ])[\d*xX]{4}(?P=sep)[\d*xX]{4}(?P=sep)[\d*xX]{4}(?:(?P=sep)\d{3})?"
    r"|[\d*]{4}(?P<gap>[- ])[\d*]{6}(?P=gap)[\d*]{4,5}",
    r"\d{13,19}|[3-69]\d{3,5}[*xX]{5,8}\d{4}",
)
# issuers' prefixes with their lengths: Amex, Diners, JCB, Visa, Mastercard, UnionPay and Discover, domestic Korean (9)
_CARD_SCHEME = re.compile(
    r"3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|4\d{15}(?:\d{3})?"
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|6\d{15}(?:\d{3})?|9\d{15}"
)
_CARD_LABEL = label(r"카드\s?번호", r"card\s?(?:no|number)")


def _is_card_number(found: Found) -> bool:
    if found.hidden:
        return len(found.digits) >= 4
    if is_something_else(found) if len(found.groups) == 1 else " " in found.text and found.in_row:
        return False
    if found.follows(_CARD_LABEL):  # misprinted or misread digits are somebody's card all the same
        return True
    return bool(_CARD_SCHEME.fullmatch(found.digits)) and luhn.is_valid(found.digits) and not is_serial(found)


_ACCOUNT = number(r"\d[\d*]{1,10}(?: ?- ?[\d*]{1,8}){1,4}(?![.,]\d)", r"\d{2,6}(?: \d{2,8}){1,3}|\d{10,14}")
_BANK = r"(?:은행|뱅크|금고|농협|수협|신협|축협|우체국|증권|bank)"
_BANK_NAME = rf"(?:[가-힣A-Za-z]*{_BANK}|국민|신한|우리|하나|기업|산업|씨티|제일|카뱅|케뱅|토뱅|KB|NH|IBK)"
_BANK_LABEL = label(rf"(?:(?:계좌|통장)(?:\s?번호)?(?:\s?[:(])?\s?)?{_BANK_NAME}")
_BANK_AFTER = re.compile(rf"\s?[(\[/,]?\s?{_BANK_NAME}", re.IGNORECASE)
_BANK_WORDS = words(_BANK)
_ACCOUNT_WORDS = words(r"계좌(?!\s?수|당)", "통장", "예금주", "account")
_ACCOUNT_NUMBER_LABEL = label(r"(?:계좌|통장)\s?번호", r"account\s?(?:no|number)")
_TRANSFER_WORDS = words("입금", "송금", "이체", "납부", "환급", "환불", "출금")
_AFTER_ANOTHER = re.compile(r"\0[\s,/;및와과]*$")  # in a list, after a number that was masked
# digits per group as banks write them; with these a bank's name or a transfer nearby is enough
_GROUPS = """
    6-2-6 3-2-4-3 3-2-6 3-3-6 4-3-6 3-6-2-3 3-6-5 3-4-4-2 4-2-7 4-4-4 4-4-4-1
    4-2-6-1 3-2-6-1 3-8-3 3-5-3 3-6-3 3-2-7 4-2-6 5-2-6 3-2-2-7
"""
_ACCOUNT_GROUPS = frozenset(tuple(int(size) for size in groups.split("-")) for groups in _GROUPS.split())
_BUSINESS_OR_COMPANY = frozenset({(3, 2, 5), (6, 7)})
_YEAR = re.compile(r"(?:19|20)\d\d ?-")
_TIME = re.compile(r"(?:19|20)\d\d[01]\d[0-3]\d")


def _is_account_number(found: Found) -> bool:
    if not 10 <= sum(found.groups) <= 14 or is_serial(found) or found.follows(OTHER_LABEL):
        return False
    introduced = found.follows(ACCOUNT_LABEL) or found.follows(_BANK_LABEL) or bool(_BANK_AFTER.match(found.after))
    named = found.near(_ACCOUNT_WORDS, 40, 25)
    if found.hidden:
        return named or introduced
    if "-" not in found.text:
        return _is_ungrouped_account(found, introduced, named)
    if found.groups in _BUSINESS_OR_COMPANY or _YEAR.match(found.text):
        return introduced and named
    return named or (found.groups in _ACCOUNT_GROUPS and (introduced or _is_hinted_at(found)))


def _is_hinted_at(found: Found) -> bool:
    return found.near(_TRANSFER_WORDS, 30, 25) or found.near(_BANK_WORDS, 20, 12) or found.follows(_AFTER_ANOTHER)


def _is_ungrouped_account(found: Found, introduced: bool, named: bool) -> bool:
    if UNIT.match(found.after):
        return False
    if found.follows(_ACCOUNT_NUMBER_LABEL):
        return True
    if sum(found.groups) < 11 or _TIME.match(found.text):
        return False  # so few digits may count accounts
    return found.follows(ACCOUNT_LABEL) or (introduced and (named or found.near(_TRANSFER_WORDS, 30, 25)))


CARD = Rule("card_number", "카드번호", _CARD, _is_card_number)
ACCOUNT = Rule("account_number", "계좌번호", _ACCOUNT, _is_account_number)
