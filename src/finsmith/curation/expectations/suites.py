"""Tables checked against the expectation suites of the repository, by Great Expectations.

A suite is a YAML list of expectations: `type` and `kwargs` as the library has them, `severity` (critical or warning)
and `notes`, a sentence on what must hold. Not covered: what a table holds, and the page about the results.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import great_expectations as gx
import numpy as np
import pandas as pd
import yaml
from great_expectations.core import ExpectationValidationResult
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.datasource.fluent.pandas_datasource import PandasDatasource
from great_expectations.exceptions.exceptions import GreatExpectationsError

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
    entries, rows = _entries(suite), len(table.columns["place"])
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
            expectations = gx.ExpectationSuite(name=f"{table.name} {number}", expectations=[entry])
            (result,) = batch.validate(
                expectations, result_format=named, expectation_parameters=dict(table.parameters)
            ).results
        except (GreatExpectationsError, TypeError, ValueError) as error:
            raise ParamsError(f"{suite}: expectation {number}: {error}") from error
        if result.exception_info.get("raised_exception"):
            message = str(result.exception_info["exception_message"]).strip()
            raise ParamsError(f"{suite}: expectation {number}: {message}")
        outcomes.append(_outcome(result, entry, table.name, rows))
    return outcomes


def _entries(suite: Path) -> list[dict[str, Any]]:
    try:
        entries = yaml.safe_load(suite.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ParamsError(f"{suite}: not found; every set has its suite of expectations there.") from error
    except yaml.YAMLError as error:
        raise ParamsError(f"{suite}: not valid YAML: {error}") from error
    for number, entry in enumerate(entries if isinstance(entries, list) else [entries], 1):
        told = isinstance(entry, dict) and {"type", "kwargs", "severity", "notes"} == entry.keys()
        if not told or entry["severity"] not in SEVERITIES:
            raise ParamsError(
                f"{suite}: expectation {number} needs `type`, `kwargs`, `notes` and a `severity` of "
                f"{' or '.join(SEVERITIES)}, and nothing else; it is {entry!r}."
            )
    return list(entries)


def _outcome(result: ExpectationValidationResult, entry: dict[str, Any], table: str, rows: int) -> Outcome:
    config, found = result.expectation_config, result.result
    kwargs = config.kwargs if config else {}
    wanted = ", ".join(f"{key}={value!r}" for key, value in kwargs.items() if key != "batch_id")
    observed = found.get("observed_value")
    return Outcome(
        table=table,
        expectation=entry["notes"],
        rule=f"{entry['type']}({wanted})",
        severity=entry["severity"],
        met=bool(result.success),
        rows=rows,
        failing_rows=found.get("unexpected_count", 0),
        failing=[_row(row) for row in found.get("partial_unexpected_index_list") or []],
        observed=observed.item() if isinstance(observed, np.generic) else observed,
    )


def _row(found: dict[str, Any]) -> str:
    facts = ", ".join(f"{column} {value}" for column, value in found.items() if column != "place")
    return f"{found['place']} ({facts})"
