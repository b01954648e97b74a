"""Ingest: from folders of documents and glossaries to documents, passages and terms, with a count of everything.

Documents pass through one by one, so that memory does not grow with their number. Not covered: reading one of them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from finsmith.core.errors import SourceError
from finsmith.core.ids import file_sha256
from finsmith.core.io import jsonl_writer, write_jsonl
from finsmith.core.records import DocumentCounts, SourceReject, Term

from .document_pool import read_documents
from .glossary.reader import distinct_terms, read_glossary
from .params import IngestParams

# Tokens that published models were trained on, and of one central bank report of 68 pages.
# Sources: arXiv 2303.17564, section 2; arXiv 2307.09288, section 2.1; arXiv 2306.11644, section 2.
SCALE_MARKS = {
    "bank_of_korea_outlook_2023": 65_422,
    "phi_1": 7_000_000_000,
    "bloomberggpt": 700_000_000_000,
    "llama_2": 2_000_000_000_000,
}
_SUMMED = (
    *("pages", "characters", "tokens", "passages", "tables"),
    *("ocr_pages", "respaced_pages", "respaced_paragraphs", "masked"),
)


def ingest(
    documents: Path,
    glossaries: Path,
    tokenizer_json: Path,
    params: IngestParams,
    corpus: Path,
    withdrawn: Mapping[str, str] = {},
) -> dict[str, Any]:
    """Reads two folders, files in name order, into the folder `corpus`, and gives its statistics.

    A bad file is a reject and the rest goes on. `withdrawn` has reasons by the sha256 of documents that must not be
    read, whatever they are called.

    Raises:
        SourceError: a folder is absent or holds nothing, or no document and no glossary could be read at all.
    """
    rejects: list[SourceReject] = []
    files = list(_allowed(_files(documents), withdrawn, rejects.append))[: params.max_documents or None]
    terms, glossary_rejects = _glossaries(_files(glossaries), params)
    counts: list[DocumentCounts] = []
    with (
        jsonl_writer(corpus / "documents.jsonl") as add_document,
        jsonl_writer(corpus / "passages.jsonl") as add_passage,
    ):
        for entry in read_documents(files, params, tokenizer_json):
            counts.append(entry.counts)
            rejects += entry.rejects
            if entry.document:
                add_document(entry.document)
            for passage in entry.passages:
                add_passage(passage)
        rejects += glossary_rejects
        if not terms and not any(one.characters for one in counts):
            reasons = "\n".join(f"  {r.source}: {r.reason}" for r in rejects if r.place == "file")
            raise SourceError(f"{documents}, {glossaries}: nothing could be read.\n{reasons}")
    write_jsonl(corpus / "counts.jsonl", counts)
    write_jsonl(corpus / "terms.jsonl", terms)
    write_jsonl(corpus / "rejects.jsonl", rejects)
    return corpus_statistics(counts, len(terms), len(rejects))


def corpus_statistics(counts: Sequence[DocumentCounts], terms: int, rejects: int) -> dict[str, Any]:
    """Sums over the documents that were read.

    `corpora_for` says how many such corpora make the tokens of each of `SCALE_MARKS`.
    """
    read = [one for one in counts if one.characters]
    totals = {name: sum(getattr(one, name) for one in read) for name in _SUMMED}
    pages, characters, tokens = totals["pages"], totals["characters"], totals["tokens"]
    return totals | {
        "documents": len(read),
        "unread_files": len(counts) - len(read),
        "unread_pages": sum(one.unread_pages for one in counts),
        "terms": terms,
        "rejects": rejects,
        "furniture_lines": sum(one.furniture for one in counts),
        "characters_per_page": round(characters / pages, 1) if pages else 0,
        "tokens_per_character": round(tokens / characters, 4) if characters else 0,
        "corpora_for": {mark: _ratio(needed, tokens) for mark, needed in SCALE_MARKS.items()},
    }


def _ratio(needed: int, tokens: int) -> float:
    """Three significant digits; 0 where there are no tokens."""
    return float(f"{needed / tokens:.3g}") if tokens else 0


def _glossaries(files: Sequence[Path], params: IngestParams) -> tuple[list[Term], list[SourceReject]]:
    read = [read_glossary(file, params.glossary_columns) for file in files]
    terms, repeats = distinct_terms([term for glossary in read for term in glossary.terms])
    return terms, [*(reject for glossary in read for reject in glossary.rejects), *repeats]


def _allowed(
    files: Iterable[Path], withdrawn: Mapping[str, str], reject: Callable[[SourceReject], None]
) -> Iterator[Path]:
    for file in files:
        reason = withdrawn.get(file_sha256(file)) if withdrawn else None
        if reason is None:
            yield file
        else:
            reject(SourceReject(source=file.name, place="file", reason=f"withdrawn: {reason}"))


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise SourceError(f"{folder}: no such folder. Put your files there or set `ingest.source`.")
    files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    if not files:
        raise SourceError(f"{folder}: the folder is empty. Put your files there or set `ingest.source`.")
    return files
