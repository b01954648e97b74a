"""The stage `review` from end to end: rows and a folder of decisions in, the rows' folder and the metrics out."""

import shutil
from pathlib import Path

import pytest
import yaml

from finsmith.core.errors import ReviewError
from finsmith.core.io import read_json, read_jsonl, write_jsonl
from finsmith.core.records import Example, Flagged, Judgement, Rejected, SourceReject
from finsmith.review.apply import Settled, Waiting
from finsmith.review.decisions import Decision
from finsmith.review.journal import Journal
from stages.review import main

from .made import chained, decision, edited, row, undo

ROOT = Path(__file__).parents[2]
ROWS = [row(number) for number in range(4)] + [row(9, "summary.short")]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the stage on the rows with these decisions and changes of its section; gives its metrics."""
    monkeypatch.chdir(tmp_path)
    write_jsonl(Path("kept.jsonl"), ROWS)
    marks = [(ROWS[1], "disputed_answer", 0.0), (ROWS[3], "mixes_politeness", 0.5), (ROWS[2], "unnamed", 0.1)]
    flags = [Flagged(example_id=one.id, filter=name, reason="r", score=score) for one, name, score in marks]
    write_jsonl(Path("flagged.jsonl"), flags)
    said = {"kind": "faithful", "right": 4, "votes": 4, "said": ("가",), "request_keys": ("k",), "model": "teacher"}
    write_jsonl(Path("judgements.jsonl"), [Judgement(example_id=ROWS[2].id, **said)])

    def stage(decisions=(), **changes):
        sections = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
        Path("params.yaml").write_text(yaml.safe_dump({"review": sections["review"] | changes}, allow_unicode=True))
        journal = Journal(Path("decisions"))
        for one in decisions:
            journal.append(one)
        Path("decisions").mkdir(exist_ok=True)
        names = (
            "kept.jsonl",
            "flagged.jsonl",
            "judgements.jsonl",
            "decisions",
            "reviewed",
            "metrics.json",
            "plot.json",
        )
        main(*map(Path, names))
        return read_json(Path("metrics.json"))

    return stage


def test_without_a_decision_the_delivered_parameters_change_nothing(run):
    """Byte for byte, so that nothing is trained anew; all rows are counted as waiting."""
    shutil.copy(ROOT / "data/review/decisions/README.md", "README.md")
    told = run()
    assert Path("reviewed/approved.jsonl").read_bytes() == Path("kept.jsonl").read_bytes()
    assert (told["rows"], told["approved"], told["waiting"], told["waiting_left_out"]) == (5, 5, 5, 0)
    assert (told["decisions"], told["reviewer_hours"], told["agreement"]["rows"]) == (0, 0.0, 0)
    found = told["yield"]
    assert (found["decided"], found["doubtful"]["rows"], found["others"]["rows"], found["by_chance"]) == (0, 2, 2, None)
    assert found["others"]["share"] is None and read_json(Path("plot.json")) == [
        {"rows": 0, "by_doubt": 0.0, "by_chance": 0.0}
    ]
    for name in ("rejected", "settled", "decisions", "unread"):
        assert Path(f"reviewed/{name}.jsonl").read_bytes() == b""


def test_decisions_come_to_rows_agreement_and_hours(run):
    """Two reviewers; what was undone counts as time alone; a bad line is listed."""
    kim = chained(decision(ROWS[0], seconds=36), decision(ROWS[1], "reject", seconds=36), decision(ROWS[2], seconds=36))
    kim.append(undo(kim[2], seconds=0))
    lee = chained(decision(ROWS[0], "accept", "이심사", seconds=72), edited(ROWS[3], "이심사", output="답", seconds=36))
    gone = decision("0123456789abcdef", "reject", "이심사", seconds=0)
    run([*kim, *lee, gone], overlap={"share": 0.0, "reviewers": 2})
    with Path("decisions/kim.jsonl").open("a") as out:
        out.write("half")
    told = run()
    counts = ("accepted", "edited", "rejected", "waiting", "gone", "decisions", "undone", "unread", "reviewer_hours")
    assert [told[name] for name in counts] == [1, 1, 1, 2, 1, 7, 1, 1, 0.06]
    assert told["reviewers"] == {"kim": {"decisions": 4, "hours": 0.03}, "이심사": {"decisions": 3, "hours": 0.03}}
    assert told["agreement"]["rows"] == 1 and told["agreement"]["alike"] == 1.0
    assert told["by_family"]["summary"]["waiting"] == 1
    found = told["yield"]
    assert (found["decided"], found["wrong"], found["by_chance"]) == (3, 2, 1.5)
    assert [found["doubtful"][name] for name in ("rows", "decided", "wrong", "share")] == [2, 2, 2, 1.0]
    assert [found["others"][name] for name in ("rows", "decided", "wrong", "share")] == [2, 1, 0, 0.0]
    assert read_json(Path("plot.json")) == [
        {"rows": at, "by_doubt": wrong, "by_chance": pytest.approx(2 * at / 3, abs=1e-3)}
        for at, wrong in enumerate((0, 1, 2, 2))
    ]
    approved = list(read_jsonl(Path("reviewed/approved.jsonl"), Example))
    assert [one.output for one in approved] == [ROWS[0].output, ROWS[2].output, "답", ROWS[4].output]
    assert approved[2].provenance.parents == (ROWS[3].id,)
    [rejected] = read_jsonl(Path("reviewed/rejected.jsonl"), Rejected)
    assert rejected.filter == "review"
    assert [one.row_id for one in read_jsonl(Path("reviewed/settled.jsonl"), Settled)] == [
        ROWS[at].id for at in (0, 1, 3)
    ]
    assert [one.why for one in read_jsonl(Path("reviewed/waiting.jsonl"), Waiting)] == ["undecided"] * 2
    assert list(read_jsonl(Path("reviewed/decisions.jsonl"), Decision)) == [*kim, *lee, gone]
    [unread] = read_jsonl(Path("reviewed/unread.jsonl"), SourceReject)
    assert (unread.source, unread.place) == ("kim.jsonl", "line 5")


def test_required_rows_stop_the_pipeline_and_are_listed(run):
    """What waits stands in the folder all the same; once all are decided it goes on."""
    rules = {"unreviewed": {"default": "drop", "rag": "require"}}
    with pytest.raises(ReviewError, match="4 of rag"):
        run(**rules)
    assert len(list(read_jsonl(Path("reviewed/waiting.jsonl"), Waiting))) == 5
    told = run([decision(one) for one in ROWS[:4]], **rules)
    assert (told["approved"], told["waiting_left_out"]) == (4, 1)
