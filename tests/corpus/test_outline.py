"""Tests of what stands over what."""

import pytest

from finsmith.corpus.document import Part, ReadDocument, build_document
from finsmith.corpus.outline import Shown, heading_size, mark, outline, shown_heading

BODY = 10.0


def _levels(*texts):
    return [place.level for place in outline(map(Shown, texts))]


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("제1장 총칙", "장"),
        ("제 2 절 통칙", "절"),
        ("제3조(적용범위) ① 이 법은", "조"),
        ("제3조의2(신고) 금융회사는", "조"),
        ("부칙 <제8387호>", "부칙"),
        ("Ⅱ. 전망", "Ⅰ"),
        ("1.2 신용위험", "1.1"),
        ("1. 은행권", "1."),
        ("나. 여전업권", "가."),
        ("3) 보험", "1)"),
        ("다) 기타", "가)"),
        ("( 1 ) 의장이", "(1)"),
        ("(라) 항목", "(가)"),
        ("⑫ 항목", "①"),
        ("□ 항목", "□"),
        ("ㅇ", ""),
        ("o 항목", "○"),
        ("- 항목", "-"),
        ("* 주석", "※"),
        ("제3조에 따른 의무", ""),
        ("제2장에서 정한", ""),
        ("3.5% 인상", ""),
        ("5.0 2.9 0.3", ""),
        ("4. 9.(화) 회의", ""),
        ("-0.9 5.3", ""),
        ("가계부채", ""),
        ("사업 (1) 항목", ""),
    ],
)
def test_marks(text, style):
    """A paragraph's mark is told by how it begins; dates, numbers, words and references are none."""
    assert mark(text) == style


def test_articles_nest_their_items():
    """Chapter, article, paragraph, item and sub-item are one below the other, and a new article ends them all."""
    assert _levels(
        "제1장 총칙", "제1조(목적) 이 법은 …", "① 금융회사는", "1. 자본금", "가. 금액", "2. 인력", "② 감독은"
    ) == [*(1, 2, 3, 4, 5, 4, 3)]
    assert _levels("제1조(목적) 이 법은", "① 가", "제2조(정의) 이 법에서", "1. 용어", "제2장 업무") == [1, 2, 1, 2, 1]


def test_the_order_of_first_use_decides():
    """In a press release □ holds ○, which holds -, and plain text has no level."""
    assert _levels("□ 하나", "○ 둘", "- 셋", "글이다.", "○ 넷", "□ 다섯") == [1, 2, 3, 0, 2, 1]


def test_nothing_numbered_stands_under_a_dash():
    """After a dash a number begins beside the dash, not under it."""
    assert _levels("□ 하나", "- 둘", "① 셋", "- 넷") == [1, 2, 2, 3]


def test_large_type_is_a_heading_by_its_size():
    """Larger type stands over smaller, whatever marks came between; a long sentence in large type is no heading."""
    texts = [("보고서", 20.0), ("1. 개요", 14.0), ("□ 하나", 20.0), ("2. 전망", 14.0), ("크게 쓴 문장이다.", 20.0)]
    found = outline(Shown(text, heading_size(text, size, BODY)) for text, size in texts)
    assert [(place.level, place.heading) for place in found] == [
        (1, True),
        (2, True),
        (3, False),
        (2, True),
        (0, False),
    ]


def test_levels_that_styles_give_stay():
    """A heading keeps the level of its style, what begins with a mark stands one under it, a new heading ends all."""
    found = outline(
        [
            *(
                Shown("여신 지침", level=1),
                Shown("심사", level=3),
                Shown("제1조(목적) 이 지침은 …"),
                Shown("① 신청인은"),
            ),
            *(Shown("글이다."), Shown("승인", level=2), Shown("1. 한도"), Shown("이 문장은 제목이 아니다.", level=1)),
        ]
    )
    assert [(place.level, place.heading) for place in found] == [
        *((1, True), (3, True), (4, True), (5, False)),
        *((0, False), (2, True), (3, False), (1, False)),
    ]


def test_bullets_that_look_alike_nest_by_the_depth_of_their_list():
    """Of the same bullets those of a deeper list stand under the others; without lists they are beside each other."""
    depths = [0, 1, 2, 1, 0]
    assert [place.level for place in outline(Shown("• 점", depth=depth) for depth in depths)] == [1, 2, 3, 2, 1]
    assert _levels(*["• 점"] * 5) == [1] * 5


def test_headings_of_a_document():
    """Each paragraph names what it stands under; plain text stands under headings and articles, not under items."""
    parts = (
        Part("여신 규정", "heading", 1),
        Part("제3조(한도) ① 한도는 다음과 같다.", "text", 2),
        Part("1. 개인 1억원", "text", 3),
        Part("[신설 2024. 1. 1.]"),
        Part("제4조(예외) 예외는 없다.", "text", 2),
    )
    document = build_document(ReadDocument("a.pdf", "", 1, parts))
    assert [p.headings for p in document.paragraphs] == [
        (),
        ("여신 규정",),
        ("여신 규정", "제3조(한도)"),
        ("여신 규정", "제3조(한도)"),
        ("여신 규정",),
    ]
    text = "\n".join(part.text for part in parts)
    assert all(text[p.start :].startswith(p.text) for p in document.paragraphs)


def test_long_item_is_cut_in_the_path():
    """A path shows 60 characters of an item at most, and of an article its title."""
    assert shown_heading("가" * 60) == "가" * 60
    assert shown_heading("가" * 61) == "가" * 59 + "…"
    assert shown_heading("제5조의2(한도) 한도는 위원회가 정한다.") == "제5조의2(한도)"
