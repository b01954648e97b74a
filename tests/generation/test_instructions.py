"""Which new instructions are kept: each filter by hand, and novelty against rouge_score."""

import json
import re

import pytest
from rouge_score import rouge_scorer

from finsmith.core.errors import TeacherReplyMalformed
from finsmith.generation.instructions import Pool, fault, listed_instructions, schema_for, unfit
from finsmith.generation.prompting import request
from finsmith.generation.seeds.seed_tasks import SeedTask
from finsmith.korean.morphemes import morphemes

from .made import generate_params, reply_to, row

PARAMS = generate_params()
ASKED = request("improve.answer", (), PARAMS, PARAMS.improve, row=row("물음", "답"))
GOOD = "예금과 적금의 차이를 알기 쉽게 설명해 주세요."


def pool_of(*instructions):
    return Pool(
        [
            SeedTask(id=str(n), name="n", instruction=text, instances=(), is_classification=False, domain="finance")
            for n, text in enumerate(instructions)
        ]
    )


NEW = ["환율이 오르면 누가 이득인지 설명하세요.", "2023년 매출을 요약하세요.", "이자를 계산하세요. 연 3.5%입니다."]
MORE = "대출 상담 기록을 세 줄로 정리하세요."


SLOTS = ["환율 - 설명", "매출 - 요약", "이자 - 계산", "상담 - 정리"]


def reply_with(*instructions, cut=0):
    text = json.dumps(dict(zip(SLOTS, instructions, strict=False)), ensure_ascii=False)
    return reply_to(ASKED, text[:-cut] if cut else text, "length" if cut else "stop")


def test_the_instructions_of_a_reply_come_without_numbers():
    """Numbers and bullets before an instruction are taken off, numbers that belong to it stay."""
    numbered = [f"1. {NEW[0]}", f"- {NEW[1]}", f" 3) {NEW[2]}", MORE]
    assert listed_instructions(reply_with(*numbered), SLOTS) == [*NEW, MORE]


def test_they_come_in_the_order_of_their_slots_and_others_are_left_out():
    """An endpoint without schemas may write them in any order, leave some out, or add its own."""
    text = json.dumps({SLOTS[2]: NEW[2], "딴것": MORE, SLOTS[0]: NEW[0], SLOTS[1]: " "})
    assert listed_instructions(reply_to(ASKED, text), SLOTS) == [NEW[0], NEW[2]]


def test_a_cut_off_reply_drops_the_half_instruction():
    """Whole ones stay; where the only one is half there is none."""
    assert listed_instructions(reply_with(*NEW, MORE, cut=6), SLOTS) == NEW
    with pytest.raises(TeacherReplyMalformed, match="no instruction by the names"):
        listed_instructions(reply_with(NEW[0], cut=6), SLOTS)


@pytest.mark.parametrize("bad", ["둘째\n줄", r"둘째 \q 줄"], ids=["newline", "escape"])
def test_a_reply_that_is_no_json_is_malformed(bad):
    """A bare line break or an unknown escape in a string is a fault of the reply, not an error of ours."""
    text = f'{{"{SLOTS[0]}": "{NEW[0]}", "{SLOTS[1]}": "{bad}", "{SLOTS[2]}": "{MORE}"'
    with pytest.raises(TeacherReplyMalformed, match="no JSON"):
        listed_instructions(reply_to(ASKED, text, "length"), SLOTS)


@pytest.mark.parametrize("text", ["죄송합니다.", "{}", '{"instructions": ["설명하세요."]}', f'{{"{SLOTS[0]}": ""}}'])
def test_a_reply_without_instructions_is_malformed(text):
    """Prose, an empty object, another shape and empty strings hold no instruction."""
    with pytest.raises(TeacherReplyMalformed):
        listed_instructions(reply_to(ASKED, text), SLOTS)


def test_the_schema_wants_an_order_or_a_question_for_each_slot():
    """Statements, which small teachers write instead, do not fit its pattern."""
    schema = schema_for(SLOTS)
    assert list(schema["properties"]) == schema["required"] == SLOTS
    pattern = re.compile(schema["properties"][SLOTS[0]]["pattern"])
    for fit in (*NEW[:2], MORE.replace("정리하세요", "정리해 줘"), "연 3.5%로 1년을 맡기면 이자는 얼마인가요?"):
        assert pattern.search(fit), fit
    for unfit_one in ("예금의 이자를 설명하는 과제입니다.", "설명하세요.", "이자를 계산하세요"):
        assert not pattern.search(unfit_one)


@pytest.mark.parametrize(
    ("instruction", "why"),
    [
        (GOOD, ""),
        ("예금 금리를 알려 주세요.", ""),
        ("예금 설명.", "the instruction has 2 words, not 3 to 100"),
        ("예금 " * 100, ""),
        ("예금 " * 101, "the instruction has 101 words, not 3 to 100"),
        ("'예금'과 적금의 차이를 설명해 주세요.", 'the instruction begins with "\'"'),
        ("**요약**: 다음 글을 줄여 주세요.", "the instruction begins with '*'"),
        ("Explain deposits to a child.", "the instruction is not Korean"),
        ("프로그램을 작성하여 이자를 계산하세요.", "the instruction asks for a program"),
        ("복리 이자를 계산하는 코드를 작성해 주세요.", "the instruction asks for a program"),
        ("적금 계산 프로그램 만들어 주세요.", "the instruction asks for a program"),
        ("교육 프로그램의 목표를 세 줄로 쓰세요.", ""),
        ("환율의 움직임을 그래프로 보여 주세요.", "the instruction is about what text cannot be: 그래프"),
        ("지점의 조직도를 예쁘게 그려 주세요.", "the instruction is about what text cannot be: 그리"),
        ("첨부된 파일을 열어 요약해 주세요.", "the instruction is about what text cannot be: 첨부, 파일"),
        ("영업점을 방문하여 상담을 받으세요.", "the instruction is about what text cannot be: 방문"),
        ("Chart를 보고 추세를 설명하세요.", "the instruction is about what text cannot be: chart"),
        (
            "이미 있는 환전 관련 과제가 있으므로 환전을 설명해 주세요.",
            "words of the prompt leaked into the instruction: '이미 있는 환전 관련 과제'",
        ),
        ("이미 있는 예금을 해지하는 순서를 알려 주세요.", ""),
        ("어디를 추천하는지도 함께 말씀해 주세요.", ""),
    ],
)
def test_each_filter_by_hand(instruction, why):
    """Length at its bounds, marks, languages, programs, and what a model of text cannot see, make or visit."""
    assert unfit(instruction) == why


def test_a_near_copy_is_refused_and_the_nearest_named():
    """The score is rouge_score's over morphemes, and the seed it is nearest to stands in the reason."""
    seeds = ["환율이 오르면 수출 기업에 어떤 일이 생기는지 쓰세요.", GOOD]
    copy = "예금과 적금의 차이를 아주 알기 쉽게 설명해 주세요."

    class Morphemes:
        def tokenize(self, text):
            return list(morphemes([text])[0])

    expected = rouge_scorer.RougeScorer(["rougeL"], tokenizer=Morphemes()).score(copy, GOOD)["rougeL"].fmeasure
    why, score = fault(copy, pool_of(*seeds), 0.7)
    assert score == pytest.approx(expected)
    assert why == f"ROUGE-L {expected:.3f} to {GOOD!r}, not under 0.7"
    assert fault("대출 상환 방식을 표로 비교해 보세요.", pool_of(*seeds), 0.7)[0] == ""


def test_a_score_at_the_threshold_is_refused():
    """Four of five morphemes in common are 0.8, which is not under 0.8."""
    one, other = "예금 적금 대출 보험 펀드", "예금 적금 대출 보험 주식"
    assert morphemes([one, other]) == [tuple(one.split()), tuple(other.split())]
    assert fault(other, pool_of(one), 0.8)[0] != ""
    assert fault(other, pool_of(one), 0.81)[0] == ""


def test_kept_instructions_count_like_seeds():
    """What was kept is compared with the next one, and named."""
    pool = pool_of("환율이 오르면 수출 기업에 어떤 일이 생기는지 쓰세요.")
    assert fault(GOOD, pool, 0.7)[0] == ""
    pool.keep(GOOD, 0.1)
    assert repr(GOOD) in fault(GOOD, pool, 0.7)[0]
    assert (pool.kept, pool.scores) == ([GOOD], [0.1])
