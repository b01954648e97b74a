"""Asking by choice text, by letter and by a written answer, against tables written by hand."""

import pytest

from finsmith.evaluation.evaluators import Answer, Setting, choice_text, generation, letter, likeliest

from .tables import COIN, LOAN, RATE, TablePredictor

PLAIN = Setting(max_answer_tokens=40)
SHOWN = Setting(examples=(COIN, LOAN), max_answer_tokens=40)
COIN_LISTED = "동전을 만드는 곳은?\n\nA. 우체국\nB. 한국조폐공사\nC. 관세청\nD. 한국거래소"
LOAN_LISTED = "대출은?\n\nA. 빌린 돈\nB. 맡긴 돈\nC. 번 돈\nD. 쓴 돈\nE. 준 돈"
RATE_LISTED = "기준금리를 정하는 곳은?\n\nA. 금융통화위원회\nB. 국세청\nC. 예금보험공사\nD. 법원"
TASK = '다음 물음의 답을 보기에서 하나만 골라 그 글자를 "정답: " 뒤에 쓰십시오.'


def test_choice_text_is_log_likelihood_per_character():
    """Totals -14, -9, -15, -6 over 7, 3, 6, 2 characters are -2, -3, -2.5, -3: the longest choice wins."""
    totals = dict(zip(RATE.choices, (-14.0, -9.0, -15.0, -6.0), strict=True))
    predictor = TablePredictor({("<질문>기준금리를 정하는 곳은?<답>", c): total for c, total in totals.items()})
    assert choice_text([RATE], predictor, PLAIN) == [Answer(0, (-2.0, -3.0, -2.5, -3.0))]


def test_choice_text_keeps_questions_apart_and_in_order():
    """Two questions give two answers in question order, each under its own prompt."""
    texts = {("<질문>기준금리를 정하는 곳은?<답>", c): -1.0 * len(c) for c in RATE.choices}
    texts |= {("<질문>동전을 만드는 곳은?<답>", c): -2.0 * len(c) for c in COIN.choices}
    scores = [answer.scores for answer in choice_text([COIN, RATE], TablePredictor(texts), PLAIN)]
    assert scores == [(-2.0,) * 4, (-1.0,) * 4]


def test_letter_asks_with_all_choices_once_per_question():
    """The prompt is stem, a blank line, the lettered choices, and "정답:" after the chat prompt."""
    prompts = {
        f"<질문>{RATE_LISTED}<답>정답:": (-1.0, -2.0, -3.0, -4.0),
        f"<질문>{COIN_LISTED}<답>정답:": (-4.0, -3.0, -2.0, -1.0),
    }
    answers = letter([COIN, RATE], TablePredictor(letters=prompts), PLAIN)
    assert answers == [Answer(3, (-4.0, -3.0, -2.0, -1.0)), Answer(0, (-1.0, -2.0, -3.0, -4.0))]


def test_fours_and_fives_are_scored_together():
    """A question with five choices shows and scores E; one with four beside it neither, however likely E is."""
    scores = (-1.0, -2.0, -3.0, -4.0, -0.5)
    prompts = {f"<질문>{COIN_LISTED}<답>정답:": scores, f"<질문>{LOAN_LISTED}<답>정답:": scores}
    answers = letter([COIN, LOAN], TablePredictor(letters=prompts), PLAIN)
    assert answers == [Answer(0, scores[:4]), Answer(4, scores)]


def test_a_written_answer_is_asked_for_and_read():
    """The task stands before the lettered question; what is written is kept, and None where it names no choice."""
    answers = {f"<질문>{TASK}\n\n{RATE_LISTED}<답>": "정답: A", f"<질문>{TASK}\n\n{COIN_LISTED}<답>": "동전은 돈이다."}
    assert generation([COIN, RATE], TablePredictor(answers=answers), PLAIN) == [
        Answer(None, reply="동전은 돈이다."),
        Answer(0, reply="정답: A"),
    ]


def test_a_written_answer_is_cut_where_told():
    """No more tokens are asked for than the setting allows."""
    predictor = TablePredictor(answers={f"<질문>{TASK}\n\n{RATE_LISTED}<답>": "정답: A가 아니다"})
    assert generation([RATE], predictor, Setting(max_answer_tokens=5)) == [Answer(0, reply="정답: A")]


def test_each_evaluator_words_worked_examples_its_own_way():
    """In the order given, before the question: stem and right choice, or the list and its letter, or a whole answer."""
    asked = "<질문>물음: 동전을 만드는 곳은?\n답: 한국조폐공사\n\n물음: 대출은?\n답: 준 돈\n\n"
    asked += "물음: 기준금리를 정하는 곳은?<답>"
    texts = TablePredictor({(asked, choice): -1.0 for choice in RATE.choices})
    assert choice_text([RATE], texts, SHOWN)[0].place == 0
    asked = f"<질문>{COIN_LISTED}\n정답: B\n\n{LOAN_LISTED}\n정답: E\n\n{RATE_LISTED}<답>정답:"
    assert letter([RATE], TablePredictor(letters={asked: (-2, -1, -3, -3)}), SHOWN)[0].place == 1
    asked = (
        f"<질문>{TASK}\n\n{COIN_LISTED}\n정답: B. 한국조폐공사\n\n{LOAN_LISTED}\n정답: E. 준 돈\n\n{RATE_LISTED}<답>"
    )
    assert generation([RATE], TablePredictor(answers={asked: "C"}), SHOWN)[0].place == 2


@pytest.mark.parametrize(("scores", "place"), [((-1, -1, -2, -3), 0), ((-3, -1, -1, -2), 1), ((-4, -3, -2, -1), 3)])
def test_the_likeliest_is_the_first_of_the_highest(scores, place):
    """A tie is broken by place, the same way every time."""
    assert likeliest(scores).place == place
