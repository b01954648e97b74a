"""What the rules for personal data have in common: a number with its surroundings, words near it, labels before it.

Not covered: any single kind.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """What a pattern found, and up to 40 characters before and after it.

    All in the plain form of `privacy`: ASCII digits and signs, `*` for whatever hides a digit, NUL for what is masked.
    In a table the column's header stands before the cell's text, so that a label there is one like any other.
    """

    text: str
    before: str
    after: str

    @property
    def digits(self) -> str:
        """The digits alone."""
        return re.sub(r"\D", "", self.text)

    @property
    def groups(self) -> tuple[int, ...]:
        """How many digits each group has, hidden ones counted."""
        return tuple(len(group) for group in re.findall(r"[\d*xX]+", self.text))

    @property
    def hidden(self) -> bool:
        """Whether some of the digits are hidden already."""
        return bool(re.search(r"[*xX]", self.text))

    @property
    def in_row(self) -> bool:
        """Whether only a space parts it from another number, as in a table without lines."""
        return bool(re.search(r"\d\s$", self.before) or re.match(r"\s\d", self.after))

    def near(self, words: re.Pattern[str], before: int, after: int = 0) -> bool:
        """Whether one of the words stands within so many characters before or after."""
        return bool(words.search(self.before[-before:]) or (after and words.search(self.after[:after])))

    def follows(self, label: re.Pattern[str]) -> bool:
        """Whether it is introduced by a label."""
        return bool(label.search(self.before))


@dataclass(frozen=True)
class Rule:
    """A kind of personal data, the label that takes its place, where it may be, and whether it is one."""

    kind: str
    label: str
    pattern: re.Pattern[str]
    accepts: Callable[[Found], bool]


def words(*alternatives: str) -> re.Pattern[str]:
    """Matches any of the words."""
    return re.compile("|".join(alternatives), re.IGNORECASE)


def label(*alternatives: str) -> re.Pattern[str]:
    """Matches where one of the words is the last thing before a number, particles and signs aside."""
    return re.compile(rf"(?:{'|'.join(alternatives)})(?:\([^()]*\))?(?:은|는|이|가|의)?[\s:.(=\[/-]*$", re.IGNORECASE)


def number(grouped: str, unbroken: str) -> re.Pattern[str]:
    """Matches a number that is no part of a longer one; one without groups is no part of a code or decimal either."""
    return re.compile(
        rf"(?<!\d)(?<!\d[*-])(?:{grouped})(?!\d)(?!-\d)|(?<!\w)(?<!\d[*.,-])(?:{unbroken})(?!\w)(?![*.,-]\d)",
        re.ASCII,
    )


ACCOUNT_LABEL = label(r"(?:계좌|통장)(?:\s?번호)?", r"account(?:\s?(?:no|number))?")
OTHER_LABEL = label(
    r"(?:접수|관리|문서|승인|계약|증권|증서|사건|일련|주문|송장|운송장|등록|고유|상품)\s?번호",
    r"(?:거래|고객|허가|신고|공고|발간|의안|등기|사업자|법인|참조|약정|납부|신청|담보)\s?번호",
    "사업자|법인|송장|코드|ISBN|ISSN|LEI|TID",
)
UNIT = re.compile(
    r"\s?(?:원(?!화|금|장|본)|[십백천만]+\s?원|백만|억|달러|불(?!법|가)|엔|위안|유로|%)"
    r"|조(?!회)|주(?!식회|소|민|택)|개(?!설|인|월)|건|명(?!의)|좌|회(?!원|사)|톤|포인트"
)


def is_serial(found: Found) -> bool:
    """Whether it is the number of a decree, notice or permit: 제…호."""
    return bool(re.search(r"(?:^|[^가-힣])제\s?$", found.before) or re.match(r"호(?!출|스)", found.after))


def is_something_else(found: Found) -> bool:
    """Whether a number without groups is an amount, or introduced as another thing, an account too."""
    return bool(UNIT.match(found.after)) or found.follows(OTHER_LABEL) or found.follows(ACCOUNT_LABEL)
