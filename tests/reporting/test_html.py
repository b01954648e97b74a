"""The HTML report as a reader's browser gets it."""

import re
from html.parser import HTMLParser

import pytest

from finsmith.core.io import write_json, write_jsonl
from finsmith.core.records import DocumentCounts, Example, Flagged, Provenance, Rejected, RejectedReply, SourceReject
from finsmith.curation.diversity import Diversity
from finsmith.curation.expectations.suites import Outcome
from finsmith.reporting.costs import ReportParams
from finsmith.reporting.html import render_report
from finsmith.reporting.summary import summarise

from .metrics import BREAKDOWN, METRICS

SUMMARY = summarise(
    METRICS,
    ReportParams(
        p4d_usd_per_hour=32.77,
        p4d_gpus=8,
        device_usd_per_hour={"NVIDIA A100": 4.10, "cpu": 0.05},
        reviewer_usd_per_hour=20.0,
        trace_calls=0,
    ),
)
EVIL = "<script>alert('금리')</script><img src=http://x.example/a.png> & \"따옴표\""
VOID = {"meta", "link", "img", "br", "hr", "input"}


def example(instruction, output, recipe="glossary_qa.definition"):
    return Example(
        recipe=recipe, instruction=instruction, input="", output=output, provenance=Provenance(sources=("t1",))
    )


def document_counts(name, **counts):
    return DocumentCounts(**(dict.fromkeys(DocumentCounts.model_fields, 0) | {"name": name, "language": ""} | counts))


class Page(HTMLParser):
    """Collects what a browser would fetch or run, the visible text, and tags that do not close."""

    def __init__(self, html):
        super().__init__()
        self.links, self.tags, self.text, self.open = [], set(), [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Notes the tag and its links."""
        self.tags.add(tag)
        self.links += [v for k, v in attrs if k.rsplit(":", 1)[-1] in ("src", "href", "srcset", "action", "data")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """Notes a tag that closes itself."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        """Closes the innermost tag, which must be this one."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Notes text."""
        self.text.append(data)


@pytest.fixture
def render(tmp_path):
    def rendered(kept=(), rejected=(), replies=(), sources=(), documents=(), expectations=(), flags=()):
        write_json(tmp_path / "plots/loss.json", [{"step": 10, "loss": 3.2}, {"step": 20, "loss": 1.7}])
        write_json(
            tmp_path / "plots/funnel.json", [{"step": "0 candidates", "rows": 10}, {"step": "1 empty", "rows": 7}]
        )
        write_json(tmp_path / "plots/breakdown.json", BREAKDOWN)
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
        folders = (tmp_path / name for name in ("plots", "corpus", "calls", "filtered", "data_docs"))
        return render_report(SUMMARY, *folders)

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
    )


def outcome(**values):
    """What came of an expectation, as results.json holds it."""
    made = Outcome("terms", "Definitions are long enough.", "rule", "warning", False, 220, 7, ["용어.csv, row 5"], None)
    return made._replace(**values)._asdict()


def test_the_report_needs_nothing_from_elsewhere(render):
    """No element fetches, links or runs anything outside the file, so that it opens offline."""
    html = full(render)
    page = Page(html)
    assert page.links and all(link.startswith("#") for link in page.links)
    assert not page.tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    assert "@import" not in html
    assert all(target.startswith("#") for target in re.findall(r"url\(\s*['\"]?([^)]*)\)", html))


def test_the_report_is_korean_html_whose_tags_close(render):
    """It says so in its head, is one well-formed tree, and shows the figures that matter in Korean."""
    html = full(render)
    assert html.startswith('<!doctype html>\n<html lang="ko">')
    assert '<meta charset="utf-8">' in html
    page = Page(html)
    assert page.open == []
    text = "".join(page.text)
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
    cells = [[re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<td.*?</td>", row)] for row in rows]
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
    assert "98.8" not in html and "87.7" not in html


def test_the_report_shows_rows_rejects_replies_and_sources(render):
    """A kept row, a reject with its reason and opponent, a bad reply, and an unread page are all told."""
    text = "".join(Page(full(render)).text)
    for shown in (
        "한국은행이 정하는 정책 금리이다.",
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
    text = " ".join("".join(Page(full(render)).text).split())
    for shown in ("(68쪽, 65,422토큰)1.2개", "(7,000억 토큰)12,500,000개", "glossary_qa440", "summary120"):
        assert shown in text


def test_the_report_says_what_was_forgotten(render):
    """General accuracy before and after, the points lost, the questions gained and lost, and p stand in one line."""
    text = " ".join("".join(Page(full(render)).text).split())
    assert "일반 문항 40개: 50.0% → 27.5%, 잊은 정도 22.5%p (얻음/잃음 +1 / −10, McNemar p = 0.012)" in text


def test_words_of_rows_stay_words(render):
    """Mark-up inside instructions, outputs, reasons, replies and file names is shown, never obeyed."""
    html = render(
        [example(EVIL, EVIL)],
        [Rejected(example=example("왜?", EVIL), filter="length", reason=EVIL, against=EVIL)],
        [RejectedReply(request_key="k", recipe="summary", sources=("p1",), reason=EVIL, reply=EVIL)],
        [SourceReject(source=EVIL, place=EVIL, reason=EVIL)],
        [document_counts(EVIL)],
    )
    page = Page(html)
    assert not page.tags & {"script", "img"}
    assert all(link.startswith("#") for link in page.links)
    assert "".join(page.text).count(EVIL) == 11


def test_at_most_three_rows_of_a_recipe_are_shown(render):
    """Samples stay samples: three of each recipe, the first ones."""
    html = render([example(f"물음 {n}번이다?", "대답이다.") for n in range(5)])
    assert re.findall(r"물음 \d번", html) == ["물음 0번", "물음 1번", "물음 2번"]


def test_without_rejects_nothing_is_said_of_them(render):
    """An empty list leaves no empty table behind."""
    text = "".join(Page(render([example("기준금리란?", "정책 금리이다.")])).text)
    assert "쓰지 못한 것" not in text and "교사 응답" not in text


def test_the_same_input_gives_the_same_bytes(render):
    """No date and no random id: the report changes only with what it reports."""
    assert full(render).encode() == full(render).encode()


def test_expectations_that_are_not_met_are_shown(render):
    """A set's counts stand in the report, and what is not met with its first rows; a met one does not."""
    html = render(expectations=[outcome(), outcome(met=True, expectation="Every term is defined.")])
    assert '<td>terms</td><td class="n">220</td><td class="n">4</td>' in html
    assert "Definitions are long enough." in html and "7행: 용어.csv, row 5" in html
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
    assert html.count("닮았다 (0.75), 상대: abc") == 50
    assert "49번째 출력" in html and "50번째 출력" not in html
    assert "mixes_politeness: 표시하고 남긴 1행" in html and "섞였다 (0.5)" in html


def test_written_answers_have_a_table_in_the_report(render):
    """Base and adapter with n and interval, the judge's counts, and where the answers can be read."""
    text = " ".join("".join(Page(full(render)).text).split())
    assert "단서 셋이 있는 물음 6개" in text and "reports/answers.html" in text
    assert text.count("25% [12, 100] n=6") == text.count("75% [38, 100] n=6") == 7
    assert "12쌍 가운데 어댑터가 나음 6, 비김 5, 베이스가 나음 1 (부호 검정 p = 0.12), 순서가 가른 것 25%" in text


def test_a_run_without_written_answers_has_no_such_table(render, monkeypatch):
    """Where nothing was asked, the section is left out."""
    nothing = {"rag": {"n": 0, "answerable": 0}, "open": {"compared": None}}
    monkeypatch.setitem(SUMMARY, "answers", nothing)
    assert "쓴 답" not in full(render)


def test_a_manager_reads_first_what_it_is_worth(render):
    """Before the corpus, in both languages: rows, accuracy with its interval and p, costs, and the audit's verdict."""
    text = " ".join("".join(Page(full(render)).text).split())
    first = text[: text.index("말뭉치 문서")]
    assert "25.0%에서 62.5%(95% 구간 30.0–86.0)로 바뀌었고" in first and "어긋났습니다" in first
    assert "accuracy went from 25.0% to 62.5%" in first and "3 checks, 1 failed" in first
    assert "본전은 찾는가" not in first  # where nobody has computed it


@pytest.mark.parametrize(
    ("payback", "saving", "said"),
    [
        (7, 1234.4, ("7개월째에 본전을 찾고", "1,234 USD", "아낍니다", "pays back in month 7")),
        (None, -99.0, ("36개월 안에는 본전을 찾지 못하고", "99 USD", "더 씁니다", "cost 99 USD more")),
    ],
)
def test_whether_it_pays_is_said_as_it_is(render, monkeypatch, payback, saving, said):
    """Also where it does not."""
    roi = {"payback_month": payback, "saving_usd": saving, "saving_krw": 1400 * saving, "months": 36}
    monkeypatch.setitem(SUMMARY, "roi", roi | {"hosted_model": "gpt", "queries_per_month": 1000.0})
    text = " ".join("".join(Page(full(render)).text).split())
    assert [one for one in said if one not in text] == []


def test_the_audit_has_a_line_for_each_check(render):
    """In words, with the number of faults."""
    text = " ".join("".join(Page(full(render)).text).split())
    assert "모든 id가 이어진다통과" in text and "모든 파일이 dvc.lock의 것이다어긋남 2건" in text
