"""Rows that people edited and rejected: what they come from, who stands behind them, and that the audit counts them."""

import shutil

import pytest

from finsmith.core.io import read_json, read_jsonl, write_json, write_jsonl
from finsmith.core.records import Example, Question
from finsmith.history.revisions import working_tree
from finsmith.lineage.checks import CHECKS, Case, audit
from finsmith.lineage.impact import impact
from finsmith.lineage.project import INDEX, Project
from finsmith.lineage.trace import passages_in, trace
from finsmith.lineage.walk import Index
from finsmith.reporting.lineage import detail_lines, headline
from finsmith.review.apply import Outcome, approve
from finsmith.review.course import Decided
from finsmith.review.decisions import Decision, Edit
from finsmith.review.params import ReviewParams
from finsmith.review.standing import standings

from ..review.params import params
from .projects import EVOLVED, GENERAL, GLOSSED, PASSAGES, ROWS, lock, make_index, make_project
from .test_trace import found

SAID = {"kind": "row", "seconds": 9, "at": "2026-03-02T09:30:00Z"}
DECISIONS = [
    Decision(row_id=ROWS[1].id, verdict="accept", reviewer="이심사", edit=Edit(output="사람이 고친 요약"), **SAID),
    Decision(row_id=EVOLVED.id, verdict="reject", reviewer="이심사", reason="물음이 얕다", **SAID),
    Decision(row_id=GLOSSED.id, verdict="accept", reviewer="이심사", **SAID),
    Decision(row_id="0123456789abcdef", verdict="reject", reviewer="이심사", reason="예전 행", **SAID),
]


def review(root, given: ReviewParams):
    """What the stage `review` writes of the project's rows and these decisions."""
    reviewed, standing = root / "data/reviewed", standings(DECISIONS, given)
    told = {name: [] for name in ("rejected", "waiting", "settled")}
    outcome = Outcome(*(of.append for of in told.values()))
    rows = list(approve(read_jsonl(root / "data/filtered/kept.jsonl", Example), standing, given, outcome))
    for name, records in (told | {"approved": rows, "decisions": DECISIONS}).items():
        write_jsonl(reviewed / f"{name}.jsonl", records)
    metrics = outcome.metrics(standing) | Decided(DECISIONS, []).metrics()
    write_json(root / "reports/metrics/review.json", metrics)
    return rows


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory):
    """The project with those decisions, trained on what was approved; the edited row; tests leave it as it is."""
    root = make_project(tmp_path_factory.mktemp("reviewed"))
    rows = review(root, params())
    [edited] = [row for row in rows if row.output == "사람이 고친 요약"]
    write_jsonl(root / "data/mixed/train.jsonl", [ROWS[0], edited, GLOSSED, *GENERAL[:2]])
    metrics = read_json(root / "reports/metrics/mix.json") | {"domain_rows": 3}
    write_json(root / "reports/metrics/mix.json", metrics)
    write_json(root / "reports/metrics/leaks.json", {"leaks": 0, "rows": 5, "pairs": 0})
    write_json(root / "models/run.json", read_json(root / "models/run.json") | {"rows": 5})
    make_index(root)
    lock(root)
    return root, edited


def test_an_edited_row_leads_to_its_parent_and_the_decision(reviewed):
    """And with the parent to its passage; the decision to the person."""
    root, edited = reviewed
    with Index(root / INDEX) as index:
        tree = trace(edited.id, index, Project(root))
    roles = {one.role: one for one in tree.parents}
    assert roles["made from"].id == ROWS[1].id
    decision = roles["edited in"]
    assert (decision.id, decision.facts["verdict"]) == (DECISIONS[0].id, "accept")
    assert [one.label for one in decision.parents] == ["이심사"]
    assert {one.id for one in passages_in(tree)} == {PASSAGES[1].id}
    told = {"role": "", "facts": decision.facts, "id": decision.id, "kind": "decision", "label": decision.label}
    assert headline(told) == f"{decision.id} accept with an edit by 이심사"
    assert tree.facts["in_training_set"]


def test_a_row_that_people_rejected_says_who_and_why(reviewed):
    """After all filters."""
    root, _ = reviewed
    with Index(root / INDEX) as index:
        tree = trace(EVOLVED.id, index, Project(root))
    assert (tree.facts["rejected_by"]["filter"], tree.facts["rejected_by"]["reason"]) == ("review", "물음이 얕다")
    assert tree.facts["filters_passed"] == ["empty", "length", "novelty"]
    from dataclasses import asdict

    assert "judged by 이심사" in list(detail_lines(asdict(tree)))
    assert found(tree, "decision").id == DECISIONS[1].id


def test_what_a_reviewer_decided_descends_from_them(reviewed):
    """Rows, the training set, adapter and predictions."""
    root, _ = reviewed
    [descent] = impact("이심사", [working_tree(root)], root / "cache", root).descents
    assert descent.trained_rows == 2 and descent.training_rows == 5
    assert descent.records["data/reviewed/decisions.jsonl"] == {"decision": 4}
    assert descent.records["data/reviewed/rejected.jsonl"] == {"example evolve.deepen": 1}
    assert "data/predictions.jsonl" in descent.records


def verdicts(root):
    with Index(root / INDEX) as index:
        return {one.check: one.faults for one in audit(Case(index, Project(root)))}


def test_the_audit_follows_reviewed_rows(reviewed):
    """Every check passes, with rows edited, rejected and waiting, and a decision on a row that is gone."""
    assert verdicts(reviewed[0]) == dict.fromkeys(CHECKS, ())


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("reviewed/approved.jsonl", "사람이 고친", f"{ROWS[1].id} is neither approved nor rejected"),
        ("reviewed/rejected.jsonl", "깊은 요약", f"{EVOLVED.id} is neither approved nor rejected"),
        ("reviewed/settled.jsonl", ROWS[1].id, "was neither kept by the filters nor edited by people"),
        ("reviewed/waiting.jsonl", ROWS[0].id, "`review` says 7 rows, 6 approved, 1 rejected and 4 waiting; there are"),
    ],
)
def test_lines_that_vanish_are_found(tmp_path, reviewed, path, text, said):
    """An approval, a rejection, what settled an edit, what waits."""
    shutil.copytree(reviewed[0], tmp_path / "root")
    file = tmp_path / "root/data" / path
    lines = file.read_text("utf-8").splitlines(keepends=True)
    left = [line for line in lines if text not in line]
    assert len(left) == len(lines) - 1
    file.write_text("".join(left), "utf-8")
    make_index(tmp_path / "root")
    assert any(said in fault for fault in verdicts(tmp_path / "root")["counts"])


def test_a_question_leads_to_its_candidate_and_who_accepted_it(tmp_path):
    """One that is the candidate itself does so too; a candidate that is not asked is no fault."""
    asked = list(read_jsonl(make_project(tmp_path / "root") / "data/testset/questions.jsonl", Question))
    made = asked[0].model_copy(update={"parent": "00000000cand1dat"})
    write_jsonl(tmp_path / "root/data/testset/questions.jsonl", [made, asked[1]])
    said = SAID | {"kind": "question", "reviewer": "이심사"}
    decisions = [Decision(row_id=of, verdict="accept", **said) for of in (made.parent, asked[1].id, "00000000cand2dat")]
    write_jsonl(tmp_path / "root/data/reviewed/decisions.jsonl", decisions)
    make_index(tmp_path / "root")
    with Index(tmp_path / "root" / INDEX) as index:
        project = Project(tmp_path / "root")
        tree, itself = (trace(one.id, index, project) for one in (made, asked[1]))
    [candidate] = [one for one in tree.parents if one.role == "made from"]
    assert (candidate.kind, candidate.id) == ("candidate", made.parent)
    assert [(one.role, one.id, one.facts["verdict"]) for one in candidate.parents] == [
        ("decided in", decisions[0].id, "accept")
    ]
    assert itself.kind == "question" and decisions[1].id in {one.id for one in itself.parents}
    assert verdicts(tmp_path / "root")["ids"] == ()
