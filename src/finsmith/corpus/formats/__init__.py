"""Readers of document formats: each gives the parts of a document, or the reason why there are none."""

import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path

from finsmith.corpus.document import ReadDocument, unread
from finsmith.corpus.pdf.reader import read_pdf

from .docx import read_docx
from .hwp import read_hwp
from .hwpx import read_hwpx
from .markdown import read_markdown
from .plain import read_txt
from .xlsx import read_xlsx

# ending of the file's name, in small letters -> its reader
READERS: Mapping[str, Callable[[Path], ReadDocument]] = {
    ".docx": read_docx,
    ".hwp": read_hwp,
    ".hwpx": read_hwpx,
    ".markdown": read_markdown,
    ".md": read_markdown,
    ".pdf": read_pdf,
    ".txt": read_txt,
    ".xlsx": read_xlsx,
}
# ending -> the format to save such a file in; for any other it is PDF or DOCX
_WAY_OUT = {".doc": "DOCX", ".xls": "XLSX", ".csv": "XLSX", ".ppt": "PDF", ".pptx": "PDF", ".hml": "HWPX"}


def read_document(path: Path) -> ReadDocument:
    """The document in a file of any format of `READERS`; one that cannot be read is a reject with its reason."""
    ending = path.suffix.lower()
    if reader := READERS.get(ending):
        return reader(path)
    if ending == ".zip":
        reason = "an archive is not read; unpack it and add its files"
    else:
        reason = f"format {ending or '(none)'} is not read; save it as {_WAY_OUT.get(ending, 'PDF or DOCX')}"
    return unread(unicodedata.normalize("NFC", path.name), reason)
