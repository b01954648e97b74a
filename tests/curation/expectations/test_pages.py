"""The pages about a validation open without a network, show everything and run nothing."""

import re
from html.parser import HTMLParser

import pytest

from finsmith.core.io import read_json
from finsmith.curation.expectations.pages import write_data_docs
from finsmith.curation.expectations.suites import Outcome

VOID = {"meta", "br"}
EVIL = '</td><script src="https://evil.example/a.js">alert("1")</script><img src=x onerror=alert(1)>&amp;\''

PLACE = "여신.pdf, page 3"
OUTCOMES = [
    Outcome("passages", "글이 있는 단락뿐이다.", "expect_a(min_value=1)", "critical", True, 1234, 0, [], None),
    Outcome("passages", "띄어쓰기가 살아 있다.", "expect_b()", "warning", False, 1234, 1023, [PLACE] * 20, None),
    Outcome("passages", "한글이 절반을 넘는다.", "expect_c()", "warning", False, 1234, 0, [], 0.25),
    Outcome("terms", "용어가 있다.", "expect_d()", "critical", False, 0, 0, [], 0),
]  # fmt: skip
EVIL_OUTCOME = Outcome(EVIL, EVIL, f"expect_e({EVIL})", "critical", False, 2, 1, [f"{EVIL}.pdf (id {EVIL})"], EVIL)


class Page(HTMLParser):
    """Tags, attributes and texts of a page; a tag that is closed out of turn is an error."""

    def __init__(self, text):
        super().__init__()
        self.opened, self.tags, self.attributes, self.cells, self.texts = [], [], [], [], []
        self.feed(text)
        self.close()
        assert self.opened == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.opened += [] if tag in VOID else [tag]

    def handle_endtag(self, tag):
        assert self.opened.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return "".join(self.texts)


def page_of(folder, outcomes):
    write_data_docs(folder / "mixture", outcomes)
    return Page((folder / "mixture/index.html").read_text("utf-8"))


@pytest.mark.parametrize("outcomes", [OUTCOMES, [*OUTCOMES, EVIL_OUTCOME], OUTCOMES[:1], []])
def test_every_tag_is_closed_in_turn(tmp_path, outcomes):
    """The page is whole whatever came of the expectations, and is headed by its folder's name."""
    page = page_of(tmp_path, outcomes)
    assert page.tags[:2] == ["html", "head"]
    assert "데이터 검사: mixture" in page.text


def test_the_page_fetches_nothing(tmp_path):
    """No tag loads anything, links stay on the page, and neither does the style sheet name a place."""
    page = page_of(tmp_path, [*OUTCOMES, EVIL_OUTCOME])
    assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    places = [value for name, value in page.attributes if name in ("src", "href", "action", "data", "srcset", "style")]
    assert places
    assert all(place.startswith("#") for place in places)
    (style,) = re.findall(r"<style>(.*?)</style>", (tmp_path / "mixture/index.html").read_text("utf-8"), re.DOTALL)
    assert not re.search(r"url\(|@import|//", style)


def test_links_lead_to_the_sets(tmp_path):
    """Every set of the overview has its place further down."""
    page = page_of(tmp_path, OUTCOMES)
    links = [value for name, value in page.attributes if name == "href"]
    assert links == ["#passages", "#terms"]
    assert set(links) <= {f"#{value}" for name, value in page.attributes if name == "id"}


def test_what_data_say_is_shown_and_not_run(tmp_path):
    """Texts that would be tags stand on the page as they are: name, sentence, rule, row and what was found."""
    page = page_of(tmp_path, [EVIL_OUTCOME])
    assert {"script", "img"}.isdisjoint(page.tags)
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert page.text.count(EVIL) == 7  # overview, heading, sentence, rule, row (twice), what was found


def test_korean_is_shown_as_korean(tmp_path):
    """The page says its encoding and language, and sentences and places stand in it letter by letter."""
    page = page_of(tmp_path, OUTCOMES)
    assert {("charset", "utf-8"), ("lang", "ko")} <= set(page.attributes)
    written = (tmp_path / "mixture/index.html").read_bytes()
    for told in ("띄어쓰기가 살아 있다.", PLACE, "한글이 절반을 넘는다."):
        assert told.encode() in written
    assert PLACE.encode() in (tmp_path / "mixture/results.json").read_bytes()


def test_everything_looked_at_is_on_the_page(tmp_path):
    """Sentence, rule, found value, count of rows and the number of those not named."""
    text = page_of(tmp_path, OUTCOMES).text
    for one in OUTCOMES:
        assert one.expectation in text
        assert one.rule in text
    assert text.count(PLACE) == 20
    assert "밖에 1,003행" in text  # of the 1,023 that fail, twenty are named
    assert "1,234" in text
    assert "0.25" in text
    assert (text.count("✔"), text.count("✘")) == (1, 3)


def test_the_overview_counts_by_set(tmp_path):
    """Rows, expectations, those met, and those not met by severity stand in a line for each set."""
    write_data_docs(tmp_path, OUTCOMES)
    overview = (tmp_path / "index.html").read_text("utf-8").partition("</table>")[0]
    told = [re.sub(r"<[^>]*>", " ", line).split() for line in overview.splitlines() if "<td>" in line]
    assert told == [["passages", "1,234", "3", "1", "0", "2"], ["terms", "0", "1", "0", "1", "0"]]


def test_severity_is_shown_where_an_expectation_is_not_met(tmp_path):
    """The mark's class is the severity of what is not met, and is not seen where it is."""
    page = page_of(tmp_path, OUTCOMES)
    classes = [value for name, value in page.attributes if name == "class" and value in ("met", "warning", "critical")]
    assert classes == ["met", "warning", "warning", "critical"]


@pytest.mark.parametrize("outcomes", [[*OUTCOMES, EVIL_OUTCOME], []])
def test_results_hold_all_outcomes(tmp_path, outcomes):
    """A machine reads the same as a person: every outcome with all of its fields, in order."""
    write_data_docs(tmp_path, outcomes)
    assert [Outcome(**one) for one in read_json(tmp_path / "results.json")] == outcomes
