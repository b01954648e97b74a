"""Keeps what was read of each document, so that a new document in the folder makes only itself be read.

An entry's name is the hash of all it depends on: the file, the parameters, the tokenizer, the code and the libraries
that read it. Not covered: removal of old entries; the folder may be deleted at any time.
"""

from functools import cache
from importlib.metadata import version
from pathlib import Path

import finsmith
from finsmith.core.ids import file_sha256, sha256_of
from finsmith.core.io import write_bytes
from finsmith.core.records import Document, DocumentCounts, Passage, Record, SourceReject
from finsmith.core.state import state_dir

from .params import IngestParams
from .pdf.ocr import engine as ocr_engine

_CODE = ("core/records.py", "core/ids.py", "corpus", "korean", "text/cell_text.py")
_LIBRARIES = ("kiwipiepy", "kiwipiepy-model", "pdfplumber", "pymupdf", "phonenumbers", "python-stdnum")
_OF_ALL = {"source", "max_documents", "glossary_columns", "processes"}  # parameters that change no single document


class DocumentEntry(Record):
    """What one file gave: a document with its passages or none, what could not be read, and counts."""

    document: Document | None
    passages: tuple[Passage, ...]
    rejects: tuple[SourceReject, ...]
    counts: DocumentCounts


def entry_path(file: Path, params: IngestParams, tokenizer_sha256: str) -> Path:
    """Where the entry of this file is kept, or would be.

    Raises:
        OSError: the file cannot be read.
    """
    key = [file.name, file_sha256(file), params.model_dump(mode="json", exclude=_OF_ALL), tokenizer_sha256]
    return state_dir("documents") / f"{sha256_of([*key, code_sha256()])}.json"


def read_entry(path: Path) -> DocumentEntry:
    """The entry in a file of the store."""
    return DocumentEntry.model_validate_json(path.read_bytes())


def write_entry(path: Path, entry: DocumentEntry) -> None:
    """Writes the entry atomically."""
    write_bytes(path, entry.model_dump_json().encode())


@cache
def code_sha256() -> str:
    """The hash of the code and the versions of the libraries that a document is read with."""
    package = Path(finsmith.__file__).parent
    files = [file for part in _CODE for file in _python_files(package / part)]
    code = [(file.relative_to(package).as_posix(), file_sha256(file)) for file in files]
    return sha256_of([code, [(name, version(name)) for name in _LIBRARIES], ocr_engine()])


def _python_files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]
