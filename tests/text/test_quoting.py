"""Whether words and numbers of a reply stand in their source, spelling apart."""

import pytest

from finsmith.text.quoting import foreign_numbers, numbers, plain, says, stands_in


@pytest.mark.parametrize(
    ("words", "text", "stands"),
    [
        ("7 영업일", "접수일부터 7영업일 안에", True),
        ("“여신위원회”", "여신 위원회는 승인한다", True),
        ("1,000원", "수수료는 1000원", True),
        ("ＡＢＳ", "abs를 발행", True),
        ("예금·적금", "예금 적금", True),
        ("3.5%", "금리는 35%이다", False),
        ("AA+", "등급은 AA-이다", False),
        ("심사역", "심사부", False),
        ("", "무엇이든", False),
        ("…", "무엇이든", False),
    ],
)
def test_spaces_quotes_commas_and_width_make_no_difference(words, text, stands):
    """Spaces, quotes, commas, full stops and full width are forgiven; decimal points, signs and words are not."""
    assert stands_in(words, text) == stands


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,240.50원과 1240.5원", {"1240.5"}),
        ("0.50%p, 007, 3.0배", {"0.5", "7", "3"}),
        ("2024년 3월 1일", {"2024", "3", "1"}),
        ("12,345,678원", {"12345678"}),
        ("３개월", {"3"}),
        ("2022,2023년", {"2022", "2023"}),
        ("삼백만원", set()),
    ],
)
def test_numbers_are_the_same_however_they_are_written(text, found):
    """Separators, zeros at the ends and full width make no other number; numbers in words are none."""
    assert numbers(text) == found


def test_an_answer_is_said_by_its_words_or_by_all_of_its_numbers():
    """One number of two is not enough, and an answer without numbers has to stand there."""
    assert says("7영업일", "기한은 영업일로 7일이다")
    assert says("3년 6개월", "6개월을 더한 3년")
    assert not says("3년 6개월", "3년이다")
    assert not says("여신위원회", "위원회")
    assert says("여신위원회", "여신 위원회")


def test_foreign_numbers_are_those_no_source_has():
    """Numbers of either source are known, one figure by itself passes, and what is left is sorted."""
    assert foreign_numbers("2023년 15건, 3가지 가운데 40%와 0.5%", "2023년", "40%") == ["0.5", "15"]
    assert foreign_numbers("세 가지", "") == []


def test_plain_keeps_what_makes_a_difference():
    """3.5 and 35, AA+ and AA- stay apart; the rest is ornament."""
    assert plain(" 「A A+」, 3.5%. ") == "aa+3.5%"
