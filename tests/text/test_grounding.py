"""What a text says that its sources do not: the functions behind the gates for rows and for written answers.

The gates' own tests, in Korean and English and for every shape of row, are in tests/curation/test_grounding.py.
"""

from finsmith.text.grounding import against_direction, foreign_names, least_supported

SOURCE = "기업대출 잔액은 한 해 전보다 늘었다.\n가계대출 잔액은 규제가 강화되어 줄었다."


def test_a_direction_is_held_against_the_sentence_it_rests_on():
    """Both sentences are named; another sentence's direction, and a topic hardly known, are no fault."""
    wrong = "가계대출 잔액은 늘었습니다."
    assert against_direction(wrong, SOURCE, 0.5) == (wrong, "가계대출 잔액은 규제가 강화되어 줄었다.")
    assert against_direction("기업대출 잔액은 늘었습니다.", SOURCE, 0.5) is None
    assert against_direction("코스피와 환율과 국고채 잔액은 줄었다. ", SOURCE.splitlines()[0], 0.5) is None
    assert against_direction("코스피와 환율과 국고채 잔액은 줄었다.", SOURCE.splitlines()[0], 0.1) is not None


def test_a_name_of_any_source_is_known():
    """Proper nouns and acronyms that no source has come sorted; one of a second source passes."""
    text = "서울과 부산의 창구에서 ETF와 DSR을 점검한다."
    assert foreign_names(text, "서울의 창구", "ETFs") == ["DSR", "부산"]
    assert foreign_names(text, text) == []


def test_the_least_supported_sentence_is_told():
    """기업, 대출 and 잔액 are known, 화성 and 춤추다 are not: 3 of 5; a sentence of one word is too short to tell."""
    text = "기업대출 잔액은 늘었다. 기업대출 잔액은 화성에서 춤춘다. 춤춘다."
    assert least_supported(text, SOURCE) == (0.6, "기업대출 잔액은 화성에서 춤춘다.")
    assert least_supported("춤춘다.", SOURCE) == (1.0, "")
