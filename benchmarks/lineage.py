"""Traces a row and a metric, and asks for the impact of a document, among many rows; beside `grep` for the row's id.

Run as `python -m benchmarks.lineage ROWS FOLDER`: it writes a project with so many rows into the folder, as the
pipeline leaves them, and runs the commands as a person does. Not covered: making rows of documents.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import md5
from pathlib import Path
from typing import Any

import orjson
from tqdm import tqdm

from finsmith.core.ids import content_id, sha256_of

_STAGE = (
    *("data/corpus", "data/candidates", "data/calls", "data/judgements", "data/filtered", "data/mixed", "data/quality"),
    *("data/testset", "data/predictions.jsonl", "data/evaluation", "data/answers", "models/run.json"),
    *("data/lineage.sqlite", "reports/metrics/lineage.json"),
)
_PER_DOCUMENT, _PER_PASSAGE, _REJECTED, _GENERAL, _QUESTIONS = 100, 10, 10, 4, 5000
_TEXT = "온빛은행의 원화대출은 전분기 말보다 늘었고 증가분의 대부분이 기업대출에서 나왔다. " * 6


def main(rows: int, folder: Path) -> None:
    """Writes the project, indexes it, and asks."""
    (folder / "data").mkdir(parents=True)
    os.chdir(folder)
    with timed("writing the project"):
        write_project(rows)
    with timed("stage lineage"):
        subprocess.run([sys.executable, "-m", "stages.lineage", *_STAGE], check=True, env=_environment())
    index = Path("data/lineage.sqlite")
    lock = {"stages": {"lineage": {"outs": [{"path": str(index), "md5": md5(b"", usedforsecurity=False).hexdigest()}]}}}
    Path("dvc.lock").write_bytes(orjson.dumps(lock))
    subprocess.run(["git", "init", "--quiet"], check=True)
    row = _row(rows // 2 + 1)["id"]
    ask("trace", row)
    ask("trace", "evaluate.letter.adapter.accuracy")
    ask("impact", "document-7.pdf")
    ask("impact", "summary")
    with timed("grep for the row's id in all files"):
        subprocess.run(["grep", "-rnF", row, "data", "--include=*.jsonl"], check=True, stdout=subprocess.DEVNULL)


def write_project(rows: int) -> None:
    """Documents of a hundred passages, ten rows on each, a tenth of them rejected; a quarter as many general rows."""
    passages = -(-rows // _PER_PASSAGE)
    documents = range(-(-passages // _PER_DOCUMENT))
    _write("corpus/documents", ({"sha256": _sha(at), "name": f"document-{at}.pdf"} for at in documents))
    _write("corpus/passages", map(_passage, range(passages)))
    ledgers = ("evaluation/ledger", "answers/ledger")
    for name in ("corpus/terms", "judgements/judgements", "quality/verdicts", "filtered/flagged", *ledgers):
        _write(name, iter(()))
    _write("candidates/summary", iter(tqdm(map(_row, range(rows)), total=rows)))
    _write("calls/ledger", map(_call, range(rows)))
    kept = [at for at in range(rows) if at % _REJECTED]
    general = range(rows, rows + rows // _GENERAL)
    _write("filtered/kept", (_row(at) if at < rows else _general(at) for at in tqdm([*kept, *general])))
    dropped = ({"example": _row(at), "filter": "novelty", "reason": "too near"} for at in range(0, rows, _REJECTED))
    _write("filtered/rejected", dropped)
    _write("mixed/train", (_row(at) if at < rows else _general(at) for at in tqdm([*kept, *general])))
    _write("testset/questions", map(_question, range(_QUESTIONS)))
    _write("predictions", (_prediction(at, model) for model in ("base", "adapter") for at in range(_QUESTIONS)))
    run = {"run_id": "run", "fingerprint": "f", "device": "cpu", "rows": len(kept) + len(general), "steps": 1}
    _write_json("models/run.json", run | {"tokens": 1, "device_hours": 1.0})
    _write_json(
        "reports/metrics/mix.json",
        {"domain_rows": len(kept), "general_rows": len(general), "general_share": 0.2, "tokens": 1},
    )
    _write_json("reports/metrics/evaluate.json", {"headline": "letter", "letter": {"adapter": {"accuracy": 0.5}}})


def _sha(document: int) -> str:
    return sha256_of(["document", document])


def _passage(at: int) -> dict[str, Any]:
    document = at // _PER_DOCUMENT
    place = {"document": f"document-{document}.pdf", "document_sha256": _sha(document), "pages": [at % _PER_DOCUMENT]}
    return {"id": content_id(["passage", at]), "text": _TEXT, "boxes": [], "headings": [], **place}


def _row(at: int) -> dict[str, Any]:
    of: dict[str, Any] = {"sources": [content_id(["passage", at // _PER_PASSAGE])], "parents": [], "other_keys": []}
    of |= {"prompt_sha256": sha256_of("prompt"), "model": "teacher", "request_key": sha256_of(["call", at])}
    texts: dict[str, Any] = {"instruction": "아래 글을 간추려 주세요.", "input": _TEXT, "output": _TEXT[:80]}
    return {"id": content_id(["row", at]), "recipe": "summary.short", **texts, "provenance": of}


def _general(at: int) -> dict[str, Any]:
    of: Mapping[str, Any] = {
        "sources": [f"general.jsonl:line {at}"],
        "parents": [],
        "other_keys": [],
        "request_key": "",
    }
    texts = {"instruction": "다음 말을 높임말로 바꿔 주세요.", "input": "", "output": _TEXT[:60]}
    return {"id": content_id(["general", at]), "recipe": "general", **texts, "provenance": {**of, "prompt_sha256": ""}}


def _call(at: int) -> dict[str, Any]:
    used = {"prompt_tokens": 500, "completion_tokens": 100, "cost_usd": 0.001, "reference_cost_usd": 0.001}
    return {
        "request_key": sha256_of(["call", at]),
        "recipe": "summary",
        "model": "teacher",
        "finish_reason": "stop",
        **used,
    }


def _question(at: int) -> dict[str, Any]:
    return {
        "id": content_id(["question", at]),
        "kind": "fact",
        "source": "",
        "stem": "?",
        "choices": list("가나다라"),
        "answer": 0,
    }


def _prediction(at: int, model: str) -> dict[str, Any]:
    said = {"evaluator": "letter", "shift": 0, "predicted": 0, "answer": 0, "request_key": ""}
    return {"question_id": content_id(["question", at]), "model": model, **said}


def _write(name: str, lines: Iterator[Mapping[str, Any]]) -> None:
    path = Path(f"data/{name}.jsonl")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        out.writelines(orjson.dumps(line) + b"\n" for line in lines)


def _write_json(name: str, content: Mapping[str, Any]) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(orjson.dumps(content))


def ask(*words: str) -> None:
    """Runs a command of finsmith three times, after a first one, and tells the median with the interpreter's start."""
    command = [str(Path(sys.executable).with_name("finsmith")), *words]
    seconds = []
    for _ in range(4):
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=_environment())
        seconds.append(time.perf_counter() - began)
    print(f"finsmith {' '.join(words):50} {sorted(seconds[1:])[1]:7.2f} s (first {seconds[0]:.2f})", flush=True)


def _environment() -> dict[str, str]:
    root = str(Path(__file__).parents[1])
    return os.environ | {"PYTHONPATH": os.pathsep.join((f"{root}/src", root))}


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Tells how long the block took."""
    began = time.perf_counter()
    yield
    print(f"{what:60} {time.perf_counter() - began:7.2f} s", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
