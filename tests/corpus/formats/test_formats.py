"""Tests of the choice of a reader, and of tables and labels that all formats share."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsmith.corpus.document import Part
from finsmith.corpus.formats import READERS, read_document
from finsmith.corpus.formats.numbering import STYLES, Counters, Level
from finsmith.corpus.formats.tables import MAX_CHARACTERS, MAX_ROWS, Filled, grid, header_rows, markdown


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a.doc", "format .doc is not read; save it as DOCX"),
        ("a.PPTX", "format .pptx is not read; save it as PDF"),
        ("a.zip", "an archive is not read; unpack it and add its files"),
        ("a.xyz", "format .xyz is not read; save it as PDF or DOCX"),
        ("이름만", "format (none) is not read; save it as PDF or DOCX"),
    ],
)
def test_other_format_is_refused_with_a_way_out(tmp_path, name, reason):
    """A format without a reader is one reject that names it and says what to do; the name is composed."""
    path = tmp_path / unicodedata.normalize("NFD", name)
    path.write_bytes(b"x")
    found = read_document(path)
    assert (found.name, found.parts) == (name, ())
    assert [(reject.source, reject.place, reject.reason) for reject in found.rejects] == [(name, "file", reason)]


def test_ending_may_be_in_capitals(tmp_path):
    """A file's ending counts whatever its case."""
    (tmp_path / "A.TXT").write_text("글", encoding="utf-8")
    assert read_document(tmp_path / "A.TXT").parts == (Part("글"),)


@pytest.mark.parametrize("ending", sorted(READERS))
def test_absent_file_is_a_reject(tmp_path, ending):
    """A file that is gone is a reject of its reader, not an exception."""
    (reject,) = READERS[ending](tmp_path / f"a{ending}").rejects
    assert reject.reason == "cannot be opened (No such file or directory)"


@given(st.binary(max_size=200), st.sampled_from(sorted(READERS)))
def test_any_bytes_are_parts_or_a_reject(tmp_path_factory, content, ending):
    """Whatever a file holds, it gives parts or a reject with a reason, never an exception."""
    path = tmp_path_factory.mktemp("any") / f"a{ending}"
    path.write_bytes(content)
    found = read_document(path)
    assert found.parts or found.rejects[0].reason
    assert all(part.text == " ".join(part.text.split()) for part in found.parts if part.kind != "table")


def test_grid_fills_merged_cells():
    """A merged cell's text stands in every cell it covers, one over the whole width once; empty lines are dropped."""
    cells = [
        Filled(0, 0, "제목", columns=3),
        Filled(1, 0, "가", rows=2),
        Filled(1, 1, "나", columns=2),
        Filled(2, 1, "다"),
        Filled(2, 2, "라"),
        Filled(3, 1, ""),
        Filled(4, 9, ""),
    ]
    assert grid(cells) == [["제목", "", ""], ["가", "나", "나"], ["가", "다", "라"]]
    assert grid([]) == []


def test_header_is_as_high_as_its_merged_cells():
    """The header has as many rows as its cells reach down, if rows are left below it."""
    assert header_rows([Filled(0, 0, "가", rows=2), Filled(0, 1, "나"), Filled(2, 0, "다")]) == 2
    assert header_rows([Filled(0, 0, "가", rows=2), Filled(1, 1, "나")]) == 1


def _escaped(rows):
    return [[cell.replace("|", "\\|") for cell in row] for row in rows]


@given(st.lists(st.lists(st.text("가나|", max_size=40), min_size=2, max_size=2), min_size=1, max_size=80))
def test_cut_tables_hold_every_row_once(rows):
    """Pieces have the header and bounded size (a row over the bound stands alone); together they hold all rows once."""
    tables = [table.split("\n") for table in markdown(rows, "표")]
    header, *expected = [f"| {first} | {second} |" for first, second in _escaped(rows)]
    assert all(table[:3] == ["표", header, "| --- | --- |"] for table in tables)
    assert [line for table in tables for line in table[3:]] == expected
    for table in tables:
        assert len(table) - 3 <= MAX_ROWS
        assert sum(map(len, table)) <= MAX_CHARACTERS or len(table) <= 4


def test_long_header_is_cut_where_it_is_repeated():
    """A header that would fill a piece stands whole in the first one and cut in the others."""
    long = "가나다 " * 100
    first, second, *_ = markdown([[long.strip(), "나"], *([str(number), "값"] for number in range(30))])
    assert first.startswith(f"| {long.strip()} | 나 |\n| --- | --- |")
    assert second.startswith("| 가나다 가나다 가나다 가나다 가나다… | 나 |\n| --- | --- |")


@pytest.mark.parametrize(
    ("style", "written"),
    [
        ("decimal", "1 2 9 10 40"),
        ("syllable", "가 나 자 차 40"),
        ("jamo", "ㄱ ㄴ ㅈ ㅊ 40"),
        ("circled", "① ② ⑨ ⑩ ㊵"),
        ("roman_upper", "I II IX X XL"),
        ("latin_lower", "a b i j 40"),
        ("hangul", "일 이 구 십 사십"),
        ("hanja", "一 二 九 十 四十"),
    ],
)
def test_number_styles(style, written):
    """Numbers are written in their style; one beyond a row of signs is written in digits."""
    assert " ".join(STYLES[style](number) for number in (1, 2, 9, 10, 40)) == written


def test_counters_keep_lists_apart_and_levels_in_step():
    """Each list counts for itself; a deeper level begins anew, a level not yet met stands at its start."""
    levels = (Level("{1}."), Level("{1}.{2}", "syllable"), Level("{3})", "decimal", 5))
    counters = Counters()
    asked = [("a", 0), ("a", 1), ("a", 1), ("b", 0), ("a", 0), ("a", 1), ("b", 2), ("a", 5)]
    assert [counters.label(key, depth, levels) for key, depth in asked] == [
        "1.",
        "1.가",
        "1.나",
        "1.",
        "2.",
        "2.가",
        "5)",
        "1.",
    ]
