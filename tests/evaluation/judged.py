"""Rows that people judge, and the tables that they fill in."""

import csv
import io

from finsmith.core.records import Example, Provenance
from finsmith.evaluation.quality import QUESTIONS, QualityParams, sample_csv


def row(instruction, output="맡긴 돈입니다.", given="", recipe="glossary_qa.definition"):
    """A row of a training set."""
    return Example(
        recipe=recipe, instruction=instruction, input=given, output=output, provenance=Provenance(sources=("t1",))
    )


def rows(count):
    """Rows that differ."""
    return [row(f"{n}호 예금이란 무엇인가요?") for n in range(count)]


def params(count, seed=5):
    """How many rows are drawn, and by which seed."""
    return QualityParams(judged="data/raw/audit", rows=count, seed=seed)


def cells(text):
    """The rows of a table as a spreadsheet sees them, by column."""
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def written(table, delimiter=","):
    """The table as a spreadsheet writes it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, table[0], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(table)
    return out.getvalue()


def filled(sample, answers, delimiter=","):
    """The sample's table with these answers to the three questions, row by row; rows without any stay empty."""
    table = cells(sample_csv(sample))
    for line, said in zip(table, answers, strict=False):
        line |= dict(zip(QUESTIONS, said, strict=True))
    return written(table, delimiter)
