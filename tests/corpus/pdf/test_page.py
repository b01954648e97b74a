"""Tests of the lines of a page: spaces that the text layer lost, rows that the library cuts, type sizes."""

import unicodedata
from difflib import SequenceMatcher
from pathlib import Path

import pymupdf
import pypdfium2
import pytest

from finsmith.corpus.pdf.page import read_pages

from ..pdfs import FONT, make_pdf

INPUTS = Path(__file__).parents[3] / "../shared/inputs/pdf"
SENTENCES = [
    "금융통화위원회는 다음 통화정책방향 결정시까지 기준금리를 2.25%에서 운용하기로 하였다.",
    "경상수지 흑자는 1조 2천억원이며 환율은 50bp 인상된 2022.7.13일 이후 안정되었다.",
    "일부 위원은 가계부채의 증가세가 이어지고 있는 점에 우려를 나타내었다.",
]


def _spaceless(path: Path, lines: list[str]) -> Path:
    """A PDF that sets its words apart but has no space between two of Hangul in its text layer."""
    with pymupdf.open() as pdf:
        page = pdf.new_page(width=842)
        for number, line in enumerate(lines):
            x = 60.0
            for word in line.split():
                page.insert_text((x, 80 + 30 * number), word, fontname=FONT, fontsize=11)
                x = page.get_text("words")[-1][2] + 5
        pdf.save(path)
    return path


def test_spaces_come_back_from_the_page(tmp_path):
    """Words set apart without a space in the text layer are read apart, and numbers, dates and units stay whole."""
    path = _spaceless(tmp_path / "a.pdf", SENTENCES)
    with pymupdf.open(path) as pdf:
        layer = pdf[0].get_text()
        (page,) = read_pages(pdf)
    assert "금융통화위원회는다음통화정책방향" in layer
    assert page.respaced
    assert [line.text for line in page.lines] == SENTENCES


def test_page_with_its_spaces_is_left_as_it_is(tmp_path):
    """Text whose layer has its spaces is not taken from the gaps, and the page is not counted as respaced."""
    path = make_pdf(tmp_path / "a.pdf", [[sentence[:40] for sentence in SENTENCES]])
    with pymupdf.open(path) as pdf:
        (page,) = read_pages(pdf)
        plain = pdf[0].get_text().splitlines()
    assert [line.text for line in page.lines] == plain == [sentence[:40] for sentence in SENTENCES]
    assert not page.respaced


def test_row_cut_by_the_library_is_one_line(tmp_path):
    """What stands on one row with a wide gap between is one line with a space."""
    with pymupdf.open() as pdf:
        page = pdf.new_page()
        page.insert_text((60, 80), "1. 일 자", fontname=FONT, fontsize=11)
        page.insert_text((180, 80), "2024년 3월", fontname=FONT, fontsize=11)
        pdf.save(tmp_path / "a.pdf")
    with pymupdf.open(tmp_path / "a.pdf") as pdf:
        (read,) = read_pages(pdf)
    assert [line.text for line in read.lines] == ["1. 일 자 2024년 3월"]


def _borders(text: str) -> tuple[str, set[int], set[int]]:
    """The text without white space, and before which of its characters a space or a line end stands."""
    kept, spaces, ends = [], set(), set()
    for char in unicodedata.normalize("NFC", text):
        if char in "\r\n":
            ends.add(len(kept))
        elif char.isspace():
            spaces.add(len(kept))
        elif char != "\ufffe":
            kept.append(char)
    return "".join(kept), spaces - ends, ends


@pytest.mark.parametrize("name", ["의사록(2020년도 제6차)", "의사록(2022년도 제13차)", "향후 통화신용정책 방향"])
def test_word_borders_of_real_documents(name):
    """On real documents that lost their spaces, word borders agree with another PDF engine's to F1 0.97 at least.

    Borders at line ends are left out: both engines have a line end there.
    """
    if not INPUTS.is_dir():
        pytest.skip("the real inputs are not here")
    (path,) = [p for p in INPUTS.iterdir() if name in unicodedata.normalize("NFC", p.name)]
    agreed = ours_only = theirs_only = aligned = characters = 0
    with pymupdf.open(path) as pdf:
        pages = read_pages(pdf)
    other = pypdfium2.PdfDocument(path)
    for page in pages:
        ours, our_spaces, our_ends = _borders("\n".join(line.text for line in page.lines))
        theirs, their_spaces, their_ends = _borders(other[page.number - 1].get_textpage().get_text_range())
        characters += len(theirs)
        for mine, yours, length in SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks():
            aligned += length
            for step in range(1, length):
                if mine + step in our_ends or yours + step in their_ends:
                    continue
                in_ours, in_theirs = mine + step in our_spaces, yours + step in their_spaces
                agreed += in_ours and in_theirs
                ours_only += in_ours and not in_theirs
                theirs_only += in_theirs and not in_ours
    assert aligned > 0.9 * characters
    assert 2 * agreed / (2 * agreed + ours_only + theirs_only) >= 0.97


@pytest.mark.parametrize("name", ["전자금융거래법", "여신전문금융업법", "상생금융", "핀테크", "세금제도"])
def test_real_documents_in_order_are_left_as_they_are(name):
    """Real documents whose layer has its spaces are read with exactly these."""
    if not INPUTS.is_dir():
        pytest.skip("the real inputs are not here")
    (path,) = [p for p in INPUTS.iterdir() if name in unicodedata.normalize("NFC", p.name)]
    with pymupdf.open(path) as pdf:
        assert not any(page.respaced for page in read_pages(pdf))
