"""Suites are looked at one expectation after the other; what is no expectation stops with its number."""

import pytest
import yaml
from scipy.stats import power_divergence

from finsmith.core.errors import ParamsError
from finsmith.core.io import write_text
from finsmith.corpus.privacy import kinds_in
from finsmith.curation.expectations.pages import write_data_docs
from finsmith.curation.expectations.suites import validate
from finsmith.curation.expectations.tables import Table, questions_table, rows_table

from ..rows import ROOT
from .sets import GOOD, SUITES, asked, closed, made, suite_entries

LETTERS = next(entry for entry in suite_entries("mixture") if entry["kwargs"].get("column") == "letter")


def expectation(type, severity="critical", notes="기한을 지킨다.", **kwargs):
    return {"type": type, "kwargs": kwargs, "severity": severity, "notes": notes}


BETWEEN = expectation("expect_column_values_to_be_between", column="days", min_value=1, max_value=30)


def table_of(columns, **parameters):
    rows = len(next(iter(columns.values())))
    return Table("loans", {"place": [f"여신.csv:{at}" for at in range(1, rows + 1)], **columns}, parameters)


def looked_at(folder, table, *entries):
    """The outcomes of a table under a suite of these entries."""
    write_text(folder / f"{table.name}.yaml", yaml.safe_dump(list(entries), allow_unicode=True))
    return validate([table], folder)


@pytest.mark.parametrize(
    ("type", "kwargs", "met", "unmet", "failing"),
    [
        ("values_to_be_between", {"min_value": 1, "max_value": 30}, [1, 30], [0, 30, 31], ["1 (x 0)", "3 (x 31)"]),
        ("values_to_be_between", {"min_value": 1, "mostly": 0.6}, [1, 1, 0], [1, 0, 0], ["2 (x 0)", "3 (x 0)"]),
        ("values_to_be_in_set", {"value_set": ["예금", ""]}, ["예금", ""], ["예금", "보험"], ["2 (x 보험)"]),
        ("values_to_be_in_set", {"value_set": [False]}, [False, False], [False, True], ["2 (x True)"]),
        ("values_to_be_unique", {}, ["가", "나"], ["가", "나", "가"], ["1 (x 가)", "3 (x 가)"]),
        ("values_to_match_regex", {"regex": "^제[0-9]+조$"}, ["제3조"], ["제3조", "삼조"], ["2 (x 삼조)"]),
        ("values_to_be_between", {"min_value": 1}, [None, 1], [None, 0.5], ["2 (x 0.5)"]),
    ],
)
def test_a_row_that_is_not_as_expected_is_named(tmp_path, type, kwargs, met, unmet, failing):
    """Its place and what was found there are told; a row without a value is none of them."""
    entry = expectation(f"expect_column_{type}", column="x", **kwargs)
    (good,) = looked_at(tmp_path, table_of({"x": met}), entry)
    assert (good.met, good.rows) == (True, len(met))
    (bad,) = looked_at(tmp_path, table_of({"x": unmet}), entry)
    named = [f"여신.csv:{row}" for row in failing]
    assert (bad.met, bad.rows, bad.failing_rows, bad.failing) == (False, len(unmet), len(failing), named)
    assert bad.told == f"loans: 기한을 지킨다. Not so in {len(failing)} of {len(unmet)}: {'; '.join(named)}"


@pytest.mark.parametrize(
    ("type", "kwargs", "met", "unmet", "found"),
    [
        ("table_row_count_to_be_between", {"min_value": 2}, [3, 3], [3], 1),
        ("column_sum_to_be_between", {"column": "x", "min_value": 1}, [0, 1], [0, 0], 0),
        ("column_mean_to_be_between", {"column": "x", "min_value": 0.5}, [0.25, 0.75], [0.25, 0.5], 0.375),
        ("column_mean_to_be_between", {"column": "x", "max_value": 0.5}, [True, False], [True, True], 1.0),
        ("column_mean_to_be_between", {"column": "x", "min_value": 0.5}, [None, 0.5], [None, 0.25], 0.25),
        ("column_most_common_value_to_be_in_set", {"column": "x", "value_set": [3]}, [3, 3, 1], [1, 2, 1, 2], [1, 2]),
    ],
)
def test_a_set_that_is_not_as_expected_is_told_with_what_was_found(tmp_path, type, kwargs, met, unmet, found):
    """The number and the rule stand in the sentence, the number as a plain one in the files; no row is named."""
    entry = expectation(f"expect_{type}", **kwargs)
    (good,) = looked_at(tmp_path, table_of({"x": met}), entry)
    assert good.met
    (bad,) = looked_at(tmp_path, table_of({"x": unmet}), entry)
    assert (bad.met, bad.observed, bad.failing_rows, bad.failing) == (False, found, 0, [])
    assert bad.told == f"loans: 기한을 지킨다. (found: {found}; wanted: {bad.rule})"
    assert bad.rule.startswith(f"expect_{type}(")
    write_data_docs(tmp_path / "docs", [bad])


def test_outcomes_stand_in_the_order_of_tables_and_suites(tmp_path):
    """Each has the severity and the sentence of its entry."""
    notes = [("예금이다.", "warning"), ("행이 있다.", "critical"), ("대출이다.", "warning")]
    entries = [BETWEEN | {"notes": sentence, "severity": severity} for sentence, severity in notes]
    for name in ("loans", "deposits"):
        write_text(tmp_path / f"{name}.yaml", yaml.safe_dump(entries))
    first = table_of({"days": [1, 60]})
    outcomes = validate([first._replace(name="deposits"), first], tmp_path)
    assert [(one.table, one.expectation, one.severity) for one in outcomes] == [
        (name, *note) for name in ("deposits", "loans") for note in notes
    ]


def test_twenty_failing_rows_are_named_and_all_are_counted(tmp_path):
    """Five of them stand in the sentence, with how many more there are."""
    (bad,) = looked_at(tmp_path, table_of({"days": [1000 + at for at in range(1500)]}), BETWEEN)
    assert (bad.failing_rows, bad.rows) == (1500, 1500)
    assert bad.failing == [f"여신.csv:{at + 1} (days {1000 + at})" for at in range(20)]
    assert bad.told.endswith("1,500 of 1,500: " + "; ".join(bad.failing[:5]) + " and 1,495 more")


@pytest.mark.parametrize(("rows", "more"), [(5, ""), (6, " and 1 more")])
def test_more_are_told_of_from_the_sixth_on(tmp_path, rows, more):
    """Five failing rows are all named."""
    (bad,) = looked_at(tmp_path, table_of({"days": [0] * rows}), BETWEEN)
    assert bad.told.endswith(f"여신.csv:5 (days 0){more}")


def test_parameters_are_filled_in(tmp_path):
    """$PARAMETER is the table's value of that name, and the rule shows it."""
    entry = expectation("expect_column_mean_to_be_between", column="days", max_value={"$PARAMETER": "longest"})
    for longest, met in ((10, False), (12, True)):
        (one,) = looked_at(tmp_path, table_of({"days": [7, 15]}, longest=longest), entry)
        assert (one.met, one.observed) == (met, 11)
        assert f"max_value={float(longest)}" in one.rule


def test_looking_is_quiet(tmp_path, capfd):
    """Neither progress nor the library's own messages reach the terminal, whatever comes of an expectation."""
    looked_at(tmp_path, table_of({"days": [1, 60]}), BETWEEN)
    with pytest.raises(ParamsError):
        looked_at(tmp_path, table_of({"days": [1, 60]}), expectation("expect_nothing"))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"type": "expect_gains"}, "expect_gains not found"),
        ({"kwargs": {"column": "weeks", "min_value": 1}}, 'column "weeks"'),
        ({"kwargs": {"column": "days", "min_value": {"$PARAMETER": "shortest"}}}, "shortest"),
        ({"kwargs": {"column": "days", "least": 1}}, "least"),
        ({"kwargs": {"column": "days"}}, "cannot both be None"),
        ({"kwargs": {"min_value": 1}}, "column"),
        ({"kwargs": {"column": "days", "min_value": "하루"}}, "min_value"),
        ({"kwargs": {"column": "days", "min_value": 1, "mostly": 95}}, "mostly"),
        ({"kwargs": ["days"]}, "kwargs must be a dict"),
        ({"type": "expect_column_values_to_match_regex", "kwargs": {"column": "days", "regex": "("}}, "regular"),
        ({"type": "expect_column_mean_to_be_between", "kwargs": {"column": "branch", "min_value": 1}}, "mean"),
        ({"severity": "fatal"}, "`severity` of critical or warning.*'fatal'"),
        ({"notes": None}, "`notes`.*None"),
        ({"remarks": "오타"}, "and nothing else.*remarks"),
    ],
)
def test_what_is_no_expectation_stops_with_its_number(tmp_path, wrong, reason):
    """The error names the file, the expectation and what is wrong with it."""
    table = table_of({"days": [1, 2], "branch": ["명동", "여의도"]})
    with pytest.raises(ParamsError, match=rf"(?s)loans\.yaml: expectation 2\b.*{reason}"):
        looked_at(tmp_path, table, BETWEEN, BETWEEN | wrong)


@pytest.mark.parametrize("key", ["type", "kwargs", "severity", "notes"])
def test_an_expectation_has_all_four_keys(tmp_path, key):
    """The error names the file and the expectation, and says which keys there must be."""
    lacking = {name: value for name, value in BETWEEN.items() if name != key}
    with pytest.raises(ParamsError, match=rf"loans\.yaml: expectation 3 needs .*`{key}`"):
        looked_at(tmp_path, table_of({"days": [1]}), BETWEEN, BETWEEN, lacking)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "not found; every set has its suite"),
        ("- type: [예금", "not valid YAML"),
        ("", "no expectation in it"),
        ("[]", "no expectation in it"),
        ("type: expect_nothing", "expectation 1 needs"),
        ("- 예금은 늘어난다", "expectation 1 needs .*'예금은 늘어난다'"),
    ],
)
def test_a_file_that_is_no_suite_is_named(tmp_path, content, reason):
    """Absent, no YAML, empty and no list of expectations are told apart."""
    if content is not None:
        write_text(tmp_path / "loans.yaml", content)
    with pytest.raises(ParamsError, match=rf"loans\.yaml: {reason}"):
        validate([table_of({"days": [1]})], tmp_path)


def test_a_suite_in_another_encoding_is_named(tmp_path):
    """CP949, as an editor in Korea may save it, is told with the file."""
    (tmp_path / "loans.yaml").write_bytes("- notes: 대출은 갚는다.".encode("cp949"))
    with pytest.raises(ParamsError, match=r"loans\.yaml: not valid YAML in UTF-8"):
        validate([table_of({"days": [1]})], tmp_path)


@pytest.mark.parametrize(
    "counts",
    [
        (25, 25, 25, 25), (40, 20, 20, 20), (46, 18, 18, 18), (3, 28, 5, 4), (52, 0, 48, 0), (0, 0, 5, 0), (0, 6, 0, 0),
        (1, 0, 0, 0), (10, 3, 2, 1), (13, 3, 2, 1), (1, 2, 2, 13), (285, 238, 247, 230), (300, 238, 232, 230),
        (320, 230, 226, 224), (125, 51, 8, 39),
    ],
)  # fmt: skip
def test_letters_are_failed_exactly_where_the_g_test_fails_them(tmp_path, counts):
    """A model that likes a letter is told from chance at p = 0.001, with rows that are no items among the others."""
    letters = [letter for letter, count in zip("ABCD", counts, strict=True) for _ in range(count)]
    rows = [*(asked(at, letter) for at, letter in enumerate(letters)), *GOOD["mixture"]]
    table = rows_table("mixture", [(str(at), row) for at, row in enumerate(rows)], kinds_in)
    (one,) = looked_at(tmp_path, table, LETTERS)
    test = power_divergence(counts, lambda_="log-likelihood")
    assert one.met is bool(test.pvalue >= 0.001)
    assert one.observed == pytest.approx(test.statistic / (2 * sum(counts)))


@pytest.mark.parametrize("name", ["candidates", "mixture"])
def test_rows_without_items_or_words_do_not_fail_for_them(name):
    """No letters are no leaning to a letter, and numbers alone are in no language."""
    rows = [made(f"{at}의 제곱은?", f"{at**2}", recipe) for at in range(2, 6) for recipe in ("rag.answer", "general")]
    table = rows_table(name, [(str(at), row) for at, row in enumerate(rows)], kinds_in, 0.5)
    unmet = {one.rule.partition(", ")[0] for one in validate([table], SUITES) if not one.met}
    assert unmet == ({"expect_column_values_to_be_in_set(column='family'"} if name == "candidates" else set())


def test_questions_without_rows_are_no_letters_either(tmp_path):
    """An empty set is not let off: its expectations of a mean and of letters are unmet."""
    names = {entry["kwargs"]["column"]: entry for entry in suite_entries("testset") if "column" in entry["kwargs"]}
    outcomes = looked_at(tmp_path, questions_table([]), names["letter"], names["right_is_longest"])
    assert [one.met for one in outcomes] == [False, False]
    full = questions_table([(str(at), closed(at, at % 4)) for at in range(4)])
    assert all(one.met for one in looked_at(tmp_path, full, names["letter"], names["right_is_longest"]))


def test_delivered_suites_are_of_sets_that_stages_have():
    """Every file of the folder is the suite of one of the seven sets."""
    assert {path.name for path in (ROOT / "expectations").iterdir()} == {f"{name}.yaml" for name in GOOD}
