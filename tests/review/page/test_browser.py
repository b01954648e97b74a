"""The page in a real Chromium: judged by keyboard, by Hangul, over reloads, killed servers and other tabs."""

import re
import shutil
import signal
import socket
import unicodedata

import pytest
from playwright.sync_api import expect, sync_playwright

from finsmith.core.io import write_jsonl
from finsmith.core.records import Provenance
from finsmith.review.course import read_decisions

from ..made import question, row
from .office import PASSAGES, TERM, TEXT, asked, make_office, rag, served

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here: apt-get install chromium")
WIDE, TABLET, PHONE = (1440, 900), (820, 1180), (390, 844)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser):
    """Opens a link in a browser of its own; the page may not break, nor fetch from elsewhere."""
    contexts, broken = [], []

    def make(link, size=WIDE, language="ko-KR", scheme="light", stopped_at=None):
        viewport = {"width": size[0], "height": size[1]}
        contexts.append(browser.new_context(viewport=viewport, locale=language, color_scheme=scheme))
        page, origin = contexts[-1].new_page(), link.partition("/#")[0]
        page.set_default_timeout(8000)
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on("request", lambda asked: asked.url.startswith((origin, "blob:")) or broken.append(asked.url))
        if stopped_at is not None:
            page.clock.install(time=stopped_at)
        page.goto(link)
        return page

    yield make
    for context in contexts:
        context.close()
    assert broken == []


@pytest.fixture
def office(tmp_path):
    return make_office(tmp_path, rows=20, questions=10, sample=3)


@pytest.fixture
def link(office):
    with served(office, "--reviewer", "kim") as (_, links):
        yield links["kim"]


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """A server for tests that decide nothing."""
    with served(make_office(tmp_path_factory.mktemp("shown")), "--reviewer", "kim") as (_, links):
        yield links["kim"]


def written(folder):
    return read_decisions(folder / "data/review/decisions").decisions


def id_of(page):
    return page.locator("#row .id").text_content()


def press_and_wait(page, *keys):
    """Presses the keys and waits until another row is there."""
    before = id_of(page)
    for key in keys:
        page.keyboard.press(key)
    expect(page.locator("#row .id")).not_to_have_text(before)


def choose(page, kind):
    page.select_option("#kind", kind)
    expect(page.locator("#row .tag").first).to_have_text({"question": "시험 문항", "sample": "감사 표본"}[kind])


def find(page, row_id):
    """Opens a row by the search."""
    page.keyboard.press("/")
    page.keyboard.insert_text(row_id)
    expect(page.locator("#found li")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#row .id")).to_have_text(row_id)
    expect(page.locator("#actions")).to_have_attribute("aria-busy", "false")


def test_thirty_rows_are_judged_by_keyboard_alone(new_page, link, office):
    """Accepted, rejected with a reason by number and by own words, skipped; what the screen said stands in the file."""
    page = new_page(link)
    expect(page.locator("#row .id")).to_be_visible()
    page.evaluate(
        """() => { window.times = []; let pressed = 0;
        addEventListener("keydown", () => { pressed = performance.now(); }, true);
        let last = document.querySelector("#row .id").textContent;
        new MutationObserver(() => { const id = document.querySelector("#row .id")?.textContent;
          if (id && id !== last) { last = id; times.push(performance.now() - pressed); }
        }).observe(document.getElementById("row"), { childList: true, subtree: true }); }"""
    )
    seen = []
    for turn in range(30):
        seen.append(id_of(page))
        if turn % 5 == 3:
            press_and_wait(page, "r", "2")
        elif turn % 5 == 4:
            page.keyboard.press("r")
            page.keyboard.press("0")
            page.keyboard.insert_text(f"{turn}쪽의 금리와 다르다")
            press_and_wait(page, "Enter")
        else:
            press_and_wait(page, "a")
        expect(page.locator("#told")).to_have_text(re.compile("했습니다"))
    decisions = written(office)
    assert [one.row_id for one in decisions] == seen
    assert [one.verdict for one in decisions] == ["accept", "accept", "accept", "reject", "reject"] * 6
    assert {one.reason for one in decisions[3::5]} <= {"원문에 없다", "정답이 둘 이상이다"}
    assert [one.reason for one in decisions[4::5]] == [f"{turn}쪽의 금리와 다르다" for turn in range(4, 30, 5)]
    assert all(0 <= one.seconds < 20 for one in decisions) and sum(one.seconds for one in decisions) > 1
    times = sorted(page.evaluate("times"))
    assert len(times) == 30 and times[15] < 100, times
    expect(page.locator("#counts")).to_contain_text("33건 중 30건")
    expect(page.locator("#counts")).to_contain_text("의심스러운 2행 중")
    for _ in range(3):
        page.keyboard.press("3")
        page.keyboard.press("a")
        page.wait_for_timeout(120)
    expect(page.locator("#row")).to_contain_text("모든 행을 판정했습니다")
    assert [one.answers for one in written(office)[30:]] == [(True, True, False)] * 3


def test_an_answer_is_edited_in_hangul(new_page, link, office):
    """Composed syllable by syllable: no key acts meanwhile; the diff follows; the file holds NFC."""
    page = new_page(link)
    find(page, rag(3).id)
    page.keyboard.press("e")
    expect(page.locator("#field-output")).to_be_focused()
    page.keyboard.press("Control+End")
    input_method = page.context.new_cdp_session(page)
    for syllable in ("ㄷ", "다", "단"):
        input_method.send("Input.imeSetComposition", {"text": syllable, "selectionStart": 1, "selectionEnd": 1})
    input_method.send("Input.insertText", {"text": "단"})
    page.keyboard.insert_text(unicodedata.normalize("NFD", ", 연임할 수 있다."))
    page.keyboard.type(" aersu")
    expect(page.locator("#diff-output ins")).to_have_text(re.compile("단"))
    assert id_of(page) == rag(3).id and written(office) == []
    press_and_wait(page, "Control+Enter")
    [decision] = written(office)
    assert decision.edit.output == f"{rag(3).output}단, 연임할 수 있다. aersu"
    expect(page.locator("#told")).to_contain_text("고쳐서 승인했습니다")


def test_keys_act_under_a_hangul_keyboard_and_never_while_composing(new_page, link, office):
    """ㅁ is where a is; a key that an input method takes (229) does nothing."""
    page = new_page(link)
    first = id_of(page)
    press = """given => document.body.dispatchEvent(new KeyboardEvent("keydown",
        { bubbles: true, cancelable: true, ...given }))"""
    page.evaluate(press, {"key": "Process", "code": "KeyA", "keyCode": 229})
    page.evaluate(press, {"key": "ㅁ", "code": "KeyA", "isComposing": True})
    page.wait_for_timeout(150)
    assert written(office) == [] and id_of(page) == first
    page.evaluate(press, {"key": "ㅁ", "code": "KeyA"})
    expect(page.locator("#row .id")).not_to_have_text(first)
    assert [one.row_id for one in written(office)] == [first]


def test_undo_brings_a_row_back(new_page, link, office):
    """The last one first; an edit that was undone is there to go on with."""
    page = new_page(link)
    first = id_of(page)
    press_and_wait(page, "a")
    second = id_of(page)
    page.keyboard.press("e")
    page.keyboard.insert_text("고친 글 ")
    press_and_wait(page, "Control+Enter")
    for wanted in (second, first):
        page.keyboard.press("u")
        expect(page.locator("#row .id")).to_have_text(wanted)
        expect(page.locator("#told")).to_have_text("되돌렸습니다")
        if wanted == second:
            expect(page.locator("#row ins")).to_contain_text("고친 글")
    assert [one.verdict for one in written(office)] == ["accept", "accept", "undo", "undo"]
    page.keyboard.press("u")
    expect(page.locator("#told")).to_contain_text("되돌릴 판정이 없습니다")


def test_a_reload_in_the_midst_of_a_row_loses_nothing(new_page, shown):
    """The same row, what was typed, and no token in the address."""
    page = new_page(shown)
    find(page, rag(7).id)
    here = id_of(page)
    page.keyboard.press("e")
    page.keyboard.insert_text("반쯤 쓴 글 ")
    page.reload()
    expect(page.locator("#row .id")).to_have_text(here)
    expect(page.locator("#row ins")).to_contain_text("반쯤 쓴 글")
    expect(page.locator("#told")).to_have_text("하던 작업을 되살렸습니다.")
    assert "#" not in page.url and shown.partition("#")[2] not in page.url


def test_a_question_gets_another_answer_and_order(new_page, link, office):
    """By number keys and arrows, Alt with arrows moves the answer; Escape takes all back."""
    page = new_page(link)
    choose(page, "question")
    find(page, asked(4).id)
    page.keyboard.press("3")
    expect(page.locator("li.answer")).to_contain_text("3년 이상")
    page.keyboard.press("Escape")
    expect(page.locator("li.answer")).to_contain_text("2년 이상")
    expect(page.locator("#row ins")).to_have_count(0)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("li.answer .pick")).to_have_text("A")
    press_and_wait(page, "a")
    [decision] = written(office)
    assert decision.edit.changes == {"choices": ("3년 이상", "1년 이상", "2년 이상", "4년 이상"), "answer": 0}


def test_a_choice_is_edited_in_its_place(new_page, link, office):
    """By Alt and an arrow in its field it moves, and the answer with it."""
    page = new_page(link)
    find(page, asked(5).id)
    page.keyboard.press("e")
    page.locator("#choice-1").focus()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("으로")
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#choice-2")).to_be_focused()
    press_and_wait(page, "Control+Enter")
    [decision] = written(office)
    assert decision.edit.changes == {"choices": ("1년 이상", "3년 이상", "2년 이상으로", "4년 이상"), "answer": 2}


def test_a_comment_stands_beside_the_answers_to_the_audit(new_page, link, office):
    """Written in its field, sent by Ctrl+Enter with the answers."""
    page = new_page(link)
    choose(page, "sample")
    page.keyboard.press("3")
    page.locator("#comment").focus()
    page.keyboard.insert_text("단위가 빠졌다")
    press_and_wait(page, "Control+Enter")
    [said] = written(office)
    assert (said.verdict, said.answers, said.reason) == ("reject", (True, True, False), "단위가 빠졌다")


def test_an_adjudicator_takes_a_side(new_page, tmp_path):
    """By one key, with its reason."""
    people = {"reviewers": ["kim", "lee"], "adjudicator": "park", "overlap": {"share": 1.0, "reviewers": 2}}
    folder = make_office(tmp_path, rows=1, questions=0, sample=0, **people)
    with served(folder) as (_, links):
        for name, keys in {"kim": "a", "lee": "r2"}.items():
            page = new_page(links[name])
            expect(page.locator("#row .id")).to_be_visible()
            for key in keys:
                page.keyboard.press(key)
            expect(page.locator("#row .done")).to_be_visible()
        page = new_page(links["park"])
        sides = page.locator(".sides .side").all_text_contents
        expect(page.locator(".sides .side")).to_have_count(2)
        page.keyboard.press(f"Alt+Digit{1 + next(at for at, text in enumerate(sides()) if '원문에 없다' in text)}")
        expect(page.locator("#row .done")).to_be_visible()
    [said] = [one for one in written(folder) if one.reviewer == "park"]
    assert (said.verdict, said.reason) == ("reject", "원문에 없다")


def test_without_a_good_link_no_row_is_shown(new_page, shown):
    """A sentence says what to do."""
    origin = shown.partition("#")[0]
    for wrong in (f"{origin}#{'x' * 43}", origin):
        page = new_page(wrong)
        expect(page.locator("#row")).to_contain_text("finsmith review가 출력한 링크를 여세요")
        assert "kim" not in page.content() and page.locator("#row .id").count() == 0
        page.keyboard.press("a")
        page.locator("#language").click()
        assert page.locator("#row .id").count() == 0


def test_a_row_decided_in_another_tab_is_shown_anew(new_page, link, office):
    """What was said there stands, and a new decision takes its place knowingly."""
    one, other = new_page(link), new_page(link)
    first = id_of(one)
    expect(other.locator("#row .id")).to_have_text(first)
    press_and_wait(one, "a")
    other.keyboard.press("r")
    other.keyboard.press("1")
    expect(other.locator("#told")).to_contain_text("다른 탭에서 판정한 행입니다")
    expect(other.locator("#row .own")).to_contain_text("승인")
    assert id_of(other) == first and len(written(office)) == 1
    press_and_wait(other, "r", "1")
    assert [one.verdict for one in written(office)] == ["accept", "reject"]


def test_two_people_judge_at_once(new_page, office):
    """Each gets other rows; both files hold what each said."""
    with served(office, "--reviewer", "kim") as (_, kim), served(office, "--reviewer", "이영희") as (_, lee):
        pages = {"kim": new_page(kim["kim"]), "이영희": new_page(lee["이영희"], language="en-US")}
        seen = {name: [] for name in pages}
        for _ in range(5):
            for name, page in pages.items():
                seen[name].append(id_of(page))
                press_and_wait(page, "a")
    for name, ids in seen.items():
        assert [one.row_id for one in written(office) if one.reviewer == name] == ids


def test_a_server_that_was_killed_costs_nothing(new_page, office):
    """A banner says so; what is under way is sent until a new server answers, and is taken once."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with served(office, "--reviewer", "kim", "--port", port) as (process, links):
        page = new_page(links["kim"])
        press_and_wait(page, "a")
        second = id_of(page)
        process.send_signal(signal.SIGKILL)
        process.wait()
        page.keyboard.press("r")
        page.keyboard.press("0")
        page.keyboard.insert_text("금리가 다르다")
        page.keyboard.press("Enter")
        expect(page.locator("#banner")).to_contain_text("서버가 응답하지 않습니다")
        assert id_of(page) == second
    with served(office, "--reviewer", "kim", "--port", port):
        page.locator("#retry").click()
        expect(page.locator("#row .id")).not_to_have_text(second)
        expect(page.locator("#banner")).not_to_be_visible()
    assert [(one.verdict, one.reason) for one in written(office)] == [("accept", ""), ("reject", "금리가 다르다")]


def test_the_page_of_the_passage_is_beside_the_row(new_page, shown):
    """Scrolled to the passage; the named clue's source comes first, others by a key."""
    page = new_page(shown)
    find(page, rag(0).id)
    picture = page.locator(".page img")
    expect(picture).to_be_visible()
    expect(page.locator(".tabs [aria-selected=true]")).to_contain_text("단서 2 ✓")
    expect(page.locator("mark")).to_contain_text("보고책임자의 임기는 2년 이상으로 한다.")
    page.wait_for_function("document.querySelector('.page').scrollTop > 20")
    page.keyboard.press("]")
    expect(page.locator(".tabs [aria-selected=true]")).to_contain_text("단서 3")
    expect(page.locator("#row .checks")).to_contain_text("정답에 이견 있음")


def test_what_stands_beside_the_row_does_not_push_the_answer_away(new_page, tmp_path):
    """An input that is the passage is folded; choices that are terms stand with what they mean."""
    folder = make_office(tmp_path, rows=0, questions=0, sample=0)
    sources = Provenance(sources=(PASSAGES[0].id,))
    write_jsonl(folder / "data/filtered/kept.jsonl", [row(1, input=TEXT, provenance=sources)])
    choices = (TERM.term, "수익성", "건전성", "안정성")
    write_jsonl(
        folder / "data/raw/test_candidates/candidates.jsonl", [question("쉽게 현금이 되는 정도는?", choices=choices)]
    )
    with served(folder, "--reviewer", "kim") as (_, links):
        page = new_page(links["kim"])
        page.select_option("#kind", "row")
        expect(page.locator("#row .field.input summary")).to_contain_text("옆의 지문과 같음")
        expect(page.locator("#row .field.input .text")).not_to_be_visible()
        expect(page.locator("#counts")).to_contain_text("1건 중 0건")  # of this kind
        choose(page, "question")
        expect(page.locator("#behind")).to_contain_text(TERM.definition)


def test_texts_of_rows_run_nothing(new_page, tmp_path):
    """Markup in a row is text."""
    folder = make_office(tmp_path, rows=0, questions=0, sample=0)
    evil = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"
    one = row(1, instruction=evil, input=f"[단서 1] {evil}", output=evil)
    write_jsonl(folder / "data/filtered/kept.jsonl", [one])
    with served(folder, "--reviewer", "kim") as (_, links):
        page = new_page(links["kim"])
        expect(page.locator(".field.instruction .text")).to_have_text(evil)
        assert page.locator("main img, main script").count() == 0 and page.title() == "finsmith review"


def test_time_without_any_sign_of_a_person_is_cut(new_page, link, office):
    """After a minute; a hidden tab counts nothing."""
    page = new_page(link, stopped_at=0)
    expect(page.locator("#row .id")).to_be_visible()
    page.clock.run_for(20_000)
    page.mouse.move(5, 5)
    page.clock.run_for(600_000)
    press_and_wait(page, "a")
    [decision] = written(office)
    assert 80 <= decision.seconds <= 90


CONTRAST = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => { v /= 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (one) => { for (; one; one = one.parentElement) { const c = rgb(getComputedStyle(one).backgroundColor);
    if (c.length < 4 || c[3] > 0.9) return c; } return [255, 255, 255]; };
  const found = [], small = [];
  for (const one of document.querySelectorAll("body *")) {
    const shown = one.checkVisibility() && one.getClientRects().length;
    if (shown && one.matches("button, select, summary") && !one.closest("dialog:not([open])")) {
      const box = one.getBoundingClientRect();
      if (box.height < 43.5 || (box.width < 43.5)) small.push(one.outerHTML.slice(0, 80));
    }
    if (!shown || one.disabled || ![...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(rgb(getComputedStyle(one).color)), light(ground(one))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) found.push([one.className || one.tagName, (a + 0.05) / (b + 0.05)]);
  }
  const named = (one) => one.getAttribute("aria-label") || one.alt || one.textContent.trim()
    || document.querySelector(`label[for="${one.id}"]`) || one.closest("label");
  const controls = [...document.querySelectorAll("button, select, textarea, input, [role=radio], img")];
  const bare = controls.filter((one) => one.checkVisibility() && !named(one));
  const nameless = bare.map((one) => one.outerHTML.slice(0, 80));
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  return { found, small, nameless, wide };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, TABLET, PHONE])
def test_it_can_be_read_and_touched(new_page, shown, scheme, size):
    """Contrast of 4.5 (WCAG AA), 44 pixels to touch, a name for each control, no sideways scrolling; in each state."""
    page = new_page(shown, size, scheme=scheme)
    find(page, rag(0).id)
    expect(page.locator(".page img")).to_be_visible()
    good = {"found": [], "small": [], "nameless": [], "wide": 0}
    assert page.evaluate(CONTRAST) == good
    page.keyboard.press("e")
    page.keyboard.insert_text("고친 글 ")
    assert page.evaluate(CONTRAST) == good
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    assert page.evaluate(CONTRAST) == good
    page.keyboard.press("Escape")
    choose(page, "question")
    page.keyboard.press("4")
    assert page.evaluate(CONTRAST) == good
    choose(page, "sample")
    page.keyboard.press("3")
    assert page.evaluate(CONTRAST) == good


def test_it_speaks_english_too(new_page, shown):
    """By the browser's language, and by a switch that a reload keeps."""
    page = new_page(shown, language="en-US")
    expect(page.locator("#actions")).to_contain_text("Accept")
    page.locator("#language").click()
    expect(page.locator("#actions")).to_contain_text("승인")
    page.reload()
    expect(page.locator("#actions")).to_contain_text("승인")
    assert page.evaluate("document.documentElement.lang") == "ko"
    named = page.evaluate("import('./words.js').then((m) => { m.speak('en'); return Object.keys(m.words); })")
    assert sorted(named) == sorted(
        page.evaluate("import('./words.js').then((m) => { m.speak('ko'); return Object.keys(m.words); })")
    )
