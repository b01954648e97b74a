"""Tests of reading glossaries: encodings, columns, formats, broken rows."""

import unicodedata
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from finsmith.corpus.glossary import read_glossary

INPUTS = Path(__file__).parents[2] / "../shared/inputs/glossary"
HEADER = "용어,정식명칭,영문명,정의,관련용어,분야"
CSV = f"{HEADER}\nLTV,담보인정비율,Loan to Value,담보가치 대비 대출의 비율,DSR; DTI/한도,여신\n"


def _reasons(glossary):
    return [(reject.place, reject.reason) for reject in glossary.rejects]


def _read(path, content):
    path.write_bytes(content)
    return read_glossary(path)


def _assert_is_ltv(glossary, source):
    (term,) = glossary.terms
    assert glossary.rejects == []
    assert term.model_dump(exclude={"id"}) == {
        "term": "LTV",
        "full_name": "담보인정비율",
        "english": "Loan to Value",
        "definition": "담보가치 대비 대출의 비율",
        "related": ("DSR", "DTI", "한도"),
        "category": "여신",
        "source": source,
        "row": 2,
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "euc-kr"])
def test_csv_encodings(tmp_path, encoding):
    """UTF-8 with and without a byte order mark and the Korean legacy encodings give the same term."""
    _assert_is_ltv(_read(tmp_path / "g.csv", CSV.encode(encoding)), "g.csv")


def test_xlsx(tmp_path):
    """An Excel file gives the same term; numbers are text and empty cells are empty."""
    book = Workbook()
    for row in CSV.splitlines():
        book.active.append(row.split(","))
    book.active.append(["기준금리", None, None, 3.5])
    book.save(tmp_path / "g.XLSX")
    glossary = read_glossary(tmp_path / "g.XLSX")
    second = glossary.terms.pop()
    _assert_is_ltv(glossary, "g.XLSX")
    assert (second.term, second.definition, second.full_name, second.related, second.row) == (
        "기준금리",
        "3.5",
        "",
        (),
        3,
    )


def test_decomposed_content_becomes_nfc(tmp_path):
    """Names and cells as macOS writes them are told in their composed form."""
    path = tmp_path / unicodedata.normalize("NFD", "용어집.csv")
    _assert_is_ltv(_read(path, unicodedata.normalize("NFD", CSV).encode()), "용어집.csv")


@pytest.mark.parametrize(
    "header",
    ["단어,뜻", "Term,Definition", " 경제 용어 ,용어 설명", "번호,keyword,비고,MEANING", "용어,정의,용어,설명"],
)
def test_columns_are_found_by_their_names(tmp_path, header):
    """Header names in Korean or English are found whatever their case, spaces and order; the first one counts."""
    at = {"번호,keyword,비고,MEANING": (1, 3)}.get(header, (0, 1))
    cells = ["-"] * len(header.split(","))
    cells[at[0]], cells[at[1]] = "환율", "두 통화의 교환 비율"
    glossary = _read(tmp_path / "g.csv", f"{header}\n{','.join(cells)}\n".encode())
    assert [(t.term, t.definition) for t in glossary.terms] == [("환율", "두 통화의 교환 비율")]


@pytest.mark.parametrize("header", ["Full Name", "full_name", "FullName"])
def test_header_spelling_does_not_matter(tmp_path, header):
    """A header of two words is known with a space, an underscore or neither."""
    glossary = _read(tmp_path / "g.csv", f"term,definition,{header}\nLTV,비율,담보인정비율\n".encode())
    assert glossary.terms[0].full_name == "담보인정비율"


@pytest.mark.parametrize(
    ("header", "missing"),
    [("이름,값", "term and definition"), ("용어,값", "definition"), ("이름,설명", "term")],
)
def test_missing_columns_are_named(tmp_path, header, missing):
    """A file without the expected columns is one reject that says which are missing, what it has and what it takes."""
    glossary = _read(tmp_path / "g.csv", f"{header}\nLTV,비율\n".encode())
    assert glossary.terms == []
    ((place, reason),) = _reasons(glossary)
    assert place == "file"
    assert reason.startswith(f"no column for {missing} among {header.split(',')}; name it one of ")
    assert ("용어명" in reason) == ("term" in missing)
    assert ("뜻" in reason) == ("definition" in missing)


def test_rows_without_term_or_definition_are_listed(tmp_path):
    """A row without a term or a definition is a reject with its row number and text; an empty row is nothing."""
    rows = "용어,정의\n환율,교환 비율\n,주인 없는 정의\n금리\n,\n\n물가,가격의 평균\n"
    glossary = _read(tmp_path / "g.csv", rows.encode())
    assert [(t.term, t.row) for t in glossary.terms] == [("환율", 2), ("물가", 7)]
    assert [(r.place, r.reason, r.text) for r in glossary.rejects] == [
        ("row 3", "no term", " | 주인 없는 정의"),
        ("row 4", "no definition", "금리"),
    ]


def test_cell_over_several_lines_is_one_line(tmp_path):
    """A quoted cell with line breaks and runs of spaces becomes one line with single spaces."""
    glossary = _read(tmp_path / "g.csv", '용어,정의\n환율,"두 통화의\n  교환   비율"\n'.encode())
    assert glossary.terms[0].definition == "두 통화의 교환 비율"


@pytest.mark.parametrize("name", ["g.txt", "g.xls", "g.hwp", "g"])
def test_other_format_is_refused(tmp_path, name):
    """Another format is one reject that names it and says what to save as."""
    ending = Path(name).suffix or "(none)"
    expected = [("file", f"format {ending} is not read; save it as CSV or XLSX")]
    assert _reasons(_read(tmp_path / name, CSV.encode())) == expected


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "the file is empty"), (CSV.encode("utf-16"), "neither UTF-8 nor cp949; save it as UTF-8")],
    ids=["empty", "utf-16"],
)
def test_unreadable_csv_is_refused(tmp_path, content, reason):
    """An empty file and one in another encoding are refused with their reason."""
    glossary = _read(tmp_path / "g.csv", content)
    assert glossary.terms == []
    assert _reasons(glossary) == [("file", reason)]


def test_damaged_xlsx_is_refused(tmp_path):
    """An Excel file that is cut short, or whose parts are broken or gone, is a reject, not an exception."""
    book = Workbook()
    book.active.append(["용어", "정의"])
    book.active.append(["환율", "교환 비율"])
    book.save(tmp_path / "whole.xlsx")
    whole = (tmp_path / "whole.xlsx").read_bytes()
    damaged = [_read(tmp_path / "cut.xlsx", whole[: len(whole) // 2])]
    for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml"):
        for content in (b"<broken", None):
            with zipfile.ZipFile(tmp_path / "whole.xlsx") as good, zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as bad:
                for name in good.namelist():
                    if name != part:
                        bad.writestr(name, good.read(name))
                if content:
                    bad.writestr(part, content)
            damaged.append(read_glossary(tmp_path / "bad.xlsx"))
    for glossary in damaged:
        assert glossary.terms == []
        ((place, reason),) = _reasons(glossary)
        assert place == "file"
        assert reason.startswith(("cannot be read (", "the file is empty"))


@pytest.mark.parametrize(
    ("begin", "terms"), [("기획재정부", 100), ("시사경제용어", 1000)], ids=["cp949 CSV of a ministry", "clean XLSX"]
)
def test_real_glossaries_are_read_whole(begin, terms):
    """Real glossaries give as many terms as they are known to have, none with an empty field that counts."""
    if not INPUTS.is_dir():
        pytest.skip("the real inputs are not here")
    (path,) = [p for p in INPUTS.iterdir() if unicodedata.normalize("NFC", p.name).startswith(begin)]
    glossary = read_glossary(path)
    assert len(glossary.terms) == terms
    assert glossary.rejects == []
    assert all(t.term and t.definition for t in glossary.terms)
