"""Tests of reading TXT and Markdown: encodings, broken lines, headings, lists, tables, footnotes."""

import unicodedata

import pytest

from finsmith.corpus.document import Part
from finsmith.corpus.formats.markdown import read_markdown
from finsmith.corpus.formats.plain import read_txt

TEXT = "여신은 담보를 본다.\n\n한도는 소득의 다섯 배이다.\n"


def _read(path, content, reader=read_txt):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return reader(path)


def _texts(found):
    return [part.text for part in found.parts]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le", "utf-16-be"])
def test_txt_encodings(tmp_path, encoding):
    """UTF-8, UTF-16 (with and without a byte order mark) and the Korean legacy encoding give the same paragraphs."""
    found = _read(tmp_path / "a.txt", TEXT.encode(encoding))
    assert found.parts == (Part("여신은 담보를 본다."), Part("한도는 소득의 다섯 배이다."))
    assert (found.pages, found.rejects) == (0, ())


def test_broken_lines_are_joined(tmp_path):
    """Lines broken by hand at the same width are one paragraph, words over a line end whole; a short line ends one."""
    lines = (
        "여신 심사는 신청인의 소득과 담보의 가치를 함께 살펴 한도를 정하며, 담보가 없\n"
        "는 여신은 신용 평가의 결과만으로 한도를 정한다. 한도를 넘는 여신은 위원회의\n"
        "승인을 받아야 한다.\n"
        "승인은 세 사람의 위원이 한다.\n"
    )
    assert _texts(_read(tmp_path / "a.txt", lines)) == [
        "여신 심사는 신청인의 소득과 담보의 가치를 함께 살펴 한도를 정하며, 담보가 없는 여신은 신용 평가의 결과만으로 "
        "한도를 정한다. 한도를 넘는 여신은 위원회의 승인을 받아야 한다.",
        "승인은 세 사람의 위원이 한다.",
    ]


def test_lines_that_are_paragraphs_stay_so(tmp_path):
    """Short lines, items and lines of any width are paragraphs of their own; text is composed."""
    long = "가나다라마바사아자차카타파하 " * 6
    lines = f"제목\n- 첫 항목\n- 둘째 항목\n\n{long}\n{long}\n"
    assert _texts(_read(tmp_path / "a.txt", unicodedata.normalize("NFD", lines))) == [
        "제목",
        "- 첫 항목",
        "- 둘째 항목",
        long.strip(),
        long.strip(),
    ]


ARTICLES = [
    "제1장 총칙",
    "제1조(목적) 이 지침은 여신을 다룬다.",
    "① 심사는 둘이 한다.",
    "1. 담보",
    "제2조(한도) 다섯 배이다.",
]


@pytest.mark.parametrize(("reader", "name"), [(read_txt, "a.txt"), (read_markdown, "a.md")])
def test_articles_and_items_keep_their_order_of_rank(tmp_path, reader, name):
    """Chapters, articles, paragraphs and items typed as plain text stand under each other."""
    found = _read(tmp_path / name, "\n\n".join(ARTICLES), reader)
    assert [(part.kind, part.level) for part in found.parts] == [
        ("heading", 1),
        ("text", 2),
        ("text", 3),
        ("text", 4),
        ("text", 2),
    ]


def test_nested_lists(tmp_path):
    """A list inside a list of Markdown stands under its item, though both have the same bullets."""
    found = _read(tmp_path / "a.md", "# 심사\n\n- 담보\n  - 부동산\n    - 토지\n  - 예금\n- 소득\n", read_markdown)
    assert [(part.text, part.level) for part in found.parts] == [
        *(("심사", 1), ("• 담보", 2), ("• 부동산", 3), ("• 토지", 4), ("• 예금", 3), ("• 소득", 2))
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "no text that can be read; is it only pictures? Save it as PDF"),
        ("日本語の文書".encode("shift-jis"), "neither UTF-8, UTF-16 nor cp949; save it as UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x01\x02\x03", "no text inside, whatever its name says; save it as TXT in UTF-8"),
        (b"\x7fELF\x02\x01\x01", "no text inside, whatever its name says; save it as TXT in UTF-8"),
    ],
    ids=["empty", "blank", "shift-jis", "picture", "program"],
)
def test_unread_txt_says_why(tmp_path, content, reason):
    """A file that is empty, in another encoding, or no text is a reject with its reason."""
    found = _read(tmp_path / "a.txt", content)
    assert found.parts == ()
    assert [(reject.place, reject.reason) for reject in found.rejects] == [("file", reason)]


def test_markdown(tmp_path):
    """Headings, lists, tables, code and footnotes are read; front matter, pictures and comments are left out."""
    content = """---
author: 홍길동
---
# 여신 **지침**

담보가 있는 여신과 담보가 없는 여신을 나누어 정하고 한도는 소득의 다섯 배로 한
다.[^1] [링크](http://a.b) `코드`<br>줄 ![그림](a.png)

둘째 문단
===

3. 셋째
4. 넷째
   - 안쪽

     안쪽의 둘째 문단

| 구분 | 금리 |
|---|---|
| 예금\\|적금 | **3.5%**[^2] |

> 인용

```
코드 한 줄
```

<!-- 비밀 --><p>HTML의 <b>글</b></p>

[^1]: 연간 소득을 말한다.
[^2]: 세전이다.
"""
    assert _read(tmp_path / "a.md", content, read_markdown).parts == (
        Part("여신 지침", "heading", 1),
        Part("담보가 있는 여신과 담보가 없는 여신을 나누어 정하고 한도는 소득의 다섯 배로 한다. 링크 코드 줄"),
        Part("1) 연간 소득을 말한다.", "footnote"),
        Part("둘째 문단", "heading", 1),
        Part("3. 셋째", level=2),
        Part("4. 넷째", level=2),
        Part("• 안쪽", level=3),
        Part("안쪽의 둘째 문단"),
        Part("| 구분 | 금리 |\n| --- | --- |\n| 예금\\|적금 | 3.5% |", "table"),
        Part("2) 세전이다.", "footnote"),
        Part("인용"),
        Part("코드 한 줄"),
        Part("HTML의 글"),
    )


def test_markdown_note_that_refers_to_itself(tmp_path):
    """A footnote inside its own text is told once; deep nesting ends in text or a reject, not in an exception."""
    found = _read(tmp_path / "a.md", "글[^1]\n\n[^1]: 주[^1]\n", read_markdown)
    assert _texts(found) == ["글", "1) 주"]
    deep = _read(tmp_path / "b.md", "> " * 5000 + "글", read_markdown)
    assert deep.parts or deep.rejects


def test_markdown_in_the_legacy_encoding(tmp_path):
    """A Markdown file in cp949 is read."""
    assert _texts(_read(tmp_path / "a.md", "# 금리\n".encode("cp949"), read_markdown)) == ["금리"]
