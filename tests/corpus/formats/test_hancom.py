"""Tests of reading HWPX and HWP 5: the same document in both formats gives the same parts.

The HWPX files are written from OWPML by the tests, the HWP 5 files by python-hwpx, independent of the readers.
"""

import unicodedata
import warnings
import zipfile
from hashlib import sha256

import pytest
from hwpx import HwpxDocument

from finsmith.corpus.document import Part
from finsmith.corpus.formats import read_document
from finsmith.corpus.formats.hwpx import read_hwpx

from .hancom_files import (
    BULLETED,
    CONTENTS_STYLE,
    NUMBERED,
    NUMBERED_INSIDE,
    automatic_number,
    caption,
    control,
    heading,
    note,
    paragraph,
    set_flag,
    sublist,
    table,
    text,
    write_hwp,
    write_hwpx,
)


@pytest.fixture(params=["hwpx", "hwp"])
def read(request, tmp_path):
    """Writes paragraphs in one of the formats and reads the file."""

    def written_and_read(*paragraphs):
        path = write_hwpx(tmp_path / "문서.hwpx", *paragraphs)
        if request.param == "hwp":
            path = write_hwp(tmp_path / "문서.hwp", path)
        found = read_document(path)
        assert found.rejects == ()
        assert found.pages == 0
        return found

    return written_and_read


def _texts(read_document):
    return [part.text for part in read_document.parts]


def test_headings_have_level_and_number(read):
    """Outline paragraphs are headings with their level, and the number that the word processor draws before them."""
    found = read(
        heading("총칙", 1),
        heading("목적", 2),
        paragraph("이 지침은 여신의 기준을 정한다."),
        heading("범위", 2),
        heading("개인", 3),
        heading("부칙", 1),
        heading("시행일", 2),
    )
    assert found.parts == (
        Part("1. 총칙", "heading", 1),
        Part("가. 목적", "heading", 2),
        Part("이 지침은 여신의 기준을 정한다."),
        Part("나. 범위", "heading", 2),
        Part("1) 개인", "heading", 3),
        Part("2. 부칙", "heading", 1),
        Part("가. 시행일", "heading", 2),
    )


def test_outline_sentence_is_text_that_stands_over_others(read):
    """A sentence in an outline style keeps its level but is no heading."""
    found = read(heading("대출 한도는 연간 소득의 다섯 배 이내로 한다.", 1))
    assert found.parts == (Part("1. 대출 한도는 연간 소득의 다섯 배 이내로 한다.", "text", 1),)


def test_lists_have_their_numbers_and_bullets(read):
    """Numbers and bullets that are properties of paragraphs stand in the text; inner numbers begin anew."""
    found = read(
        paragraph("서류", NUMBERED),
        paragraph("신분증", NUMBERED_INSIDE),
        paragraph("소득 증빙", NUMBERED_INSIDE),
        paragraph("심사", NUMBERED),
        paragraph("담보", NUMBERED_INSIDE),
        paragraph("유의 사항", BULLETED),
    )
    assert _texts(found) == ["1. 서류", "가. 신분증", "나. 소득 증빙", "2. 심사", "가. 담보", "□ 유의 사항"]


def test_typed_articles_and_items_keep_their_order_of_rank(read):
    """Marks that are typed, not set by a style, order paragraphs as well."""
    typed = ["제1장 총칙", "제1조(목적) 이 지침은 여신을 다룬다.", "① 심사는 둘이 한다.", "글이다.", "제2조(한도)"]
    found = read(*map(paragraph, typed))
    assert [(part.kind, part.level) for part in found.parts] == [
        *(("heading", 1), ("text", 2), ("text", 3), ("text", 0), ("heading", 2))
    ]


def test_table_with_merged_cells_and_caption(read):
    """Merged cells' text stands in each cell, pipes are escaped, and the caption with its number stands above."""
    above = caption(paragraph(text("표 ") + automatic_number("TABLE", 1) + text(". 금리 현황")))
    cells = [
        (0, 0, "구분", 2, 1),
        (0, 1, "금리", 1, 2),
        (1, 1, "상반기"),
        (1, 2, "하반기"),
        (2, 0, "예금|적금"),
        (2, 1, "3.5%"),
        (2, 2, "3.2%"),
    ]
    assert read(table(3, 3, cells, above)).parts == (
        Part(
            "표 1. 금리 현황\n"
            "| 구분 | 금리 | 금리 |\n"
            "| --- | --- | --- |\n"
            "| 구분 | 상반기 | 하반기 |\n"
            "| 예금\\|적금 | 3.5% | 3.2% |",
            "table",
        ),
    )


def test_table_inside_a_cell(read):
    """A table in a cell is told in the cell: commas between its cells, semicolons between its rows."""
    inner = table(2, 2, [(0, 0, "만기"), (0, 1, "금리"), (1, 0, "1년"), (1, 1, "3%")])
    cells = [(0, 0, "상품"), (0, 1, "조건"), (1, 0, "예금"), (1, 1, paragraph("다음과 같다:") + inner)]
    assert _texts(read(table(2, 2, cells))) == [
        "| 상품 | 조건 |\n| --- | --- |\n| 예금 | 다음과 같다: 만기, 금리; 1년, 3% |"
    ]


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (
            table(2, 1, [(0, 0, "첫 칸"), (1, 0, paragraph("둘째 칸") + paragraph("이어짐"))]),
            ["첫 칸", "둘째 칸", "이어짐"],
        ),
        (table(1, 3, [(0, 0, "Ⅰ"), (0, 1, ""), (0, 2, "추진 배경")]), ["Ⅰ 추진 배경"]),
        (table(2, 2, [(0, 0, "값이"), (0, 1, ""), (1, 0, "한 열뿐"), (1, 1, "")]), ["값이", "한 열뿐"]),
    ],
    ids=["one column", "one row", "one column with text"],
)
def test_frame_is_no_table(read, frame, expected):
    """A table of one row or one column is a frame: its text is told as paragraphs, a numbered one as a heading."""
    headings = [line for line in expected if line.startswith("Ⅰ")]
    found = read(frame).parts
    assert [part.text for part in found] == expected
    assert [part.text for part in found if part.kind == "heading"] == headings


def test_notes_follow_their_paragraph(read):
    """A footnote or endnote stands after the paragraph that refers to it, with its number."""
    found = read(
        paragraph(text("담보를") + note("footNote", 1, "부동산에 한한다.") + text(" 평가한다.")),
        paragraph(text("승인한다.") + note("endNote", 1, "위원회가 정한다.")),
        table(
            2,
            2,
            [(0, 0, "가"), (0, 1, "나"), (1, 0, paragraph(text("다") + note("footNote", 2, "칸의 주."))), (1, 1, "라")],
        ),
        paragraph("끝"),
    )
    assert found.parts == (
        Part("담보를 평가한다."),
        Part("1) 부동산에 한한다.", "footnote"),
        Part("승인한다."),
        Part("1) 위원회가 정한다.", "footnote"),
        Part("| 가 | 나 |\n| --- | --- |\n| 다 | 라 |", "table"),
        Part("2) 칸의 주.", "footnote"),
        Part("끝"),
    )


def test_running_heads_are_furniture(read):
    """Headers, footers, page numbers and lines of the table of contents are counted, not told."""
    head, foot = (
        control(f'<hp:{kind} id="1" applyPageType="BOTH">{sublist(paragraph("대외비"))}</hp:{kind}>')
        for kind in ("header", "footer")
    )
    numbers = control('<hp:pageNum pos="BOTTOM_CENTER" formatType="DIGIT" sideChar="-"/>')
    found = read(paragraph(head + foot + numbers + text("본문")), paragraph("총칙 3", 0, CONTENTS_STYLE))
    assert _texts(found) == ["본문"]
    assert found.furniture == 4


def test_hidden_comment_is_left_out(read):
    """A hidden comment is not told."""
    hidden = control(f"<hp:hiddenComment>{sublist(paragraph('내부 메모'))}</hp:hiddenComment>")
    assert _texts(read(paragraph(text("보이는") + hidden + text(" 글")))) == ["보이는 글"]


def test_inline_signs(read):
    """Tabs, line breaks and fixed spaces are spaces; a reading over a word follows it in parentheses."""
    above = (
        '<hp:run charPrIDRef="0"><hp:dutmal posType="TOP" szRatio="0" option="0" styleIDRef="0" align="CENTER">'
        "<hp:mainText>大出</hp:mainText><hp:subText>대출</hp:subText></hp:dutmal></hp:run>"
    )
    line = text('가<hp:tab width="1000" leader="0" type="1"/>나<hp:lineBreak/>다<hp:nbSpace/>라')
    assert _texts(read(paragraph(line), paragraph(above))) == ["가 나 다 라", "大出(대출)"]


@pytest.mark.parametrize("ending", ["hwpx", "hwp"])
def test_document_that_a_library_made(tmp_path, ending):
    """A document made by python-hwpx's calls alone is read from both files, deletions and memos left out."""
    with warnings.catch_warnings(action="ignore"):
        document = HwpxDocument.new()
        document.add_heading("여신 지침", 1)
        first = document.add_paragraph("한도는 소득의 세배다섯 배이다.", style="바탕글")
        document.tracking.delete(first, match="세배")
        document.notes.add_footnote("연간 소득을 말한다.", first)
        document.add_memo_with_anchor("확인할 것", paragraph=first)
        grid = document.add_table(2, 2)
        for row, column, words in ((0, 0, "구분"), (0, 1, "금리"), (1, 0, "예금"), (1, 1, "3%")):
            grid.cell(row, column).text = words
        document.save_to_path(str(tmp_path / f"a.{ending}"))
    assert read_document(tmp_path / f"a.{ending}").parts == (
        Part("1. 여신 지침", "heading", 1),
        Part("한도는 소득의 다섯 배이다."),
        Part("1) 연간 소득을 말한다.", "footnote"),
        Part("| 구분 | 금리 |\n| --- | --- |\n| 예금 | 3% |", "table"),
    )


def test_text_box_follows_its_paragraph(tmp_path):
    """The text of a box that is drawn beside a paragraph follows it."""
    box = f'<hp:rect id="1"><hp:drawText lastWidth="1">{sublist(paragraph("상자의 글"))}</hp:drawText></hp:rect>'
    run = f'<hp:run charPrIDRef="0"><hp:container id="2">{box}</hp:container><hp:t>본문</hp:t></hp:run>'
    assert _texts(read_hwpx(write_hwpx(tmp_path / "a.hwpx", paragraph(run)))) == ["본문", "상자의 글"]


def test_deleted_text_is_left_out(tmp_path):
    """Text between the marks of a tracked deletion is left out, over paragraphs too; inserted text stays."""
    path = write_hwpx(
        tmp_path / "a.hwpx",
        paragraph(text('한도는 <hp:deleteBegin Id="1" TcId="1"/>세<hp:deleteEnd Id="1" TcId="1"/>')
                  + text('<hp:insertBegin Id="2" TcId="2"/>다섯<hp:insertEnd Id="2" TcId="2"/> 배')),
        paragraph(text('남는 글<hp:deleteBegin Id="3" TcId="3"/> 지운 글')),
        table(1, 1, [(0, 0, "지운 표")]),
        paragraph(text('지운 글<hp:deleteEnd Id="3" TcId="3"/>다음 글')),
    )  # fmt: skip
    assert _texts(read_hwpx(path)) == ["한도는 다섯 배", "남는 글", "다음 글"]


def test_signs_of_symbol_fonts(tmp_path):
    """A symbol font's sign is a bullet at the begin of a line, Hancom's framed digits are numbers."""
    path = write_hwpx(tmp_path / "a.hwpx", paragraph("\uf06c 항목\ue123"), paragraph("\U000f02b2 추진 배경"))
    assert _texts(read_hwpx(path)) == ["• 항목", "② 추진 배경"]


def test_name_and_text_are_composed(tmp_path):
    """Names and text as macOS writes them are told in their composed form; the hash is the file's."""
    path = write_hwpx(
        tmp_path / unicodedata.normalize("NFD", "지침.hwpx"), paragraph(unicodedata.normalize("NFD", "여신"))
    )
    found = read_document(path)
    assert (found.name, _texts(found)) == ("지침.hwpx", ["여신"])
    assert found.sha256 == sha256(path.read_bytes()).hexdigest()


def test_hwpx_under_the_old_ending_is_read(tmp_path):
    """A file that is HWPX in truth is read although its name ends in .hwp."""
    path = write_hwpx(tmp_path / "a.hwpx", paragraph("본문"))
    assert _texts(read_document(path.rename(tmp_path / "a.hwp"))) == ["본문"]


@pytest.mark.parametrize(
    ("bit", "begin"), [(1, "encrypted: "), (2, "locked for distribution"), (4, "protected by DRM: ")]
)
def test_locked_hwp_is_refused(tmp_path, bit, begin):
    """An encrypted, distribution-locked or protected file is a reject that says what to do."""
    path = write_hwp(tmp_path / "a.hwp", write_hwpx(tmp_path / "a.hwpx", paragraph("비밀")))
    set_flag(path, bit)
    _assert_refused(path, begin)


def test_encrypted_hwpx_is_refused(tmp_path):
    """A HWPX file whose manifest tells of encryption is a reject."""
    manifest = ("META-INF/manifest.xml", "</odf:manifest>", "<odf:encryption-data/></odf:manifest>")
    blank = write_hwpx(tmp_path / "a.hwpx", paragraph("비밀"))
    with zipfile.ZipFile(blank) as archive:
        old = archive.read(manifest[0]).decode()
    edits = [
        (manifest[0], old, old.replace("/>", "><odf:file-entry><odf:encryption-data/></odf:file-entry></odf:manifest>"))
    ]
    _assert_refused(write_hwpx(tmp_path / "b.hwpx", paragraph("비밀"), edits=edits), "encrypted: ")


def test_unread_hwp_says_why(tmp_path):
    """HWP of before 2002, files of another kind and cut files are rejects with their reason."""
    for name, content, begin in (
        ("old.hwp", b"HWP Document File V3.00 \x1a\x01", "HWP of before 2002"),
        ("text.hwp", "그냥 글".encode(), "no HWP 5 inside"),
        ("empty.hwp", b"", "the file is empty"),
    ):
        (tmp_path / name).write_bytes(content)
        _assert_refused(tmp_path / name, begin)
    whole = write_hwp(tmp_path / "a.hwp", write_hwpx(tmp_path / "a.hwpx", paragraph("본문"))).read_bytes()
    (tmp_path / "cut.hwp").write_bytes(whole[: len(whole) // 2])
    _assert_refused(tmp_path / "cut.hwp", ("the file is damaged", "no text", "no HWP 5"))


@pytest.mark.parametrize(
    ("edit", "begin"),
    [
        (("Contents/section0.xml", "</hs:sec>", ""), "Contents/section0.xml inside is damaged"),
        (
            ("Contents/section0.xml", "<hs:sec ", '<!DOCTYPE x [<!ENTITY a "b">]><hs:sec '),
            "Contents/section0.xml brings a DTD",
        ),
    ],
    ids=["broken XML", "entities"],
)
def test_broken_hwpx_is_refused(tmp_path, edit, begin):
    """Broken XML and XML with entity definitions are rejects."""
    _assert_refused(write_hwpx(tmp_path / "a.hwpx", paragraph("본문"), edits=[edit]), begin)


def test_other_archive_is_refused(tmp_path):
    """An archive without sections is no HWPX; a document without text is a reject too."""
    with zipfile.ZipFile(tmp_path / "a.hwpx", "w") as archive:
        archive.writestr("a.txt", "글")
    _assert_refused(tmp_path / "a.hwpx", "no HWPX inside")
    _assert_refused(write_hwpx(tmp_path / "b.hwpx"), "no text that can be read")


def _assert_refused(path, begin):
    found = read_document(path)
    assert found.parts == ()
    assert found.name == path.name
    (reject,) = found.rejects
    assert (reject.source, reject.place) == (path.name, "file")
    assert reject.reason.startswith(begin)
