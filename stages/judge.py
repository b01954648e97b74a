"""Stage `judge`: candidates → what a teacher says of them: items solved with and without passage, faithfulness."""

from itertools import chain
from pathlib import Path

from finsmith.core.io import read_jsonl, write_json, write_jsonl
from finsmith.core.params import load_params
from finsmith.core.records import Example
from finsmith.core.stage import run_stage
from finsmith.generation.judging import JudgeParams, judge, judging_statistics, judging_tasks
from finsmith.generation.params import GenerateParams
from finsmith.teacher.teacher import open_teachers


def main(candidates: Path, judgements: Path, metrics: Path) -> None:
    """Asks the teacher; every paid reply is in the response store before anything is written here."""
    generate = load_params(GenerateParams)
    rows = chain.from_iterable(read_jsonl(path, Example) for path in sorted(candidates.glob("*.jsonl")))
    tasks = judging_tasks(rows, generate, load_params(JudgeParams))
    with open_teachers(generate.all_teachers, generate.prices, generate.budget, "judge") as teachers:
        teachers.expected_calls = sum(len(task.asked) for task in tasks)
        judged = judge(tasks, generate, teachers.converse)
        write_jsonl(judgements / "judgements.jsonl", judged.judgements)
        write_jsonl(judgements / "rejected_replies.jsonl", judged.rejected)
        write_jsonl(judgements / "ledger.jsonl", teachers.ledger())
        write_json(metrics, teachers.accounts() | judging_statistics(judged))
        teachers.finish()


if __name__ == "__main__":
    run_stage(main)
