"""The HTML report: one file that opens offline, with figures, sample rows and rejects.

Not covered: Data Docs, which have pages of their own; the lineage of single rows, which `finsmith trace` shows.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from finsmith.core.io import read_json, read_jsonl
from finsmith.core.records import DocumentCounts, Example, Flagged, Rejected, RejectedReply, SourceReject

from .corpus import by_reason
from .figures import accuracy_bars, funnel_waterfall, loss_curve, overlap_histogram, verb_bars
from .written.answers import MODELS, RAG_SHARES

_SHOWN = 3  # kept rows of each recipe
_BROWSED = 50  # rejected or marked rows of each filter
_CHECKS = {  # of the audit, by name
    "ids": "모든 id가 이어진다",
    "origins": "학습 행은 모두 문서, 용어집, 일반 데이터, 시드 과제에서 왔다",
    "calls": "모든 호출이 장부에 있고 장부의 합이 말한 값과 같다",
    "counts": "후보는 남겼거나 버렸고, 학습 데이터는 도메인 행과 일반 행의 합이다",
    "files": "모든 파일이 dvc.lock의 것이다",
    "test": "시험 문항으로 학습하지 않았다",
    "adapter": "채점한 어댑터는 이 학습 데이터로 학습했다",
    "withdrawn": "철회한 문서가 아무 데도 남지 않았다",
    "accuracy": "정확도는 예측에서 센 것과 같다",
}
_SCALE_MARKS = {
    "bank_of_korea_outlook_2023": "한국은행 2023년 8월 경제전망보고서 한 권 (68쪽, 65,422토큰)",
    "phi_1": "phi-1의 학습 자료 (70억 토큰)",
    "bloomberggpt": "BloombergGPT의 학습 자료 (7,000억 토큰)",
    "llama_2": "Llama 2의 학습 자료 (2조 토큰)",
}


def render_report(
    summary: Mapping[str, Any], plots: Path, corpus: Path, calls: Path, filtered: Path, data_docs: Path
) -> str:
    """The report as HTML."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True, trim_blocks=True
    )
    diversity = read_json(filtered / "diversity.json")
    rejected: dict[str, list[Rejected]] = defaultdict(list)
    for reject in read_jsonl(filtered / "rejected.jsonl", Rejected):
        if len(rejected[reject.filter]) < _BROWSED:
            rejected[reject.filter].append(reject)
    flags: dict[str, dict[str, Flagged]] = defaultdict(dict)  # by filter, then by row
    for flag in read_jsonl(filtered / "flagged.jsonl", Flagged):
        if len(flags[flag.filter]) < _BROWSED:
            flags[flag.filter][flag.example_id] = flag
    kept: dict[str, list[Example]] = defaultdict(list)
    marked: dict[str, list[tuple[Example, Flagged]]] = defaultdict(list)
    for example in read_jsonl(filtered / "kept.jsonl", Example):
        if len(kept[example.recipe]) < _SHOWN:
            kept[example.recipe].append(example)
        for name, of in flags.items():
            if example.id in of:
                marked[name].append((example, of[example.id]))
    return templates.get_template("report.html.j2").render(
        summary=summary,
        loss=loss_curve(read_json(plots / "loss.json")),
        funnel=funnel_waterfall(read_json(plots / "funnel.json")),
        diversity=diversity,
        verbs=verb_bars(diversity["verbs"]),
        overlap=overlap_histogram(diversity["overlap"]),
        kinds=_by_kind(read_json(plots / "breakdown.json"), summary["evaluation"]["headline"]),
        accuracy=accuracy_bars(summary["evaluation"]["by_evaluator"], summary["evaluation"]["baseline"]),
        answer_models=[name for name in MODELS if name in summary["answers"]["rag"]],
        answer_shares=RAG_SHARES,
        kept=dict(sorted(kept.items())),
        rejected=dict(sorted(rejected.items())),
        marked=dict(sorted(marked.items())),
        replies=list(read_jsonl(calls / "rejected_replies.jsonl", RejectedReply)),
        documents=list(read_jsonl(corpus / "counts.jsonl", DocumentCounts)),
        unread=by_reason(read_jsonl(corpus / "rejects.jsonl", SourceReject)),
        scale_marks=_SCALE_MARKS,
        checks=_CHECKS,
        not_met=[one for path in sorted(data_docs.glob("*/results.json")) for one in read_json(path) if not one["met"]],
    )


def _by_kind(rows: Sequence[Mapping[str, Any]], evaluator: str) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Rows of the breakdown by kind of question, then by model."""
    kinds: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for row in rows:
        if (row["by"], row["evaluator"]) == ("kind", evaluator):
            kinds[row["group"]][row["model"]] = row
    return kinds
