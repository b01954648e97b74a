"""What the page is told: whose rows, in what order, with what behind them; and what a decision does."""

import threading
import time
from contextlib import ExitStack

import pytest

from finsmith.core.errors import DecisionOutdated, ReviewError, SourceError
from finsmith.core.io import write_jsonl
from finsmith.review.course import read_decisions
from finsmith.review.decisions import Edit
from finsmith.review.page import desk as desk_module
from finsmith.review.page.desk import Desk, Picture, Said
from finsmith.review.page.library import Library
from finsmith.review.page.search import search_file
from finsmith.review.queue_file import Sources

from ..made import row
from ..params import params
from .office import DOCUMENT, EVIDENCE, PASSAGES, TERM, asked, make_office, rag

PAIR = {"reviewers": ("kim", "lee"), "overlap": {"share": 1.0, "reviewers": 2}, "adjudicator": "park"}


@pytest.fixture
def office(tmp_path):
    return make_office(tmp_path, rows=4, questions=2, sample=2)


@pytest.fixture
def opened(office):
    """Opens a desk of the folder."""
    with ExitStack() as open_desks:

        def make(**changes):
            data = office / "data"
            corpus = (data / f"corpus/{name}.jsonl" for name in ("passages", "terms"))
            library = Library(*corpus, data / "filtered/rejected.jsonl")
            desk = Desk(
                office / "queue.sqlite",
                lambda: sources(office),
                library,
                office / "decisions",
                params(**changes),
                lambda passage: [Picture(page, passage.id.encode(), 0.5) for page in passage.pages],
            )
            return open_desks.enter_context(desk)

        yield make


def sources(office):
    data = office / "data"
    names = ("filtered/kept", "filtered/flagged", "judgements/judgements", "mixed/train")
    paths = (data / f"{name}.jsonl" for name in names)
    candidates = (data / "raw/test_candidates/candidates.jsonl",)
    return Sources(*paths, sample=(row(90, "summary.short").id, row(91, "summary.short").id), candidates=candidates)


def said(card, verdict="accept", **more):
    if verdict == "reject" and card["kind"] != "sample":
        more.setdefault("reason", "원문과 다르다")
    told = {"kind": card["kind"], "row_id": card["id"], "seen": card["seen"], "seconds": 9.0}
    return Said(verdict=verdict, **told | more)


def written(office):
    return read_decisions(office / "decisions").decisions


def test_a_card_holds_what_helps_to_judge(opened):
    """Fields, clues and which is named, marks, sources with their pages, rejected rows near to it."""
    card = opened().card("kim", ("row", rag(0).id))
    assert card["fields"] == {name: getattr(rag(0), name) for name in ("instruction", "input", "output")}
    assert [(one["number"], one["named"]) for one in card["clues"]] == [(1, False), (2, True), (3, False)]
    assert card["clues"][1]["text"] == PASSAGES[0].text
    assert [mark["filter"] for mark in card["marks"]] == ["disputed_answer"]
    assert [one["id"] for one in card["sources"]] == list(rag(0).provenance.sources)
    assert {
        "document": DOCUMENT,
        "pages": (2,),
        "pictured": [2],
        "headings": ("제1장 총칙", "2. 책임"),
    }.items() <= card["sources"][1].items()
    assert [(one["filter"], one["score"]) for one in card["near"]] == [("novelty", 0.91)]
    assert (card["seen"], card["own"], card["sides"]) == ("", None, [])


def test_a_question_is_shown_with_the_place_of_its_evidence(opened):
    """The passages of its document in which the evidence stands, however spaced."""
    card = opened().card("kim", ("question", asked(0).id))
    assert card["fields"]["evidence"] == EVIDENCE
    assert [one["id"] for one in card["sources"]] == [PASSAGES[0].id]


def test_a_question_on_a_term_is_shown_with_its_entry(opened, office):
    """By the term's name."""
    one = asked(0).model_copy(update={"source": TERM.term, "id": ""})
    one = type(one).model_validate(one.model_dump())
    write_jsonl(office / "data/raw/test_candidates/candidates.jsonl", [one])
    [source] = opened().card("kim", ("question", one.id))["sources"]
    assert (source["kind"], source["definition"]) == ("term", TERM.definition)


def test_rows_come_one_after_the_other_until_all_are_decided(opened, office):
    """Each once, and in the end none; the decisions stand in the file."""
    desk, seen = opened(), []
    while card := desk.next("kim", after=seen[-1]["rank"] if seen else 0):
        more = {"answers": (True, True, True)} if card["kind"] == "sample" else {}
        desk.decide("kim", said(card, **more))
        seen.append(card)
    assert len(seen) == 8 == len({card["id"] for card in seen}) == len(written(office))
    assert {name: desk.progress("kim")[name] for name in ("open", "skipped", "decided")} == {
        "open": 0,
        "skipped": 0,
        "decided": 8,
    }


def test_a_decision_sent_twice_is_taken_once(opened, office):
    """As after an answer that was lost: the same id comes back, and one line stands in the file."""
    desk = opened()
    card = desk.next("kim")
    first = desk.decide("kim", said(card, "reject"))
    assert desk.decide("kim", said(card, "reject", seconds=12.0)) == first
    undo = said(card, "undo", undoes=first.id, seen=first.id)
    assert desk.decide("kim", undo) == desk.decide("kim", undo)
    assert [one.verdict for one in written(office)] == ["reject", "undo"]


def test_a_row_decided_in_another_tab_is_refused(opened, office):
    """The second tab had not seen the first one's decision."""
    desk = opened()
    card = desk.next("kim")
    desk.decide("kim", said(card))
    with pytest.raises(DecisionOutdated):
        desk.decide("kim", said(card, "reject"))
    again = desk.card("kim", (card["kind"], card["id"]))
    assert again["own"]["verdict"] == "accept" and again["seen"] == again["own"]["id"]
    desk.decide("kim", said(again, "reject"))
    assert [one.verdict for one in written(office)] == ["accept", "reject"]


def test_an_undone_row_comes_again(opened):
    """At its place."""
    desk = opened()
    card = desk.next("kim")
    decision = desk.decide("kim", said(card))
    assert desk.next("kim")["id"] != card["id"]
    desk.decide("kim", said(card, "undo", undoes=decision.id, seen=decision.id))
    again = desk.next("kim")
    assert (again["id"], again["own"]) == (card["id"], None)


def test_an_edit_keeps_what_differs(opened, office):
    """A field that says what it said is no edit; choices name the answer."""
    desk = opened()
    card = desk.card("kim", ("question", asked(0).id))
    turned = tuple(reversed(asked(0).choices))
    edit = Edit(stem=asked(0).stem, choices=turned, answer=2, explanation="임기는 이 년 이상이다.")
    decision = desk.decide("kim", said(card, edit=edit))
    assert decision.edit == Edit(choices=turned, answer=2, explanation="임기는 이 년 이상이다.")
    card = desk.card("kim", ("question", asked(1).id))
    assert desk.decide("kim", said(card, edit=Edit(stem=asked(1).stem))).edit is None


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"edit": Edit(choices=("가", "가", "나", "다"), answer=0)}, "not distinct"),
        ({"edit": Edit(answer=4)}, "none of 4 choices"),
        ({"edit": Edit(stem=" ")}, "would be empty"),
        ({"edit": Edit(output="답")}, "may be edited"),
        ({"verdict": "reject", "reason": " "}, "needs one"),
        ({"verdict": "undo"}, "names the decision"),
    ],
)
def test_an_unsound_decision_is_refused(opened, office, more, why):
    """With a sentence, before anything is written."""
    desk = opened()
    card = desk.card("kim", ("question", asked(0).id))
    with pytest.raises(ReviewError, match=why):
        desk.decide("kim", said(card, **more))
    assert written(office) == []


def test_reviewers_see_their_rows_alone_and_nothing_of_others(opened):
    """Blind: what the other said is in no answer; a third person sees no row."""
    desk = opened(**PAIR)
    card = desk.next("kim")
    key = (card["kind"], card["id"])
    desk.decide("kim", said(card, "reject", reason="비밀스러운 까닭"))
    other = desk.card("lee", key)
    assert (other["own"], other["seen"], other["sides"]) == (None, "", [])
    assert "비밀" not in str(other) and "kim" not in str(other)
    assert desk.card("park", key) is desk.card("mallory", key) is desk.next("mallory") is None
    with pytest.raises(ReviewError, match="not among your rows"):
        desk.decide("mallory", said(card))
    assert desk.search("mallory", rag(0).id) == []


def test_the_adjudicator_sees_both_sides_without_names(opened):
    """Of rows in conflict, and of no others; the adjudicator's decision ends it."""
    desk = opened(**PAIR)
    key = ("row", rag(1).id)
    desk.decide("kim", said(desk.card("kim", key), "reject", reason="금리가 다르다"))
    assert desk.next("park") is None
    desk.decide("lee", said(desk.card("lee", key), edit=Edit(output="이 년이다. [단서 2]")))
    card = desk.next("park")
    sides = {one["says"]: one for one in card["sides"]}
    assert card["id"] == rag(1).id and sides.keys() == {"reject", "edit"}
    assert sides["reject"]["reason"] == "금리가 다르다" and sides["edit"]["edit"] == {"output": "이 년이다. [단서 2]"}
    assert "kim" not in str(card["sides"]) and "lee" not in str(card["sides"])
    desk.decide("park", said(card))
    assert desk.next("park") is None


def test_two_who_share_all_rows_look_at_different_ones(opened, monkeypatch):
    """Until ten minutes later one has not decided; who is alone with the last row gets it all the same."""
    desk = opened()
    first, second = desk.next("kim"), desk.next("lee")
    assert first["id"] != second["id"] and desk.next("kim")["id"] == first["id"]
    later = time.monotonic() + 601
    monkeypatch.setattr(desk_module.time, "monotonic", lambda: later)
    assert desk.next("lee", after=0)["id"] == first["id"]


def test_what_another_process_decided_is_passed_over(opened, office):
    """The queue of this one did not hear of it; the journal did."""
    desk, other = opened(), opened()
    card = desk.next("kim")
    other.decide("kim", said(card))
    desk._queue.take((card["kind"], card["id"]), {})  # as if the queue had been built apart
    assert desk.next("kim")["id"] != card["id"]


def test_the_pipeline_may_run_meanwhile(opened, office, monkeypatch):
    """While the rows are gone a sentence says so; new rows come into the queue, and decisions stay with theirs."""
    monkeypatch.setattr(desk_module, "_LOOK_SECONDS", 0.0)
    desk, kept = opened(), office / "data/filtered/kept.jsonl"
    desk.decide("kim", said(desk.card("kim", ("row", rag(0).id))))
    away = kept.rename(kept.with_suffix(".away"))
    with pytest.raises(SourceError, match="not there now"):
        desk.next("kim")
    away.unlink()
    write_jsonl(kept, [rag(7), rag(0)])
    assert desk.card("kim", ("row", rag(7).id))["fields"]["instruction"].endswith("(7)")
    assert desk.card("kim", ("row", rag(0).id))["own"]["verdict"] == "accept"
    assert desk.card("kim", ("row", rag(1).id)) is None


def test_pace_is_that_of_decisions(opened):
    """Rows an hour of active time; skips cost time and decide nothing."""
    desk = opened()
    assert desk.progress("kim")["rows_per_hour"] is None
    desk.decide("kim", said(desk.card("kim", ("row", rag(0).id)), seconds=20.0))
    desk.decide("kim", said(desk.card("kim", ("row", rag(1).id)), "skip", seconds=10.0))
    progress = desk.progress("kim")
    assert progress["rows_per_hour"] == pytest.approx(120.0)  # one in 30 s
    assert {name: sum(of[name] for of in progress["kinds"].values()) for name in ("open", "skipped", "decided")} == {
        name: progress[name] for name in ("open", "skipped", "decided")
    }
    assert progress["kinds"]["row"]["decided"] == progress["kinds"]["row"]["skipped"] == 1
    assert desk.progress("lee")["rows_per_hour"] is None


def test_pages_are_drawn_once(opened):
    """And found by passage and page."""
    desk = opened()
    assert desk.picture(PASSAGES[0].id, 2) == Picture(2, PASSAGES[0].id.encode(), 0.5)
    assert desk.picture(PASSAGES[0].id, 9) is None and desk.picture("0" * 16, 2) is None


def test_rows_are_found_by_id_and_words(opened):
    """In any case of letters, in choices, over line breaks as JSON writes them; not by names of fields."""
    desk = opened()

    def found(words):
        return {(one["kind"], one["id"]) for one in desk.search("kim", words)}

    assert found(rag(2).id[:9]) == {("row", rag(2).id)}
    assert found(" (2) ") == {("row", rag(2).id)}
    assert found("3년 이상") == {("question", asked(number).id) for number in range(2)}
    assert found("답하세요.\n\n질문") == {("row", rag(number).id) for number in range(4)}
    assert found("90호") == {("sample", row(90, "summary.short").id)}
    assert found("") == found("provenance") == found("없는 말") == set()


def test_a_search_through_many_rows_is_quick(tmp_path):
    """100,000 rows, of which the last holds the words."""
    path, line = tmp_path / "rows.jsonl", rag(0).model_dump_json().encode() + b"\n"
    path.write_bytes(line * 100_000 + rag(1).model_dump_json().replace("임기", "Öffnung").encode() + b"\n")
    began = time.perf_counter()
    [found] = search_file(path, "öffnung")
    assert time.perf_counter() - began < 2.5 and found["id"] == rag(1).id
    began = time.perf_counter()
    assert next(search_file(path, "보고책임자"))["id"] == rag(0).id
    assert time.perf_counter() - began < 0.2


def test_several_threads_decide_at_once(opened, office):
    """Each row once by each person, none lost."""
    desk = opened(**PAIR)
    keys = [("row", rag(number).id) for number in range(4)]

    def work(name):
        for key in keys:
            desk.decide(name, said(desk.card(name, key)))

    threads = [threading.Thread(target=work, args=(name,)) for name in ("kim", "lee")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(written(office)) == 8


def test_progress_tells_what_was_found(opened):
    """Wrong rows among doubtful ones and others, as soon as they are decided."""
    desk = opened()
    desk.decide("kim", said(desk.card("kim", ("row", rag(0).id)), "reject", reason="단서가 틀렸다"))
    desk.decide("kim", said(desk.card("kim", ("row", rag(2).id))))
    progress = desk.progress("kim")
    assert progress["doubtful"] == {"decided": 1, "wrong": 1} and progress["others"] == {"decided": 1, "wrong": 0}
