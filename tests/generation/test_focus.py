"""What a question is to be about: a sentence or row of the passage, another one for each item, drawn by seed."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.generation.focus import Focus, draw, has_calculation, says_enough

from .made import passage

KINDS = ("fact", "number", "cause", "exception", "term", "calculation")
NUMBER = "심사역은 접수일부터 7영업일 안에 결과를 통지하여야 한다."
CAUSE = "금리가 오른 영향으로 연체가 늘어난 것으로 조사되었다."
EXCEPTION = "다만 담보가 있는 경우에는 그러하지 아니하다고 본다."
TERM = "전결권이란 여신을 혼자 승인할 수 있는 권한을 말한다."
FACT = "여신위원회는 한도를 초과하는 대출을 승인하여야 한다."
TABLE = "| 구분(억 원) | 2022년 | 2023년 |\n| --- | --- | --- |\n| 가계대출 | 120 | 150 |\n| 기업대출 | 1,200 | - |"
ALL = passage("\n".join([NUMBER, CAUSE, EXCEPTION, TERM, FACT, TABLE]))


def foci(text, kinds=KINDS, count=6, seed="s"):
    return draw(passage(text), kinds, count, seed)


@pytest.mark.parametrize(
    ("kind", "evidence"), [("number", NUMBER), ("cause", CAUSE), ("exception", EXCEPTION), ("term", TERM)]
)
def test_each_kind_takes_a_sentence_that_bears_it(kind, evidence):
    """An amount, a cause, an exception or a definition is asked for only where there is one."""
    assert [focus.evidence for focus in draw(ALL, (kind,), 1, "s")] == [evidence]
    assert draw(passage("여신위원회는 대출을 심사하는 곳으로 알려져 있다."), (kind,), 1, "s") == []


def test_a_fact_is_asked_of_any_sentence_and_of_those_with_a_rule_first():
    """Over seeds all sentences with a question by rule come and no other; where there is none, all come."""
    assert {f.evidence for n in range(40) for f in draw(ALL, ("fact",), 1, str(n))} == {NUMBER, FACT}
    free = "\n".join([CAUSE, EXCEPTION, TERM])
    assert {f.evidence for n in range(40) for f in foci(free, ("fact",), 1, str(n))} == {CAUSE, EXCEPTION, TERM}


def test_a_calculation_takes_a_row_of_two_numbers_with_its_header():
    """A row with one number, the heading row and the rule below it are not taken; the heading row comes along."""
    (focus,) = draw(ALL, ("calculation",), 1, "s")
    assert focus == Focus("calculation", "| 가계대출 | 120 | 150 |", "| 구분(억 원) | 2022년 | 2023년 |")


def test_a_row_with_only_one_number_above_zero_bears_no_calculation():
    """What is below zero is not calculated with, however it is written."""
    for sign in ("-", "△", "▲"):
        assert foci(f"| 구분 | 2022년 | 2023년 |\n| 순이익 | {sign}30 | 150 |", ("calculation",)) == []


def test_the_question_by_rule_comes_with_its_answer():
    """Of a sentence with an amount the rule's question and answer come along; where no rule fits both are empty."""
    (focus,) = foci(NUMBER, ("number",), 1)
    assert focus == Focus(
        "number", NUMBER, "", "7영업일", "심사역은 접수일부터 몇 영업일 안에 결과를 통지하여야 하는가?"
    )
    assert foci("접수일부터 7영업일 안에 결과를 통지할 것", ("number",), 1)[0].question == ""


def test_kinds_that_follow_by_rule_come_first():
    """Of a passage that bears all kinds the first two drawn are those with a question by rule."""
    assert {focus.kind for focus in draw(ALL, KINDS, 2, "s")} == {"number", "fact"}


def test_every_item_has_evidence_of_its_own():
    """Six kinds take six different pieces of the passage."""
    drawn = draw(ALL, KINDS, 6, "s")
    assert sorted(focus.kind for focus in drawn) == sorted(KINDS)
    assert len({focus.evidence for focus in drawn}) == 6
    assert len(draw(ALL, KINDS, 3, "s")) == 3


def test_the_draw_is_the_seeds():
    """The same seed draws the same; seeds spread over the sentences about evenly: the first is no favourite."""
    sentences = [f"제{n}본부는 매월 {n}회 점검을 실시하여야 한다." for n in "2345"]
    counts = Counter(focus.evidence for n in range(200) for focus in foci("\n".join(sentences), ("number",), 1, str(n)))
    assert set(counts) == set(sentences)
    assert max(counts.values()) < 90
    assert foci("\n".join(sentences)) == foci("\n".join(sentences))


@pytest.mark.parametrize(
    ("line", "evidence"),
    [
        (f"1. {NUMBER}", NUMBER),
        (f"② {NUMBER}", NUMBER),
        (f"(3) {NUMBER}", NUMBER),
        (f"가. {NUMBER}", NUMBER),
        (f"제3조(통지) ① {NUMBER}", NUMBER),
        (f"- {NUMBER}", NUMBER),
        (f"□ {NUMBER}", NUMBER),
        ("3.5%는 기준금리의 하한으로 정한다.", "3.5%는 기준금리의 하한으로 정한다."),
        ("-0.5%의 금리를 적용하는 경우가 있다.", "-0.5%의 금리를 적용하는 경우가 있다."),
        (f"{NUMBER} <개정 2013. 5. 22., 2014. 10. 15.>", NUMBER),
        (f"[본조신설 2013. 5. 22.] {NUMBER}", NUMBER),
        ("시행일은 2024. 3. 1.부터 3년간으로 한다.", "시행일은 2024. 3. 1.부터 3년간으로 한다."),
    ],
)
def test_marks_of_lists_are_no_part_of_a_sentence(line, evidence):
    """Numbers, letters and bullets before a sentence go; numbers that are meant, and dates with spaces, stay whole."""
    assert {focus.evidence for focus in foci(line, ("number",))} == {evidence}


@pytest.mark.parametrize(
    "line",
    [
        "7영업일의 통지 기한",  # short
        "가" * 221 + " 3회 한다.",
        "업자는 기한(3영업일을 말한다.",  # half a bracket
        "제2절 통지의 기한과 방법 그리고 그 밖의 사항",  # no number but the heading's
        "| 7영업일 안에 결과를 통지하여야 한다 |",
        "(%) 2024년 2월 13일(1월CPI 발표) (%) 3회",
        "연체율 0.35%, 전년 동기 대비 3회 상회",
    ],
)
def test_what_is_no_sentence_by_itself_is_not_drawn(line):
    """Scraps, monsters, halves, headings and table rows bear no question of number or cause."""
    assert foci(line, ("number", "cause", "term", "exception")) == []


def test_of_questions_by_rule_the_short_ones_come_first():
    """A statement of several clauses gives a clumsy question: it is drawn where there is no other."""
    clauses = "담당자는 신청서를 접수하고 담보의 가격과 순위를 확인하여 그 내용을 전산에 적은 다음, " * 3
    long = f"{clauses}심사 결과를 9영업일 안에 알린다."
    assert {foci(f"{long}\n{NUMBER}", ("number",), seed=str(seed))[0].evidence for seed in range(9)} == {NUMBER}
    assert foci(long, ("number",))[0].answer == "9영업일"


def test_a_text_says_enough_with_two_statements():
    """Tables, addresses and headings say nothing by themselves."""
    assert says_enough(f"{NUMBER}\n{NUMBER.replace('7', '9')}")
    assert not says_enough(f"{NUMBER}\n| 부서 | 담당자는 3명이다. |\n제2절 그 밖의 사항")


def test_a_table_with_amounts_in_a_row_has_a_calculation():
    """Two amounts beside a row's name are enough; a heading row, names or one amount are not."""
    assert has_calculation("| 지점 | 예금 | 대출 |\n| --- | --- | --- |\n| 종로 | 1,200 | 900 |")
    assert not has_calculation("| 지점 | 2025 | 2026 |\n| --- | --- | --- |\n| 종로 | 1,200 | 미정 |")
    assert not has_calculation(NUMBER)


def test_according_to_a_rule_is_no_cause():
    """조에 따라 and 법에 따른 say by what right, not why, and 승인하여 holds 인하여 by chance; 상승에 따라 says why."""
    assert foci("은행은 제12조에 따라 여신을 심사하여야 한다.", ("cause",)) == []
    assert foci("은행은 관련 법에 따른 절차를 지켜야 한다.", ("cause",)) == []
    assert foci("여신위원회는 대출을 승인하여야 하고 확인해야 한다.", ("cause",)) == []
    assert len(foci("금리 상승에 따라 은행의 이익이 감소하였다.", ("cause",))) == 1
    assert len(foci("금리 상승으로 인하여 은행의 이익이 감소하였다.", ("cause",))) == 1


PIECES = st.lists(
    st.sampled_from(
        [NUMBER, CAUSE, EXCEPTION, TERM, FACT, TABLE, "제1장 총칙", "(1)", "3.", "한다.", "| 1 | 2 |", "5%"]
    ),
    max_size=8,
)


@settings(max_examples=40)
@given(PIECES.map("\n".join), st.integers(0, 9))
def test_evidence_stands_in_the_passage_and_nowhere_twice(text, seed):
    """Whatever the passage: evidence and header are pieces of it, evidence is not repeated, the draw is repeatable."""
    drawn = foci(text, seed=str(seed))
    assert all(focus.evidence in text and focus.header in text for focus in drawn)
    assert len({focus.evidence for focus in drawn}) == len(drawn)
    assert foci(text, seed=str(seed)) == drawn
