"""The HTML report: one file that opens offline, in Korean and English, for a manager first and then for an auditor.

Each section is a template of its own; words stand in both languages side by side and the page shows one of them. Not
covered: Data Docs, which have pages of their own; the lineage of other rows than samples (`finsmith trace` shows it).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from finsmith.core.io import read_json, read_jsonl
from finsmith.core.records import DocumentCounts, Example, Flagged, Rejected, RejectedReply, SourceReject

from ..corpus import SCALE_MARK_NAMES, by_reason
from ..roi import NAMES
from ..written.answers import MODELS, RAG_SHARES
from .pictures import report_pictures
from .words import CHECKS, JUDGED, SCALE_MARKS

_BROWSED = 50  # rejected or marked rows of each filter
_REPLIES = 10  # replies that gave no row


@dataclass(frozen=True)
class Folders:
    """Where the stages' outputs stand that the report reads."""

    plots: Path
    corpus: Path
    calls: Path
    filtered: Path
    data_docs: Path


def render_report(
    summary: Mapping[str, Any], roi: Mapping[str, Any], samples: Mapping[str, Any], folders: Folders
) -> tuple[str, dict[str, str]]:
    """The report as HTML, and its Korean pictures by name.

    `roi` is the content of roi.json. `samples` has the trees above `rows` that were kept, by passage id its `pages` (a
    number and a PNG file in base64), and `wrong`: the counts of wrong answers and those to show.
    """
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True, trim_blocks=True
    )
    diversity = read_json(folders.filtered / "diversity.json")
    pictures = {
        language: report_pictures(summary, roi, folders.plots, diversity, language) for language in ("ko", "en")
    }
    outcomes = [one for path in sorted(folders.data_docs.glob("*/results.json")) for one in read_json(path)]
    page = templates.get_template("report.html.j2").render(
        summary=summary,
        roi=roi,
        roi_names=NAMES,
        pictures=pictures,
        documents=list(read_jsonl(folders.corpus / "counts.jsonl", DocumentCounts)),
        unread=by_reason(read_jsonl(folders.corpus / "rejects.jsonl", SourceReject)),
        scale_marks={name: (SCALE_MARKS[name], english) for name, english in SCALE_MARK_NAMES.items()},
        not_met=[one for one in outcomes if not one["met"]],
        diversity=diversity,
        judged_kinds=JUDGED,
        **_filtered(folders.filtered),
        replies=list(read_jsonl(folders.calls / "rejected_replies.jsonl", RejectedReply)),
        replies_shown=_REPLIES,
        samples=_by_recipe(samples["rows"], samples["pages"]),
        kinds=_by_kind(read_json(folders.plots / "breakdown.json"), summary["evaluation"]["headline"]),
        wrong=samples["wrong"],
        answer_models=[name for name in MODELS if name in summary["answers"]["rag"]],
        answer_shares=RAG_SHARES,
        checks=CHECKS,
    )
    return page, pictures["ko"]


def _filtered(folder: Path) -> dict[str, Any]:
    """The first rows that each filter rejected, and those it marked and kept."""
    rejected: dict[str, list[Rejected]] = defaultdict(list)
    for reject in read_jsonl(folder / "rejected.jsonl", Rejected):
        if len(rejected[reject.filter]) < _BROWSED:
            rejected[reject.filter].append(reject)
    flags: dict[str, dict[str, Flagged]] = defaultdict(dict)  # by filter, then by row
    for flag in read_jsonl(folder / "flagged.jsonl", Flagged):
        if len(flags[flag.filter]) < _BROWSED:
            flags[flag.filter][flag.example_id] = flag
    marked: dict[str, list[tuple[Example, Flagged]]] = defaultdict(list)
    for example in read_jsonl(folder / "kept.jsonl", Example):
        for name, of in flags.items():
            if example.id in of:
                marked[name].append((example, of[example.id]))
    return {"rejected": dict(sorted(rejected.items())), "marked": dict(sorted(marked.items()))}


def _by_recipe(
    rows: Sequence[Mapping[str, Any]], pages: Mapping[str, Sequence[tuple[int, str]]]
) -> dict[str, list[Mapping[str, Any]]]:
    """Sample rows by recipe, each with what it comes from by kind; a page stands once in a recipe."""
    recipes: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    left: dict[str, dict[str, Sequence[tuple[int, str]]]] = defaultdict(lambda: dict(pages))
    for row in sorted(rows, key=lambda row: str(row["facts"]["recipe"])):
        above: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for parent in row["parents"]:
            above[parent["kind"]].append(parent)
        pictures = [
            {"passage": passage["facts"], "number": number, "png": png}
            for passage in above["passage"]
            for number, png in left[row["facts"]["recipe"]].pop(passage["id"], ())
        ]
        recipes[row["facts"]["recipe"]].append({**row, "above": above, "pages": pictures})
    return recipes


def _by_kind(rows: Sequence[Mapping[str, Any]], evaluator: str) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Rows of the breakdown by kind of question, then by model."""
    kinds: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for row in rows:
        if (row["by"], row["evaluator"]) == ("kind", evaluator):
            kinds[row["group"]][row["model"]] = row
    return kinds
