"""The comparison as tables, sentences, CSV and page, of entries made by hand."""

import csv
import io
import re
from xml.etree import ElementTree

import pytest

from finsmith.comparison.page import comparison_page, matrix
from finsmith.comparison.result import comparison
from finsmith.comparison.table import (
    accuracy_cells,
    comparison_csv,
    cost_cells,
    findings,
    print_comparison,
    question_lines,
    setting,
)
from finsmith.evaluation.statistics import mcnemar_p
from finsmith.reporting.figures import pareto_front

from ..reporting.test_figures import texts
from .entry import entry


def content(*entries, **options):
    return comparison(entries, mcnemar_p, **options)


CHEAP = entry("싼 것", "0" * 8 + "1" * 4, usd=1.0, hours=0.1, settings={"train.seed": 1})
DEAR = entry("<비싼 것>", "1" * 10 + "00", usd=3.5, hours=0.4, settings={"train.seed": 2})
TWO = content(CHEAP, DEAR, pair=("싼 것", "<비싼 것>"))
BARE = entry("없음", sitting=None, evaluation={}, costs={}, lacks={"a": "a: not there"})


def test_the_cells_of_a_row():
    """Accuracy with its interval, gain, p, forgetting, total, prices of a point, and the mark of the front."""
    headings, cheap, dear = accuracy_cells(TWO)
    assert cheap == ["1", "싼 것", "33.3% [23.3%, 43.3%]", "+8.3", "0.04", "+2.5", "1.0000", "–", "0.0500", "●"]
    assert dear[-4:] == ["3.5000", "0.0500", "–", "●"]
    assert len(headings) == len(cheap)


def test_costs_that_no_row_has_are_no_column():
    """Calls, hours and totals are there; GPU hours and people are not."""
    headings, cheap, _ = cost_cells(TWO)
    assert headings == ["#", "name", "API USD, in all", "device hours", "device USD", "total USD"]
    assert cheap[2:] == ["1.0000", "0.100", "0.0000", "1.0000"]


def test_a_row_without_figures_has_dashes():
    """None of its cells is a number but the first."""
    assert accuracy_cells(content(BARE))[1] == ["1", "없음", *["–"] * 7, ""]


def test_what_follows_is_said():
    """Cheapest and best; eight gained and two lost are p = 0.11, no significant difference; a test is of trainings."""
    assert findings(TWO) == [
        "The cheapest is 싼 것, the most accurate <비싼 것>.",
        "The difference is not significant at 0.05.",
        "A test is of two trainings, not of their settings: another seed gives another adapter.",
    ]


def test_of_several_pairs_those_that_differ_are_counted():
    """Those that lack answers are told once, as a note; unlike questions as a reason."""
    said = findings(content(CHEAP, DEAR, entry("셋", "1" * 12), entry("넷", "1"), BARE))
    assert "Of 3 pairs 1 differs at 0.05 after Holm's correction." in said
    assert "없음: a: not there." in said
    unlike = [line for line in said if line.startswith("Not tested")]
    assert unlike == [
        "Not tested (싼 것 and 넷, <비싼 것> and 넷 and 1 pairs more): "
        "not the same questions: 11 only in the first (q1, q10, q11, …)."
    ]


def test_the_questions_are_shown_with_who_chose_what():
    """Gained ones first; the right choice and both answers are marked."""
    lines = list(question_lines(TWO))
    assert lines[1] == "gained  0번?  (q0)"
    assert lines[2:4] == ["  A 가  ← right, second", "  B 나  ← first"]
    assert [line.split()[0] for line in lines if line.endswith(")")] == ["gained"] * 8 + ["lost"] * 2


def test_the_terminal_gets_all_tables(capsys):
    """In a pipe nothing is cut; names that look like markup stay names."""
    print_comparison(content(CHEAP, DEAR, entry("[b]셋[/b]", "1" * 12)))
    shown = capsys.readouterr().out
    assert "[b]셋[/b]" in shown and "<비싼 것>" in shown and "train.seed" in shown
    assert re.findall(r"Holm p|McNemar p", shown) == ["McNemar p", "Holm p"]


def test_one_pair_has_no_corrected_p(capsys):
    """There is nothing to correct for."""
    print_comparison(TWO)
    assert "Holm p" not in capsys.readouterr().out


def test_the_csv_has_figures_and_settings():
    """A spreadsheet reads it as UTF-8; a figure that is not there is an empty cell."""
    text = comparison_csv(content(CHEAP, DEAR, BARE))
    assert text.startswith("\ufeffname,rev,")
    cheap, dear, bare = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert (cheap["name"], cheap["on_front"], dear["train.seed"]) == ("싼 것", "True", "2")
    assert float(dear["usd_per_point_over_cheapest"]) == pytest.approx(0.05)
    assert (bare["accuracy"], bare["total_usd"], bare["lacks"]) == ("", "", "a: not there")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "–"),
        (True, "true"),
        (1.0, "1"),
        (3e-4, "0.0003"),
        (["rag", 0.5], "[rag, 0.5]"),
        ("a", "a"),
        (30000, "30000"),
    ],
)
def test_settings_are_told_as_in_params(value, told):
    """Numbers without needless digits, lists and truth values as in YAML."""
    assert setting(value) == told


def test_the_matrix_is_its_own_mirror():
    """What the row is better by the column is worse by; nothing is said of a row against itself."""
    (same, left), (right, other) = matrix(TWO)
    assert same is None and other is None
    assert left["points"] == -right["points"] == pytest.approx(-50.0)
    assert left["p"] == right["p"] and not left["significant"]


def test_the_page_opens_alone():
    """Tables, both pictures, the matrix and the questions; names are escaped, Korean stays, nothing is fetched."""
    page = comparison_page(TWO, pareto_front)
    assert page.count("<svg") == 2 and page.count("<table") == 4
    assert "&lt;비싼 것&gt;" in page and "<비싼 것>" not in page and "0번?" in page
    assert re.findall(r"(?:src|href)=\"(?!#)[^\"]*", page) == []


def test_a_picture_of_equal_costs_is_left_out():
    """Where all are free, hours alone are drawn; where hours are equal, too, none is."""
    free = [entry("a", "10", hours=0.1), entry("b", "11", hours=0.2)]
    assert comparison_page(content(*free), pareto_front).count("<svg") == 1
    assert comparison_page(content(*free[:1]), pareto_front).count("<svg") == 0


def test_a_page_of_rows_without_figures():
    """Nothing to draw, nothing to test; the reason is there."""
    page = comparison_page(content(BARE, entry("a", sitting=None)), pareto_front)
    assert "a: not there" in page and "<svg" not in page


def test_the_picture_names_rows_by_number():
    """Each has its number; front and base are in the legend, intervals are bars; equal content gives equal bytes."""
    rows = [row | {"number": at} for at, row in enumerate(TWO["rows"], 1)]
    svg = pareto_front("total_usd", "total USD", rows, "on_front")
    assert {"1", "2", "Pareto front", "base", "total USD", "accuracy"} <= set(texts(svg))
    assert svg == pareto_front("total_usd", "total USD", rows, "on_front")
    assert ElementTree.fromstring(svg).findall(".//{*}g[@id]")
