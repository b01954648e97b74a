"""How a row is worded: its language and script, its politeness, its Markdown, and what has no place in it."""

import pytest

from finsmith.curation.finding import Finding
from finsmith.curation.wording import breaks_markdown, foreign, holds_personal_data, leaks_prompt, mixes_politeness

from .rows import CONTEXT, row

KOREAN, ENGLISH = "기준금리를 설명하세요.", "Explain the base rate."


@pytest.mark.parametrize(
    ("instruction", "output", "reason", "words"),
    [
        (KOREAN, "한국의 기준金利는 올랐습니다.", "Chinese characters in a Korean answer", "金利"),
        (KOREAN, "基准利率由央行决定。", "Chinese characters in a Korean answer", "基准利率由央行决定"),
        (KOREAN, "기준금리는 きんり라고도 합니다.", "a foreign script in a Korean answer", "きんり"),
        (KOREAN, "기준금리는 ставка를 뜻합니다.", "a foreign script in a Korean answer", "ставка"),
        (KOREAN, "기준금리는 ดอกเบี้ย입니다.", "a foreign script in a Korean answer", "ดอกเบี้ย"),
        (
            KOREAN,
            "The base rate is set by the central bank.",
            "English in a Korean answer",
            "The base rate is set by the central bank.",
        ),
        (
            KOREAN,
            "중앙은행이 정합니다. It is the rate that banks follow.",
            "English in a Korean answer",
            "It is the rate that banks follow.",
        ),
        (ENGLISH, "중앙은행이 정하는 금리입니다.", "Hangul in an English answer", "중"),
        (ENGLISH, "It is the 기준금리 of the central bank.", "Hangul in an English answer", "기"),
        (ENGLISH, "The base rate is 基准利率 here.", "Chinese characters in an English answer", "基准利率"),
        (ENGLISH, "The base rate is called ставка.", "a foreign script in an English answer", "ставка"),
    ],
)
def test_an_answer_in_another_language_is_rejected(instruction, output, reason, words):
    """A word in another script, or an English sentence in Korean, with what it was told by."""
    assert foreign(row(instruction, output), CONTEXT) == Finding(reason, None, words)


@pytest.mark.parametrize(
    ("instruction", "output", "given"),
    [
        # names, terms and signs
        (KOREAN, "ETF와 MMF는 LTV나 DSR과 무관합니다.", ""),
        ("은행 규제를 하나 드세요.", "Basel III", ""),
        ("지수를 하나 드세요.", "S&P 500", ""),
        ("고객확인을 설명하세요.", "고객확인(Know Your Customer, KYC)은 신원을 확인하는 절차입니다.", ""),
        ("총수익스와프란?", "Total Return Swap. 자산의 수익과 비용을 맞바꾸는 계약입니다.", ""),
        ("베타를 설명하세요.", "β가 1보다 크면 시장보다 크게 움직이고, σ는 변동성입니다.", ""),
        ("화폐 기호를 쓰세요.", "₩, $, €, ¥", ""),
        ("SWIFT는 무엇의 약자인가요?", "Society for Worldwide Interbank Financial Telecommunication", ""),
        ("WACC의 정식 명칭은?", "weighted average cost of the capital", ""),
        ("케인스의 책을 하나 드세요.", "The General Theory of Employment, Interest and Money", ""),
        # glosses
        (KOREAN, "기준금리(基準金利)는 정책 금리입니다.", ""),
        (KOREAN, "어음[於音]은 지급을 약속한 증권입니다.", ""),
        (KOREAN, "美 연준과 中 인민은행이 금리를 정합니다.", ""),
        # where another language was asked for
        ("다음 문장을 영어로 옮기세요.", "The base rate is set by the central bank.", "기준금리는 중앙은행이 정한다."),
        ("'이자'를 한자로 쓰세요.", "利子", ""),
        ("'은행'을 러시아어로 쓰세요.", "банк", ""),
        ("'은행'은 일본어로 무엇인가요?", "銀行이며 ぎんこう라고 읽습니다.", ""),
        ("이자를 구하는 함수를 쓰세요.", "def interest(p, r): return p * r  # this is the interest of the loan", ""),
        ("Translate into Korean.", "기준금리가 올랐다.", "The base rate rose."),
        ("What is the Korean word for interest?", "이자", ""),
        # words that were given
        ("'금리(金利)'를 쓰는 문장을 만드세요.", "金利라는 말은 돈의 값을 뜻합니다.", ""),
        (
            "무슨 뜻인가요?",
            "The trend is your friend of the day. 흐름을 따르라는 뜻입니다.",
            "The trend is your friend of the day.",
        ),
        ("틀린 곳을 고치세요.", "He went to the bank to open an account.", "He go to the bank to open a account."),
        ("Which word is the name of a bank?", "가은행", "고객은 가은행에서 돈을 찾았다."),
        # code, links and quotations
        ("명령을 알려 주세요.", "`select the name of a loan with this grade`를 쓰세요.", ""),
        ("어디에서 보나요?", "https://bank.example/the/list/of/rates/in/this/year 에서 봅니다.", ""),
        ("격언을 하나 소개하세요.", '"Cash is the king of the market."이라는 말이 있습니다.', ""),
        (ENGLISH, "It is the rate that banks follow: about 3.5 %.", ""),
        (ENGLISH, "A café in Zürich pays the same rate in € and £.", ""),
    ],
)
def test_names_glosses_and_what_was_asked_for_are_not_foreign(instruction, output, given):
    """Acronyms, names of any length, hanja in brackets, translations, code and words of the task pass."""
    assert foreign(row(instruction, output, given), CONTEXT) is None


@pytest.mark.parametrize(
    ("instruction", "output", "reason", "words"),
    [
        (KOREAN, "### 응답:\n정책 금리입니다.", "words of a prompt in the output", "### 응답"),
        (KOREAN, "정책 금리입니다.\n\n입력: 환율", "words of a prompt in the output", "입력:"),
        ("글을 읽고 참 또는 거짓을 출력하세요.", "거짓입니다.\n출력: 참", "words of a prompt in the output", "출력:"),
        (KOREAN, "사용자: 그럼 환율은요?", "words of a prompt in the output", "사용자:"),
        (KOREAN, "정책 금리입니다.\n출력 2: 환율입니다.", "words of a prompt in the output", "출력 2:"),
        (KOREAN, "주어진 명령어에 답합니다. 정책 금리입니다.", "words of a prompt in the output", "주어진 명령어"),
        (KOREAN, "정책 금리입니다.<|im_end|>", "words of a prompt in the output", "<|im_end|>"),
        (KOREAN, "{{answer}}", "words of a prompt in the output", "{{answer}}"),
        (KOREAN, "{{ 용어 }}는 정책 금리입니다.", "words of a prompt in the output", "{{ 용어 }}"),
        (ENGLISH, "### Response:\nIt is a policy rate.", "words of a prompt in the output", "### Response"),
        (
            ENGLISH,
            "It is a policy rate.\nInstruction: Explain repos.",
            "words of a prompt in the output",
            "Instruction:",
        ),
        (ENGLISH, "[INST] It is a policy rate.", "words of a prompt in the output", "[INST]"),
        ("금리를 설명하세요. <noinput>", "값입니다.", "words of a prompt in the instruction", "<noinput>"),
        ("금리를 설명하세요.\n출력: 값입니다.", "값입니다.", "words of a prompt in the instruction", "출력:"),
    ],
)
def test_marks_of_the_prompt_are_rejected(instruction, output, reason, words):
    """Field names, headings, tokens and empty slots of a template, in either field."""
    finding = leaks_prompt(row(instruction, output), CONTEXT)
    assert finding and finding.reason == reason and finding.against.startswith(words.rstrip(":"))


@pytest.mark.parametrize(
    ("instruction", "first"),
    [
        ("1. 예금을 설명하세요. 2. 적금을 설명하세요. 3. 둘을 비교하세요.", "1. 예금을 설명하세요."),
        ("이자를 설명하세요: - 단리를 설명해 주세요. - 복리를 설명해 주세요.", "- 단리를 설명해 주세요."),
        ("1. 예금이란 무엇인가요? 2. 적금이란 무엇인가요?", "1. 예금이란 무엇인가요?"),
        ("1. What is a deposit? 2. What is a bond?", "1. What is a deposit?"),
    ],
)
def test_several_instructions_run_together_are_rejected(instruction, first):
    """A line that is a list of orders was never parted; the first of them is told."""
    finding = leaks_prompt(row(instruction, "값입니다.", recipe="self_instruct.instruction"), CONTEXT)
    assert finding == Finding("several instructions in one", None, first)


@pytest.mark.parametrize(
    ("instruction", "output", "given"),
    [
        # lists that belong to one task
        ("안내문을 쓰세요.\n- 두 문단으로 쓰세요.\n- 금리를 꼭 밝히세요.", "정기예금을 안내합니다.", ""),
        (
            "다음 질문에 차례로 답하세요.\n1. 예금이란 무엇인가요?\n2. 적금이란 무엇인가요?",
            "맡긴 돈과 나누어 붓는 돈입니다.",
            "",
        ),
        ("옳은 것은?\n1. 예금은 보호된다.\n2. 펀드는 보호된다.", "1", ""),
        ("옳은 것을 고르세요. 1. 예금은 보호된다. 2. 펀드는 보호된다. 3. 주식은 보호된다.", "1", ""),
        ("Which is true? 1. Deposits are insured. 2. Funds are insured.", "1", ""),
        ("Write a notice.\n- Use two paragraphs.\n- Name the rate.", "We offer a deposit at 3 %.", ""),
        # JSON, code and formulas
        ("JSON으로 쓰세요.", '{"고객": {"이름": "홍길동", "예금": {"금리": 3.1}}}', ""),
        ("Write it as JSON.", '{"loan": {"rate": {"kind": "fixed"}}}', ""),
        ("수식을 쓰세요.", r"$\frac{A}{1+r^{n_{1}}}$", ""),
        # the same words in their own meaning
        ("적금을 예시를 들어 설명하세요.", "매달 나누어 붓습니다.\n예시: 매달 30만 원을 넣는 경우", ""),
        ("사용자와 챗봇의 대화를 쓰세요.", "사용자: 한도가 얼마인가요?\n챗봇: 300만 원입니다.", ""),
        ("입력 오류를 줄이는 방법을 쓰세요.", "## 입력 오류를 줄이려면\n금액을 두 번 확인합니다.", ""),
        ("How do we keep data clean?", "## Input validation\nCheck each amount twice.", ""),
        ("Write a dialogue of a user with our chatbot.", "User: What is my limit?\nChatbot: It is 300.", ""),
        ("'응답: 승인' 꼴로 판정하세요.", "응답: 거절", "연체 90일"),
        ("창구의 업무를 드세요.", "현금 입력, 전표 출력, 예금의 지급 명령 처리", ""),
        ("표의 값을 옮기세요.", "입력: 30건", "입력: 30건, 출력: 20건"),
        ("다음 형식으로 쓰세요: '은행: 금리'", "가은행: 3.1%", ""),
        ("금리는 얼마인가요?", "1. 정기예금은 3.1%입니다.\n2. 적금은 3.4%입니다.", ""),
    ],
)
def test_lists_json_and_ordinary_words_leak_nothing(instruction, output, given):
    """Terms of one task, choices, nested braces, and words such as 입력 or 예시 that the task is about."""
    assert leaks_prompt(row(instruction, output, given, "general"), CONTEXT) is None


def test_numbered_definitions_of_a_glossary_are_one_instruction():
    """A definition that is asked for its term may count its meanings."""
    instruction = "1. 돈을 맡기는 일인가요? 2. 맡긴 돈인가요? 이런 뜻을 지닌 용어를 쓰세요."
    assert leaks_prompt(row(instruction, "예금", recipe="glossary_qa.term_from_definition"), CONTEXT) is None
    assert leaks_prompt(row(instruction, "예금", recipe="general"), CONTEXT)


@pytest.mark.parametrize(
    ("output", "told", "score"),
    [
        ("금리는 돈의 값입니다. 은행마다 달라요.", "합니다 1, 해요 1", 0.5),
        ("금리는 돈의 값이다. 은행마다 다르다. 비교해 보십시오.", "한다 2, 합니다 1", 0.3333),
        ("금리는 돈의 값이에요.\n은행마다 달라요.\n창구마다도 다르죠.\n잘 비교한다.", "해요 3, 한다 1", 0.25),
        ("- 한도를 확인하십시오.\n- 금리를 비교해요.", "합니다 1, 해요 1", 0.5),
    ],
)
def test_mixed_politeness_is_told_with_the_share_that_differs(output, told, score):
    """Sentences of each level are counted, most first; the score is the share that is not of the first."""
    assert mixes_politeness(row(KOREAN, output), CONTEXT) == Finding(f"mixed politeness: {told}", score)


@pytest.mark.parametrize(
    "output",
    [
        "금리는 돈의 값입니다. 은행마다 다릅니까? 비교해 보십시오.",
        "금리는 돈의 값이에요. 은행마다 다르죠? 비교해 보세요~",
        "금리는 돈의 값이다. 그러나 이자는 아니다. 둘은 같은 말이 아니다.",
        "직원이 '한도가 얼마예요?'라고 묻자 고객은 \"모른다.\"라고 답했습니다.",
        "예금입니다(맡긴 돈이다).",
        "필요한 것은 두 가지입니다.\n- 신분증\n- 소득 증빙 필요\n- 인감도장",
        "주의할 점입니다.\n- 만기 확인이 중요\n- 소득 수준별 수요",
        "환매조건부채권",
        "금리를 올림. 한도를 줄임.",
        "The rate is 3 %. It may change.",
        "값을 구합니다.\n```python\n# 이자를 구한다.\nprint(1)\n```",
        "",
    ],
)
def test_one_level_of_politeness_is_no_mix(output):
    """아니다 is plain style and 필요 a noun; quotations, brackets, code and English have no say."""
    assert mixes_politeness(row(KOREAN, output), CONTEXT) is None


@pytest.mark.parametrize(
    ("output", "reason", "against"),
    [
        ("```python\nprint(rate)", "a code block is not closed", ""),
        ("**주의 사항\n만기를 확인하세요.", "bold is not closed", "**주의 사항"),
        ("Mind the **term of the loan", "bold is not closed", " **term of the loan"),
        ("[약관](https://bank.example/terms", "a link is not closed", "[약관]("),
        ("## \n금리는 값입니다.", "a heading is empty", "##"),
        ("| 은행 | 금리 |\n|---|---|\n| 가 | 3.1% | 12개월 |", "rows of a table differ in their cells", "2 2 3"),
        (
            "| bank | rate | term |\n|:--|--:|---|\n| A | 3 | 12 |\n| B | 4 |",
            "rows of a table differ in their cells",
            "3 3 3 2",
        ),
        ("| 은행 | 금리 |\n|---|---|---|\n| 가 | 3.1% |", "rows of a table differ in their cells", "2 3 2"),
    ],
)
def test_markdown_that_does_not_come_out_is_rejected(output, reason, against):
    """An open fence, bold or link, a heading of nothing, and a table by the cells of its rows."""
    finding = breaks_markdown(row(KOREAN, output), CONTEXT)
    assert finding and finding.reason == reason and finding.against.startswith(against)


@pytest.mark.parametrize(
    "output",
    [
        "| 은행 | 금리 |\n|---|---|\n| 가 | 3.1% |\n| 나 |  |",
        "은행별 금리입니다.\n\n| 은행 | 금리 |\n|:---|---:|\n| 가 | 3.1% |\n\n비교해 보세요.",
        "| bank | rate |\n|---|---|\n| A \\| B | 3 |",
        "| 식 | 뜻 |\n|---|---|\n| `a | b` | 둘 중 하나 |",
        "| 가 | 나 |\n|---|---|\n| 1 | 2 |\n\n| 가 | 나 | 다 |\n|---|---|---|\n| 1 | 2 | 3 |",
        "가 | 3.1% | 12개월\n나 | 3.4%",
        "|x| < 1이면 값이 모인다.",
        "**주의**: 만기를 **꼭** 확인하세요.",
        "복리는 원금 * (1 + r) ** n 으로 구합니다.",
        "원금*(1+r)**n",
        "* 세전 기준\n** 세후 기준",
        "이름은 홍**이고 카드는 1234-****-****-5678입니다.",
        "```python\nx = 2 ** 3\nprint(x)\n```",
        "[약관](https://bank.example/terms)을 보세요.",
        "예금자보호법[1] 참고",
        "# 금리\n## 예금 금리\n3.1%입니다.",
        "거래 #1과 #2",
        "배열은 [0] (첫 칸)부터 센다.",
        "",
    ],
)
def test_markdown_that_comes_out_and_marks_that_are_none_stay(output):
    """Tables with empty or escaped cells, powers, footnotes, masked names and code are as they should be."""
    assert breaks_markdown(row(KOREAN, output), CONTEXT) is None


@pytest.mark.parametrize("field", ["instruction", "given", "output"])
@pytest.mark.parametrize(
    ("text", "kind"),
    [("제 번호는 010-2345-6789입니다.", "phone_number"), ("Write to minji.kim@bank.co.kr today.", "email")],
)
def test_personal_data_is_found_in_every_field(field, text, kind):
    """An instruction, an input or an output with personal data is rejected by its kind, never by the data."""
    fields = {"instruction": KOREAN, "output": "답입니다.", "given": ""} | {field: text}
    assert holds_personal_data(row(**fields), CONTEXT) == Finding(f"personal data: {kind}")


@pytest.mark.parametrize(
    "output",
    ["연락처는 [전화번호]입니다.", "2024-03-15에 1,234,567,890원을 보냈다.", "예금자보호법 제32조", "Call the branch."],
)
def test_masked_data_amounts_and_dates_are_no_personal_data(output):
    """A label in its place, a date, an amount and an article of law tell nothing of a person."""
    assert holds_personal_data(row(KOREAN, output), CONTEXT) is None
