"""Reads one file to its end: document, passages, what could not be read, counts.

Not covered: several files, and limits on the time and memory of one; `document_pool` has them.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from finsmith.core.records import Document, DocumentCounts, Passage, SourceReject

from .document import build_document
from .document_store import DocumentEntry
from .formats import read_document
from .limits import begin
from .params import IngestParams
from .passages import CountTokens, cut_passages

_SCRIPTS = {"ko": "HANGUL", "ja": "HIRAGANA KATAKANA", "zh": "CJK", "en": "LATIN"}  # language -> first word of names
_SCRIPT_SHARE = 0.2  # of the letters; Korean finance mixes in English names and Chinese characters


def read_file(path: Path, params: IngestParams, count_tokens: CountTokens) -> DocumentEntry:
    """The entry of a file of any format; one that cannot be read has no document and a reject."""

    def fits(text: str) -> bool:
        return count_tokens(text) <= params.max_passage_tokens

    begin("reading")
    read = read_document(path)
    begin("cutting into passages")
    document = build_document(read, params.mask_personal_data, fits) if read.parts else None
    passages = tuple(cut_passages(document, params.max_passage_tokens, count_tokens)) if document else ()
    return make_entry(read.name, read.pages, document, passages, read.rejects)


def make_entry(
    name: str, pages: int, document: Document | None, passages: Collection[Passage], rejects: Collection[SourceReject]
) -> DocumentEntry:
    """The entry of these with its counts; `pages` are those of the file, read or not."""
    unread_pages = {reject.place for reject in rejects if reject.place.startswith("page ")}
    counts = DocumentCounts(
        name=name,
        pages=pages,
        characters=document.characters if document else 0,
        tokens=sum(passage.tokens for passage in passages),
        passages=len(passages),
        tables=sum(p.kind == "table" for p in document.paragraphs) if document else 0,
        ocr_pages=len(document.ocr_pages) if document else 0,
        unread_pages=len(unread_pages),
        respaced_pages=len(document.respaced_pages) if document else 0,
        respaced_paragraphs=document.respaced_paragraphs if document else 0,
        furniture=document.furniture if document else 0,
        masked=sum(document.masked.values()) if document else 0,
        language=language("".join(p.text for p in document.paragraphs)) if document else "",
    )
    return DocumentEntry(document=document, passages=tuple(passages), rejects=tuple(rejects), counts=counts)


def language(text: str) -> str:
    """The languages whose script has a fifth of the text's letters or more, the most frequent first: `ko`, `ko+en`.

    Latin letters count as `en`. Empty where there are no letters.
    """
    letters = Counter(unicodedata.name(letter, "?").split()[0] for letter in re.findall(r"[^\W\d_]", text))
    shares = {name: sum(letters[script] for script in scripts.split()) for name, scripts in _SCRIPTS.items()}
    least = max(1, _SCRIPT_SHARE * letters.total())
    return "+".join(sorted((name for name, count in shares.items() if count >= least), key=lambda n: -shares[n]))
