"""The page of written answers as a reader's browser gets it."""

import re

from finsmith.core.answer_records import Comparison, OpenAnswer, OpenQuestion, RagAnswer, RagQuestion
from finsmith.reporting.written.answers import RAG_SHARES, render_answers

from .metrics import METRICS
from .test_report import EVIL, Page

TOLD = METRICS["answers"]
CLUES = ("한도는 5%이다.", "기한은 7영업일이다.", EVIL)
WITH_CLUES = RagQuestion(
    question="기한은 며칠인가요?", clues=CLUES, reference="7영업일입니다.", clue=2, key="7영업일", source="규정.pdf"
)
WITHOUT = RagQuestion(question="금리는?", clues=CLUES, reference="단서에 없습니다.", clue=0, key="", source="")
WHY = OpenQuestion(question=f"왜? {EVIL}", reference="까닭입니다.", kind="explain")
HOW = OpenQuestion(question="어떻게?", reference="", kind="그 밖")


def rag_answer(question, model, answer, **values):
    made = {
        "cited": (),
        "refuses": False,
        "says_nothing": not answer,
        "foreign_figures": (),
        "against_direction": "",
        "foreign_names": (),
        "rouge_l": 0.5 if question.clue else None,
        "right": False if question.key else None,
    }
    return RagAnswer(question_id=question.id, model=model, answer=answer, **made | values)


RAG = [
    rag_answer(WITH_CLUES, "base", "9영업일, 부산에서.", foreign_figures=("9영업일",), foreign_names=("부산",)),
    rag_answer(WITH_CLUES, "adapter", "7영업일입니다. [단서 2]", cited=(2,), right=True),
    rag_answer(WITHOUT, "base", EVIL, cited=(1,)),
    rag_answer(WITHOUT, "adapter", "단서에 답이 없습니다.", refuses=True),
]
OPEN = [
    OpenAnswer(question_id=WHY.id, model="base", answer=f"모름 {EVIL}", loops="모름"),
    OpenAnswer(question_id=WHY.id, model="adapter", answer="", loops=""),
    OpenAnswer(question_id=WHY.id, model="teacher", answer="할인율 때문입니다.", loops=""),
    OpenAnswer(question_id=HOW.id, model="base", answer="가", loops=""),
    OpenAnswer(question_id=HOW.id, model="adapter", answer="나", loops=""),
]


def judged(question, base_first, adapter_first):
    return Comparison(
        question_id=question.id,
        base_first=base_first,
        adapter_first=adapter_first,
        request_keys=("k1", "k2"),
        model="judge",
    )


def rendered(rag=RAG, opened=OPEN, comparisons=(), told=TOLD, asked=(WITH_CLUES, WITHOUT), open_asked=(WHY, HOW)):
    return render_answers(asked, rag, open_asked, opened, comparisons, told)


def cards(html):
    """Each card as its text in one line."""
    found = re.findall(r"<article>(.*?)</article>", html, re.DOTALL)
    return [Page(card).text for card in found]


def test_the_page_needs_nothing_from_elsewhere():
    """It fetches and runs nothing, links only within itself, and its tags close whatever a model wrote."""
    html = rendered()
    page = Page(html)
    assert page.open == []
    assert page.links and all(link.startswith("#") for link in page.links)
    assert not page.tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    assert html.count("alert") == html.count("&lt;script&gt;alert") == 5  # two clues, an answer, a question, an answer
    assert all(f'id="{link[1:]}"' in html for link in page.links)


def test_each_question_is_a_card_with_the_models_side_by_side():
    """Open ones first; base, adapter and teacher in this order, then the reference where there is one."""
    why, how, with_clues, _ = cards(rendered())
    names = ["베이스 base", "어댑터 adapter", "교사 teacher", "모범 답 reference"]
    assert [why.index(name) for name in names] == sorted(why.index(name) for name in names)
    assert "할인율 때문입니다." in why and "(빈 답 empty)" in why and "✗ 되풀이 loops" in why
    assert "설명 explain" in why and "그 밖" in how
    assert "모범 답" not in how and "교사" not in how
    assert "7영업일입니다. [단서 2]" in with_clues and "교사" not in with_clues


def test_clues_are_shown_with_the_right_one_marked():
    """Three clues under the answers; only the right one has the mark, and none where none answers."""
    html = rendered()
    assert re.findall(r'class="clue( right)?"><b>\[단서 (\d)\]( ✓)?', html) == [
        ("", "1", ""),
        (" right", "2", " ✓"),
        ("", "3", ""),
        ("", "1", ""),
        ("", "2", ""),
        ("", "3", ""),
    ]
    *_, with_clues, without = cards(html)
    assert "답은 단서 2" in with_clues and "단서에 답이 없음" in without


def test_every_gate_has_its_verdict():
    """What a gate found is named; who refuses is judged by that alone."""
    *_, with_clues, without = cards(rendered())
    base, adapter = with_clues.split("어댑터 adapter")
    for said in ("✗ 단서 clue: –", "✗ 핵심어 key: 7영업일", "✗ 수치 figures: 9영업일", "✓ 방향", "✗ 이름 names: 부산"):
        assert said in base
    for said in ("✓ 단서 clue: 2", "✓ 핵심어", "✓ 수치", "✓ 방향", "✓ 이름", "ROUGE-L 0.50"):
        assert said in adapter
    base, adapter = without.split("어댑터 adapter")
    assert "✗ 없다고 함 refuses" in base and "✓ 없다고 함 refuses" in adapter
    assert "수치" in base and "수치" not in adapter
    assert "ROUGE-L" not in without and "핵심어" not in without


def test_a_wrong_refusal_is_a_fault():
    """Where a clue answers, saying that none does is marked as wrong."""
    card = cards(rendered([rag_answer(WITH_CLUES, "base", "없습니다.", refuses=True)], asked=(WITH_CLUES,)))[-1]
    assert "✗ 없다고 함 refuses" in card


def test_the_table_has_every_share_of_every_model():
    """With n and interval; a share of nobody is a dash, and the mean likeness has its interval."""
    html = rendered()
    table = Page(re.search(r"<table>(.*?)</table>", html, re.DOTALL)[1]).text
    assert all(english in table for _, english, _ in RAG_SHARES.values())
    assert table.count("25% [12, 100] n=6") == table.count("75% [38, 100] n=6") == 7
    assert table.count("–") == 2
    assert "0.062 [0.000, 0.500] n=6" in table and "0.188 [0.000, 0.500] n=6" in table


def test_a_judge_is_told_with_its_liking_for_a_place():
    """Wins, ties, losses, p, and how often the order decided; each card says what came of it."""
    html = rendered(comparisons=[judged(WHY, "adapter", "adapter"), judged(HOW, "base", "adapter")])
    text = Page(html).text
    assert "12쌍: 어댑터가 나음 6, 비김 5, 베이스가 나음 1 (부호 검정 p = 0.12)" in text
    assert "1 without a usable verdict" in text
    assert "25% [12, 100] n=12" in text and "62% [31, 100] n=20" in text
    why, how, *_ = cards(html)
    assert "judge: adapter" in why and "order decided" not in why
    assert "judge: tie (순서가 갈랐음 order decided)" in how


def test_what_was_not_asked_is_not_shown():
    """Without questions of either kind, and without a judge, the page is whole and has no empty table."""
    told = {"rag": {"n": 0, "answerable": 0}, "open": {"compared": None}}
    html = rendered([], [], (), told, (), ())
    assert "<table>" not in html and "심판이 본" not in html
    assert cards(html) == []
    assert Page(html).open == []
