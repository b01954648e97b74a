"""Questions that are answered in writing, read from their files, and the sample's own set."""

import json
from pathlib import Path

import pytest

from finsmith.core.answer_records import OpenQuestion, RagQuestion
from finsmith.core.errors import SourceError
from finsmith.core.io import read_json, read_jsonl
from finsmith.core.records import Question, SourceReject
from finsmith.evaluation.written_questions import read_written_questions
from finsmith.text.quoting import stands_in
from finsmith.text.refusals import finds_none
from stages.testset import main

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data/raw/answers"
GOOD = {
    "question": "심사 결과는 언제까지 알리나요?",
    "clues": ["7영업일 안에 알린다.", "담보를 평가한다.", "| 등급 | 기한 |\n| A | 3일 |"],
    "answer": "7영업일 안에 알립니다.",
    "clue": 1,
    "key": "7영업일",
    "source": "규정.pdf",
}


def folder_with(folder, **files):
    """A folder with these files, each a list of rows or of raw lines."""
    for name, rows in files.items():
        lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_a_question_is_read_with_all_its_fields(tmp_path):
    """The lines of a clue stay; spaces, jamo and what is left out are put right."""
    jamo = {"question": "\u1107\u1165\u11b8\u110b\u116f\u11ab은   무엇인가요?"}
    read = read_written_questions(folder_with(tmp_path, rag=[GOOD], open=[jamo, {"question": "왜?", "answer": "까닭"}]))
    assert read.rejects == []
    assert read.rag == [
        RagQuestion(
            question=GOOD["question"],
            clues=tuple(GOOD["clues"]),
            reference=GOOD["answer"],
            clue=1,
            key="7영업일",
            source="규정.pdf",
        )
    ]
    assert read.open == [
        OpenQuestion(question="법원은 무엇인가요?", reference="", kind=""),
        OpenQuestion(question="왜?", reference="까닭", kind=""),
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"question": " "}, "the question, a clue or the answer is empty"),
        ({"answer": ""}, "the question, a clue or the answer is empty"),
        ({"clues": ["가", "", "다"], "key": ""}, "the question, a clue or the answer is empty"),
        ({"clues": ["가", "나"], "key": ""}, "clues.2: "),
        ({"clue": 4}, "clue: "),
        ({"clue": 2}, "key: the right clue does not say '7영업일'"),
        ({"clue": 0}, "key: the right clue does not say '7영업일'"),
        ({"clue": 0, "clues": ["가", "나", "7영업일"]}, "key: the right clue does not say '7영업일'"),
        ({"clue": None}, "clue: "),
    ],
)
def test_a_bad_question_is_a_reject_with_its_line(tmp_path, change, reason):
    """What is wrong is named; the good question beside it stays, and one that stands twice is told."""
    later = GOOD | {"question": "다른 물음인가요?"} | change
    read = read_written_questions(folder_with(tmp_path, rag=[GOOD, later, GOOD, "kaputt"]))
    assert [one.question for one in read.rag] == [GOOD["question"]]
    assert [(one.source, one.place) for one in read.rejects] == [("rag.jsonl", f"line {n}") for n in (2, 3, 4)]
    assert read.rejects[0].reason.startswith(reason)
    assert read.rejects[1].reason == "the same question stands earlier"


def test_a_missing_field_is_named(tmp_path):
    """A row with clues and no number of the right one is none."""
    row = {key: value for key, value in GOOD.items() if key != "clue"}
    assert read_written_questions(folder_with(tmp_path, rag=[row])).rejects[0].reason == "no field 'clue'"


def test_an_empty_folder_asks_nothing_and_none_is_an_error(tmp_path):
    """Either file may be absent, the folder may not."""
    assert read_written_questions(tmp_path).rag == read_written_questions(tmp_path).open == []
    with pytest.raises(SourceError, match=r"no such folder\. Set `answers\.source`"):
        read_written_questions(tmp_path / "none")


def test_the_stage_writes_them_beside_the_closed_questions(tmp_path, monkeypatch):
    """All that is held out stands in one folder, with the rejects of all files, and the counts."""
    monkeypatch.chdir(ROOT)
    answers = folder_with(tmp_path, rag=[GOOD, "kaputt"], open=[{"question": "왜?"}])
    main(
        ROOT / "data/raw/testset",
        ROOT / "data/raw/general_testset",
        answers,
        tmp_path / "out",
        tmp_path / "metrics.json",
    )
    assert [one.question for one in read_jsonl(tmp_path / "out/rag.jsonl", RagQuestion)] == [GOOD["question"]]
    assert [one.question for one in read_jsonl(tmp_path / "out/open.jsonl", OpenQuestion)] == ["왜?"]
    assert [one.place for one in read_jsonl(tmp_path / "out/rejects.jsonl", SourceReject)] == ["line 2"]
    assert len(list(read_jsonl(tmp_path / "out/questions.jsonl", Question))) > 100
    assert read_json(tmp_path / "metrics.json")["written"] == {"rag": 1, "open": 1, "rejects": 1}


# --- the sample's own questions ---


@pytest.fixture(scope="module")
def sample():
    return read_written_questions(SAMPLE)


def test_the_sample_is_whole_and_balanced(sample):
    """40 questions with clues, ten for each place of the right one and ten without; 12 open ones; no line is bad."""
    assert sample.rejects == []
    assert [sum(one.clue == at for one in sample.rag) for at in range(4)] == [10, 10, 10, 10]
    assert len(sample.open) == 12


def test_only_the_right_clue_says_the_key(sample):
    """Each answerable question has a key, in no other clue; the reference says it too, in other words or the same."""
    for one in sample.rag:
        said = [stands_in(one.key, clue) for clue in one.clues]
        assert said == [at == one.clue for at in (1, 2, 3)], one.question
        assert bool(one.key) == bool(one.clue)


def test_references_answer_where_there_is_an_answer(sample):
    """Where no clue answers, the reference says so; elsewhere it does not."""
    assert [one.question for one in sample.rag if bool(finds_none(one.reference)) == bool(one.clue)] == []
