"""What a decision may say, that its id outlives new fields, and what a folder of decisions is read as."""

import re
import unicodedata

import orjson
import pytest
from pydantic import ValidationError

from finsmith.core.io import write_jsonl
from finsmith.evaluation.quality import QUESTIONS
from finsmith.review.course import Course, read_decisions
from finsmith.review.decisions import Decision, Edit, now

from .made import AT, chained, decision, edited, question, row, undo


def test_the_id_rests_on_what_was_said_alone():
    """A field that is left empty is not hashed, so that a field added later leaves the ids of before as they are."""
    one = decision("r1", seconds=1.5)
    assert one.id == decision("r1", seconds=1.5, reason="").id != decision("r1", seconds=1.6).id
    assert re.fullmatch("[0-9a-f]{16}", one.id)
    line = orjson.loads(one.model_dump_json(exclude_defaults=True))
    assert line.keys() == {"id", "kind", "row_id", "verdict", "reviewer", "seconds", "at"}
    assert Decision.model_validate(line) == one


def test_a_line_that_was_edited_by_hand_is_refused():
    """Its id is that of another content."""
    line = decision("r1", "reject").model_dump() | {"verdict": "accept", "reason": ""}
    with pytest.raises(ValidationError, match="the row was edited"):
        Decision.model_validate(line)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"verdict": "reject", "reason": " "}, "needs one"),
        ({"verdict": "undo"}, "names the decision"),
        ({"undoes": "x"}, "names the decision"),
        ({"verdict": "skip", "edit": Edit(output="나")}, "only an accepted row"),
        ({"edit": Edit()}, "changes something"),
        ({"edit": Edit(stem="나")}, "a row has no stem"),
        ({"edit": Edit(output=" ")}, "output would be empty"),
        ({"kind": "question", "edit": Edit(choices=("가", "나", "다", "라"))}, "name the answer"),
        ({"kind": "question", "edit": Edit(output="나")}, "a question has no output"),
        ({"kind": "sample"}, "the audit's questions"),
        ({"kind": "sample", "verdict": "skip", "answers": (True, True, True)}, "the audit's questions"),
        ({"answers": (True, True, True)}, "the audit's questions"),
        ({"kind": "sample", "answers": (True, False, True)}, "accepted where all"),
        ({"kind": "sample", "verdict": "reject", "answers": (True, True, True)}, "accepted where all"),
        ({"seconds": -1}, "greater than or equal"),
        ({"seconds": float("inf")}, "finite"),
        ({"at": "2026-03-02 09:30"}, "not a UTC time"),
        ({"at": "2026-03-02T09:30:00+09:00"}, "not a UTC time"),
        ({"at": "2026-13-02T09:30:00Z"}, "month"),
        ({"row_id": ""}, "at least 1"),
    ],
)
def test_what_contradicts_itself_is_no_decision(fields, why):
    """With the reason in words."""
    said = {"kind": "row", "row_id": "r1", "verdict": "accept", "reviewer": "kim", "seconds": 1, "at": AT} | fields
    with pytest.raises(ValidationError, match=why):
        Decision(**said)


def test_a_sampled_row_is_asked_the_questions_of_the_audit():
    """As many answers as evaluation/quality.py has questions."""
    one = decision("r1", "reject", kind="sample", answers=tuple(number != 1 for number in range(len(QUESTIONS))))
    assert one.key == ("sample", "r1") and one.says == "reject"


@pytest.mark.parametrize("name", ["kim", "김심사", "j.doe-2", "ㅇ", "가" * 40])
def test_names_of_people_are_names_of_files(name):
    """Hangul too; as NFC, however they were typed."""
    assert decision("r1", reviewer=unicodedata.normalize("NFD", name)).reviewer == name


@pytest.mark.parametrize("name", ["", ".kim", "../kim", "a/b", "a b", "kim.", "nul", "COM1.x", "가" * 41, "a\n"])
def test_other_names_are_refused(name):
    """They would leave the folder, hide, or be no file's name on another system."""
    with pytest.raises(ValidationError, match="reviewer's name"):
        decision("r1", reviewer=name)


def test_edits_are_brought_to_nfc():
    """A text pasted from macOS is the same row as one that was typed."""
    assert edited("r1", output=unicodedata.normalize("NFD", "만기")).edit == Edit(output="만기")
    assert edited("r1", output="만기").says == "edit"


def test_now_is_a_time_of_a_decision():
    """In UTC, to the millisecond."""
    assert decision("r1", at=now()).at.endswith("Z")


def test_an_undo_gives_back_what_stood_before():
    """One step after the other; what is undone cannot be undone again."""
    first, second = chained(decision("r1", "reject"), decision("r1"))
    taken_back = undo(second)
    course = Course()
    for one in (first, second, taken_back):
        assert course.refusal(one) == ""
        course.take(one)
    assert course.stands(first.key) == first.id
    again = undo(second, seen=taken_back.id)
    assert "what stands is" in course.refusal(again)
    last = undo(first, seen=taken_back.id)
    course.take(last)
    assert course.stands(first.key) == ""
    assert course.last[first.key] == last.id


def test_a_folder_is_read_in_the_order_of_names_and_lines(tmp_path):
    """Everything that was said, what was undone too."""
    kim = chained(decision("r1"), decision("r2", "skip"), decision("r1", "reject"))
    lee = chained(decision("r1", reviewer="이심사"))
    write_jsonl(tmp_path / "이심사.jsonl", lee)
    write_jsonl(tmp_path / "kim.jsonl", kim)
    (tmp_path / "README.md").write_text("no decisions")
    found = read_decisions(tmp_path)
    assert found.decisions == [*kim, *lee] and found.rejects == []
    assert read_decisions(tmp_path / "none").decisions == []


def test_bad_lines_are_rejects_with_their_place(tmp_path):
    """No JSON, another's, edited by hand, out of its row's order, half a line; the others count."""
    first, second, third = chained(decision("r1"), decision("r1", "reject"), decision("r1"))
    lines = [one.model_dump_json() for one in (first, third, decision("r2", reviewer="lee"))]
    lines += ["{", second.model_dump_json().replace("다르다", "같다"), second.model_dump_json()]
    (tmp_path / "kim.jsonl").write_text("\n".join([*lines, '{"id": "ha']))
    found = read_decisions(tmp_path)
    assert found.decisions == [first, second]
    assert [(reject.source, reject.place) for reject in found.rejects] == [
        ("kim.jsonl", f"line {at}") for at in (2, 3, 4, 5, 7)
    ]
    whys = [reject.reason for reject in found.rejects]
    assert [
        bool(re.search(*pair))
        for pair in zip(("last decision on the row", "of lee", "JSON", "edited", "half a line"), whys, strict=True)
    ] == [True] * 5


def test_a_question_keeps_its_id_with_a_parent():
    """The parent is a label; a question without one is written as before."""
    plain, child = question(), question(parent="0123456789abcdef")
    assert plain.id == child.id
    assert "parent" not in plain.model_dump(mode="json") and child.model_dump()["parent"] == "0123456789abcdef"
    assert row().id != row(1).id
