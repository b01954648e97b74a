"""4-choice questions: from a reply to a solving and a writing example, and calculations that are worked out here."""

import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from finsmith.core.records import Provenance
from finsmith.generation import multiple_choice

from .made import Teacher, in_turn, material, passage, reply_to, user_text

STATEMENT = "심사역은 접수일부터 7영업일 안에 결과를 통지하여야 한다."
BY_RULE = "심사역은 접수일부터 몇 영업일 안에 결과를 통지하여야 하는가?"
ITEM = {
    "answer": "7영업일",
    "asks": "몇 영업일",
    "question": "심사 결과는 접수일부터 몇 영업일 안에 통지하는가?",
    "distractors": ["3영업일", "5영업일", "10영업일", "15영업일"],
    "explanation": "통지 기한은 접수일부터 7영업일이다.",
}
HEADER = "| 구분(억 원) | 2022년 | 2023년 | 증감 |"
TABLE = f"{HEADER}\n| --- | --- | --- | --- |\n| 가계대출 | 120 | 150 | △8 |"
SUM = {
    "expression": "150 - 120",
    "unit": "억 원",
    "question": "가계대출은 2022년보다 2023년에 얼마나 늘었는가?",
    "explanation": "2023년 금액에서 2022년 금액을 뺀다.",
}


def talk(*replies, text=STATEMENT, kinds=("number",), **changes):
    """What came of one passage, and what was asked."""
    source = passage(text)
    made = material([source], multiple_choice={"kinds": kinds}, **changes)
    teacher = Teacher(in_turn(*replies))
    return teacher.drive(multiple_choice.talk(source, made)), teacher.asked


def parts(example):
    """Question, choices by letter, letter and choice of the answer, as a reader sees them."""
    _, question, listed = example.instruction.split("\n\n")
    choices = {line[0]: line[3:] for line in listed.split("\n")}
    assert list(choices) == list("ABCD")
    answer = example.output.split("\n")[0]
    assert answer[:4] == "정답: "
    assert answer[4:] == f"{answer[4]}. {choices[answer[4]]}"
    return question, choices, answer[4], choices[answer[4]]


def calculated(text=TABLE, **changes):
    """Question, answer and distractors of a calculation."""
    made, _ = talk(SUM | changes, text=text, kinds=("calculation",))
    question, choices, _, answer = parts(made.examples[0])
    return question, answer, sorted(set(choices.values()) - {answer})


def test_a_good_reply_gives_a_solving_and_a_writing_example():
    """Both rest on the passage; the one asks the question, the other answers with it; the sentence is the proof."""
    made, (asked,) = talk(ITEM)
    solve, write = made.examples
    assert (solve.recipe, write.recipe) == ("multiple_choice.solve", "multiple_choice.write")
    assert solve.input == write.input == STATEMENT
    question, choices, letter, answer = parts(solve)
    assert (question, answer) == (ITEM["question"], "7영업일")
    assert set(choices.values()) == {"7영업일", "3영업일", "5영업일", "10영업일"}
    assert solve.output == f"정답: {letter}. 7영업일\n해설: {ITEM['explanation']}\n근거: {STATEMENT}"
    assert write.output == f"{solve.instruction.split(chr(10) * 2, 1)[1]}\n\n{solve.output}"
    provenance = Provenance(
        sources=(passage(STATEMENT).id,),
        prompt_sha256=asked.prompt_sha256,
        model="teacher-large-2024-07-18",
        request_key=asked.key,
    )
    assert solve.provenance == write.provenance == provenance
    assert (made.asked, made.parsed, made.rejected) == (1, 1, [])


def test_where_a_rule_fits_answer_and_question_are_its_own():
    """The teacher's answer does not count, nor a question that tells the answer or asks nothing."""
    made, (asked,) = talk(ITEM | {"answer": "3영업일", "question": "결과를 7영업일 안에 통지하는가?"})
    question, _, _, answer = parts(made.examples[0])
    assert (question, answer) == (BY_RULE, "7영업일")
    assert f"물음: {BY_RULE}\n정답: 7영업일" in user_text(asked)


FREE = "결과의 통지 기한은 접수일부터 7영업일"
FREE_ITEM = ITEM | {"question": "결과는 접수일부터 며칠 안에 통지하는가?"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"distractors": ["3영업일"] * 3}, "distractors: List should have at least 4"),
        ({"distractors": ["3영업일", "3 영업일", "7영업일", "9영업일"]}, "fewer than three that differ"),
        ({"distractors": ["7영업일간", "7영업일 이내", "3영업일", "9영업일"]}, "fewer than three that differ"),
        ({"distractors": ["준법감시인", "이사회", "3영업일", "9영업일"]}, "fewer than three that differ"),
        ({"distractors": ["“7영업일”", "7 영업일.", "3영업일", "9영업일"]}, "fewer than three that differ"),
        ({"question": "결과를 통지하는 기한을 고르시오?"}, "it asks nothing"),
        ({"question": "결과는 7 영업일 가운데 며칠 안에 통지하는가?"}, "holds its own answer"),
        ({"question": "지문에서 결과를 통지하는 기한은 며칠인가?"}, "leans on something unseen"),
        ({"question": "30일 가운데 며칠 안에 통지하는가?"}, "not in the passage: 30"),
        ({"answer": "9영업일"}, "'9영업일' does not stand in the sentence"),
        ({"answer": "가" * 41}, "answer: String should match pattern"),
        ({"comment": "참고"}, "comment: Extra inputs"),
    ],
)
def test_a_bad_item_is_asked_for_again_with_its_reason(change, reason):
    """Where no rule fits, a bad question, answer or set of distractors is named in the second request."""
    made, asked = talk(FREE_ITEM | change, FREE_ITEM, text=FREE)
    assert reason in user_text(asked[1])
    assert len(made.examples) == 2
    assert [reject.mended for reject in made.rejected] == [True]


@pytest.mark.parametrize(
    "explanation",
    [
        "결과는 접수일부터 며칠 안에 통지하는가?",
        "The limit is 7 business days.",
        "통지 기한은 접수일부터 30영업일이다.",
        "지문에서 기한은 7영업일이라고 하였다.",
        "통지 기한은 접수일부터 7영업일이며, 접.",
        "기한은 7영업일로 정하고 " * 4 + "있다.",
    ],
    ids=["asks", "another_language", "foreign_number", "leans", "cut_off", "loop"],
)
def test_an_explanation_that_is_none_gives_way_to_the_sentence_itself(explanation):
    """What asks, invents, points at the unseen, breaks off or goes round explains nothing; the row is not lost."""
    made, (_,) = talk(ITEM | {"explanation": explanation})
    assert f"해설: {STATEMENT}\n" in made.examples[0].output


@settings(max_examples=50)
@given(
    st.lists(
        st.sampled_from(["7영업일", "7 영업일", "3영업일", "5영업일", "５영업일", "9영업일", "«9영업일»", " "]),
        min_size=4,
        max_size=4,
    )
)
def test_choices_are_four_distinct_ones_and_the_answer_is_one_of_them(distractors):
    """Spelled as they may be, the choices differ in more than ornament, and the answer stands among them once."""
    made, _ = talk(ITEM | {"distractors": distractors}, ITEM)
    _, choices, _, answer = parts(made.examples[0])
    assert answer == "7영업일"
    bare = [choice.replace(" ", "").replace("５", "5") for choice in choices.values()]
    assert len(set(bare)) == 4


def test_the_letter_is_the_seeds_and_is_spread():
    """The same reply gives the same letter; over 400 passages the letters are even by chi-square (p > 0.01)."""
    assert talk(ITEM)[0].examples == talk(ITEM)[0].examples
    letters = Counter()
    for number in range(400):
        made, _ = talk(ITEM, text=f"{STATEMENT} {number}")
        letters[parts(made.examples[0])[2]] += 1
    assert set(letters) == set("ABCD")
    assert chisquare(list(letters.values())).pvalue > 0.01
    assert {parts(talk(ITEM, seed=seed)[0].examples[0])[2] for seed in range(30)} == set("ABCD")


def test_each_item_of_a_passage_has_its_own_sentence():
    """Two kinds of one passage are two requests on two sentences, asked together."""
    cause = "금리가 오른 영향으로 연체가 늘어난 것으로 조사되었다."
    source = passage(f"{STATEMENT}\n{cause}")
    made = material([source], multiple_choice={"per_passage": 2, "kinds": ("number", "cause")})
    requests = next(multiple_choice.talk(source, made))
    sentences = [user_text(r).rpartition("문장: ")[2].partition("\n")[0] for r in requests]
    assert sorted(sentences) == sorted([STATEMENT, cause])
    assert {r.recipe for r in requests} == {"multiple_choice"}


def test_a_passage_that_bears_no_kind_asks_nothing():
    """Without an amount there is no question of number, and nothing is paid."""
    made, asked = talk(text="여신위원회는 대출을 심사하는 곳으로 알려져 있다.")
    assert (made.asked, made.examples, asked) == (0, [], [])


def test_the_writing_example_says_what_kind_is_wanted():
    """A question of number is asked for by numbers, one of a calculation by a calculation."""
    made, _ = talk(ITEM)
    assert any(word in made.examples[1].instruction for word in ("수치", "숫자"))
    made, _ = talk(SUM, text=TABLE, kinds=("calculation",))
    assert "계산" in made.examples[1].instruction


# --- calculations, worked out by hand ---


@pytest.mark.parametrize(
    ("expression", "unit", "answer"),
    [
        ("150 - 120", "억 원", "30억 원"),
        ("120 + 150", "", "270"),
        ("(150 - 120) / 120 * 100", "%", "25%"),
        ("150 / 120", "배", "1.25배"),
        ("(120 + 150) / 120", " 배", "2.25배"),
        ("120 / 150 * 100", "%", "80%"),
        ("120 - 150", "억 원", "-30억 원"),
        ("120 * 150", "", "18,000"),
        ("150 * 150 * 150 * 150 * 120", "원", "60,750,000,000원"),
        ("100 * 120 / 150", "%", "80%"),
    ],
)
def test_a_calculation_is_worked_out_here(expression, unit, answer):
    """The answer is the expression's value, with separators and at most two decimals, in its unit."""
    _, found, distractors = calculated(expression=expression, unit=unit)
    assert found == answer
    assert len(distractors) == 3 and answer not in distractors


def test_thirds_are_rounded_to_two_decimals():
    """70 / 120 * 100 is 58.333…"""
    assert calculated(text=TABLE.replace("150", "70"), expression="70 / 120 * 100", unit="%")[1] == "58.33%"


def test_numbers_with_separators_are_those_of_the_row():
    """1,200 in the row is 1200 and 1,200 in the expression."""
    for expression in ("1,200 - 150", "1200 - 150"):
        assert calculated(text=TABLE.replace("120", "1,200"), expression=expression)[1] == "1,050억 원"


def test_a_hundred_counts_where_the_row_has_it():
    """100 is the percentage's where the row has none, and a number like others where it has."""
    assert calculated(text=TABLE.replace("120", "100"), expression="150 - 100")[1] == "50억 원"
    refused, reason = refusal(expression="150 - 100")
    assert refused and "is no calculation" in reason


def refusal(text=TABLE, **changes):
    """Whether a calculation was refused, and why."""
    made, asked = talk(SUM | changes, SUM, text=text, kinds=("calculation",))
    return len(asked) == 2, made.rejected[0].reason if made.rejected else ""


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"expression": "150 - 110"}, "numbers that are not in the row: 110"),
        ({"expression": "150 - 8"}, "numbers that are not in the row: 8"),  # △8 is below zero
        ({"expression": "120 / (150 - 150)"}, "cannot be worked out"),
        ({"expression": "150"}, "is no calculation"),
        ({"expression": "150 150"}, "is no calculation"),
        ({"expression": "150 -"}, "is no calculation"),
        ({"expression": "150 - 120)"}, "cannot be worked out"),
        ({"expression": "150 ** 120"}, "is no calculation"),
        ({"expression": "150 // 120"}, "is no calculation"),
        ({"expression": "150 / / 120"}, "is no calculation"),
        ({"expression": "150(120) + 150"}, "cannot be worked out"),
        ({"expression": "150 - 150"}, "asks nothing"),
        ({"expression": "120 / 150 / 150 / 150"}, "gives 0억 원"),
        ({"expression": "abs(150)"}, "expression: String should match pattern"),
        ({"unit": "억 원 2"}, "unit: String should match pattern"),
        ({"question": "2022년과 2023년 가계대출의 차를 구하라고 하는가?"}, "it asks nothing"),
        ({"question": "가계대출은 30억 원 늘어 얼마가 되었는가?"}, "holds its own answer"),
        ({"question": "가계대출은 2021년보다 얼마나 늘었는가?"}, "not in the passage: 2021"),
    ],
)
def test_what_cannot_be_worked_out_from_the_row_is_refused(changes, reason):
    """Foreign numbers, division by zero, half an expression, powers, and questions that are none."""
    refused, why = refusal(**changes)
    assert refused
    assert reason in why


EXPRESSIONS = st.lists(
    st.sampled_from(["120", "150", "100", "8", "0", "+", "-", "*", "/", "(", ")", ".", ",", " ", "00"]),
    min_size=3,
    max_size=12,
)


@settings(max_examples=150)
@given(EXPRESSIONS.map("".join))
def test_any_expression_gives_four_choices_or_a_reason(expression):
    """Whatever is written with the allowed signs, an item comes out whole or the reply is listed."""
    reply = json.dumps(SUM | {"expression": expression}, ensure_ascii=False)
    source = passage(TABLE)
    made = material([source], multiple_choice={"kinds": ("calculation",)})
    found = Teacher(lambda request: reply_to(request, reply)).drive(multiple_choice.talk(source, made))
    if found.examples:
        _, choices, _, _ = parts(found.examples[0])
        assert len(set(choices.values())) == 4
    else:
        assert len(found.rejected) == 2


def test_the_explanation_of_a_calculation_shows_it():
    """The teacher's words, then expression and value."""
    made, _ = talk(SUM, text=TABLE, kinds=("calculation",))
    assert "\n해설: 2023년 금액에서 2022년 금액을 뺀다. (150 - 120 = 30억 원)\n" in made.examples[0].output


def test_the_most_is_two_rows_for_each_item_that_is_borne():
    """A passage with an amount and a table bears two of three items, one without either none."""
    rich, poor = passage(f"{STATEMENT}\n{TABLE}"), passage("여신위원회는 대출을 심사하는 곳으로 알려져 있다.")
    options = {"per_passage": 3, "kinds": ("number", "calculation", "term")}
    assert multiple_choice.most(material([rich, poor], multiple_choice=options)) == 4
