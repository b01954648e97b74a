"""Records of every set that is validated, the good sets of a small pipeline, and the folders they stand in."""

import json
from functools import cache
from typing import NamedTuple

import yaml

from finsmith.core.io import write_jsonl, write_text
from finsmith.core.records import DocumentCounts, Example, Passage, Provenance, Term

from ..items import item
from ..rows import ROOT, question

SUITES = ROOT / "expectations"
_MIX = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))["mix"]


def document(name, characters=900, passages=3, unread_pages=0, language="ko"):
    """What a file of five pages gave."""
    return DocumentCounts(
        name=name, pages=5, characters=characters, tokens=400, passages=passages, tables=0, ocr_pages=0,
        unread_pages=unread_pages, respaced_pages=0, respaced_paragraphs=0, furniture=0, masked=0, language=language,
    )  # fmt: skip


def passage(text, pages=(3,), start=0):
    """A passage of the lending manual."""
    return Passage(
        document="여신업무편람.pdf", document_sha256="0" * 64, pages=pages, span=(start, start + len(text)), boxes=(),
        headings=(), text=text, tokens=len(text),
    )  # fmt: skip


def term(name, definition, row=2, sheet=""):
    """An entry of the glossary."""
    return Term(
        term=name, full_name="", english="", definition=definition, related=(), category="", source="용어집.xlsx",
        row=row, sheet=sheet,
    )  # fmt: skip


def made(instruction, output, recipe="glossary_qa.definition", sources=("t1",), given=""):
    """An instruction row of a recipe."""
    of = Provenance(sources=sources)
    return Example(recipe=recipe, instruction=instruction, input=given, output=output, provenance=of)


def general(at, output="날씨가 맑아서 강가를 걸었습니다."):
    """A general row as the training set has it."""
    return made(f"{at}월의 나들이를 한 문장으로 적어 주세요.", output, "general", (f"일반.jsonl:line {at}",))


def asked(at, letter):
    """The 4-choice row of that number, with that letter as its answer."""
    return item("ko", f"{at}호 상품의 만기는?", ("3개월", "6개월", "9개월", "1년"), letter)


def closed(at, answer, longest=False):
    """The question of that number on the closed test; all choices are of three characters but a longest right one."""
    choices = ["담보물", "보증서", "예금주", "채무자"]
    choices[answer] += "의 동의" if longest else ""
    return question(f"제{at}조에서 여신을 연장할 때 있어야 하는 것은?", *choices, answer=answer)


_DOMAIN = [made(f"제{at}종 여신이란 무엇인가요?", f"{at}년 안에 갚는 대출입니다.") for at in range(1, 5)]

GOOD = {
    "documents": [document("여신업무편람.pdf"), document("Basel.pdf", language="en"), document("표.pdf", language="")],
    "passages": [passage("연체가 30일을 넘으면 여신위원회에 알린다."), passage("보증료는 해마다 받는다.", (4,), 30)],
    "terms": [term("연체율", "30일 넘게 밀린 원리금의 비율", 2), term("LTV", "담보의 값에 대한 대출금의 비율", 3)],
    "general": [{"instruction": f"{at}월의 꽃을 하나 말해 주세요.", "output": "벚꽃입니다."} for at in range(1, 5)],
    "testset": [closed(at, at % 4, longest=at < 40) for at in range(100)],  # as many as are allowed
    "candidates": [*_DOMAIN, *(asked(at, "ABCD"[at % 4]) for at in range(4))],
    "mixture": [*_DOMAIN, *map(general, range(1, 5))],
}  # fmt: skip


class Place(NamedTuple):
    """Where a stage finds a set and leaves what it found out."""

    stage: str
    paths: tuple[str, ...]


INPUTS = Place("validate_inputs", ("corpus", "general", "testset"))
STAGES = {
    **dict.fromkeys(("documents", "passages", "terms", "general", "testset"), INPUTS),
    "candidates": Place("validate_candidates", ("candidates",)),
    "mixture": Place("validate_mixture", ("train.jsonl",)),
}


def write_sets(folder, general_share=0.5, **changed):
    """The good sets, with some of them changed, where the stages find them, and a params.yaml beside them."""
    sets = GOOD | changed
    write_jsonl(folder / "corpus/counts.jsonl", sets["documents"])
    write_jsonl(folder / "corpus/passages.jsonl", sets["passages"])
    write_jsonl(folder / "corpus/terms.jsonl", sets["terms"])
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in sets["general"]]
    write_text(folder / "general/일반.jsonl", "".join(lines))
    write_jsonl(folder / "testset/questions.jsonl", sets["testset"])
    write_jsonl(folder / "candidates/rows.jsonl", sets["candidates"])
    write_jsonl(folder / "train.jsonl", sets["mixture"])
    write_text(folder / "params.yaml", yaml.safe_dump({"mix": _MIX | {"general_share": general_share}}))


@cache
def suite_entries(name):
    """The expectations of a delivered suite."""
    return yaml.safe_load((SUITES / f"{name}.yaml").read_text("utf-8"))
