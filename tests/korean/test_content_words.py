"""Content words are compared by their stems, whatever particles and endings they have."""

import pytest

from finsmith.korean.content_words import content_words


def test_inflection_makes_no_other_word():
    """Particles, endings and spaces apart, the same words are the same."""
    assert content_words("예금을 설명하였습니다.") == content_words("예금의 설명") == {"예금", "설명"}


@pytest.mark.parametrize("text", ["", "...!?", "네.", "그것은 이것입니다.", "It is so.", "and the"])
def test_what_says_nothing_has_none(text):
    """Marks, pronouns, interjections and English stop words carry no content."""
    assert content_words(text) == set()


def test_numbers_and_foreign_words_count():
    """3.5 and ETF are content."""
    assert content_words("ETF의 보수는 3.5%이다.") == {"ETF", "보수", "3.5"}
