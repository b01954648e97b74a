"""Evolutions: asked for, compared, answered, and each of the rules that eliminate one."""

from collections import Counter

import pytest

from finsmith.core.records import Example, Provenance
from finsmith.generation import evolve

from .made import Teacher, generate_params, in_turn, material, row, user_text

ROW = row("예금과 적금의 차이를 설명하세요.", "예금은 한 번에, 적금은 나누어 넣습니다.", "고객은 대학생이다.")
NEW = "예금과 적금의 차이를 고등학생에게 세 문장으로 설명하세요."
EVOLVED = {"added": "고등학생에게 세 문장으로", "instruction": NEW}
WITH_INPUT = EVOLVED | {"input": ""}
DIFFERENT, SAME = {"only_second": "세 문장", "same": False}, {"only_second": "", "same": True}
ANSWER = "예금은 목돈을 한 번에 맡기고, 적금은 다달이 나누어 넣습니다. 이자도 그에 따라 다릅니다."


def talk(*replies, of=ROW, **settings):
    """What came of one row, and what was asked."""
    params = generate_params(evolve=settings)
    teacher = Teacher(in_turn(*replies))
    made = teacher.drive(evolve.talk(of, params))
    assert len(teacher.asked) == len(replies)
    return made, teacher.asked


def test_a_good_evolution_is_a_row_that_names_its_parent_and_all_calls():
    """The answer's call wrote it, the evolving and the comparing call stand beside it; the input stays in depth."""
    made, asked = talk(EVOLVED, DIFFERENT, ANSWER)
    assert [r.recipe for r in asked] == ["evolve.constraint", "evolve.compare", "evolve.answer"]
    assert made.examples == [
        Example(
            recipe="evolve.constraint",
            instruction=NEW,
            input=ROW.input,
            output=ANSWER,
            provenance=Provenance(
                sources=("seed_001",),
                parents=(ROW.id,),
                prompt_sha256=asked[2].prompt_sha256,
                model="teacher-large-2024-07-18",
                request_key=asked[2].key,
                other_keys=(asked[0].key, asked[1].key),
            ),
        )
    ]
    assert (made.asked, made.parsed, made.rejected) == (3, 3, [])


def test_what_is_asked_shows_what_it_is_about():
    """The row is shown, but not its answer; both instructions are compared; the new one is answered from the row's."""
    _, asked = talk(EVOLVED, DIFFERENT, ANSWER)
    shown, compared, answered = map(user_text, asked)
    assert ROW.instruction in shown and ROW.input in shown and ROW.output not in shown
    assert f"첫째 요청: {ROW.instruction}\n둘째 요청: {NEW}" in compared
    assert f"물음: {ROW.instruction}\n답: {ROW.output}\n" in answered
    assert f"새 요청: {NEW}\n" in answered and ROW.input in answered


@pytest.mark.parametrize("operation", ["constraint", "deepen", "concretise", "reasoning"])
def test_in_depth_the_input_stays(operation):
    """The teacher is asked for none; the recipe names the operation."""
    made, _ = talk(EVOLVED, DIFFERENT, ANSWER, operations=(operation,))
    assert [(e.recipe, e.input) for e in made.examples] == [(f"evolve.{operation}", ROW.input)]


def test_a_complicated_input_is_taken():
    """The operation that adds material takes the teacher's."""
    made, asked = talk(WITH_INPUT | {"input": "| 상품 | 금리 |"}, DIFFERENT, ANSWER, operations=("complicate_input",))
    assert [e.input for e in made.examples] == ["| 상품 | 금리 |"]
    assert "| 상품 | 금리 |" in user_text(asked[2])


def test_in_breadth_nothing_is_compared():
    """A new instruction is meant to differ: two calls, and an input of its own."""
    made, asked = talk(WITH_INPUT, ANSWER, operations=("breadth",))
    assert [r.recipe for r in asked] == ["evolve.breadth", "evolve.answer"]
    assert [(e.recipe, e.input, e.provenance.parents) for e in made.examples] == [("evolve.breadth", "", (ROW.id,))]


# --- elimination ---


def test_no_gain_eliminates():
    """What the teacher finds to ask for the same is listed with its text, and not answered."""
    made, asked = talk(EVOLVED, SAME)
    assert made.examples == []
    (reject,) = made.rejected
    assert (reject.reason, reject.request_key) == ("no information gain", asked[0].key)
    assert NEW in reject.reply
    assert (made.asked, made.parsed) == (2, 2)


@pytest.mark.parametrize(
    ("evolved", "reason"),
    [
        ({"instruction": "예금과 적금의 차이를 설명하세요."}, "the instruction is unchanged"),
        ({"instruction": "예금과  적금의 차이를 설명하세요."}, "the instruction is unchanged"),
        (
            {"instruction": "주어진 요청을 세 문장으로 쓰세요."},
            "leaked into the instruction: '주어진 요청'",
        ),
        (
            {"instruction": "원래의 요청보다 어렵게 설명하세요."},
            "leaked into the instruction: '원래의 요청'",
        ),
        ({"instruction": "다시 쓴 지시문: 예금을 설명하세요."}, "leaked into the instruction"),
        (
            {"instruction": "#Rewritten Prompt# 예금과 적금의 차이를 표로 설명하세요."},
            "leaked into the instruction: 'Rewritten Prompt'",
        ),
        ({"instruction": "예금과 적금의 차이는 이자에 있습니다."}, "instruction: String should match pattern"),
        ({"instruction": "적금과 예금은 차이를 설명하세요."}, "no content word that the old one has not"),
        ({"instruction": "Explain deposits."}, "the text is not in the language 'ko'"),
        ({"instruction": "예금"}, "instruction: String should match pattern"),
        (
            {"instruction": "예금자 보호 제도를 처음 거래하는 고객에게 세 문장으로 설명해 주세요."},
            "the instruction is the prompt's example",
        ),
        ({"instruction": None}, "instruction: Input should be a valid string"),
    ],
)
def test_an_evolution_that_is_none_is_asked_for_again(evolved, reason):
    """An unchanged instruction, words of the task, another language, or half a reply: the second request names it."""
    made, asked = talk({"added": "세 문장으로", "instruction": ""} | evolved, EVOLVED, DIFFERENT, ANSWER)
    assert reason in user_text(asked[1])
    assert [reject.mended for reject in made.rejected] == [True]
    assert len(made.examples) == 1


@pytest.mark.parametrize(
    ("operation", "written", "reason"),
    [
        ("breadth", {"instruction": "예금과 적금의 차이는 무엇인가요?", "input": "다른 자료"}, "no content word"),
        ("complicate_input", {"instruction": NEW, "input": ROW.output}, "the input is the old answer"),
    ],
)
def test_what_only_moves_the_old_row_about_is_no_evolution(operation, written, reason):
    """Another input makes no new topic, and the old answer makes no material."""
    written = {"added": "다른 자료"} | written
    made, _ = talk(written, written, operations=(operation,))
    assert made.examples == []
    assert [reason in reject.reason for reject in made.rejected] == [True, True]


@pytest.mark.parametrize(
    ("instruction", "leans"),
    [
        ("다음 설명에 해당하는 상품은 무엇인가요?", True),
        ("위에서 말한 펀드의 장점을 정리하세요.", True),
        ("펀드가 원금보다 낮아지는 까닭을 설명하세요.", False),
    ],
)
def test_an_instruction_that_points_at_what_it_does_not_show_is_none(instruction, leans):
    """Without an input it has to stand alone."""
    written = WITH_INPUT | {"instruction": instruction}
    made, _ = talk(written, *([WITH_INPUT, ANSWER] if leans else [ANSWER]), operations=("breadth",))
    assert ["leans on something unseen" in reject.reason for reject in made.rejected] == [True] * leans
    shown = written | {"input": "기초자산의 값에 따라 수익이 정해지는 증권이다."}
    made, _ = talk(shown, ANSWER, operations=("breadth",))
    assert [row.instruction for row in made.examples] == [instruction]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (NEW, "the answer repeats the instruction"),
        (f"{NEW} 예금은 목돈을 맡기는 상품입니다.", "the answer repeats the instruction"),
        ("예금과 적금의 차이를 세 문장으로 고등학생에게 설명합니다.", "the answer repeats the instruction"),
        ("죄송하지만 그 질문에는 답변드리기 어렵습니다.", "a refusal"),
        ("요청하신 내용은 도움을 드릴 수 없습니다.", "a refusal"),
        ("제공된 정보만으로는 알 수 없습니다.", "a refusal"),
        ("I'm sorry, but I cannot answer.", "the text is not in the language 'ko'"),
        ("주어진 요청에 따라 답하면, 예금은 한 번에 넣습니다.", "leaked into the answer: '주어진 요청'"),
        ("네.", "nothing but stop words"),
        ("...!?", "nothing but stop words"),
        ("그것은 이것입니다.", "nothing but stop words"),
    ],
)
def test_an_answer_that_is_none_eliminates(answer, reason):
    """A refusal, another language, leaked or empty words: asked for once more, then no row, and both replies listed."""
    made, asked = talk(EVOLVED, DIFFERENT, answer, answer)
    assert reason in user_text(asked[3])
    assert made.examples == []
    assert [(reject.mended, reason in reject.reason) for reject in made.rejected] == [(False, True)] * 2


PLACES = ("종로", "역삼", "부평", "해운대", "둔산", "상무", "노형")


@pytest.mark.parametrize(
    "answer",
    [
        "만기 전에는 해지할 수 없습니다.",
        "법은 개인정보를 남에게 제공할 수 없다고 정합니다. 미래의 수익은 알 수 없습니다.",
        "죄송합니다. " + " ".join(f"{place} 지점의 사정을 차근차근 말씀드립니다." for place in PLACES * 5),
        "3.5%",
    ],
)
def test_answers_that_only_sound_like_a_refusal_stay(answer):
    """What cannot be done in law is no refusal, and a long text may apologise; a bare number is content."""
    made, _ = talk(EVOLVED, DIFFERENT, answer)
    assert [e.output for e in made.examples] == [answer.strip()]


def test_an_unreadable_comparison_eliminates():
    """Without a verdict, asked for twice, there is no row."""
    made, _ = talk(EVOLVED, "모름", "모름")
    assert (made.examples, made.asked - made.parsed) == ([], 1)


# --- rounds and rows ---


def test_each_round_evolves_what_came_of_the_one_before():
    """Two rounds give two rows; the second's parent is the first, and its prompt shows it."""
    second = EVOLVED | {"instruction": "예금과 적금의 차이를 표로 나타내어 설명하세요."}
    made, asked = talk(EVOLVED, DIFFERENT, ANSWER, second, DIFFERENT, ANSWER, rounds=2)
    first_row, second_row = made.examples
    assert second_row.provenance.parents == (first_row.id,)
    assert NEW in user_text(asked[3])


def test_an_elimination_ends_the_rounds():
    """What gained nothing is not evolved further."""
    made, _ = talk(EVOLVED, DIFFERENT, ANSWER, EVOLVED | {"instruction": f"{NEW} 쉽게."}, SAME, rounds=3)
    assert len(made.examples) == 1


def test_operations_are_drawn_by_row_and_seed():
    """Over 80 rows each of four operations comes, and the same row gets the same one."""
    operations = ("constraint", "deepen", "concretise", "breadth")
    params = generate_params(evolve={"operations": operations})

    def operation(number):
        return next(evolve.talk(row(f"과제 {number}을 하세요.", "답"), params))[0].recipe

    drawn = Counter(operation(number) for number in range(80))
    assert set(drawn) == {f"evolve.{name}" for name in operations}
    assert min(drawn.values()) > 8
    assert operation(7) == operation(7)


def test_rows_of_the_named_recipes_are_taken_and_bound_the_most():
    """Three of ten self_instruct rows, none of the others; twice each is six at most."""
    rows = [row(f"과제 {n}을 하세요.", "답") for n in range(10)] + [row("뜻?", "답", recipe="glossary_qa.definition")]
    made = material(rows=rows, evolve={"max_rows": 3, "rounds": 2})
    shown = [user_text(next(talk)[0]) for talk in evolve.talks(made)]
    assert len(shown) == 3
    assert all("과제" in text for text in shown)
    assert evolve.most(made) == 6
