"""Rows with nothing in them, too little or too much."""

import pytest

from finsmith.curation.finding import Finding
from finsmith.curation.size import empty, length

from .rows import CONTEXT, context, row

QUESTION, ANSWER = "기준금리란 무엇인가요?", "중앙은행이 정하는 정책 금리이다."


@pytest.mark.parametrize(
    ("instruction", "output", "reason"),
    [
        ("", "기준금리", "instruction is empty"),
        (" \n\t", "기준금리", "instruction is empty"),
        ("\u3000\u00a0", "base rate", "instruction is empty"),
        (QUESTION, "  ", "output is empty"),
        ("What is a base rate?", "\n", "output is empty"),
        ("", "", "instruction is empty"),
    ],
)
def test_empty_names_the_field(instruction, output, reason):
    """A row without an instruction or an output is rejected by the field's name; space of any width is nothing."""
    assert empty(row(instruction, output), CONTEXT) == Finding(reason, None, "")


@pytest.mark.parametrize("given", ["", "  ", "한국은행은 기준금리를 동결하였다."])
@pytest.mark.parametrize(("instruction", "output"), [(QUESTION, "금"), ("What is a repo?", "0"), ("?", "-")])
def test_one_character_is_something(instruction, output, given):
    """One character in each field is not empty, and an empty input is no fault."""
    assert empty(row(instruction, output, given), CONTEXT) is None


@pytest.mark.parametrize(
    ("instruction", "output", "finding"),
    [
        ("금리란?", ANSWER, Finding("instruction has 4 chars, fewer than 5", 4)),
        ("  금리란?  ", ANSWER, Finding("instruction has 4 chars, fewer than 5", 4)),
        ("Why?", "Rates rose.", Finding("instruction has 4 chars, fewer than 5", 4)),
        ("가" * 1201, ANSWER, Finding("instruction has 1201 chars, more than 1200", 1201)),
        ("금리 " * 301, ANSWER, Finding("instruction has 301 words, more than 300", 301)),
        (QUESTION, "", Finding("output has 0 chars, fewer than 1", 0)),
        (QUESTION, "가" * 1501, Finding("output has 1501 chars, more than 1500", 1501)),
        (QUESTION, "금리 " * 401, Finding("output has 401 words, more than 400", 401)),
        ("What is a base rate?", "up " * 401, Finding("output has 401 words, more than 400", 401)),
    ],
)
def test_what_is_too_short_or_too_long_is_told_with_its_size(instruction, output, finding):
    """The field, the unit and the limit are named, the score is the size, and spaces around it do not count."""
    assert length(row(instruction, output), CONTEXT) == finding


@pytest.mark.parametrize(
    ("instruction", "output"),
    [
        ("금리란요?", ANSWER),
        ("What?", "A rate."),
        ("가" * 1200, ANSWER),
        ("금리 " * 300, ANSWER),
        (QUESTION, "가" * 1500),
        (QUESTION, "금리 " * 400),
        (QUESTION, f"  {'가' * 1500}\n"),
        ("연체 30일이 넘은 대출은 정상인가? 예 또는 아니요로 답하시오.", "예"),
        ("Is a repo a loan? Answer Y or N.", "Y"),
        ("양도성예금증서의 약자는?", "CD"),
        ("3 + 4를 계산하세요.", "7"),
    ],
)
def test_limits_are_inclusive(instruction, output):
    """The smallest and the largest size still pass, and so does an answer of one letter."""
    assert length(row(instruction, output), CONTEXT) is None


def test_a_row_is_measured_in_tokens_with_its_input():
    """Instruction, input and output count together: 3 + 1,995 + 2 words are 2,000 tokens here, one more is too many."""
    assert length(row("글을 한 줄로", "금리 동결", "금리 " * 1995), CONTEXT) is None
    finding = length(row("글을 한 줄로", "금리 동결", "금리 " * 1996), CONTEXT)
    assert finding == Finding("row has 2001 tokens, more than 2000", 2001)


@pytest.mark.parametrize("limit", ["output_chars", "output_words"])
def test_a_highest_of_zero_sets_no_limit(limit):
    """Without a highest size an output of 3,000 characters, or of 500 words, passes."""
    output = "가" * 3000 if limit == "output_chars" else "금리 " * 500
    assert length(row(QUESTION, output), CONTEXT)
    known = context(length__output_chars=(1, 0), length__output_words=(1, 0))
    assert length(row(QUESTION, output), known) is None


def test_a_limit_of_words_holds_where_the_characters_fit():
    """An answer of two words is short by a limit of three, however long the words are."""
    known = context(length__output_words=(3, 0))
    short = row(QUESTION, "환매조건부채권매매 기준수익률")
    assert length(short, known) == Finding("output has 2 words, fewer than 3", 2)
    assert length(row(QUESTION, "한국은행의 정책 금리"), known) is None
