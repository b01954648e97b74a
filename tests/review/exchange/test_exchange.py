"""Rows go to other tools and answers come back; exports in this folder were written by the tools of that version."""

import json
import re
from pathlib import Path
from unicodedata import normalize
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsmith.core.errors import ReviewError
from finsmith.core.records import CHOICE_LETTERS
from finsmith.review.apply import edited, without_what_stays
from finsmith.review.course import read_decisions
from finsmith.review.exchange.answers import Answer, reviewers_of
from finsmith.review.exchange.tasks import edit_of, texts_of
from finsmith.review.exchange.words import WORDS
from finsmith.review.journal import Journal

from ..made import decision, question, undo
from .office import HERE, QUESTIONS, ROWS, SAMPLE, decided, exported, finsmith, make

LABEL_STUDIO, FLAT, NESTED = (
    HERE / f"{name}.json" for name in ("label_studio_1.23.2", "argilla_2.8.0_flat", "argilla_2.8.0_nested")
)
KIM, LEE = (f"00000000-0000-0000-0000-00000000000{at}" for at in (1, 2))
PEOPLE = f"{KIM}=kim,{LEE}=이심사"
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The present folder, with rows to judge; gives the command."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FINSMITH_STATE", str(tmp_path / ".finsmith"))
    make()
    return lambda *arguments: finsmith(monkeypatch, *arguments)


def changed(path, change):
    """The export with a change of its tasks, as a file beside."""
    tasks = json.loads(path.read_text("utf-8"))
    change(tasks)
    Path("changed.json").write_text(json.dumps(tasks), "utf-8")
    return "changed.json"


def test_what_waits_leaves_most_doubtful_first(folder):
    """A file of tasks for each kind, with texts, marks and the id; what is decided stays unless it is asked for."""
    Journal(Path("data/review/decisions")).append(decision(ROWS[0]))
    folder("export-review")
    tasks = [task["data"] for task in exported("label-studio", "rows", "tasks.json")]
    assert [one["row_id"] for one in tasks[:2]] == [ROWS[2].id, ROWS[1].id] and len(tasks) == 3
    assert (tasks[0]["marks"], tasks[1]["marks"]) == ("disputed_answer: 0 of 2", "faithful: 1/4")
    assert {name: tasks[0][name] for name in ("output", "kind", "doubt")} == {
        "output": "2월입니다.",
        "kind": "row",
        "doubt": 2.0,
    }
    asked = [task["data"] for task in exported("label-studio", "questions", "tasks.json")]
    assert {one["row_id"]: (one["choice_5"], one["answer"]) for one in asked} == {
        QUESTIONS[0].id: ("", "B"),
        QUESTIONS[1].id: ("5월", "B"),
    }
    sample = exported("label-studio", "sample", "tasks.json")
    assert [task["data"]["row_id"] for task in sample] == [one.id for one in SAMPLE]
    folder("export-review", "--decided")
    assert len(exported("label-studio", "rows", "tasks.json")) == 4


@pytest.mark.parametrize("kind", ["rows", "questions", "sample"])
def test_each_task_holds_what_its_configuration_shows(folder, kind):
    """Every $name of Label Studio's configuration; controls point at texts; of Argilla's every field and question."""
    folder("export-review", "--words", "en")
    folder("export-review", "--tool", "argilla")
    config = ElementTree.parse(f"reports/review/label-studio/{kind}/config.xml")
    asked = {one.get("value")[1:] for one in config.iter() if (one.get("value") or "").startswith("$")}
    texts = {one.get("name") for one in config.iter("Text")}
    assert {one.get("toName") for tag in ("Choices", "TextArea") for one in config.iter(tag)} <= texts
    assert all(asked <= task["data"].keys() for task in exported("label-studio", kind, "tasks.json"))
    settings = exported("argilla", kind, ".argilla/settings.json")
    fields, questions = ({one["name"] for one in settings[name]} for name in ("fields", "questions"))
    assert not fields & questions
    for record in exported("argilla", kind, "records.json"):
        assert record["fields"].keys() <= fields and record["suggestions"].keys() <= questions


def test_an_export_of_label_studio_comes_to_decisions(folder, capsys):
    """Verdicts, chosen reasons with own words, edits, skips, the audit; time is cut; taken again it adds nothing."""
    folder("import-review", LABEL_STUDIO, "--reviewer", "이심사")
    by_doubt = [ROWS[2], ROWS[1]]
    rest = [one for one in ROWS if one.id in decided() and one not in by_doubt]
    said = decided()
    assert said[ROWS[2].id] == ("accept", "", None, None)  # texts that were left as they stood are no edit
    assert said[ROWS[1].id] == ("reject", "원문과 다르다; 단서가 틀렸다; 3월이 아니다", None, None)
    assert sorted((said[one.id] for one in rest), key=str) == [
        ("accept", "", {"output": "7월입니다."}, None),
        ("skip", "", None, None),
    ]
    assert sorted(filter(None, (said[one.id][2] for one in QUESTIONS)), key=str)[0]["answer"] == 2
    assert said[SAMPLE[0].id] == ("reject", "달이 다르다", None, (True, True, False))
    told = capsys.readouterr().out
    assert "7 decisions taken, 0 known before, 0 not taken" in told and "1 took longer than 600 seconds" in told
    lines = Path("data/review/decisions/이심사.jsonl").read_bytes()
    folder("import-review", LABEL_STUDIO, "--reviewer", "이심사")
    assert Path("data/review/decisions/이심사.jsonl").read_bytes() == lines
    assert "0 decisions taken, 7 known before" in capsys.readouterr().out


def test_an_annotation_changed_later_follows_and_an_older_one_does_not(folder, capsys):
    """The later of two answers counts, wherever it was given; an undo on the page is not undone by an old file."""
    folder("import-review", LABEL_STUDIO, "--reviewer", "kim")
    journal = Journal(Path("data/review/decisions"))
    first = journal.stands("kim", ("row", ROWS[2].id))
    journal.append(undo(first, at="2030-01-01T00:00:00Z"))

    def later(tasks):
        for task in tasks:
            for one in task["annotations"]:
                one["updated_at"] = "2027-05-01T09:00:00+09:00"
                if one["result"] and one["result"][0]["value"]["choices"] == ["accept"]:
                    one["result"][0]["value"]["choices"] = ["reject"]
                    one["result"].append({"from_name": "own_words", "value": {"text": ["다시 보니 틀렸다"]}})
                    one["result"] = [part for part in one["result"] if not part["from_name"].startswith("new_")]

    folder("import-review", LABEL_STUDIO, "--reviewer", "kim")
    assert journal.stands("kim", ("row", ROWS[2].id)) is None
    folder("import-review", changed(LABEL_STUDIO, later), "--reviewer", "kim")
    told = capsys.readouterr()
    assert "2 decisions taken, 4 known before, 1 not taken" in told.out
    assert "older than what kim decided at 2030-01-01T00:00:00Z" in told.err
    again = [one for one in read_decisions(Path("data/review/decisions")).decisions if one.reason == "다시 보니 틀렸다"]
    assert [one.at for one in again] == ["2027-05-01T00:00:00.000Z"] * 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda task, one: task["data"].update(row_id="0123456789abcdef"), "not in the queue"),
        (lambda task, one: task["data"].update(output="딴것"), "its output was another in the tool"),
        (lambda task, one: one.update(result=[]), "no verdict"),
        (lambda task, one: one["result"][0]["value"].update(choices=["reject"]), "a rejected row needs one"),
        (lambda task, one: one["result"][0]["value"].update(choices=["maybe"]), "verdict: Input should be"),
        (lambda task, one: one["result"][0].pop("value"), "not an answer to a task .*'value'"),
        (lambda task, one: one.update(updated_at="gestern"), "not an answer to a task"),
        (lambda task, one: one.update(completed_by=None), "nobody is named who annotated it"),
        (lambda task, one: one["result"][2]["value"].update(text=[" "]), "output would be empty"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_told_with_its_place(folder, capsys, change, reason):
    """The others of the file are taken."""
    at = next(at for at, task in enumerate(json.loads(LABEL_STUDIO.read_text("utf-8"))) if task["annotations"])
    number = json.loads(LABEL_STUDIO.read_text("utf-8"))[at]["id"]
    name = changed(LABEL_STUDIO, lambda tasks: change(tasks[at], tasks[at]["annotations"][0]))
    folder("import-review", name, "--reviewer", "kim")
    told = capsys.readouterr()
    assert "6 decisions taken, 0 known before, 1 not taken" in told.out
    assert re.search(rf"^changed.json, task {number}, annotation \d+: .*{reason}", told.err)


def test_a_row_rejected_and_edited_is_told(folder, capsys):
    """Only one of the two can hold."""

    def both(tasks):
        [one] = [of for task in tasks for of in task["annotations"] if "7월입니다." in str(of["result"])]
        one["result"][0]["value"]["choices"] = ["reject"]

    folder("import-review", changed(LABEL_STUDIO, both), "--reviewer", "kim")
    assert "rejected, and yet output edited" in capsys.readouterr().err


def test_records_of_argilla_come_to_decisions_person_by_person(folder, capsys):
    """Submitted ones, by two people; drafts are told, discarded ones are skips; taken again it adds nothing."""
    folder("import-review", FLAT, "--tool", "argilla", "--people", PEOPLE)
    told = capsys.readouterr()
    assert "3 decisions taken, 0 known before, 1 not taken" in told.out and "a draft, not submitted" in told.err
    assert decided()[ROWS[2].id] == ("accept", "", None, None)
    assert decided()[ROWS[1].id] == ("reject", "단서가 틀렸다; 3월이 아니다", None, None)
    assert sorted(path.stem for path in Path("data/review/decisions").glob("*.jsonl")) == ["kim", "이심사"]
    folder("import-review", FLAT, "--tool", "argilla", "--people", PEOPLE)
    assert "0 decisions taken, 3 known before, 1 not taken" in capsys.readouterr().out
    journal = Journal(Path("data/review/decisions"))
    journal.append(undo(journal.stands("kim", ("row", ROWS[1].id)), at="2030-01-01T00:00:00Z"))
    folder("import-review", FLAT, "--tool", "argilla", "--people", PEOPLE)
    told = capsys.readouterr()
    assert "0 decisions taken" in told.out and "said so before and something else since" in told.err


def test_records_that_do_not_say_who_submitted_are_asked_for_flattened(folder, capsys):
    """One person's are taken."""
    folder("import-review", NESTED, "--tool", "argilla", "--people", PEOPLE)
    told = capsys.readouterr()
    assert "1 decisions taken, 0 known before, 2 not taken" in told.out
    assert "write it flattened" in told.err and "a draft, not submitted" in told.err


def answer(*people):
    return Answer(place="", kind="row", row_id="r", people=people, shown={})


@pytest.mark.parametrize(
    ("people", "reviewer", "named", "names"),
    [
        ([("1",), ("1",)], "kim", {}, {"1": "kim"}),
        ([("1", "kim.s+1@bank.kr"), ("2", "이심사@bank.kr")], "", {}, {"1": "kim.s-1", "2": "이심사"}),
        ([("1", "kim@bank.kr"), ("2",)], "", {"kim@bank.kr": "김", "2": "lee"}, {"1": "김", "2": "lee"}),
        ([("1",), ("2",)], "kim", {"2": "lee"}, {"1": "kim", "2": "lee"}),
    ],
)
def test_people_have_the_names_of_reviewers(people, reviewer, named, names):
    """As they are told, by id or address; else the one reviewer's, else the address's own."""
    assert reviewers_of([answer(*one) for one in people], reviewer, named) == names


@pytest.mark.parametrize(
    ("people", "reviewer", "named", "reason"),
    [
        ([("1",), ("2",)], "kim", {}, "answers of 2 people.*--people 1=NAME,2=NAME"),
        ([("7",)], "", {}, "knows 7 by id alone.*--people 7=NAME"),
        ([("1", "kim@a.kr"), ("2", "kim@b.kr")], "", {}, "1, 2 would all be kim"),
        ([("1", "kim@a.kr")], "a/b", {}, "a reviewer's name is"),
    ],
)
def test_people_who_cannot_be_told_apart_are_asked_for(people, reviewer, named, reason):
    """Before anything is taken."""
    with pytest.raises(ReviewError, match=reason):
        reviewers_of([answer(*one) for one in people], reviewer, named)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("export-review", "--tool", "prodigy"), "must be one of label-studio, argilla"),
        (("export-review", "--words", "de"), "must be one of ko, en"),
        (("import-review", "none.json"), "none.json: not found"),
        (("import-review", "data/gone.json", "--tool", "argilla"), "not found"),
        (("import-review", LABEL_STUDIO, "--people", "1"), "'1' names nobody"),
        (("import-review", FLAT), "Export the project as JSON"),
        (("import-review", LABEL_STUDIO, "--reviewer", "lee"), "`review.reviewers` has kim"),
    ],
)
def test_what_cannot_be_done_is_said(folder, capsys, arguments, reason):
    """With the way out, and nothing is decided."""
    make(reviewers=["kim"])
    with pytest.raises(SystemExit):
        folder(*arguments)
    assert reason in capsys.readouterr().err and not Path("data/review/decisions").exists()


def test_a_reviewer_is_given_their_own_rows(folder):
    """Of two reviewers each row goes to one, where none are shared."""
    make(reviewers=["kim", "lee"], overlap={"share": 0.0, "reviewers": 2})
    parts = []
    for name in ("kim", "lee"):
        folder("export-review", "--reviewer", name, "--out", name)
        files = Path(name).glob("label-studio/*/tasks.json")
        parts.append({one["data"]["row_id"] for path in files for one in json.loads(path.read_text("utf-8"))})
    assert not parts[0] & parts[1] and len(parts[0] | parts[1]) == 8


@given(
    st.lists(TEXT.filter(str.strip), min_size=4, max_size=5, unique_by=str.strip), st.integers(0, 3), TEXT, TEXT, TEXT
)
def test_an_edit_by_texts_leads_to_those_texts(choices, answer_at, stem, explanation, evidence):
    """Whatever a person leaves, the edited question has it; what they leave alone is no edit."""
    before = question("물음?", choices=("가1", "나2", "다3", "라4"), answer=1)
    shown = texts_of("question", before.model_dump())
    assert edit_of(shown, shown) is None
    said = {f"choice_{at}": text for at, text in enumerate(choices, 1)} | {"answer": CHOICE_LETTERS[answer_at]}
    said |= {"stem": stem or "물음?", "explanation": explanation, "evidence": evidence}
    edit = without_what_stays(before, edit_of(shown, said))
    after = edited(before, edit).model_dump() if edit else before.model_dump()
    assert texts_of("question", after) == {name: normalize("NFC", said.get(name, "")) for name in shown}


def test_reasons_are_those_of_the_page():
    """Word by word, so that reasons can be counted wherever they were given."""
    page = (HERE.parents[2] / "src/finsmith/review/page/static/words.js").read_text("utf-8")
    for words in WORDS.values():
        for reason in (one for of in words.reasons.values() for one in of):
            assert f'"{reason}"' in page
