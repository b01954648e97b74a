"""The place of the right answer: by seed, evenly, and the same in every process."""

import os
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from finsmith.generation.choices import answer_text, choices_text, place_answer

from .made import generate_params

KEYS = [f"{seed}:{number:016x}" for seed in (1, 11) for number in range(1000)]


def test_the_answer_stands_at_each_letter_about_as_often():
    """Over 2,000 fixed keys the letters of the right answer are even by chi-square (p > 0.01)."""
    counts = Counter(place_answer("정답", ("가", "나", "다"), key)[1] for key in KEYS)
    assert chisquare([counts[letter] for letter in range(4)]).pvalue > 0.01


def test_the_distractors_move_too():
    """Every one of the 24 orders comes about as often: no distractor has a place of its own (p > 0.01)."""
    counts = Counter(place_answer("정답", ("가", "나", "다"), key)[0] for key in KEYS)
    assert len(counts) == 24
    assert chisquare(list(counts.values())).pvalue > 0.01


def test_the_place_is_the_same_in_every_process():
    """Another process with another hash seed puts the answers where this one does."""
    script = (
        "from finsmith.generation.choices import place_answer\n"
        "print([place_answer('정답', ('가', '나', '다'), f'11:{n}')[1] for n in range(40)])"
    )
    here = str([place_answer("정답", ("가", "나", "다"), f"11:{number}")[1] for number in range(40)])
    for hash_seed in ("1", "2"):
        env = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONIOENCODING": "utf-8"}
        ran = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True)
        assert ran.stdout.strip() == here


@settings(max_examples=50)
@given(choices=st.lists(st.text(min_size=1), min_size=4, max_size=4, unique=True), seed=st.text())
def test_the_answer_is_found_where_the_index_says(choices, seed):
    """The four choices are kept, and the index points at the right one."""
    placed, at = place_answer(choices[0], choices[1:], seed)
    assert sorted(placed) == sorted(choices)
    assert placed[at] == choices[0]


def test_choices_and_answer_as_text():
    """Choices stand one a line under A to D; the answer line names letter and choice."""
    assert choices_text(("3일", "5일", "7일", "9일")) == "A. 3일\nB. 5일\nC. 7일\nD. 9일"
    assert answer_text(("3일", "5일", "7일", "9일"), 2, generate_params()) == "정답: C. 7일"


def test_three_choices_are_refused():
    """There is no question with fewer than four choices."""
    with pytest.raises(ValueError, match="shorter"):
        choices_text(("3일", "5일", "7일"))
