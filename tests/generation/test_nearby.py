"""The texts nearest to a question are those that share its rarest words, or mean what it means."""

import pytest

from finsmith.core.errors import ParamsError
from finsmith.generation.nearby import MeaningIndex, TextIndex, fused

from .made import material, passage

TEXTS = ["담보는 영업점이 평가한다.", "금리는 위원회가 정한다.", "담보와 금리를 공시한다.", "연체를 관리한다.", "…"]
INDEX = TextIndex(TEXTS)


def test_the_nearest_come_first_and_strangers_do_not_come():
    """The passage with both words comes before those with one; those without a word in common are left out."""
    found = INDEX.nearest("담보와 금리는 어떻게 되나요?", 5)
    assert found[0] == 2
    assert sorted(found) == [0, 1, 2]


def test_inflected_words_are_found():
    """평가하는 finds 평가한다: words are compared by morphemes."""
    assert INDEX.nearest("평가하는 곳", 1) == [0]


def test_no_more_than_asked_for_or_there_are():
    """The count bounds what comes, and may exceed the corpus."""
    assert len(INDEX.nearest("담보와 금리", 1)) == 1
    assert len(INDEX.nearest("담보와 금리", 99)) == 3


def test_a_question_without_known_words_finds_nothing():
    """Unknown words, marks and nothing at all share no word."""
    assert [INDEX.nearest(question, 3) for question in ("블록체인", "?!", "")] == [[], [], []]


def test_headings_count():
    """A passage is found by the heading it stands under."""
    under = passage("다음과 같이 정한다.", headings=("외환",))
    others = [passage(text) for text in TEXTS]
    assert material([*others, under]).nearest("외환", 1) == [under]


def test_one_text_or_none_is_an_index_too():
    """The smallest corpora work."""
    assert TextIndex(TEXTS[:1]).nearest("담보", 5) == [0]
    assert TextIndex([]).nearest("담보", 5) == []


def test_equals_come_in_their_order():
    """Of ten texts with the same words the first come, so that the same corpus gives the same clues everywhere."""
    assert TextIndex(["담보를 평가한다."] * 10).nearest("담보", 4) == [0, 1, 2, 3]


REPAYMENT = "A borrower who does not repay on time is charged default interest."
HOURS = "The branch opens at nine in the morning on working days."
VAULT = "Two people open the vault together."
MISSED = "What happens when customers miss an instalment?"  # no word of it stands in REPAYMENT


def test_meaning_is_found_without_a_shared_word(minilm):
    """Words find nothing; embeddings put the text that answers first, and the count bounds them."""
    texts = [HOURS, VAULT, REPAYMENT]
    assert TextIndex(texts).nearest(MISSED, 3) == []
    index = MeaningIndex(texts, minilm)
    assert index.nearest(MISSED, 3)[0] == 2
    assert index.nearest(MISSED, 1) == [2]


def test_a_named_embedding_model_adds_what_words_miss(minilm):
    """Without one a passage without shared words is never near; with one it stands before strangers."""
    passages = [passage(text) for text in (HOURS, VAULT, REPAYMENT)]
    assert material(passages).nearest(MISSED, 3) == []
    assert material(passages, rag={"embedding_model": minilm}).nearest(MISSED, 3)[0].text == REPAYMENT


def test_what_stands_high_in_both_rankings_comes_first():
    """Second twice beats first once; what one ranking lacks comes after; of equals the first."""
    assert fused([[7, 1, 3], [9, 1, 3]], 9) == [1, 3, 7, 9]
    assert fused([[4, 2]], 9) == [4, 2]
    assert fused([[4, 2], []], 1) == [4]


def test_a_folder_without_a_model_is_named(tmp_path):
    """The error says which parameter it is and what may stand there."""
    with pytest.raises(ParamsError, match=r"generate\.rag\.embedding_model.*sentence-transformers can load"):
        MeaningIndex(TEXTS, str(tmp_path))
