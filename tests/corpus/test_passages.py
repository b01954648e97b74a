"""Tests of cutting documents into passages."""

import re

import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.core.records import Box, Document, Paragraph
from finsmith.corpus.document import build_document
from finsmith.corpus.passages import cut_passages
from finsmith.corpus.pdf.reader import read_pdf

from .pdfs import make_pdf, squeezed


def _words(text):
    return len(text.split())


def _document(*texts):
    """A document whose paragraph number n (from 1) stands on page n."""
    paragraphs, start = [], 0
    for number, text in enumerate(texts, 1):
        box = Box(page=number, x0=0, y0=0, x1=100, y1=10)
        paragraphs.append(Paragraph(text=text, start=start, kind="text", headings=(), boxes=(box,)))
        start += len(text) + 1
    return Document(name="a.pdf", sha256="0" * 64, pages=len(texts), paragraphs=tuple(paragraphs))


def _cut(document, limit, count=_words):
    return list(cut_passages(document, limit, count))


SENTENCE = st.lists(st.sampled_from(["금리", "환율은", "3.5%", "ETF"]), min_size=1, max_size=6).flatmap(
    lambda words: st.sampled_from([".", "?", "!", ""]).map(lambda end: " ".join(words) + end)
)
TEXT = st.lists(SENTENCE, min_size=1, max_size=5).flatmap(
    lambda sentences: st.sampled_from([" ", "  "]).map(lambda gap: gap.join(sentences))
)


@settings(max_examples=50)
@given(st.lists(TEXT, max_size=8), st.integers(1, 40), st.sampled_from([_words, len]))
def test_every_character_is_in_one_passage(texts, limit, count):
    """The spans follow each other without overlap, leave out only white space, and give the passages' texts."""
    text = "\n".join(texts)
    end = 0
    for passage in _cut(_document(*texts), limit, count):
        assert text[slice(*passage.span)] == passage.text
        assert text[end : passage.span[0]].strip() == ""
        assert passage.span[0] >= end
        end = passage.span[1]
    assert text[end:].strip() == ""


@settings(max_examples=50)
@given(st.lists(TEXT, max_size=8), st.integers(1, 40), st.sampled_from([_words, len]))
def test_only_a_single_sentence_is_over_the_limit(texts, limit, count):
    """A passage holds the tokens it says, at most the limit, unless it is one sentence that cannot be cut."""
    for passage in _cut(_document(*texts), limit, count):
        assert passage.tokens == count(passage.text)
        assert passage.tokens <= limit or not re.search(r"[.?!]\s|\n", passage.text)


def test_paragraphs_are_put_together_up_to_the_limit():
    """Of paragraphs with 2, 3, 1 and 4 words, a limit of 5 makes passages of 5 and 5 words, with pages and boxes."""
    document = _document("금리 인상.", "환율이 크게 올랐다.", "물가.", "가계 대출은 줄지 않았다.")
    first, second = _cut(document, 5)
    assert first.text == "금리 인상.\n환율이 크게 올랐다."
    assert (first.span, first.pages, first.tokens) == ((0, 18), (1, 2), 5)
    assert first.boxes == tuple(p.boxes[0] for p in document.paragraphs[:2])
    assert second.text == "물가.\n가계 대출은 줄지 않았다."
    assert (second.span, second.pages, second.tokens) == ((19, 37), (3, 4), 5)
    assert (first.document, first.document_sha256) == ("a.pdf", "0" * 64)


def test_newlines_between_paragraphs_count():
    """The limit is on the passage's whole text: where a newline is a token, two paragraphs of 3 do not fit in 6."""
    assert [p.text for p in _cut(_document("금리.", "환율."), 6, len)] == ["금리.", "환율."]
    assert [p.text for p in _cut(_document("금리.", "환율."), 7, len)] == ["금리.\n환율."]


def test_long_paragraph_is_cut_at_sentence_ends():
    """A paragraph over the limit is cut after sentences, never inside 3.50% or inside a word, and keeps its box."""
    document = _document("금리는 3.50%이다. 환율은 올랐다. 물가는 내렸다.")
    first, second = _cut(document, 4)
    assert (first.text, second.text) == ("금리는 3.50%이다. 환율은 올랐다.", "물가는 내렸다.")
    assert first.boxes == second.boxes == document.paragraphs[0].boxes


def test_sentence_over_the_limit_stays_whole():
    """One sentence longer than the limit is a passage of its own."""
    texts = [p.text for p in _cut(_document("짧다. 이 문장은 한도보다 훨씬 더 길다. 짧다."), 3)]
    assert texts == ["짧다.", "이 문장은 한도보다 훨씬 더 길다.", "짧다."]


def test_document_without_text_has_no_passages():
    """A document without paragraphs gives no passage."""
    assert _cut(_document(), 5) == []


@pytest.mark.parametrize(("limit", "passages_wanted"), [(8, 12), (20, 4), (1000, 1)])
def test_boxes_read_again_give_the_text(tmp_path, limit, passages_wanted):
    """On a real PDF of 12 paragraphs of 6 words, what stands in a passage's boxes is its text, over pages too."""
    lines = [[f"{page} 쪽의 문단 {n}에는 금리 이야기다." for n in range(4)] for page in ("첫째", "둘째", "셋째")]
    path = make_pdf(tmp_path / "a.pdf", lines)
    passages = _cut(build_document(read_pdf(path)), limit)
    assert len(passages) == passages_wanted
    with pymupdf.open(path) as pdf:
        for passage in passages:
            clips = [(pdf[b.page - 1], pymupdf.Rect(b.x0, b.y0, b.x1, b.y1)) for b in passage.boxes]
            assert squeezed("".join(page.get_text(clip=clip) for page, clip in clips)) == squeezed(passage.text)
            assert passage.pages == tuple(sorted({b.page for b in passage.boxes}))
