"""Lineage as the terminal and a browser show it."""

from dataclasses import asdict, replace

import pytest

from finsmith.lineage.checks import Verdict
from finsmith.lineage.impact import Descent, Impact
from finsmith.lineage.trace import Node
from finsmith.lineage.walk import Found
from finsmith.lineage.withdraw import Erased
from finsmith.reporting.lineage import erased_lines, impact_lines, lineage_page, print_tree, verdict_lines

BOX = {"page": 3, "x0": 10.0, "y0": 20.0, "x1": 200.0, "y1": 60.0}
PASSAGE = Node(
    *("from", "passage", "p1", "p. 3"),
    {"document": "규정.pdf", "text": f"{'여신 ' * 60}끝.", "boxes": [BOX]},
    ("data/corpus/passages.jsonl:1",),
    (Node("from", "document", "a" * 64, "규정.pdf", {"sha256": "a" * 64}),),
)
FACTS = {
    "instruction": "<b>간추려</b> 주세요.",
    "filters_passed": ["empty", "length"],
    "rejected_by": {"filter": "novelty", "reason": "닮았다", "score": 0.8, "against": "e2"},
    "marked_by": [{"filter": "politeness", "reason": "섞였다"}],
    "in_training_set": False,
}
ROW = Node("", "example", "e1", "summary.short", FACTS, ("data/candidates/summary.jsonl:7",), (PASSAGE,), 3)


def printed(node, capsys):
    print_tree(asdict(node))
    return capsys.readouterr().out


def test_a_rejected_row_is_told_with_what_rejected_it(capsys):
    """Its line, filters, marks, people, its passage with its place, and the whole hash of the document."""
    out = printed(ROW, capsys)
    for words in (
        "example e1 summary.short",
        "rejected by novelty after 2 filters passed: 닮았다 (e2)",
        "marked by politeness: 섞였다",
        "not in the training set",
        "judged by no person",
        "data/candidates/summary.jsonl:7",
        "from passage p1 규정.pdf, p. 3",
        "1 boxes, the first on page 3 at 10, 20, 200, 60 points",
        f"sha256 {'a' * 64}",
        "and 3 more",
    ):
        assert words in out
    assert "끝." not in out  # long texts are cut


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        ("metric", {"value": 0.3189}, "= 0.3189"),
        ("prediction", {"predicted": None, "answer": 2}, "nothing readable, right is C"),
        ("prediction", {"predicted": 0, "answer": 2}, "A, right is C"),
        ("call", {}, "in no ledger"),
        ("glossary", {"rows": 1200}, "1,200 rows"),
    ],
)
def test_each_kind_says_what_matters(capsys, kind, facts, said):
    """In its first line."""
    assert said in printed(Node("", kind, "x", "label", facts), capsys)


def test_the_page_has_whole_texts_and_pictures():
    """Words of rows stay words; the picture of the page is inside."""
    html = lineage_page(asdict(ROW), {"p1": [(3, "iVBORyBwaWN0dXJl")]})
    assert "끝." in html and "&lt;b&gt;간추려" in html and "<b>간추려" not in html
    assert 'src="data:image/png;base64,iVBORyBwaWN0dXJl' in html and "http" not in html


def test_versions_that_are_alike_are_told_once():
    """What follows each other and is the same; what could not be looked at is named."""
    root = Found(1, "a" * 64, "document", "규정.pdf")
    first = Descent("working tree", "", (root,), {"data/mixed/train.jsonl": {"example": 3}}, 3, 6, "m1.dir", "run1")
    other = replace(first, version="old", rev="old", records={}, trained_rows=0)
    found = Impact((first, replace(first, version="abc", rev="abc"), other), ("clean",), ("far",))
    lines = list(impact_lines(asdict(found)))
    assert lines[0] == f"working tree, abc: from document 규정.pdf ({'a' * 16})"
    assert "trained on: 3 of 6 rows (50.0%)" in lines[2] and "adapter m1.dir, run run1" in lines[3]
    assert lines[4].startswith("old: from") and lines[5].strip() == "nothing"
    assert lines[6].startswith("nothing of it in 1 versions") and "far" in lines[7] and len(lines) == 8


def test_what_was_erased_is_told_with_what_is_not_here():
    """Places by holder, files, and the next steps."""
    erased = Erased({"DVC's cache": tuple("abcdefg")}, ("data/raw/pdf/규정.pdf",))
    text = "\n".join(erased_lines("규정.pdf", asdict(erased)))
    assert "DVC's cache: 7 (a, b, c, d, e and 2 more)" in text
    assert "data/raw/pdf/규정.pdf" in text and "dvc repro" in text and "DVC remotes" in text


def test_verdicts_say_passed_or_what_is_wrong():
    """With the number of faults that are not shown."""
    lines = list(
        verdict_lines([asdict(Verdict("ids", "ids", 0, ())), asdict(Verdict("files", "files", 9, ("x", "y")))])
    )
    assert lines[0].startswith("passed") and lines[1].startswith("failed")
    assert [line.strip() for line in lines[2:]] == ["x", "y", "and 7 more"]
