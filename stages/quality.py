"""Stage `quality`: a sample of the training set for people to judge, and the table of what they have said so far."""

from pathlib import Path

from finsmith.core.io import read_jsonl, write_json, write_jsonl, write_text
from finsmith.core.params import load_params
from finsmith.core.records import Example
from finsmith.core.stage import run_stage
from finsmith.evaluation.quality import (
    QualityParams,
    Verdict,
    draw_sample,
    quality_table,
    read_verdicts,
    sample_csv,
    with_decisions,
)
from finsmith.review.course import sampled
from finsmith.review.decisions import Decision


def main(train: Path, judged: Path, decisions: Path, quality: Path, metrics: Path) -> None:
    """Writes the sample as a table to fill in; filled tables are read from the folder `judged`, decisions beside."""
    sample = draw_sample(read_jsonl(train, Example), load_params(QualityParams))
    decided = [
        Verdict(  # `review` counts their time
            row_id=one.row_id, reviewer=one.reviewer, answers=one.answers or (), comment=one.reason
        )
        for one in sampled(read_jsonl(decisions, Decision))
    ]
    verdicts, rejects = with_decisions(read_verdicts(judged, sample), decided, sample)
    write_text(quality / "sample.csv", sample_csv(sample))
    write_jsonl(quality / "verdicts.jsonl", verdicts)
    write_jsonl(quality / "rejects.jsonl", rejects)
    write_json(metrics, quality_table(sample, verdicts) | {"rejects": len(rejects)})


if __name__ == "__main__":
    run_stage(main)
