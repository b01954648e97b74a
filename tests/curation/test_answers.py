"""Outputs that do not answer, or break off."""

import pytest

from finsmith.curation.answers import breaks_off, refuses
from finsmith.curation.finding import Finding

from .rows import CONTEXT, context, row


@pytest.mark.parametrize(
    ("instruction", "output", "words"),
    [
        ("신용점수를 설명해 주세요.", "죄송하지만 알려 드릴 수 없습니다.", "죄송"),
        ("다음 글을 요약하세요.", "글이 없어 요약할 수 없습니다.", "요약할 수 없"),
        ("지난해 순이익은 얼마인가요?", "주어진 자료만으로는 알 수 없습니다.", "자료만으로는 알 수 없"),
        ("국채와 회사채 중 무엇이 나은가요?", "잘 모르겠습니다.", "잘 모르겠습니다"),
        ("이자를 계산해 주세요.", "원금과 금리를 알려 주시면 계산해 드리겠습니다.", "알려 주시면 계산해 드리"),
        ("대출 상품을 추천해 주세요.", "어떤 대출을 원하시나요?", "어떤 대출을 원하시나요?"),
        ("What is a covered bond?", "I'm sorry, I have no access to that.", "sorry"),
        ("Rate this share.", "As an AI language model, I hold no opinion.", "As an AI language"),
        ("What does the fund cost?", "I don't know.", "I don't know"),
        ("Summarise the contract.", "Please provide the contract.", "Please provide the"),
    ],
)
@pytest.mark.parametrize("recipe", ["general", "self_instruct.instruction", "rag.one_document"])
def test_an_output_that_does_not_answer_is_rejected(instruction, output, words, recipe):
    """Refusing, not knowing and asking back, with the words that give it away."""
    finding = refuses(row(instruction, output, recipe=recipe), CONTEXT)
    assert finding == Finding("the output is no answer", None, words)


@pytest.mark.parametrize(
    ("instruction", "output"),
    [
        ("적금을 중간에 깰 수 있나요?", "만기 전에는 일부만 해지할 수 없습니다."),
        ("펀드도 예금자보호를 받나요?", "아니요. 펀드는 보호받을 수 없습니다."),
        ("입금이 늦어진 일에 대한 사과 메일을 써 주세요.", "고객님, 입금이 늦어져 죄송합니다."),
        ("대출 거절 사실을 알리는 문구를 쓰세요.", "죄송하지만 이번에는 대출을 도와드릴 수 없습니다."),
        ("점검 시간을 알리는 공지를 쓰세요.", "이용에 불편을 드려 죄송합니다."),
        ("창구 직원과 고객의 대화를 만들어 주세요.", "직원: 어떤 업무를 원하시나요?\n고객: 통장을 만들려고요."),
        ("콜센터의 응대 문구를 하나 쓰세요.", "기다리게 해 드려 죄송합니다. 확인해 드리겠습니다."),
        ("챗봇의 첫 인사말을 쓰세요.", "안녕하세요. 어떤 서비스를 원하시나요?"),
        ("고객에게 물어볼 질문을 두 개 만드세요.", "1. 어떤 상품을 원하시나요?\n2. 투자 기간은 얼마인가요?"),
        ("Write an e-mail about the late transfer.", "We are sorry for the delay."),
        ("Write a short apology to a customer.", "We are sorry that the app was down."),
        ("Write a greeting for our chatbot.", "Hello! Could you provide the last digits of your card?"),
        ("What if the loan is not repaid?", "The bank may sell the collateral."),
    ],
)
def test_what_is_said_for_somebody_is_an_answer(instruction, output):
    """Rules that forbid, and letters, scripts and dialogues that say sorry or ask: they do what was asked."""
    assert refuses(row(instruction, output), CONTEXT) is None


@pytest.mark.parametrize(
    ("instruction", "output", "given"),
    [
        ("우리말로 옮기세요.", "이체가 늦어져 죄송합니다.", "We apologise for the late transfer."),
        ("높임말로 바꾸세요.", "답이 늦어 죄송합니다.", "답이 늦어서 미안해."),
        ("Translate into English.", "We are sorry that the app was down.", "앱이 멈춰 대단히 죄송합니다."),
    ],
)
def test_an_apology_that_was_given_may_be_said_again(instruction, output, given):
    """Where the input says sorry, so may its translation; a refusal to translate is still none."""
    assert refuses(row(instruction, output, given), CONTEXT) is None
    assert refuses(row(instruction, "번역할 수 없습니다.", "금리가 올랐다."), CONTEXT)


def test_some_recipes_may_refuse():
    """Rows whose clues hold no answer say so; which recipes do is a parameter."""
    answer = "주어진 자료만으로는 알 수 없습니다."
    assert refuses(row("한도는 얼마인가요?", answer, recipe="rag.no_answer"), CONTEXT) is None
    strict = context(may_refuse=())
    assert refuses(row("한도는 얼마인가요?", answer, recipe="rag.no_answer"), strict)


@pytest.mark.parametrize(
    "output",
    [
        "예금자보호 한도는 5천만 원이며,",
        "준비할 서류는 다음과 같습니다:",
        "신용평가 회사는 (",
        "근거는 예금자보호법(제32조",
        "이를 「금융소비자보호법",
        "그는 “금리를 더는",
        "1. 신청서를 낸다.\n2. 심사를 받는다.\n3.",
        "- 신분증\n- 소득 증빙\n-",
        "만기가 되면 은행은 고객에게 이자를",
        "예금은 안전합니다. 다만 한도를 넘는",
        "금리가 올랐습니다. 그래서 채권의 가격이",
        "The bank charges a fee and",
        "Deposits are protected up to the",
        "You will need these documents:",
        "The rate depends on the term, the amount,",
        "The fund (listed in Seoul",
    ],
)
def test_an_output_that_breaks_off_is_rejected(output):
    """After a comma or colon, in a bracket, at a number of a list, before the noun or the ending: its end is told."""
    finding = breaks_off(row("설명하세요.", output), CONTEXT)
    assert finding == Finding("the output breaks off", None, output[-40:])


@pytest.mark.parametrize(
    "output", [": 채권은 빚을 나눈 증서이다.", ", 그래서 금리가 오른다.", ") 이다.", ". Rates rose.", "; so."]
)
def test_an_output_that_begins_amid_a_sentence_is_rejected(output):
    """A mark that belongs to what stood before is what its beginning is told by."""
    assert breaks_off(row("설명하세요.", output), CONTEXT) == Finding("the output begins amid a sentence", None, output)


@pytest.mark.parametrize(
    "output",
    [
        # a term, a name or a figure is the whole answer
        "환매조건부채권",
        "LTV",
        "Basel III",
        "연 3.5%",
        "3만 원",
        "예",
        "가계대출 증가율",
        "정기예금과 적금",
        "주식의 종가",
        "아파트 매매가",
        "옵션의 행사가",
        "토지의 공시가",
        "자산의 장부가",
        "신규 분양가",
        "은행 간 합의",
        "고객의 동의",
        "국가 신용도",
        "net interest margin",
        "The answer is B",
        "Answer: a",
        "a",
        # lists of adjectives and of nouns
        "안전한, 편리한, 든든한",
        "1. 안전한\n2. 편리한\n3. 든든한",
        "이 예금을 꾸밀 말을 골랐습니다.\n- 안전한\n- 편리한\n- 든든한",
        "1) 신청\n2) 심사\n3) 실행",
        "가) 예금 나) 적금",
        "safe, liquid, insured",
        # sentences and half sentences that end
        "금리를 올림",
        "한도가 줄었음",
        "예금은 안전합니다",
        "예금은 안전하다고 해요~",
        "고맙습니다 :)",
        "그는 “금리를 더는 올리지 않겠다”고 했다.",
        "근거는 예금자보호법(제32조)",
        "...그래서 금리가 올랐다.",
        # code, formulas and data
        "```python\nprint(rate)\n```",
        "def interest(principal, rate):\n    return principal * rate",
        "SELECT name FROM loans WHERE grade IN ('A', 'B')",
        "rates = [3.1, 3.2, 3.4]",
        '{"은행": "가은행", "금리": 3.1}',
        "| 은행 | 금리 |\n|---|---|\n| 가 | 3.1% |",
        "이자 = 원금 × 금리",
        "연체 일수의 첫 구간은 [0, 30)",
        ".csv",
        "<p>금리</p>",
        "",
    ],
)
def test_an_output_that_ends_otherwise_than_sentences_is_whole(output):
    """Terms, figures, lists, half sentences, code, brackets of formulas and tables need no full stop."""
    assert breaks_off(row("답하세요.", output), CONTEXT) is None
