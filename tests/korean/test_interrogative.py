"""Questions that follow from Korean statements by rule, each written down by hand as a reader would ask it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.korean.interrogative import about_amounts, about_nouns, as_question, questions_of


@pytest.mark.parametrize(
    ("statement", "answer", "question"),
    [
        ("수수료는 1,000원으로 한다.", "1,000원", "수수료는 얼마로 하는가?"),
        ("고객은 50만원을 초과하여 이체할 수 없다.", "50만원", "고객은 얼마를 초과하여 이체할 수 없는가?"),
        ("하루 이체한도 3천5백만원은 줄이지 않는다.", "3천5백만원", "하루 이체한도 얼마는 줄이지 않는가?"),
        ("벌금은 5천만원과 같다.", "5천만원", "벌금은 얼마와 같은가?"),
        ("수수료로 500원이 부과된다.", "500원", "수수료로 얼마가 부과되는가?"),
        ("금액이 10만원보다 크다.", "10만원", "금액이 얼마보다 큰가?"),
        ("2023년 말 총자산은 520조원이다.", "520조원", "2023년 말 총자산은 얼마인가?"),
        ("보증금은 2억 5,000만원으로 정했다.", "2억 5,000만원", "보증금은 얼마로 정했는가?"),
        ("이익은 전년보다 1조 2천억원 증가했다.", "1조 2천억원", "이익은 전년보다 얼마나 증가했는가?"),
        ("가계대출은 3분기에 12조원 늘었다.", "12조원", "가계대출은 3분기에 얼마나 늘었는가?"),
        ("자금은 30억달러에 달한다.", "30억달러", "자금은 얼마에 달하는가?"),
        ("수수료는 3만원입니다.", "3만원", "수수료는 얼마인가?"),
        ("연체이자율은 연 12%로 한다.", "12%", "연체이자율은 연 몇 %로 하는가?"),
        ("기준금리를 0.25%p 올렸다.", "0.25%p", "기준금리를 몇 %p 올렸는가?"),
        ("담보비율은 70% 이내여야 한다.", "70%", "담보비율은 몇 % 이내여야 하는가?"),
        ("임원의 직무를 6개월간 정지한다.", "6개월간", "임원의 직무를 몇 개월간 정지하는가?"),
        ("7영업일 안에 결과를 통지해야 합니다.", "7영업일", "몇 영업일 안에 결과를 통지해야 하는가?"),
        ("계약은 14일 이내에 철회할 수 있다.", "14일", "계약은 며칠 이내에 철회할 수 있는가?"),
        ("공고는 7일간 게시한다.", "7일간", "공고는 며칠간 게시하는가?"),
        ("이자는 매월 25일에 지급한다.", "25일", "이자는 매월 며칠에 지급하는가?"),
        ("신용등급은 6등급 이상이어야 한다.", "6등급", "신용등급은 몇 등급 이상이어야 하는가?"),
        ("다만, 1회에 한하여 연장할 수 있다.", "1회", "몇 회에 한하여 연장할 수 있는가?"),
        ("신청 절차는 5단계보다 길다.", "5단계", "신청 절차는 몇 단계보다 긴가?"),
        ("상환 기간은 10년보다 길지 않다.", "10년", "상환 기간은 몇 년보다 길지 않은가?"),
        ("연체율이 5%보다 높으면 승인이 어렵다.", "5%", "연체율이 몇 %보다 높으면 승인이 어려운가?"),
        ("손실이 3건으로 느는 추세이다.", "3건", "손실이 몇 건으로 느는 추세인가?"),
    ],
)
def test_an_amount_is_asked_for_with_the_words_and_particles_of_korean(statement, answer, question):
    """Money is 얼마 with the particle that follows a vowel, days are 며칠, any other amount is 몇 with its unit."""
    assert about_amounts(statement) == [(answer, question)]


@pytest.mark.parametrize(
    "statement",
    [
        "이 규정은 2024년 3월 1일부터 시행한다.",  # dates
        "보고서는 12월 31일까지 제출한다.",
        "실적은 3분기에 발표한다.",
        "보험료는 ’24년에 올랐다.",
        "은행은 제12조에 따라 보고한다.",  # articles
        "은행은 제3회 회의에서 보고한다.",
        "기간은 연장할 때마다 정한다(최장 10년).",  # brackets
        "연체율은 3%(전년 2%)였다.",
        "손실률은 3~5%이다.",  # ranges
        "손실률은 3%~5%이다.",
        "금리는 -0.5%이다.",  # signs
        "수수료는 1건당 정한다.",  # for each
        "국고채 3년물을 사들인다.",  # a name
        "5%를 넘으면 5%를 낸다.",  # twice, so that the question would hold its answer
    ],
)
def test_what_is_no_amount_by_itself_is_not_asked(statement):
    """Dates, articles, brackets, ranges, signs, "for each", names and amounts that stand twice give nothing."""
    assert about_amounts(statement) == []


def test_each_amount_gives_its_own_question():
    """Of two amounts each is asked while the other stays."""
    assert about_amounts("위원회는 위원장 1명을 포함한 7명 이내의 위원으로 구성한다.") == [
        ("1명", "위원회는 위원장 몇 명을 포함한 7명 이내의 위원으로 구성하는가?"),
        ("7명", "위원회는 위원장 1명을 포함한 몇 명 이내의 위원으로 구성하는가?"),
    ]


@pytest.mark.parametrize(
    ("statement", "asked"),
    [
        (
            "금융위원회가 인가를 취소했다.",
            [("금융위원회", "누가 인가를 취소했는가?"), ("인가", "금융위원회가 무엇을 취소했는가?")],
        ),
        (
            "감사실장은 점검 결과를 은행장에게 보고하여야 한다.",
            [
                ("감사실장", "누가 점검 결과를 은행장에게 보고하여야 하는가?"),
                ("점검 결과", "감사실장은 무엇을 은행장에게 보고하여야 하는가?"),
            ],
        ),
        (
            "예금보험공사는 예금자를 보호한다.",
            [("예금보험공사", "누가 예금자를 보호하는가?"), ("예금자", "예금보험공사는 누구를 보호하는가?")],
        ),
        (
            "고객은 계약을 철회할 수 있습니다.",
            [("고객", "누가 계약을 철회할 수 있는가?"), ("계약", "고객은 무엇을 철회할 수 있는가?")],
        ),
        ("기준금리를 크게 올렸다.", [("기준금리", "무엇을 크게 올렸는가?")]),
        ("은행은 대출과 예금을 취급한다.", [("은행", "누가 대출과 예금을 취급하는가?")]),  # half a list is no answer
        ("은행은 대출, 예금을 취급한다.", [("은행", "누가 대출, 예금을 취급하는가?")]),
        ("은행은 대출 및 예금을 취급한다.", [("은행", "누가 대출 및 예금을 취급하는가?")]),
        ("은행은 고객의 자산을 관리한다.", [("은행", "누가 고객의 자산을 관리하는가?")]),  # a modified noun neither
        (
            "그러나 은행은 대출을 심사한다.",
            [("은행", "누가 대출을 심사하는가?"), ("대출", "은행은 무엇을 심사하는가?")],
        ),
    ],
)
def test_who_acts_and_what_is_acted_upon(statement, asked):
    """The subject is 누가, an object 무엇을 or of people 누구를; nouns that are modified or listed are left alone."""
    assert about_nouns(statement) == asked


@pytest.mark.parametrize(
    "statement",
    [
        "이자는 매월 말에 지급한다.",  # 이자 is no person
        "결과는 신청인에게 통지한다.",  # a topic that is the verb's object
        "시행은 은행이 정한다.",
        "위원회는 위원장을 포함한 위원으로 구성한다.",  # the object is the clause's, not the verb's
        "리스크관리부장이 반대한 안건은 부결한다.",  # the subject is the clause's
        "금융위원회는 은행이 정할 사항을 고시한다.",  # two who act
        "여신위원회가 승인한다고 정한 바 없음",
    ],
)
def test_a_topic_that_does_not_act_is_not_asked_for_with_who(statement):
    """누가 is asked only where the noun acts by its kind and is the subject of the last verb."""
    assert [one for one in about_nouns(statement) if one.question.startswith("누가")] == []


def test_a_light_verb_gives_no_question():
    """등록을 한다 is 등록한다: to ask what is done would ask nothing."""
    assert about_nouns("모집인은 등록을 하여야 한다.") == [("모집인", "누가 등록을 하여야 하는가?")]


@pytest.mark.parametrize(
    "statement",
    [
        "한도 초과 시 10일 이내 승인 필요",
        "대출한도: 5천만원",
        "3개월 이내에 상환하여야 함.",
        "이자율은 12%인가?",
        "이자율을 12%로 하라.",
        "12%로 한다. 다만 10%로 할 수 있다.",
        "이 경우 10일 이내에 통지한다.",
        "이를 10일 이내에 통지한다.",
        "은행은 다음 각 호의 서류를 10일 이내에 제출한다.",
        "업자(판매대행자를 포함한다.",
        "",
    ],
)
def test_what_is_no_statement_that_stands_alone_gives_no_question(statement):
    """Endings in nouns, questions, orders, two sentences, half brackets and what leans on earlier words give none."""
    assert questions_of(statement) == []


@pytest.mark.parametrize(
    ("statement", "question"),
    [
        ("대출을 승인한다.", "대출을 승인하는가?"),
        ("대출을 승인했다.", "대출을 승인했는가?"),
        ("대출이 있다.", "대출이 있는가?"),
        ("대출이 없습니다.", "대출이 없는가?"),
        ("금리가 높다.", "금리가 높은가?"),
        ("금리가 높았다.", "금리가 높았는가?"),
        ("금리가 높습니다.", "금리가 높은가?"),
        ("금리가 높지 않다.", "금리가 높지 않은가?"),
        ("한도를 넘지 않는다.", "한도를 넘지 않는가?"),
        ("위험이 크다.", "위험이 큰가?"),
        ("절차가 까다롭다.", "절차가 까다로운가?"),
        ("기간이 길다.", "기간이 긴가?"),
        ("실적이 견조하다.", "실적이 견조한가?"),
        ("비중이 는다.", "비중이 느는가?"),
        ("이자는 비용이다.", "이자는 비용인가?"),
        ("이자는 비용이 아니다.", "이자는 비용이 아닌가?"),
        ("승인하지 아니한다", "승인하지 아니하는가?"),
    ],
)
def test_the_ending_fits_verbs_adjectives_and_tenses(statement, question):
    """Verbs, tenses, 있다 and 없다 take 는가; adjectives and 이다 take (으)ㄴ가, as they are inflected."""
    assert as_question(statement) == question


WORDS = st.lists(
    st.sampled_from(
        [
            "은행은",
            "고객이",
            "3억원을",
            "대출",
            "5%",
            "(",
            ")",
            "한다.",
            "다",
            "이",
            "2024년",
            "|",
            ".",
            "무엇을",
            "천억원",
        ]
    ),
    max_size=8,
)


@settings(max_examples=60)
@given(WORDS.map(" ".join))
def test_any_text_gives_questions_with_answers_from_it_or_none(text):
    """Whatever the text, nothing is raised, each answer stands in it, and each question ends in a question mark."""
    for answer, question in questions_of(text):
        assert answer in text
        assert question.endswith("?")
