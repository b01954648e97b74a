"""Filters that compare rows with each other and with the closed test."""

import json
from pathlib import Path

import pytest

from finsmith.curation.row_filters import Finding
from finsmith.curation.set_filters import conflicting_outputs, exact_duplicates, novelty, superseded, test_overlap

from .rows import PARAMS, question, row

test_overlap.__test__ = False  # a filter, no test

TESTSET = Path(__file__).parents[2] / "data/raw/testset/questions.jsonl"
LCR = row("유동성커버리지비율이란 무엇인가요?", "30일 동안의 순현금유출을 고유동성자산으로 견디는 비율이다.")


def test_a_row_that_differs_in_space_and_case_only_is_a_duplicate_of_the_first():
    """The later row is rejected with score 1 against the earlier one's id; the first stays."""
    first = row("ETF란 무엇인가요?", "거래소에 상장된 펀드이다.", source="t1")
    later = row("etf란  무엇인가요?", "거래소에 상장된\n펀드이다.", source="t2")
    third = row("Etf란 무엇인가요?", "거래소에 상장된 펀드이다.", source="t3")
    duplicate = Finding("the same as an earlier row", 1.0, first.id)
    assert exact_duplicates([first, later, third], [], PARAMS) == {later.id: duplicate, third.id: duplicate}


@pytest.mark.parametrize("field", ["instruction", "input", "output"])
def test_rows_that_differ_in_any_field_are_no_duplicates(field):
    """A difference in instruction, input or output alone is enough; text does not slip from one field to the next."""
    changed = LCR.model_dump(exclude={"id"}) | {field: getattr(LCR, field) + " 그리고"}
    assert exact_duplicates([LCR, type(LCR).model_validate(changed)], [], PARAMS) == {}
    assert exact_duplicates([row("가나다라", "마바"), row("가나다", "라마바")], [], PARAMS) == {}


def test_all_rows_that_contradict_each_other_are_rejected():
    """One question, three answers: every row goes, each against a row that says otherwise."""
    rows = [row("기준금리는 얼마인가요?", f"연 {rate}퍼센트이다.", source=f"t{rate}") for rate in (2, 3, 4)]
    other = row("예금금리는 얼마인가요?", "연 3퍼센트이다.")
    found = conflicting_outputs([*rows, other], [], PARAMS)
    assert found.keys() == {r.id for r in rows}
    assert {f.reason for f in found.values()} == {"3 rows share this instruction and input with different outputs"}
    assert all(f.score is None and f.against in {r.id for r in rows} - {id} for id, f in found.items())


def test_a_row_answered_anew_gives_way_to_the_new_one():
    """The old row is rejected against the new one's id; a row evolved from it takes nobody's place."""
    old = row("기준금리란 무엇인가요?", "금리다.", recipe="self_instruct.task")
    better = old.model_copy(update={"output": "중앙은행이 정하는 정책 금리이다."})
    new, evolved = (
        type(old).model_validate(
            better.model_dump(exclude={"id"})
            | {"recipe": recipe, "provenance": {"sources": ["t1"], "parents": [old.id]}}
        )
        for recipe in ("improve.self_instruct", "evolve.deepen")
    )
    assert superseded([old, new, evolved], [], PARAMS) == {old.id: Finding("answered anew", None, new.id)}
    assert superseded([old, evolved], [], PARAMS) == {}


def test_the_same_question_on_different_inputs_is_no_conflict():
    """Instruction and input together ask the question."""
    asked = [row("다음 글을 요약하세요.", f"요약 {n}", given=f"본문 {n}") for n in range(3)]
    assert conflicting_outputs(asked, [], PARAMS) == {}


def test_rows_that_agree_do_not_conflict():
    """Rows that share instruction, input and output from two sources contradict nobody."""
    agreeing = [row("기준금리란 무엇인가요?", "정책 금리이다.", source=s) for s in ("t1", "t2")]
    assert conflicting_outputs(agreeing, [], PARAMS) == {}
    dissenter = row("기준금리란 무엇인가요?", "예금 금리이다.", source="t3")
    found = conflicting_outputs([*agreeing, dissenter], [], PARAMS)
    assert [found[r.id].against for r in (*agreeing, dissenter)] == [dissenter.id, dissenter.id, agreeing[0].id]


def test_novelty_rejects_the_later_of_two_like_rows_and_names_the_earlier():
    """Nine of ten morphemes in common: the later row goes, with the score and the earlier row's id."""
    near = row("유동성커버리지비율은 무엇인가요?", LCR.output, source="t2")
    found = novelty([LCR, near], [], PARAMS)
    assert found.keys() == {near.id}
    finding = found[near.id]
    assert finding.against == LCR.id
    assert finding.score >= 0.7
    assert finding.reason == f"ROUGE-L {finding.score:.3f} to an earlier row, not under 0.7"


def test_novelty_compares_within_a_recipe_only():
    """The same words under another recipe are another task."""
    assert novelty([LCR, row(LCR.instruction, LCR.output, recipe="glossary_qa.english")], [], PARAMS) == {}


def test_a_rejected_row_rejects_nobody():
    """In a chain A~B~C with A unlike C, B goes for A and C stays, since B is not among the kept."""
    a, b, c = (
        row("가계 기업 예금", "채권 주식 환율 물가 고용 수출", source="a"),
        row("가계 기업 예금", "채권 주식 환율 세금 투자 소비", source="b"),
        row("보험 연금 예금", "채권 주식 환율 세금 투자 소비", source="c"),
    )
    params = PARAMS.model_copy(update={"novelty_rouge_l": 0.6})
    # words in common by hand: A,B 6 of 9 words; B,C 7 of 9; A,C 4 of 9
    assert novelty([a, b, c], [], params).keys() == {b.id}
    assert novelty([b, c], [], params).keys() == {c.id}


STEM = "은행이 국외 지점에서 받은 외화예금의 지급준비율을 정하는 기구는 어디인가?"
CHOICES = ("금융통화위원회", "예금보험공사", "금융감독원", "국제결제은행")


@pytest.mark.parametrize(
    ("instruction", "output"),
    [
        (STEM, CHOICES[0]),
        ("은행이 국외 지점에서 받은 외화예금의 지급준비율을 정하는 기구는 어디인가요?", "금융통화위원회입니다."),
        ("국외 지점에서 은행이 받은 외화예금의 지급준비율을 정하는 기구는 어느 곳인가?", "금융통화위원회"),
        ("은행이 해외 지점에서 받은 외화예금의 지급준비율을 정하는 곳은 어디인가?", "금융통화위원회"),
        ("다음 글을 읽고 물음에 알맞은 답을 고르세요.\n\n" + STEM + "\n\nA. 하나\nB. 둘\nC. 셋\nD. 넷", "정답: B. 둘"),
        ("다음 글로 4지선다 문제를 하나 만드세요.", STEM + "\n\nA. 하나\nB. 둘\nC. 셋\nD. 넷\n\n정답: A. 하나"),
    ],
)
def test_a_planted_test_question_is_caught(instruction, output):
    """A test question, verbatim, reworded, or inside a longer row, is rejected and named by id."""
    asked = question(STEM, *CHOICES)
    others = [question("신용카드 가맹점 수수료율의 상한을 정하는 법률은 무엇인가?")]
    planted = row(instruction, output)
    found = test_overlap([planted], [*others, asked], PARAMS)
    assert found[planted.id].against == asked.id
    assert 0 < found[planted.id].score <= 1


@pytest.mark.parametrize(
    ("instruction", "output"),
    [
        ("지급준비율이란 무엇인가요?", "은행이 예금 가운데 중앙은행에 맡겨야 하는 몫이다."),
        ("금융통화위원회는 어떤 기구인가요?", "기준금리를 비롯한 통화정책을 심의하고 의결하는 기구이다."),
        ("외화예금이란 무엇인가요?", "달러 같은 다른 나라 돈으로 넣어 두는 예금이다."),
        ("김치찌개 끓이는 법을 알려 주세요.", "묵은지와 돼지고기를 볶다가 물을 붓고 푹 끓입니다."),
    ],
)
def test_a_row_on_the_same_subject_is_not_caught(instruction, output):
    """A row that speaks of the same things, or of nothing like them, is kept."""
    assert test_overlap([row(instruction, output)], [question(STEM, *CHOICES)], PARAMS) == {}


def test_a_reworded_question_is_caught_whatever_the_row_answers():
    """The instruction alone is held against the stem, so a long answer of another kind does not hide it."""
    planted = row(
        "은행이 해외 지점에서 받은 외화예금의 지급준비율을 정하는 곳은 어디인가?",
        "담당자가 자리를 비웠으니 내일 오전에 다시 전화를 주시거나 가까운 창구를 찾아 번호표를 뽑고 기다려 주세요.",
    )
    reason = test_overlap([planted], [question(STEM, *CHOICES)], PARAMS)[planted.id].reason
    assert reason.startswith("ROUGE-L")


def test_a_row_that_teaches_the_right_choice_is_caught_and_a_wrong_one_is_not():
    """With a bare stem the choice is the question: a row near stem and right choice leaks it, a wrong one does not."""
    choices = (
        "예금보험은 주식 투자에서 생긴 손실을 전액 갚아 준다.",
        "한국은행은 개인에게 주택을 담보로 돈을 빌려준다.",
        "지급준비율을 올리면 은행이 빌려줄 수 있는 돈이 줄어든다.",
        "국채는 빌린 나라가 갚지 않아도 되는 증서이다.",
    )
    asked = question("옳은 설명은?", *choices, answer=2)
    right, wrong = (row("무엇이 맞는 설명인가요?", choices[at]) for at in (2, 0))
    found = test_overlap([right, wrong], [asked], PARAMS)
    assert found.keys() == {right.id}


def test_the_reason_tells_which_measure_caught_a_row():
    """A whole likeness is told as ROUGE-L with its score, a shared run as the number of morphemes."""
    verbatim, inside = row(STEM, CHOICES[0]), row("문제를 하나 만드세요.", "덧붙인 긴 말이 앞뒤로 붙는다. " * 6 + STEM)
    found = test_overlap([verbatim, inside], [question(STEM, *CHOICES)], PARAMS)
    assert found[verbatim.id] == Finding(
        "ROUGE-L 1.000 to a test question, not under 0.7", 1.0, question(STEM, *CHOICES).id
    )
    assert found[inside.id].reason == "shares 10 morphemes in a row with a test question"
    assert found[inside.id].score < 0.7


def test_every_question_of_the_sample_test_set_is_caught_when_planted():
    """All closed questions, each planted as an instruction with its right choice, are rejected by their own id."""
    with TESTSET.open(encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines]
    questions = [question(r["question"], *r["choices"], answer=r["answer"]) for r in read]
    planted = [row(q.stem, q.choices[q.answer]) for q in questions]
    found = test_overlap(planted, questions, PARAMS)
    assert [found[p.id].against for p in planted] == [q.id for q in questions]


@pytest.mark.parametrize("field", ["instruction", "given", "output"])
def test_a_question_hidden_in_any_field_of_a_long_row_is_caught(field):
    """A stem, long or short, that stands word for word inside instruction, input or output rejects the row."""
    for stem in (
        "자본비율이 내부 기준 아래로 내려가면 그날 안에 누구에게 먼저 알려야 하는가?",
        "돌우제의 기한은 며칠인가?",
    ):
        asked = question(stem)
        texts = {
            "instruction": "다음 글을 읽고 알맞은 답을 고르세요.",
            "given": "본문이다.",
            "output": "답은 둘째 보기입니다.",
        }
        texts[field] += f" 여러 말이 앞에 온 다음, {stem} 그리고 또 다른 말이 길게 이어진다."
        planted = row(texts["instruction"], texts["output"], texts["given"])
        assert test_overlap([planted], [asked], PARAMS)[planted.id].against == asked.id


def test_without_questions_nothing_overlaps():
    """No test set, no overlap."""
    assert test_overlap([LCR], [], PARAMS) == {}
