"""What an answer says of its text stands there: figures, directions, names, and most of its words."""

from itertools import product

import pytest

from finsmith.curation.finding import Finding
from finsmith.curation.grounding import (
    answer_in_hard_negative,
    foreign_figures,
    foreign_names,
    weak_support,
    wrong_direction,
)

from .items import LANGUAGES, WORDS, item, rag
from .rows import CONTEXT, context, row

GATES = (foreign_figures, wrong_direction, foreign_names, weak_support, answer_in_hard_negative)
SHAPES = pytest.mark.parametrize("shape", ["summary", "rag", "solve", "write"])

TEXT = {
    "ko": """제3장 신용리스크
온빛은행의 기업대출 잔액은 3조 2,000억원으로 한 해 전보다 2,400억원 증가했다.
가계대출은 규제가 강화되어 1,500억원 감소했다.
① 연체율이 1.8%를 넘으면 영업점장은 7영업일 안에 리스크관리부에 보고한다.
② 금융감독원은 분기마다 ETF를 점검한다. 한국은행은 2024. 3. 15. 기준금리를 25bp 인하하였다.""",
    "en": """Onbit Bank's corporate loans rose by $240 million to $3.2 billion. Household loans fell by $150 million.
A branch manager reports to the Risk Department within 7 business days when the delinquency rate exceeds 1.8%.
The FSS examines each ETF every quarter. The Bank of Korea cut its base rate by 25 basis points on 15 March 2024.""",
}
ASIDE = {"ko": "영업시간은 창구마다 다르다.", "en": "Opening hours differ by counter."}
STEM = {"ko": "어디에 보고하는가?", "en": "Where does the report go?"}
CHOICES = {
    "ko": ("리스크관리부", "한국예탁결제원", "9억원이 늘어난 부서", "DSR 관리부"),
    "en": ("Risk Department", "The ECB", "A unit that lost $9 million", "Nobody"),
}


def claiming(shape, language, claim, text=None):
    """A row whose answer claims something of the text."""
    text = text or TEXT[language]
    if shape == "summary":
        return row(WORDS[language]["summary_short"][0], claim, text, "summary.short")
    if shape == "rag":
        return rag(language, STEM[language], (ASIDE[language], text, ASIDE[language]), claim, 2)
    return item(language, STEM[language], CHOICES[language], "A", text, claim, shape)


@SHAPES
@pytest.mark.parametrize(
    ("language", "claim", "foreign"),
    [
        ("ko", "기업대출 잔액은 3조 3,000억원이다.", ["3조 3,000억원"]),
        ("ko", "기업대출 잔액은 3조 2,000억 달러이다.", ["3조 2,000억 달러"]),
        ("ko", "한국은행은 기준금리를 0.25% 내렸다.", ["0.25%"]),
        ("ko", "영업점장은 7일 안에 보고한다.", ["7일"]),
        ("ko", "기준금리는 2024년 3월 16일에 인하되었다.", ["16일"]),
        ("ko", "제4장에 따르면 연체율이 2%를 넘으면 보고한다.", ["제4장", "2%"]),
        ("en", "Corporate loans rose by $250 million.", ["$250 million"]),
        ("en", "Corporate loans rose by 240 million won.", ["240 million won"]),
        ("en", "The base rate was cut by 0.25%.", ["0.25%"]),
        ("en", "A report is due within 7 days.", ["7 days"]),
        ("en", "The base rate was cut on 16 March 2025.", ["16", "2025"]),
    ],
)
def test_a_figure_that_the_text_lacks_is_found(shape, language, claim, foreign):
    """Another value, unit, currency, date or article is rejected, with the count of such figures."""
    found = Finding("figures that are not in the text", len(foreign), ", ".join(foreign))
    assert foreign_figures(claiming(shape, language, claim), CONTEXT) == found


@SHAPES
@pytest.mark.parametrize(
    ("language", "claim"),
    [
        ("ko", "기업대출은 3.2조 원으로 240,000백만원 늘었다."),
        ("ko", "기준금리는 2024년 3월 15일에 0.25%p 낮아졌다."),
        ("ko", "제3장 제1항에 따르면 기한은 7 영업일이다."),
        ("ko", "1. 기업대출이 3,200,000백만원으로 늘었다."),
        ("ko", "두 은행 가운데 1곳의 연체율이 1.80%를 넘었다."),
        ("en", "Corporate loans reached 3.2 billion dollars."),
        ("en", "The base rate fell by 0.25 percentage points in March 2024."),
        ("en", "There is a 7-business-day limit for 1 report."),
        ("en", "12) The base rate was cut by 25bp."),
    ],
)
def test_a_figure_of_the_text_may_be_written_otherwise(shape, language, claim):
    """Scale, %p for bp, spelled dates, list numbers and counting are no new figures."""
    assert foreign_figures(claiming(shape, language, claim), CONTEXT) is None


def test_the_number_of_a_clue_is_no_figure():
    """[단서 3] does not excuse 3%, nor [Clue 2] two months."""
    clues = [ASIDE["ko"], "보증 한도는 담보의 5%이다.", ASIDE["ko"]]
    assert foreign_figures(rag("ko", "한도는?", clues, "보증 한도는 3%이다.", 2), CONTEXT) == Finding(
        "figures that are not in the text", 1, "3%"
    )
    assert foreign_figures(rag("ko", "한도는?", clues, "보증 한도는 5%이다.", 2), CONTEXT) is None
    english = ["The cap is 5 months.", ASIDE["en"], ASIDE["en"]]
    assert foreign_figures(rag("en", "What is the cap?", english, "The cap is 2 months.", 1), CONTEXT) == Finding(
        "figures that are not in the text", 1, "2 months"
    )


@pytest.mark.parametrize(
    ("language", "question", "claim"),
    [
        ("ko", "8억원을 빌린 차주는 어디에 보고하는가?", "8억원을 빌린 차주는 영업점장에게 보고한다."),
        ("en", "Where does a client with $8 million report?", "A client with $8 million reports to the manager."),
    ],
)
def test_a_figure_of_the_question_is_known(language, question, claim):
    """What is asked about an amount may be answered with it, by a clue or by an item's explanation."""
    clues = (ASIDE[language], TEXT[language], ASIDE[language])
    asked = [rag(language, question, clues, claim, 2)]
    asked += [
        item(language, question, CHOICES[language], "A", TEXT[language], claim, task) for task in ("solve", "write")
    ]
    assert [foreign_figures(one, CONTEXT) for one in asked] == [None] * 3


@pytest.mark.parametrize("task", ["solve", "write"])
def test_the_distractors_of_an_item_neither_claim_nor_prove(task):
    """Their figures may be foreign, but an explanation that takes one up is rejected."""
    choices = ("2,400억원", "2,500억원", "2,600억원", "9조원")
    for figure, found in (("2,400억원", None), ("2,600억원", 1)):
        explained = item("ko", "얼마나 늘었는가?", choices, "A", TEXT["ko"], f"기업대출은 {figure} 늘었다.", task)
        judged = foreign_figures(explained, CONTEXT)
        assert (judged and judged.score) == found


@pytest.mark.parametrize("task", ["solve", "write"])
@pytest.mark.parametrize(
    ("explanation", "passage", "foreign"),
    [
        ("2023년에서 2022년을 뺀다. (1,500 - 1,200 = 300억원)", "| 가계대출 | 1,200 | 1,500 |", ""),
        ("2023년에서 2022년을 뺀다.", "| 가계대출 | 1,200 | 1,500 |", "300억원, 2023년, 2022년"),
        ("1,500 - 1,200 = 300억원", "가계대출은 1,200억원에서 1,500억원이 되었다.", "300억원, 300억원"),
    ],
)
def test_only_a_calculation_from_a_table_has_figures_of_its_own(task, explanation, passage, foreign):
    """Without a table, or without a calculation, the result and all else must stand in the text."""
    choices = ("300억원", "270억원", "2,700억원", "30억원")
    found = foreign_figures(item("ko", "얼마나 늘었는가?", choices, "A", passage, explanation, task), CONTEXT)
    assert (found.against if found else "") == foreign


@SHAPES
@pytest.mark.parametrize(
    ("language", "claim", "sentence"),
    [
        (
            "ko",
            "기업대출 잔액이 감소했다.",
            "온빛은행의 기업대출 잔액은 3조 2,000억원으로 한 해 전보다 2,400억원 증가했다.",
        ),
        ("ko", "가계대출은 규제로 늘었다.", "가계대출은 규제가 강화되어 1,500억원 감소했다."),
        ("ko", "가계대출 규제가 완화되었다.", "가계대출은 규제가 강화되어 1,500억원 감소했다."),
        ("en", "Corporate loans decreased.", "Onbit Bank's corporate loans rose by $240 million to $3.2 billion."),
        ("en", "Household loans grew.", "Household loans fell by $150 million."),
    ],
)
def test_the_other_direction_is_found(shape, language, claim, sentence):
    """The sentence that the claim rests on goes the other way only; both are told."""
    found = Finding("the other direction than its text", None, f"{claim} / {sentence}")
    assert wrong_direction(claiming(shape, language, claim), CONTEXT) == found


@SHAPES
@pytest.mark.parametrize(
    ("language", "claim", "text"),
    [
        ("ko", "기업대출 잔액이 늘었다.", None),
        ("ko", "가계대출은 줄고 기업대출은 늘었다.", None),
        ("ko", "한국은행은 기준금리를 내렸다.", "환율이 상승했지만 한국은행은 기준금리를 인하하였다."),
        ("ko", "은행의 여신이 늘었다.", "은행의 수신은 줄었다. 여신 잔액은 증가했다."),
        ("ko", "하반기에도 규제는 강화된다.", "규제는 하반기에도 완화되지 않을 것이다."),
        ("ko", "연체율은 오르지 않았다.", "연체율은 한 해 동안 하락하였다."),
        ("ko", "이사회는 증액 결정을 내렸다.", "이사회는 한도를 높인 증액을 결정하였다."),
        ("ko", "자산 건전성 평가가 크게 개선되었다.", "자산 가격의 급락이 지역 담보 여건을 악화시켰다."),
        ("en", "Household loans dropped.", None),
        ("en", "Corporate loans grew while household loans declined.", None),
        ("en", "Households cut spending.", "As prices rose, households reduced spending."),
        ("en", "The scheme covers new contracts.", "The scheme was expanded to new agreements."),
        ("en", "Lending to farms rose.", "Lending to shops fell. Deposits of farms rose."),
    ],
)
def test_the_same_direction_in_other_words_is_kept(shape, language, claim, text):
    """Synonyms, negation, both ways at once, and two sentences that the claim may rest on are no contradiction."""
    assert wrong_direction(claiming(shape, language, claim, text), CONTEXT) is None


@pytest.mark.parametrize(
    ("language", "claim", "other", "sentence"),
    [
        ("ko", "기업대출이 증가했다.", "가계대출은 증가했다.", "기업대출은 감소했다."),
        ("ko", "기업대출이 늘었다.", "가계대출은 늘었다.", "기업대출은 줄었다."),
        ("en", "Shop loans rose.", "Farm loans rose.", "Shop loans fell."),
    ],
)
def test_a_claim_rests_on_what_it_is_about_not_on_its_direction(language, claim, other, sentence):
    """The same verb in a sentence on something else does not hide that the own subject went the other way."""
    found = Finding("the other direction than its text", None, f"{claim} / {sentence}")
    for text in (f"{other} {sentence}", f"{sentence} {other}"):
        assert wrong_direction(claiming("summary", language, claim, text), CONTEXT) == found


@SHAPES
@pytest.mark.parametrize(
    ("language", "claim", "names"),
    [
        ("ko", "한국예탁결제원은 연체율을 점검한다.", ["한국예탁결제원"]),
        ("ko", "DSR 규제로 가계대출이 줄었다.", ["DSR"]),
        ("ko", "뉴욕의 VaR 한도와 KoFIU의 보고를 다룬다.", ["KoFIU", "VaR", "뉴욕"]),
        ("en", "The FDIC examines each ETF.", ["FDIC"]),
        ("en", "The SEC and the ECB examine CDOs.", ["CDO", "ECB", "SEC"]),
    ],
)
def test_a_name_that_the_text_lacks_is_found(shape, language, claim, names):
    """Proper nouns and acronyms of no text are rejected, sorted, with their count; those of distractors excuse none."""
    text = TEXT[language]
    asked = claiming(shape, language, claim, text)
    if shape in ("solve", "write"):
        asked = item(language, STEM[language], (CHOICES[language][0], "가", "나", "다"), "A", text, claim, shape)
    assert foreign_names(asked, CONTEXT) == Finding("names that are not in the text", len(names), ", ".join(names))


@SHAPES
@pytest.mark.parametrize(
    ("language", "claim"),
    [
        ("ko", "온빛은행의 기업대출이 늘었다."),
        ("ko", "금융감독원과 한국은행이 각각 맡는다."),
        ("ko", "금융 감독원은 ＥＴＦ를 점검한다."),
        ("ko", "영업점장이 위험 담당 부서에 알린다."),
        ("en", "The FSS looks at ETFs."),
        ("en", "An A rating is not what a Branch Manager reports."),
    ],
)
def test_names_of_the_text_and_common_nouns_are_kept(shape, language, claim):
    """Spaces, width, a plural, a single capital and a noun that is nobody's name are no foreign names."""
    assert foreign_names(claiming(shape, language, claim), CONTEXT) is None


def test_a_name_of_the_question_is_known():
    """Who asks about a place or an acronym gets an answer on it."""
    clues = [ASIDE["ko"], "모든 지점은 7영업일 안에 보고한다.", ASIDE["ko"]]
    answer = "부산 지점의 DSR 보고는 7영업일 안에 한다."
    assert foreign_names(rag("ko", "부산 지점의 DSR 보고 기한은?", clues, answer, 2), CONTEXT) is None
    found = foreign_names(rag("ko", "지점의 보고 기한은?", clues, answer, 2), CONTEXT)
    assert found == Finding("names that are not in the text", 2, "DSR, 부산")


@SHAPES
@pytest.mark.parametrize(
    ("language", "claim", "sentence", "score"),
    [
        ("ko", "이사회는 배당을 늘렸다.", "이사회는 배당을 늘렸다.", 0.0),  # none of 3 words
        ("ko", "기업대출이 증가했다. 이사회는 배당을 늘렸다.", "이사회는 배당을 늘렸다.", 0.0),
        ("en", "The manager praised the bold merger.", "The manager praised the bold merger.", 0.25),  # 1 of 4
        ("en", "Loans rose by $240 million. Analysts praised mergers.", "Analysts praised mergers.", 0.0),
        ("en", "Analysts praised 25 basis mergers.", "Analysts praised 25 basis mergers.", 0.25),  # 1 of 4, without 25
    ],
)
def test_a_sentence_that_the_text_hardly_bears_is_found(shape, language, claim, sentence, score):
    """The sentence with the fewest words of the text is told with their share; figures do not count as words."""
    found = weak_support(claiming(shape, language, claim), CONTEXT)
    assert found == Finding("a sentence is not supported by the text", score, sentence)


@SHAPES
@pytest.mark.parametrize(
    ("language", "claim"),
    [
        ("ko", "기업대출이 늘고 가계대출이 줄었다."),
        ("ko", "기업대출 잔액은 3,200,000백만원이다."),
        ("ko", "연체율이 1.8%를 넘으면 보고해야 합니다."),
        ("ko", "배당 확대."),
        ("en", "The branch manager praised mergers."),  # 2 of 4 words
        ("en", "CORPORATE LOANS ROSE."),
        ("en", "Bold mergers."),
    ],
)
def test_a_sentence_that_the_text_bears_is_kept(shape, language, claim):
    """Half of its words suffice; inflection, case and figures make no difference; two words are too few."""
    assert weak_support(claiming(shape, language, claim), CONTEXT) is None


def test_the_share_of_known_words_is_the_parameter():
    """Two words of four are too few where the parameter says more than half."""
    claim = "The branch manager praised mergers."
    strict = context(grounding__min_support=0.51)
    found = Finding("a sentence is not supported by the text", 0.5, claim)
    assert weak_support(claiming("summary", "en", claim), strict) == found


@pytest.mark.parametrize("task", ["solve", "write"])
def test_a_date_as_the_answer_needs_no_words_of_the_text(task):
    """2024년 3월 15일 answers where the text has 2024. 3. 15."""
    choices = ("2024년 3월 15일", "2024년 3월 16일", "2024년 4월 15일", "2025년 3월 15일")
    asked = item("ko", "언제 인하하였는가?", choices, "A", TEXT["ko"], "한국은행이 기준금리를 인하한 날이다.", task)
    assert [gate(asked, CONTEXT) for gate in GATES] == [None] * len(GATES)


@pytest.mark.parametrize(
    ("language", "answer", "clue"),
    [
        ("ko", "보고 기한은 7영업일이다.", "공시는 접수일부터 7 영업일 안에 한다."),
        ("ko", "리스크관리부에 보고한다.", "이상 거래는 리스크 관리부에 보고한다."),
        ("ko", "한도는 5억원이고 만기는 3년이다.", "만기는 3년, 한도는 500,000,000원으로 한다."),
        ("ko", "금리를 0.25%p 내렸다.", "가산금리를 25bp 줄였다."),
        ("en", "The report is due within 7 business days.", "Complaints are settled in 7 business days."),
        ("en", "It goes to the Risk Department.", "If in doubt, it goes to the risk department."),
        ("en", "The fine is $5 million.", "A penalty of US$5m applies."),
    ],
)
@pytest.mark.parametrize("at", [1, 3])
def test_a_hard_negative_that_holds_the_answer_is_found(language, answer, clue, at):
    """By its words or all of its figures, however written; the clue's number is told."""
    clues = [ASIDE[language], TEXT[language], ASIDE[language]]
    clues[at - 1] = clue
    found = answer_in_hard_negative(rag(language, STEM[language], clues, answer, 2), CONTEXT)
    assert found == Finding("a clue that is to hold no answer holds it", None, str(at))


@pytest.mark.parametrize(
    ("language", "answer", "clue"),
    [
        ("ko", "보고 기한은 7영업일이다.", "① 제7조에 따른 공시는 7월부터 한다.\n⑦ 기한은 7일로 한다."),
        ("ko", "한도는 5억원이고 만기는 3년이다.", "만기는 3년이다."),
        ("ko", "금리를 0.25%p 내렸다.", "가산금리를 25% 줄였다."),
        ("ko", "리스크관리부에 보고한다.", "리스크관리부는 매달 점검한다."),
        ("en", "The report is due within 7 business days.", "Branches close 7 days a year."),
        ("en", "It goes to the Risk Department.", "The Risk Department meets weekly."),
        ("en", "The fine is $5 million.", "The fine is 5 million won."),
    ],
)
def test_a_hard_negative_may_come_near(language, answer, clue):
    """The same digits with another unit, one figure of two, and single words of the answer do not give it."""
    asked = rag(language, STEM[language], [clue, TEXT[language], ASIDE[language]], answer, 2)
    assert answer_in_hard_negative(asked, CONTEXT) is None


@pytest.mark.parametrize(("language", "mark"), [("ko", "[단서 1]"), ("en", "[Clue 1]"), ("en", "[clue 1]")])
def test_a_clue_that_the_answer_names_may_hold_it(language, mark):
    """Two clues may be cited; where none is, or the row is of another recipe, there are no hard negatives."""
    answer, clue = {
        "ko": ("기한은 7영업일이다.", "보고 기한은 7영업일이다."),
        "en": ("It is due in 7 business days.", "It is due in 7 business days."),
    }[language]
    clues = [clue, clue, ASIDE[language]]
    assert answer_in_hard_negative(rag(language, STEM[language], clues, answer, 2), CONTEXT) is not None
    assert answer_in_hard_negative(rag(language, STEM[language], clues, f"{answer} {mark}", 2), CONTEXT) is None
    assert answer_in_hard_negative(rag(language, STEM[language], clues, answer), CONTEXT) is None
    other = rag(language, STEM[language], clues, answer, 2, "summary.short")
    assert answer_in_hard_negative(other, CONTEXT) is None


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_that_there_is_no_answer_needs_no_support(gate, language):
    """Every wording of no answer, under every wording of the question, is kept."""
    listed = rag(language, STEM[language], [TEXT[language], ASIDE[language], ASIDE[language]], "").input
    for asked, output in product(WORDS[language]["rag_instruction"], WORDS[language]["rag_no_answer"]):
        assert gate(row(asked, output, listed, "rag.no_answer"), CONTEXT) is None


@pytest.mark.parametrize("gate", GATES[:-1])
@pytest.mark.parametrize(
    ("language", "claim"),
    [
        ("ko", "기업대출 잔액은 9조원 감소했다. 한국예탁결제원 이사회는 배당을 늘렸다."),
        ("en", "Corporate loans dropped by $9 million. Analysts of the ECB praised mergers."),
    ],
)
def test_only_recipes_that_answer_from_their_input_are_judged(gate, language, claim):
    """A claim that each gate rejects in a summary is let be without a text, and in recipes that are not named."""
    assert gate(claiming("summary", language, claim), CONTEXT) is not None
    for given, recipe in ((" \n", "summary.short"), (TEXT[language], "evolve.deepen")):
        assert gate(row("설명하세요.", claim, given, recipe), CONTEXT) is None
    named = context(grounding__recipes=("evolve",))
    assert gate(row("설명하세요.", claim, TEXT[language], "evolve.deepen"), named) is not None
