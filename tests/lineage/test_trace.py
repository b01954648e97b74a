"""From rows, questions, predictions and metrics up to the page, on a small project."""

import pytest

from finsmith.core.errors import LineageError
from finsmith.core.ids import content_id
from finsmith.lineage.project import Project
from finsmith.lineage.trace import passages_in, trace

from .projects import DROPPED, EVOLVED, GENERAL, GLOSSED, KEYS, PASSAGES, PROMPT, QUESTIONS, ROWS, SHA, TERM


def chain(node):
    """The tree as (role, kind, id), parents inside."""
    return (node.role, node.kind, node.id, *map(chain, node.parents))


def found(node, kind):
    """The first node of a kind in the tree."""
    if node.kind == kind:
        return node
    return next((one for parent in node.parents if (one := found(parent, kind))), None)


def test_a_row_leads_to_its_page_and_its_calls(index, project):
    """Passage with box, document with sha256, the call with tokens and USD and its prompt, the judges' calls."""
    tree = trace(ROWS[0].id, index, project)
    assert chain(tree) == (
        *("", "example", ROWS[0].id),
        ("from", "passage", PASSAGES[0].id, ("from", "document", SHA)),
        ("written by", "call", KEYS[0], ("asked with", "prompt", PROMPT)),
        (
            *("judged as", "judgement", content_id([ROWS[0].id, "faithful"])),
            *(("said in", "call", key) for key in KEYS[2:]),
        ),
    )
    page = found(tree, "passage")
    assert (page.facts["pages"], page.facts["boxes"][0]["x1"], page.facts["text"]) == ([3], 200.0, PASSAGES[0].text)
    call = found(tree, "call")
    assert (call.facts["prompt_tokens"], call.facts["cost_usd"], call.places) == (
        100,
        0.25,
        ("data/calls/ledger.jsonl:1",),
    )
    assert [one.id for one in passages_in(tree)] == [PASSAGES[0].id]


def test_a_row_says_which_filters_it_passed_and_where_it_stands(index, project):
    """All that there are, with what marked it."""
    tree = trace(ROWS[0].id, index, project)
    assert tree.facts["filters_passed"] == ["empty", "length", "novelty"]
    assert tree.facts["rejected_by"] is None and tree.facts["in_training_set"]
    assert [mark["filter"] for mark in tree.facts["marked_by"]] == ["politeness"]
    files = ("candidates/summary", "filtered/kept", "filtered/flagged", "reviewed/approved", "mixed/train")
    assert tree.places == tuple(f"data/{file}.jsonl:1" for file in files)


def test_a_rejected_row_says_what_rejected_it(index, project):
    """The filters before it were passed; what it clashed with is named."""
    facts = trace(DROPPED.id, index, project).facts
    assert facts["filters_passed"] == ["empty"] and not facts["in_training_set"]
    assert (facts["rejected_by"]["filter"], facts["rejected_by"]["against"]) == ("length", GLOSSED.id)


def test_rows_made_from_rows_and_of_general_data(index, project):
    """A parent row is in the tree with all above it; a general row leads to the line of its file."""
    evolved = trace(EVOLVED.id, index, project)
    [parent] = [one for one in evolved.parents if one.role == "made from"]
    assert parent.id == ROWS[0].id and found(parent, "prompt")
    general = trace(GENERAL[0].id, index, project)
    assert found(general, "general row").id == "general.jsonl:line 1" and found(general, "general file")


def test_who_judged_a_row(index, project):
    """A reviewer's verdict stands above the row that it approved."""
    verdict = found(trace(GLOSSED.id, index, project), "verdict")
    assert [one.label for one in verdict.parents] == ["김심사"]


def test_a_question_leads_to_its_term_and_to_what_was_answered(index, project):
    """By the name in `source`; each prediction once, without the question in it again."""
    tree = trace(QUESTIONS[0].id, index, project)
    assert ("about", TERM.id) in [(one.role, one.id) for one in tree.parents]
    answered = [one for one in tree.parents if one.role == "answered"]
    assert sorted(one.label for one in answered) == ["adapter by letter", "base by letter", "hosted by generation"]
    assert [found(one, "call").facts["cost_usd"] for one in answered if "hosted" in one.label] == [0.25]
    assert not any(found(one, "question") for one in answered)
    assert found(trace(QUESTIONS[1].id, index, project), "document").id == SHA


def test_a_prediction_leads_to_question_adapter_run_and_documents(index, project):
    """From one answer over the training set to what it was made of."""
    tree = trace(content_id([QUESTIONS[0].id, "letter", "adapter", 0]), index, project)
    kinds = ("question", "model", "run", "training set", "recipe", "document", "glossary", "general file", "prompt")
    assert {kind: bool(found(tree, kind)) for kind in kinds} == dict.fromkeys(kinds, True)
    rows = {one.id: one.facts["rows"] for one in found(tree, "training set").parents}
    assert rows == {"evolve.deepen": 1, "general": 2, "glossary_qa.definition": 1, "summary.short": 2}
    summaries = next(one for one in found(tree, "training set").parents if one.id == "summary.short")
    assert {(one.kind, one.facts["rows"]) for one in summaries.parents} == {("document", 2), ("prompt", 2)}


def test_a_metric_leads_to_predictions_and_adapter(index, project):
    """With the file's hash from dvc.lock and the number of predictions that were counted."""
    tree = trace("evaluate.letter.adapter.accuracy", index, project)
    assert tree.facts["value"] == 1.0
    assert (tree.parents[0].kind, tree.parents[0].id) == ("predictions", "data/predictions.jsonl")
    assert tree.parents[0].facts == {"predictions": 2, "md5": project.md5("data/predictions.jsonl")}
    assert [one.id for one in tree.parents if one.kind == "model"] == ["adapter"]
    both = trace("evaluate.letter.mcnemar_p", index, project)
    assert [one.label for one in both.parents if one.kind == "predictions"] == ["adapter by letter", "base by letter"]


def test_a_run_leads_to_its_page(index, made):
    """Where somebody tells it, from the run and from a metric of its adapter."""
    seen = Project(made, lambda identity: f"https://mlflow.example/{identity}")
    for name in ("run1", "evaluate.letter.adapter.accuracy"):
        assert found(trace(name, index, seen), "run").facts["mlflow"] == "https://mlflow.example/run1"
        assert "mlflow" not in found(trace(name, index, Project(made)), "run").facts


def test_metrics_of_other_stages_lead_to_what_they_read(index, project):
    """By dvc.lock."""
    assert [(one.id, one.facts) for one in trace("leaks.rows", index, project).parents] == [
        (path, {"md5": project.md5(path)}) for path in ("data/mixed", "data/testset")
    ]


def test_names_and_beginnings_of_ids_will_do(index, project):
    """A term's name, a document's, six characters of an id."""
    assert trace("DSR", index, project).id == TERM.id
    assert trace("규정.pdf", index, project).id == SHA
    assert trace(ROWS[1].id[:6], index, project).id == ROWS[1].id


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("nothing", "'nothing': no record has this id"),
        (ROWS[1].id[:5], "no record has this id"),
        ("evaluate.letter.nothing", "no 'nothing' there; they have adapter, base, mcnemar_p"),
        ("leaks.rows.more", "nothing below: it is 6"),
    ],
)
def test_what_is_not_there_is_said(index, project, wanted, said):
    """With what there is."""
    with pytest.raises(LineageError, match=said):
        trace(wanted, index, project)
