"""Tests of reading PDFs: real ones, made here, whole and damaged."""

import hashlib
import unicodedata
from pathlib import Path

import pymupdf
import pytest

from finsmith.core.records import Document
from finsmith.corpus.document import build_document
from finsmith.corpus.pdf.reader import read_pdf

from ..pdfs import FONT, make_decomposed, make_pdf, squeezed

INPUTS = Path(__file__).parents[3] / "../shared/inputs"
PAGES = [
    ["한국은행은 기준금리를 동결하였다.", "물가 상승률은 2.3%로 낮아졌다."],
    ["가계대출은 주택담보대출을 중심으로 늘었다.", "DSR 규제가 단계적으로 강화된다.", "연체율은 0.4%이다."],
]


def _reasons(read):
    return [(reject.place, reject.reason) for reject in read.rejects]


def _document(path: Path) -> Document:
    return build_document(read_pdf(path))


def _text(document: Document) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def _assert_spans_and_boxes(document: Document, path: Path) -> None:
    text = _text(document)
    with pymupdf.open(path) as pdf:
        for paragraph in document.paragraphs:
            assert text[paragraph.start : paragraph.start + len(paragraph.text)] == paragraph.text
            clips = [(pdf[box.page - 1], (box.x0, box.y0, box.x1, box.y1)) for box in paragraph.boxes]
            again = "".join(page.get_text(clip=pymupdf.Rect(clip)) for page, clip in clips)
            assert squeezed(unicodedata.normalize("NFC", again)) == squeezed(paragraph.text)


def test_paragraphs_are_read_in_order(tmp_path):
    """Each line that stands alone is a paragraph, in page order, and the file is told by name, hash and pages."""
    path = make_pdf(tmp_path / "보고서.pdf", PAGES)
    read = read_pdf(path)
    assert read.rejects == ()
    assert [p.text for p in read.parts] == [*PAGES[0], *PAGES[1]]
    assert [p.boxes[0].page for p in read.parts] == [1, 1, 2, 2, 2]
    assert (read.name, read.pages) == ("보고서.pdf", 2)
    assert read.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_spans_and_boxes_lead_back_to_the_text(tmp_path):
    """A paragraph's span gives its text in the document's, and its box, read again on the page, gives it too."""
    path = make_pdf(tmp_path / "a.pdf", PAGES)
    _assert_spans_and_boxes(_document(path), path)


def test_paragraph_that_the_page_breaks_into_lines_is_one(tmp_path):
    """A paragraph laid out over several lines is read as one line of text with single spaces, box and all."""
    text = "금융통화위원회는 물가가 목표 수준에서 안정될 것으로 보고 기준금리를 연 3.50%로 유지하기로 하였다. " * 3
    path = tmp_path / "a.pdf"
    with pymupdf.open() as pdf:
        page = pdf.new_page()
        page.insert_htmlbox((60, 60, 400, 300), f"<p>{text}</p>")
        page.insert_htmlbox((60, 400, 400, 500), "<p>둘째 문단은 따로 선다.</p>")
        pdf.save(path)
    document = _document(path)
    assert [squeezed(p.text) for p in document.paragraphs] == [squeezed(text), "둘째문단은따로선다."]
    assert "\n" not in document.paragraphs[0].text
    assert "  " not in document.paragraphs[0].text
    _assert_spans_and_boxes(document, path)


WIDE = [
    "한국은행 금융통화위원회는 물가 상승률이 목표 수준을 웃돌 것으로 보고",
    "기준금리를 현재의 연 3.50% 수준에서 유지하기로 결정하였으며 앞으로도",
    "성장세를 점검하면서 물가가 안정되도록 통화정책을 운용할 계획이다.",
    "가. 첫째 항목은 가계부채이다.",
    "- 둘째 항목은 환율이다.",
]


def test_wide_line_spacing_keeps_paragraphs_whole(tmp_path):
    """Lines so far apart that each is a block are one paragraph, while the list items below stay their own."""
    path = make_pdf(tmp_path / "a.pdf", [WIDE], line_spacing=22)
    with pymupdf.open(path) as pdf:
        assert len(pdf[0].get_text("blocks")) == 5
    document = _document(path)
    assert [p.text for p in document.paragraphs] == [" ".join(WIDE[:3]), WIDE[3], WIDE[4]]
    _assert_spans_and_boxes(document, path)


TOPICS = ["기준금리", "물가", "환율", "가계대출", "연체율", "수출", "고용", "주택가격"]


def test_footnote_goes_on_over_the_page(tmp_path):
    """The rest of a footnote, at the foot of the next page over that page's own notes, is one with its begin."""
    note = "1) 유동성커버리지비율은 고유동성 자산을 순현금유출액으로 나눈 것으로, 은행은 매일 그 값을 감독당"
    body = [
        (f"{topic}에 대하여 위원들은 서로 다른 의견을 내었다.", 11, 100 + 40 * at) for at, topic in enumerate(TOPICS)
    ]
    rest = [("국에 보고하여야 한다.", 8, 690), ("2) 연체율은 대출 잔액에 대한 것이다.", 8, 701)]
    pages = [[*body, (note, 8, 700)], [*body, *rest]]
    with pymupdf.open() as pdf:
        for lines in pages:
            page = pdf.new_page()
            for text, size, y in lines:
                page.insert_text((60, y), text, fontname=FONT, fontsize=size)
        pdf.save(tmp_path / "a.pdf")
    notes = [part for part in read_pdf(tmp_path / "a.pdf").parts if part.kind == "footnote"]
    assert [part.text for part in notes] == [f"{note}국에 보고하여야 한다.", "2) 연체율은 대출 잔액에 대한 것이다."]
    assert [box.page for box in notes[0].boxes] == [1, 2]


def test_rest_of_a_footnote_takes_no_table_away(tmp_path):
    """A table that ends a page's footnotes stays, though the next page begins its own with the rest of one."""
    body = [(f"{topic}에 대하여 위원들은 의견을 내었다.", 11, 100 + 40 * at) for at, topic in enumerate(TOPICS)]
    notes = [[("1) 연체율은 아래와 같다.", 8, 640)], [("국에 보고하여야 한다.", 8, 690), ("2) 대출 잔액이다.", 8, 701)]]
    cells = [("구분", 66, 672), ("2024년", 196, 672), ("연체율", 66, 692), ("0.4%", 196, 692)]
    with pymupdf.open() as pdf:
        for own in notes:
            page = pdf.new_page()
            for text, size, y in body + own:
                page.insert_text((60, y), text, fontname=FONT, fontsize=size)
        for text, x, y in cells:
            pdf[0].insert_text((x, y), text, fontname=FONT, fontsize=8)
        for y in (658, 678, 698):
            pdf[0].draw_line((60, y), (320, y))
        for x in (60, 190, 320):
            pdf[0].draw_line((x, 658), (x, 698))
        pdf.save(tmp_path / "a.pdf")
    found = [(part.kind, part.text) for part in read_pdf(tmp_path / "a.pdf").parts if part.kind != "text"]
    assert found == [
        ("footnote", "1) 연체율은 아래와 같다."),
        ("table", "| 구분 | 2024년 |\n| --- | --- |\n| 연체율 | 0.4% |"),
        ("footnote", "국에 보고하여야 한다."),
        ("footnote", "2) 대출 잔액이다."),
    ]


def test_decomposed_text_becomes_nfc(tmp_path):
    """A text layer of conjoining jamo is read as composed syllables."""
    path = make_decomposed(tmp_path / "a.pdf", "기준금리 동결")
    with pymupdf.open(path) as pdf:
        assert squeezed(pdf[0].get_text()) == squeezed(unicodedata.normalize("NFD", "기준금리 동결"))
    assert _text(_document(path)) == "기준금리 동결"


def test_decomposed_file_name_becomes_nfc(tmp_path):
    """A file name as macOS writes it is told in its composed form."""
    path = make_pdf(tmp_path / unicodedata.normalize("NFD", "금리.pdf"), PAGES)
    assert read_pdf(path).name == "금리.pdf"


def test_truncated_file_is_refused(tmp_path):
    """A PDF cut in its first half is a reject of the file with its reason, not an exception."""
    path = make_pdf(tmp_path / "a.pdf", PAGES)
    path.write_bytes(path.read_bytes()[:500])
    read = read_pdf(path)
    assert read.parts == ()
    assert _reasons(read) == [
        ("file", "cannot be opened as a PDF, the file is damaged or cut short (FileDataError)"),
    ]


def test_page_lost_by_truncation_is_told(tmp_path):
    """Where a cut file can be repaired, the pages that are left are read and the lost one is named as damaged."""
    path = make_pdf(tmp_path / "a.pdf", [["첫째 쪽"], ["둘째 쪽"], ["셋째 쪽"]])
    content = path.read_bytes()
    last_page = content.rfind(b"stream\n", 0, content.rfind(b"endstream"))
    path.write_bytes(content[:last_page])
    read = read_pdf(path)
    assert [p.text for p in read.parts] == ["첫째 쪽", "둘째 쪽"]
    assert _reasons(read) == [("page 3", "blank: nothing is left, the file is damaged or cut short; get it again")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot be opened as a PDF, the file is damaged or cut short (EmptyFileError)"),
        ("금리 보고서".encode(), "cannot be opened as a PDF, the file is damaged or cut short (FileDataError)"),
        (b"<html><body>Please log in</body></html>", "no PDF inside, whatever its name says; save it as PDF"),
    ],
    ids=["empty", "text", "web page"],
)
def test_file_that_is_no_pdf_is_refused(tmp_path, content, reason):
    """An empty file, a text and a saved log-in page that are called .pdf are refused with their reason."""
    (tmp_path / "a.pdf").write_bytes(content)
    read = read_pdf(tmp_path / "a.pdf")
    assert read.parts == ()
    assert _reasons(read) == [("file", reason)]


def test_blank_pages_are_listed(tmp_path):
    """A blank page is listed by its number while the others are read."""
    read = read_pdf(make_pdf(tmp_path / "a.pdf", [[], ["둘째 쪽"], []]))
    assert [p.text for p in read.parts] == ["둘째 쪽"]
    assert read.pages == 3
    blank = "blank: neither text nor picture"
    assert _reasons(read) == [("page 1", blank), ("page 3", blank)]


def test_blank_document_is_refused(tmp_path):
    """A document of blank pages only is no document; each page and the file are listed."""
    read = read_pdf(make_pdf(tmp_path / "a.pdf", [[], []]))
    assert read.parts == ()
    assert [place for place, _ in _reasons(read)] == ["page 1", "page 2", "file"]
    assert _reasons(read)[-1] == ("file", "no page has text that can be read")


def test_encrypted_file_is_refused(tmp_path):
    """A document that wants a password is refused and says so."""
    locked = {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "user_pw": "열쇠", "owner_pw": "주인"}
    read = read_pdf(make_pdf(tmp_path / "a.pdf", PAGES, **locked))
    assert read.parts == ()
    assert _reasons(read) == [("file", "encrypted: remove the password and add it again")]


def test_file_locked_only_for_printing_is_read(tmp_path):
    """A document with an owner's password only can be opened, so it is read."""
    locked = {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "user_pw": "", "owner_pw": "주인"}
    read = read_pdf(make_pdf(tmp_path / "a.pdf", PAGES, **locked))
    assert len(read.parts) == 5


@pytest.mark.parametrize(
    ("begin", "places"),
    [("금융통화위원회", ["file"]), ("은행법", [*(f"page {n}" for n in range(1, 31)), "file"])],
)
def test_real_broken_files_are_refused(begin, places):
    """A real truncated download and a real file of 30 blank pages are refused."""
    folder = INPUTS / "pdf-broken"
    if not folder.is_dir():
        pytest.skip("the real inputs are not here")
    (path,) = [p for p in folder.iterdir() if unicodedata.normalize("NFC", p.name).startswith(begin)]
    read = read_pdf(path)
    assert read.parts == ()
    assert [reject.place for reject in read.rejects] == places


def test_real_statute_keeps_its_articles():
    """A real statute's spans fit its text, and the text holds all of the file but the head and foot of each page."""
    path = INPUTS / "pdf" / "전자금융거래법.pdf"
    if not path.exists():
        pytest.skip("the real inputs are not here")
    document = _document(path)
    text = _text(document)
    assert all(text[p.start : p.start + len(p.text)] == p.text for p in document.paragraphs)
    with pymupdf.open(path) as pdf:
        whole = "".join(page.get_text() for page in pdf)
        heads = "".join(f"법제처 {n} 국가법령정보센터 전자금융거래법" for n in range(1, len(pdf) + 1))
    assert sorted(squeezed(text + heads)) == sorted(squeezed(unicodedata.normalize("NFC", whole)))
    assert document.furniture == 2 * document.pages
    article = next(p for p in document.paragraphs if p.text.startswith("②제5장의 규정은"))
    assert article.headings == ("전자금융거래법", "제1장 총칙", "제3조(적용범위)")
