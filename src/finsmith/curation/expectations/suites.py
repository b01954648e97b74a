"""Tables checked against the expectation suites of the repository, by Great Expectations.

A suite is a YAML list of expectations: `type` and `kwargs` as the library has them, `severity` (critical or warning)
and `notes`, a sentence on what must hold. Not covered: what a table holds, and the page about the results.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import great_expectations as gx
import pandas as pd
import yaml
from great_expectations.core import ExpectationValidationResult
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.datasource.fluent.pandas_datasource import PandasDatasource
from great_expectations.exceptions.exceptions import GreatExpectationsError
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

from finsmith.core.errors import ParamsError

from .tables import Table

SEVERITIES = ("critical", "warning")
_NAMED = 20  # failing rows that a result names
_SHOWN = 5  # of them in a sentence


class Outcome(NamedTuple):
    """What came of one expectation on one set; `failing` are up to twenty rows by place, with what was found there."""

    table: str
    expectation: str
    rule: str
    severity: str
    met: bool
    rows: int
    failing_rows: int
    failing: list[str]
    observed: Any

    @property
    def told(self) -> str:
        """One sentence."""
        if not self.failing:
            return f"{self.table}: {self.expectation} (found: {self.observed}; wanted: {self.rule})"
        more = f" and {self.failing_rows - _SHOWN:,} more" if self.failing_rows > _SHOWN else ""
        named = "; ".join(self.failing[:_SHOWN])
        return f"{self.table}: {self.expectation} Not so in {self.failing_rows:,} of {self.rows:,}: {named}{more}"


def validate(tables: Sequence[Table], suites: Path) -> list[Outcome]:
    """What came of every expectation in `<suites>/<table>.yaml`, in that order.

    Raises:
        ParamsError: a suite is absent, or holds what is no expectation or cannot be looked at.
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_pandas("finsmith")
    return [one for table in tables for one in _validated(table, suites / f"{table.name}.yaml", source)]


def _validated(table: Table, suite: Path, source: PandasDatasource) -> list[Outcome]:
    entries = _entries(suite)
    whole = source.add_dataframe_asset(table.name).add_batch_definition_whole_dataframe("whole")
    batch = whole.get_batch({"dataframe": pd.DataFrame(table.columns)})
    named = {
        "result_format": "SUMMARY",
        "unexpected_index_column_names": ["place"],
        "partial_unexpected_count": _NAMED,
    }
    outcomes = []
    for number, entry in enumerate(entries, 1):
        try:
            expectation = ExpectationConfiguration(**entry).to_domain_obj()
            result = batch.validate(expectation, result_format=named, expectation_parameters=dict(table.parameters))
        except (GreatExpectationsError, TypeError, ValueError) as error:
            raise ParamsError(f"{suite}: expectation {number}: {error}") from error
        if message := _exception(result.exception_info):
            raise ParamsError(f"{suite}: expectation {number}: {message}")
        outcomes.append(_outcome(result, entry, table))
    return outcomes


def _exception(info: dict[str, Any]) -> str:
    """The message of an exception that the library kept to itself: of the expectation, or of a metric it needs."""
    raised = [one for one in (info, *info.values()) if isinstance(one, dict) and one.get("raised_exception")]
    return str(raised[0]["exception_message"]).strip() if raised else ""


def _entries(suite: Path) -> list[dict[str, Any]]:
    try:
        entries = yaml.safe_load(suite.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ParamsError(f"{suite}: not found; every set has its suite of expectations there.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ParamsError(f"{suite}: not valid YAML in UTF-8: {error}") from error
    if not entries:
        raise ParamsError(f"{suite}: no expectation in it; a set that nothing is expected of has no gate.")
    for number, entry in enumerate(entries if isinstance(entries, list) else [entries], 1):
        told = isinstance(entry, dict) and entry.keys() == {"type", "kwargs", "severity", "notes"}
        if not told or entry["severity"] not in SEVERITIES or not isinstance(entry["notes"], str):
            raise ParamsError(
                f"{suite}: expectation {number} needs `type`, `kwargs`, `notes` and a `severity` of "
                f"{' or '.join(SEVERITIES)}, and nothing else; it is {entry!r}."
            )
    return list(entries)


def _outcome(result: ExpectationValidationResult, entry: dict[str, Any], table: Table) -> Outcome:
    config = result.expectation_config
    kwargs = config.kwargs if config else {}
    found = json.loads(str(result))["result"]  # its numbers are Python's, at any depth
    wanted = ", ".join(f"{key}={value!r}" for key, value in kwargs.items() if key != "batch_id")
    observed, failing_rows = found.get("observed_value"), found.get("unexpected_count", 0)
    column = table.columns.get(kwargs.get("column", ""), [])
    return Outcome(
        table=table.name,
        expectation=entry["notes"],
        rule=f"{entry['type']}({wanted})",
        severity=entry["severity"],
        met=bool(result.success) or (observed is None and not failing_rows and _is_blank(column)),
        rows=len(table.columns["place"]),
        failing_rows=failing_rows,
        failing=[_row(row) for row in found.get("partial_unexpected_index_list") or []],
        observed=observed,
    )


def _is_blank(column: Sequence[Any]) -> bool:
    """Whether a set with rows has no value there, as without 4-choice items no letters; their mean cannot be wrong."""
    return bool(column) and all(value is None for value in column)


def _row(found: dict[str, Any]) -> str:
    facts = ", ".join(f"{column} {value}" for column, value in found.items() if column != "place")
    return f"{found['place']} ({facts})"
