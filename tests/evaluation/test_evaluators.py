"""Scoring by choice text and by letter, against likelihoods written by hand."""

from finsmith.evaluation.evaluators import choice_text, letter

from .tables import COIN, LOAN, RATE, TablePredictor


def test_choice_text_is_log_likelihood_per_character():
    """Totals -14, -9, -15, -6 over 7, 3, 6, 2 characters are -2, -3, -2.5, -3: the longest choice wins."""
    totals = dict(zip(RATE.choices, (-14.0, -9.0, -15.0, -6.0), strict=True))
    predictor = TablePredictor({("<질문>기준금리를 정하는 곳은?<답>", c): total for c, total in totals.items()})
    assert choice_text([RATE], predictor) == [[-2.0, -3.0, -2.5, -3.0]]


def test_choice_text_keeps_questions_apart_and_in_order():
    """Two questions give two rows of four in question order, each under its own prompt."""
    texts = {("<질문>기준금리를 정하는 곳은?<답>", c): -1.0 * len(c) for c in RATE.choices}
    texts |= {("<질문>동전을 만드는 곳은?<답>", c): -2.0 * len(c) for c in COIN.choices}
    assert choice_text([COIN, RATE], TablePredictor(texts)) == [[-2.0] * 4, [-1.0] * 4]


def test_letter_asks_with_all_choices_once_per_question():
    """The prompt is stem, a blank line, the lettered choices, and "정답:" after the chat prompt."""
    prompts = {
        "<질문>기준금리를 정하는 곳은?\n\nA. 금융통화위원회\nB. 국세청\nC. 예금보험공사\nD. 법원<답>정답:": (
            -1.0,
            -2.0,
            -3.0,
            -4.0,
        ),
        "<질문>동전을 만드는 곳은?\n\nA. 우체국\nB. 한국조폐공사\nC. 관세청\nD. 한국거래소<답>정답:": (
            -4.0,
            -3.0,
            -2.0,
            -1.0,
        ),
    }
    scores = letter([COIN, RATE], TablePredictor(letters=prompts))
    assert scores == [[-4.0, -3.0, -2.0, -1.0], [-1.0, -2.0, -3.0, -4.0]]


def test_fours_and_fives_are_scored_together():
    """A question with five choices shows and scores E; one with four beside it neither."""
    coin = "<질문>동전을 만드는 곳은?\n\nA. 우체국\nB. 한국조폐공사\nC. 관세청\nD. 한국거래소<답>정답:"
    loan = "<질문>대출은?\n\nA. 빌린 돈\nB. 맡긴 돈\nC. 번 돈\nD. 쓴 돈\nE. 준 돈<답>정답:"
    predictor = TablePredictor(letters={coin: (-1.0, -2.0, -3.0, -4.0, -0.5), loan: (-1.0, -2.0, -3.0, -4.0, -0.5)})
    assert letter([COIN, LOAN], predictor) == [[-1.0, -2.0, -3.0, -4.0], [-1.0, -2.0, -3.0, -4.0, -0.5]]
