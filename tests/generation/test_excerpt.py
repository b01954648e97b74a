"""An excerpt keeps the sentences nearest to the question, the one that answers always, and changes no word."""

import pytest

from finsmith.generation.excerpt import excerpt, nearest_piece

TEXT = (
    "심사역은 신청서를 접수한다. 담보는 영업점이 평가한다.\n"
    "결과는 7영업일 안에 통지한다. 담보 평가가 늦으면 5영업일을 더한다.\n"
    "그 밖의 일은 부장이 정한다."
)
TABLE = "상품별 한도\n| 상품 | 한도 |\n|---|---|\n| 신용 | 3억원 |\n| 담보 | 5억원 |\n표의 한도는 매년 고친다."


def cut(text, question, limit, must=""):
    """An excerpt whose tokens are characters."""
    return excerpt(text, question, must, limit, len)


def test_the_nearest_sentences_stay_in_their_order():
    """Both sentences on collateral fit; they stand on their own lines, as in the text."""
    assert (
        cut(TEXT, "담보 평가는 누가 하나요?", 42) == "담보는 영업점이 평가한다.\n담보 평가가 늦으면 5영업일을 더한다."
    )


def test_what_is_left_is_filled_from_the_start():
    """A question that shares no word takes the first sentences, so that a clue's length tells nothing."""
    assert cut(TEXT, "블록체인이란?", 30) == "심사역은 신청서를 접수한다. 담보는 영업점이 평가한다."


def test_the_sentence_that_answers_comes_first():
    """It stays though others are nearer to the question; where it does not fit or stand there, nothing is given."""
    must = "결과는 7영업일 안에 통지한다."
    assert cut(TEXT, "담보 평가는 누가 하나요?", 20, must) == must
    assert cut(TEXT, "담보 평가는 누가 하나요?", 15, must) == ""
    assert cut(TEXT, "담보 평가는 누가 하나요?", 99, "없는 문장이다.") == ""


def test_a_row_of_a_table_comes_with_its_heading_row():
    """The row asked about stays understandable; where both do not fit, neither is taken."""
    assert cut(TABLE, "담보는 얼마인가요?", 40) == "| 상품 | 한도 |\n|---|---|\n| 담보 | 5억원 |"
    assert cut(TABLE, "담보는 얼마인가요?", 22) == "상품별 한도\n표의 한도는 매년 고친다."


@pytest.mark.parametrize("limit", range(0, 140, 7))
@pytest.mark.parametrize("text", [TEXT, TABLE, "", "한 문장이다."])
def test_no_excerpt_is_longer_than_its_limit_nor_has_other_lines(text, limit):
    """Over all limits: it fits, its sentences are the text's, and a limit that holds the text gives it whole."""
    found = cut(text, "담보 한도와 7영업일", limit)
    assert len(found) <= limit
    assert all(line in text for line in found.splitlines())
    assert found == text or limit < len(text)


def test_the_nearest_piece_is_a_sentence_or_a_row():
    """The one that shares most words with the question; the first where none shares any."""
    assert nearest_piece(TEXT, "늦은 담보 평가는 어떻게 되나요?") == "담보 평가가 늦으면 5영업일을 더한다."
    assert nearest_piece(TABLE, "신용은 3억원까지인가요?") == "| 신용 | 3억원 |"
    assert nearest_piece(TEXT, "블록체인") == "심사역은 신청서를 접수한다."
