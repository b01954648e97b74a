"""Tests of telling that spaces are lost and of putting them back; expected sentences are spaced by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.korean.spacing import lost_spaces, restore_spaces

from ..corpus.pdfs import squeezed

SENTENCES = [
    "일부 위원은 물가가 오를 것으로 내다보았으며, 다른 위원은 경기가 나빠질 수 있다고 보았다.",
    "의장은 다음 회의에서 금리를 올릴 것인지 더 지켜보아야 한다고 말하였다.",
    "이 조치는 소비가 줄어들고 있는 점을 고려하여 올해 말까지 이어진다.",
]


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("금융통화위원회는다음통화정책방향결정시까지기준금리를운용하기로하였다.", True),
        ("금융통화위원회는 다음 통화정책방향 결정시까지 기준금리를 운용하기로 하였다.", False),
        ("1,234 2,345 3,456 구분 합계", False),
        ("", False),
        ("여신전문금융업협회연합회장은 " + "그 밖의 사항을 정하여 알릴 수 있으며 " * 20, False),
    ],
)
def test_lost_spaces_show_in_long_runs_of_hangul(text, lost):
    """Much Hangul in runs no word is as long as is the sign; numbers, no text and a single long word are none."""
    assert lost_spaces(text) is lost


@pytest.mark.parametrize("sentence", SENTENCES)
def test_sentences_get_their_spaces_back(sentence):
    """A sentence without any space is spaced as it was."""
    assert restore_spaces(squeezed(sentence)) == sentence


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        ("금융위원회가정한다.", "금융위원회가 정한다."),
        ("물가상승압력이크다.", "물가상승 압력이 크다."),
        ("위원회사무처가맡는다.", "위원회 사무처가 맡는다."),
        ("이후금리가올랐다.", "이후 금리가 올랐다."),
    ],
)
def test_nouns_in_a_row(lost, expected):
    """A noun of two syllables makes a compound with the next; a longer one, and one that stands alone, does not."""
    assert restore_spaces(lost) == expected


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        ("금리를2.3%로낮춘다.", "금리를 2.3%로 낮춘다."),
        ("흑자가1조2천억원에이른다.", "흑자가 1조2천억원에 이른다."),
        ("흑자가 1조 2천억원에이른다.", "흑자가 1조 2천억원에 이른다."),
        ("환율은50bp오른다.", "환율은 50bp 오른다."),
        ("금리를0.25%p내린다.", "금리를 0.25%p 내린다."),
        ("2022.7.13까지낸다.", "2022.7.13까지 낸다."),
        ("이는2022년7월13일까지낸다.", "이는 2022년7월13일까지 낸다."),
        ("은행은제3조제2항에따라낸다.", "은행은 제3조제2항에 따라 낸다."),
        ("은행은제16조의3제1항에따라낸다.", "은행은 제16조의3제1항에 따라 낸다."),
        ("물가는3/4분기에오른다.", "물가는 3/4분기에 오른다."),
        ("자산은1,234.5백만원에이른다.", "자산은 1,234.5백만원에 이른다."),
        ("고객이USD를사고ETF를판다.", "고객이 USD를 사고 ETF를 판다."),
        ("답은hong@example.com으로보낸다.", "답은 hong@example.com으로 보낸다."),
        ("글은https://example.com/a-b?c=1에있다.", "글은 https://example.com/a-b?c=1에 있다."),
        ("고객은[주민등록번호]를낸다.", "고객은[주민등록번호]를 낸다."),
        ("은행(금리를올린곳)은많다.", "은행(금리를 올린 곳)은 많다."),
        ("그는“금리를올린다”고말한다.", "그는 “금리를 올린다”고 말한다."),
        ("은행이낸돈(1조2천억원)은많다.", "은행이 낸 돈(1조2천억원)은 많다."),
        ("소득세·법인세를낸다.", "소득세·법인세를 낸다."),
    ],
)
def test_figures_marks_and_brackets_stay_whole(lost, expected):
    """No space goes into a number with its unit, a date, an article, an address, a label, or behind a bracket."""
    assert restore_spaces(lost) == expected


@pytest.mark.parametrize("text", [*SENTENCES, "", " ", "금리\n환율", "USD 1,000", "  두 칸  띄운 글 "])
def test_text_in_order_stays(text):
    """Simple text that has its spaces gets no more, and none are taken or changed."""
    assert restore_spaces(text) == text


FIGURES = [
    "2.3%",
    "1조2천억원",
    "50bp",
    "0.25%p",
    "2022.7.13",
    "2022년7월13일",
    "제3조제2항",
    "3/4분기",
    "1,234.5백만원",
]
WORDS = [
    "금리를",
    "올린다",
    "금융위원회",
    "것으로",
    "보았다",
    "하여야",
    "한다",
    "의",
    "각",
    "ETF",
    "a@b.co",
    "[계좌번호]",
]
PIECES = st.sampled_from([*FIGURES, *WORDS, *".,()「」·", " ", "\n", "e\u0301"])


@settings(max_examples=150)
@given(st.one_of(st.lists(PIECES, max_size=25).map("".join), st.text(max_size=40)))
def test_only_spaces_are_put_in(text):
    """Whatever the text, only spaces are new, next to none that was there, and doing it again changes nothing."""
    restored = restore_spaces(text)
    kept = iter(restored)
    assert all(char in kept for char in text)  # the text's characters, spaces included, in their order
    assert squeezed(restored) == squeezed(text)
    assert len(restored.split()) - len(text.split()) == len(restored) - len(text)
    assert restore_spaces(restored) == restored


@settings(max_examples=100)
@given(
    st.sampled_from(FIGURES),
    st.sampled_from(["", "금리는", "그리고", "또는", "은행에서", "(", "약", "GDP", "연(", "「"]),
    st.sampled_from(["", "이다.", "이상", "에서", "올린다"]),
)
def test_what_is_whole_stays_whole(whole, before, after):
    """Between any words a figure stays as it is."""
    assert whole in restore_spaces(before + whole + after)
