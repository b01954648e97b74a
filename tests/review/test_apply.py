"""Decisions become rows: approved + rejected + left out = all, edits have parents, and what waits is counted."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsmith.core.errors import ReviewError
from finsmith.review.apply import Outcome, approve, approve_questions, edited, refuse_waiting
from finsmith.review.decisions import Edit
from finsmith.review.standing import standings

from .made import chained, decision, question, row
from .made import edited as accepted_with
from .params import params

ROWS = [row(number) for number in range(5)]


def applied(rows, decisions, **changes):
    """The approved rows, what was told by kind, the metrics, and the outcome."""
    told, given_params = defaultdict(list), params(**changes)
    outcome = Outcome(told["rejected"].append, told["waiting"].append, told["settled"].append)
    standing = standings(chained(*decisions), given_params)
    approved = list(approve(rows, standing, given_params, outcome))
    return approved, told, outcome.metrics(standing), outcome


def test_without_decisions_allowed_rows_are_the_same_rows():
    """So the sample's training set is as before."""
    approved, told, metrics, outcome = applied(ROWS, [])
    assert approved == ROWS and told["rejected"] == told["settled"] == []
    assert [(one.row_id, one.why, one.goes_on) for one in told["waiting"]] == [(r.id, "undecided", True) for r in ROWS]
    assert metrics["by_family"] == {"rag": {k: metrics[k] for k in metrics if k not in ("gone", "by_family")}}
    assert (metrics["rows"], metrics["approved"], metrics["waiting"], metrics["waiting_left_out"]) == (5, 5, 5, 0)
    refuse_waiting(outcome, params())


def test_each_verdict_has_its_consequence():
    """Accepted, rejected with the person's reason, edited, skipped."""
    said = [
        decision(ROWS[0]),
        decision(ROWS[1], "reject", reason="만기가 틀렸다"),
        accepted_with(ROWS[2], output="열두 달입니다."),
        decision(ROWS[3], "skip"),
    ]
    approved, told, metrics, _ = applied(ROWS, said, unreviewed={"default": "drop"})
    first, second = approved
    assert first == ROWS[0]
    assert second.id != ROWS[2].id and second.output == "열두 달입니다."
    assert second.provenance == ROWS[2].provenance.model_copy(update={"parents": (ROWS[2].id,)})
    [rejected] = told["rejected"]
    assert (rejected.example, rejected.filter, rejected.reason) == (ROWS[1], "review", "만기가 틀렸다")
    assert [one.becomes for one in told["settled"]] == ["", "", second.id]
    assert rejected.against in told["settled"][1].decisions
    assert [one.why for one in told["waiting"]] == ["skipped", "undecided"]
    counted = {name: metrics[name] for name in ("accepted", "edited", "rejected", "waiting", "waiting_left_out")}
    assert counted == {"accepted": 1, "edited": 1, "rejected": 1, "waiting": 2, "waiting_left_out": 2}


def test_what_somebody_doubts_does_not_go_on_unreviewed():
    """A conflict, or one rejection of two that are needed; one acceptance of two may go on."""
    said = [
        decision(ROWS[0]),
        decision(ROWS[0], "reject", "lee"),
        decision(ROWS[1], "reject"),
        decision(ROWS[2]),
        accepted_with(ROWS[3], output="다른 답"),
    ]
    pair = {"reviewers": ("kim", "lee"), "overlap": {"share": 1.0, "reviewers": 2}}
    approved, told, metrics, _ = applied(ROWS, said, **pair)
    assert approved == [ROWS[2], ROWS[4]]
    assert [one.why for one in told["waiting"]] == ["conflict", "too few", "too few", "too few", "undecided"]
    assert (metrics["conflicts"], metrics["waiting_left_out"]) == (1, 3)


def test_rules_are_those_of_the_family():
    """A required family stops the pipeline with its count, and only as long as rows of it wait."""
    rows = [*ROWS, row(9, "summary.short")]
    rules = {"unreviewed": {"default": "drop", "rag": "require"}}
    approved, told, _, outcome = applied(rows, [decision(ROWS[0])], **rules)
    assert approved == [ROWS[0]] and {one.rule for one in told["waiting"]} == {"require", "drop"}
    with pytest.raises(ReviewError, match=r"4 of rag .*`review.unreviewed.rag` to allow or drop"):
        refuse_waiting(outcome, params(**rules))
    *_, done = applied(rows, [decision(one) for one in ROWS], **rules)
    refuse_waiting(done, params(**rules))


def test_all_who_rejected_a_row_are_heard():
    """Each reason once; the adjudicator's alone where it settled a conflict."""
    people = {"reviewers": ("kim", "lee"), "overlap": {"share": 1.0, "reviewers": 2}, "adjudicator": "park"}
    two = [decision(ROWS[0], "reject", reason="만기"), decision(ROWS[0], "reject", "lee", reason="금리")]
    assert applied(ROWS, two, **people)[1]["rejected"][0].reason == "만기; 금리"
    settled = [decision(ROWS[0], "reject"), decision(ROWS[0], "accept", "lee")]
    settled.append(decision(ROWS[0], "reject", "park", reason="출처와 다르다"))
    assert applied(ROWS, settled, **people)[1]["rejected"][0].reason == "출처와 다르다"


def test_decisions_on_rows_that_are_gone_are_counted():
    """And are there again when the row is."""
    said = [decision(ROWS[0], "reject"), decision(ROWS[1])]
    assert applied(ROWS[1:], said)[2]["gone"] == 1
    assert applied(ROWS, said)[2]["gone"] == 0


@given(
    st.lists(
        st.tuples(st.sampled_from(range(5)), st.sampled_from(["accept", "reject", "skip"]), st.sampled_from("klp"))
    )
)
def test_no_row_is_lost(said):
    """Whatever people say: approved, rejected or waiting and left out."""
    decisions = [decision(ROWS[at], verdict, reviewer) for at, verdict, reviewer in said]
    pair = {"reviewers": ("k", "l"), "overlap": {"share": 0.5, "reviewers": 2}, "adjudicator": "p"}
    approved, told, metrics, _ = applied(ROWS, decisions, **pair)
    left_out = [one for one in told["waiting"] if not one.goes_on]
    assert len(approved) + len(told["rejected"]) + len(left_out) == 5 == metrics["rows"]
    assert len(told["settled"]) + len(told["waiting"]) == 5


def test_an_edit_that_changes_nothing_leaves_the_row():
    """With its id."""
    assert edited(ROWS[0], Edit(output=ROWS[0].output)) == ROWS[0]
    assert edited(question(), Edit(choices=question().choices, answer=1)) == question()


def test_a_question_is_edited_with_its_parent_noted():
    """Choices in another order with the answer that goes with them; the parent is outside the id."""
    one = question()
    turned = edited(one, Edit(choices=("2월", "1월", "3월", "4월"), answer=0))
    assert turned.choices[turned.answer] == one.choices[one.answer] and turned.parent == one.id != turned.id
    assert turned.id == question(choices=turned.choices, answer=0).id


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (Edit(choices=("1월", "1월", "3월", "4월"), answer=0), "not distinct"),
        (Edit(answer=4), "none of 4 choices"),
        (Edit(choices=("1월", "2월"), answer=0), "choices: .*at least 4"),
    ],
)
def test_an_unsound_edit_is_refused(edit, why):
    """Before it is written down, by whoever asks; where it was, the question waits."""
    one = question()
    with pytest.raises(ReviewError, match=f"{one.id} cannot be edited so: .*{why}"):
        edited(one, edit)
    told = []
    outcome = Outcome(told.append, told.append, told.append)
    said = standings([decision(one, edit=edit)], params())
    assert list(approve_questions([one], said, outcome)) == [] == told
    assert outcome.counts["question"]["waiting"] == 1


def test_only_accepted_questions_come_into_a_test():
    """Whatever the rules for rows are."""
    three = [question(f"{number}호는?") for number in range(4)]
    said = [decision(three[0]), decision(three[1], "reject"), accepted_with(three[2], stem="셋째는?", kind="question")]
    told = []
    outcome = Outcome(told.append, told.append, told.append)
    accepted = list(approve_questions(three, standings(said, params()), outcome))
    assert [one.stem for one in accepted] == ["0호는?", "셋째는?"]
    assert [one.verdict for one in told] == ["accept", "reject", "accept"]
    counts = outcome.counts["question"]
    assert (counts["accepted"], counts["edited"], counts["rejected"], counts["waiting"]) == (1, 1, 1, 1)
