"""Questions, tables and decisions that the tests of the test set share."""

from finsmith.core.io import write_jsonl
from finsmith.core.records import Question
from finsmith.review.decisions import Decision, Edit
from finsmith.review.journal import Journal
from finsmith.testset.build import Accepted

CHOICES = ("한국은행", "국세청", "예금보험공사", "법원")
AT = "2026-03-02T09:30:00Z"


def question(number=0, **fields):
    """A question; by default its right choice is the first."""
    known = {"stem": f"{number}번 물음은?", "choices": CHOICES, "answer": 0, "explanation": "", "source": "규정.pdf"}
    return Question(**known | {"evidence": ""} | fields)


def accepted(questions):
    """Candidates that people accepted as they are."""
    return [Accepted(one.id, one) for one in questions]


def decide(folder, *about, verdict="accept", **changes):
    """Writes down what a reviewer says of these candidates; with changes it accepts them edited."""
    journal = Journal(folder / "data/review/decisions")
    fields = {"kind": "question", "reviewer": "kim", "seconds": 3, "at": AT, "verdict": verdict}
    fields |= {"edit": Edit(**changes)} if changes else {}
    fields |= {"reason": "틀렸다"} if verdict == "reject" else {}
    for one in about:
        journal.append(Decision(row_id=one.id, **fields))


def candidates(folder, questions):
    """Writes candidates where the parameters say."""
    write_jsonl(folder / "data/raw/test_candidates/bank.jsonl", questions)
    return list(questions)
