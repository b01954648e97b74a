"""A folder as the pipeline leaves it, with rows to judge and the document they are from, and a server of it.

The passages are on real pages of a sample PDF.
"""

import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import yaml

from finsmith.core.ids import file_sha256
from finsmith.core.io import write_jsonl, write_text
from finsmith.core.records import Box, Example, Flagged, Judgement, Passage, Provenance, Rejected, Term

from ..made import question, row

ROOT = Path(__file__).parents[3]
DOCUMENT = "aml_guideline.pdf"
TEXT = "의심되는 거래는 보고책임자에게 사흘 안에 알린다.\n보고책임자의 임기는 2년 이상으로 한다."
EVIDENCE = "보고책임자의 임기는 2년 이상으로 한다."


def passage(number=0, text=TEXT):
    """A passage on the second page of the sample's guideline."""
    path = ROOT / "data/raw/pdf" / DOCUMENT
    box = Box(page=2, x0=62, y0=153.2 + number, x1=533.3, y1=252.7)
    return Passage(
        document=DOCUMENT,
        document_sha256=file_sha256(path),
        pages=(2,),
        span=(number, number + 10),
        boxes=(box,),
        headings=("제1장 총칙", "2. 책임"),
        text=text,
        tokens=40,
    )


PASSAGES = [passage(), passage(1, "담보의 시세는 날마다 다시 매긴다."), passage(2, "여신은 분기마다 점검한다.")]
TERM = Term(
    term="유동성",
    full_name="",
    english="liquidity",
    definition="쉽게 현금이 되는 정도이다.",
    related=(),
    category="",
    source="terms.csv",
    row=2,
)


def rag(number):
    """A row with three clues, of which the second answers."""
    clues = [PASSAGES[1].text, PASSAGES[0].text, PASSAGES[2].text]
    return Example(
        recipe="rag.answer",
        instruction=f"단서를 읽고 질문에 답하세요.\n\n질문: 보고책임자의 임기는 얼마인가요? ({number})",
        input="\n\n".join(f"[단서 {at}] {text}" for at, text in enumerate(clues, 1)),
        output="보고책임자의 임기는 2년 이상으로 한다. [단서 2]",
        provenance=Provenance(sources=tuple(one.id for one in (PASSAGES[1], PASSAGES[0], PASSAGES[2]))),
    )


def asked(number):
    """A candidate for the closed test, from the guideline."""
    choices = ("1년 이상", "2년 이상", "3년 이상", "4년 이상")
    told = {"explanation": "임기는 2년 이상이다.", "source": DOCUMENT, "evidence": EVIDENCE, "kind": "number"}
    return question(f"보고책임자의 임기는? ({number})", choices=choices, **told)


def make_office(folder, rows=20, questions=10, sample=3, **changes):
    """Writes the folder: rows with retrieval, questions, an audit sample; `changes` are of `review`'s params."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    params["review"] |= changes
    params["ingest"]["source"] = "data/raw"
    write_text(folder / "params.yaml", yaml.safe_dump(params, allow_unicode=True))
    kept, audited = [rag(number) for number in range(rows)], [row(90 + n, "summary.short") for n in range(sample)]
    write_jsonl(folder / "data/filtered/kept.jsonl", [*kept, *audited])
    marks = [Flagged(example_id=kept[0].id, filter="disputed_answer", reason="0 of 2", score=0.0)] if kept else []
    write_jsonl(folder / "data/filtered/flagged.jsonl", marks)
    near = rag(999).model_copy(update={"output": "임기는 3년입니다. [단서 2]", "id": ""})
    why = {"filter": "novelty", "reason": "ROUGE-L 0.91 to a kept row", "score": 0.91}
    rejected = [Rejected(example=near, against=one.id, **why) for one in kept[:1]]
    write_jsonl(folder / "data/filtered/rejected.jsonl", rejected)
    said = {"right": 1, "votes": 4, "said": ("가", "나"), "request_keys": ("k",), "model": "teacher"}
    judgements = [Judgement(example_id=one.id, kind="faithful", **said) for one in kept[1:2]]
    write_jsonl(folder / "data/judgements/judgements.jsonl", judgements)
    write_jsonl(folder / "data/mixed/train.jsonl", audited)
    write_jsonl(folder / "data/corpus/passages.jsonl", PASSAGES)
    write_jsonl(folder / "data/corpus/terms.jsonl", [TERM])
    write_jsonl(folder / "data/raw/test_candidates/candidates.jsonl", [asked(number) for number in range(questions)])
    write_text(folder / "data/quality/sample.csv", "\n".join(["id,comment", *(f"#{one.id}," for one in audited)]))
    (folder / "data/raw/pdf").mkdir(parents=True)
    shutil.copy(ROOT / "data/raw/pdf" / DOCUMENT, folder / "data/raw/pdf")
    return folder


@contextmanager
def served(folder, *arguments):
    """The command in the folder: the process with what it `told`, and each reviewer's link as it printed it."""
    program = "from finsmith.cli import main; main()"
    command = [sys.executable, "-c", program, "review", "--no-open", "--port", "0", *arguments]
    paths = {"FINSMITH_STATE": str(folder / ".finsmith"), "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(command, cwd=folder, env=os.environ | paths, stdout=subprocess.PIPE, text=True) as process:
        try:
            links, process.told = {}, []
            for line in process.stdout:
                process.told.append(line)
                if found := re.match(r"(\S+): .*  (http\S+)$", line.rstrip()):
                    links[found[1]] = found[2]
                if line.startswith("Ctrl-C"):
                    break
            yield process, links
        finally:
            process.kill()
