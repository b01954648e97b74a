"""Tests of morphemes and of joining lines."""

import unicodedata

import pytest

from finsmith.korean.morphemes import join_lines, morphemes, tagged


def test_inflected_words_share_their_stem():
    """그림을 and 그림이, 높였다 and 높이는 share their content morphemes."""
    one, other, high, higher = morphemes(["그림을", "그림이", "금리를 높였다", "금리를 높이는"])
    assert one[0] == other[0] == "그림"
    assert {"금리", "높이"} <= set(high) & set(higher)


def test_latin_is_lower_cased_and_kept():
    """Latin words and numbers are kept, the former in lower case."""
    assert morphemes(["ETF 100"]) == [("etf", "100")]


def test_punctuation_is_left_out():
    """Punctuation and brackets are no morphemes."""
    assert morphemes(["금리, (환율)!"]) == [("금리", "환율")]


def test_decomposed_text_is_the_same_text():
    """NFD text, as macOS gives it, has the morphemes of its NFC form."""
    text = "통화정책을 결정하였다"
    assert morphemes([unicodedata.normalize("NFD", text)]) == morphemes([text])


def test_order_and_empty_texts_are_kept():
    """There is one result per text in order; a text without words has none."""
    assert morphemes(["환율", "", "…", "금리"]) == [("환율",), (), (), ("금리",)]


def test_tags():
    """Each morpheme comes with its tag, marks included; NFD text has those of its NFC form, an empty text none."""
    expected = [("금리", "NNG"), ("를", "JKO"), ("높이", "VV"), ("며", "EC"), (",", "SP")]
    assert tagged("금리를 높이며,") == tagged(unicodedata.normalize("NFD", "금리를 높이며,")) == expected
    assert tagged("") == []


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["기준금리를 동결하기로 결정하였", "습니다."], "기준금리를 동결하기로 결정하였습니다."),
        (["한국은행은 물가", "상승률을 점검하였다."], "한국은행은 물가 상승률을 점검하였다."),
        (["금융통화위원회", "는 금리를 올렸다."], "금융통화위원회는 금리를 올렸다."),
        (["  앞뒤 공백 ", "", "  "], "앞뒤 공백"),
        ([], ""),
    ],
)
def test_lines_are_joined_by_morphology(lines, expected):
    """A word broken over a line end becomes whole, two words stay two, empty lines count for nothing."""
    assert join_lines(lines) == expected
