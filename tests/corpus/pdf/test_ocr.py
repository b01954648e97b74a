"""Tests of reading scans: pages drawn here as pictures, clean and noisy; with Tesseract, without it, with a bad one."""

import unicodedata
from pathlib import Path

import pymupdf
import pytest
from rapidfuzz.distance import Levenshtein

from finsmith.corpus.document import build_document
from finsmith.corpus.passages import cut_passages
from finsmith.corpus.pdf import ocr
from finsmith.corpus.pdf.highlight import passage_pictures
from finsmith.corpus.pdf.reader import read_pdf
from finsmith.corpus.pdf.scans import resolution

from ..pdfs import FONT, make_pdf, make_scan, make_set, scan, squeezed

BROKEN = Path(__file__).parents[3] / "../shared/inputs/pdf-broken"
needs_tesseract = pytest.mark.skipif(not ocr.engine(), reason=f"no Tesseract with Korean data: {ocr.INSTALL}")
NOT_INSTALLED = f"a scan, not read: OCR is not installed. {ocr.INSTALL}"
PARAGRAPH = (
    "위원회는 물가 상승률이 목표 수준을 웃돌 것으로 보고 기준금리를 현재의 연 3.50% 수준에서 유지하기로 결정하였으며 "
    "앞으로도 성장세를 점검하면서 통화정책을 운용할 계획이다."
)
ITEMS = ("가. 첫째 항목은 가계부채의 증가이다.", "나. 둘째 항목은 환율의 변동이다.")
TEXTS = (PARAGRAPH, *ITEMS)
PLACES = ((60, 60, 500, 140), (60, 160, 500, 190), (60, 200, 500, 230))


def _reasons(read):
    return [(reject.place, reject.reason) for reject in read.rejects]


def _text(folder):
    """One page with a paragraph of several lines and two items."""
    return make_set(folder / "text.pdf", *zip(PLACES, TEXTS, strict=True))


def _real(begin):
    if not BROKEN.is_dir():
        pytest.skip("the real inputs are not here")
    return next(p for p in BROKEN.iterdir() if unicodedata.normalize("NFC", p.name).startswith(begin))


def _tesseract(folder, monkeypatch, reading):
    """A program of that name, alone on the path, that has Korean data and does `reading` when it is to read."""
    program = folder / "tesseract"
    program.write_text(
        "#!/bin/sh\n"
        f'case "$1" in --version) echo tesseract 9.9;; --list-langs) echo eng; echo kor;; *) {reading};; esac\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


@needs_tesseract
def test_scan_is_read_like_text(tmp_path):
    """A page drawn as a picture gives the paragraphs of the page itself, spaces included, and says that it was OCR."""
    path = scan(_text(tmp_path), tmp_path / "a.pdf")
    read = read_pdf(path)
    assert [part.text for part in read.parts] == list(TEXTS)
    assert (read.ocr_pages, read.rejects) == ((1,), ())
    assert all(0.8 < part.ocr_confidence <= 1 for part in read.parts)
    assert build_document(read).ocr_pages == (1,)


@needs_tesseract
def test_places_are_those_of_the_text(tmp_path):
    """The box of each line on a scan covers the middle of the text it was drawn from, and little else."""
    text = _text(tmp_path)
    read = read_pdf(scan(text, tmp_path / "a.pdf"))
    for part, drawn in zip(read.parts, read_pdf(text).parts, strict=True):
        (box,), (true,) = part.boxes, drawn.boxes
        for side in ("x0", "y0", "x1", "y1"):
            assert abs(getattr(box, side) - getattr(true, side)) < 5


@needs_tesseract
def test_latin_words_and_numbers_are_read_among_korean(tmp_path):
    """Abbreviations and numbers keep their letters and digits, and no Korean word is taken for a Latin one."""
    text = "올해 GDP 성장률은 2.1%로 전망되며, 가계대출의 DSR 한도는 연소득의 40%이다."
    read = read_pdf(scan(make_set(tmp_path / "text.pdf", (PLACES[0], text)), tmp_path / "a.pdf"))
    assert [part.text for part in read.parts] == [text]


@needs_tesseract
def test_turned_and_noisy_scan_is_mostly_right(tmp_path):
    """Turned by a degree and with grain, at least 95 % of a scan's characters are read right."""
    read = read_pdf(scan(_text(tmp_path), tmp_path / "a.pdf", turned=1, noise=15))
    found, true = (squeezed("".join(texts)) for texts in ((part.text for part in read.parts), TEXTS))
    assert 1 - Levenshtein.distance(found, true) / len(true) >= 0.95


@needs_tesseract
def test_columns_of_a_scan_are_read_one_after_the_other(tmp_path):
    """Two columns side by side on a scan are not read across."""
    columns = (
        "물가는 목표 수준을 웃돌았고 환율은 큰 폭으로 올랐으며 금리는 그대로 유지되었다가 가계의 빚은 더욱 늘었는데 "
        "집값은 여러 지역에서 조금씩 내려갔다.",
        "수출은 반도체를 중심으로 완만하게 늘어날 것이며 소비는 서비스를 위주로 천천히 회복될 것으로 내다보았고 "
        "고용은 대체로 안정될 것으로 전망하였다.",
    )
    make_set(tmp_path / "text.pdf", ((60, 60, 220, 300), columns[0]), ((260, 60, 420, 300), columns[1]))
    read = read_pdf(scan(tmp_path / "text.pdf", tmp_path / "a.pdf"))
    assert squeezed("".join(part.text for part in read.parts)) == squeezed("".join(columns))


@needs_tesseract
def test_stamp_on_a_scan_is_read_once(tmp_path):
    """A page with only a number as text over its picture is read by OCR too, and the number stays the text layer's."""
    path = scan(_text(tmp_path), tmp_path / "a.pdf")
    with pymupdf.open(path) as pdf:
        pdf[0].insert_text((280, 700), "2024-0117", fontsize=12)
        pdf.save(tmp_path / "b.pdf")
    read = read_pdf(tmp_path / "b.pdf")
    assert [part.text for part in read.parts] == ["2024-0117", *TEXTS]
    assert [part.ocr_confidence is None for part in read.parts] == [True, False, False, False]


@needs_tesseract
def test_picture_on_a_page_of_text_is_left(tmp_path):
    """A page with text of its own is not read by OCR, however large its picture is."""
    path = scan(_text(tmp_path), tmp_path / "a.pdf")
    with pymupdf.open(path) as pdf:
        pdf[0].insert_text((60, 400), PARAGRAPH[:50], fontname=FONT, fontsize=8)
        pdf.save(tmp_path / "b.pdf")
    read = read_pdf(tmp_path / "b.pdf")
    assert ([part.text for part in read.parts], read.ocr_pages) == ([PARAGRAPH[:50].strip()], ())


@needs_tesseract
@pytest.mark.parametrize("shown_turned", [0, 90])
def test_picture_of_a_passage_marks_it_on_a_scan(tmp_path, shown_turned):
    """On a scan, stored lying or not, the marked place of a passage holds its letters, the rest is as it was."""
    path = scan(_text(tmp_path), tmp_path / "a.pdf", shown_turned=shown_turned)
    (passage,) = cut_passages(build_document(read_pdf(path)), 320, len)
    first = passage.model_copy(update={"boxes": passage.boxes[:1]})
    pixels = pymupdf.Pixmap(passage_pictures(first, tmp_path, tmp_path / "pictures")[0])
    scale = pixels.width / 595
    marked, plain = (
        [
            pixels.pixel(x, y)
            for x in range(*_pixels(box.x0, box.x1, scale))
            for y in range(*_pixels(box.y0, box.y1, scale))
        ]
        for box in passage.boxes[:2]
    )
    assert passage.text.endswith("\n".join(ITEMS))
    assert passage.ocr_confidence > 0.8
    assert max(blue for _, _, blue in marked) < 200 <= max(blue for _, _, blue in plain) == 255
    assert min(red for red, _, _ in marked) < 120 < 200 < max(red for red, _, _ in marked)


def _pixels(begin, end, scale):
    return round(begin * scale) + 1, round(end * scale) - 1


@needs_tesseract
def test_scan_without_text_is_told(tmp_path):
    """A picture on which OCR finds no text is a reject that says so; the page of text beside it is read."""
    read = read_pdf(make_scan(tmp_path / "a.pdf", text_page="둘째 쪽"))
    assert ([part.text for part in read.parts], read.ocr_pages) == (["둘째 쪽"], ())
    assert _reasons(read) == [("page 1", "a scan on which OCR found no text")]


@pytest.mark.parametrize("noise", [0, 20])
def test_scan_of_an_empty_sheet_is_blank(tmp_path, noise):
    """A picture of one tone, grain or not, is a blank page and not a scan; so is a page without anything."""
    read = read_pdf(scan(make_pdf(tmp_path / "text.pdf", [[]]), tmp_path / "a.pdf", noise=noise))
    assert _reasons(read)[0] == ("page 1", "blank: neither text nor picture")


def test_without_tesseract_scans_are_listed(tmp_path, monkeypatch):
    """Without the program each scan is a reject with the command that installs it, and pages of text are read."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ocr.engine() == ""
    read = read_pdf(make_scan(tmp_path / "a.pdf", text_page="둘째 쪽"))
    assert [part.text for part in read.parts] == ["둘째 쪽"]
    assert _reasons(read) == [("page 1", NOT_INSTALLED)]
    assert "apt-get install tesseract-ocr tesseract-ocr-kor" in NOT_INSTALLED


def test_document_of_scans_only_is_refused_without_tesseract(tmp_path, monkeypatch):
    """A document in which no page could be read is no document; each page and the file are listed."""
    monkeypatch.setenv("PATH", str(tmp_path))
    read = read_pdf(make_scan(tmp_path / "a.pdf"))
    assert read.parts == ()
    assert _reasons(read) == [("page 1", NOT_INSTALLED), ("file", "no page has text that can be read")]


@needs_tesseract
def test_without_korean_data_scans_are_listed(tmp_path, monkeypatch):
    """Tesseract without its Korean data counts as not installed."""
    (tmp_path / "eng.traineddata").write_bytes(b"")
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert ocr.engine() == ""
    assert _reasons(read_pdf(make_scan(tmp_path / "a.pdf")))[0] == ("page 1", NOT_INSTALLED)


def test_engine_names_version_and_languages(tmp_path, monkeypatch):
    """The engine is told with its version and the languages it reads."""
    _tesseract(tmp_path, monkeypatch, "exit 1")
    assert ocr.engine() == "tesseract 9.9 kor+eng"


def test_failing_tesseract_costs_its_page_only(tmp_path, monkeypatch):
    """A Tesseract that breaks on a page makes that page a reject; the others are read."""
    _tesseract(tmp_path, monkeypatch, "exit 1")
    read = read_pdf(make_scan(tmp_path / "a.pdf", text_page="둘째 쪽"))
    assert [part.text for part in read.parts] == ["둘째 쪽"]
    assert _reasons(read) == [("page 1", "a scan, not read: Tesseract failed on it (CalledProcessError)")]


def test_slow_tesseract_costs_its_page_only(tmp_path, monkeypatch):
    """A Tesseract that is not done in time is stopped, and its page is a reject; the others are read."""
    _tesseract(tmp_path, monkeypatch, "exec /bin/sleep 60")
    assert ocr.engine()
    monkeypatch.setattr(ocr, "_SECONDS", 0.5)
    read = read_pdf(make_scan(tmp_path / "a.pdf", text_page="둘째 쪽"))
    assert [part.text for part in read.parts] == ["둘째 쪽"]
    assert _reasons(read) == [("page 1", "a scan, not read: Tesseract was not done with it after 0.5 s")]


@pytest.mark.parametrize(("width", "height", "dpi"), [(595, 842, 300), (842, 1191, 300), (14400, 14400, 22)])
def test_a_huge_page_is_drawn_coarser(width, height, dpi):
    """A4 and A3 are drawn at 300 dpi, the largest page a PDF may have at what gives at most 20 million pixels."""
    assert resolution(width, height) == dpi
    assert width * height * (dpi / 72) ** 2 < 20_000_000


def test_real_scan_is_listed_without_tesseract(monkeypatch):
    """Each of the nine pages of a real scan is told as one that was not read."""
    path = _real("당직")
    monkeypatch.setenv("PATH", "")
    assert _reasons(read_pdf(path))[:-1] == [(f"page {number}", NOT_INSTALLED) for number in range(1, 10)]


@needs_tesseract
def test_real_scan_is_read(tmp_path):
    """A real page gives its items as paragraphs, with their dates and long names whole and no Latin letter in them."""
    with pymupdf.open(_real("당직")) as pdf:
        pdf.select([1])
        pdf.save(tmp_path / "a.pdf")
    read = read_pdf(tmp_path / "a.pdf")
    assert read.ocr_pages == (1,)
    items = [next(p for p in read.parts if p.text.startswith(mark)) for mark in ("나. ", "다. ", "라. ")]
    text = " ".join(item.text for item in items)
    assert text.count("공무원재해보상연금위원회") == 2
    assert all(
        date in text for date in ("2019. 6. 30. 19:34경", "2020. 2. 17.", "2020. 7. 16.", "2019. 8. 15. 16:01경")
    )
    assert not any(char.isascii() and char.isalpha() for char in text)
    assert all(item.ocr_confidence > 0.85 for item in items)


def test_real_blank_pages_are_no_scans():
    """Thirty real pages that a damaged download left empty are told as blank, and why."""
    reasons = _reasons(read_pdf(_real("은행법")))
    why = "blank: nothing is left, the file is damaged or cut short; get it again"
    assert reasons[:-1] == [(f"page {number}", why) for number in range(1, 31)]
