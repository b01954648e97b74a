"""Reading, checking and balancing the closed test set."""

import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.core.errors import SourceError
from finsmith.testset.params import TestsetParams
from finsmith.testset.read import read_testset, testset_statistics

TestsetParams.__test__ = False  # a section, no test
testset_statistics.__test__ = False  # a function, no test

AS_WRITTEN = TestsetParams(
    source="data/raw/testset", general="data/raw/general_testset", balance_letters=False, candidates="", size=1, seed=7
)
BALANCED = AS_WRITTEN.model_copy(update={"balance_letters": True})
GOOD = {
    "question": "기준금리를 정하는 곳은?",
    "choices": ["금융통화위원회", "국세청", "예금보험공사", "법원"],
    "answer": 0,
    "explanation": "금융통화위원회가 정한다.",
    "source": "한국은행법",
    "evidence": "금융통화위원회는",
}
SAMPLE = Path(__file__).parents[2] / "data/raw/testset"


def dumped(**changes):
    return json.dumps(GOOD | changes, ensure_ascii=False)


def without(field):
    return json.dumps({k: v for k, v in GOOD.items() if k != field}, ensure_ascii=False)


def write_lines(path, *lines):
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def test_a_good_question_comes_through_as_written(tmp_path):
    """Stem, choices, answer, explanation, source and evidence are kept; without balancing so is the order."""
    write_lines(tmp_path / "a.jsonl", dumped())
    (question,) = read_testset(tmp_path, AS_WRITTEN).questions
    assert question.model_dump(exclude={"id", "stem"}) == {
        "choices": tuple(GOOD["choices"]),
        **{k: GOOD[k] for k in ("answer", "explanation", "source", "evidence")},
        "kind": "",
        "recipe": "",
    }
    assert question.stem == GOOD["question"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (dumped(answer=4), "answer: 4 is none of 4 choices, counted from 0"),
        (dumped(choices=[*GOOD["choices"], "우체국"], answer=5), "answer: 5 is none of 5 choices"),
        (dumped(answer=-1), "answer: Input should be greater than or equal to 0"),
        (dumped(answer="가"), "answer: Input should be a valid integer"),
        (dumped(choices=["국세청", "국세청", "법원", "우체국"]), "the choices are not distinct"),
        (dumped(choices=["국세청", " 국세청 ", "법원", "우체국"]), "the choices are not distinct"),
        (dumped(choices=["국세청", "법원", "우체국"]), "choices: Tuple should have at least 4 items"),
        (dumped(choices=list("가나다라마바")), "choices: Tuple should have at most 5 items"),
        (dumped(choices="가나다라"), "choices: not a list"),
        (dumped(choices=["국세청", "", "법원", "우체국"]), "the question or a choice is empty"),
        (dumped(question="  "), "the question or a choice is empty"),
        (without("answer"), "no field 'answer'"),
        (without("question"), "no field 'question'"),
        (without("choices"), "no field 'choices'"),
        (dumped(), "the same question stands earlier"),
        (dumped(question="기준금리를  정하는 곳은? ", answer=2), "the same question stands earlier"),
        ('{"question": "끝나지', "unexpected end of data"),
        ("[1, 2]", "list indices must be integers"),
    ],
)
def test_a_bad_line_is_a_reject_with_its_number_and_reason(tmp_path, line, reason):
    """A bad question costs itself only, and is told by file, line and reason with its text."""
    write_lines(tmp_path / "web.jsonl", dumped(), line, dumped(question="동전을 만드는 곳은?"))
    read = read_testset(tmp_path, AS_WRITTEN)
    assert {q.stem for q in read.questions} == {"기준금리를 정하는 곳은?", "동전을 만드는 곳은?"}
    ((reject,)) = read.rejects
    assert (reject.source, reject.place, reject.text) == ("web.jsonl", "line 2", line)
    assert reason in reject.reason


@pytest.mark.parametrize("field", ["explanation", "source", "evidence"])
def test_a_question_needs_no_explanation(tmp_path, field):
    """Explanation, source and evidence may be absent."""
    write_lines(tmp_path / "a.jsonl", without(field))
    (question,) = read_testset(tmp_path, AS_WRITTEN).questions
    assert getattr(question, field) == ""


def test_spaces_jamo_and_a_byte_order_mark_do_not_matter(tmp_path):
    """Runs of space become one, decomposed Hangul is composed, and a file saved by Windows is read from line 1."""
    line = dumped(choices=["국세청", "\u1107\u1165\u11b8\u110b\u116f\u11ab", "예금보험공사", "한국  은행"], answer=1)
    (tmp_path / "a.jsonl").write_bytes(f"{line}\r\n".encode("utf-8-sig"))
    read = read_testset(tmp_path, AS_WRITTEN)
    assert read.rejects == []
    assert read.questions[0].choices == ("국세청", "법원", "예금보험공사", "한국 은행")


def test_labels_come_through(tmp_path):
    """Kind and recipe are kept, trimmed, through balancing too."""
    write_lines(tmp_path / "a.jsonl", dumped(kind=" fact ", recipe="web"))
    for params in (AS_WRITTEN, BALANCED):
        (question,) = read_testset(tmp_path, params).questions
        assert (question.kind, question.recipe) == ("fact", "web")


@given(st.integers(1, 30), st.integers(0, 3), st.integers(0, 99))
@settings(max_examples=50)
def test_balancing_spreads_the_letters_and_changes_no_answer(tmp_path_factory, count, letter, seed):
    """Each letter is right equally often, give or take one; the right text stays right and no choice is lost."""
    folder = tmp_path_factory.mktemp("testset")
    write_lines(folder / "a.jsonl", *(dumped(question=f"물음 {n}?", answer=letter) for n in range(count)))
    questions = read_testset(folder, BALANCED.model_copy(update={"seed": seed})).questions
    letters = Counter(q.answer for q in questions)
    assert max(letters[at] for at in range(4)) - min(letters[at] for at in range(4)) <= 1
    assert sorted(q.stem for q in questions) == sorted(f"물음 {n}?" for n in range(count))
    assert {q.choices[q.answer] for q in questions} == {GOOD["choices"][letter]}
    assert all(sorted(q.choices) == sorted(GOOD["choices"]) for q in questions)


def test_fours_and_fives_are_balanced_apart(tmp_path):
    """Of 8 questions with four choices each letter is right twice, of 10 with five too, whatever was right before."""
    five = [*GOOD["choices"], "우체국"]
    lines = [dumped(question=f"물음 {n}?") for n in range(8)]
    lines += [dumped(question=f"다섯 {n}?", choices=five, answer=4) for n in range(10)]
    write_lines(tmp_path / "a.jsonl", *lines)
    questions = read_testset(tmp_path, BALANCED).questions
    for size, right in ((4, GOOD["choices"][0]), (5, "우체국")):
        alike = [q for q in questions if len(q.choices) == size]
        assert Counter(q.answer for q in alike) == dict.fromkeys(range(size), 2)
        assert {q.choices[q.answer] for q in alike} == {right}


def test_the_order_of_lines_and_files_does_not_matter(tmp_path):
    """The same questions in other files and another order are the same test set, sorted by id."""
    lines = [dumped(question=f"물음 {n}?", answer=n % 4) for n in range(9)]
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    write_lines(one / "a.jsonl", *lines)
    write_lines(two / "b.jsonl", *lines[5:])
    write_lines(two / "a.jsonl", *lines[:5][::-1])
    questions = read_testset(one, BALANCED).questions
    assert questions == read_testset(two, BALANCED).questions
    assert [q.id for q in questions] == sorted(q.id for q in questions)
    assert questions != read_testset(one, BALANCED.model_copy(update={"seed": 8})).questions


def test_statistics_by_hand(tmp_path):
    """Right are A, A, D, E; only the first's right choice alone is the longest; guessing: (3/4 + 1/5) / 4."""
    write_lines(
        tmp_path / "a.jsonl",
        dumped(kind="fact"),
        dumped(question="어음은?", choices=["우체국", "한국조폐공사", "관세청", "은행", "법원"], answer=4),
        dumped(question="동전은?", choices=["우체국", "조폐국", "관세청", "국세청"], answer=0),
        dumped(question="지폐는?", choices=["우체국", "한국조폐공사", "관세청", "은행"], answer=3),
        "kaputt",
    )
    read = read_testset(tmp_path, AS_WRITTEN)
    ids = json.dumps(sorted(one.id for one in read.questions), separators=(",", ":"))
    assert testset_statistics(read) == {
        "questions": 4,
        "rejects": 1,
        "examples": 0,
        "answers": {"A": 2, "B": 0, "C": 0, "D": 1, "E": 1},
        "kinds": {"fact": 1, "unlabelled": 3},
        "baseline": 0.2375,
        "right_is_longest_share": 0.25,
        "version": 0,
        "digest": hashlib.sha256(ids.encode()).hexdigest(),
    }


def test_the_sample_test_set_is_whole_and_gives_no_hint_by_length():
    """No line of the sample is rejected, and its right choice is the longest no more often than chance."""
    read = read_testset(SAMPLE, BALANCED)
    assert not read.rejects
    statistics = testset_statistics(read)
    assert statistics["questions"] == len((SAMPLE / "questions.jsonl").read_text("utf-8").splitlines())
    assert statistics["right_is_longest_share"] <= 0.25


def with_examples(folder, *lines):
    """A folder with one question and these worked examples."""
    write_lines(folder / "a.jsonl", dumped())
    (folder / "few_shot").mkdir()
    write_lines(folder / "few_shot/examples.jsonl", *lines)
    return folder


def test_worked_examples_are_no_questions(tmp_path):
    """They are kept in order and as written, also where letters are balanced; a bad one is a reject with its line."""
    lines = [dumped(question=f"보기 물음 {n}?", answer=n) for n in (3, 1, 2)]
    read = read_testset(with_examples(tmp_path, *lines, "kaputt"), BALANCED)
    assert [q.stem for q in read.questions] == [GOOD["question"]]
    assert [(q.stem, q.answer) for q in read.examples] == [(f"보기 물음 {n}?", n) for n in (3, 1, 2)]
    assert [(one.source, one.place) for one in read.rejects] == [("examples.jsonl", "line 4")]


def test_an_example_of_the_test_is_an_error(tmp_path):
    """An example whose stem is a question's, spaces aside, would show its answer; the message names it."""
    folder = with_examples(tmp_path, dumped(question="기준금리를  정하는 곳은? ", choices=list("가나다라")))
    with pytest.raises(SourceError, match=r"examples\.jsonl: the example '기준금리를 정하는 곳은\?' is a question"):
        read_testset(folder, BALANCED)


def test_the_sample_has_five_worked_examples():
    """Five, none rejected, on general finance: none of them about a document or term of the sample, nor with E."""
    read = read_testset(SAMPLE, BALANCED)
    assert len(read.examples) == 5 and not read.rejects
    assert {q.source for q in read.examples} == {"일반 금융"}
    assert len({q.answer for q in read.examples}) == 4


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, r"testset: no \.jsonl file with test questions\. Set `testset\.source`"),
        ("\n", r"testset: no usable question; the first fault: the files are empty"),
        ("kaputt\n", r"testset: no usable question; the first fault: a.jsonl, line 1: "),
    ],
)
def test_a_folder_without_questions_is_an_error_that_says_why(tmp_path, content, says):
    """No file, blank files, or bad lines only: nothing can be tested with them."""
    folder = tmp_path / "testset"
    if content is not None:
        folder.mkdir()
        (folder / "a.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=says):
        read_testset(folder, AS_WRITTEN)
