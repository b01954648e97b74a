"""The HTML report as a reader's browser gets it."""

import re
from dataclasses import asdict, replace
from html.parser import HTMLParser

import pytest

from finsmith.core.io import write_json, write_jsonl
from finsmith.core.records import (
    DocumentCounts,
    Example,
    Flagged,
    Provenance,
    Question,
    Rejected,
    RejectedReply,
    SourceReject,
)
from finsmith.curation.diversity import Diversity
from finsmith.curation.expectations.suites import Outcome
from finsmith.economics.roi import headline
from finsmith.evaluation.predictions import Prediction
from finsmith.evaluation.wrong_answers import wrong_answers
from finsmith.lineage.trace import Node
from finsmith.reporting.report.report import Folders, render_report

from . import test_summary
from .metrics import BREAKDOWN
from .test_roi import content

ROI = content()
SUMMARY = test_summary.SUMMARY | {"roi": headline(ROI)}
EVIL = "<script>alert('금리')</script><img src=http://x.example/a.png> & \"따옴표\""
VOID = {"meta", "link", "img", "br", "hr", "input"}


def example(instruction, output, recipe="glossary_qa.definition"):
    return Example(
        recipe=recipe, instruction=instruction, input="", output=output, provenance=Provenance(sources=("t1",))
    )


def asked(number, base, adapter, right=0):
    """A question, and what base and adapter chose of it."""
    question = Question(
        stem=f"{number}번 물음은?",
        choices=tuple(f"보기 {number}-{n}" for n in range(4)),
        answer=right,
        explanation="풀이",
        source="규정.pdf",
        evidence=f"증거 {number}",
    )
    scores = {0: (-1.0, -2.0, -3.0, -4.0), 1: (-5.0 - number, -1.0, -3.0, -4.0), None: ()}
    told = [
        Prediction(
            question_id=question.id,
            evaluator="choice_text",
            model=model,
            shift=0,
            choices=4,
            predicted=place,
            answer=right,
            scores=scores[place],
        )
        for model, place in (("base", base), ("adapter", adapter))
    ]
    return question, told


def wrong_of(*answered, shown=4):
    return wrong_answers(
        [question for question, _ in answered], [one for _, told in answered for one in told], "choice_text", shown
    )


NONE_WRONG = wrong_of(asked(1, 0, 0))
DOCUMENT = Node("from", "document", "a" * 64, "규정.pdf", {"sha256": "a" * 64})
CALL = Node(
    "written by",
    "call",
    "c" * 64,
    "summary",
    {"model": "gpt-4o", "prompt_tokens": 994, "completion_tokens": 134, "cost_usd": 0.0021},
    (),
    (Node("asked with", "prompt", "d" * 64, "summary"),),
)
PNG = "iVBORw0KGgo="


def sample(identity, recipe="summary.short", passage="p1", **facts):
    """A row that was kept, with the page it comes from."""
    known = {
        "recipe": recipe,
        "instruction": f"간추려라 {identity}",
        "input": "긴 글",
        "output": "짧은 글",
        "in_training_set": True,
    }
    known |= {"filters_passed": ["empty", "length"], "rejected_by": None, "marked_by": []}
    found = Node(
        "from", "passage", passage, "p. 3", {"document": "규정.pdf", "text": "여신은 한도를 지킨다."}, (), (DOCUMENT,)
    )
    return Node("", "example", identity, recipe, known | facts, (), (found, CALL))


def document_counts(name, **counts):
    return DocumentCounts(**(dict.fromkeys(DocumentCounts.model_fields, 0) | {"name": name, "language": ""} | counts))


class Page(HTMLParser):
    """Collects what a browser would fetch or run, tags that do not close, and the text that one language shows."""

    def __init__(self, html, language="ko"):
        super().__init__()
        self.links, self.tags, self.shown, self.open = [], set(), [], []
        self.hidden = {"ko": "en", "en": "ko"}[language]
        self.feed(html)
        self.close()

    @property
    def text(self):
        """What can be read, each run of white space as one space."""
        return " ".join("".join(self.shown).split())

    def handle_starttag(self, tag, attrs):
        """Notes the tag, its links and its language."""
        self.tags.add(tag)
        self.links += [v for k, v in attrs if k.rsplit(":", 1)[-1] in ("src", "href", "srcset", "action", "data")]
        if tag not in VOID:
            self.open.append((tag, dict(attrs).get("lang", "") if tag != "html" else ""))

    def handle_startendtag(self, tag, attrs):
        """Notes a tag that closes itself."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        """Closes the innermost tag, which must be this one."""
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        """Notes text that is neither style nor in the other language."""
        if all(tag != "style" and lang != self.hidden for tag, lang in self.open):
            self.shown.append(data)


@pytest.fixture
def render(tmp_path):
    def rendered(
        kept=(),
        rejected=(),
        replies=(),
        sources=(),
        documents=(),
        expectations=(),
        flags=(),
        samples=(),
        pages=None,
        wrong=NONE_WRONG,
        summary=SUMMARY,
    ):
        write_json(tmp_path / "plots/loss.json", [{"step": 10, "loss": 3.2}, {"step": 20, "loss": 1.7}])
        write_json(
            tmp_path / "plots/funnel.json", [{"step": "0 candidates", "rows": 10}, {"step": "1 empty", "rows": 7}]
        )
        write_json(tmp_path / "plots/breakdown.json", BREAKDOWN)
        write_json(tmp_path / "plots/letters.json", [{"model": "base (letter)", "choice": "A", "times": 5}])
        write_jsonl(tmp_path / "filtered/kept.jsonl", kept)
        write_jsonl(tmp_path / "filtered/rejected.jsonl", rejected)
        write_jsonl(tmp_path / "filtered/flagged.jsonl", flags)
        diversity = Diversity()
        for example in kept:
            diversity.add(example)
        write_json(tmp_path / "filtered/diversity.json", diversity.told())
        write_jsonl(tmp_path / "calls/rejected_replies.jsonl", replies)
        write_jsonl(tmp_path / "corpus/rejects.jsonl", sources)
        write_jsonl(tmp_path / "corpus/counts.jsonl", documents)
        write_json(tmp_path / "data_docs/inputs/results.json", expectations)
        folders = Folders(*(tmp_path / name for name in ("plots", "corpus", "calls", "filtered", "data_docs")))
        shown = {"rows": [asdict(one) for one in samples], "pages": pages or {}, "wrong": wrong}
        page, pictures = render_report(summary, ROI, shown, folders)
        assert set(pictures) == {"funnel", "verbs", "overlap", "loss", "accuracy", "letters", "costs", "tornado"}
        return page

    return rendered


def full(render):
    """A report with a row of every kind."""
    return render(
        [
            example("기준금리란 무엇인가요?", "한국은행이 정하는 정책 금리이다."),
            example("요약하세요.", "금리 상승.", "summary.short"),
        ],
        [Rejected(example=example("왜?", "금리."), filter="length", reason="너무 짧다", score=2, against="abc123")],
        [RejectedReply(request_key="k", recipe="summary", sources=("p1",), reason="잘렸다", reply="물가가 오르")],
        [SourceReject(source="보고서.pdf", place=f"page {n}", reason="글자가 없다") for n in (3, 4, 6, 9)],
        [document_counts("보고서.pdf", pages=12, characters=9876, unread_pages=4, language="ko")],
        samples=[sample("e1")],
        pages={"p1": [(3, PNG)]},
        wrong=wrong_of(asked(1, 0, 1), asked(2, 1, None)),
    )


def outcome(**values):
    """What came of an expectation, as results.json holds it."""
    made = Outcome("terms", "Definitions are long enough.", "rule", "warning", False, 220, 7, ["용어.csv, row 5"], None)
    return made._replace(**values)._asdict()


def test_the_report_needs_nothing_from_elsewhere(render):
    """No element fetches, links or runs anything outside the file, so that it opens offline."""
    html = full(render)
    page = Page(html)
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in page.links)
    assert sum(link.startswith("data:") for link in page.links) == 1
    assert not page.tags & {"script", "link", "iframe", "object", "embed", "base", "form"}
    assert "@import" not in html
    assert all(target.startswith("#") for target in re.findall(r"url\(\s*['\"]?([^)]*)\)", html))


def test_every_word_of_the_page_is_there_in_english(render):
    """The English view has no Hangul but that of rows, files and pages, here none; nor do its pictures."""
    question, told = asked(1, 0, 1)
    english = {"stem": "Which?", "choices": ("a", "b", "c", "d"), "source": "act.pdf", "evidence": "proof"}
    question = question.model_copy(update=english)
    wrong = wrong_of((question, [one.model_copy(update={"question_id": question.id}) for one in told]))
    row = sample("e1", instruction="Shorten.", input="long", output="short")
    row = replace(row, parents=(replace(row.parents[0], facts={"document": "act.pdf", "text": "An act."}), CALL))
    kept = example("What is it?", "A rate.")
    html = render(
        [kept],
        [Rejected(example=example("Why?", "Rates."), filter="length", reason="too short", score=2, against="abc")],
        [RejectedReply(request_key="k", recipe="summary", sources=("p1",), reason="cut", reply="prices")],
        [SourceReject(source="act.pdf", place="page 3", reason="no text")],
        [document_counts("act.pdf", language="en")],
        [outcome(failing=["terms.csv, row 5"])],
        [Flagged(example_id=kept.id, filter="mixes_politeness", reason="mixed", score=0.5)],
        [row],
        {"p1": [(3, PNG)]},
        wrong,
    )
    switch = "한국어"
    assert set(re.findall(r"[가-힣]+", Page(html, "en").text)) == {
        switch,
        "보고서",
    }  # the button and the window's title
    assert "Wrong answers" in Page(html, "en").text and "Wrong answers" not in Page(html, "ko").text


def test_one_language_is_hidden_at_a_time(render):
    """The page begins in Korean; the style hides the other language, and pictures with words stand there in both."""
    html = full(render)
    assert '<input type="radio" name="language" id="ko" checked>' in html
    assert '#ko:checked ~ main [lang="en"], #en:checked ~ main [lang="ko"] { display: none; }' in html
    for korean, english in (
        ("손실", "loss"),
        ("후보", "candidates"),
        ("자체 모델", "own model"),
        ("고른 횟수", "times named"),
    ):
        assert f">{korean}<" in html and f">{english}<" in html


def test_the_report_is_korean_html_whose_tags_close(render):
    """It says so in its head, is one well-formed tree, and shows the figures that matter in Korean."""
    html = full(render)
    assert html.startswith('<!doctype html>\n<html lang="ko">')
    assert '<meta charset="utf-8">' in html
    page = Page(html)
    assert page.open == []
    text = page.text
    for shown in (
        "25.0% → 62.5%",
        "71쪽",
        "문서 4건, 81,531자, 55,826토큰",
        "후보 10행 가운데 7행을 남기고 3행을 버렸습니다",
        "32.77 USD",
    ):
        assert shown in text


def test_the_report_shows_what_the_test_can_tell(render):
    """Interval, consistency, unreadable share, pairs and what they can show; device hours, or USD of a hosted model."""
    rows = re.findall(r"<tr><td>(?:choice_text|letter|generation)</td>.*?</tr>", full(render), re.S)
    cells = [[Page(cell).text for cell in re.findall(r"<td.*?</td>", row)] for row in rows]
    pairs = ["", "", ""]
    assert [row[:2] + row[2:4] + row[5:] for row in cells] == [
        ["choice_text", "base", "25.0%", "10.0–50.0%", "–", "–", *pairs, "0.50 장치 시간"],
        ["choice_text", "adapter", "62.5%", "30.0–86.0%", "–", "–", "+4 / −1", "0.38", "81.2%p", "0.50 장치 시간"],
        ["letter", "base", "25.0%", "10.0–50.0%", "12.5%", "–", *pairs, "2.00 장치 시간"],
        ["letter", "adapter", "25.0%", "10.0–50.0%", "25.0%", "–", "+0 / −0", "1", "–", "2.50 장치 시간"],
        ["generation", "gpt-4o", "75.0%", "41.0–93.0%", "87.5%", "6.2%", *pairs, "0.1875 USD"],
    ]


def test_the_report_breaks_the_headline_down_by_kind(render):
    """Each kind with its questions and both models' accuracy; other groupings and evaluators stay in the file."""
    html = full(render)
    assert (
        '<td>number</td><td class="n">8</td><td class="n">25.0% [10, 50]</td><td class="n">62.5% [30, 86]</td>' in html
    )
    assert "98.8%" not in html and "87.7%" not in html


def test_the_report_shows_rows_rejects_replies_and_sources(render):
    """A kept row, a reject with its reason and opponent, a bad reply, and an unread page are all told."""
    text = Page(full(render)).text
    for shown in (
        "짧은 글",
        "너무 짧다 (2.0), 상대: abc123",
        "summary: 잘렸다",
        "물가가 오르",
        "보고서.pdf",
        "글자가 없다",
        "page 3 … page 9 (4)",
        "9,876",
    ):
        assert shown in text


def test_the_report_says_what_the_corpus_can_bear(render):
    """Each mark of scale and each recipe has its figure: few corpora with digits, many without."""
    text = Page(full(render)).text
    for shown in ("(68쪽, 65,422토큰)1.2", "(7,000억 토큰)12,500,000", "glossary_qa440", "summary120"):
        assert shown in text


def test_the_report_says_what_was_forgotten(render):
    """General accuracy before and after, the points lost, the questions gained and lost, and p stand in one line."""
    text = Page(full(render)).text
    assert "일반 문항 40개: 50.0% → 27.5%, 잊은 정도 22.5%p (얻음/잃음 +1 / −10, McNemar p = 0.012)" in text


def test_words_of_rows_stay_words(render):
    """Mark-up inside instructions, outputs, reasons, replies and file names is shown, never obeyed."""
    evil = sample("e1", instruction=EVIL, output=EVIL)
    evil = replace(evil, parents=(replace(evil.parents[0], facts={"document": EVIL, "text": EVIL}), CALL))
    html = render(
        [example(EVIL, EVIL)],
        [Rejected(example=example("왜?", EVIL), filter="length", reason=EVIL, against=EVIL)],
        [RejectedReply(request_key="k", recipe="summary", sources=("p1",), reason=EVIL, reply=EVIL)],
        [SourceReject(source=EVIL, place=EVIL, reason=EVIL)],
        [document_counts(EVIL)],
        samples=[evil],
        pages={"p1": [(3, PNG)]},
    )
    page = Page(html)
    assert "script" not in page.tags and html.count("<img") == 1
    assert all(link.startswith(("#", "data:")) for link in page.links)
    assert "".join(page.shown).count(EVIL) == 13


def test_a_sample_stands_beside_its_page_with_its_lineage(render):
    """Text, document with hash, call with tokens and USD, prompt, filters, people; the page with its text."""
    html = render(
        samples=[sample("e1"), sample("e2", marked_by=[{"filter": "size", "reason": "길다"}])], pages={"p1": [(3, PNG)]}
    )
    text = Page(html).text
    for told in (
        "간추려라 e1",
        "짧은 글",
        f"규정.pdf, p. 3, sha256 {'a' * 16}",
        f"gpt-4o, 994 + 134 토큰, 0.0021 USD, 프롬프트 summary {'d' * 16}",
        "2가지를 지남; size: 길다",
        "판정한 사람 없음",
        "e1 학습에 쓰임",
        "규정.pdf, 3쪽",
    ):
        assert told in text
    assert html.count("data:image/png;base64,") == 1  # once in a recipe
    assert html.count('alt="여신은 한도를 지킨다."') == 1


def test_wrong_answers_show_who_chose_what(render):
    """The counts; those lost before those both got wrong; the right choice, both models' and the evidence."""
    html = render(wrong=wrong_of(asked(1, 0, 0), asked(2, 1, 0), asked(3, 1, 1), asked(4, 0, 1), asked(5, 0, None)))
    text = Page(html).text
    assert "둘 다 맞음어댑터만 맞음베이스만 맞음둘 다 틀림 1121" in text
    shown = re.findall(r"<article>.*?</article>", html, re.S)
    assert [re.search(r"(\d)번 물음은", one)[1] for one in shown] == ["4", "5", "3"]
    assert re.search(
        r'class="right">A. 보기 4-0.*정답.*베이스.*class="said">B. 보기 4-1.*어댑터.*증거 4', shown[0], re.S
    )
    assert "어댑터의 답을 읽을 수 없음" in shown[1]


def test_test_questions_can_be_kept_out_of_the_page(render):
    """With `report.wrong_answers` 0 only the counts stand there."""
    html = render(wrong=wrong_of(asked(4, 0, 1), shown=0))
    assert "번 물음은" not in html and "베이스만 맞음" in html


def test_without_rejects_nothing_is_said_of_them(render):
    """An empty list leaves no empty table behind."""
    text = Page(render([example("기준금리란?", "정책 금리이다.")])).text
    assert "쓰지 못한 것" not in text and "교사 응답" not in text


def test_the_same_input_gives_the_same_bytes(render):
    """No date and no random id: the report changes only with what it reports."""
    assert full(render).encode() == full(render).encode()


def test_expectations_that_are_not_met_are_shown(render):
    """A set's counts stand in the report, and what is not met with its first rows; a met one does not."""
    html = render(expectations=[outcome(), outcome(met=True, expectation="Every term is defined.")])
    assert '<td>terms</td><td class="n">220</td><td class="n">4</td>' in html
    assert "Definitions are long enough." in html and "7행: 용어.csv, row 5" in Page(html).text
    assert "Every term is defined." not in html


def test_rejected_and_marked_rows_can_be_browsed(render):
    """Fifty rows of a filter stand in the report whole, with reason, score and counterpart, and so do marks."""
    rows = [example(f"{n}번째 지시", f"{n}번째 출력") for n in range(60)]
    marked = example("기준금리를 설명하세요.", "정책 금리입니다. 시장 금리가 따라 움직여요.")
    html = render(
        kept=[marked],
        rejected=[Rejected(example=r, filter="novelty", reason="닮았다", score=0.75, against="abc") for r in rows],
        flags=[Flagged(example_id=marked.id, filter="mixes_politeness", reason="섞였다", score=0.5)],
    )
    assert Page(html).text.count("닮았다 (0.75), 상대: abc") == 50
    assert "49번째 출력" in html and "50번째 출력" not in html
    assert "mixes_politeness: 표시하고 남긴 1행" in html and "섞였다 (0.5)" in Page(html).text


def test_what_people_decided_is_told(render):
    """Counts in both languages, agreement with its interval, each reviewer's hours."""
    page = render()
    text = Page(page).text
    assert "사람이 2행을 받아들이고 1행을 고치고 1행을 물리쳤습니다. 3행은 결정을 기다리며, 그 가운데 1행은" in text
    assert "accepted 2, edited 1 and rejected 1. 3 wait for a decision, of which 1 were left out" in page
    assert "알파는 0.25입니다(95% 구간 -0.50~1.00)" in text and "<td>kim</td>" in page


def test_written_answers_have_a_table_in_the_report(render):
    """Base and adapter with n and interval, the judge's counts, and where the answers can be read."""
    text = Page(full(render)).text
    assert "단서 셋이 있는 물음 6개" in text and "reports/answers.html" in text
    assert text.count("25% [12, 100] n=6") == text.count("75% [38, 100] n=6") == 7
    assert "12쌍 가운데 어댑터가 나음 6, 비김 5, 베이스가 나음 1 (부호 검정 p = 0.12), 순서가 가른 것 25%" in text


def test_a_run_without_written_answers_has_no_such_table(render):
    """Where nothing was asked, the section is left out."""
    nothing = {"rag": {"n": 0, "answerable": 0}, "open": {"compared": None}}
    assert "쓴 답" not in render(summary=SUMMARY | {"answers": nothing})


def test_a_manager_reads_first_what_it_is_worth(render):
    """Before the corpus, in both languages: accuracy with its interval, payback, the audit's verdict."""
    korean, english = (Page(full(render), language).text for language in ("ko", "en"))
    first, first_in_english = korean[: korean.index("문서별")], english[: english.index("By document")]
    assert "25.0%에서 62.5%(95% 구간 30.0–86.0)로 바뀌었고" in first and "어긋났습니다" in first
    assert "accuracy went from 25.0% to 62.5%" in first_in_english and "3 checks, 1 failed" in first_in_english
    assert "5개월째에 본전을 찾고" in first and "pays back in month 5" in first_in_english


@pytest.mark.parametrize(
    ("payback", "saving", "korean", "english"),
    [
        (7, 1234.4, ("7개월째에 본전을 찾고", "1,234 USD", "아낍니다"), "pays back in month 7"),
        (None, -99.0, ("36개월 안에는 본전을 찾지 못하고", "99 USD", "더 씁니다"), "cost 99 USD more"),
    ],
)
def test_whether_it_pays_is_said_as_it_is(render, payback, saving, korean, english):
    """Also where it does not."""
    roi = {"payback_month": payback, "saving_usd": saving, "saving_krw": 1400 * saving, "months": 36}
    html = render(summary=SUMMARY | {"roi": roi | {"hosted_model": "gpt", "queries_per_month": 1000.0}})
    assert [one for one in korean if one not in Page(html).text] == []
    assert english in Page(html, "en").text


def test_the_costs_beside_a_hosted_model_are_shown(render):
    """The sums in USD and KRW, and every assumption with what it changes."""
    text = Page(full(render)).text
    assert (
        "자체 모델1,855.001,855,000 그 가운데 구축500.00500,000 외부 모델2,000.002,000,000 절감액145.00145,000" in text
    )
    assert "구축 인력 (일)125255-185" in text


def test_the_audit_has_a_line_for_each_check(render):
    """In words, with the number of faults."""
    text = Page(full(render)).text
    assert "모든 id가 이어진다✓ 통과" in text and "모든 파일이 dvc.lock의 것이다✗ 어긋남 2건" in text
