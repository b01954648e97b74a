"""Rows as text and tokens."""

import pytest

from finsmith.training.chat_format import ChatFormat

from .conftest import korean_tokenizer

TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<start>{{ 'model' if m['role'] == 'assistant' else 'user' }}\n{{ m['content'] }}<end>\n{% endfor %}"
    "{% if add_generation_prompt %}<start>model\n{% endif %}"
)


@pytest.fixture
def tokenizer():
    return korean_tokenizer()


def test_the_plain_prompt(tokenizer):
    """Without a template and an input the prompt is question and answer heading, letter for letter."""
    assert ChatFormat(tokenizer).prompt("국채란?") == "<bos>### 질문\n국채란?\n\n### 답변\n"


def test_the_plain_prompt_with_an_input(tokenizer):
    """An input stands behind the instruction, one blank line between."""
    expected = "<bos>### 질문\n요약하시오.\n\n기준금리를 동결하였다.\n\n### 답변\n"
    assert ChatFormat(tokenizer).prompt("요약하시오.", "기준금리를 동결하였다.") == expected


def test_a_tokenizer_without_a_bos_token(tokenizer):
    """A tokenizer that has no bos token gets none written."""
    tokenizer.bos_token = None
    assert ChatFormat(tokenizer).prompt("국채란?") == "### 질문\n국채란?\n\n### 답변\n"


def test_a_tokenizers_own_template(tokenizer):
    """A tokenizer with a chat template is asked by it, the input inside the user's turn."""
    tokenizer.chat_template = TEMPLATE
    chat = ChatFormat(tokenizer)
    assert chat.prompt("국채란?") == "<bos><start>user\n국채란?<end>\n<start>model\n"
    assert chat.prompt("요약하시오.", "글") == "<bos><start>user\n요약하시오.\n\n글<end>\n<start>model\n"


@pytest.mark.parametrize(("template", "end"), [(None, "<eos>"), (TEMPLATE, "<end>\n<eos>")])
def test_the_border_of_prompt_and_answer(tokenizer, template, end):
    """The prompt ends where generation starts; the answer is the output, what a template closes it with, one end token."""
    tokenizer.chat_template = template
    chat = ChatFormat(tokenizer)
    row = chat.row("국채란?", "", "정부가 발행하는 채권이다.")
    assert tokenizer.decode(row.prompt) == chat.prompt("국채란?")
    assert tokenizer.decode(row.answer) == f"정부가 발행하는 채권이다.{end}"
    assert row.prompt.count(tokenizer.bos_token_id) == 1 and row.prompt[0] == tokenizer.bos_token_id
    assert row.answer.count(tokenizer.eos_token_id) == 1
