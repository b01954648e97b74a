"""Stage `review`: kept rows, people's decisions → approved, rejected and waiting rows, agreement, yield, hours."""

from pathlib import Path

from finsmith.core.io import jsonl_writer, read_jsonl, write_json, write_jsonl
from finsmith.core.params import load_params
from finsmith.core.records import Example
from finsmith.core.stage import run_stage
from finsmith.evaluation.statistics import wilson
from finsmith.review.active_order import ActiveOrder
from finsmith.review.agreement import agreement
from finsmith.review.apply import Outcome, approve, refuse_waiting
from finsmith.review.course import by_person, read_decisions
from finsmith.review.doubt import read_doubts
from finsmith.review.params import ReviewParams
from finsmith.review.standing import standings


def main(
    kept: Path, flagged: Path, judgements: Path, decisions: Path, reviewed: Path, metrics: Path, plot: Path
) -> None:
    """Writes the rows' folder, then fails where rows wait that must be reviewed."""
    params, decided = load_params(ReviewParams), read_decisions(decisions)
    standing = standings(decided.decisions, params)
    order = ActiveOrder(read_doubts(flagged, judgements, params), standing, params)
    with (
        jsonl_writer(reviewed / "rejected.jsonl") as reject,
        jsonl_writer(reviewed / "waiting.jsonl") as wait,
        jsonl_writer(reviewed / "settled.jsonl") as settle,
    ):
        outcome = Outcome(reject, wait, settle)
        approved = approve(order.watched(read_jsonl(kept, Example)), standing, params, outcome)
        write_jsonl(reviewed / "approved.jsonl", approved)
    write_jsonl(reviewed / "decisions.jsonl", decided.decisions)
    write_jsonl(reviewed / "unread.jsonl", decided.rejects)
    told = agreement(by_person(decided.decisions), params.adjudicator, params.resamples, params.seed)
    found = {"agreement": told, "yield": order.metrics(wilson)}
    write_json(metrics, outcome.metrics(standing) | decided.metrics() | found)
    write_json(plot, order.curve())
    refuse_waiting(outcome, params)


if __name__ == "__main__":
    run_stage(main)
