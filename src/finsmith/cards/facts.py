"""The facts of a run that cards tell: read from its files, refused where these are not the run that dvc.lock names.

Not covered: words; those are in the templates and in limits.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from finsmith.core.errors import LineageError, SourceError
from finsmith.core.io import read_json, read_jsonl
from finsmith.core.records import Example, Passage, Term
from finsmith.history.named import WORKSPACE, doubt, named_revisions, tracked_files
from finsmith.history.revisions import Revision, content_md5

SUMMARY, RUN = "reports/summary.json", "models/run.json"
ADAPTER, BASE = "models/adapter", "models/base"
MIXED, ROWS = "data/mixed", "data/mixed/train.jsonl"
CORPUS, TESTSET = "data/corpus", "data/testset"
# the embedded base is made from this model of the Hub
_ON_HUB = {"gemma-3-270m-q4_k_m": "google/gemma-3-270m"}


def facts(root: Path = Path()) -> dict[str, Any]:
    """What the cards tell, but the section `card`.

    Raises:
        SourceError: the pipeline has not run to its end.
        LineageError: summary, training set or adapter are not those that dvc.lock names.
        ExperimentError: there is no git repository with a commit.
    """
    for path in (SUMMARY, RUN, ADAPTER, ROWS, CORPUS):
        if not (root / path).exists():
            raise SourceError(f"{path}: not found. It is written by the pipeline: run `dvc repro`.")
    tree, commit = named_revisions([WORKSPACE, "HEAD"], root)
    text = tracked_files([tree], [SUMMARY], root)[0][SUMMARY]
    if reason := doubt(tree, SUMMARY, text) or _foreign(tree, root):
        raise LineageError(f"{reason}. A card is written of one finished run alone: run `dvc repro`.")
    summary, settings = orjson.loads(text), {name: _settings(tree, name) for name in ("base", "train")}
    rows = list(read_jsonl(root / ROWS, Example))
    return {
        "commit": commit.rev,
        "committed": tree.lock == commit.lock,
        "base": _base(settings["base"]["model"]),
        "hashes": _hashes(tree),
        "recipes": sorted(Counter(row.recipe for row in rows).items()),
        "teachers": sorted({row.provenance.model for row in rows} - {""}),
        "sources": _sources(rows, root / CORPUS),
        "settings": settings["train"],
        "run": read_json(root / RUN),
        **{name: summary[name] for name in ("mixture", "funnel", "evaluation", "costs", "quality")},
        "review": summary.get("review", {}),  # a summary without it is refused where a card asks for its counts
    }


def _base(model: str) -> dict[str, str]:
    """How the base is told: a folder by its name alone, and its id on the Hub where there is one."""
    is_folder = Path(model).is_absolute() or Path(model).exists()
    on_hub = _ON_HUB.get(model, "" if is_folder or "/" not in model else model)
    return {"name": Path(model).name if is_folder else model, "on_hub": on_hub}


def _settings(tree: Revision, stage: str) -> Mapping[str, Any]:
    """The section that a stage ran with, which params.yaml may have left since."""
    section: Mapping[str, Any] = tree.stages[stage]["params"]["params.yaml"][stage]
    return section


def _foreign(tree: Revision, root: Path) -> str:
    """Why a folder that a card is about is not the one that dvc.lock names; "" where all are."""
    for path in (MIXED, ADAPTER):
        if path not in tree.outputs or tree.outputs[path].md5 != content_md5(root / path):
            return f"{path}: not the folder that dvc.lock names"
    return ""


def _hashes(tree: Revision) -> dict[str, str]:
    """What dvc.lock calls the data and models, by path."""
    return {path: tree.outputs[path].md5 for path in (MIXED, TESTSET, BASE, ADAPTER) if path in tree.outputs}


def _sources(rows: Iterable[Example], corpus: Path) -> list[Mapping[str, Any]]:
    """The documents and glossaries that rows come from, with the number of these rows; a row may come from several."""
    origins = {one.id: (one.document, one.document_sha256) for one in read_jsonl(corpus / "passages.jsonl", Passage)}
    origins |= {one.id: (one.source, "") for one in read_jsonl(corpus / "terms.jsonl", Term)}
    counts = Counter(origin for row in rows for origin in {origins.get(id) for id in row.provenance.sources} if origin)
    return [{"name": name, "sha256": sha256, "rows": count} for (name, sha256), count in sorted(counts.items())]
