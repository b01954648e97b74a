"""Questions a second of finsmith's likelihood evaluators and of lm-evaluation-harness, and whether they agree.

Run as `python -m benchmarks.harness FOLDER [dtype [questions [rounds]]]`; FOLDER is that of a finished run. Both
programs score the same questions with the same prompts, each in a process of its own, one after the other, and change
places from round to round; each round has questions of its own. Of the harness the time is that of its model's
`loglikelihood` alone, at the fastest of several batch sizes. Not covered: the harness's own start, reading of tasks and
statistics.
"""

import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from finsmith.core.io import read_jsonl
from finsmith.core.records import Question
from finsmith.evaluation.evaluators import EVALUATORS, Setting
from finsmith.evaluation.harness import METRICS, HarnessDoc, Models, write_tasks
from finsmith.training.chat_format import ChatFormat
from finsmith.training.predictor import LikelihoodPredictor

OUR_ROWS = 16  # the batch size at which the harness reads the batches that the predictor reads
# 32 stands for "auto", which tries what fits: at 64 the harness holds 13 GB of the sample's log-probabilities
BATCH_SIZES = (1, 4, 8, OUR_ROWS, 32)
TRIED = 16  # questions to find the fastest batch size with, of the base model

Scores = list[list[float]]
Scorer = Callable[..., Scores]


class Timed(NamedTuple):
    """What was scored, and how long a question took by the clock and by the processor."""

    scores: Scores
    seconds: float
    processor_seconds: float


def questions_of(folder: str) -> list[Question]:
    """Those of the test set and of the test of general ability, in an order by their ids, so that rounds are alike."""
    files = (Path(folder, f"data/testset/{name}.jsonl") for name in ("questions", "general"))
    return sorted((question for file in files for question in read_jsonl(file, Question)), key=lambda q: q.id)


def finsmith(folder: str, dtype: str, _: str) -> Scorer:
    """A function of model, evaluator and first and last question that gives our scores."""
    questions = questions_of(folder)
    predictor = LikelihoodPredictor(Path(folder, "models/base"), Path(folder, "models/adapter"), dtype)

    def score(model: str, name: str, begin: int, end: int) -> Scores:
        predictor.use_adapter(model == "adapter")
        return [list(one.scores) for one in EVALUATORS[name].ask(questions[begin:end], predictor, Setting())]

    return score


def harness(folder: str, dtype: str, exported: str) -> Scorer:
    """The same of the harness and a batch size; choice texts are divided by their characters as its acc_norm does."""
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    def loaded(**peft: str) -> Any:
        return HFLM(
            pretrained=str(Path(folder, "models/base")),
            tokenizer=str(Path(exported, "tokenizer")),
            device="cpu",
            dtype=dtype,
            softmax_dtype="float32",
            add_bos_token=False,
            **peft,
        )

    questions = questions_of(folder)
    models = {"base": loaded(), "adapter": loaded(peft=str(Path(folder, "models/adapter")))}
    docs = {name: list(read_jsonl(Path(exported, f"{name}.jsonl"), HarnessDoc)) for name in METRICS}

    def score(model: str, name: str, begin: int, end: int, batch_size: int) -> Scores:
        models[model].batch_size_per_gpu = batch_size
        pairs = [(doc.context, continuation) for doc in docs[name][begin:end] for continuation in doc.continuations]
        requests = [Instance("loglikelihood", {}, pair, at) for at, pair in enumerate(pairs)]
        totals = (total for total, _ in models[model].loglikelihood(requests, disable_tqdm=True))
        by_length = METRICS[name] == "acc_norm"
        return [[next(totals) / (len(c) if by_length else 1) for c in q.choices] for q in questions[begin:end]]

    return score


def work(pipe: Connection, make: Callable[..., Scorer], arguments: Sequence[str]) -> None:
    """Answers requests with what was scored and how long it took, until there are no more."""
    score = make(*arguments)
    while request := pipe.recv():
        clock, processor = time.perf_counter(), time.process_time()
        scores = score(*request)
        took = time.perf_counter() - clock, time.process_time() - processor
        pipe.send(Timed(scores, *(seconds / len(scores) for seconds in took)))


@contextmanager
def worker(make: Callable[..., Scorer], *arguments: str) -> Iterator[Callable[..., Timed]]:
    """A function that scores in a process of its own."""
    ours, its = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=work, args=(its, make, arguments), daemon=True)
    process.start()

    def ask(*request: Any) -> Timed:
        ours.send(request)
        answer: Timed = ours.recv()
        return answer

    yield ask
    ours.send(())
    process.join()


def fastest(harness: Callable[..., Timed], name: str) -> int:
    """The batch size that takes the least processor time with the base model; prints what each takes."""
    tried = {size: harness("base", name, 0, TRIED, size).processor_seconds for size in BATCH_SIZES}
    print(f"{name}, harness, seconds a question by batch size:", {size: round(one, 2) for size, one in tried.items()})
    return min(tried, key=tried.__getitem__)


def agreeing(ours: Sequence[Timed], theirs: Sequence[Timed]) -> tuple[int, float]:
    """Questions with the same choice, and the greatest difference of a score."""
    pairs = [
        pair for our, their in zip(ours, theirs, strict=True) for pair in zip(our.scores, their.scores, strict=True)
    ]
    same = sum(a.index(max(a)) == b.index(max(b)) for a, b in pairs)
    return same, max(abs(one - other) for a, b in pairs for one, other in zip(a, b, strict=True))


def compare(
    model: str, name: str, sizes: Sequence[int], edges: Sequence[int], ask: tuple[Callable[..., Timed], ...]
) -> None:
    """Prints the rounds of one model and evaluator, their medians, and the agreement."""
    rounds: dict[int | str, list[Timed]] = {"finsmith": [], **{size: [] for size in sizes}}
    for number, (begin, end) in enumerate(pairwise(edges)):
        for who in list(rounds)[:: 1 if number % 2 else -1]:
            request = (model, name, begin, end) if who == "finsmith" else (model, name, begin, end, who)
            rounds[who].append(ask[who != "finsmith"](*request))
        print(f"  round {number + 1}:", {who: round(found[-1].seconds, 2) for who, found in rounds.items()}, flush=True)
    clock, busy = (
        {who: statistics.median(getattr(one, field) for one in found) for who, found in rounds.items()}
        for field in ("seconds", "processor_seconds")
    )
    for size in sizes:
        same, most = agreeing(rounds["finsmith"], rounds[size])
        print(
            f"{model} {name}: questions/s {1 / clock['finsmith']:.2f}, harness at {size} {1 / clock[size]:.2f}, "
            f"{clock[size] / clock['finsmith']:.2f} times ({busy[size] / busy['finsmith']:.2f} by processor time); "
            f"same choice {same} of {edges[-1]}, greatest difference of a score {most:.1e}",
            flush=True,
        )


def main(folder: str, dtype: str = "bfloat16", questions: str = "425", rounds: str = "5") -> None:
    """Prints for both models and both evaluators which program is faster, and where they agree."""
    edges = [int(questions) * number // int(rounds) for number in range(int(rounds) + 1)]
    models = Models(Path(folder, "models/base"), Path(folder, "models/adapter"), dtype)
    with TemporaryDirectory() as exported:
        chat = ChatFormat.of_model(models.base)
        write_tasks(Path(exported), questions_of(folder), Setting(), list(METRICS), chat, models)
        arguments = (folder, dtype, exported)
        with worker(finsmith, *arguments) as ours, worker(harness, *arguments) as theirs:
            for name in METRICS:
                sizes = list(dict.fromkeys((fastest(theirs, name), OUR_ROWS)))
                for model in ("base", "adapter"):
                    ours(model, name, 0, TRIED)  # warm
                    compare(model, name, sizes, edges, (ours, theirs))


if __name__ == "__main__":
    main(*sys.argv[1:])
