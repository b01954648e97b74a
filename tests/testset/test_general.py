"""The closed test of general ability: read, checked and balanced as the domain's is, and written apart from it."""

import json
from pathlib import Path

import pytest
import yaml

from finsmith.core.errors import SourceError
from finsmith.core.io import read_json, read_jsonl
from finsmith.core.records import Question, SourceReject
from finsmith.testset.params import TestsetParams
from finsmith.testset.read import read_testset, testset_statistics
from stages import testset as stage

TestsetParams.__test__ = False  # a section, no test
testset_statistics.__test__ = False  # a function, no test

SAMPLE = Path(__file__).parents[2] / "data/raw/general_testset"
PARAMS = TestsetParams(source="domain", general="ability", balance_letters=True, candidates="", size=1, seed=7)


def line(stem, **changes):
    row = {"question": stem, "choices": ["가", "나", "다", "라"], "answer": 0}
    return json.dumps(row | changes, ensure_ascii=False)


def write_lines(path, *lines):
    path.parent.mkdir()
    path.write_text("".join(f"{one}\n" for one in lines), encoding="utf-8")


def test_the_folder_of_the_general_questions_is_named_by_its_own_parameter(tmp_path):
    """Who has no general questions is told which parameter to set."""
    with pytest.raises(SourceError, match=r"Set `testset\.general`"):
        read_testset(tmp_path, PARAMS, "general")


def test_the_stage_writes_both_sets_apart(tmp_path, monkeypatch):
    """Domain and general questions get files, rejects with their places, and counts of their own; kinds are kept."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(yaml.safe_dump({"testset": PARAMS.model_dump()}), encoding="utf-8")
    write_lines(tmp_path / "domain/a.jsonl", line("기준금리를 정하는 곳은?"))
    general = [line(f"물음 {n}?", kind="science", recipe="by hand") for n in range(4)]
    write_lines(tmp_path / "ability/b.jsonl", *general, line("그릇된 답?", answer=4), line("그릇된 갈래?", kind=3))
    Path("written").mkdir()
    stage.main(Path("domain"), Path("ability"), Path("written"), Path("out"), Path("metrics.json"))
    assert [q.stem for q in read_jsonl(Path("out/questions.jsonl"), Question)] == ["기준금리를 정하는 곳은?"]
    assert list(read_jsonl(Path("out/rejects.jsonl"), SourceReject)) == []
    read = list(read_jsonl(Path("out/general.jsonl"), Question))
    assert {(q.stem, q.kind, q.recipe) for q in read} == {(f"물음 {n}?", "science", "by hand") for n in range(4)}
    assert sorted(q.answer for q in read) == [0, 1, 2, 3]
    rejects = [(one.source, one.place) for one in read_jsonl(Path("out/general_rejects.jsonl"), SourceReject)]
    assert rejects == [("b.jsonl", "line 5"), ("b.jsonl", "line 6")]
    metrics = read_json(Path("metrics.json"))
    assert (metrics["questions"], metrics["rejects"]) == (1, 0)
    assert (metrics["general"]["questions"], metrics["general"]["rejects"]) == (4, 2)
    assert metrics["general"]["answers"] == {"A": 1, "B": 1, "C": 1, "D": 1}


def test_the_sample_is_whole():
    """All 240 questions are usable, 60 of each letter after balancing, the right choice rarely the longest."""
    read = read_testset(SAMPLE, PARAMS)
    assert not read.rejects
    statistics = testset_statistics(read)
    assert statistics["questions"] == 240 and set(statistics["answers"].values()) == {60}
    assert statistics["right_is_longest_share"] <= 0.3
