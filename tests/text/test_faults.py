"""What a reader sees at once: a phrase that comes round and round, a sentence cut off, another language."""

import pytest

from finsmith.text.faults import is_whole, is_written_in, loop, uncut

WHOLE = "예금은 안전하다."
ROUND = "인출이 발생한 날짜부터 날짜를 더합니다."


@pytest.mark.parametrize(
    ("text", "korean", "english"),
    [
        ("예금은 ETF와 MMF보다 안전합니다.", True, False),
        ("A deposit is safer.", False, True),
        ("예금 (deposit)", False, False),
        ("3.5%", True, True),
    ],
)
def test_the_language_of_a_text_is_told_by_its_letters(text, korean, english):
    """Korean has no more small Latin letters than Hangul, English no Hangul; capitals and figures are either."""
    assert (is_written_in(text, "ko"), is_written_in(text, "en")) == (korean, english)


@pytest.mark.parametrize(
    "text",
    [
        f"{ROUND} {ROUND} {ROUND}",
        "물가를 인식하고 있는 것으로 인식하고 있는 것으로 인식하고 있는 것으로 인식.",
        f"25. {ROUND}\n26. {ROUND}\n27. {ROUND}\n28.",
        "The bank shall report it. The bank shall report it. The bank shall report it.",
    ],
)
def test_what_is_said_three_times_on_end_is_a_loop(text):
    """Whole sentences, parts of one, and those that only count up."""
    assert loop(text)


@pytest.mark.parametrize(
    "text",
    [
        f"{ROUND} {ROUND} 끝입니다.",
        "| 1월 | 10만 원 |\n| 2월 | 20만 원 |\n| 3월 | 15만 원 |\n| 4월 | 15만 원 |",
        "정기예금 1,000만 원, 정기예금 2,000만 원, 정기예금 3,000만 원",
        "------------------------------------",
        "은행은 대출을 심사하고, 은행은 대출을 실행하며, 은행은 대출을 회수한다.",
        "",
    ],
)
def test_likeness_is_no_loop(text):
    """Twice is not thrice, rows of figures are alike, and so are clauses that differ in a word."""
    assert loop(text) == ""


@pytest.mark.parametrize(
    ("sentence", "whole"),
    [
        ("한도를 절반으로 줄인다.", True),
        ("한도를 절반으로 줄임.", True),
        ("한도를 줄여야 합니까?", True),
        ("한도가 줄었어요", True),
        ("The limit is cut by half.", True),
        ("한도는 2배.", False),
        ("신용회복 상담을도.", False),
        ("예상되나, 소비자물.", False),
        ("중지를 요청할 수 있는 전기통신역무 제공의 중.", False),
    ],
)
def test_a_korean_sentence_ends_in_a_predicate(sentence, whole):
    """With its ending or as a noun; where a grammar broke off it ends anywhere."""
    assert is_whole(sentence) is whole


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"{WHOLE} 이자는 매달 지급되며 세금은", WHOLE),
        (f"{WHOLE} 이자는 매달 지급되며 세금은 뗀다", f"{WHOLE} 이자는 매달 지급되며 세금은 뗀다"),
        ("이자는 매달 지급되며 세금은", ""),
        (f"{WHOLE} 한도는 5,000만 원 (1인당)", f"{WHOLE} 한도는 5,000만 원 (1인당)"),
        ("A deposit is safe. Interest is pa", "A deposit is safe."),
        ("A deposit is safe. Interest is paid.", "A deposit is safe. Interest is paid."),
        ("", ""),
    ],
)
def test_a_last_sentence_that_was_cut_off_goes(text, left):
    """What ends before its predicate or its mark is left out; whole sentences and what ends otherwise stay."""
    assert uncut(text) == left
