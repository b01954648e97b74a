"""The marks of clues, and the clues that an answer names."""

import pytest

from finsmith.text.clues import marked, named, numbered, without_marks

INPUT = "머리말\n[단서 1] 한도는 5%이다.\n둘째 줄 [단서 9]\n\n[Clue 2] The cap is 3.\n\n[단서 3] 셋"


def test_the_clues_of_an_input_come_with_their_numbers():
    """A mark counts where a line begins with it; what stands before the first is left out."""
    assert numbered(INPUT) == [
        ("1", " 한도는 5%이다.\n둘째 줄 [단서 9]\n\n"),
        ("2", " The cap is 3.\n\n"),
        ("3", " 셋"),
    ]


def test_marks_are_taken_out_wherever_they_stand():
    """In Korean and English, in any case of letters; a bracket that is none stays."""
    assert without_marks("가[단서 1]나 [clue 2] [단서 12] [단서]") == "가 나   [단서 12] [단서]"
    assert marked("가[단서 1] [CLUE 2] 단서 3") == {"1", "2"}


@pytest.mark.parametrize(
    ("answer", "numbers"),
    [
        ("7영업일입니다. [단서 2]", {2}),
        ("단서 2에 따르면 7영업일이고, 단서3도 같다.", {2, 3}),
        ("근거는 1번 단서이다.", {1}),
        ("3번째 단서에서 찾았습니다.", {3}),
        ("See clue 2.", {2}),
        ("[단서 1] [단서 1]", {1}),
        ("7영업일입니다. [2]", set()),
        ("단서 12와 21번 단서", set()),
        ("2번 서류의 단서", set()),
    ],
)
def test_the_clues_an_answer_names(answer, numbers):
    """By mark or in words; a bare number in brackets, and numbers of two digits, name none."""
    assert named(answer) == numbers
