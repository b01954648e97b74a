"""Words read off a picture with their boxes and confidences; the only home of Tesseract.

The program is called itself, as `pytesseract` does too: that would add Pillow for a call of three lines. PyMuPDF's own
way to Tesseract gives no confidence and loses most spaces of Korean. Not covered: which pages are pictures, and how
words become lines; text that stands on its side.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

INSTALL = (
    "Debian/Ubuntu: `apt-get install tesseract-ocr tesseract-ocr-kor`; macOS: `brew install tesseract tesseract-lang`"
)
_SECONDS = 300  # for one page and language: a page takes two on a free core, a busy machine many times that
_KOREAN, _BOTH = "kor", "kor+eng"
_LATIN = re.compile(r"[A-Za-z]")
_SPECK = 0.6  # surer than that of a lone sign that is neither letter nor digit, and it is one


@dataclass(frozen=True)
class Word:
    """What stands between two spaces, and its box in pixels; `confidence` is 0 to 1, the mean of its characters."""

    text: str
    x0: int
    y0: int
    x1: int
    y1: int
    confidence: float


Row = tuple[Word, ...]


def engine() -> str:
    """What reads pictures here, e.g. `tesseract 5.3.0 kor+eng`; empty without Tesseract or its Korean data."""
    return _engine(shutil.which("tesseract"), os.environ.get("TESSDATA_PREFIX"))


@cache
def _engine(program: str | None, _data: str | None) -> str:
    if program is None:
        return ""
    try:
        version, languages = (_said(program, option).split() for option in ("--version", "--list-langs"))
    except (OSError, subprocess.SubprocessError):
        return ""
    return " ".join([*version[:2], _BOTH]) if set(_BOTH.split("+")) <= set(languages) else ""


def _said(program: str, option: str) -> str:
    # Tesseract 4 says it on stderr
    run = subprocess.run([program, option], capture_output=True, text=True, check=True, timeout=_SECONDS)
    return run.stdout + run.stderr


def read_picture(pgm: bytes, dpi: int) -> tuple[list[Row], str]:
    """The rows of words in a grey picture as Tesseract orders them; where it failed none, and why.

    With `kor+eng` Tesseract takes some Korean words for Latin; with `kor` it cannot read a Latin letter. So both read,
    and a Latin word stands where it is the surer reading. Of three paragraphs of a real scan `kor` read 99.6 % of the
    characters right, `kor+eng` 96.1 %.
    """
    try:
        with TemporaryDirectory() as folder:
            korean, both = (_read(pgm, dpi, languages, Path(folder) / "page") for languages in (_KOREAN, _BOTH))
    except subprocess.TimeoutExpired:
        return [], f"Tesseract was not done with it after {_SECONDS} s"
    except (OSError, subprocess.CalledProcessError) as error:
        return [], f"Tesseract failed on it ({type(error).__name__})"
    latin = [word for row in both for word in row if _LATIN.search(word.text)]
    rows = (tuple(_without_specks(_surer(word, latin) for word in row)) for row in korean)
    return [row for row in rows if any(map(_has_letters, row))], ""


def _read(pgm: bytes, dpi: int, languages: str, base: Path) -> list[Row]:
    # 4, one column of text, keeps lines whole. 3, the default, takes widely spaced Korean lines for vertical text and
    # gave 92 % of the characters of the same scan; 4 still reads columns apart where they do not stand on one line.
    options = ["-l", languages, "--psm", "4", "--dpi", str(dpi), "txt", "tsv"]
    # more threads slow it down, most of all on a small machine
    threads = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    command = ["tesseract", "stdin", str(base), *options]
    subprocess.run(command, input=pgm, env=threads, capture_output=True, check=True, timeout=_SECONDS)
    tsv, text = (base.with_suffix(ending).read_text("utf-8") for ending in (".tsv", ".txt"))
    return _rows(tsv, text)


def _rows(tsv: str, text: str) -> list[Row]:
    """The words of each line. In the table Korean words are cut into syllables; the text knows where spaces stand."""
    begins = set(accumulate(map(len, text.split()), initial=0))
    rows: dict[tuple[str, ...], list[list[Word]]] = {}
    at = 0
    for cells in (line.split("\t") for line in tsv.splitlines()[1:]):
        piece = "".join(cells[11].split()) if cells[0] == "5" else ""
        if not piece:
            continue
        left, top, width, height = map(int, cells[6:10])
        row = rows.setdefault(tuple(cells[1:5]), [])
        if not row or at in begins:
            row.append([])
        row[-1].append(Word(piece, left, top, left + width, top + height, float(cells[10]) / 100))
        at += len(piece)
    return [tuple(_joined(pieces) for pieces in row) for row in rows.values()]


def _joined(pieces: Sequence[Word]) -> Word:
    """The pieces as a word, as high as most are: Tesseract guesses the box of one or the other, half as high again."""
    text = "".join(piece.text for piece in pieces)
    return Word(
        text=text,
        x0=min(piece.x0 for piece in pieces),
        y0=round(median(piece.y0 for piece in pieces)),
        x1=max(piece.x1 for piece in pieces),
        y1=round(median(piece.y1 for piece in pieces)),
        confidence=sum(piece.confidence * len(piece.text) for piece in pieces) / len(text),
    )


def _surer(word: Word, others: Sequence[Word]) -> Word:
    same = (other for other in others if _in_same_place(word, other) and other.confidence > word.confidence)
    return next(same, word)


def _in_same_place(one: Word, other: Word) -> bool:
    """Whether the boxes share more than half of what both cover."""
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    down = min(one.y1, other.y1) - max(one.y0, other.y0)
    covered = (max(one.x1, other.x1) - min(one.x0, other.x0)) * (max(one.y1, other.y1) - min(one.y0, other.y0))
    return across > 0 and down > 0 and 2 * across * down > covered


def _without_specks(words: Iterable[Word]) -> Iterator[Word]:
    return (word for word in words if _has_letters(word) or word.confidence > _SPECK)


def _has_letters(word: Word) -> bool:
    return any(char.isalnum() for char in word.text)
