"""Items that a test-wise reader solves, or whose answer the passage does not give, are found; others are not."""

import pytest

from finsmith.curation.finding import Finding
from finsmith.curation.four_choice import answer_not_in_passage, bad_choices, similar_stems
from finsmith.text.four_choice import Item, read_item

from .items import item
from .rows import CONTEXT, context, row

TASKS = pytest.mark.parametrize("task", ["solve", "write"])
STEMS = {"ko": "다음 가운데 규정에 맞는 것은?", "en": "Which of these does the rule name?"}
MONTHS = ("3개월", "6개월", "9개월", "12개월")
PASSAGE = "보증사고가 발생하면 6개월 안에 알린다."


@TASKS
def test_an_item_is_read_off_its_row(task):
    """Question, choices, answer and explanation are found wherever the task puts them."""
    asked = item("ko", "며칠 안에 알리는가?", MONTHS, "B", PASSAGE, "기한은 6개월이다.", task)
    assert read_item(asked) == Item("며칠 안에 알리는가?", MONTHS, 1, "6개월", "기한은 6개월이다.", PASSAGE)


def test_an_english_item_of_the_glossary_is_read_off_its_row():
    """The explanation of the term belongs to the question, and there is neither passage nor explanation."""
    stem = "Which term fits the following explanation?\nThe share of loans that are overdue."
    glossary = row(
        f"{stem}\n\nA. Solvency ratio\nB. Delinquency rate\nC. Loan ratio\nD. Loss given default",
        "Answer: B. Delinquency rate",
        recipe="glossary_choice.term",
    )
    choices = ("Solvency ratio", "Delinquency rate", "Loan ratio", "Loss given default")
    assert read_item(glossary) == Item(stem, choices, 1, "Delinquency rate", "", "")


@pytest.mark.parametrize(
    ("question", "output"),
    [
        ("기한은?\n\nA. 3개월\nB. 6개월\nC. 9개월", "정답: A. 3개월"),
        ("기한은?\n\nA. 3개월\nB. 6개월\nC. 9개월\nD. 12개월", "정답: E. 15개월"),
        ("기한은?\n\nA. 3개월\nB. 6개월\nC. 9개월\nD. 12개월", "3개월 안에 알려야 합니다."),
        ("What is the deadline?\n\nA. 3 days\nB. 5 days\nD. 9 days\nC. 7 days", "Answer: A. 3 days"),
        ("What is the deadline?\n\nA. 3 days\nB. 5 days\nC. 7 days\nD. 9 days", "Within 3 days."),
    ],
)
def test_a_row_without_four_choices_and_an_answer_is_no_item(question, output):
    """A recipe of items must give one; what other recipes write in lines is their own affair."""
    for recipe in ("multiple_choice.solve", "glossary_choice.term"):
        assert bad_choices(row(question, output, recipe=recipe), CONTEXT) == Finding("no four choices with one answer")
    assert bad_choices(row(question, output, recipe="glossary_qa.definition"), CONTEXT) is None


@TASKS
@pytest.mark.parametrize(
    ("language", "choices", "same"),
    [
        ("ko", ("3억원", "5억원", "500,000,000원", "7억원"), "500,000,000원"),
        ("ko", ("3조 2,000억원", "3조원", "3.2조 원", "2조원"), "3.2조 원"),
        ("ko", ("㈎ 정기예금", "㈏ 적금", "(가) 정기 예금", "㈐ 펀드"), "(가) 정기 예금"),
        ("ko", ("여신 위원회", "이사회", "감사", "여신위원회"), "여신위원회"),
        ("ko", ("３개월", "6개월", "3개월", "9개월"), "3개월"),
        ("ko", ("25bp", "50bp", "0.25%p", "75bp"), "0.25%p"),
        ("ko", ("2024년 3월 15일", "2024년 5월 13일", "2024. 3. 15.", "2024. 5. 3."), "2024. 3. 15."),
        ("en", ("$3 million", "$5 million", "5,000,000 dollars", "$7 million"), "5,000,000 dollars"),
        ("en", ("The board", "The auditor", "the board.", "The manager"), "the board."),
        ("en", ("50 basis points", "25 basis points", "0.25 percentage points", "1 percent"), "0.25 percentage points"),
    ],
)
def test_choices_that_differ_in_writing_only_are_the_same(task, language, choices, same):
    """Spaces, marks, full width and another way to write a number make no other choice."""
    found = bad_choices(item(language, STEMS[language], choices, "B", task=task), CONTEXT)
    assert found == Finding("two choices are the same", None, same)


@TASKS
@pytest.mark.parametrize(
    ("language", "choices"),
    [
        ("ko", ("5억원", "5억 달러", "50억원", "5만원")),
        ("ko", ("0.25%", "0.25%p", "2.5%", "2.5%p")),
        ("ko", ("7일", "7영업일", "7주", "7개월")),
        ("ko", ("제41조", "제41조의2", "제42조", "제41조 제2항")),
        ("ko", ("㈎", "㈏", "㈐", "㈑")),
        ("ko", ("㈎, ㈏", "㈎, ㈐", "㈏, ㈐", "㈎, ㈏, ㈐")),
        ("ko", ("AA+", "AA-", "A+", "A-")),
        ("ko", ("예금", "예금자", "예금자보호", "예금보험")),
        ("ko", ("+3%", "-3%", "+0.3%", "-0.3%")),
        ("ko", ("3%에서 5%로", "5%에서 3%로", "3%에서 3.5%로", "5%에서 5.3%로")),
        ("ko", ("5억원 이상", "5억원 초과", "5억원 이하", "5억원 미만")),
        ("en", ("$5 million", "£5 million", "$5 billion", "5 million won")),
        ("en", ("3 days", "3 weeks", "3 months", "3 years")),
        ("en", ("A loan", "A loan fee", "A fee", "A loan term")),
    ],
)
def test_choices_that_differ_in_sense_are_kept(task, language, choices):
    """A unit, a sign, a mark alone or one more word is another choice."""
    assert bad_choices(item(language, STEMS[language], choices, "B", task=task), CONTEXT) is None


@TASKS
@pytest.mark.parametrize(
    ("language", "choices", "told"),
    [
        ("ko", MONTHS, "9개월"),
        ("ko", MONTHS, "60개월"),
        ("ko", ("이사회", "여신위원회", "감사", "심사역"), "여신심사위원회"),
        ("en", ("3 days", "6 days", "9 days", "12 days"), "9 days"),
        ("en", ("The auditor", "The board", "The manager", "The clerk"), "The clerk"),
    ],
)
def test_letter_and_text_of_the_answer_must_agree(task, language, choices, told):
    """A letter with the text of another choice, or of none, is rejected with both texts."""
    found = bad_choices(item(language, STEMS[language], choices, "B", task=task, told=told), CONTEXT)
    assert found == Finding("the answer's letter and text are of two choices", None, f"{choices[1]} / {told}")


@pytest.mark.parametrize(
    "line", ["정답: B", "정답: B. 6 개월", "정답 : (B) 6개월.", "답: B) 6개월", "Answer: b. ６개월"]
)
def test_an_answer_may_be_its_letter_alone(line):
    """Brackets, spaces, width and a missing text do not disagree."""
    lines = "\n".join(f"{mark}) {choice}" for mark, choice in zip("ABCD", MONTHS, strict=True))
    assert bad_choices(row(f"기한은 몇 개월인가?\n\n{lines}", line, recipe="multiple_choice.solve"), CONTEXT) is None


@TASKS
@pytest.mark.parametrize("letter", "AD")
@pytest.mark.parametrize(
    ("language", "others", "last"),
    [
        ("ko", ("만기 연장", "이자 감면", "상환 유예"), "모두 맞다"),
        ("ko", ("만기 연장", "이자 감면", "상환 유예"), "위의 보기 모두"),
        ("ko", ("만기 연장", "이자 감면", "상환 유예"), "위 모두 해당"),
        ("ko", ("만기 연장", "이자 감면", "상환 유예"), "정답 없음"),
        ("ko", ("만기 연장", "이자 감면", "상환 유예"), "해당 사항 없음"),
        ("ko", ("만기 연장", "이자 감면", "상환 유예"), "답이 없다"),
        ("en", ("Extension", "Relief", "Deferral"), "All of the above"),
        ("en", ("Extension", "Relief", "Deferral"), "None of the above."),
        ("en", ("Extension", "Relief", "Deferral"), "all the above"),
        ("en", ("Extension", "Relief", "Deferral"), "None of these"),
    ],
)
def test_a_choice_of_all_or_none_is_rejected(task, letter, language, others, last):
    """It is, whether it is the answer or not."""
    found = bad_choices(item(language, STEMS[language], (*others, last), letter, task=task), CONTEXT)
    assert found == Finding("a choice is all or none of the others", None, last)


@pytest.mark.parametrize(
    ("language", "choices"),
    [
        ("ko", ("회답이 없는 고객", "소득이 없는 차주", "담보가 없는 대출", "직업이 없는 고객")),
        ("ko", ("금통위 모두발언", "의결문 초안", "의사록 전문", "총재 간담회")),
        ("ko", ("전년보다 해당 분기", "직전 분기보다 전월", "임직원 모두 해당 교육", "고객 모두 맞춤 상담")),
        ("ko", ("대출금의 전부", "대출금의 절반", "대출금의 3분의 1", "대출금의 10%")),
        ("en", ("All of these accounts", "Some of the accounts", "The oldest account", "A joint account")),
        ("en", ("Nonetheless due", "Due at once", "All due fees", "Both fees due")),
    ],
)
def test_words_of_all_and_none_within_a_choice_are_fine(language, choices):
    """A client without an answer, all of something named and a speech are choices like others."""
    assert bad_choices(item(language, STEMS[language], choices, "D"), CONTEXT) is None


@TASKS
@pytest.mark.parametrize(
    ("language", "choices", "score"),
    [
        ("ko", ("담보 제공", "여신심사부장의 사전 승인을 받은 경우", "보증 제공", "예금 가입"), 4.0),  # 20 to 5
        ("ko", ("담보를 더 받은 때", "이사회", "여신심사부장의 사전 승인을 받은 경우", "감사"), 2.0),  # 20 to 10
        ("en", ("The board", "A committee of three outside directors", "The auditor", "A manager"), 3.45),  # 38 to 11
    ],
)
def test_a_right_choice_that_is_by_far_the_longest_is_a_cue(task, language, choices, score):
    """More than twice as long as the longest other one is too long; the same length of a wrong one is no cue."""
    longest = max(choices, key=len)
    right, wrong = "ABCD"[choices.index(longest)], "A"
    found = bad_choices(item(language, STEMS[language], choices, right, task=task), CONTEXT)
    cue = Finding("the right choice is by far the longest", score, longest)
    assert found == (cue if score > 2 else None)
    assert bad_choices(item(language, STEMS[language], choices, wrong, task=task), CONTEXT) is None


def test_the_length_that_is_a_cue_is_the_parameter_beyond_twelve_characters():
    """Twenty characters to ten are too long under 1.9; a right choice of twelve never is, one of thirteen is."""
    strict = context(four_choice__max_length_ratio=1.9)
    choices = ("여신심사부장의 사전 승인을 받은 경우", "담보를 더 받은 때", "감사", "이사회")
    cue = Finding("the right choice is by far the longest", 2.0, choices[0])
    assert bad_choices(item("ko", STEMS["ko"], choices, "A"), strict) == cue
    for right, found in (("리스크관리위원회의 의결", None), ("리스크관리위원회의 재의결", 6.5)):
        judged = bad_choices(item("ko", STEMS["ko"], (right, "감사", "이사", "부장"), "A"), CONTEXT)
        assert (judged and judged.score) == found


@TASKS
@pytest.mark.parametrize(
    ("language", "stem", "choices", "letter"),
    [
        ("ko", "여신위원회에 안건을 올리면 어느 기구가 심의하는가?", ("이사회", "여신 위원회", "감사", "심사부"), "B"),
        ("ko", "한도가 5억원일 때 한도는 얼마인가?", ("5억원", "15억원", "50억원", "3억원"), "A"),
        ("en", "Who chairs the Credit Committee?", ("The board", "The auditor", "credit committee", "A clerk"), "C"),
        ("en", "A fee of 3% is charged. How much is it?", ("13%", "3%", "30%", "33%"), "B"),
    ],
)
def test_a_question_that_holds_its_answer_is_rejected(task, language, stem, choices, letter):
    """Spaces and case apart, the right choice may not stand in the question where no other does."""
    found = bad_choices(item(language, stem, choices, letter, task=task), CONTEXT)
    assert found == Finding("the question holds its answer", None, choices["ABCD".index(letter)])


@TASKS
@pytest.mark.parametrize(
    ("language", "stem", "choices", "letter"),
    [
        ("ko", "자기자본비율이 13%를 밑돌면 배당을 몇 % 줄이는가?", ("1%", "5%", "3%", "7%"), "C"),
        ("ko", "15억원을 넘는 여신의 수수료는 얼마인가?", ("5억원", "6억원", "7억원", "8억원"), "A"),
        ("ko", "영업점장과 심사역 가운데 누가 먼저 서명하는가?", ("영업점장", "심사역", "감사", "행장"), "A"),
        ("ko", "한도를 넘는 대출은 누가 승인하는가?", ("한도", "여신위원회", "감사", "심사역"), "B"),
        ("en", "What is taken off the current balance?", ("rent", "tax", "interest", "wages"), "A"),
        ("en", "Does the borrower or the lender pay?", ("The borrower", "The lender", "A broker", "Nobody"), "A"),
        ("en", "Which rate applies above 15 percent?", ("5 percent", "6 percent", "7 percent", "8 percent"), "A"),
    ],
)
def test_a_question_may_hold_what_gives_nothing_away(task, language, stem, choices, letter):
    """Part of a longer number or word, one of two choices that stand there, and a wrong choice give nothing away."""
    assert bad_choices(item(language, stem, choices, letter, task=task), CONTEXT) is None


KO = """제41조(보증)
① 보증서는 담보로 인정한다.
② 보증사고가 나면 11영업일 안에 알린다.
③ 벌금은 5억원이다. <시행 2024. 3. 15.>"""
EN = """A guarantee counts as collateral. Of 112 grades 9 fail.
A default is reported within 11 business days. The fine is $5 million."""
TABLE_KO = "(단위: 억원)\n| 구분 | 2022년 | 2023년 |\n| --- | --- | --- |\n| 가계대출 | 1,200 | 1,500 |"
TABLE_EN = "| USD million | 2022 | 2023 |\n| --- | --- | --- |\n| Card loans | 1,200 | 1,500 |"


@TASKS
@pytest.mark.parametrize(
    ("language", "right", "passage", "explanation"),
    [
        ("ko", "담보", KO, ""),
        ("ko", "11 영업일", KO, ""),
        ("ko", "500,000,000원", KO, ""),
        ("ko", "2024년 3월 15일", KO, ""),
        ("ko", "제41조 제2항", KO, ""),
        ("ko", "1,500억원", TABLE_KO, ""),
        ("ko", "300억원", TABLE_KO, "2023년 금액에서 2022년 금액을 뺀다. (1,500 - 1,200 = 300억원)"),
        ("ko", "25%", TABLE_KO, "늘어난 금액을 견준다. ((1500 - 1200) / 1200 * 100 = 25%)"),
        ("ko", "2,700억원", TABLE_KO, "1,200억원 + 1,500억원 = 2,700억원이다."),
        ("ko", "3조원", " \n", ""),
        ("en", "collateral", EN, ""),
        ("en", "Within 11 business days", EN, ""),
        ("en", "5,000,000 dollars", EN, ""),
        ("en", "$1.5 billion", TABLE_EN, ""),
        ("en", "$300 million", TABLE_EN, "Take 2022 from 2023 (1,500 - 1,200 = $300 million)."),
    ],
)
def test_an_answer_that_the_passage_gives_is_kept(task, language, right, passage, explanation):
    """Its words, its figures in any spelling, or a calculation from its table give it; no passage wants none."""
    choices = (right, "90영업일", "여신위원회", "77%")
    asked = item(language, STEMS[language], choices, "A", passage, explanation, task)
    assert answer_not_in_passage(asked, CONTEXT) is None


@TASKS
@pytest.mark.parametrize(
    ("language", "right", "passage", "explanation"),
    [
        ("ko", "질권", KO, ""),
        ("ko", "1영업일", KO, ""),
        ("ko", "11일", KO, ""),
        ("ko", "3영업일", KO, ""),
        ("ko", "5억 달러", KO, ""),
        ("ko", "2024년 3월 16일", KO, ""),
        ("ko", "300억원", TABLE_KO, "2023년 금액에서 2022년 금액을 뺀다."),
        ("ko", "300억원", KO, "1,500 - 1,200 = 300억원"),
        ("ko", "1,800억원", TABLE_KO, "2022-2023년 사이에 1,800억원이 되었다."),
        ("en", "mortgage", EN, ""),
        ("en", "1 business day", EN, ""),
        ("en", "11 days", EN, ""),
        ("en", "12 grades", EN, ""),
        ("en", "$300 million", TABLE_EN, "The extra index-linked tax x is expected to be large."),
        ("en", "$300 million", EN, "1,500 - 1,200 = 300"),
    ],
)
def test_an_answer_that_the_passage_does_not_give_is_rejected(task, language, right, passage, explanation):
    """Digits of a longer number, another unit, a missing word, and a result without table or sum are found."""
    choices = (right, "90영업일", "여신위원회", "77%")
    found = answer_not_in_passage(item(language, STEMS[language], choices, "A", passage, explanation, task), CONTEXT)
    assert found == Finding("the answer does not stand in the passage", None, right)


def judged(rows, known=CONTEXT):
    return [found for _, found in similar_stems(rows, known)]


def asked(language, stem, passage="보증사고는 7영업일 안에 알린다.", task="solve"):
    return item(language, stem, ("7영업일", "8영업일", "9영업일", "10영업일"), "A", passage, task=task)


@TASKS
@pytest.mark.parametrize(
    ("language", "stem", "other", "score"),
    [
        ("ko", "심사역은 결과를 언제 통지하는가?", "심사역이 결과를 언제 통지하였습니까?", 1.0),
        ("en", "Who approves large new loans?", "Who approves large old loans?", 0.8),  # 4 of 5 words
        ("en", "Who approves new loans?", "Who approves old loans?", None),  # 3 of 4 words
        ("ko", "심사역은 결과를 언제 통지하는가?", "보증사고는 어느 기관에 알리는가?", None),
    ],
)
def test_a_question_like_an_earlier_one_is_rejected(task, language, stem, other, score):
    """From the threshold on the later one goes, with its score and the id of the earlier; endings do not count."""
    first, second = asked(language, stem, task=task), asked(language, other, "다른 글이다.", task)
    near = Finding(f"ROUGE-L {score:.3f} to an earlier question, not under 0.8", score, first.id) if score else None
    assert judged([first, second]) == [None, near]


def test_the_threshold_of_likeness_is_the_parameter():
    """Three of four words are too like where the parameter says 0.75."""
    rule = CONTEXT.params.four_choice.stem_novelty.model_copy(update={"rouge_l": 0.75})
    rows = [asked("en", "Who approves new loans?"), asked("en", "Who approves old loans?")]
    found = judged(rows, context(four_choice__stem_novelty=rule))
    assert found == [None, Finding("ROUGE-L 0.750 to an earlier question, not under 0.75", 0.75, rows[0].id)]


def test_solving_and_writing_one_question_are_two_tasks():
    """The same question may be solved in one row and written in another."""
    stem = "심사역은 결과를 언제 통지하는가?"
    assert judged([asked("ko", stem), asked("ko", stem, task="write")]) == [None, None]


def test_what_was_rejected_rejects_nothing():
    """A question is held against kept ones only: the third is near the second, which is gone, not the first."""
    stems = ["Who approves large new loans?", "Who approves large old loans?", "Who rejects large old loans?"]
    rows = [asked("en", stem) for stem in stems]
    assert [found and found.against for found in judged(rows)] == [None, rows[0].id, None]


def test_questions_on_terms_differ_in_the_term_alone():
    """Items of the glossary share their wording, and rows that are no items have no question."""
    lines = "\n\nA. 이자\nB. 원금\nC. 수수료\nD. 환율"
    stems = ["기준금리를 바르게 설명한 것은?", "실질금리를 바르게 설명한 것은?"]
    rows = [row(f"{stem}{lines}", "정답: A. 이자", recipe="glossary_choice.definition") for stem in stems]
    rows += [row("글을 요약하세요.", "대출이 늘었다.", PASSAGE, "summary.short", source) for source in ("t1", "t2")]
    assert judged(rows) == [None] * 4
