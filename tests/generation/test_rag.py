"""Questions with three clues: whose negatives hold no answer, are checked, shuffled, shortened and accounted for."""

import re
from collections import Counter

import pytest

from finsmith.generation import rag

from .made import Teacher, material, passage, reply_to, user_text

STATEMENT = "심사역은 접수일부터 7영업일 안에 결과를 통지하여야 한다."
BY_RULE = "심사역은 접수일부터 몇 영업일 안에 결과를 통지하여야 하는가?"
QUESTION = "심사역은 접수일부터 몇 영업일 안에 심사 결과를 통지해야 하나요?"
ITEM = {
    "short_answer": "7영업일",
    "asks": "몇 영업일",
    "question": QUESTION,
    "answer": "심사역은 접수일부터 7영업일 안에 결과를 통지해야 합니다.",
}
ASKED = passage(STATEMENT)
NEAR = [
    passage(f"심사역은 접수일에 신청서를 검토하고 결과를 {place}에 적는다.")
    for place in ("대장", "전산", "일지", "장부")
]
BY_WORD = passage("심사 결과는 접수일부터 7 영업일 안에 심사역이 알린다.")
BY_NUMBER = passage("심사역은 접수일부터 7일이 지나면 결과를 다시 살핀다.")
NO = {"quote": "", "answers": False}
YES = {"quote": "심사역은", "answers": True}


def teacher(item=ITEM, verdict=lambda text: NO, shorten=None):
    """Answers the three prompts of the recipe."""

    def answer(request):
        text = user_text(request)
        if request.recipe == "rag.question":
            return item
        return verdict(text) if request.recipe == "rag.check" else {"sentences": [shorten(request)]}

    return Teacher(answer)


def talk(passages=(ASKED, *NEAR), asking=None, unanswerable=0.0, **settings):
    """What came of the first passage, and what was asked."""
    made = material(passages, rag={"unanswerable": unanswerable} | settings)
    asking = asking or teacher()
    return asking.drive(rag.talk(passages[0], made)), asking.asked


def clues(example):
    """The clue texts by number, as a reader sees them."""
    return {int(n): text for n, text in re.findall(r"^\[단서 (\d)\] (.+)$", example.input, re.MULTILINE)}


def test_a_row_has_three_clues_and_cites_the_one_that_answers():
    """The passage and two others are the clues; the output is the answer and the passage's number."""
    made, _ = talk()
    (example,) = made.examples
    assert example.recipe == "rag.answer"
    shown = clues(example)
    assert list(shown) == [1, 2, 3]
    (at,) = (n for n, text in shown.items() if text == STATEMENT)
    assert len(set(shown.values()) & {p.text for p in NEAR}) == 2
    assert example.output == f"{ITEM['answer']} [단서 {at}]"
    assert example.instruction.endswith(f"질문: {QUESTION}")


@pytest.mark.parametrize(
    "answer", ["The result is told within 7영업일.", "심사역은 결과를 7영업일.", "심사역은 99일 안에 알린다."]
)
def test_an_answer_that_is_no_good_sentence_gives_way_to_the_one_it_is_from(answer):
    """In another language, without an end, or with numbers of its own."""
    made, _ = talk(asking=teacher(item=ITEM | {"answer": answer}))
    assert made.examples[0].output.startswith(STATEMENT)


def test_the_provenance_names_every_clues_passage_and_every_call():
    """The question's call wrote the row, the checks of both negatives stand beside it, the passage comes first."""
    made, asked = talk()
    (example,) = made.examples
    by_text = {p.text: p.id for p in (ASKED, *NEAR)}
    assert example.provenance.sources[0] == ASKED.id
    assert sorted(example.provenance.sources) == sorted(by_text[text] for text in clues(example).values())
    question, *checks = asked
    assert (question.recipe, [check.recipe for check in checks]) == ("rag.question", ["rag.check"] * 2)
    assert example.provenance.request_key == question.key
    assert example.provenance.other_keys == tuple(check.key for check in checks)


def test_a_passage_that_holds_the_answer_is_never_a_negative():
    """By its words or by its number: neither is asked about, nor does it stand among the clues."""
    made, asked = talk((ASKED, BY_WORD, BY_NUMBER, *NEAR))
    assert {BY_WORD.text, BY_NUMBER.text} & set(clues(made.examples[0]).values()) == set()
    assert all(BY_WORD.id not in request.sources and BY_NUMBER.id not in request.sources for request in asked)


def test_a_passage_that_the_teacher_finds_the_answer_in_is_replaced_by_the_next():
    """Each negative was judged; where one answers, the next nearest is asked about, until there are two."""
    guilty = NEAR[:2]
    made, asked = talk(asking=teacher(verdict=lambda text: YES if any(p.text in text for p in guilty) else NO))
    assert {p.text for p in NEAR[2:]} | {STATEMENT} == set(clues(made.examples[0]).values())
    assert len([r for r in asked if r.recipe == "rag.check"]) == 4
    assert len(made.examples[0].provenance.other_keys) == 4


def test_a_teacher_that_finds_the_answer_shows_where():
    """A yes whose quote is not in the passage is asked for again, and taken as none where it comes twice."""
    made, asked = talk(asking=teacher(verdict=lambda text: {"quote": "없는 말", "answers": True}))
    assert made.examples == []
    assert {reject.reason.partition(":")[0] for reject in made.rejected[:-1]} == {"quote"}
    assert len([r for r in asked if r.recipe == "rag.check"]) == 8


def test_the_same_text_in_two_documents_is_one_clue():
    """A twin of the passage is no negative, and two twins do not stand side by side."""
    twin = NEAR[0].model_copy(update={"document": "사본.pdf", "id": ""})
    own = ASKED.model_copy(update={"document": "사본.pdf", "id": ""})
    made, _ = talk((ASKED, own, twin, NEAR[0], NEAR[1]))
    assert sorted(clues(made.examples[0]).values()) == sorted([STATEMENT, NEAR[0].text, NEAR[1].text])


def test_too_few_negatives_make_no_row():
    """With one stranger there can be no row, and nothing is asked."""
    made, asked = talk((ASKED, NEAR[0], passage("FX desk")))
    assert (made.examples, made.rejected, asked) == ([], [], [])


def test_negatives_that_the_teacher_finds_the_answer_in_make_no_row_and_say_so():
    """Where all but one answer, the question's reply is listed; it was an answer all the same."""
    made, _ = talk(asking=teacher(verdict=lambda text: NO if NEAR[0].text in text else YES))
    assert made.examples == []
    assert [reject.reason for reject in made.rejected] == ["only 1 hard negatives for it"]
    assert made.asked == made.parsed == 5


def test_only_so_many_near_passages_are_looked_at():
    """With `candidates` 3, all guilty, three checks are paid and no fourth."""
    made, asked = talk(asking=teacher(verdict=lambda text: YES), candidates=3)
    assert [r.recipe for r in asked].count("rag.check") == 3
    assert made.examples == []


def test_an_unanswerable_row_has_three_negatives_and_says_so():
    """The passage itself is no clue but the first source; the output cites none and names no answer."""
    made, _ = talk(unanswerable=1.0)
    (example,) = made.examples
    assert example.recipe == "rag.no_answer"
    assert len(clues(example)) == 3
    assert set(clues(example).values()) < {p.text for p in NEAR}
    assert example.provenance.sources[0] == ASKED.id
    assert len(example.provenance.sources) == 4
    assert "없습니다" in example.output
    assert "단서 1" not in example.output and "7영업일" not in example.output


def test_the_share_of_unanswerable_rows_is_near_the_parameter():
    """Over 300 passages and a share of 0.2, between 40 and 80 rows are unanswerable (3 standard deviations are 21)."""
    passages = [passage(STATEMENT.replace("7", str(n))) for n in range(100, 400)]
    made = material(passages, rag={"unanswerable": 0.2})
    asking = teacher()
    rows = [row for one in passages for row in asking.drive(rag.talk(one, made)).examples]
    counts = Counter(row.recipe for row in rows)
    assert counts.total() == 300
    assert 40 <= counts["rag.no_answer"] <= 80


def test_the_place_of_the_answer_is_the_seeds_and_is_spread():
    """The same seed gives the same order; over seeds the answer comes first, second and third."""
    places = Counter()
    for seed in range(60):
        made = material([ASKED, *NEAR], seed=seed, rag={"unanswerable": 0.0})
        (example,) = teacher().drive(rag.talk(ASKED, made)).examples
        places[example.output[-2]] += 1
        assert teacher().drive(
            rag.talk(ASKED, material([ASKED, *NEAR], seed=seed, rag={"unanswerable": 0.0}))
        ).examples == [example]
    assert set(places) == set("123")
    assert min(places.values()) > 8


# --- question and answer ---


def test_a_question_that_tells_its_answer_falls_back_on_the_rule():
    """The question by rule stands in, and nothing is asked again."""
    made, asked = talk(asking=teacher(item=ITEM | {"question": "7영업일 안에 통지해야 하나요?"}))
    assert made.examples[0].instruction.endswith(f"질문: {BY_RULE}")
    assert [r.recipe for r in asked].count("rag.question") == 1


@pytest.mark.parametrize(
    "answer",
    [
        "기한 안에 결과를 통지해야 합니다.",
        "7영업일이나 15영업일 안에 통지해야 합니다.",
        "5영업일 안에 통지해야 합니다.",
    ],
)
def test_an_answer_without_the_answer_or_with_numbers_of_its_own_is_the_sentence_itself(answer):
    """What the teacher left out or invented does not get into the row."""
    made, _ = talk(asking=teacher(item=ITEM | {"answer": answer}))
    assert made.examples[0].output[:-7] == STATEMENT


def test_a_passage_without_a_sentence_to_ask_about_asks_nothing():
    """A passage of headings is not paid for."""
    made, asked = talk((passage("제1장 총칙"), *NEAR))
    assert (made.asked, asked) == (0, [])


def test_a_question_that_cannot_be_read_twice_is_lost_and_listed():
    """Two malformed replies are two rejects, and no check is paid."""
    made, asked = talk(asking=teacher(item={"question": QUESTION}))
    assert [r.recipe for r in asked] == ["rag.question"] * 2
    assert [reject.mended for reject in made.rejected] == [False, False]
    assert (made.asked, made.parsed, made.examples) == (1, 0, [])


# --- shortening ---

LIMIT = 3 * len(STATEMENT)
PADDED = [passage(f"{p.text} {'이 밖의 일은 따로 적어 둔다. ' * 4}") for p in NEAR]


def shorter(request):
    """The clue's first sentence."""
    return user_text(request).split("\n")[1].split(". ")[0] + "."


def test_clues_within_the_limit_are_not_shortened():
    """As many tokens as the limit: nothing is asked for; one more, and it is."""
    size = sum(len(p.text) for p in (ASKED, *NEAR[:2]))
    for limit, calls in ((size, 0), (size - 1, 1)):
        _, asked = talk((ASKED, *NEAR[:2]), teacher(shorten=shorter), clue_tokens=limit)
        assert bool([r for r in asked if r.recipe == "rag.shorten"]) == bool(calls)


def test_only_the_long_clues_are_shortened_to_their_share():
    """The passage is within its third and stays; the others become their first sentence, and the calls are named."""
    made, asked = talk((ASKED, *PADDED[:2]), teacher(shorten=shorter), clue_tokens=LIMIT)
    (example,) = made.examples
    assert sorted(clues(example).values()) == sorted([STATEMENT, *(p.text.split(". ")[0] + "." for p in PADDED[:2])])
    shortened = [r for r in asked if r.recipe == "rag.shorten"]
    assert [r.sources for r in shortened] and {r.sources[0] for r in shortened} == {p.id for p in PADDED[:2]}
    assert {r.key for r in shortened} < set(example.provenance.other_keys)
    assert len(example.provenance.other_keys) == 4


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{'심사역은 신청서를 ' * 8}검토한다.", "tokens instead of at most"),
        ("심사역은 99일 안에 적는다.", "numbers that are not in the passage: 99"),
        ("심사역은 7 영업일 안에 적는다.", "the text answers the question"),
        ("심사역은 신청서를 어디에 적는가?", "String should match pattern"),
        ("심사역은 신청서를 검토하고 결과를 장부.", "a sentence is cut off"),
        ("담당 부서는 고객의 불만을 처리한다.", "of the words are the passage's"),
    ],
)
def test_a_bad_short_clue_is_asked_for_again_with_its_reason(text, reason):
    """Too long, with numbers of its own, or with the answer that it must not hold."""
    second = []

    def shorten(request):
        if "버렸습니다" in user_text(request):
            second.append(user_text(request))
            return shorter(request)
        return text

    made, _ = talk((ASKED, *PADDED[:2]), teacher(shorten=shorten), clue_tokens=LIMIT)
    assert [reason in again for again in second] == [True, True]
    assert len(made.examples) == 1


LONG = passage(f"{STATEMENT} {'그 밖의 일은 나중에 따로 적어 둔다. ' * 6}")


def test_the_answer_survives_the_shortening_of_its_passage():
    """A short clue is the teacher's where it keeps the answer."""
    kept = teacher(shorten=lambda request: "결과는 7영업일 안에 알린다.")
    made, _ = talk((LONG, *NEAR[:2]), kept, clue_tokens=LIMIT)
    assert "결과는 7영업일 안에 알린다." in clues(made.examples[0]).values()


def test_a_teacher_that_shortens_sees_what_to_keep_and_not_the_question():
    """Of the passage that answers its evidence, of another the sentence nearest to the question."""
    _, asked = talk((LONG, *PADDED[:2]), teacher(shorten=shorter), clue_tokens=LIMIT)
    tasks = {r.sources[0]: user_text(r).rpartition("</지문>")[2] for r in asked if r.recipe == "rag.shorten"}
    assert f"꼭 남길 문장: {STATEMENT}" in tasks[LONG.id]
    assert all(p.text.split(". ")[0] in tasks[p.id] for p in PADDED[:2])
    assert not any(QUESTION in task for task in tasks.values())


def test_where_the_teacher_loses_the_answer_twice_sentences_are_chosen():
    """Both losses are listed; the clue is then the sentence that answers and what else fits, word for word."""
    lost = teacher(shorten=lambda request: "심사역은 결과를 알린다.")
    made, _ = talk((LONG, *NEAR[:2]), lost, clue_tokens=LIMIT)
    assert [reject.reason for reject in made.rejected] == ["the words '7영업일' are lost; they must stay"] * 2
    (answering,) = (text for text in clues(made.examples[0]).values() if "7영업일" in text)
    assert answering.startswith(STATEMENT) and answering in LONG.text
    assert len(made.examples[0].provenance.other_keys) == 2


def test_a_sentence_that_answers_and_is_too_long_by_itself_makes_no_row():
    """The row is lost, and listed."""
    lost = teacher(shorten=lambda request: "심사역은 결과를 알린다.")
    made, _ = talk((LONG, *PADDED[:2]), lost, clue_tokens=60)
    assert made.examples == []
    assert made.rejected[-1].reason == "a clue could not be shortened"


def test_what_short_clues_leave_goes_to_the_long_one():
    """Beside two short clues the long one is not cut to a third of the limit but to what is left."""
    limit = 150
    made, _ = talk((LONG, *NEAR[:2]), teacher(shorten=lambda request: ""), clue_tokens=limit)
    sizes = [len(text) for text in clues(made.examples[0]).values()]
    assert limit / 3 < max(sizes) and sum(sizes) <= limit


def test_a_refused_check_counts_as_no_clearance():
    """A passage whose check the endpoint will not take is no clue."""

    def verdict(text):
        return NO if NEAR[0].text not in text else "refused"

    asking = teacher(verdict=verdict)
    answer = asking.answer
    asking.answer = lambda r: reply_to(r, "no", "refused") if answer(r) == "refused" else answer(r)
    made, _ = talk(asking=asking)
    assert NEAR[0].text not in clues(made.examples[0]).values()
    assert made.asked == made.parsed + 1


def test_the_most_is_one_row_a_passage():
    """Five usable passages, five rows."""
    assert rag.most(material([ASKED, *NEAR])) == 5


def test_a_held_out_question_is_asked_as_a_row_asks():
    """Given a row's question, clues and key, the prompt is that row's instruction and input to the letter."""
    made, asked = talk()
    (example,) = made.examples
    key = example.provenance.request_key
    assert key == asked[0].key
    texts = list(clues(example).values())
    assert rag.as_asked(QUESTION, texts, key, material().params) == (example.instruction, example.input)


def test_held_out_questions_take_all_wordings():
    """What is picked by a question's id spreads over the two wordings of the rows."""
    starts = {rag.as_asked("왜?", ("가", "나", "다"), f"id{n}", material().params)[0].split()[0] for n in range(20)}
    assert starts == {"단서를", "아래"}
