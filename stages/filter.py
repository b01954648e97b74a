"""Stage `filter`: candidates and general rows → kept, rejected and flagged ones, each with its reasons; the funnel."""

from itertools import chain
from pathlib import Path

from finsmith.core.io import jsonl_writer, read_jsonl, write_json, write_jsonl
from finsmith.core.params import load_params
from finsmith.core.records import Example
from finsmith.core.stage import run_stage
from finsmith.corpus.privacy import kinds_in
from finsmith.corpus.tokens import token_counter
from finsmith.curation.contamination import background_of, read_near_test
from finsmith.curation.diversity import Diversity
from finsmith.curation.filters import Funnel, apply_filters
from finsmith.curation.finding import Context
from finsmith.curation.general import read_general
from finsmith.curation.judgements import read_judgements
from finsmith.curation.params import DecontaminationParams, FilterParams


def main(
    candidates: Path,
    judgements: Path,
    general: Path,
    testset: Path,
    corpus: Path,
    tokenizer: Path,
    filtered: Path,
    metrics: Path,
    plot: Path,
) -> None:
    """Filters the rows of every candidates file, in file name order, then the general ones."""
    params, funnel, diversity = load_params(FilterParams), Funnel(), Diversity()
    background = background_of(read_general(general))
    near_test = read_near_test(testset, corpus, background, load_params(DecontaminationParams))
    judged = read_judgements(judgements)
    context = Context(params, near_test.judge, token_counter(tokenizer), kinds_in, judged)
    domain = chain.from_iterable(read_jsonl(path, Example) for path in sorted(candidates.glob("*.jsonl")))
    with (
        jsonl_writer(filtered / "unread.jsonl") as unread,
        jsonl_writer(filtered / "rejected.jsonl") as reject,
        jsonl_writer(filtered / "flagged.jsonl") as flag,
    ):
        kept = apply_filters(chain(domain, read_general(general, unread)), context, funnel, reject, flag)
        write_jsonl(filtered / "kept.jsonl", diversity.counted(kept))
    write_json(filtered / "diversity.json", diversity.told())
    write_json(filtered / "background.json", background._asdict())
    write_json(metrics, funnel.metrics(params))
    write_json(plot, funnel.steps(params))


if __name__ == "__main__":
    run_stage(main)
