"""Tests of finding tables without a rule around each cell, on real PDFs made here."""

import unicodedata
from pathlib import Path

import pymupdf
import pytest

from finsmith.corpus.pdf.open_tables.finder import open_tables
from finsmith.corpus.pdf.reader import read_pdf

from ..pdfs import FONT

LEFT, RIGHT, TOP, PITCH = 80, 500, 200, 20
BLUE = (0.1, 0.3, 0.6)
HEAD = ["구분", "2023년", "2024년", "증감"]
BODY = [
    ["대출 잔액", "12,345.6", "13,000.0", "△654.4"],
    ["연체율(%)", "0.45", "-0.52", "(0.07)"],
    ["건수", "1,024", "", "-"],
]
COLUMNS = [86, 270, 380, 494]  # where the first column begins and the others end


def _pdf(path: Path, draw) -> Path:
    with pymupdf.open() as pdf:
        draw(pdf.new_page())
        pdf.save(path)
    return path


def _say(page, x, y, text, size=10):
    page.insert_text((x, y), text, fontname=FONT, fontsize=size)


def _say_left_of(page, x, y, text, size=10):
    _say(page, x - pymupdf.get_text_length(text, fontname=FONT, fontsize=size), y, text, size)


def _say_around(page, x, y, text, size=10):
    _say(page, x - pymupdf.get_text_length(text, fontname=FONT, fontsize=size) / 2, y, text, size)


def _rule(page, y, left=LEFT, right=RIGHT, **how):
    page.draw_line((left, y), (right, y), **how)


def _row(page, y, row, columns=COLUMNS):
    """The first cell from the left, the others to the right, as figures stand."""
    _say(page, columns[0], y, row[0])
    for x, cell in zip(columns[1:], row[1:], strict=True):
        _say_left_of(page, x, y, cell)


def _rows(page, rows=BODY, top=TOP + PITCH):
    for at, row in enumerate(rows):
        _row(page, top + 14 + at * PITCH, row)


def _tables(path):
    with pymupdf.open(path) as pdf:
        return [table.rows for table in open_tables(pdf[0])]


def _band(page, top=TOP, height=PITCH):
    page.draw_rect((LEFT, top, RIGHT, top + height), color=None, fill=BLUE)


def test_three_rules_make_a_table(tmp_path):
    """Rules over the head, under it and under the body are enough; signs, commas and brackets stay, empty cells too."""

    def draw(page):
        for y in (TOP, TOP + PITCH, TOP + 4 * PITCH):
            _rule(page, y)
        _row(page, TOP + 14, HEAD)
        _rows(page)

    assert _tables(_pdf(tmp_path / "a.pdf", draw)) == [(tuple(HEAD), *map(tuple, BODY))]


def test_dotted_rules_between_rows(tmp_path):
    """Dotted rules between rows divide them as solid ones do."""

    def draw(page):
        for at in range(5):
            _rule(page, TOP + at * PITCH, dashes="[1 1]" if 1 < at < 4 else None)
        _row(page, TOP + 14, HEAD)
        _rows(page)

    assert _tables(_pdf(tmp_path / "a.pdf", draw)) == [(tuple(HEAD), *map(tuple, BODY))]


@pytest.mark.parametrize("bottom", [True, False], ids=["closed", "open"])
def test_coloured_head_makes_a_table(tmp_path, bottom):
    """A filled band over the columns is a head, whether or not a rule ends the body; the text after it stays out."""

    def draw(page):
        _band(page)
        _row(page, TOP + 14, HEAD)
        _rows(page)
        if bottom:
            _rule(page, TOP + 4 * PITCH)
        _say(page, LEFT, TOP + 4 * PITCH + 14, "자료: 한국은행", 8)
        _say(page, LEFT, TOP + 7 * PITCH, "연체율은 한 해 사이에 조금 올랐다.")

    path = _pdf(tmp_path / "a.pdf", draw)
    assert _tables(path) == [(tuple(HEAD), *map(tuple, BODY))]
    assert [part.kind for part in read_pdf(path).parts] == ["table", "text", "text"]


def _spanning_head(page, ruled):
    for y in (TOP, TOP + 2 * PITCH, TOP + 4 * PITCH):
        _rule(page, y)
    if ruled:
        _rule(page, TOP + PITCH, 210, 350)
        _rule(page, TOP + PITCH, 360, RIGHT)
    _say(page, 86, TOP + 24, "구분")
    for x, text in ((280, "2023년"), (430, "2024년")):
        _say_around(page, x, TOP + 14, text)
    places = [86, 270, 340, 420, 490]
    for x, text in zip(places[1:], ["상반기", "하반기", "상반기", "하반기"], strict=True):
        _say_left_of(page, x, TOP + PITCH + 14, text)
    _row(page, TOP + 2 * PITCH + 14, ["은행", "1.1", "2.2", "3.3", "4.4"], places)
    _row(page, TOP + 3 * PITCH + 14, ["보험", "5.5", "6.6", "7.7", "8.8"], places)


@pytest.mark.parametrize("ruled", [True, False], ids=["rule under each", "by its place"])
def test_head_over_columns_repeats(tmp_path, ruled):
    """A head over two columns says its text in both, told by the rule under it or by standing in their middle."""
    path = _pdf(tmp_path / "a.pdf", lambda page: _spanning_head(page, ruled))
    assert _tables(path) == [
        (
            ("구분", "2023년", "2023년", "2024년", "2024년"),
            ("구분", "상반기", "하반기", "상반기", "하반기"),
            ("은행", "1.1", "2.2", "3.3", "4.4"),
            ("보험", "5.5", "6.6", "7.7", "8.8"),
        )
    ]


def test_cell_of_two_lines_is_one(tmp_path):
    """A label of two lines is one row with its figures, which stand beside the middle of it or on top."""

    def draw(page):
        for y in (TOP, TOP + PITCH, TOP + 130):
            _rule(page, y)
        _row(page, TOP + 14, HEAD)
        _row(page, TOP + 40, BODY[0])
        _say(page, 86, TOP + 60, "연체율과")
        _say(page, 86, TOP + 73, "부실률(%)")
        _row(page, TOP + 66.5, ["", *BODY[1][1:]])
        _row(page, TOP + 96, ["신규 취급", *BODY[2][1:]])
        _say(page, 86, TOP + 108, "건수")

    assert _tables(_pdf(tmp_path / "a.pdf", draw)) == [
        (tuple(HEAD), tuple(BODY[0]), ("연체율과 부실률(%)", *BODY[1][1:]), ("신규 취급 건수", *BODY[2][1:]))
    ]


def test_rules_over_some_columns_divide_only_those(tmp_path):
    """Rules that leave the first column out divide the others; its cell repeats in each of its rows."""

    def draw(page):
        _band(page)
        _row(page, TOP + 14, ["업권", "내용", "시기"], [86, 300, 490])
        for at, y in enumerate((TOP + 60, TOP + 100, TOP + 140, TOP + 180)):
            _rule(page, y, LEFT if at % 2 else 160)
        for at, (text, when) in enumerate(
            [("한도 축소", "5월"), ("신규 중단", "6월"), ("상환 시작", "7월"), ("완료", "9월")]
        ):
            _say(page, 170, TOP + 34 + 40 * at, text)
            _say(page, 170, TOP + 48 + 40 * at, "(단계별로 시행)")
            _say_left_of(page, 490, TOP + 41 + 40 * at, when)
        _say(page, 86, TOP + 63, "은행")
        _say(page, 86, TOP + 143, "보험")

    (rows,) = _tables(_pdf(tmp_path / "a.pdf", draw))
    assert rows == (
        ("업권", "내용", "시기"),
        ("은행", "한도 축소 (단계별로 시행)", "5월"),
        ("은행", "신규 중단 (단계별로 시행)", "6월"),
        ("보험", "상환 시작 (단계별로 시행)", "7월"),
        ("보험", "완료 (단계별로 시행)", "9월"),
    )


@pytest.mark.parametrize("order", [1, -1], ids=["caption first", "unit first"])
def test_caption_and_unit_on_one_line_go_with_the_table(tmp_path, order):
    """Caption on the left and unit on the right over the head belong to the table, however the text layer has them."""

    def draw(page):
        _say(page, LEFT, 100, "가계대출은 아래와 같이 늘었다.", 11)
        captions = [(_say, LEFT, "〈표 II-1〉 가계대출 현황"), (_say_left_of, RIGHT, "(전년동기대비, %)")]
        for how, x, text in captions[::order]:
            how(page, x, TOP - 6, text, 9)
        _band(page)
        _row(page, TOP + 14, HEAD)
        _rows(page)
        _rule(page, TOP + 4 * PITCH)
        _say(page, LEFT, TOP + 4 * PITCH + 12, "주: 1) 기말 기준", 8)
        _say(page, LEFT, TOP + 4 * PITCH + 22, "자료: 한국은행", 8)

    before, table, *after = read_pdf(_pdf(tmp_path / "a.pdf", draw)).parts
    assert before.text == "가계대출은 아래와 같이 늘었다."
    caption = table.text.split("| 구분 |")[0]
    assert "〈표 II-1〉 가계대출 현황" in caption and "(전년동기대비, %)" in caption
    assert {part.kind for part in after} == {"text"}


def _columns_of_text(page):
    _rule(page, 90)
    _rule(page, 700)
    for at in range(20):
        _say(page, LEFT, 120 + 18 * at, "대출 금리가 오르면서 가계의 부담이 크게 늘었고")
        _say(page, 310, 120 + 18 * at, "기업의 자금 사정도 나빠져 투자가 많이 줄었다")


def _columns_under_titles(page):
    _rule(page, 90)
    _say(page, LEFT, 104, "국내 여건")
    _say(page, 310, 104, "국외 여건")
    _rule(page, 110)
    for at in range(12):
        _say(page, LEFT, 130 + 18 * at, "대출 금리가 오르면서 가계의 부담이 크게 늘었고")
        _say(page, 310, 130 + 18 * at, "기업의 자금 사정도 나빠져 투자가 많이 줄었다")
    _rule(page, 360)


def _hanging_list(page):
    _rule(page, 90)
    for at, mark in enumerate("①②③④⑤"):
        _say(page, LEFT, 120 + 40 * at, mark)
        _say(page, LEFT + 30, 120 + 40 * at, "대출 금리를 정하는 기준을 미리 알리고")
        _say(page, LEFT + 30, 136 + 40 * at, "바뀌면 다시 알린다")
    _rule(page, 330)


def _chart(page):
    for at in range(5):
        _rule(page, 200 + 30 * at)
        _say_left_of(page, LEFT - 4, 203 + 30 * at, str(40 - 10 * at), 7)
    for at, year in enumerate(range(2019, 2025)):
        _say(page, LEFT + 10 + 70 * at, 332, str(year), 7)
        _say(page, LEFT + 10 + 70 * at, 215 + 12 * at, f"{3.1 * at:.1f}", 7)
        _say(page, LEFT + 10 + 70 * at, 290, f"{2.7 * at:.1f}", 7)
    page.draw_polyline([(LEFT + 70 * at, 310 - 17 * (at % 3)) for at in range(6)])


def _contents(page):
    _rule(page, 90)
    for at, title in enumerate(["경제 전망", "물가 전망", "금융 안정", "정책 방향"]):
        _say(page, LEFT, 120 + 20 * at, f"{at + 1}. {title} " + "." * 80)
        _say_left_of(page, RIGHT, 120 + 20 * at, str(3 + 7 * at))
    _rule(page, 210)


def _names(page):
    _rule(page, 90)
    for at, name in enumerate(["홍길동", "김철수", "이영희"]):
        _say(page, LEFT, 120 + 20 * at, "금융위원회 위원")
        _say(page, 300, 120 + 20 * at, name)
    _rule(page, 200)


def _box(page):
    _band(page)
    _say(page, LEFT + 6, TOP + 14, "유의 사항")
    page.draw_rect((LEFT, TOP, RIGHT, TOP + 120))
    for at, text in enumerate(
        ["금리와 수수료는 은행마다 다르니", "미리 견주어 보기 바라며", "자세한 것은 영업점에 묻는다"]
    ):
        _say(page, LEFT + 6, TOP + 40 + 20 * at, text)


def _running_head(page):
    _rule(page, 40)
    _say(page, LEFT, 54, "금융안정보고서")
    _say_left_of(page, RIGHT, 54, "2024년 6월")
    _rule(page, 60)
    for at in range(6):
        _say(page, LEFT, 90 + 20 * at, "가계대출은 3.2% 늘었고 기업대출은 5.1% 늘어 전보다 빠르게 불었다.")


@pytest.mark.parametrize(
    "draw",
    [
        _columns_of_text,
        _columns_under_titles,
        _hanging_list,
        _chart,
        _contents,
        _names,
        _box,
        _running_head,
    ],
)
def test_what_is_no_table_stays_text(tmp_path, draw):
    """Running text in columns, lists, charts, contents, names, boxes and running heads between rules are no tables."""
    path = _pdf(tmp_path / "a.pdf", draw)
    assert _tables(path) == []
    assert "table" not in {part.kind for part in read_pdf(path).parts}


INPUTS = Path(__file__).parents[3] / "../shared/inputs/pdf"


@pytest.mark.parametrize(
    ("begin", "shapes"),
    [
        ("3.", {3: ["9x9"], 4: ["4x2", "4x9", "5x2"], 5: ["4x5"], 20: ["30x3"], 21: ["31x3"]}),
        ("(1)", {21: ["5x2"], 22: ["2x2"]}),
        ("여신", {}),
        ("전자", {}),
    ],
    ids=["policy report", "tax guide", "statute", "other statute"],
)
def test_real_documents_have_the_tables_one_sees(begin, shapes):
    """In four real documents the tables found, rows by columns, are those a reader sees, and no chart is among them."""
    if not INPUTS.is_dir():
        pytest.skip("the real inputs are not here")
    (path,) = [path for path in INPUTS.iterdir() if unicodedata.normalize("NFC", path.name).startswith(begin)]
    with pymupdf.open(path) as pdf:
        found = {page.number + 1: open_tables(page) for page in pdf}
    sizes = {at: sorted(f"{len(t.rows)}x{len(t.rows[0])}" for t in tables) for at, tables in found.items() if tables}
    assert sizes == shapes
