"""A withdrawn document's text goes from what people decided, and their decisions stay in their order."""

import pytest

from finsmith.core.errors import ReviewError
from finsmith.review.course import read_decisions, sampled
from finsmith.review.erasing import decision_texts, erase_decisions
from finsmith.review.journal import Journal
from finsmith.review.standing import standings

from .made import chained, decision, edited
from .params import params

SECRET = "이 문서의 카나리아 조항은 대외비이다"


@pytest.fixture
def folder(tmp_path):
    """An edit and a reason with the secret, others without, and a bad line with it."""
    said = [
        edited("r1", "김심사", output=f"답: {SECRET}"),
        decision("r2", "reject", "김심사", reason=f"틀리다, {SECRET}"),
        decision("r3", "reject", "김심사", reason="만기가 다르다"),
        decision("r1", "skip", "김심사"),
        edited("r4", "김심사", kind="question", choices=("가", "나", SECRET, "라"), answer=2),
    ]
    journal = Journal(tmp_path)
    for one in chained(*said):
        journal.append(one)
    with (tmp_path / "김심사.jsonl").open("a", encoding="utf-8") as out:
        out.write(f"<<< {SECRET}\n")
    return tmp_path


def test_texts_are_found_with_their_places_and_erased(folder):
    """Ids, order and what follows hold; a later decision is taken, also by a journal that was open."""
    journal = Journal(folder, lambda line: None)
    last = journal.last("김심사", ("row", "r1"))
    before = read_decisions(folder).decisions
    places = {place for place, text in decision_texts(folder) if SECRET in text}
    assert places == {f"{folder}/김심사.jsonl:{at}" for at in (1, 2, 5, 6)}
    erase_decisions(places)
    assert SECRET.encode() not in (folder / "김심사.jsonl").read_bytes()
    assert {text for _, text in decision_texts(folder)} == {"", "만기가 다르다"}
    after = read_decisions(folder)
    assert after.rejects == [] and [one.id for one in after.decisions] == [one.id for one in before]
    assert [one.erased for one in after.decisions] == [True, True, False, False, True]
    assert after.decisions[2:4] == before[2:4]
    journal.append(decision("r1", "reject", "김심사", seen=last))
    assert read_decisions(folder).decisions[:5] == after.decisions


def test_what_was_erased_decides_nothing(folder):
    """Its row waits; nobody can write such a decision down."""
    erase_decisions({f"{folder}/김심사.jsonl:{at}" for at in (1, 2)})
    decisions = read_decisions(folder).decisions
    found = standings(decisions, params())
    assert [found["row", row].state for row in ("r2", "r3")] == ["waiting", "rejected"]
    with pytest.raises(ReviewError, match="Decide again"):
        Journal(folder, lambda line: None).append(decisions[1])


def test_a_text_changed_by_hand_is_no_erased_one(folder):
    """It must be the text of its hash, or none."""
    path = folder / "김심사.jsonl"
    path.write_text(path.read_text("utf-8").replace("틀리다", "맞다"), "utf-8")
    rejects = read_decisions(folder).rejects
    assert [one.place for one in rejects] == ["line 2", "line 6"] and "was edited" in rejects[0].reason


def test_answers_to_the_audit_outlive_their_comment(folder):
    """What was written beside them goes; that the row is right or wrong stays."""
    said = decision("r9", "reject", kind="sample", answers=(True, True, False), reason="금리 3.5%가 다르다")
    left = said.without_texts()
    assert left.erased and left.id == said.id and left.decides and not left.reason
    assert [one.answers for one in sampled([left])] == [(True, True, False)]
