"""Versions of a frozen test: what is noted, what is refused, and the commands that make them."""

import hashlib
import json
import sys
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
import yaml

from finsmith.cli import main
from finsmith.core.errors import SourceError
from finsmith.core.io import read_json, read_jsonl
from finsmith.core.records import Question
from finsmith.testset.params import TestsetParams
from finsmith.testset.read import as_written, read_testset, testset_statistics
from finsmith.testset.versions import held, next_version, read_versions, write_questions, write_versions
from stages import testset as stage

from .made import candidates, decide, question

TestsetParams.__test__ = False  # a section, no test
testset_statistics.__test__ = False  # a function, no test
ROOT = Path(__file__).parents[2]
PARAMS = TestsetParams(source="", general="", balance_letters=True, candidates="", size=1, seed=7)


def freeze(folder, questions, reason="첫 판", built=True):
    """Makes these questions the next version of a folder, as a command does."""
    versions = read_versions(folder)
    before = as_written(folder).questions if built else None
    version = next_version(versions, questions, reason, "2026-03-02", before)
    write_versions(folder, [*versions, version])
    write_questions(folder, questions)
    return version


def edit_line(folder, old, new):
    path = folder / "questions.jsonl"
    content = path.read_text("utf-8")
    assert content.count(old) == 1
    path.write_text(content.replace(old, new), "utf-8")


def test_a_frozen_set_is_asked_in_its_order(tmp_path):
    """Though letters are to be balanced; what is told names version and digest, the sha256 of the sorted ids."""
    questions = [question(number) for number in range(8)]
    freeze(tmp_path, questions)
    read = read_testset(tmp_path, PARAMS)
    assert {one.id for one in read.questions} == {one.id for one in questions}
    ids = json.dumps(sorted(one.id for one in questions), separators=(",", ":"))
    told = testset_statistics(read)
    assert (told["version"], told["digest"]) == (1, hashlib.sha256(ids.encode()).hexdigest())
    assert told["answers"] == {"A": 8, "B": 0, "C": 0, "D": 0}


def test_the_changelog(tmp_path):
    """What is new, gone, and made of the same candidate or of the same stem, by id and stem; with counts and reason."""
    first = [question(number, kind="fact") for number in range(5)]
    reordered = question(1, choices=first[1].choices[::-1], answer=3, parent=first[1].id)
    reworded = question(2, stem="고친 물음?", parent=first[2].id)
    freeze(tmp_path, first)
    freeze(tmp_path, [first[0], reordered, reworded, question(9, difficulty="hard")], "  둘째\n판 ")
    one, two = read_versions(tmp_path)
    assert (one.number, one.questions, len(one.added), one.removed, one.replaced) == (1, 5, 5, (), ())
    assert (two.number, two.reason, two.at, two.before) == (2, "둘째 판", "2026-03-02", one.digest)
    assert [new.stem for new in two.added] == ["9번 물음은?"]
    assert [gone.stem for gone in two.removed] == ["3번 물음은?", "4번 물음은?"]
    assert {pair.old: pair.new.id for pair in two.replaced} == {first[1].id: reordered.id, first[2].id: reworded.id}
    assert two.counts["answer"] == {"A": 3, "D": 1} and two.counts["difficulty"] == {"hard": 1, "unlabelled": 3}
    assert held([one, two]).keys() == {first[0].id, reordered.id, reworded.id, question(9).id}
    assert next_version([one, two], as_written(tmp_path).questions, "nichts", "2026-03-03", []) is None


CHANGES = {
    "an answer": ('"answer":2', '"answer":1', r"1 changed: '2번 물음은\?'"),
    "a choice": ('"우체국"', '"새마을금고"', r"1 changed: '4번 물음은\?'"),
    "a stem": ("3번 물음은?", "3번 물음은 무엇인가요?", r"1 changed: '3번 물음은 무엇인가요\?'"),
    "a line that is none": ('"5번 물음은?"', "5번", r"1 gone: '5번 물음은\?'; questions\.jsonl, line \d: unexpected"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_by_hand_is_refused_and_named(tmp_path, change):
    """The question's stem, cut where it is long, and the ways out; freezing it makes it a version."""
    stems = dict(enumerate(["0번 물음은?", "1번 물음은?", "2번 물음은?", "3번 물음은?", "4번 물음은?", "5번 물음은?"]))
    fields = {2: {"answer": 2}, 4: {"choices": ("한국은행", "국세청", "법원", "우체국")}}
    freeze(tmp_path, [question(n, stem=stem, **fields.get(n, {})) for n, stem in stems.items()])
    old, new, says = CHANGES[change]
    edit_line(tmp_path, old, new)
    with pytest.raises(SourceError, match=rf"not the questions of version 1 of 2026-03-02\. {says}") as refused:
        read_testset(tmp_path, PARAMS)
    assert "freeze-testset --reason" in str(refused.value) and "build-testset" in str(refused.value)
    freeze(tmp_path, as_written(tmp_path).questions, "von Hand", built=False)
    assert read_testset(tmp_path, PARAMS).version == 2


def test_added_and_gone_questions_are_named(tmp_path):
    """A second file is seen too; of many the first three; a label is no change; a long stem is cut to 60."""
    long = question(0, stem=" ".join(["아주 긴 물음"] * 20))
    freeze(tmp_path, [long, *(question(number) for number in range(1, 6))])
    lines = (tmp_path / "questions.jsonl").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "questions.jsonl").write_text("".join(lines).replace("}\n", ',"difficulty":"easy"}\n'), "utf-8")
    assert read_testset(tmp_path, PARAMS).version == 1
    (tmp_path / "questions.jsonl").write_text("".join(line for line in lines if "긴" not in line), "utf-8")
    (tmp_path / "more.jsonl").write_text(
        "".join(
            json.dumps({"question": f"LTV {'가나다라'[n] * 30}?", "choices": ["1", "2", "3", "4"], "answer": 0}) + "\n"
            for n in range(4)
        )
    )
    with pytest.raises(SourceError) as refused:
        read_testset(tmp_path, PARAMS)
    said = str(refused.value)
    assert said.count("LTV") == 3 and "4 added: " in said and ", …; 1 gone: '" in said
    assert f"'{long.stem[:59]}…'" in said


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda versions: versions[0]["added"].pop(), "version 1 is not what its changes come to"),
        (lambda versions: versions[1].update(digest="0" * 64), "version 2 is not what its changes come to"),
        (lambda versions: versions.pop(0), "version 2 is not what its changes come to"),
        (lambda versions: versions[0].pop("reason"), "0.reason: Field required"),
    ],
)
def test_a_changelog_that_was_changed_is_refused(tmp_path, change, says):
    """A version taken out, another digest, a question more or less."""
    freeze(tmp_path, [question(1), question(2)])
    freeze(tmp_path, [question(2), question(3)])
    versions = read_json(tmp_path / "versions.json")
    change(versions)
    (tmp_path / "versions.json").write_text(json.dumps(versions), "utf-8")
    with pytest.raises(SourceError, match=says):
        read_testset(tmp_path, PARAMS)


# the commands, in a folder of their own


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def finsmith(folder, *arguments):
    """Runs the command in the folder."""
    told, wrong, status = StringIO(), StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(told), redirect_stderr(wrong):
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["finsmith", *arguments])
        try:
            main()
        except SystemExit as end:
            status = end.code
    return Done(status, told.getvalue(), wrong.getvalue())


@pytest.fixture
def project(tmp_path):
    """A folder with the repository's parameters and twelve candidates, of which people decided on ten."""
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text("utf-8"), "utf-8")
    found = candidates(tmp_path, [question(n, source=f"{n % 3}.pdf", kind="fact" if n % 2 else "") for n in range(12)])
    decide(tmp_path, *found[:8])
    decide(tmp_path, found[8], stem="사람이  고친 물음?")
    decide(tmp_path, found[9], verdict="reject")
    return tmp_path


def test_from_candidates_to_a_version(project):
    """Accepted and edited candidates only; balanced; told with what waits; again the same bytes and no new version."""
    done = finsmith(project, "build-testset", "--reason", "첫 판", "--size", "6")
    assert done.returncode == 0, done.stderr
    assert "candidates: 12; 9 accepted (1 of them edited), 1 rejected, 2 wait for people (0 in conflict)" in done.stdout
    assert "version 1 of" in done.stdout and "6 questions, 6 added" in done.stdout
    folder = project / "data/raw/testset"
    read = read_testset(folder, PARAMS)
    assert read.version == 1 and Counter(one.source for one in read.questions) == {f"{n}.pdf": 2 for n in range(3)}
    assert sorted(Counter(one.answer for one in read.questions).values()) == [1, 1, 2, 2]
    before = {path: path.read_bytes() for path in folder.iterdir()}
    again = finsmith(project, "build-testset", "--reason", "noch einmal", "--size", "6")
    assert "Nothing has changed." in again.stdout
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    every = finsmith(project, "build-testset", "--reason", "alle")
    assert "500 were asked for: all 9 that can be asked are taken." in every.stdout
    assert {one.id for one in read.questions} <= {one.id for one in read_testset(folder, PARAMS).questions}
    assert "사람이 고친 물음?" in {one.stem for one in read_testset(folder, PARAMS).questions}
    shown = finsmith(project, "testset")
    assert shown.returncode == 0 and "version 2 of" in shown.stdout and "3 added" in shown.stdout


def test_a_dry_run_writes_nothing(project):
    """Nor does it need a reason."""
    done = finsmith(project, "build-testset", "--dry")
    assert done.returncode == 0 and "Nothing was written." in done.stdout, done.stderr
    assert not (project / "data/raw/testset").exists()


def test_a_build_that_is_cut_off_is_refused_and_finished(project):
    """Between the two writes there is nothing that passes for a version; the same command again finishes it."""
    folder = project / "data/raw/testset"
    for size, reason in (("4", "첫 판"), ("8", "둘째 판")):
        stood = (folder / "questions.jsonl").read_bytes() if folder.exists() else None
        assert finsmith(project, "build-testset", "--reason", reason, "--size", size).returncode == 0
        whole = {path.name: path.read_bytes() for path in folder.iterdir()}
        if stood is None:
            (folder / "questions.jsonl").unlink()
        else:
            (folder / "questions.jsonl").write_bytes(stood)
        says = "version 2 is noted in versions" if stood else "file with test questions"
        with pytest.raises(SourceError, match=says):
            read_testset(folder, PARAMS)
        assert finsmith(project, "build-testset", "--reason", reason, "--size", size).returncode == 0
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == whole


def test_a_set_of_one_s_own_is_frozen_as_it_stands(project):
    """Several files; what is no question is told; a change later is a version with its reason."""
    folder = project / "data/raw/testset"
    write_questions(folder, [question(1, stem="우리 물음?"), question(2, stem="둘째 물음?")])
    (folder / "web.jsonl").write_text(
        "kaputt\n" + json.dumps({"question": "셋째?", "choices": ["1", "2", "3", "4"], "answer": 3})
    )
    done = finsmith(project, "freeze-testset", "--reason", "우리 시험")
    assert done.returncode == 0 and "no part of it: web.jsonl, line 1" in done.stdout, done.stderr
    assert "not each letter is right as often (A 2, B 0, C 0, D 1)" in done.stdout
    assert [one.answer for one in read_testset(folder, PARAMS).questions].count(3) == 1
    assert "Nothing has changed." in finsmith(project, "freeze-testset", "--reason", "noch einmal").stdout
    refused = finsmith(project, "build-testset", "--reason", "x")
    assert refused.returncode == 1 and "web.jsonl would be part of the test" in refused.stderr
    (folder / "web.jsonl").unlink()
    assert finsmith(project, "testset").returncode == 1
    assert finsmith(project, "freeze-testset", "--reason", "셋째를 뺌").returncode == 0
    (_, two) = read_versions(folder)
    assert ([one.stem for one in two.removed], two.built) == (["셋째?"], False)
    refused = finsmith(project, "build-testset", "--reason", "x")
    assert refused.returncode == 1 and "would be lost: " in refused.stderr
    assert finsmith(project, "build-testset", "--reason", "x", "--afresh").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("build-testset",), "--reason: say why"),
        (("freeze-testset", "--reason", " "), "--reason: say why"),
        (("build-testset", "--reason", "x", "--size", "-1"), "--size -1: it must be 1 or more"),
        (("freeze-testset", "--reason", "x"), "data/raw/testset: no usable question to freeze"),
        (("import-questions",), "FILES: name the tables to import"),
        (("import-questions", "no.xlsx"), "no.xlsx: no such file"),
    ],
)
def test_what_cannot_be_is_a_sentence(project, arguments, says):
    """A missing reason, an impossible size, nothing to freeze, no file."""
    done = finsmith(project, *arguments)
    assert done.returncode == 1 and done.stderr.startswith(f"finsmith: {says}"), done.stderr


def test_from_a_table_to_the_stage(project, monkeypatch):
    """Questions of a CSV are imported, accepted, built, and asked by the stage, whose metrics tell the version."""
    header = "문제,보기1,보기2,보기3,보기4,정답,난이도\n"
    rows = "".join(f"표의 {n}번?,가,나,다,라,{n % 4 + 1},{'쉬움' if n % 2 else '어려움'}\n" for n in range(6))
    (project / "표.csv").write_bytes((header + rows + "끊긴 줄,가\n").encode("cp949"))
    done = finsmith(project, "import-questions", "표.csv")
    assert "6 candidates in data/raw/test_candidates/표.jsonl, 6 new" in done.stdout, done.stderr
    assert "row 8: 2 cells where the header has 7" in done.stdout
    decide(project, *read_jsonl(project / "data/raw/test_candidates/표.jsonl", Question))
    assert finsmith(project, "build-testset", "--reason", "표", "--size", "10").returncode == 0
    monkeypatch.chdir(project)
    params = yaml.safe_load(Path("params.yaml").read_text("utf-8"))
    write_questions(Path("general"), [question(50)])
    Path("written").mkdir()
    folders = (Path(params["testset"]["source"]), Path("general"), Path("written"), Path("out"), Path("metrics.json"))
    stage.main(*folders)
    asked = list(read_jsonl(Path("out/questions.jsonl"), Question))
    told = read_json(Path("metrics.json"))
    assert (told["version"], told["questions"], told["general"]["version"]) == (1, 10, 0)
    assert {one.id for one in asked} == held(read_versions(folders[0])).keys()
    assert {one.difficulty for one in asked} == {"", "쉬움", "어려움"}
