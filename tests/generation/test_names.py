"""A definition that is asked about does not hold the name that is asked for."""

import pytest

from finsmith.generation.names import nameless_definition

from .made import term


@pytest.mark.parametrize(
    ("changes", "definition", "shown"),
    [
        ({"term": "회사채"}, "회사가 내는 채권을 회사채라 한다.", "회사가 내는 채권을 ○○라 한다."),
        ({"term": "반덤핑 관세"}, "반덤핑관세는 할증 관세이다.", "○○는 할증 관세이다."),
        ({"term": "ETF", "aliases": ("상장지수펀드",)}, "상장지수펀드(etf)는 사고판다.", "○○(○○)는 사고판다."),
        ({"term": "RP", "full_name": "환매조건부채권"}, "ERP가 아니라 환매조건부채권이다.", "ERP가 아니라 ○○이다."),
        ({"term": "대출", "english": "loan"}, "A loan is money lent. loaned", "A ○○ is money lent. loaned"),
        ({"term": "금"}, "금은 예금이 아니다.", "금은 예금이 아니다."),
        ({"term": "예금"}, "맡긴 돈이다.", "맡긴 돈이다."),
    ],
    ids=["own", "spaces", "alias", "whole_word", "english", "one_letter", "none"],
)
def test_every_name_of_a_term_is_blank(changes, definition, shown):
    """The longest first, whatever spaces and capitals; Latin names as words only, and none of one letter."""
    assert nameless_definition(term("이름", definition).model_copy(update=changes)) == shown
