"""A folder as the pipeline leaves it, with rows, questions and a sample of which ids depend on nothing else."""

import sys
from pathlib import Path

import yaml

from finsmith.cli import main
from finsmith.core.io import read_json, write_jsonl, write_text
from finsmith.core.records import Flagged, Judgement
from finsmith.review.course import read_decisions

from ..made import question, row
from ..params import ALL, DELIVERED

HERE = Path(__file__).parent
ROWS = [row(number) for number in range(4)]
QUESTIONS = [question(), question("적금의 만기는?", choices=("1월", "2월", "3월", "4월", "5월"), evidence="만기는 2월")]
SAMPLE = [row(90, "summary.short"), row(91, "summary.short")]


def make(**changes):
    """Writes the folder into the present one; `changes` are of `review`'s parameters."""
    write_text(Path("params.yaml"), yaml.safe_dump(ALL | {"review": DELIVERED | changes}, allow_unicode=True))
    write_jsonl(Path("data/filtered/kept.jsonl"), [*ROWS, *SAMPLE])
    doubted = Flagged(example_id=ROWS[2].id, filter="disputed_answer", reason="0 of 2", score=0.0)
    write_jsonl(Path("data/filtered/flagged.jsonl"), [doubted])
    write_jsonl(Path("data/filtered/rejected.jsonl"), [])
    said = {"right": 1, "votes": 4, "said": ("가", "나"), "request_keys": ("k",), "model": "teacher"}
    write_jsonl(Path("data/judgements/judgements.jsonl"), [Judgement(example_id=ROWS[1].id, kind="faithful", **said)])
    write_jsonl(Path("data/mixed/train.jsonl"), SAMPLE)
    write_jsonl(Path("data/corpus/passages.jsonl"), [])
    write_jsonl(Path("data/corpus/terms.jsonl"), [])
    write_jsonl(Path("data/raw/test_candidates/candidates.jsonl"), QUESTIONS)
    write_text(Path("data/quality/sample.csv"), "\n".join(["id,comment", *(f"#{one.id}," for one in SAMPLE)]))


def finsmith(monkeypatch, *arguments):
    """Runs the command."""
    monkeypatch.setattr(sys, "argv", ["finsmith", *map(str, arguments)])
    main()


def exported(tool, kind, name):
    """A file that `export-review` wrote."""
    return read_json(Path("reports/review") / tool / kind / name)


def decided():
    """What the folder's decisions say of each row: verdict, reason, edit and the audit's answers."""
    return {
        one.row_id: (one.verdict, one.reason, one.edit and one.edit.changes, one.answers)
        for one in read_decisions(Path("data/review/decisions")).decisions
    }
