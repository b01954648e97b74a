"""Rows are dropped or marked by what a teacher said of them; those it was not asked about pass."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsmith.core.errors import RecordError, SourceError
from finsmith.core.io import write_jsonl
from finsmith.core.records import Judgement
from finsmith.curation.finding import Finding
from finsmith.curation.judgements import disputed_answer, read_judgements, solved_without_passage, unfaithful

from .items import item
from .rows import apply, context, row

RULE = "금융회사는 보증사고가 발생하면 6개월 안에 신용보증재단에 알려야 한다."
MONTHS = ("3개월", "6개월", "9개월", "12개월")
ITEM = item("ko", "금융회사는 보증사고를 몇 개월 안에 알려야 하는가?", MONTHS, "B", RULE, "기한은 6개월이다.")
SUMMARY = row(
    "다음 글을 한 문장으로 요약하세요.",
    "6개월 안에 보증사고를 신용보증재단에 알린다.",
    f"{RULE} 알리지 않으면 보증을 받을 수 없다.",
    "summary.one_sentence",
)
REJECTING = {"enabled": ("disputed_answer", "unfaithful"), "flagging": ("solved_without_passage",)}


def judged(of, kind, right, votes, said=()):
    """What a teacher said of a row."""
    return Judgement(
        example_id=of.id,
        kind=kind,
        right=right,
        votes=votes,
        said=said or ("6개월",) * right + ("9개월",) * (votes - right),
        request_keys=tuple(f"call{n}" for n in range(votes)),
        model="teacher-large",
    )


def test_rows_that_were_not_judged_pass():
    """Without a judgement, and with one of another row, an item and a summary are kept unmarked."""
    other = row("예금이란 무엇인가요?", "맡긴 돈입니다.")
    strangers = [judged(other, "solved", 0, 4), judged(other, "solved_blind", 4, 4), judged(other, "faithful", 0, 3)]
    for judgements in ([], strangers):
        kept, rejected, flagged, _ = apply([ITEM, SUMMARY], context(judgements=judgements))
        assert (kept, rejected, flagged) == ([ITEM, SUMMARY], [], [])


def test_an_item_whose_answer_the_teacher_disputes_is_rejected():
    """Where the filter is enabled, 1 of 4 is under half: share, and what was said most with its count, are told."""
    said = ("9개월", "6개월", "12개월", "9개월")
    known = context(judgements=[judged(ITEM, "solved", 1, 4, said=said)], **REJECTING)
    kept, (reject,), flagged, funnel = apply([ITEM, SUMMARY], known)
    assert (kept, flagged) == ([SUMMARY], [])
    assert (reject.example, reject.filter, reject.score) == (ITEM, "disputed_answer", 0.25)
    assert reject.reason == "the teacher chooses its answer 1 of 4 times, given the passage"
    assert reject.against == "9개월 (2)"
    assert funnel.rejected == {"disputed_answer": 1}


def test_as_delivered_a_disputed_item_is_marked_and_kept():
    """The embedded teacher disputes too many right answers: the same finding is a mark."""
    kept, rejected, (flag,), _ = apply([ITEM], context(judgements=[judged(ITEM, "solved", 1, 4)]))
    assert (kept, rejected) == ([ITEM], [])
    assert (flag.example_id, flag.filter, flag.score) == (ITEM.id, "disputed_answer", 0.25)
    assert flag.against == "9개월 (3)"


def test_an_item_at_the_threshold_is_kept():
    """2 of 4 are half: the item is neither rejected nor marked."""
    judgements = [judged(ITEM, "solved", 2, 4)]
    for known in (context(judgements=judgements, **REJECTING), context(judgements=judgements)):
        kept, rejected, flagged, _ = apply([ITEM], known)
        assert (kept, rejected, flagged) == ([ITEM], [], [])


def test_an_item_that_needs_no_passage_is_marked_and_kept():
    """Solved blind in all of 4 orders it is marked with its share; 3 of 4 are under the delivered threshold."""
    kept, rejected, (flag,), _ = apply([ITEM], context(judgements=[judged(ITEM, "solved_blind", 4, 4)]))
    assert (kept, rejected) == ([ITEM], [])
    assert (flag.example_id, flag.filter, flag.score, flag.against) == (ITEM.id, "solved_without_passage", 1.0, "")
    assert flag.reason == "the teacher solves it 4 of 4 times without the passage"
    kept, _, flagged, _ = apply([ITEM], context(judgements=[judged(ITEM, "solved_blind", 3, 4)]))
    assert (kept, flagged) == ([ITEM], [])


def test_a_rejected_item_is_not_marked():
    """A disputed item that is solved blind is dropped, and nothing is said of it among the kept."""
    both = [judged(ITEM, "solved", 0, 4), judged(ITEM, "solved_blind", 4, 4)]
    kept, rejected, flagged, _ = apply([ITEM], context(judgements=both, **REJECTING))
    assert (kept, [reject.filter for reject in rejected], flagged) == ([], ["disputed_answer"], [])


def test_a_row_that_does_not_follow_from_its_input_is_rejected():
    """1 of 3 votes is under the delivered half, 2 of 4 are at it."""
    (reject,) = apply([SUMMARY], context(judgements=[judged(SUMMARY, "faithful", 1, 3)]))[1]
    assert (reject.filter, reject.score, reject.against) == ("unfaithful", 1 / 3, "")
    assert reject.reason == "1 of 3 votes find all of its output in its input"
    kept, rejected, _, _ = apply([SUMMARY], context(judgements=[judged(SUMMARY, "faithful", 2, 4)]))
    assert (kept, rejected) == ([SUMMARY], [])


FILTERS = {"solved": disputed_answer, "solved_blind": solved_without_passage, "faithful": unfaithful}


@pytest.mark.parametrize("kind", FILTERS)
def test_each_filter_heeds_its_own_kind_of_judgement(kind):
    """The worst that can be said in one way, one filter alone finds."""
    worst = judged(ITEM, kind, 4 if kind == "solved_blind" else 0, 4)
    found = {name for name, of in FILTERS.items() if of(ITEM, context(judgements=[worst]))}
    assert found == {kind}


def test_of_answers_said_equally_often_the_first_is_told():
    """The counterpart of a tie does not change from run to run."""
    tie = judged(ITEM, "solved", 0, 4, said=("12개월", "3개월", "3개월", "12개월"))
    found = disputed_answer(ITEM, context(judgements=[tie]))
    assert found == Finding("the teacher chooses its answer 0 of 4 times, given the passage", 0.0, against="12개월 (2)")


@given(st.integers(1, 8).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.integers(0, 8))
def test_thresholds_are_met_exactly(counts, eighths):
    """For any votes, in whole numbers: answers and faithfulness need at least the threshold, too easy is from it on."""
    (right, votes), threshold = counts, eighths / 8
    under = 8 * right < eighths * votes
    for kind, key, finds in (
        ("solved", "judged__min_solved", under),
        ("faithful", "judged__min_faithful", under),
        ("solved_blind", "judged__too_easy", not under),
    ):
        known = context(judgements=[judged(ITEM, kind, right, votes)], **{key: threshold})
        assert bool(FILTERS[kind](ITEM, known)) is finds


# --- reading them ---


def test_judgements_are_read_by_row_and_kind(tmp_path):
    """All that the stage wrote, each under its row and kind."""
    told = [judged(ITEM, "solved", 1, 4), judged(ITEM, "solved_blind", 4, 4), judged(SUMMARY, "faithful", 3, 3)]
    write_jsonl(tmp_path / "judgements.jsonl", told)
    keys = [(ITEM.id, "solved"), (ITEM.id, "solved_blind"), (SUMMARY.id, "faithful")]
    assert read_judgements(tmp_path) == dict(zip(keys, told, strict=True))


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({"votes": 0}, "votes: Input should be greater than or equal to 1"),
        ({"kind": "solvd"}, "kind: Input should be 'solved', 'solved_blind' or 'faithful'"),
        ({"share": 0.5}, "share: Extra inputs are not permitted"),
    ],
    ids=["votes", "kind", "extra"],
)
def test_a_broken_judgement_is_named(tmp_path, broken, says):
    """File, line, field and fault of a row that is none."""
    path = tmp_path / "judgements.jsonl"
    write_jsonl(path, [judged(ITEM, "solved", 1, 4), judged(SUMMARY, "faithful", 3, 3)])
    first, second = path.read_text("utf-8").splitlines()
    path.write_text(f"{first}\n{json.dumps(json.loads(second) | broken)}\n", "utf-8")
    with pytest.raises(RecordError, match=rf"judgements\.jsonl:2: {says}"):
        read_judgements(tmp_path)


def test_a_folder_without_judgements_is_told(tmp_path):
    """The file is the earlier stage's, and its name is told."""
    with pytest.raises(SourceError, match=r"judgements\.jsonl: not found"):
        read_judgements(tmp_path)
