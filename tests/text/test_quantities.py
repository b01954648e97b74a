"""Amounts, shares, dates and articles are one however they are written, and only then."""

from decimal import Decimal

import pytest

from finsmith.text.quantities import foreign_quantities, quantities


def told(text):
    """Values and units of a text, in order."""
    return [(one.value, one.unit) for one in quantities(text)]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("3조 2,000억원", "3200000000000", "원"),
        ("3조2천억 원", "3200000000000", "원"),
        ("3.2조원", "3200000000000", "원"),
        ("32,000억원", "3200000000000", "원"),
        ("0.5조", "500000000000", ""),
        ("7천억", "700000000000", ""),
        ("1천2백억원", "120000000000", "원"),
        ("１조 원", "1000000000000", "원"),
        ("1억 5천만원", "150000000", "원"),
        ("1억5,000만 원", "150000000", "원"),
        ("1.5억원", "150000000", "원"),
        ("150백만원", "150000000", "원"),
        ("150,000천원", "150000000", "원"),
        ("3천5백만원", "35000000", "원"),
        ("2만 5천원", "25000", "원"),
        ("2만5,000원", "25000", "원"),
        ("12만 3,456원", "123456", "원"),
        ("5천3백원", "5300", "원"),
        ("10억 5,000만 달러", "1050000000", "달러"),
        ("5천만불", "50000000", "달러"),
        ("2만 명", "20000", "명"),
        ("3 billion won", "3000000000", "원"),
        ("KRW 3 billion", "3000000000", "원"),
        ("₩3bn", "3000000000", "원"),
        ("1.2 trillion won", "1200000000000", "원"),
        ("$3.2 billion", "3200000000", "달러"),
        ("US$3.2bn", "3200000000", "달러"),
        ("USD 3.2 billion", "3200000000", "달러"),
        ("3,200 million dollars", "3200000000", "달러"),
        ("£5m", "5000000", "파운드"),
        ("a $5-million fine", "5000000", "달러"),
    ],
)
def test_an_amount_is_worth_the_same_in_every_spelling(text, value, unit):
    """조, 억, 만, 천 and 백 in any mixture, English scales, and a currency before or after give one value."""
    assert told(text) == [(Decimal(value), unit)]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("25bp", "0.25", "%p"),
        ("25bps", "0.25", "%p"),
        ("0.25%p", "0.25", "%p"),
        ("0.250%포인트", "0.25", "%p"),
        ("0.25 퍼센트포인트", "0.25", "%p"),
        ("25베이시스 포인트", "0.25", "%p"),
        ("25 basis points", "0.25", "%p"),
        ("a 25-basis-point cut", "0.25", "%p"),
        ("0.25 percentage points", "0.25", "%p"),
        ("a 0.25 percentage-point rise", "0.25", "%p"),
        ("3.50%", "3.5", "%"),
        ("3.5 퍼센트", "3.5", "%"),
        ("3.5 percent", "3.5", "%"),
        ("2020.5%", "2020.5", "%"),
        ("3개월", "3", "개월"),
        ("3달", "3", "개월"),
        ("3 months", "3", "개월"),
        ("a 3-month bond", "3", "개월"),
        ("5영업일", "5", "영업일"),
        ("5 business days", "5", "영업일"),
        ("5일", "5", "일"),
        ("5 days", "5", "일"),
        ("2 weeks", "2", "주"),
        ("48시간", "48", "시간"),
        ("1분기", "1", "분기"),
        ("1/4분기", "1", "분기"),
        ("2배", "2", "배"),
        ("연 2회", "2", "회"),
        ("원/달러 환율은 1,350.5원", "1350.5", "원"),
        ("1,350.5원/달러", "1350.5", "원"),
        ("만 65세", "65", ""),
        ("코스피200", "200", ""),
        ("CET1", "1", ""),
        ("the 3M rate", "3", ""),
    ],
)
def test_a_unit_goes_with_its_number(text, value, unit):
    """A bp is a hundredth of a %p and no %, days differ from business days, and what is no known unit leaves none."""
    assert told(text) == [(Decimal(value), unit)]


@pytest.mark.parametrize(
    "text",
    [
        "2024년 3월 15일",
        "2024. 3. 15.",
        "2024.03.15",
        "2024-03-15",
        "2024/3/15",
        "’24년 3월 15일",
        "’24.3.15.",
        "'24. 3. 15.",
    ],
)
def test_a_date_is_its_year_month_and_day(text):
    """Points, strokes, zeros and a year of two figures make no other date."""
    assert told(text) == [(2024, "년"), (3, "월"), (15, "일")]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2024. 3.", [(2024, "년"), (3, "월")]),
        ("’97년", [(1997, "년")]),
        ("’24.1분기", [(2024, "년"), (1, "분기")]),
        ("2024년 1/4분기", [(2024, "년"), (1, "분기")]),
        ("2022,2023년", [(2022, ""), (2023, "년")]),
        ("2010-2015년", [(2010, ""), (2015, "년")]),
        ("3~5%", [(3, ""), (5, "%")]),
        ("3분의 1", [(3, ""), (1, "")]),
        ("15 March 2024", [(15, ""), (2024, "")]),
    ],
)
def test_what_has_two_numbers_has_two_quantities(text, parts):
    """Ranges, lists of years, fractions and years with a quarter fall into their parts."""
    assert told(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("제41조", [(41, "제조")]),
        ("제 41 조", [(41, "제조")]),
        ("41조원", [(41 * 10**12, "원")]),
        ("제41조의2", [(41, "제조의2")]),
        ("제41조 제2항", [(41, "제조"), (2, "제항")]),
        ("제41조 2항", [(41, "제조"), (2, "제항")]),
        ("제41조의 2항", [(41, "제조"), (2, "제항")]),
        ("제2조제3호", [(2, "제조"), (3, "제호")]),
        ("① 은행은 담보를 평가한다.", [(1, "제항")]),
        ("③5억원까지 승인한다.", [(3, "제항"), (5 * 10**8, "원")]),
        ("2. 담보의 평가", [(2, "제호")]),
        ("12) 자료", [(12, "제호")]),
        ("2.5% 인상", [(Decimal("2.5"), "%")]),
    ],
)
def test_an_article_is_no_amount(text, parts):
    """제41조 is not 41 trillion, an inserted article is another, and the mark of a paragraph or a line is no number."""
    assert told(text) == parts


def test_a_quantity_keeps_how_it_is_written():
    """The written form is the piece of the text, whatever its value."""
    assert [one.written for one in quantities("제3조: 2024. 3. 15.까지 3조 2,000억 원")] == [
        *["2024. 3. 15"] * 3,
        "제3조",
        "3조 2,000억 원",
    ]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("기업대출 잔액은 3조 2,000억원이다.", "기업대출 잔액 3.2조원"),
        ("과태료는 500,000,000원이다.", "5억원의 과태료를 매긴다."),
        ("기업대출은 3조 2,000억원이다.", "(단위: 억원)\n| 기업대출 | 32,000 |"),
        ("중소기업 대출이 2,400억원 늘었다.", "(단위: 억원)\n| 중소기업 | 2,400 |"),
        ("| 중소기업 | 2,400 |", "중소기업 대출은 2,400억원이다."),
        ("연체율은 1.8%이다.", "| 연체율(%) | 1.8 |"),
        ("스프레드가 52bp이다.", "| 스프레드(bp) | 52 |"),
        ("금리를 0.25%p 내렸다.", "기준금리를 25bp 인하하였다."),
        ("금리를 25bp 내렸다.", "기준금리를 0.25%포인트 인하하였다."),
        ("2024년 3월 15일부터 시행한다.", "2024. 3. 15. 시행"),
        ("2024. 3. 15.부터 시행한다.", "시행일은 2024년 3월 15일이다."),
        ("2024년 1분기에 늘었다.", "’24.1/4분기 중 늘어남"),
        ("전체의 3분의 1을 갚았다.", "대출금의 3분의 1을 상환하였다."),
        ("비율은 20%에서 30% 사이이다.", "비율은 20~30%이다."),
        ("제41조 제2항에 따라 인정한다.", "제41조(보증)\n① 보증은 받지 아니한다.\n② 보증서는 담보로 인정한다."),
        ("제8조 제1호의 여신", "제8조(생략)\n1. 예금으로 담보된 여신"),
        ("1. 한도를 줄인다.\n2. 담보를 더 받는다.\n12) 매달 점검한다.", "한도를 줄이고 담보를 더 받고 점검한다."),
        ("두 은행 가운데 1곳만 참여했다.", "한 은행만 참여했다."),
        ("환율은 1,350원이다.", "원/달러 환율은 달러당 1,350원"),
        ("만기는 3개월이다.", "만기는 3달이다."),
        ("The fine is $5 million.", "a fine of US$5m"),
        ("The fine is $5 million.", "| Fine (USD million) | 5 |"),
        ("The bank lent 300 billion won.", "The bank lent KRW 300bn."),
        ("Rates fell by 25 basis points.", "a 0.25 percentage-point cut"),
        ("The cut was a 25-basis-point one.", "Rates fell by 25bp."),
        ("A notice of 30 days is due.", "a 30-day notice"),
        ("It took effect on 15 March 2024.", "effective 2024-03-15"),
        ("Section 12 applies.", "under section 12"),
    ],
)
def test_what_a_source_says_otherwise_is_not_foreign(text, source):
    """Spelling, scale, a column's unit, marks of lists and counting to nine make no figure foreign."""
    assert foreign_quantities(text, source) == []


@pytest.mark.parametrize(
    ("text", "source", "foreign"),
    [
        ("금리를 0.25% 내렸다.", "기준금리를 0.25%p 인하하였다.", ["0.25%"]),
        ("금리를 25%p 내렸다.", "기준금리를 25bp 인하하였다.", ["25%p"]),
        ("차입금은 5억원이다.", "차입금은 5억 달러이다.", ["5억원"]),
        ("잔액은 3조원이다.", "잔액은 3억원이다.", ["3조원"]),
        ("잔액은 2,000억원이다.", "잔액은 3조 2,000억원이다.", ["2,000억원"]),
        ("기업대출은 3조 3,000억원이다.", "| 기업대출 | 32,000 |", ["3조 3,000억원"]),
        ("2024년 3월 16일에 시행한다.", "2024. 3. 15. 시행", ["16일"]),
        ("2024. 3. 16. 시행", "2024년 3월 15일 시행", ["2024. 3. 16"]),
        ("7일 안에 알린다.", "7영업일 안에 알린다.", ["7일"]),
        ("2분기에 늘었다.", "1분기에 늘었다.", ["2분기"]),
        ("제42조에 따른다.", "제41조에 따른다.", ["제42조"]),
        ("제41조의3에 따른다.", "제41조의2에 따른다.", ["제41조의3"]),
        ("예산은 41조원이다.", "제41조(예산)", ["41조원"]),
        ("3개월 안에 알린다.", "① 1개월 안에 알린다.\n② 서면으로 한다.\n③ 예외는 없다.", ["3개월"]),
        ("연체율은 3%이다.", "3. 연체율\n연체율은 5%이다.", ["3%"]),
        ("배율은 3.5이다.", "배율은 3.4이다.", ["3.5"]),
        ("65세 이상이 대상이다.", "60세 이상이 대상이다.", ["65"]),
        ("The fine is 5 million won.", "a fine of $5 million", ["5 million won"]),
        ("Rates fell by 0.25%.", "Rates fell by 25 basis points.", ["0.25%"]),
        ("A notice of 30 months is due.", "a 30-day notice", ["30 months"]),
        ("It took 3 weeks.", "It took 3 days.", ["3 weeks"]),
        ("Section 12 applies.", "under section 11", ["12"]),
    ],
)
def test_a_figure_that_no_source_has_is_foreign(text, source, foreign):
    """Another value, unit, currency, date or article is foreign, even where the digits stand in the source."""
    assert foreign_quantities(text, source) == foreign


def test_each_source_counts():
    """A figure of either source is known; those of none are listed in order."""
    assert foreign_quantities("10억원의 3%는 12억원의 4%보다 적다.", "10억원", "3%") == ["12억원", "4%"]
