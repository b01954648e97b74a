"""Rows too near to the closed test: copies of its questions, and rewordings of them."""

import json
from functools import cache

import pytest

from finsmith.core.answer_records import OpenQuestion, RagQuestion
from finsmith.core.errors import LineageError
from finsmith.core.io import write_jsonl
from finsmith.curation.contamination import background_of, read_near_test
from finsmith.curation.finding import Finding
from finsmith.curation.general import read_general
from finsmith.curation.leaks import count_leaks
from finsmith.evaluation.written_questions import read_written_questions

from .rows import DECONTAMINATION, ROOT, context, question, row

REWORDINGS = ROOT / "tests/curation/data/rewordings.jsonl"
GENERAL_REWORDINGS = ROOT / "tests/curation/data/general_rewordings.jsonl"


@cache
def ordinary():
    """The general rows of the sample."""
    return tuple(read_general(ROOT / "data/raw/general"))


@cache
def sample_questions(file="test_candidates/sample.jsonl"):
    """The sample's candidates for the test, in the order of their file."""
    read = [json.loads(line) for line in (ROOT / "data/raw" / file).read_text("utf-8").splitlines()]
    return tuple(question(r.get("stem") or r["question"], *r["choices"], answer=r["answer"]) for r in read)


def near(rows, questions, background=None, **more):
    """The findings by id of the row."""
    judge = context(questions, ordinary() if background is None else background, **more).near_test
    return {judged.id: finding for judged, finding in judge(rows) if finding}


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
    found = near([planted], [*others, asked])
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
def test_a_row_of_the_same_trade_is_not_caught(instruction, output):
    """A row on finance, or on nothing like it, is kept beside the sample's questions on one bank's own terms."""
    assert near([row(instruction, output)], sample_questions()) == {}


def test_a_reworded_question_is_caught_whatever_the_row_answers():
    """The instruction alone is held against the stem, so a long answer of another kind does not hide it."""
    planted = row(
        "은행이 해외 지점에서 받은 외화예금의 지급준비율을 정하는 곳은 어디인가?",
        "담당자가 자리를 비웠으니 내일 오전에 다시 전화를 주시거나 가까운 창구를 찾아 번호표를 뽑고 기다려 주세요.",
    )
    reason = near([planted], [question(STEM, *CHOICES)])[planted.id].reason
    assert reason.startswith("ROUGE-L")


def test_a_row_that_says_a_whole_choice_is_caught_whatever_it_asks():
    """With a bare stem the choices are the question: a row near stem and right choice leaks it, so does a wrong one."""
    choices = (
        "예금보험은 주식 투자에서 생긴 손실을 전액 갚아 준다.",
        "한국은행은 개인에게 주택을 담보로 돈을 빌려준다.",
        "지급준비율을 올리면 은행이 빌려줄 수 있는 돈이 줄어든다.",
        "국채는 빌린 나라가 갚지 않아도 되는 증서이다.",
    )
    asked = question("옳은 설명은?", *choices, answer=2)
    right, wrong = (row("무엇이 맞는 설명인가요?", choices[at]) for at in (2, 0))
    found = near([right, wrong], [asked])
    assert found[right.id].reason.startswith("ROUGE-L")
    assert found[wrong.id].reason == "shares 10 morphemes in a row with a test question"


def test_the_reason_tells_which_measure_caught_a_row():
    """A whole likeness is told as ROUGE-L with its score, a shared run as the number of morphemes."""
    verbatim, inside = row(STEM, CHOICES[0]), row("문제를 하나 만드세요.", "덧붙인 긴 말이 앞뒤로 붙는다. " * 6 + STEM)
    found = near([verbatim, inside], [question(STEM, *CHOICES)])
    assert found[verbatim.id] == Finding(
        "ROUGE-L 1.000 to a test question, not under 0.7", 1.0, question(STEM, *CHOICES).id
    )
    assert found[inside.id].reason == "shares 10 morphemes in a row with a test question"
    assert found[inside.id].score < 0.7


def test_every_question_of_the_sample_test_set_is_caught_when_planted():
    """All closed questions, each planted as an instruction with its right choice, are rejected by their own id."""
    questions = sample_questions()
    planted = [row(q.stem, q.choices[q.answer]) for q in questions]
    found = near(planted, questions)
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
        assert near([planted], [asked])[planted.id].against == asked.id


def test_without_questions_nothing_is_near():
    """No test set, no finding."""
    assert near([row("유동성커버리지비율이란 무엇인가요?", "순현금유출을 견디는 비율이다.")], []) == {}


def test_rewordings_are_found_and_honest_rows_are_kept():
    """Of 100 rewordings among the general rows 96 are found at least; of honest general rows 1 % goes at most."""
    lines = [json.loads(line) for line in REWORDINGS.read_text("utf-8").splitlines()]
    planted = [
        row(r["instruction"], r["output"], r["input"], recipe="general", source=f"planted:{at}")
        for at, r in enumerate(lines)
    ]
    questions = sample_questions()
    halves = (planted[:50], planted[50:])
    caught = [near(half, questions, (*ordinary(), *half)) for half in halves]
    assert sum(map(len, caught)) >= 96
    found = {id: finding.against for one in caught for id, finding in one.items()}
    own = {p.id: questions[r["item"] - 1].id for p, r in zip(planted, lines, strict=True)}
    assert sum(found[id] == own[id] for id in found) >= 90
    assert len(near(ordinary(), questions)) <= len(ordinary()) / 100


def test_general_questions_are_protected_and_cost_no_general_row():
    """Each of 240 planted by its own id, 46 of 48 rewordings at least; of the sample's 440 general rows two at most."""
    asked = sample_questions("general_testset/questions.jsonl")
    planted = [row(q.stem, q.choices[q.answer]) for q in asked]
    found = near(planted, [], general=asked)
    assert [found[p.id].against for p in planted] == [q.id for q in asked]
    lines = [json.loads(line) for line in GENERAL_REWORDINGS.read_text("utf-8").splitlines()]
    reworded = [
        row(r["instruction"], r["output"], recipe="general", source=f"planted:{at}") for at, r in enumerate(lines)
    ]
    own = {q.stem: q.id for q in asked}
    caught = near(reworded, [], (*ordinary(), *reworded), general=asked)
    assert (
        sum(
            id in caught and caught[id].against == own[r["question"]]
            for id, r in zip((one.id for one in reworded), lines, strict=True)
        )
        >= 46
    )
    assert len(near(ordinary(), [], general=asked)) <= 2


def test_a_general_question_is_told_from_one_of_the_domain():
    """The reason says which test a row is too near to, for a copy, a shared run and a rewording."""
    asked, long = question("사하라 사막이 있는 대륙은?", "아프리카", "유럽", "아시아", "남극"), question(STEM, *CHOICES)
    copy, reworded, inside = (
        row("사하라 사막이 있는 대륙은?", "아프리카"),
        row("사하라는 어느 대륙에 있는 사막이야?", "아프리카에 있어."),
        row("문제를 하나 만드세요.", "덧붙인 긴 말이 앞뒤로 붙는다. " * 6 + STEM),
    )
    found = near([copy, reworded, inside], [], general=[asked, long])
    assert found[copy.id].reason == "ROUGE-L 1.000 to a general test question, not under 0.7"
    assert found[reworded.id].reason.startswith("asks what a general test question asks: 0.")
    assert found[inside.id].reason == "shares 10 morphemes in a row with a general test question"
    assert near([reworded], [asked])[reworded.id].reason.startswith("asks what a test question asks: 0.")


def test_general_questions_have_a_threshold_of_their_own_and_change_nothing_of_the_domain():
    """A row between the two thresholds is a leak of the domain's test alone; domain findings stay as they are."""
    rows, asked = ordinary(), sample_questions()
    between = row("한 시간에 60 km를 가는 기차는 두 시간에 얼마나 가나요?", "120 km를 갑니다.")
    like = question("기차가 시속 90 km로 두 시간을 달리면 간 거리는?", "180 km", "120 km", "90 km", "45 km")
    (finding,) = near([between], [like]).values()
    assert DECONTAMINATION.reworded <= finding.score < DECONTAMINATION.reworded_general
    assert near([between], [], general=[like]) == {}
    alone = near([*rows, between], [*asked, like])
    both = near([*rows, between], [*asked, like], general=sample_questions("general_testset/questions.jsonl"))
    assert {id: both[id] for id in alone} == alone


def test_what_its_own_source_says_is_no_leak():
    """A glossary row that says its definition is kept, though a question is about its term; without source it goes."""
    questions = sample_questions()
    definition = "날마다 카드 매출의 8%를 떼어 갚게 하는 대출이다."
    taught = row("OBTL이란 무엇인가요?", definition, source="t9")
    assert near([taught], questions).keys() == {taught.id}
    assert near([taught], questions, texts={"t9": f"OBTL {definition}"}) == {}


def test_split_by_document_rejects_all_rows_of_a_tested_document():
    """With `split: document` a row from a document that the test asks about goes; by passage it stays."""
    asked = question("올해 성장률 전망은 얼마인가?").model_copy(update={"source": "outlook.pdf"})
    rows = [row("환헤지 비용을 설명하세요.", "두 통화의 금리 차이이다.", source=source) for source in ("p1", "p2")]
    documents = {"p1": "outlook.pdf", "p2": "manual.pdf"}
    by_document = DECONTAMINATION.model_copy(update={"split": "document"})
    assert near(rows, [asked], documents=documents, decontamination=by_document) == {
        rows[0].id: Finding("comes from a document that the test asks about", None, "outlook.pdf")
    }
    assert near(rows, [asked], documents=documents) == {}


def test_the_stage_stops_at_a_leak_and_names_the_line(tmp_path):
    """A question put into a finished training set is told by file, line, question and words; a clean set is counted."""
    questions = sample_questions()
    honest = [row("환헤지 비용을 설명하세요.", "두 통화의 금리 차이이다.", source=f"t{at}") for at in range(3)]
    leak = row(questions[7].stem, questions[7].choices[questions[7].answer])
    judge = context(questions, ordinary())
    near_test = type("Near", (), {"judge": staticmethod(judge.near_test)})
    assert count_leaks(honest, near_test, tmp_path / "train.jsonl") == {"rows": 3, "leaks": 0}
    with pytest.raises(LineageError, match=r"train\.jsonl: 1 of 4 rows .*\n  line 3: ROUGE-L 1\.000") as raised:
        count_leaks([*honest[:2], leak, honest[2]], near_test, tmp_path / "train.jsonl")
    assert questions[7].id in str(raised.value)


def test_the_corpus_tells_what_a_source_says(tmp_path):
    """Passages and terms are read by id, from the folders that `ingest` and `testset` write."""
    from finsmith.core.io import write_jsonl
    from finsmith.core.records import Term

    term = Term(
        term="OBTL",
        full_name="",
        english="",
        definition="날마다 카드 매출의 8%를 떼어 갚게 하는 대출이다.",
        related=(),
        category="",
        source="g.csv",
        row=2,
    )
    write_jsonl(tmp_path / "corpus/terms.jsonl", [term])
    write_jsonl(tmp_path / "corpus/passages.jsonl", [])
    asked = question("사하라 사막이 있는 대륙은?", "아프리카", "유럽", "아시아", "남극")
    for name, held_out in (("questions", sample_questions()), ("general", [asked]), ("rag", ()), ("open", ())):
        write_jsonl(tmp_path / f"test/{name}.jsonl", held_out)
    background = background_of(ordinary())
    near_test = read_near_test(tmp_path / "test", tmp_path / "corpus", background, DECONTAMINATION)
    rows = [row("OBTL이란 무엇인가요?", term.definition, source=source) for source in (term.id, "elsewhere")]
    assert [bool(finding) for _, finding in near_test.judge(rows)] == [False, True]
    ((_, finding),) = near_test.judge([row(asked.stem, asked.choices[0])])
    assert finding.against == asked.id


# --- questions that are answered in writing ---

CLUE = "은행은 국외 지점에서 받은 외화예금의 지급준비금을 매월 15일까지 금융통화위원회에 신고하여야 한다."
WITH_CLUES = RagQuestion(
    question="해외 지점이 받은 외화예금의 지급준비금은 언제까지 신고하나요?",
    clues=(CLUE, "담보를 평가한다.", "금리를 정한다."),
    reference="매월 15일까지 금융통화위원회에 신고해야 합니다.",
    clue=1,
    key="15일",
    source="규정.pdf",
)
OPEN = OpenQuestion(
    question="외화예금의 지급준비율을 높이면 환율에 어떤 일이 생기는지 설명해 주세요.", reference="", kind="explain"
)
NOT_ANSWERED = RagQuestion.model_validate(
    WITH_CLUES.model_dump() | {"id": "", "clue": 0, "key": "", "reference": "단서에 이 질문에 답할 내용이 없습니다."}
)


@pytest.mark.parametrize("asked", [WITH_CLUES, NOT_ANSWERED, OPEN])
@pytest.mark.parametrize("given", ["", CLUE])
def test_a_question_answered_in_writing_is_protected_like_a_closed_one(asked, given):
    """A row that asks it, with clues or without, is caught and the question named, beside the closed ones."""
    planted = row(asked.question, "잘 모르는 일입니다.", given)
    found = near([planted], [*sample_questions(), asked])
    assert found[planted.id].against == asked.id


def test_a_reworded_question_with_clues_is_caught_by_its_answer():
    """Other words for the same, answered as the reference answers."""
    planted = row("국외 지점 외화예금 지급준비금의 신고 기한은?", "매월 15일까지 금융통화위원회에 신고합니다.")
    assert near([planted], [WITH_CLUES])[planted.id].against == WITH_CLUES.id


def test_the_clues_are_not_protected():
    """A summary of the passage that a clue is from asks for something else; it would cost the corpus its passages."""
    summary = row(
        "다음 글을 한 문장으로 요약하세요.", "외화예금의 지급준비금은 달마다 알린다.", CLUE, "summary.short", "p1"
    )
    assert near([summary], [WITH_CLUES], texts={"p1": CLUE}) == {}


def test_that_there_is_no_answer_is_said_of_many_questions():
    """A row about something else that holds no answer is not near, though both are answered in the same words."""
    other = row("점심시간은 몇 시부터인가요?", NOT_ANSWERED.reference, "", "rag.no_answer")
    assert near([other], [NOT_ANSWERED]) == {}


def test_the_samples_own_questions_cost_few_general_rows():
    """At most 1 in 100 of the general rows is lost to the sample's written questions."""
    written = read_written_questions(ROOT / "data/raw/answers")
    lost = near(ordinary(), [*written.rag, *written.open])
    assert len(lost) <= 0.01 * len(ordinary())


def test_written_questions_are_read_from_the_folder_of_the_test(tmp_path):
    """The stage's folder holds them beside the closed ones; all are protected."""
    write_jsonl(tmp_path / "general.jsonl", [])
    write_jsonl(tmp_path / "questions.jsonl", sample_questions()[:3])
    write_jsonl(tmp_path / "rag.jsonl", [WITH_CLUES])
    write_jsonl(tmp_path / "open.jsonl", [OPEN])
    for name in ("passages", "terms"):
        write_jsonl(tmp_path / f"{name}.jsonl", [])
    near_test = read_near_test(tmp_path, tmp_path, background_of(ordinary()), DECONTAMINATION)
    rows = [row(one.question, "모릅니다.") for one in (WITH_CLUES, OPEN)] + [row(sample_questions()[0].stem, "모름")]
    found = [finding and finding.against for _, finding in near_test.judge(rows)]
    assert found == [WITH_CLUES.id, OPEN.id, sample_questions()[0].id]
