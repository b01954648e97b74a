"""Which way a text says that something went, and whether a source says the other way."""

import pytest

from finsmith.text.directions import directions, opposed

UP, DOWN, BOTH = {1}, {-1}, {1, -1}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("가계대출이 증가했다.", {"amount": UP}),
        ("연체 차주가 줄어들었다.", {"amount": DOWN}),
        ("환율이 급등했다.", {"level": UP}),
        ("국고채 금리가 떨어졌다.", {"level": DOWN}),
        ("금융통화위원회는 기준금리를 올렸다.", {"level": UP}),
        ("은행은 중도상환수수료를 낮췄다.", {"level": DOWN}),
        ("기준금리 인하", {"level": DOWN}),
        ("납품 단가를 내렸다.", {"level": DOWN}),
        ("수출 증가세가 둔화됐다.", {"amount": UP, "pace": DOWN}),
        ("경상수지 적자 폭이 확대됐다.", {"balance": DOWN, "pace": UP}),
        ("자산 건전성이 개선됐다.", {"state": UP}),
        ("담보 기준을 완화한다.", {"rule": DOWN}),
        ("외국인은 국채를 순매도했다.", {"flow": DOWN}),
        ("물가 상승률이 목표를 웃돌았다.", {"level": UP, "limit": UP}),
        ("Household loans increased.", {"way_en": UP}),
        ("The delinquency rate fell to 0.4%.", {"way_en": DOWN}),
        ("The board raised the policy rate.", {"way_en": UP}),
        ("The board cut the policy rate.", {"way_en": DOWN}),
        ("Prices went up by 3%.", {"way_en": UP}),
        ("Profit was down 4%.", {"way_en": DOWN}),
        ("The credit spread narrowed.", {"pace_en": DOWN}),
        ("The trade deficit widened.", {"pace_en": UP}),
    ],
)
def test_a_word_of_direction_tells_its_axis_and_way(text, found):
    """Each word counts on the axis it speaks of."""
    assert directions(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "대출 잔액이 늘지 않았다.",
        "대출 잔액이 늘어나지 않았다.",
        "부실채권이 감소하지는 않았다.",
        "건전성이 개선되지 못했다.",
        "규제를 완화하지 아니한다.",
        "금리 인상 없이 동결했다.",
        "이자 부담이 안 늘었다.",
        "Loans did not rise.",
        "Loans didn’t grow.",
        "Lending has never really increased.",
        "There was no growth.",
        "The bank cannot raise the fee.",
    ],
)
def test_a_negated_direction_is_none(text):
    """What did not rise need not have fallen, so it names no way."""
    assert directions(text) == {}


@pytest.mark.parametrize(
    "text",
    [
        "금융통화위원회는 동결 결정을 내렸다.",
        "심사역은 부적격 판단을 내린 까닭을 적는다.",
        "오른쪽 열은 잔액이다.",
        "차주는 신용회복위원회에서 상담을 받는다.",
        "잔액은 1조 2,000억원이다.",
        "The loan contract names the guarantor.",
        "Provisions cover expected losses.",
        "The branch may lend up to 20 million won.",
        "The first instalment falls due in May.",
        "Such a loan falls within the manager's authority.",
        "The cut-off date is 31 March.",
        "The board set up a committee.",
    ],
)
def test_like_words_tell_no_direction(text):
    """A decision that is made, the right side, a name, a contract and a limit do not move."""
    assert directions(text) == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("기업대출은 늘고 가계대출은 줄었다.", {"amount": BOTH}),
        ("수출은 증가가 아니라 감소였다.", {"amount": DOWN}),
        ("금리는 오르지 않고 내렸다.", {"level": DOWN}),
        ("Deposits fell while loans grew.", {"way_en": BOTH}),
        ("Fees did not rise but fell.", {"way_en": DOWN}),
    ],
)
def test_a_sentence_may_name_both_ways(text, found):
    """Both ways of one axis are both told; of a negated one and another only the other is."""
    assert directions(text) == found


@pytest.mark.parametrize(
    ("text", "source", "axis"),
    [
        ("기업대출이 감소했다.", "기업대출은 2,400억원 증가했다.", "amount"),
        ("연체율이 하락했다.", "연체율은 0.2%p 상승하였다.", "level"),
        ("기준금리를 올렸다.", "한국은행은 기준금리를 인하하였다.", "level"),
        ("성장세가 가속됐다.", "성장세가 둔화되었다.", "pace"),
        ("전망치를 상회했다.", "전망치를 소폭 하회하였다.", "limit"),
        ("경상수지가 적자였다.", "경상수지 흑자가 이어졌다.", "balance"),
        ("Loans decreased.", "Loans rose by 3%.", "way_en"),
        ("The board cut its rate.", "The board raised its rate to 3%.", "way_en"),
        ("Growth slowed.", "Growth accelerated.", "pace_en"),
    ],
)
def test_a_text_that_goes_the_other_way_is_opposed(text, source, axis):
    """The axis is named on which the source goes the other way only."""
    assert opposed(text, source) == axis
    assert opposed(source, text) == axis


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("기업대출이 늘었다.", "기업대출은 2,400억원 증가했다."),
        ("기준금리를 내렸다.", "환율이 상승했지만 한국은행은 기준금리를 인하하였다."),
        ("가계대출이 줄었다.", "기업대출은 늘고 가계대출은 줄었다."),
        ("지난해에는 적자였다.", "지난해에는 지출이 수입을 초과하였다."),
        ("수출이 증가했다.", "수출 증가세가 둔화되었다."),
        ("대출이 줄었다.", "대출이 늘지 않았다."),
        ("물가가 올랐다.", "기준금리를 동결하였다."),
        ("규제가 강화된다.", "규제는 완화되지 않을 것이다."),
        ("Households cut spending.", "As prices rose, households reduced spending."),
        ("The scheme covers new contracts.", "The scheme was expanded to new agreements."),
        ("Profit fell.", "Profit did not rise."),
    ],
)
def test_the_same_way_in_other_words_is_not_opposed(text, source):
    """Synonyms, one of two ways, another axis and a negated word are no contradiction."""
    assert opposed(text, source) == ""
