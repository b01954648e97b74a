"""Textbook texts: each for a cell of the grid, with a title and paragraphs, on drawn passages and terms."""

import re
from collections import Counter

import pytest
import yaml

from finsmith.generation import textbook
from finsmith.generation.grid import GRIDS

from .made import TEXT, Teacher, in_turn, material, passage, term, user_text

FIRST = "예금자 보호란 금융회사가 돈을 돌려주지 못할 때 정해진 한도까지 대신 지급하는 제도입니다."
SECOND = "한도를 넘는 돈은 보호하지 않습니다. 그래서 여러 금융회사에 나누어 맡기는 사람이 많습니다."
BODY = f"{FIRST}\n\n{SECOND}"
GOOD = {"title": "예금자 보호", "paragraphs": [FIRST, SECOND]}
PASSAGES = [passage(f"{TEXT} {n}") for n in range(100)]
TERMS = [term(f"용어{n}", f"용어{n}의 뜻") for n in range(100)]
(GRID,) = yaml.safe_load((GRIDS / "textbook.ko.yaml").read_text("utf-8"))["grids"]
AUDIENCES, FORMS = ([next(iter(value)) for value in axis] for axis in GRID["axes"].values())


def write(passages, terms, corpus=PASSAGES, answer=lambda request: GOOD):
    """All rows, the requests, and the figures, with so many texts on passages and on terms."""
    made = material(corpus, TERMS, textbook={"passages": passages, "terms": terms})
    teacher = Teacher(answer)
    parts = [teacher.drive(textbook.talk(one, made)) for one in made.chosen]
    parts += teacher.converse(textbook.talks_on_terms(made))
    rows = [row for part in parts for row in part.examples]
    return rows, teacher.asked, textbook.figures(rows, made)


def read(*replies):
    """What became of the replies to one request on a passage, and what was asked."""
    made = material(PASSAGES[:1], textbook={"passages": 1})
    teacher = Teacher(in_turn(*replies))
    return teacher.drive(textbook.talk(PASSAGES[0], made)), teacher.asked


def cells(requests):
    """Audience and form of each request, as its prompt names them."""
    return [
        tuple(next(name for name in axis if f"\n({name}) " in user_text(r)) for axis in (AUDIENCES, FORMS))
        for r in requests
    ]


def test_as_many_texts_as_asked_for_on_passages_and_terms():
    """Three passages and two terms give five rows; each leads to what it is on, to its cell and to its call."""
    rows, asked, _ = write(3, 2)
    assert Counter(r.recipe for r in asked) == {"textbook.passage": 3, "textbook.term": 2}
    assert [row.provenance.sources[0] for row in rows] == [r.sources[0] for r in asked]
    assert [row.provenance.request_key for row in rows] == [r.key for r in asked]
    assert len({row.provenance.sources[0] for row in rows} & {p.id for p in PASSAGES}) == 3
    assert len({row.provenance.sources[0] for row in rows} & {t.id for t in TERMS}) == 2
    assert len({row.provenance.sources[1] for row in rows}) == 5


def test_the_instruction_asks_for_title_audience_and_form():
    """What the student is asked is what the teacher wrote: the reply's title, the cell's names, then its paragraphs."""
    (row, *_), asked, _ = write(1, 0)
    ((audience, form),) = cells(asked)
    assert all(word in row.instruction for word in ("예금자 보호", audience, form))
    assert (row.recipe, row.input, row.output) == ("textbook.text", "", BODY)


def test_the_cells_are_even():
    """Over 90 texts on passages each audience and each form comes as often as any other, give or take one."""
    _, asked, _ = write(90, 0)
    for names, drawn in zip((AUDIENCES, FORMS), zip(*cells(asked), strict=True), strict=True):
        counts = Counter(drawn)
        assert set(counts) == set(names)
        assert max(counts.values()) - min(counts.values()) <= 1


def test_terms_go_on_in_the_grid_where_passages_end():
    """Ten passages and ten terms have twenty different cells."""
    _, asked, figures = write(10, 10)
    assert len(set(cells(asked))) == 20
    assert (figures["grid"]["textbook"]["drawn"], figures["grid"]["textbook"]["used"]) == (20, 20)


def test_figures_count_only_what_was_written():
    """Of ten texts the seven that came are counted."""
    replies = iter(["", ""] * 3 + [GOOD] * 7)
    rows, _, figures = write(10, 0, answer=lambda request: next(replies))
    assert len(rows) == 7
    assert figures["grid"]["textbook"]["used"] == 7


def test_a_new_passage_takes_the_place_of_one_at_most():
    """With one passage more, all but one of the passages drawn before are drawn again."""
    before = {r.sources[0] for r in write(8, 0, PASSAGES[:40])[1]}
    after = {r.sources[0] for r in write(8, 0, PASSAGES[:41])[1]}
    assert len(before & after) >= 7


def described(request):
    """How to write for the audience and for the form, as the prompt has it."""
    return re.findall(r"^\([^)]+\) (.+)$", user_text(request), re.MULTILINE)


def test_paragraphs_that_say_the_same_stand_once():
    """The first of them stays, in its place; spaces and marks make no other."""
    made, _ = read(GOOD | {"paragraphs": [FIRST, SECOND, FIRST.replace(" ", "")]})
    assert [row.output for row in made.examples] == [f"{FIRST}\n\n{SECOND}"]


def test_a_paragraph_that_was_cut_off_ends_with_its_last_whole_sentence():
    """The begun sentence is left out; a paragraph of nothing else is none."""
    made, asked = read(GOOD | {"paragraphs": [FIRST, f"{SECOND} 그러므로 한도를 넘는"]})
    assert [row.output for row in made.examples] == [BODY]
    made, asked = read(
        GOOD | {"paragraphs": [FIRST, "한도를 넘는 돈은 보호하지 않으므로 여러 곳에 나누어 맡기는"]}, GOOD
    )
    assert "all paragraphs say the same" in user_text(asked[1])


def test_a_title_that_reaches_its_bound_was_cut_off():
    """It is asked for again."""
    _, asked = read(GOOD | {"title": "가" * 40}, GOOD)
    assert "title: it is cut off" in user_text(asked[1])


@pytest.mark.parametrize(
    "written",
    [{"title": "지문의 내용"}, {"paragraphs": [FIRST, "이 글은 초등학생이 읽기 쉽게 예금자 보호를 설명합니다."]}],
)
def test_a_text_that_speaks_of_itself_is_refused(written):
    """What it is about is to be said, not that it is said."""
    _, asked = read(GOOD | written, GOOD)
    assert "it says what the text is" in user_text(asked[1])


def test_a_text_that_names_its_place_in_the_document_is_refused():
    """Its reader has no such document."""
    seed = passage(f"{TEXT} 0", headings=("제1장", "제2절"))
    made = material([seed], textbook={"passages": 1})
    teacher = Teacher(in_turn(GOOD | {"paragraphs": [FIRST, f"[제1장 > 제2절]을 보겠습니다. {SECOND}"]}, GOOD))
    teacher.drive(textbook.talk(seed, made))
    assert "it speaks of the place in the document" in user_text(teacher.asked[1])


@pytest.mark.parametrize(
    ("paragraphs", "reason"),
    [
        ([FIRST, FIRST.replace(".", "")], "all paragraphs say the same"),
        ([FIRST], "paragraphs: List should have at least 2 items"),
        ([FIRST, "가" * 29], "paragraphs.1: String should match pattern"),
    ],
)
def test_a_text_without_two_paragraphs_is_asked_for_again(paragraphs, reason):
    """The second request names the fault."""
    made, asked = read(GOOD | {"paragraphs": paragraphs}, GOOD)
    assert reason in user_text(asked[1])
    assert [reject.mended for reject in made.rejected] == [True]
    assert len(made.examples) == 1


def test_a_text_that_copies_its_source_is_asked_for_again():
    """Half of it and more in sentences of the passage is no text of its own; one such sentence among others is."""
    quoted, _ = (f"{sentence.rstrip('.')}." for sentence in TEXT.split(". "))
    for paragraphs, again in (([TEXT, FIRST], True), ([FIRST, TEXT], True), ([f"{quoted} {SECOND}", FIRST], False)):
        made, asked = read(GOOD | {"paragraphs": paragraphs}, GOOD)
        assert ["it copies the source" in reject.reason for reject in made.rejected] == [True] * again
        assert (len(made.examples), len(asked)) == (1, 1 + again)


@pytest.mark.parametrize("at", [0, 1], ids=["audience", "form"])
def test_a_text_that_repeats_how_to_write_is_asked_for_again(at):
    """The first words of a description stand in no text; the fault names whose they are."""
    _, asked = read(GOOD)
    leaked = f"{SECOND} {described(asked[0])[at]}"[:260]
    made, again = read(GOOD | {"paragraphs": [FIRST, leaked]}, GOOD)
    (reject,) = made.rejected
    assert reject.reason == f"it repeats how to write for {cells(asked)[0][at]!r} instead of doing so"
    assert reject.reason in user_text(again[1])
    assert [row.output for row in made.examples] == [BODY]


def test_the_most_is_one_text_for_each_passage_and_term():
    """A hundred and a hundred."""
    assert textbook.most(material(PASSAGES, TERMS)) == 200
