"""The page about a validation: every expectation with its severity, what was found, and the rows that fail.

The library's own pages fetch styles, scripts and pictures from seven hosts and are empty where they cannot; this one
opens without a network. Not covered: looking; that is in suites.
"""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from finsmith.core.io import write_json, write_text

from .suites import Outcome


def write_data_docs(folder: Path, outcomes: Sequence[Outcome]) -> None:
    """`index.html` for people and `results.json` for machines."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True, trim_blocks=True
    )
    by_table = [(name, list(of)) for name, of in groupby(outcomes, key=lambda one: one.table)]
    page = environment.get_template("data_docs.html.j2").render(name=folder.name, by_table=by_table)
    write_text(folder / "index.html", page)
    write_json(folder / "results.json", [outcome._asdict() for outcome in outcomes])
