"""A small project as the pipeline leaves it: records of finsmith's own classes, metrics, a run, and its dvc.lock."""

import hashlib
import json
from pathlib import Path

import yaml

from finsmith.core.ids import sha256_of
from finsmith.core.io import write_json, write_jsonl
from finsmith.core.records import (
    Box,
    Document,
    Example,
    Flagged,
    Judgement,
    LedgerEntry,
    Passage,
    Provenance,
    Question,
    Rejected,
    Term,
)
from finsmith.evaluation.predictions import Prediction
from finsmith.evaluation.quality import Verdict
from finsmith.history.revisions import content_md5
from finsmith.lineage.index import build_index, files_in, trained_entries

FOLDERS = (
    "corpus",
    "candidates",
    "calls",
    "judgements",
    "filtered",
    "reviewed",
    "mixed",
    "quality",
    "testset",
    "predictions.jsonl",
    "evaluation",
)
SECRET = "이 문서의 카나리아7f3a 조항은 대외비이며 누구도 옮겨 적거나 모델에 가르쳐서는 안 된다."
RAW = f"%PDF-1.7 {SECRET}".encode()  # what the document's file holds
SHA = hashlib.sha256(RAW).hexdigest()
PROMPT = "a" * 64
KEYS = ["1" * 64, "2" * 64, "3" * 64, "4" * 64]
ASKED = "5" * 64  # a hosted model's call
BOX = Box(page=3, x0=10.0, y0=20.0, x1=200.0, y1=60.0)
DOCUMENT = Document(name="규정.pdf", sha256=SHA, pages=5, paragraphs=())
PASSAGES = [
    Passage(
        document="규정.pdf",
        document_sha256=SHA,
        pages=(page,),
        span=(0, 9),
        boxes=(BOX,),
        headings=("제1장",),
        text=f"여신은 {page}억원이다. {SECRET}",
        tokens=9,
    )
    for page in (3, 4)
]
TERM = Term(
    term="DSR",
    full_name="총부채원리금상환비율",
    english="",
    definition="빚 갚는 돈을 소득으로 나눈 값이다.",
    related=(),
    category="",
    source="용어집.csv",
    row=2,
)


def example(recipe, text, sources, **more):
    """A row that says `text`."""
    return Example(
        recipe=recipe,
        instruction=text,
        input="",
        output=f"{text}입니다.",
        provenance=Provenance(sources=sources, **more),
    )


def written(number):
    """A row that the teacher wrote on a passage."""
    by = {"prompt_sha256": PROMPT, "model": "teacher", "request_key": KEYS[number]}
    return example("summary.short", f"요약 {number}", (PASSAGES[number].id,), **by)


ROWS = [written(0), written(1)]
EVOLVED = example("evolve.deepen", "깊은 요약", (PASSAGES[0].id,), parents=(ROWS[0].id,))
GLOSSED = example("glossary_qa.definition", "DSR란 무엇인가요?", (TERM.id,))
DROPPED = example("glossary_qa.definition", "DSR", (TERM.id,))
GENERAL = [example("general", f"일반 {at}", (f"general.jsonl:line {at}",)) for at in (1, 2, 3)]
QUESTIONS = [
    Question(stem=f"{about}은?", choices=("가", "나", "다", "라"), answer=1, explanation="", source=about, evidence="")
    for about in ("DSR", "규정.pdf")
]
TRAINED = [*ROWS, EVOLVED, GLOSSED, *GENERAL[:2]]


def predictions():
    """The base has one of two right, the adapter both; a hosted model was asked one."""
    for model, chosen in (("base", (1, 0)), ("adapter", (1, 1))):
        for question, predicted in zip(QUESTIONS, chosen, strict=True):
            yield Prediction(
                question_id=question.id,
                evaluator="letter",
                model=model,
                shift=0,
                choices=4,
                predicted=predicted,
                answer=1,
            )
    yield Prediction(
        question_id=QUESTIONS[0].id,
        evaluator="generation",
        model="hosted",
        shift=0,
        choices=4,
        predicted=1,
        answer=1,
        reply="B",
        request_key=ASKED,
    )


def ledger(*keys):
    return [
        LedgerEntry(
            request_key=key,
            recipe="summary",
            model="teacher",
            finish_reason="stop",
            prompt_tokens=100,
            completion_tokens=20,
            cost_usd=0.25,
            reference_cost_usd=0.25,
        )
        for key in keys
    ]


METRICS = {
    "filter": {"candidates": 8, "kept": 7, "rejected": 1},
    "review": {"rows": 7, "approved": 7, "rejected": 0, "waiting": 0, "waiting_left_out": 0},
    "mix": {"domain_rows": 4, "general_rows": 2, "general_share": 0.33, "tokens": 60},
    "leaks": {"leaks": 0, "rows": 6, "pairs": 0},
    "testset": {"version": 0, "digest": sha256_of(sorted(one.id for one in QUESTIONS))},
    "generate": {"usd_total": 0.5},
    "judge": {"usd_total": 0.5},
    "answers": {"usd_total": 0.0},
    "evaluate": {
        "headline": "letter",
        "letter": {"base": {"accuracy": 0.5}, "adapter": {"accuracy": 1.0}, "mcnemar_p": 1.0},
        "accounts": {"usd_total": 0.25},
    },
}
RUN = {
    "run_id": "run1",
    "fingerprint": "f1",
    "device": "cpu",
    "device_hours": 0.5,
    "gpu_hours": 0.0,
    "steps": 3,
    "tokens": 60,
    "final_loss": 0.7,
    "rows": 6,
    "validation_rows": 0,
    "left_out": 0,
}
STAGES = {  # what each stage of the lock read and made
    "mix": ((), ("data/mixed",)),
    "testset": ((), ("data/testset",)),
    "leaks": (("data/mixed", "data/testset"), ()),
    "train": (("data/mixed",), ("models/adapter", "models/run.json")),
    "evaluate": (("models/adapter", "data/testset"), ("data/predictions.jsonl", "data/evaluation")),
    "answers": (("models/adapter",), ("data/answers",)),
    "lineage": (("data/mixed",), ("data/lineage.sqlite",)),
}


def make_project(root: Path) -> Path:
    """The project in a folder, with index and dvc.lock."""
    data = root / "data"
    write_jsonl(data / "corpus/documents.jsonl", [DOCUMENT])
    write_jsonl(data / "corpus/passages.jsonl", PASSAGES)
    write_jsonl(data / "corpus/terms.jsonl", [TERM])
    write_jsonl(data / "candidates/summary.jsonl", ROWS)
    write_jsonl(data / "candidates/evolve.jsonl", [EVOLVED])
    write_jsonl(data / "candidates/glossary_qa.jsonl", [GLOSSED, DROPPED])
    write_jsonl(data / "calls/ledger.jsonl", ledger(*KEYS[:2]))
    said = {"example_id": ROWS[0].id, "kind": "faithful", "right": 1, "votes": 2, "said": ("yes", "no")}
    write_jsonl(
        data / "judgements/judgements.jsonl", [Judgement(**said, request_keys=tuple(KEYS[2:]), model="teacher")]
    )
    write_jsonl(data / "judgements/ledger.jsonl", ledger(*KEYS[2:]))
    write_jsonl(data / "filtered/kept.jsonl", [*ROWS, EVOLVED, GLOSSED, *GENERAL])
    too_short = Rejected(example=DROPPED, filter="length", reason="too short", score=3.0, against=GLOSSED.id)
    write_jsonl(data / "filtered/rejected.jsonl", [too_short])
    write_jsonl(data / "filtered/flagged.jsonl", [Flagged(example_id=ROWS[0].id, filter="politeness", reason="mixed")])
    write_jsonl(data / "reviewed/approved.jsonl", [*ROWS, EVOLVED, GLOSSED, *GENERAL])
    for name in ("decisions", "settled", "rejected", "waiting"):
        write_jsonl(data / f"reviewed/{name}.jsonl", [])
    write_jsonl(data / "mixed/train.jsonl", TRAINED)
    verdict = Verdict(row_id=GLOSSED.id, reviewer="김심사", answers=(True, True, True))
    write_jsonl(data / "quality/verdicts.jsonl", [verdict])
    write_jsonl(data / "testset/questions.jsonl", QUESTIONS)
    write_jsonl(data / "predictions.jsonl", predictions())
    write_jsonl(data / "evaluation/ledger.jsonl", ledger(ASKED))
    write_jsonl(data / "answers/ledger.jsonl", [])
    for stage, content in METRICS.items():
        write_json(root / f"reports/metrics/{stage}.json", content)
    steps = [
        {"step": f"{at} {name}", "rows": 8} for at, name in enumerate(("candidates", "empty", "length", "novelty"))
    ]
    write_json(root / "reports/plots/funnel.json", steps)
    write_json(root / "models/run.json", RUN)
    write_json(root / "models/adapter/adapter_config.json", {"r": 8})
    make_index(root)
    lock(root)
    return root


def make_index(root: Path) -> dict[str, int]:
    """Indexes what stands in the project; paths in the index begin at its root."""
    import os

    before = Path.cwd()
    os.chdir(root)
    try:
        run = json.loads(Path("models/run.json").read_text())
        folders = {name: Path("data") / name for name in FOLDERS}
        return build_index(Path("data/lineage.sqlite"), files_in(folders), trained_entries(run))
    finally:
        os.chdir(before)


def lock(root: Path) -> None:
    """Writes dvc.lock as it follows from the files."""

    def entries(paths):
        return [{"path": path, "hash": "md5", "md5": content_md5(root / path)} for path in paths]

    stages = {
        name: {"cmd": name, "deps": entries(deps), "outs": entries(outs)} for name, (deps, outs) in STAGES.items()
    }
    (root / "dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": stages}))
