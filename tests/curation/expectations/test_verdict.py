"""A gate opens where every critical expectation is met; pages and counts are there either way."""

import pytest

from finsmith.core.errors import ExpectationError
from finsmith.core.io import read_json
from finsmith.curation.expectations.suites import Outcome
from finsmith.curation.expectations.verdict import conclude, counts


def outcome(severity, met, expectation="기한을 지킨다.", table="mixture", failing=(), failing_rows=None, observed=None):
    """What came of an expectation on forty rows."""
    told = len(failing) if failing_rows is None else failing_rows
    return Outcome(table, expectation, "expect_it(column='x')", severity, met, 40, told, list(failing), observed)


MET = [outcome("critical", True), outcome("warning", True)]
WARNED = outcome("warning", False, "한국어이다.", observed=0.25)
SPOILT = outcome("critical", False, "개인정보가 없다.", failing=["train.jsonl:3 (personal_data email)"])
OUTPUTS = ("gate.json", "metrics.json", "docs/index.html", "docs/results.json")


def concluded(folder, outcomes):
    """Which of the outputs there are."""
    conclude(outcomes, folder / "gate.json", folder / "metrics.json", folder / "docs")
    return [name for name in OUTPUTS if (folder / name).exists()]


@pytest.mark.parametrize("outcomes", [MET, [*MET, WARNED], [WARNED], []])
def test_the_gate_opens_where_nothing_critical_failed(tmp_path, outcomes):
    """Whatever warnings there are, its bytes are the same, so that later stages need not run anew."""
    assert concluded(tmp_path, outcomes) == list(OUTPUTS)
    assert (tmp_path / "gate.json").read_bytes() == b'{\n  "critical_failed": 0\n}\n'


@pytest.mark.parametrize("outcomes", [[SPOILT], [*MET, SPOILT, WARNED]])
def test_the_gate_stays_shut_where_something_critical_failed(tmp_path, outcomes):
    """Pages and counts are written all the same, and the error says where the pages are."""
    with pytest.raises(ExpectationError, match=r"docs[/\\]index\.html"):
        concluded(tmp_path, outcomes)
    assert [name for name in OUTPUTS if (tmp_path / name).exists()] == list(OUTPUTS[1:])
    assert read_json(tmp_path / "metrics.json")["mixture"]["critical_failed"] == 1


def test_the_error_names_set_sentence_and_row(tmp_path):
    """It tells the critical ones alone, each on a line of its own; warnings are no reason to stop."""
    other = outcome("critical", False, "행이 있다.", "testset", observed=0)
    with pytest.raises(ExpectationError) as stopped:
        concluded(tmp_path, [SPOILT, *MET, WARNED, other])
    assert str(stopped.value).splitlines()[:3] == [
        "2 critical expectations not met:",
        "  mixture: 개인정보가 없다. Not so in 1 of 40: train.jsonl:3 (personal_data email)",
        "  testset: 행이 있다. (found: 0; wanted: expect_it(column='x'))",
    ]
    assert "한국어이다" not in str(stopped.value)


@pytest.mark.parametrize("failing", [1, 5, 6, 20, 1200])
def test_the_error_names_five_rows_at_most(tmp_path, failing):
    """It says how many there are in all, and how many more than it names."""
    named = [f"train.jsonl:{at}" for at in range(1, min(failing, 20) + 1)]
    with pytest.raises(ExpectationError, match=r"^1 critical expectation not met:") as stopped:
        concluded(tmp_path, [outcome("critical", False, failing=named, failing_rows=failing)])
    told = str(stopped.value).splitlines()[1]
    more = f" and {failing - 5:,} more" if failing > 5 else ""
    assert told.endswith(f"Not so in {failing:,} of 40: {'; '.join(named[:5])}{more}")


def test_warnings_are_told(tmp_path, capsys):
    """Each is a line on stderr with the set, the sentence and what was found; nothing is told of what is met."""
    named = outcome("warning", False, "출력이 있다.", "general", failing=["일반.jsonl:line 2"])
    concluded(tmp_path, [*MET, WARNED, named])
    assert capsys.readouterr() == (
        "",
        "warning: mixture: 한국어이다. (found: 0.25; wanted: expect_it(column='x'))\n"
        "warning: general: 출력이 있다. Not so in 1 of 40: 일반.jsonl:line 2\n",
    )


def test_nothing_is_told_where_all_is_met(tmp_path, capsys):
    """A good set is passed in silence."""
    concluded(tmp_path, MET)
    assert capsys.readouterr() == ("", "")


def test_counts_are_by_set_and_severity(tmp_path):
    """Rows and expectations are counted by set, with those not met; the metrics hold just that."""
    outcomes = [*MET, WARNED, WARNED, outcome("critical", True, table="testset")]
    wanted = {
        "mixture": {"rows": 40, "expectations": 4, "critical_failed": 0, "warning_failed": 2},
        "testset": {"rows": 40, "expectations": 1, "critical_failed": 0, "warning_failed": 0},
    }
    assert counts(outcomes) == wanted
    concluded(tmp_path, outcomes)
    assert read_json(tmp_path / "metrics.json") == wanted
