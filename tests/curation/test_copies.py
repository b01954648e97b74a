"""Outputs that say their input or instruction again, or one phrase over and over."""

import pytest

from finsmith.curation.copies import loops, repeats_input, repeats_instruction
from finsmith.curation.finding import Finding

from .rows import CONTEXT, context, row

PASSAGE = (
    "한국은행은 기준금리를 연 3.50퍼센트로 동결하였다. 물가 오름세는 둔화되었으나 아직 목표를 웃돈다. "
    "가계대출은 두 달째 늘었고, 은행권은 심사 기준을 높였다."
)
ENGLISH = (
    "The central bank held its base rate at 3.5 percent. Price growth slowed but stayed above target. "
    "Household loans rose for a second month, and banks tightened their screening."
)
LIMIT = "예금자보호 한도는 금융회사마다 따로따로 계산한다."
WHOLE = Finding("100% of the output repeats the input", 1.0)


@pytest.mark.parametrize(
    ("instruction", "output", "given"),
    [
        ("요지를 쓰세요.", PASSAGE, PASSAGE),
        ("요지를 쓰세요.", PASSAGE.replace(". ", ".\n"), PASSAGE),
        ("요지를 쓰세요.", "한국은행은 기준금리를 연 3.50퍼센트로 동결하였다.", PASSAGE),
        ("쉬운 말로 풀어 쓰세요.", LIMIT, LIMIT),
        ("State the main point.", ENGLISH, ENGLISH),
        ("State the main point.", "The central bank held its base rate at 3.5 percent.", ENGLISH),
        ("Put this in plain words.", "Price growth slowed but stayed above target.", ENGLISH),
        ("영어로 옮기세요.", "예금", "예금"),
    ],
)
@pytest.mark.parametrize("recipe", ["general", "summary.short", "multiple_choice.fact"])
def test_an_output_that_is_its_input_or_a_long_piece_of_it_is_a_copy(instruction, output, given, recipe):
    """Whatever the recipe, however its spaces fall: the share that it repeats is told, here all but line ends."""
    finding = repeats_input(row(instruction, output, given, recipe), CONTEXT)
    assert finding and finding.score > 0.97 and finding.reason.endswith("of the output repeats the input")


@pytest.mark.parametrize(
    ("output", "given"),
    [(f"답: {LIMIT}", LIMIT), (f"{LIMIT}\n이상입니다.", LIMIT), (f"The point is: {ENGLISH}", ENGLISH)],
)
def test_an_output_that_only_wraps_its_input_is_a_copy(output, given):
    """An input that makes up more than 60 % of the output: the score is the input's share of it."""
    finding = repeats_input(row("핵심을 쓰세요.", output, given, "general"), CONTEXT)
    assert finding and finding.score == pytest.approx(len(given) / len(output), abs=0.03)


@pytest.mark.parametrize(
    ("instruction", "output", "given"),
    [
        ("기준금리는 몇 퍼센트인가요?", "연 3.50퍼센트", PASSAGE),
        ("누가 금리를 정했나요?", "한국은행", PASSAGE),
        ("What is the base rate?", "3.5 percent", ENGLISH),
        ("영어로 옮기세요.", "The limit is counted for each institution by itself.", LIMIT),
        ("띄어쓰기를 바르게 고쳐 쓰시오.", LIMIT, "예금자보호한도는금융회사마다따로따로계산한다."),
        ("맞춤법이 틀린 곳이 있으면 바로잡아 주세요.", LIMIT, LIMIT),
        (
            "알맞은 곳에 쉼표를 넣으세요.",
            "정기예금, 적금, 채권을 두루 비교해 보았습니다.",
            "정기예금 적금 채권을 두루 비교해 보았습니다.",
        ),
        ("Fix the grammar if it needs it.", "The bank raised its rates.", "The bank raised its rates."),
        ("Punctuate the sentence.", "Loans, deposits and bonds rose.", "Loans deposits and bonds rose."),
        ("높임말로 바꾸세요.", "한도는 금융회사마다 따로 계산합니다.", "한도는 금융회사마다 따로 계산해."),
        ("금리순으로 늘어놓으세요.", "나은행 3.4%\n다은행 3.2%\n가은행 3.1%", "가은행 3.1%\n나은행 3.4%\n다은행 3.2%"),
        ("대문자로 쓰세요.", "BASE RATE AND BANK RATE", "base rate and bank rate"),
        ("JSON으로 바꾸세요.", '{"은행": "가은행", "금리": 3.1, "기간": 12}', "은행: 가은행, 금리: 3.1, 기간: 12"),
        (
            "안내 문구를 넣어 답장을 쓰세요.",
            f"고객님, 문의해 주셔서 고맙습니다.\n{LIMIT} 두 곳에 나누어 맡기시면 각각 보호받으실 수 있습니다.",
            LIMIT,
        ),
    ],
)
def test_short_answers_and_small_changes_are_no_copies(instruction, output, given):
    """A figure that was looked up, a translation, a correction, an order turned round and a letter that quotes."""
    assert repeats_input(row(instruction, output, given, "general"), CONTEXT) is None


@pytest.mark.parametrize(
    ("instruction", "output", "given"),
    [
        (
            "예금에 관한 문장을 고르세요.",
            "정기예금은 만기까지 돈을 맡겨 두는 예금이다.",
            "정기예금은 만기까지 돈을 맡겨 두는 예금이다.\n주식은 회사의 소유권을 잘게 나눈 증서이다.",
        ),
        ("물가를 말한 부분을 찾아 그대로 옮기세요.", "물가 오름세는 둔화되었으나 아직 목표를 웃돈다.", PASSAGE),
        ("Which sentence is about loans? Quote it.", ENGLISH.split(". ")[2], ENGLISH),
        ("Extract the sentence about prices.", "Price growth slowed but stayed above target.", ENGLISH),
        (
            "목록에서 대출 상품은 지우세요.",
            "정기예금, 자유적금, 외화예금, 양도성예금증서",
            "정기예금, 자유적금, 외화예금, 양도성예금증서, 카드론",
        ),
    ],
)
def test_a_sentence_that_was_to_be_picked_is_no_copy(instruction, output, given):
    """Where the task is to choose, to quote or to leave out, a long piece of the input is the right answer."""
    assert repeats_input(row(instruction, output, given, "general"), CONTEXT) is None


def test_one_sentence_of_a_long_passage_was_looked_up():
    """A sentence that is less than a quarter of the passage is an answer, not a copy."""
    passage = (
        f"{PASSAGE} 환율은 수출 대금이 들어오면서 내렸고, 주식시장은 거래가 줄었다. 채권 금리는 만기에 따라 엇갈렸다."
    )
    assert (
        repeats_input(row("은행권은 무엇을 했나요?", "은행권은 심사 기준을 높였다.", passage, "general"), CONTEXT)
        is None
    )
    assert repeats_input(row("무엇을 했나요?", passage[: len(passage) // 2], passage, "general"), CONTEXT) == WHOLE


@pytest.mark.parametrize(("recipe", "finding"), [("summary.short", WHOLE), ("multiple_choice.solve", None)])
@pytest.mark.parametrize(("passage", "left_out"), [(PASSAGE, "연 3.50퍼센트로 "), (ENGLISH, "but stayed above target")])
def test_a_summary_stitched_from_its_passage_is_a_copy(recipe, finding, passage, left_out):
    """Pieces of the passage in order with the middle left out are a copy for a summary only."""
    assert repeats_input(row("요약하세요.", passage.replace(left_out, ""), passage, recipe), CONTEXT) == finding


def test_the_copied_share_must_pass_the_threshold():
    """9 of 10 characters from the passage equal a threshold of 0.9 and pass; under 0.89 they are a copy."""
    example = row("요약하세요.", "abcdefghiZ", "abcdefghi---", "summary.short")
    assert repeats_input(example, CONTEXT) is None
    finding = repeats_input(example, context(max_input_share=0.89))
    assert finding == Finding("90% of the output repeats the input", 0.9)


@pytest.mark.parametrize(("output", "given"), [("정책 금리이다.", ""), ("정책 금리이다.", "  "), ("", "본문")])
def test_nothing_is_repeated_where_one_side_is_empty(output, given):
    """Without an input, or an output, nothing can be repeated."""
    assert repeats_input(row("기준금리란?", output, given), CONTEXT) is None


ASKED = "예금과 적금은 무엇이 서로 다른지 신입 행원에게 설명하세요."


@pytest.mark.parametrize(
    ("instruction", "output"),
    [
        (ASKED, ASKED),
        (ASKED, f'"{ASKED}"'),
        (ASKED, f"{ASKED}\n예금은 한꺼번에 맡기고 적금은 나누어 붓습니다."),
        (ASKED, "예금과 적금은 무엇이 서로 다른지 신입 행원에게 설명"),
        ("Explain how a deposit differs from a bond.", "Explain how a deposit differs from a bond."),
        ("Explain how a deposit differs from a bond.", "Explain how a deposit differs from a bond: it is insured."),
    ],
)
def test_an_output_that_is_or_holds_its_instruction_is_rejected(instruction, output):
    """The question again, all of it or most, with an answer after it or not; the question is what it clashed with."""
    finding = repeats_instruction(row(instruction, output), CONTEXT)
    assert finding == Finding("the output repeats the instruction", None, instruction)


@pytest.mark.parametrize(
    ("instruction", "output"),
    [
        ("기준금리란?", "기준금리란 중앙은행이 정하는 정책 금리입니다."),
        ("예금과 적금의 차이는?", "예금과 적금의 차이는 돈을 넣는 방법에 있습니다."),
        (ASKED, "예금은 한꺼번에 맡기고 적금은 나누어 붓습니다."),
        ("증권을 담보로 돈을 빌리고 되사는 거래를 무엇이라 하나요?", "환매조건부채권매매"),
        (
            "빈칸을 채우세요: 한국은행이 정하는 정책 금리를 ___라고 한다.",
            "한국은행이 정하는 정책 금리를 기준금리라고 한다.",
        ),
        ("Complete it: A bond that pays no coupon is called a ___.", "A bond that pays no coupon is called a zero."),
        ("What is a repo?", "What is a repo? It is a sale with a promise to buy back."),
        ("'이자가 늘었다'를 높임말로 바꾸세요.", "이자가 늘었습니다."),
    ],
)
def test_an_answer_may_take_up_the_words_of_its_question(instruction, output):
    """Short questions said again, gaps that are filled, terms that are named: none of them repeats the instruction."""
    assert repeats_instruction(row(instruction, output), CONTEXT) is None


@pytest.mark.parametrize(
    ("instruction", "output"),
    [
        (
            "다음 문장에 쉼표를 넣으세요: 정기예금 적금 채권을 한 자리에서 두루 비교해 보았습니다.",
            "정기예금, 적금, 채권을 한 자리에서 두루 비교해 보았습니다.",
        ),
        (
            f"옳은 것을 고르세요. (가) {LIMIT} (나) 펀드의 손실은 나라가 모두 메워 준다.",
            LIMIT,
        ),
        (
            "Which is true? A. A bond's price falls when rates rise. B. A deposit has no limit.",
            "A bond's price falls when rates rise.",
        ),
        ("Punctuate: deposits loans and bonds all rose in March", "Deposits, loans, and bonds all rose in March."),
    ],
)
def test_what_was_to_be_picked_or_corrected_may_stand_in_the_instruction(instruction, output):
    """A choice of the question and a sentence that only wants its commas are answers."""
    assert repeats_instruction(row(instruction, output), CONTEXT) is None


AGAIN = "이자는 매달 말일에 지급됩니다."


@pytest.mark.parametrize(
    ("output", "phrase"),
    [
        (f"{AGAIN} {AGAIN} {AGAIN}", AGAIN),
        (f"예금입니다.\n{AGAIN}\n{AGAIN}\n{AGAIN}\n{AGAIN}", AGAIN),
        ("The fee is due. The fee is due. The fee is due.", "The fee is due."),
        ("2024년 물가는 크게 올랐다. 2025년 물가는 크게 올랐다. 2026년 물가는 크게 올랐다.", "0년 물가는 크게 올랐다."),
    ],
)
def test_a_phrase_three_times_on_end_is_a_loop(output, phrase):
    """Sentences that come again, also where only their number counts up; the phrase is told."""
    finding = loops(row("이자는 언제 나오나요?", output), CONTEXT)
    assert finding and (finding.reason, finding.score) == ("the output says the same over and over", None)
    assert sorted("".join(finding.against.split())) == sorted("".join(phrase.split()))  # a loop is entered anywhere


@pytest.mark.parametrize(
    "output",
    [
        f"{AGAIN} {AGAIN} 세금은 그때 뗍니다.",
        "- 정기예금: 한꺼번에 맡긴다.\n- 정기적금: 나누어 붓는다.\n- 요구불예금: 수시로 찾는다.",
        "| 1 | 10만 원 | 4만 원 |\n| 2 | 10만 원 | 3만 원 |\n| 3 | 10만 원 | 2만 원 |",
        "1회차: 원금 83,333원, 이자 4,166원\n2회차: 원금 83,333원, 이자 3,819원\n3회차: 원금 83,333원, 이자 3,472원",
        "Month 1: principal 100, interest 5\nMonth 2: principal 100, interest 4\nMonth 3: principal 100, interest 3",
        "| 가 | 해당 없음 | 해당 없음 | 해당 없음 |",
        "은행은 예금을 받고, 은행은 대출을 내주며, 은행은 외환을 바꾼다.",
        "============================================================",
    ],
)
def test_lists_tables_and_schedules_are_no_loops(output):
    """Twice is not thrice; items alike in their form, and rows that differ in their amounts, say something each."""
    assert loops(row("상환 일정을 보여 주세요.", output), CONTEXT) is None
