"""Tests of reading DOCX: headings, lists, tables, notes, boxes, and what is left out."""

import zipfile

import pytest
from docx import Document

from finsmith.corpus.document import Part
from finsmith.corpus.formats.docx import read_docx

from .docx_files import again, forge_size, item, notes, numbering, paragraph, run, table, write_docx

HIDDEN = "<w:vanish/>"


@pytest.fixture
def read(tmp_path):
    """Writes a body as a DOCX file and reads it."""

    def written_and_read(*body, **parts):
        found = read_docx(write_docx(tmp_path / "a.docx", *body, **parts))
        assert found.rejects == ()
        return found

    return written_and_read


def _texts(read_document):
    return [part.text for part in read_document.parts]


def test_document_that_a_library_made(tmp_path):
    """Headings, lists, a table with merged cells and its caption are read from what python-docx wrote."""
    document = Document()
    document.add_heading("여신 지침", 0)
    document.add_heading("총칙", 1)
    document.add_heading("목적", 2)
    document.add_paragraph("기준을 정한다.")
    for words in ("첫째", "둘째"):
        document.add_paragraph(words, style="List Number")
    document.add_paragraph("점", style="List Bullet")
    document.add_paragraph("표 1 금리 현황", style="Caption")
    grid = document.add_table(3, 3)
    for at, words in enumerate(["구분", "금리", "", "", "상반기", "하반기", "예금|적금", "3.5%", "3.2%"]):
        grid.cell(at // 3, at % 3).text = words
    grid.cell(0, 1).merge(grid.cell(0, 2))
    grid.cell(0, 0).merge(grid.cell(1, 0))
    document.sections[0].header.paragraphs[0].text = "대외비"
    document.save(tmp_path / "a.docx")
    found = read_docx(tmp_path / "a.docx")
    assert found.parts == (
        Part("여신 지침", "heading", 1),
        Part("총칙", "heading", 1),
        Part("목적", "heading", 2),
        Part("기준을 정한다."),
        Part("1. 첫째", level=3),
        Part("2. 둘째", level=3),
        Part("• 점", level=4),
        Part(
            "표 1 금리 현황\n"
            "| 구분 | 금리 | 금리 |\n"
            "| --- | --- | --- |\n"
            "| 구분 | 상반기 | 하반기 |\n"
            "| 예금\\|적금 | 3.5% | 3.2% |",
            "table",
        ),
    )
    assert (found.pages, found.furniture) == (0, 1)


@pytest.mark.parametrize(
    ("style", "properties", "level"),
    [
        ("x", "", 3),
        ("based", "", 3),
        ("korean", "", 2),
        ("", '<w:outlineLvl w:val="0"/>', 1),
        ("x", '<w:outlineLvl w:val="9"/>', 0),
    ],
)
def test_heading_levels(read, style, properties, level):
    """A level comes from the paragraph, its style, what that is based on, or a style's Korean name; 9 means none."""
    styles = (
        '<w:style w:type="paragraph" w:styleId="x"><w:name w:val="조항"/>'
        '<w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="based"><w:name w:val="세칙"/><w:basedOn w:val="x"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="korean"><w:name w:val="제목 2"/></w:style>'
    )
    found = read(paragraph("목적", style, properties), styles=styles)
    assert found.parts == (Part("목적", "heading" if level else "text", level),)


def test_list_labels(read):
    """Numbers are written as the list defines them (articles, syllables, circles, paths) and count on or anew."""
    lists = (
        numbering(
            1, ("decimal", "제%1조"), ("decimalEnclosedCircle", "%2"), ("ganada", "%3."), ("lowerRoman", "%1.%4)")
        ),
        again(2, of=1),
        numbering(3, ("bullet", "\uf0b7"), ("bullet", "※")),
    )
    found = read(
        item("목적", 1),
        item("첫 항", 1, 1),
        item("둘째 항", 1, 1),
        item("가목", 1, 2),
        item("나목", 1, 2),
        item("정의", 1),
        item("첫 항", 1, 1),
        item("깊은 항", 1, 3),
        item("처음부터", 2),
        item("점", 3),
        item("표", 3, 1),
        lists=lists,
    )
    assert _texts(found) == [
        "제1조 목적",
        "① 첫 항",
        "② 둘째 항",
        "가. 가목",
        "나. 나목",
        "제2조 정의",
        "① 첫 항",
        "2.i) 깊은 항",
        "제1조 처음부터",
        "• 점",
        "※ 표",
    ]


def test_typed_articles_and_items_keep_their_order_of_rank(read):
    """Typed marks order paragraphs as those set by a list do; bullets of one look stand by the depth of their list."""
    found = read(
        *map(paragraph, ["제1장 총칙", "제1조(목적) 이 지침은 여신을 다룬다.", "① 심사는 둘이 한다.", "제2조(한도)"]),
        *(item("담보", 1), item("예금", 1, 1), item("소득", 1)),
        lists=(numbering(1, ("bullet", "•"), ("bullet", "•")),),
    )
    assert [(part.kind, part.level) for part in found.parts] == [
        *(("heading", 1), ("text", 2), ("text", 3), ("heading", 2)),
        *(("text", 3), ("text", 4), ("text", 3)),
    ]


def test_depth_in_a_list_may_come_from_the_style(read):
    """A bullet whose style is tied to the second level of its list stands under one of the first level."""
    levels = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:numFmt w:val="bullet"/><w:pStyle w:val="{style}"/><w:lvlText w:val="•"/></w:lvl>'
        for depth, style in enumerate(["outer", "inner"])
    )
    bullets = f'<w:abstractNum w:abstractNumId="1">{levels}</w:abstractNum>', numbering(1)[1]
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{style}"><w:name w:val="{style}"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        for style in ("outer", "inner")
    )
    found = read(*(paragraph("담보", style) for style in ("outer", "inner", "outer")), styles=styles, lists=(bullets,))
    assert [(part.text, part.level) for part in found.parts] == [("• 담보", 1), ("• 담보", 2), ("• 담보", 1)]


def test_notes_follow_their_paragraph(read):
    """Foot- and endnotes stand after what refers to them, numbered as they are met."""
    found = read(
        paragraph(run("담보를") + '<w:r><w:footnoteReference w:id="2"/></w:r>' + run(" 평가한다.")),
        paragraph(run("승인한다.") + '<w:r><w:endnoteReference w:id="1"/></w:r>'),
        table(["가", "나"], [paragraph(run("다") + '<w:r><w:footnoteReference w:id="1"/></w:r>'), "라"]),
        footnotes=notes("footnote", _1="칸의 주.", _2="부동산에 한한다."),
        endnotes=notes("endnote", _1="위원회가 정한다."),
    )
    assert found.parts == (
        Part("담보를 평가한다."),
        Part("1) 부동산에 한한다.", "footnote"),
        Part("승인한다."),
        Part("1) 위원회가 정한다.", "footnote"),
        Part("| 가 | 나 |\n| --- | --- |\n| 다 | 라 |", "table"),
        Part("2) 칸의 주.", "footnote"),
    )


def test_tracked_changes(read):
    """Deleted and moved-away text and rows are left out, inserted text stays; a deleted end joins two lines."""
    deleted = "<w:del><w:r><w:delText>세</w:delText></w:r></w:del>"
    found = read(
        paragraph(run("한도는 ") + deleted + f"<w:ins>{run('다섯')}</w:ins>" + run(" 배")),
        paragraph(run("앞 "), "", "<w:rPr><w:del/></w:rPr>"),
        paragraph(f"<w:moveFrom>{run('옮긴 글')}</w:moveFrom>" + run("뒤")),
        table(["가", "나"], ["다", "라"], deleted=[1]),
    )
    assert _texts(found) == ["한도는 다섯 배", "앞 뒤", "가 나"]


def test_hidden_text_and_comments(read):
    """Text hidden by itself or by its style, comments and field codes are left out; results of fields stay."""
    styles = (
        '<w:style w:type="character" w:styleId="secret"><w:name w:val="secret"/><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="hid"><w:name w:val="hid"/><w:rPr><w:vanish/></w:rPr></w:style>'
    )
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>SEQ 표</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("3")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    comment = '<w:commentRangeStart w:id="0"/>' + run("글") + '<w:r><w:commentReference w:id="0"/></w:r>'
    found = read(
        paragraph(run("표 ") + field + run(" 숨은", HIDDEN) + run(" 비밀", '<w:rStyle w:val="secret"/>') + comment),
        paragraph(run("감춘 ") + run("보이는", '<w:vanish w:val="0"/>'), "hid"),
        styles=styles,
    )
    assert _texts(found) == ["표 3글", "보이는"]


def test_text_box_is_told_once(read):
    """A text box, which Word stores in two forms, follows its paragraph once; content controls are read through."""
    box = f"<w:txbxContent>{paragraph('상자의 글')}</w:txbxContent>"
    names = (
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml"'
    )
    both = (
        f'<w:r {names}><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    found = read(
        f"<w:sdt><w:sdtPr/><w:sdtContent>{paragraph(run('본문') + both)}</w:sdtContent></w:sdt>",
        paragraph(f"<w:sdt><w:sdtContent>{run('안')}</w:sdtContent></w:sdt><w:hyperlink>{run(' 링크')}</w:hyperlink>"),
    )
    assert _texts(found) == ["본문", "상자의 글", "안 링크"]


def test_inline_signs(read):
    """Tabs and breaks are spaces, a reading follows its word in parentheses, a symbol begins a line as bullet."""
    ruby = f"<w:r><w:ruby><w:rt>{run('대출')}</w:rt><w:rubyBase>{run('大出')}</w:rubyBase></w:ruby></w:r>"
    symbol = '<w:r><w:sym w:font="Wingdings" w:char="F0A7"/></w:r>'
    found = read(
        paragraph("<w:r><w:t>가</w:t><w:tab/><w:t>나</w:t><w:br/><w:t>다</w:t><w:noBreakHyphen/><w:t>라</w:t></w:r>"),
        paragraph(ruby),
        paragraph(symbol + run(" 항목")),
    )
    assert _texts(found) == ["가 나 다-라", "大出(대출)", "• 항목"]


def test_nested_table_and_frame(read):
    """A table in a cell is told in the cell; a table of one cell is a frame around paragraphs and tables."""
    inner = table(["만기", "금리"], ["1년", "3%"])
    found = read(
        table(["상품", "조건"], ["예금", paragraph("다음:") + inner + paragraph()]), table([inner + paragraph("주")])
    )
    assert _texts(found) == [
        "| 상품 | 조건 |\n| --- | --- |\n| 예금 | 다음: 만기, 금리; 1년, 3% |",
        "| 만기 | 금리 |\n| --- | --- |\n| 1년 | 3% |",
        "주",
    ]


def test_caption_below_a_table_and_of_a_figure(read):
    """A caption after a table is the table's if it names one; a figure's caption stays a paragraph."""
    grid = table(["가", "나"], ["다", "라"])
    found = read(
        grid, paragraph("표 2. 금리", "Caption"), paragraph("그림 1. 추이", "Caption"), grid, paragraph("사이"), grid
    )
    lines = "| 가 | 나 |\n| --- | --- |\n| 다 | 라 |"
    assert _texts(found) == [f"표 2. 금리\n{lines}", "그림 1. 추이", lines, "사이", lines]


def test_contents_are_furniture(read):
    """Lines of the table of contents are counted as furniture."""
    styles = '<w:style w:type="paragraph" w:styleId="toc1"><w:name w:val="toc 1"/></w:style>'
    found = read(paragraph("총칙 3", "toc1"), paragraph("본문"), styles=styles)
    assert (_texts(found), found.furniture) == (["본문"], 1)


def _assert_refused(path, begin):
    found = read_docx(path)
    assert found.parts == ()
    assert [(reject.source, reject.place) for reject in found.rejects] == [(path.name, "file")]
    assert found.rejects[0].reason.startswith(begin)


def test_unread_docx_says_why(tmp_path):
    """Empty, foreign, cut, encrypted and oversized files and such with a DTD are rejects with their reason."""
    whole = write_docx(tmp_path / "whole.docx", paragraph("본문"))
    for name, content, begin in (
        ("empty.docx", b"", "the file is empty"),
        ("text.docx", "그냥 글".encode(), "the file is damaged or cut short"),
        ("cut.docx", whole.read_bytes()[:5000], "the file is damaged or cut short"),
        ("locked.docx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "encrypted, or in an old binary format"),
    ):
        (tmp_path / name).write_bytes(content)
        _assert_refused(tmp_path / name, begin)
    with zipfile.ZipFile(tmp_path / "other.docx", "w") as archive:
        archive.writestr("a.txt", "글")
    _assert_refused(tmp_path / "other.docx", "no Word document inside")
    _assert_refused(write_docx(tmp_path / "blank.docx", paragraph(" ")), "no text that can be read")


@pytest.mark.parametrize(
    ("member", "size", "begin"),
    [
        ("word/document.xml", 61_000_000, "word/document.xml unpacks to more than 60 MB"),
        ("docProps/thumbnail.jpeg", 501_000_000, "unpacks to more than 500 MB"),
    ],
)
def test_archive_bomb_is_refused(tmp_path, member, size, begin):
    """A file that says it unpacks to more than the bound is refused before anything is unpacked."""
    path = write_docx(tmp_path / "bomb.docx", paragraph("본문"))
    forge_size(path, member, size)
    _assert_refused(path, begin)


def test_entities_are_refused(tmp_path):
    """A file with entity definitions, which can blow up or fetch other files, is refused."""
    bomb = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    path = write_docx(tmp_path / "a.docx", paragraph("본문"), footnotes=bomb + notes("footnote", _1="&a;"))
    _assert_refused(path, "word/footnotes.xml brings a DTD")
