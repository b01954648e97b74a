"""Whether an answer is none: a refusal, not knowing, a request for what was not given."""

from pathlib import Path

import pytest
import yaml

from finsmith.text.refusals import finds_none, non_answer, refusal

REFUSALS = [
    ("죄송하지만 그 상품은 알려 드릴 수 없습니다.", "죄송"),
    ("고객님의 질문에는 답변할 수 없습니다.", "답변할 수 없"),
    ("제공된 글이 없어 요약할 수 없습니다.", "요약할 수 없"),
    ("이 거래는 분류할 수가 없습니다.", "분류할 수가 없"),
    ("자세한 사항은 말씀드릴 수 없습니다.", "드릴 수 없"),
    ("주어진 정보만으로는 알 수 없습니다.", "정보만으로는 알 수 없"),
    ("지문에서는 알 수 없는 내용입니다.", "지문에서는 알 수 없"),
    ("I'm sorry, but that is private.", "sorry"),
    ("As an AI, I hold no shares.", "As an AI,"),
    ("As an AI language model I hold no shares.", "As an AI language"),
    ("Unfortunately I cannot help with that.", "I cannot"),
    ("I can’t see the statement.", "I can’t"),
    ("I am not able to advise on this stock.", "I am not able"),
]
NOT_KNOWING = [
    ("잘 모르겠습니다.", "잘 모르겠습니다"),
    ("글쎄요. 저도 모르겠네요.", "모르겠네요"),
    ("알 수 없습니다.", "알 수 없습니다."),
    ("정답은 알 수 없어요", "정답은 알 수 없어요"),
    ("저는 인공지능 모델로서 주식을 살 수 없습니다.", "저는 인공지능 모델로서"),
    ("AI 언어 모델이기 때문에 의견이 없습니다.", "AI 언어 모델이기 때문"),
    ("I don't know.", "I don't know"),
]
ASKING_BACK = [
    ("약관을 보내 주시면 요약해 드리겠습니다.", "보내 주시면 요약해 드리"),
    ("금액을 알려주시면 이자를 계산해 드릴게요.", "알려주시면 이자를 계산해 드릴"),
    ("계산하려면 추가 정보가 필요합니다.", "추가 정보가 필요합니다"),
    ("심사하기에는 정보가 부족합니다.", "정보가 부족합니다"),
    ("어떤 대출을 원하시나요?", "어떤 대출을 원하시나요?"),
    ("Could you provide more details?", "Could you provide more"),
    ("Please provide the statement.", "Please provide the"),
]


@pytest.mark.parametrize(("text", "words"), REFUSALS)
def test_a_refusal_is_found_by_its_words(text, words):
    """What an assistant does not do, in Korean and English: the words that say so come back."""
    assert refusal(text) == words


@pytest.mark.parametrize(("text", "words"), [*REFUSALS, *NOT_KNOWING, *ASKING_BACK])
def test_no_answer_is_more_than_a_refusal(text, words):
    """Refusals, not knowing and asking back are all no answer, each by its words."""
    assert non_answer(text) == words


@pytest.mark.parametrize("text", [text for text, _ in (*NOT_KNOWING, *ASKING_BACK)])
def test_not_knowing_and_asking_back_are_no_refusals(text):
    """Those that make rows anew ask for refusals alone."""
    assert refusal(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "만기 전에는 해지할 수 없습니다.",
        "중도에 해지하면 우대금리를 받을 수 없습니다.",
        "은행은 고객의 동의 없이 신용정보를 제공할 수 없습니다.",
        "펀드는 예금자보호를 받지 못하므로 원금을 보장할 수 없습니다.",
        "연체 중에는 한도를 늘릴 수 없으며, 카드도 새로 만들 수 없습니다.",
        "이 상품은 미성년자가 가입할 수 없고 대리인도 신청할 수 없다.",
        "고객은 수수료가 왜 나갔는지 모르겠다고 말했습니다.",
        "고객이 '약관을 잘 모르겠습니다'라고 하면 다시 설명해야 합니다.",
        "무슨 뜻인지 모르겠으면 서명하지 말아야 합니다.",
        "주가는 많은 일에 흔들립니다. 그래서 앞으로의 값은 누구도 미리 알 수 없습니다.",
        "현금은 누가 썼는지 알 수 없는 지급수단이다.",
        "챗봇은 언어 모델이기 때문에 사실과 다른 말을 지어낼 수 있습니다.",
        "신용평가에 쓰는 인공지능 모델은 결과를 설명할 수 있어야 한다.",
        "주소가 바뀌면 은행에 알려야 합니다. 알려 주시면 포인트를 받습니다.",
        "어떤 담보를 잡느냐에 따라 금리가 달라집니다.",
        "소득을 증명하는 서류가 필요합니다.",
        "정보가 한쪽에 치우친 상태를 정보의 비대칭이라고 한다.",
        "현금이 부족합니다.",
        "A borrower who cannot repay may ask for more time.",
        "You cannot cancel the contract after 14 days.",
        "Robo-advisers act as an AI-driven portfolio manager.",
        "Ask what happens if I cannot repay the loan on time.",
        "The bank must provide the contract in writing.",
        "Customers often do not know their credit score.",
        "연체율",
        "CD",
        "",
    ],
)
def test_what_a_customer_or_a_contract_cannot_is_an_answer(text):
    """Rules that forbid, facts that nobody knows, words of others and machines that are spoken of refuse nothing."""
    assert non_answer(text) == ""


def test_a_refusal_is_shorter_than_80_words():
    """An answer of 80 words that says sorry somewhere has answered; one of 79 has not."""
    assert refusal("죄송합니다. " + "금리 " * 78) == "죄송"
    assert refusal("죄송합니다. " + "금리 " * 79) == ""
    assert non_answer("I don't know. " + "rate " * 76) and not non_answer("I don't know. " + "rate " * 77)


NONE_FOUND = [
    "단서 1, 2, 3 어디에도 답이 없습니다.",
    "단서로는 답할 수 없습니다.",
    "제시된 단서에는 관련 정보가 없습니다.",
    "이 내용은 지문에 나와 있지 않습니다.",
    "그 기한은 주어진 문서에 적혀 있지 않습니다.",
    "답이 없습니다.",
    "질문에 답할 근거를 단서에서 찾지 못했습니다.",
    "The clues do not say who approves it.",
    "The answer was not found in the documents.",
]
FOUND = [
    "영업점장은 인지보고를 반려하거나 고칠 수 없습니다. [단서 2]",
    "이 서류는 창구에서 찾을 수 없습니다.",
    "글로 남기지 않은 약정은 효력이 없습니다.",
    "정보가 빠진 송금은 받을 수 없습니다.",
    "자료에 서명이 없으면 되돌려 보냅니다.",
    "단서 2에 따르면 7영업일 안에 보고합니다.",
    "문서는 3영업일을 넘겨 반출할 수 없습니다.",
    "The customer could not find the branch.",
]


def worded(language):
    """How a training row says that its clues hold no answer."""
    path = Path(__file__).parents[2] / "src/finsmith/generation/prompts" / language / "rows.yaml"
    return yaml.safe_load(path.read_text("utf-8"))["rag_no_answer"]


@pytest.mark.parametrize("text", [*worded("ko"), *worded("en"), *NONE_FOUND])
def test_none_found_is_no_answer(text):
    """As the training rows word it in both languages, and as others would."""
    assert finds_none(text)


@pytest.mark.parametrize(("text", "words"), [*REFUSALS, *NOT_KNOWING, *ASKING_BACK])
def test_every_non_answer_finds_none(text, words):
    """Who refuses or asks back has not answered from the clues either."""
    assert finds_none(text)


@pytest.mark.parametrize("text", FOUND)
def test_an_answer_about_what_cannot_be_done_is_an_answer(text):
    """Rules forbid and papers lack things; that says nothing of the clues."""
    assert finds_none(text) == ""


def test_a_long_text_with_such_words_is_an_answer():
    """80 words and more say something besides."""
    assert finds_none("단서에는 답이 없습니다. " + "그러나 " * 76)
    assert finds_none("단서에는 답이 없습니다. " + "그러나 " * 77) == ""
