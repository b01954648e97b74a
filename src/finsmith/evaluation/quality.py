"""The quality of training rows as people see it: a seeded sample to judge, and the table of what they said.

The three questions are those of the audit in Self-Instruct (Wang et al. 2022, arXiv 2212.10560, section 4.2): is the
instruction a valid task, is the input fit for it, is the output right. Not covered: where people judge; any spreadsheet
does.
"""

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from heapq import nsmallest
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from finsmith.core.ids import content_id
from finsmith.core.params import Section
from finsmith.core.records import Example, Record, SourceReject

from .statistics import wilson

QUESTIONS = ("instruction_valid", "input_fits", "output_right")
_COMMENT = "comment"
_SECONDS = "seconds"  # a column that may stand in a judged file: how long the row took
_TEXTS = ("recipe", "instruction", "input", "output")
_NO_NUMBER = "#"  # stands before ids, or a spreadsheet takes 1234567890123456 and 12e4567890123456 for numbers
_YES = {"y", "yes", "예", "네", "o", "ㅇ", "○", "true", "맞음"}  # not 1: who writes 0 may mean O
_NO = {"n", "no", "아니오", "아니요", "x", "ㄴ", "×", "false", "틀림"}
_WORKBOOKS = {".xlsx", ".xls", ".ods", ".numbers"}


class QualityParams(Section):
    """How many rows of the training set people are asked about, drawn by which seed, and where their answers are."""

    section: ClassVar[str] = "quality"
    judged: str
    rows: Annotated[int, Field(ge=1)]
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)]


class Verdict(Record):
    """What a person said of a row: yes or no to each of QUESTIONS; `reviewer` is the name of their file.

    `seconds` is the time it took, None where nobody noted it; `comment` is what they wrote beside their answers.
    """

    row_id: str
    reviewer: str
    answers: tuple[bool, ...]
    seconds: float | None = None
    comment: str = ""


def draw_sample(rows: Iterable[Example], params: QualityParams) -> list[Example]:
    """A seeded sample in an order by chance; a row's place depends on the row alone, so that new rows change little."""
    return nsmallest(params.rows, rows, key=lambda row: content_id([params.seed, row.id]))


def sample_csv(sample: Sequence[Example]) -> str:
    """The sample as a table with an empty column for each question; spreadsheets read it as UTF-8."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(("id", *QUESTIONS, _COMMENT, *_TEXTS))
    for row in sample:
        texts = (_unarmed(getattr(row, name)) for name in _TEXTS)
        table.writerow((f"{_NO_NUMBER}{row.id}", "", "", "", "", *texts))
    return f"\ufeff{out.getvalue()}"


def _unarmed(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def read_verdicts(folder: Path, sample: Sequence[Example]) -> tuple[list[Verdict], list[SourceReject]]:
    """What the files of a folder (.csv) say of the rows of a sample; rows without any answer yet are passed over.

    A row that is no longer in the sample, stands twice, or whose answers cannot be read is a reject with its line; so
    are a file without the columns, and a workbook.
    """
    paths = sorted(folder.glob("*"))
    tables = [path for path in paths if path.suffix.lower() == ".csv"]
    said = [one for path in tables for one in _said(path, {row.id for row in sample})]
    books = [path.name for path in paths if path.suffix.lower() in _WORKBOOKS and not path.name.startswith("~$")]
    rejects = [SourceReject(source=name, place="file", reason="a workbook; save it as CSV") for name in books]
    rejects += [one for one in said if isinstance(one, SourceReject)]
    return [one for one in said if isinstance(one, Verdict)], rejects


def with_decisions(
    read: tuple[list[Verdict], list[SourceReject]], decided: Iterable[Verdict], sample: Sequence[Example]
) -> tuple[list[Verdict], list[SourceReject]]:
    """What files say, and what people decided elsewhere on rows of the sample.

    A decision on a row that is no longer in the sample, or of which the same person's file speaks, is a reject.
    """
    verdicts, rejects = read
    rows, spoken = {row.id for row in sample}, {(one.row_id, one.reviewer) for one in verdicts}
    taken: list[Verdict] = []
    for one in decided:
        gone = one.row_id not in rows
        if gone or (one.row_id, one.reviewer) in spoken:
            reason = "the row is not in the sample of today's training set" if gone else "the file says it too"
            rejects = [*rejects, SourceReject(source=one.reviewer, place="decision", reason=reason, text=one.row_id)]
        else:
            taken.append(one)
    return [*verdicts, *taken], rejects


def _said(path: Path, open_rows: set[str]) -> Iterator[Verdict | SourceReject]:
    """What a file says of rows that it has not spoken of yet; a row's place is the line it ends on."""
    table = csv.DictReader(io.StringIO(_text(path), newline=""), strict=True)

    def reject(reason: str, row_id: str = "") -> SourceReject:
        return SourceReject(source=path.name, place=f"line {table.line_num}", reason=reason, text=row_id)

    try:
        if missing := [name for name in ("id", *QUESTIONS) if name not in (table.fieldnames or ())]:
            yield reject(f"no column {', '.join(missing)}; columns stand between commas, as in sample.csv")
            return
        for cells in table:
            row_id = (cells["id"] or "").strip().removeprefix(_NO_NUMBER)
            answers = [(name, (cells[name] or "").strip().lower()) for name in QUESTIONS]
            if not any(answer for _, answer in answers):
                continue
            if unread := next(((name, answer) for name, answer in answers if answer not in _YES | _NO), None):
                yield reject(f"{unread[0]}: {unread[1]!r} is neither yes nor no", row_id)
            elif row_id not in open_rows:
                reason = "the row is not in the sample of today's training set, or stands earlier in the file"
                yield reject(reason, row_id)
            else:
                open_rows.remove(row_id)
                took, seconds = (cells.get(_SECONDS) or "").strip(), None
                if re.fullmatch(r"\d+(\.\d+)?", took):
                    seconds = float(took)
                elif took:
                    yield reject(
                        f"{_SECONDS}: {took!r} is no number of seconds; the answers count, their time does not", row_id
                    )
                said = tuple(answer in _YES for _, answer in answers)
                comment = (cells.get(_COMMENT) or "").strip()
                yield Verdict(row_id=row_id, reviewer=path.stem, answers=said, seconds=seconds, comment=comment)
    except csv.Error as error:
        yield reject(f"no CSV from this row on: {error}")


def _text(path: Path) -> str:
    """UTF-8, or CP949 as a spreadsheet in Korea may have written it."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp949", errors="replace")


def quality_table(sample: Sequence[Example], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """By family of recipes and for all: rows judged, and for each question the share of yes with its Wilson interval.

    Where several people judged a row, a question counts as yes where all said so; `agreement` is the share of pairs of
    answers to one question on one row that are the same. `reviewer_hours` are those of verdicts whose time was noted.
    """
    by_row: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        by_row[verdict.row_id].append(verdict)
    families: dict[str, list[tuple[bool, ...]]] = defaultdict(list)
    for row in sample:
        if said := by_row.get(row.id):
            strict = tuple(all(of) for of in zip(*(one.answers for one in said), strict=True))
            for name in (row.recipe.partition(".")[0], "all"):
                families[name].append((*strict, all(strict)))
    alike = [
        one == other
        for said in by_row.values()
        for a, b in combinations(said, 2)
        for one, other in zip(a.answers, b.answers, strict=True)
    ]
    last = sorted(families, key=lambda name: (name == "all", name))
    return {
        "sample": len(sample),
        "judged": len(by_row),
        "reviewers": dict(sorted(Counter(verdict.reviewer for verdict in verdicts).items())),
        "verdicts_timed": sum(verdict.seconds is not None for verdict in verdicts),
        "reviewer_hours": round(sum(verdict.seconds or 0.0 for verdict in verdicts) / 3600, 5),
        "agreement": round(sum(alike) / len(alike), 4) if alike else None,
        "by_family": {name: _shares(families[name]) for name in last},
    }


def _shares(rows: Sequence[tuple[bool, ...]]) -> dict[str, Any]:
    shares = zip((*QUESTIONS, "all_right"), zip(*rows, strict=True), strict=True)
    intervals = {name: wilson(sum(of), len(rows))._asdict() for name, of in shares}
    rounded = {name: {key: round(value, 4) for key, value in of.items()} for name, of in intervals.items()}
    return {"rows": len(rows)} | rounded
