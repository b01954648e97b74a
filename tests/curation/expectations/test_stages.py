"""Each expectation of the delivered suites, met by good sets and broken by bad ones, through the stages that look."""

from collections import Counter
from importlib import import_module
from typing import NamedTuple

import pytest

from finsmith.core.errors import ExpectationError, SourceError
from finsmith.core.io import read_json, write_text

from ..rows import question
from .sets import GOOD, STAGES, SUITES, asked, closed, document, general, made, passage, suite_entries, term, write_sets

DOCUMENTS, PASSAGES, TERMS, GENERAL, TESTSET, CANDIDATES, MIXTURE = GOOD.values()
# ln 5 from equal shares: 30 questions with five choices of which the second is right
FIVES = [question(f"제{at}항에 따라 내야 하는 것은?", *"가나다라마", answer=1) for at in range(30)]
ENGLISH = "The borrower repays the loan within the agreed term."
BROKEN_TEXT = "연체율은 \ufffd\ufffd를 넘지 않는다."


def swapped(records, at, *others):
    """The records with others in the place of those from `at` on."""
    return [*records[:at], *others, *records[at + len(others) :]]


class Case(NamedTuple):
    """Records that break the expectation of a set on a column (`rows`: on their number) and what is said of it.

    `also` are the columns of expectations that cannot but be broken with it, as they are without any row.
    """

    table: str
    column: str
    severity: str
    records: list
    said: str
    also: tuple[str, ...] = ()


CASES = [
    Case("documents", "rows", "critical", [], "found: 0;", ("passages",)),
    Case("documents", "passages", "critical", [document("빈칸.pdf", passages=0)], "found: 0;"),
    Case("documents", "characters", "warning", [*DOCUMENTS, document("스캔.pdf", 0)], "스캔.pdf (characters 0)"),
    Case(
        "documents", "unread_pages", "warning", [*DOCUMENTS, document("표지.pdf", unread_pages=2)],
        "1 of 4: 표지.pdf (unread_pages 2)",
    ),
    Case("documents", "language", "warning", [*DOCUMENTS, document("金利.pdf", language="ja")], "(language ja)"),
    Case("passages", "id", "critical", [*PASSAGES, PASSAGES[0]], f"여신업무편람.pdf, page 3 (id {PASSAGES[0].id})"),
    Case("passages", "characters", "critical", [*PASSAGES, passage("", (9,))], "page 9 (characters 0)"),
    Case(
        "passages", "personal_data", "critical", [*PASSAGES, passage("담당: teller@bank.example", (), 77)],
        "1 of 3: 여신업무편람.pdf, character 77 (personal_data email)",
    ),
    Case("passages", "odd_characters", "warning", [*PASSAGES, passage(BROKEN_TEXT, (5,))], "page 5 (odd_characters 2)"),
    Case("passages", "longest_word", "warning", [*PASSAGES, passage("이" * 81, (6,))], "page 6 (longest_word 81)"),
    Case("terms", "defines_itself", "warning", [*TERMS, term("자기자본 비율", "자기자본비율.", 9)], "row 9 (defines"),
    Case("terms", "definition_characters", "warning", [*TERMS, term("LTV 한도", "담보값", 8)], "row 8 (definition"),
    Case("terms", "definition_characters", "warning", [term("약관", "조항" * 1001, 4)], "(definition_characters 2002)"),
    Case("terms", "term_characters", "warning", [term("약" * 61, "서로 지킬 것", 5)], "row 5 (term_characters 61)"),
    Case("terms", "term_key", "warning", [*TERMS, term("연체 율", "밀린 원리금의 비율", 6)], "row 6 (term_key 연체율)"),
    Case("general", "rows", "critical", [], "found: 0;", ("hangul_share",)),
    Case(
        "general", "instruction_characters", "warning", [*GENERAL, {"instruction": " ", "output": "네."}],
        "1 of 5: 일반.jsonl:line 5 (instruction_characters 0)",
    ),
    Case(
        "general", "output_characters", "warning", [{"instruction": "인사해 주세요.", "output": None}, *GENERAL],
        "1 of 5: 일반.jsonl:line 1 (output_characters 0)",
    ),
    Case(
        "general", "odd_characters", "warning", [*GENERAL, {"instruction": "고쳐 줘.", "output": BROKEN_TEXT}],
        "일반.jsonl:line 5 (odd_characters 2)",
    ),
    Case("general", "hangul_share", "warning", [{"instruction": "영어로.", "output": ENGLISH}], "found: 0.0;"),
    Case("testset", "rows", "critical", [], "found: 0;", ("rows", "letter", "letter_of_five", "right_is_longest")),
    Case(
        "testset", "stem_key", "critical", [*TESTSET, closed(0, 2), closed(100, 1)],
        "2 of 102: questions.jsonl:1 (stem_key 제0조에서여신을연장할때있어야하는것은?); questions.jsonl:101 (stem_key",
    ),
    Case(
        "testset", "repeated_choices", "critical",
        swapped(TESTSET, 0, question("누가 심의하는가?", "여신 심사부", "여신심사부", "감사", "이사")),
        "1 of 100: questions.jsonl:1 (repeated_choices 1)",
    ),
    Case("testset", "stem_characters", "critical", [*TESTSET, question("금리는?")], "jsonl:101 (stem_characters 4)"),
    Case("testset", "letter", "warning", [closed(at, 1) for at in range(100)], "found: 1.386"),
    Case("testset", "letter_of_five", "warning", [*TESTSET, *FIVES], "found: 1.609"),
    Case("testset", "right_is_longest", "warning", swapped(TESTSET, 40, closed(40, 0, True)), "found: 0.41;"),
    Case("testset", "rows", "warning", TESTSET[1:], "found: 99;"),
    Case("candidates", "rows", "critical", [], "found: 0;", ("hangul_share", "letter")),
    Case(
        "candidates", "family", "critical", [*CANDIDATES, made("금리란?", "돈의 값이다.", "general")],
        "1 of 9: rows.jsonl:9 (family general)",
    ),
    Case(
        "candidates", "sources", "critical", [*CANDIDATES, made("금리란?", "돈의 값이다.", sources=())],
        "1 of 9: rows.jsonl:9 (sources 0)",
    ),
    Case("candidates", "id", "warning", [*CANDIDATES, CANDIDATES[2]], f"2 of 9: rows.jsonl:3 (id {CANDIDATES[2].id})"),
    Case("candidates", "output_characters", "warning", [made("금리란?", ""), *CANDIDATES], "1 (output_characters 0)"),
    Case("candidates", "hangul_share", "warning", [made("영어로 써 주세요.", ENGLISH)], "found: 0.0;"),
    Case("candidates", "letter", "warning", [asked(at, "B") for at in range(6)], "found: 1.386"),
    Case("mixture", "rows", "critical", [], "found: 0;", ("is_general", "hangul_share", "letter")),
    Case(
        "mixture", "id", "critical", swapped(MIXTURE, 0, MIXTURE[1]),
        f"2 of 8: train.jsonl:1 (id {MIXTURE[1].id}); train.jsonl:2 (id",
    ),
    Case(
        "mixture", "instruction_characters", "critical", swapped(MIXTURE, 2, made("", "대출의 기한이다.")),
        "1 of 8: train.jsonl:3 (instruction_characters 0)",
    ),
    Case(
        "mixture", "output_characters", "critical", swapped(MIXTURE, 3, made("여신의 기한은?", "")),
        "1 of 8: train.jsonl:4 (output_characters 0)",
    ),
    Case(
        "mixture", "sources", "critical", swapped(MIXTURE, 0, made("여신의 기한은?", "3년이다.", sources=())),
        "1 of 8: train.jsonl:1 (sources 0)",
    ),
    Case(
        "mixture", "personal_data", "critical", swapped(MIXTURE, 6, general(7, "010-2345-6789로 전화해 주세요.")),
        "1 of 8: train.jsonl:7 (personal_data phone_number)",
    ),
    Case("mixture", "is_general", "critical", swapped(MIXTURE, 3, general(9)), "found: 0.625;"),
    Case("mixture", "is_general", "critical", swapped(MIXTURE, 4, made("여신의 기한은?", "3년이다.")), "found: 0.375;"),
    Case(
        "mixture", "odd_characters", "warning", swapped(MIXTURE, 1, made("연체율은?", BROKEN_TEXT)),
        "1 of 8: train.jsonl:2 (odd_characters 2)",
    ),
    Case("mixture", "hangul_share", "warning", [made("영어로.", ENGLISH), general(1, ENGLISH)], "found: 0.0;"),
    Case(
        "mixture", "letter", "warning", [*(asked(at, "C") for at in range(6)), *(general(at) for at in range(6))],
        "found: 1.386",
    ),
]  # fmt: skip


def column_of(entry):
    """What an expectation is on: a column, or the number of rows."""
    return entry["kwargs"].get("column", "rows")


def run(folder, name):
    """Runs the stage that looks at a set; pages and counts stand in `reports`, the gate in `gate.json`."""
    stage, paths = STAGES[name]
    found = [folder / path for path in paths]
    main = import_module(f"stages.{stage}").main
    main(*found, SUITES, folder / "gate.json", folder / "reports/metrics.json", folder / "reports/docs")


def unmet(folder):
    """Table and column of every expectation that was not met."""
    entries = {name: iter(suite_entries(name)) for name in GOOD}
    results = [(one, next(entries[one["table"]])) for one in read_json(folder / "reports/docs/results.json")]
    return [(one["table"], column_of(entry), entry["severity"]) for one, entry in results if not one["met"]]


def test_every_expectation_has_a_set_that_breaks_it():
    """One that is added to a delivered suite needs a case here; no two of a suite share column and severity."""
    delivered = Counter((name, column_of(entry), entry["severity"]) for name in GOOD for entry in suite_entries(name))
    assert {case[:3] for case in CASES} == set(delivered)
    assert set(delivered.values()) == {1}


@pytest.mark.parametrize("name", ["documents", "candidates", "mixture"])
def test_good_sets_pass_in_silence(tmp_path, monkeypatch, capsys, name):
    """Every expectation of every suite of the stage is looked at and met, and nothing is warned of."""
    write_sets(tmp_path)
    monkeypatch.chdir(tmp_path)
    run(tmp_path, name)
    assert capsys.readouterr() == ("", "")
    assert unmet(tmp_path) == []
    assert read_json(tmp_path / "gate.json") == {"critical_failed": 0}
    told = read_json(tmp_path / "reports/metrics.json")
    assert {of: (one["rows"], one["expectations"]) for of, one in told.items()} == {
        of: (len(GOOD[of]), len(suite_entries(of))) for of in GOOD if STAGES[of] == STAGES[name]
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.table}-{case.column}-{case.severity}")
def test_a_broken_expectation_stops_the_stage_or_is_warned_of(tmp_path, monkeypatch, capsys, case):
    """A critical one stops it with an error and no gate, a warning lets it pass; both name the row or the number."""
    write_sets(tmp_path, **{case.table: case.records})
    monkeypatch.chdir(tmp_path)
    told = ""
    if case.severity == "critical":
        with pytest.raises(ExpectationError) as stopped:
            run(tmp_path, case.table)
        told = str(stopped.value)
    else:
        run(tmp_path, case.table)
        told = capsys.readouterr().err
    (entry,) = [e for e in suite_entries(case.table) if (column_of(e), e["severity"]) == (case.column, case.severity)]
    (line,) = [line for line in told.splitlines() if f"{case.table}: {entry['notes']}" in line]
    assert case.said in line
    assert (tmp_path / "gate.json").exists() is (case.severity == "warning")
    broken = unmet(tmp_path)
    assert (case.table, case.column, case.severity) in broken
    broken.remove((case.table, case.column, case.severity))
    assert {column for _, column, _ in broken} == set(case.also)
    assert {table for table, _, _ in broken} <= {case.table}


@pytest.mark.parametrize(("general_rows", "domain_rows", "asked_for"), [(1, 2, 0.33333), (501, 1002, 0.333), (0, 4, 0)])
def test_a_share_is_asked_for_as_the_mixture_reads_it(tmp_path, monkeypatch, general_rows, domain_rows, asked_for):
    """A third that params.yaml rounds is met by a third of the rows, however many they are."""
    rows = [*map(general, range(general_rows)), *(made(f"제{at}조는?", f"{at}호이다.") for at in range(domain_rows))]
    write_sets(tmp_path, asked_for, mixture=rows)
    monkeypatch.chdir(tmp_path)
    run(tmp_path, "mixture")
    assert unmet(tmp_path) == []


def test_candidates_of_all_recipes_are_looked_at(tmp_path):
    """Rows of several files are one set, and each is named by its own file."""
    write_sets(tmp_path)
    write_text(tmp_path / "candidates/readme.txt", "이 폴더에는 후보가 있다.")
    write_sets(tmp_path / "more", candidates=[made("금리란?", "돈의 값이다.", "rag.answer", ())])
    (tmp_path / "more/candidates/rows.jsonl").rename(tmp_path / "candidates/rag.jsonl")
    with pytest.raises(ExpectationError, match=r"Not so in 1 of 9: rag\.jsonl:1 \(sources 0\)"):
        run(tmp_path, "candidates")


def test_a_stage_without_its_sets_says_so(tmp_path, monkeypatch):
    """A missing file is told by its name before anything is looked at; a folder without candidates is an empty set."""
    monkeypatch.chdir(tmp_path)
    write_sets(tmp_path)
    for missing in ("train.jsonl", "corpus/terms.jsonl", "general/일반.jsonl"):
        (tmp_path / missing).unlink()
    for name, named in (("mixture", r"train\.jsonl: not found"), ("documents", r"terms\.jsonl: not found")):
        with pytest.raises(SourceError, match=named):
            run(tmp_path, name)
    (tmp_path / "candidates/rows.jsonl").unlink()
    with pytest.raises(ExpectationError, match="The recipes made rows"):
        run(tmp_path, "candidates")
    assert not (tmp_path / "gate.json").exists()
