"""Ingest: from folders of PDFs and glossaries to documents, passages and terms, with a count of everything.

Not covered: writing files; the stage does that.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field
from tqdm import tqdm

from finsmith.core.errors import SourceError
from finsmith.core.params import Section
from finsmith.core.records import Document, Passage, SourceReject, Term

from .document import build_document
from .formats import read_document
from .glossary.columns import Field as GlossaryField
from .glossary.reader import distinct_terms, read_glossary
from .passages import CountTokens, cut_passages

# BloombergGPT's training corpus. Source: arXiv 2303.17564, section 2.
BLOOMBERGGPT_TOKENS = 700_000_000_000


class IngestParams(Section):
    """The section `ingest`."""

    section: ClassVar[str] = "ingest"
    source: str
    max_documents: Annotated[int, Field(ge=0)]
    max_passage_tokens: Annotated[int, Field(ge=32)]
    mask_personal_data: bool
    glossary_columns: dict[GlossaryField, str]


@dataclass(frozen=True)
class Corpus:
    """What was read and what could not be."""

    documents: list[Document]
    passages: list[Passage]
    terms: list[Term]
    rejects: list[SourceReject]


def read_corpus(pdfs: Path, glossaries: Path, params: IngestParams, count_tokens: CountTokens) -> Corpus:
    """The corpus of two folders, files in name order; a bad file is a reject and the rest goes on.

    Raises:
        SourceError: a folder is absent or holds nothing, or no document and no glossary could be read at all.
    """

    def fits(text: str) -> bool:
        return count_tokens(text) <= params.max_passage_tokens

    documents: list[Document] = []
    rejects: list[SourceReject] = []
    for path in tqdm(_files(pdfs)[: params.max_documents or None], desc="reading documents", unit="file"):
        read = read_document(path)
        documents += [build_document(read, params.mask_personal_data, fits)] if read.parts else []
        rejects += read.rejects
    terms: list[Term] = []
    for path in _files(glossaries):
        glossary = read_glossary(path, params.glossary_columns)
        terms += glossary.terms
        rejects += glossary.rejects
    terms, repeats = distinct_terms(terms)
    rejects += repeats
    if not documents and not terms:
        reasons = "\n".join(f"  {r.source}: {r.reason}" for r in rejects if r.place == "file")
        raise SourceError(f"{pdfs}, {glossaries}: nothing could be read.\n{reasons}")
    passages = [p for d in documents for p in cut_passages(d, params.max_passage_tokens, count_tokens)]
    return Corpus(documents, passages, terms, rejects)


def corpus_statistics(corpus: Corpus) -> dict[str, float]:
    """Counts of the corpus; `corpora_for_bloomberggpt` says how many such corpora make BloombergGPT's 700B tokens."""
    pages = sum(d.pages for d in corpus.documents)
    characters = sum(d.characters for d in corpus.documents)
    tokens = sum(p.tokens for p in corpus.passages)
    return {
        "documents": len(corpus.documents),
        "pages": pages,
        "characters": characters,
        "tokens": tokens,
        "passages": len(corpus.passages),
        "terms": len(corpus.terms),
        "rejects": len(corpus.rejects),
        "tables": sum(p.kind == "table" for d in corpus.documents for p in d.paragraphs),
        "respaced_pages": sum(len(d.respaced_pages) for d in corpus.documents),
        "ocr_pages": sum(len(d.ocr_pages) for d in corpus.documents),
        "furniture_lines": sum(d.furniture for d in corpus.documents),
        "masked": sum(sum(d.masked.values()) for d in corpus.documents),
        "characters_per_page": round(characters / pages, 1) if pages else 0,
        "tokens_per_character": round(tokens / characters, 4) if characters else 0,
        "corpora_for_bloomberggpt": round(BLOOMBERGGPT_TOKENS / tokens) if tokens else 0,
    }


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise SourceError(f"{folder}: no such folder. Put your files there or set `ingest.source`.")
    files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    if not files:
        raise SourceError(f"{folder}: the folder is empty. Put your files there or set `ingest.source`.")
    return files
