"""Tests of taking a headword's cell apart: what is clear becomes a name of its own, what is not stays as written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsmith.corpus.glossary.headwords import Headword, is_abbreviation, parse_headword


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("국내총생산(GDP)", Headword("국내총생산", abbreviation="GDP")),
        ("국내총생산 (GDP)", Headword("국내총생산", abbreviation="GDP")),
        ("국내총생산（GDP）", Headword("국내총생산", abbreviation="GDP")),
        ("공매도(Short Selling)", Headword("공매도", english="Short Selling")),
        ("양적완화(QE: Quantitative Easing)", Headword("양적완화", abbreviation="QE", english="Quantitative Easing")),
        ("잔존가치(Residual Value; RV)", Headword("잔존가치", abbreviation="RV", english="Residual Value")),
        (
            "DSR (총부채원리금상환비율, Debt Service Ratio)",
            Headword("DSR", abbreviation="DSR", full_name="총부채원리금상환비율", english="Debt Service Ratio"),
        ),
        ("GSP(일반특혜관세)", Headword("GSP", abbreviation="GSP", full_name="일반특혜관세")),
        ("D/A(디에이)", Headword("D/A", abbreviation="D/A", aliases=("디에이",))),
        ("KIKO(키코)", Headword("KIKO", abbreviation="KIKO", aliases=("키코",))),
        ("VaR(Value at Risk)", Headword("VaR", abbreviation="VaR", english="Value at Risk")),
        ("Treasury Bill(T/B)", Headword("Treasury Bill", abbreviation="T/B", english="Treasury Bill")),
        ("Short Sale(공매)", Headword("Short Sale", english="Short Sale", aliases=("공매",))),
        ("통화(通貨)", Headword("통화", aliases=("通貨",))),
        ("화폐(貨幣, Money)", Headword("화폐", english="Money", aliases=("貨幣",))),
        ("편익분석(BC분석, Benefit Analysis)", Headword("편익분석", english="Benefit Analysis", aliases=("BC분석",))),
        ("국내총생산/GDP", Headword("국내총생산", abbreviation="GDP")),
        ("모라토리엄/moratorium", Headword("모라토리엄", english="moratorium")),
        ("가계부채/가계빚", Headword("가계부채", aliases=("가계빚",))),
    ],
)
def test_clear_forms(cell, expected):
    """Abbreviation, full name, English and other names are taken out of the forms that glossaries use."""
    assert parse_headword(cell, "가계가 금융회사에 갚아야 할 돈을 말한다.") == expected


@pytest.mark.parametrize(
    "cell",
    [
        "기준금리",
        "S&P 500",
        "개인 대출(신용)",  # narrows the term down
        "관리(대상)종목",
        "지식재산(IP) 금융",
        "포모(FOMO) 증후군",
        "국내총생산(GDP)/국민총생산(GNP)",
        "수평합병/수직합병(Horizontal Merger/Vertical Merger)",
        "희소성 / 희소가치(稀少性 / 稀少價値)",
        "계좌이동(計座移動Services)",
        "자본(資本金)",  # not syllable for sign
        "자기자본(Owner's Equity, Owner's Capital)",
        "CPM(Cost Per Mille(Thousand))",
        "전략)(Christmas Tree)",
        "비율(100)",
        "비율()",
        "RP/Repo/환매",
        "교부금, 교부세",
    ],
)
def test_unclear_forms_stay_as_they_are(cell):
    """A cell whose parts may mean something else than names is the term as it is written."""
    assert parse_headword(cell, "돈을 나누어 주는 제도이다.") == Headword(cell)


@pytest.mark.parametrize(
    ("cell", "definition", "aliases"),
    [
        ("상한가/하한가", "상한가는 하루에 오를 수 있는 끝 값이고, 하한가는 내릴 수 있는 끝 값이다.", None),
        ("예금/적금", "은행에 돈을 맡기는 일이다.", None),  # one head noun: a pair, named or not
        ("마찰적 실업/탐색적 실업", "일을 옮기는 동안의 실업으로 탐색적 실업이라고도 한다.", ("탐색적 실업",)),
        ("안정정책/조절정책", "안정정책 또는 조절정책은 경기를 고르게 하는 일이다.", ("조절정책",)),
        ("V자 회복/U자 회복", "모양에 따라 V자 회복 또는 U자 회복이라고 한다.", None),
        ("부존 효과(보유 효과)", "부존 효과 또는 보유 효과는 가진 것을 높이 치는 마음이다.", ("보유 효과",)),
        ("소비자 파산(개인파산)", "개인이 빚을 갚지 못하는 것을 개인파산이라고 한다.", ("개인파산",)),
        ("소비자 파산(개인파산)", "개인이 빚을 갚지 못하는 상태이다.", None),
    ],
)
def test_the_definition_decides_between_two_korean_names(cell, definition, aliases):
    """Two Korean names are one thing where the definition says so; a pair with a part each is no alias."""
    headword = parse_headword(cell, definition)
    assert headword.aliases == (aliases or ())
    assert (headword.term == cell) == (aliases is None)


@pytest.mark.parametrize(
    ("term", "full_name", "english", "expected"),
    [
        ("LTV", "담보인정비율", "", True),
        ("LTV", "", "Loan to Value", True),
        ("LTV", "", "", False),
        ("SWIFT", "", "Swift", False),
        ("여심위", "여신 심사 위원회", "", True),
        ("심위원", "여신 심사 위원회", "", False),
        ("트래블룰", "가상자산 이전 정보제공 의무", "Travel Rule", False),
        ("스왑", "스왑", "Swap", False),
    ],
)
def test_terms_that_are_abbreviations(term, full_name, english, expected):
    """Capitals with something to stand for, and first syllables of a full name in order, are abbreviations."""
    assert is_abbreviation(term, full_name, english) is expected


@given(st.text(alphabet="가나다ABab(),/;: 貨幣"), st.text(alphabet="가나다는이라고도 "))
def test_no_cell_is_lost(cell, definition):
    """Whatever the cell, it has a term, and each letter of it stands in one of the names."""
    cell = " ".join(cell.split())
    headword = parse_headword(cell, definition)
    names = (headword.term, headword.abbreviation, headword.full_name, headword.english, *headword.aliases)
    assert bool(headword.term) == bool(cell)
    assert {c for c in cell if c.isalpha()} <= {c for name in names for c in name}
